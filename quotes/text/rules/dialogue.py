"""Dialogue: transcripts, where every paragraph begins with the label of the one who speaks and a colon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quotes.model import Span, Speaker
from quotes.text.names import Name
from quotes.text.rules.units import trimmed

_LABEL = re.compile(r"[ \t]*([A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3}) ?: ?(?=\S)")

LONGEST_LABEL = 40
"""Code points."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a transcript: the paragraph of index *paragraph*, its label and what is said."""

    paragraph: int
    label: Span
    content: Span
    speaker: Speaker


def find_turns(text: str, paragraphs: Sequence[Span], roster: Sequence[Name]) -> list[Turn]:
    """The turns of the transcripts in *text*.

    Labels are "Q" and "A", words in capitals, or names; a label counts only where a paragraph next to it has one too
    and it comes twice, or where question and answer follow each other. Content that starts with a quotation mark is
    left to the patterns.
    """
    labels = [_label(text, paragraph) for paragraph in paragraphs]
    counts = Counter(label.of(text) for label in labels if label is not None)
    turns = []
    for number, label in enumerate(labels):
        if label is None or not _is_turn(text, label, labels[max(0, number - 1) : number + 2], counts):
            continue
        content = trimmed(text, Span(text.index(":", label.end) + 1, paragraphs[number].end))
        if content.start < content.end and text[content.start] not in "\"'“‘„«":
            turns.append(Turn(number, label, content, _speaker(text, label, roster)))
    return turns


def _label(text: str, paragraph: Span) -> Span | None:
    found = _LABEL.match(text, paragraph.start, min(paragraph.end, paragraph.start + LONGEST_LABEL + 5))
    return Span(*found.span(1)) if found else None


def _is_turn(text: str, label: Span, around: Sequence[Span | None], counts: Counter[str]) -> bool:
    words = label.of(text)
    if sum(one is not None for one in around) < 2:
        return False
    if words in {"Q", "A"}:
        return "Q" in counts and "A" in counts
    neighbours = {one.of(text) for one in around if one is not None}
    return len(neighbours) > 1 and (words.isupper() or counts[words] > 1) and sum(counts[one] for one in neighbours) > 2


def _speaker(text: str, label: Span, roster: Sequence[Name]) -> Speaker:
    words = label.of(text)
    for name in roster[:200]:
        if name.name == words or name.name.split()[-1].lower() == words.split()[-1].lower():
            return Speaker((label,), name.name, name.full, name.kind)
    return Speaker((label,), words, label)
