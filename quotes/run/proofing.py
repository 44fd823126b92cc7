"""Proofs of a prompt pack: what it would have a model asked about an article, and all that is wrong with it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from quotes.errors import PackError
from quotes.exchange import Request
from quotes.extraction import Engine
from quotes.extraction.rehearsal import rehearse_examples
from quotes.extraction.trust import trust_from_json
from quotes.model import Article
from quotes.prompting import Page, PromptPack, PromptSettings, Rendered, cut_chunks, estimate_tokens, packaged_packs
from quotes.prompting.finding import Finding
from quotes.prompting.packs import TRUST_FILE, load_pack, pack_folder, survey_pack
from quotes.prompting.proofreading import proofread
from quotes.run.batch import tokens_of
from quotes.run.questions import DEFAULT_PACKS, prompt_settings
from quotes.run.settings import Asked, Settings, decide_asking
from quotes.text import read

_FILES: Final = ("pack.toml", "system.md", "user.md", "repair.md", "examples.jsonl", "response.schema.json", TRUST_FILE)
_NO_MODEL: Final = "model"

SAMPLE: Final = Article(
    "sample",
    "The harbour board of Averley will vote on the new ferry in May.\n\n"
    "“We have waited long enough,” Mayor Ida Krell said on Monday, “and so has the town.” Tomas Weil, who runs the "
    "“Low Tide” festival, told the Courier that he had “no objection” to a later date.\n\n"
    "Residents want the ferry to stay, according to a survey. The board discussed the new timetable and plans to ask "
    "for money. “Nobody asked us.”",
)
"""An invented article with direct, mixed and indirect quotes, and a title in quotation marks."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look over a pack came to. *pack* is ``None`` where it cannot be used; *tokens* are estimates of its parts,
    *chunks* are those of the article it was tried on."""

    findings: tuple[Finding, ...]
    pack: PromptPack | None = None
    tokens: Mapping[str, int] | None = None
    chunks: int = 0

    @property
    def exit_code(self) -> int:
        """0 clean or nothing but warnings, 1 faults, 2 of no use."""
        levels = {finding.level for finding in self.findings}
        return 2 if "unusable" in levels else int("fault" in levels)

    @property
    def figures(self) -> Mapping[str, Any]:
        """All of it for a program."""
        return {
            "pack": self.pack.id if self.pack else None,
            "task": self.pack.task if self.pack else None,
            "findings": [
                {"level": one.level, "file": one.file, "place": one.place, "what": one.what, "remedy": one.remedy}
                for one in self.findings
            ],
            "tokens": dict(self.tokens or {}),
            "chunks": self.chunks,
            "exit_code": self.exit_code,
        }


def asked_settings(settings: Settings, environ: Mapping[str, str], backend: Asked | None = None) -> PromptSettings:
    """How a run with *settings* would ask; without a model the word ``model`` stands for its name.

    Raises:
        UsageError: there is no such pack, it is broken, or the options contradict each other.
    """
    if settings.model is None and not environ.get("QUOTES_MODEL", "").strip():
        settings = replace(settings, model=_NO_MODEL)
    asking = decide_asking(replace(settings, backend=backend or backend_of(settings.prompt)), environ)
    assert asking is not None, "a model is named"
    return prompt_settings(settings, asking, {})


def backend_of(pack: str | None) -> Asked:
    """The backend that *pack* is for: the one whose default it is, else the one of its task. Raises PackError."""
    named = next((backend for backend, name in DEFAULT_PACKS.items() if name == (pack or DEFAULT_PACKS["model"])), None)
    return named or ("judge" if load_pack(pack or DEFAULT_PACKS["model"]).task == "judge" else "model")


def first_requests(prompt: PromptSettings, article: Article, language: str | None, *, cascade: bool) -> list[Request]:
    """The requests that *article* begins with, one a chunk or proposal, just as a run would send them."""
    work = Engine(prompt, language, cascade=cascade).open(article)
    asked = (next(exchange, None) for exchange in work.exchanges)
    return [request for request in asked if request is not None]


def tokens_by_part(prompt: PromptSettings, request: Request) -> dict[str, int]:
    """About how many tokens the parts of *request* are: those of its messages, and its schema, which comes on top."""
    messages = [tokens_of(replace(request, body={"messages": [one]})) for one in request.body["messages"]]
    schema = estimate_tokens(json.dumps(schema_of(request) or {}, ensure_ascii=False, separators=(",", ":")))
    told = 0 if prompt.dialect.tells_schema else schema
    return {"system": messages[0], "examples": sum(messages[1:-1]), "user": messages[-1], "schema": told}


def schema_of(request: Request) -> Mapping[str, Any] | None:
    """The schema that the body of *request* holds the endpoint to, if any."""
    body: Any = request.body
    if "tools" in body:
        found = body["tools"][0]["function"]["parameters"]
    else:
        found = body.get("response_format", {}).get("json_schema", {}).get("schema")
    return found if isinstance(found, Mapping) else None


def proof(pack: str, article: Article = SAMPLE) -> Proof:
    """Look over the pack of that name or folder, and try it on *article*.

    Raises:
        PackError: there is no such pack.
    """
    loaded, faults = survey_pack(pack)
    if faults:
        return Proof(tuple(_unusable(fault) for fault in faults))
    prompt = asked_settings(Settings(prompt=pack), {})
    head = tomllib.loads((pack_folder(pack) / "pack.toml").read_text(encoding="utf-8"))
    shown = _shown(prompt, article)
    findings = [*proofread(prompt, head, shown), *rehearse_examples(prompt), *_trust_findings(loaded)]
    if any(one.file in ("user.md", "repair.md") and one.level == "fault" for one in findings):
        return Proof(tuple(findings), loaded, {}, len(shown))
    requests = first_requests(prompt, article, None, cascade=backend_of(pack) == "cascade")
    tokens = tokens_by_part(prompt, requests[0]) if requests else {"system": estimate_tokens(loaded.system)}
    return Proof(tuple(findings), loaded, tokens, len(requests))


def _shown(prompt: PromptSettings, article: Article) -> list[Rendered]:
    reading = read(article.text)
    chunks = cut_chunks(reading, chunk_tokens=prompt.chunk_tokens, context_tokens=prompt.context_tokens)
    page = Page(reading)
    return [page.show(chunk) for chunk in chunks]


def _unusable(fault: PackError) -> Finding:
    file = next((name for name in _FILES if name in fault.what), "")
    file = file or ("examples.jsonl" if "example " in fault.what else "")
    what = fault.what.removeprefix(f"{file}: ").removeprefix(f"{file} ")
    return Finding("unusable", file, "", what, fault.remedy)


def _trust_findings(pack: PromptPack) -> list[Finding]:
    found = []
    for model, entry in pack.trust.items():
        try:
            trust_from_json(entry)
        except ValueError as error:
            remedy = "make it with quotes eval --calibrate"
            found.append(Finding("fault", TRUST_FILE, model, str(error), remedy))
    shipped = [load_pack(name) for name in packaged_packs()]
    known = pack.trust and pack.trust in [one.trust for one in shipped]
    if known and pack.digest not in [one.digest for one in shipped]:
        what = "was measured with a shipped pack, not with this one"
        remedy = f"measure anew with quotes eval --calibrate {TRUST_FILE}, or delete it"
        found.append(Finding("warning", TRUST_FILE, "", what, remedy))
    return found


def shipped_at(name: str) -> Path:
    """Where the shipped pack *name* lies on this machine."""
    return Path(str(pack_folder(name)))
