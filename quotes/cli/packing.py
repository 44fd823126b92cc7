"""Prompt packs as people see them: listed, shown as they are sent, copied to be edited, and checked."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from quotes.cli.voice import detail, remark
from quotes.errors import InputError, OutputError, UsageError
from quotes.exchange import Request
from quotes.formats import read_articles
from quotes.formats.table import counted
from quotes.formats.terminal import console, on_one_line, visible, visible_json
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack, packaged_packs
from quotes.prompting.packs import pack_folder
from quotes.run.batch import tokens_of
from quotes.run.proofing import (
    SAMPLE,
    Proof,
    asked_settings,
    backend_of,
    first_requests,
    proof,
    schema_of,
    shipped_at,
    tokens_by_part,
)
from quotes.run.questions import DEFAULT_PACKS
from quotes.run.settings import Asked, Settings

if TYPE_CHECKING:
    from rich.console import Console

_PARTS: Final = {
    "pack.toml": "the name and the numbers: how long a chunk is, how long a reply may be",
    "system.md": "the instructions, sent as they stand",
    "user.md": "the template that shows a chunk, or a proposal",
    "repair.md": "the template that shows what was wrong with a reply",
    "examples.jsonl": "worked examples, one a line: a text, and the answer it deserves",
    "response.schema.json": "the form of an answer",
    "trust.json": "how far each model was right, as measured with quotes eval --calibrate",
}
_README: Final = """\
# A prompt pack for quotes

A copy of the shipped pack `{name}` ({id}), to be edited.

| file | what it does |
|---|---|
{rows}

What to know before editing:

- A model points at words, it never writes a quote out: sentences have numbers, quotation marks are numbered marks, and
  what it copies (cue, speaker, the first and last words of a clause) has to be printed just so.
- Keep the fields of `response.schema.json`, all of them required; more may stand beside them.
- A changed file changes the pack's hash, so that every request is asked anew.
- `trust.json` was measured with the pack as it was shipped. Once the instructions are changed, measure anew, or delete
  it.

To try it:

    quotes prompt check {folder}
    quotes prompt show {folder} --article article.txt
    quotes extract article.txt --model MODEL --prompt {folder}
    quotes eval gold.jsonl --model MODEL --prompt {name} --prompt {folder}
"""


@dataclass(frozen=True, slots=True)
class View:
    """What of a pack is to be shown: for which *article*, which *chunk* (from 1), as which *backend*, and how."""

    article: str | None = None
    chunk: int | None = None
    backend: Asked | None = None
    raw: bool = False
    as_json: bool = False


def list_and_report(*, as_json: bool) -> None:
    """Print the packs that are shipped."""
    rows = []
    order = [*DEFAULT_PACKS.values()]
    for name in sorted(packaged_packs(), key=lambda one: order.index(one) if one in order else len(order)):
        pack, place = load_pack(name), shipped_at(name)
        head = tomllib.loads((place / "pack.toml").read_text(encoding="utf-8"))
        about = str(head.get("description", ""))
        rows.append({"name": name, "version": pack.version, "task": pack.task, "id": pack.id, "path": str(place)})
        rows[-1]["description"] = about
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['name']}  version {row['version']}, task {row['task']}, id {row['id']}")
        typer.echo(f"  {row['description']}")
        typer.echo(f"  {row['path']}")


def show_and_report(settings: Settings, view: View, environ: Mapping[str, str]) -> None:
    """Print the files of a pack, or what it asks about an article.

    Raises:
        UsageError: there is no such pack or chunk, or options contradict each other.
        InputError: the article cannot be read.
    """
    if view.raw and view.as_json:
        raise UsageError("--raw and --json exclude each other", remedy="choose one")
    if view.article is None:
        if view.raw or view.as_json or view.chunk is not None:
            what = "--raw" if view.raw else "--json" if view.as_json else "--chunk"
            raise UsageError("means something only with --article", where=what, remedy="name an article")
        _print_files(settings)
        return
    backend = view.backend or backend_of(settings.prompt)
    prompt = asked_settings(settings, environ, backend)
    article = _article(view.article)
    requests = first_requests(prompt, article, settings.lang, cascade=backend == "cascade")
    chosen = _chosen(requests, view.chunk)
    if view.raw:
        for _, request in chosen:
            typer.echo(visible_json(json.dumps(request.body, ensure_ascii=False)))
    elif view.as_json:
        typer.echo(visible_json(json.dumps(_as_json(prompt, chosen), ensure_ascii=False, indent=2)))
    else:
        _print_requests(console(sys.stdout), prompt, article, chosen, len(requests))


def copy_and_report(source: str, folder: str) -> None:
    """Copy the pack *source* to *folder*, with a README.

    Raises:
        UsageError: there is no such pack, or something stands at *folder*.
        OutputError: it cannot be written.
    """
    pack, origin, target = load_pack(source), pack_folder(source), Path(folder)
    if target.exists() or target.is_symlink():
        raise UsageError("something is there already", where=folder, remedy="name a folder that does not exist yet")
    files = [name for name in _PARTS if (origin / name).is_file()]
    rows = "\n".join(f"| `{name}` | {_PARTS[name]} |" for name in files)
    readme = _README.format(name=pack.name, id=pack.id, rows=rows, folder=shlex.quote(folder))
    try:
        target.mkdir(parents=True)
        for name in files:
            (target / name).write_bytes((origin / name).read_bytes())
        (target / "README.md").write_text(readme, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        what = f"cannot be written: {error.strerror or error}"
        raise OutputError(what, where=folder, remedy="name a folder elsewhere") from None
    remark(f"{on_one_line(folder)}: a copy of {pack.id}, {counted(len(files), 'file')} and a README")


def check_and_report(folder: str, article: str | None, *, as_json: bool) -> int:
    """Print all that is wrong with the pack in *folder*, and return the exit code.

    Raises:
        PackError: there is no such pack.
        InputError: the article cannot be read.
    """
    found = proof(folder, SAMPLE if article is None else _article(article))
    if as_json:
        typer.echo(json.dumps(found.figures, ensure_ascii=False, indent=2))
        return found.exit_code
    name = on_one_line(folder.rstrip("/"))
    for finding in found.findings:
        typer.echo(f"{name}/{on_one_line(str(finding))}")
    for line in _closing(name, found):
        typer.echo(line)
    return found.exit_code


def _closing(name: str, found: Proof) -> Iterator[str]:
    """What the check came to, and the size of what is sent."""
    if found.pack is not None:
        sizes = [f"{part} {size:,}" for part, size in (found.tokens or {}).items()]
        if sizes:
            yield f"{name}: about {sum((found.tokens or {}).values()):,} tokens for a chunk ({', '.join(sizes)})"
        examples = len(found.pack.examples) + len(found.pack.judged)
        detail(f"{found.pack.id}, task {found.pack.task}, {counted(examples, 'example')}")
    levels = [finding.level for finding in found.findings]
    faults = len(levels) - levels.count("warning")
    outcome = "sound" if not faults else "of no use to a run" if found.exit_code == 2 else "to be mended"
    yield f"{name}: {counted(faults, 'fault')}, {counted(levels.count('warning'), 'warning')}: {outcome}"


def _article(path: str) -> Article:
    """The first article of *path*. Raises InputError where there is none."""
    for found in read_articles([path], on_note=remark):
        if isinstance(found, InputError):
            raise found
        return found
    raise InputError("there is no article in it", where=path, remedy="give one with a text")


def _chosen(requests: Sequence[Request], number: int | None) -> list[tuple[int, Request]]:
    numbered = list(enumerate(requests, 1))
    if number is None:
        return numbered
    if number > len(numbered):
        what = f"there is no request {number}, the article has {len(numbered)}"
        raise UsageError(what, where="--chunk", remedy="without it all are shown")
    return [numbered[number - 1]]


def _as_json(prompt: PromptSettings, chosen: Sequence[tuple[int, Request]]) -> dict[str, Any]:
    requests = [
        {"number": number, "tokens": tokens_by_part(prompt, request), "body": request.body}
        for number, request in chosen
    ]
    return {"pack": prompt.pack.id, "model": prompt.model, "endpoint": prompt.label, "requests": requests}


def _print_files(settings: Settings) -> None:
    """The files of the pack, one after the other."""
    name = settings.prompt or "news"
    pack, origin = load_pack(name), pack_folder(name)
    to = console(sys.stdout)
    to.print(f"{pack.id}: version {pack.version}, task {pack.task}, {visible(str(origin))}", style="bold")
    for file, about in _PARTS.items():
        if (origin / file).is_file() and file != "trust.json":
            _print_part(to, f"{file}: {about}", (origin / file).read_text(encoding="utf-8"))


def _print_requests(
    to: Console, prompt: PromptSettings, article: Article, chosen: Sequence[tuple[int, Request]], count: int
) -> None:
    asked = f"{prompt.pack.id}, model {prompt.model}, {prompt.dialect.rung} schema, {prompt.schema_style}"
    to.print(f"{on_one_line(article.id)}: {counted(count, 'request')}; {asked}", style="bold", soft_wrap=True)
    if not count:
        to.print("Nothing is asked about it: the rules leave nothing open in it.")
    shown: str | None = None
    for number, request in chosen:
        sizes = tokens_by_part(prompt, request)
        messages = request.body["messages"]
        total = f"about {tokens_of(request):,} tokens, and {sizes['schema']:,} of the schema"
        to.print(f"\n══ request {number} of {count}: {total}", style="bold cyan", soft_wrap=True)
        preamble = json.dumps(messages[:-1])
        if preamble == shown:
            to.print("\nInstructions and examples as in the request before.", style="dim")
        else:
            _print_message(to, "system", messages[0], sizes["system"])
            for place, message in enumerate(messages[1:-1]):
                part = "example, what is asked" if message["role"] == "user" else "example, the answer"
                _print_message(to, f"{part} ({place // 2 + 1})", message, None)
        shown = preamble
        _print_message(to, "user", messages[-1], sizes["user"])
        if (schema := schema_of(request)) is not None and (number == chosen[0][0] or prompt.schema_style == "tight"):
            size = f"about {sizes['schema']:,} tokens"
            _print_part(to, f"schema, {size}", json.dumps(schema, indent=1, ensure_ascii=False))


def _print_message(to: Console, name: str, message: Mapping[str, Any], size: int | None) -> None:
    content = message["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    _print_part(to, name if size is None else f"{name}, about {size:,} tokens", text)


def _print_part(to: Console, name: str, text: str) -> None:
    to.print(f"\n── {name}", style="cyan", soft_wrap=True)
    to.print(visible(text).rstrip(), soft_wrap=True)
