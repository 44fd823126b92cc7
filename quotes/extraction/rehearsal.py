"""Rehearsal: the worked examples of a prompt pack, put through what every reply goes through.

An example teaches by imitation. One whose cue is not printed, or that leaves a mark unanswered, teaches a model to make
answers that are then rejected.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from quotes.extraction.conversation import rehearse
from quotes.extraction.ownership import owned
from quotes.prompting import Answer, BrokenAnswer, PromptPack, PromptSettings, Rendered, read_answer
from quotes.prompting.finding import Finding
from quotes.prompting.packs import Example, JudgedExample
from quotes.prompting.requests import show_example
from quotes.record import shortened
from quotes.text import Reading, read

_FILE: Final = "examples.jsonl"
_BRACKETED: Final = re.compile(r"[^\[\]]*(?:\[[^\[\]]*\w[^\[\]]*\][^\[\]]*)+")


def rehearse_examples(settings: PromptSettings) -> Iterator[Finding]:
    """What is wrong with the examples of the pack in *settings*, each on its own text."""
    pack = settings.pack
    for number, example in enumerate(pack.examples, 1):
        for what, remedy in _example_faults(settings, example):
            yield Finding("fault", _FILE, f"example {number}", what, remedy)
    for number, judged in enumerate(pack.judged, 1):
        for what, remedy in _judged_faults(judged):
            yield Finding("fault", _FILE, f"example {number}", what, remedy)
    yield from _as_a_set(pack)


def _as_a_set(pack: PromptPack) -> Iterator[Finding]:
    """What is wrong with the examples together."""
    texts = Counter([example.text for example in pack.examples] + [example.sentence for example in pack.judged])
    if max(texts.values(), default=0) > 1:
        yield Finding("warning", _FILE, "", "the same text stands in several examples", "leave one of them out")
    answers = {example.answer["said"] for example in pack.judged}
    if len(answers) == 1:
        what = f"every answer is {answers.pop()}: a model learns to say nothing else"
        yield Finding("warning", _FILE, "", what, "give examples of both")


def _example_faults(settings: PromptSettings, example: Example) -> Iterator[tuple[str, str]]:
    reading = read(example.text)
    if not reading.sentences:
        yield "its text has no sentence", "give a text with words"
        return
    shown = show_example(example)
    content = json.dumps(example.answer, ensure_ascii=False)
    try:
        answer = read_answer(content, settings.pack.form)
    except BrokenAnswer as error:
        yield str(error), "mend its answer"
        return
    yield from _name_faults(example, answer)
    findings = rehearse(settings, reading, shown, content)
    for rejected in findings.rejected:
        item = f": {_item(rejected.item)}" if rejected.item is not None else ""
        yield f"{rejected.reason}{item}", "an answer copies what its text prints"
    yield from _mark_faults(reading, shown, answer, [*findings.open])
    claimed = owned(shown.marks, (piece for found in findings.found for piece in found.attribution.content))
    for skipped in answer.not_quotes:
        if 1 <= skipped.mark <= len(shown.marks) and shown.marks[skipped.mark - 1].index in claimed:
            yield f"{_mark(shown, skipped.mark)} is in not_quotes and in an attribution", "leave it in one of them"


def _name_faults(example: Example, answer: Answer) -> Iterator[tuple[str, str]]:
    """Names that are not there: in the roster, and in the text."""
    if absent := [name for name in example.roster if name not in " ".join(example.text.split())]:
        yield f"its roster has names that its text does not print: {', '.join(absent)}", "give those of its text"
    for item in answer.attributions:
        if isinstance(item.who, int) and not 0 <= item.who <= len(example.roster):
            yield f"there is no name {item.who} in its roster: {_item(item.item)}", "count from 1; 0 is nobody"
        elif isinstance(item.who, str) and item.who not in example.text:
            yield f"the name {item.who!r} is not printed: {_item(item.item)}", "give a name as its text prints it"


def _mark_faults(reading: Reading, shown: Rendered, answer: Answer, silent: list[int]) -> Iterator[tuple[str, str]]:
    """Marks that are answered not at all, or twice."""
    for number in shown.mark_numbers(reading.quotations[index] for index in silent):
        yield f"{_mark(shown, number)} is left unanswered", "put it into an attribution or into not_quotes"
    for number, count in Counter(mark for item in answer.attributions for mark in set(item.marks)).items():
        if count > 1 and 1 <= number <= len(shown.marks):
            yield f"{_mark(shown, number)} is given to {count} attributions", "give it to the innermost"
    for number, count in Counter(item.mark for item in answer.not_quotes).items():
        if count > 1:
            yield f"mark {number} is {count} times in not_quotes", "give it once"


def _judged_faults(example: JudgedExample) -> Iterator[tuple[str, str]]:
    if not _BRACKETED.fullmatch(example.sentence):
        yield f"no words stand in [brackets]: {shortened(example.sentence)}", "put what is judged into brackets"
    if example.source and example.source not in example.sentence:
        yield f"the source {example.source!r} is not printed in its sentence", "copy it from there"


def _mark(shown: Rendered, number: int) -> str:
    inner = shown.marks[number - 1].inner
    line = next(line.text for line in shown.lines if f"⟦{number}:" in line.text)
    words = line[line.index(f"⟦{number}:") + len(f"⟦{number}:") :][: inner.end - inner.start]
    return f"mark {number} (“{shortened(words)[:60]}”)"


def _item(item: Mapping[str, Any]) -> str:
    return shortened(json.dumps(item, ensure_ascii=False))
