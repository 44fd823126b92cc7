"""Proofreading: the words and templates of a prompt pack, looked over for what a run would suffer from in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

from quotes.prompting.chunks import estimate_tokens
from quotes.prompting.dialect import Dialect
from quotes.prompting.finding import Finding, Level
from quotes.prompting.packs import PromptPack
from quotes.prompting.rendering import Line, Rendered
from quotes.prompting.requests import PromptSettings
from quotes.prompting.strictness import strict_faults
from quotes.prompting.templates import variables

_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "attribute/user.md": frozenset({"roster", "before", "after", "lines", "only"}),
    "attribute/repair.md": frozenset({"problems"}),
    "judge/user.md": frozenset({"sentence", "source"}),
}
_NEEDED: Final[Mapping[str, tuple[Level, str]]] = {
    "lines": ("fault", "the model does not see the text"),
    "problems": ("fault", "the model does not see what was wrong"),
    "sentence": ("fault", "the model does not see the sentence"),
    "source": ("fault", "the model does not see who is said to have said it"),
    "roster": ("warning", "the model cannot point at a name by its number"),
    "only": ("warning", "marks that are asked about once more are not told apart"),
}
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HEAD: Final = frozenset({"name", "version", "task", "description", "options"})


def proofread(settings: PromptSettings, head: Mapping[str, Any], shown: Sequence[Rendered]) -> Iterator[Finding]:
    """What is wrong with the words of the pack in *settings*: its *head* as ``pack.toml`` has it, its instructions, its
    templates as they show the chunks *shown*, its schema as it is sent, and what all that costs."""
    pack = settings.pack
    for name in head.keys() - _HEAD:
        yield Finding(
            "warning", "pack.toml", name, "is not known and means nothing", f"known: {', '.join(sorted(_HEAD))}"
        )
    yield from _instructions(pack)
    yield from _templates(pack)
    if pack.task == "attribute":
        yield from _lines_shown(pack, shown)
    yield from _schema(settings)
    yield from _budgets(settings)


def _instructions(pack: PromptPack) -> Iterator[Finding]:
    if not pack.system:
        yield Finding("fault", "system.md", "", "is empty", "say there what is asked for")
    if found := _TEMPLATE.search(pack.system):
        words = " ".join(found.group().split())[:60]
        what = f"{words} is sent as it stands: the instructions are no template"
        yield Finding("warning", "system.md", "", what, "write out what is meant")


def _templates(pack: PromptPack) -> Iterator[Finding]:
    for name, known in _KNOWN.items():
        task, file = name.split("/")
        if task != pack.task:
            continue
        used = variables(pack.repair if file == "repair.md" else pack.user)
        for unknown in sorted(used - known):
            remedy = f"known: {', '.join(sorted(known))}"
            yield Finding("fault", file, unknown, "no such variable: where it is reached the run breaks off", remedy)
        for missing in sorted(known - used):
            if missing in _NEEDED:
                level, why = _NEEDED[missing]
                yield Finding(level, file, missing, f"is not used: {why}", "see the shipped template")
            elif pack.options.get("context_tokens", PromptSettings.context_tokens):
                what = "is not used, and yet context is cut out for it"
                yield Finding("warning", file, missing, what, "show it, or set context_tokens = 0 in pack.toml")
        yield from _sometimes(pack, file, used <= known)


def _sometimes(pack: PromptPack, file: str, sound: bool) -> Iterator[Finding]:
    """Whether the template breaks where some of what it is given is empty."""
    if not sound:
        return
    for values in _variations(pack, file):
        template = pack.repair_template if file == "repair.md" else pack.user_template
        try:
            template.render(**values)
        except Exception as error:  # a template raises whatever its author wished
            empty = ", ".join(name for name, value in values.items() if not value)
            place = f"without {empty}" if empty else ""
            yield Finding("fault", file, place, f"breaks: {error or type(error).__name__}", "ask for it with an if")
            return


def _variations(pack: PromptPack, file: str) -> Iterator[dict[str, Any]]:
    if file == "repair.md":
        for reason, item in (("not printed", "{}"), ("not printed", "")):
            yield {"problems": [{"reason": reason, "item": item}]}
    elif pack.task == "judge":
        for source in ("she", ""):
            yield {"sentence": "[No], she said.", "source": source}
    else:
        line = Line(1, "⟦1:No,⟧ she said.", opens=True)
        full: dict[str, list[Any]] = {
            "roster": ["Ida Krell"],
            "before": ["It rained."],
            "after": ["It snowed."],
            "only": [1],
        }
        for given in product((True, False), repeat=len(full)):
            chosen = {name: value if has else [] for (name, value), has in zip(full.items(), given, strict=True)}
            yield chosen | {"lines": [line]}


def _lines_shown(pack: PromptPack, shown: Sequence[Rendered]) -> Iterator[Finding]:
    """Whether every sentence of *shown* reaches the model whole, and with its number."""
    for rendered in shown:
        roster = [name.name for name in rendered.roster]
        given = {"roster": roster, "before": rendered.before, "after": rendered.after, "lines": rendered.lines}
        try:
            said = pack.user_template.render(**given, only=[]).splitlines()
        except Exception as error:  # a template raises whatever its author wished
            place = f"chunk {rendered.chunk.index}"
            yield Finding("fault", "user.md", place, f"breaks on the article: {error}", "mend the template")
            return
        for line in rendered.lines:
            on = [one for one in said if line.text in one]
            if not on:
                what = "is not shown as it is"
            elif not any(re.search(rf"(?<!\d){line.number}(?!\d)", one.replace(line.text, "")) for one in on):
                what = "is shown without its number"
            else:
                continue
            remedy = "write {{ line.number }} and {{ line.text }} on one line for each of lines"
            yield Finding("fault", "user.md", f"sentence {line.number}", what, remedy)
            return


def _schema(settings: PromptSettings) -> Iterator[Finding]:
    """What strict endpoints refuse of the schema as it is sent."""
    body = Dialect().body({}, settings.pack.schema, label=settings.label, most=1, temperature=None)
    sent = body["response_format"]["json_schema"]["schema"]
    for place, what in strict_faults(sent):
        remedy = "OpenAI's strict mode refuses it, and is then asked less strictly"
        yield Finding("warning", "response.schema.json", place, what, remedy)


def _budgets(settings: PromptSettings) -> Iterator[Finding]:
    pack = settings.pack
    instructions = estimate_tokens(pack.system)
    if pack.task == "attribute" and instructions > settings.chunk_tokens:
        what = f"about {instructions:,} tokens, sent with every chunk of at most {settings.chunk_tokens:,}"
        yield Finding("warning", "system.md", "", what, "shorten it, or raise chunk_tokens in pack.toml")
    for number, example in enumerate(pack.examples, 1):
        if (size := estimate_tokens(example.text)) > settings.chunk_tokens:
            what = f"about {size:,} tokens of text, and a chunk has at most {settings.chunk_tokens:,}"
            yield Finding("warning", "examples.jsonl", f"example {number}", what, "shorten it")
    answers = [*(example.answer for example in pack.examples), *(example.answer for example in pack.judged)]
    for number, answer in enumerate(answers, 1):
        if (size := estimate_tokens(json.dumps(answer, ensure_ascii=False))) > settings.max_output_tokens:
            what = f"its answer is about {size:,} tokens, and a reply may have {settings.max_output_tokens:,}"
            yield Finding(
                "warning", "examples.jsonl", f"example {number}", what, "raise max_output_tokens in pack.toml"
            )
