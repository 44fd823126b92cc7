"""Dialogue: transcripts, where every paragraph begins with the label of the one who speaks and a colon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quotes.model import Span, Speaker
from quotes.text.cues import Lexicon
from quotes.text.names import Name
from quotes.text.rules.words import trimmed

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


def find_turns(text: str, paragraphs: Sequence[Span], roster: Sequence[Name], lexicon: Lexicon) -> list[Turn]:
    """The turns of the transcripts in *text*.

    Labels are "Q" and "A", words in capitals, or names; a label counts only where a paragraph next to it has one too
    and it comes twice, or where question and answer follow each other. Lists are no transcripts: their labels are
    weekdays and question words ("WHEN"), each comes once, or their entries are numbers or no sentences. Content that
    starts with a quotation mark is left to the patterns.
    """
    labels = [_label(text, paragraph, lexicon) for paragraph in paragraphs]
    counts = Counter(_last_word(text, label) for label in labels if label is not None)
    turns = []
    for number, label in enumerate(labels):
        if label is None or not _is_turn(text, label, labels[max(0, number - 1) : number + 2], counts):
            continue
        content = trimmed(text, Span(text.index(":", label.end) + 1, paragraphs[number].end))
        if _is_speech(content.of(text)):
            turns.append(Turn(number, label, content, _speaker(text, label, roster)))
    return turns


def _label(text: str, paragraph: Span, lexicon: Lexicon) -> Span | None:
    found = _LABEL.match(text, paragraph.start, min(paragraph.end, paragraph.start + LONGEST_LABEL + 5))
    if found is None or (found[1] != "A" and not lexicon.classes.get(found[1].lower(), _NONE).isdisjoint(_NO_LABELS)):
        return None
    return Span(*found.span(1))


_NONE: frozenset[str] = frozenset()
_NO_LABELS = frozenset({"calendar", "common", "days", "wh"})


def _is_speech(words: str) -> bool:
    """Whether *words* end as sentences do, hold letters, and begin with no quotation mark."""
    return words != "" and words[0] not in "\"'“‘„«" and words[-1] in _ENDS and any(c.isalpha() for c in words)


_ENDS = ".?!…:,;-–—\"'”’»)]"


def _is_turn(text: str, label: Span, around: Sequence[Span | None], counts: Counter[str]) -> bool:
    words = label.of(text)
    if sum(one is not None for one in around) < 2:
        return False
    if words in {"Q", "A"}:
        return "Q" in counts and "A" in counts
    neighbours = {_last_word(text, one) for one in around if one is not None}
    repeated = sum(counts[one] for one in neighbours) > len(neighbours)
    return len(neighbours) > 1 and repeated and (words.isupper() or counts[_last_word(text, label)] > 1)


def _last_word(text: str, label: Span) -> str:
    """What labels are compared by: MARA RUIZ comes back as RUIZ."""
    return label.of(text).rpartition(" ")[2]


def _speaker(text: str, label: Span, roster: Sequence[Name]) -> Speaker:
    words = label.of(text)
    if words in {"Q", "A"}:
        return Speaker((label,))
    for name in roster[:200]:
        if name.name == words or name.name.split()[-1].lower() == words.split()[-1].lower():
            return Speaker((label,), name.name, name.full, name.kind)
    return Speaker((label,), words, label)
