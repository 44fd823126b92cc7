"""How a chunk is shown to a model: numbered sentences, quotations as numbered marks, the roster, the context.

Everything the article says is put on lines that start with our own number or bullet, and the characters that
make a mark are escaped in it, so no text can pass for a mark, a heading or an instruction of ours.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

from quotes.model import Span, Spans
from quotes.prompting.chunks import Chunk
from quotes.text import Candidates, Content, Mentions, Name, Quotation, Reading, find_candidates

MARK_OPEN, MARK_CLOSE = "⟦", "⟧"
ROSTER_LIMIT = 60
_MOST_NEAR = 40  # marks a line is offered: without a bound the schema grows with the square of the lines

_ESCAPES = str.maketrans({MARK_OPEN: "⦗", MARK_CLOSE: "⦘"})
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")


class Line(NamedTuple):
    """One numbered sentence as shown. *opens* tells whether it begins a paragraph."""

    number: int
    text: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One reading of a line: a cue, the clauses it would attribute, and the mentions outside of them."""

    cue: str
    clauses: tuple[str, ...]
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an attribution in one line may point at, written as an answer writes it."""

    cues: tuple[str, ...]
    mentions: tuple[str, ...]
    choices: tuple[Choice, ...]
    marks: tuple[int, ...]


@dataclass(frozen=True)
class Rendered:
    """A chunk as a model sees it, with the way back from every number to the article.

    ``marks[k - 1]`` is the quotation behind mark *k*, ``roster[k - 1]`` the name behind roster number *k*,
    ``chunk.units[k - 1]`` the sentence behind line *k*, ``offers[k - 1]`` what an attribution in it may point at.
    """

    chunk: Chunk
    lines: tuple[Line, ...]
    marks: tuple[Quotation, ...]
    roster: tuple[Name, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    offering: Callable[[], Iterator[Offer]] = field(repr=False, compare=False)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """What each line offers; made when it is asked for, as only a tight schema does."""
        return tuple(self.offering())

    def mark_numbers(self, quotations: Iterable[Quotation]) -> tuple[int, ...]:
        """The mark numbers of those *quotations* that are shown in this chunk."""
        numbers = {mark.index: number for number, mark in enumerate(self.marks, 1)}
        return tuple(numbers[q.index] for q in quotations if q.index in numbers)


class Page:
    """An article made ready to be shown chunk by chunk. *units* are those of its lines that are to offer a choice."""

    def __init__(self, reading: Reading, units: Sequence[Span] = ()) -> None:
        self.reading = reading
        self.mentions = Mentions(reading.roster)
        self._candidates = dict(zip(units, find_candidates(reading, units), strict=True)) if units else {}

    def show(self, chunk: Chunk) -> Rendered:
        """*chunk* as a model sees it. A quotation belongs to the unit it opens in."""
        text, quotations = self.reading.text, self.reading.quotations
        marks = tuple(quotations_within(quotations, chunk.units))
        numbers = {mark.index: number for number, mark in enumerate(marks, 1)}
        starts = chunk.paragraph_starts
        lines = tuple(
            [
                Line(number, _shown(text, unit, touching, numbers), number - 1 in starts)
                for number, (unit, touching) in enumerate(_beside(chunk.units, marks), 1)
            ]
        )
        return Rendered(
            chunk,
            lines,
            marks,
            self.mentions.nearest(chunk.span, ROSTER_LIMIT),
            tuple(_plain(text, quotations, unit) for unit in chunk.before),
            tuple(_plain(text, quotations, unit) for unit in chunk.after),
            partial(self._offers, chunk, marks),
        )

    def _offers(self, chunk: Chunk, marks: Sequence[Quotation]) -> Iterator[Offer]:
        """The candidates of each line, and the marks from it on to the next line that has a cue of its own."""
        candidates = [self._candidates.get(unit, Candidates()) for unit in chunk.units]
        starts = [mark.outer.start for mark in marks]
        opened = [range(bisect_left(starts, unit.start) + 1, bisect_left(starts, unit.end) + 1) for unit in chunk.units]
        for at, offered in enumerate(candidates):
            end = at + 1
            while end < len(candidates) and end - at < _MOST_NEAR and opened[end] and not candidates[end].cues:
                end += 1
            near = tuple([number for line in opened[at:end] for number in line][:_MOST_NEAR])
            choices = dict.fromkeys([self._choice(content, offered.mentions) for content in offered.contents])
            yield Offer(self._words(offered.cues), self._words(offered.mentions), tuple(choices), near)

    def _choice(self, content: Content, mentions: Spans) -> Choice:
        outside = [m for m in mentions if not any(clause.overlaps(m) for clause in content.clauses)]
        clauses = tuple([_anchor(self.reading.text, clause) for clause in content.clauses])
        return Choice(content.cue.of(self.reading.text), clauses, self._words(outside))

    def _words(self, spans: Sequence[Span]) -> tuple[str, ...]:
        text = self.reading.text
        return tuple(dict.fromkeys([text[start:end] for start, end in spans])) if spans else ()


def _beside(units: Sequence[Span], quotations: Sequence[Quotation]) -> Iterator[tuple[Span, Sequence[Quotation]]]:
    """Each of *units* with those of *quotations* that reach into it; both are in text order."""
    reaching: list[Quotation] = []
    at = 0
    for unit in units:
        while at < len(quotations) and quotations[at].outer.start < unit.end:
            reaching.append(quotations[at])
            at += 1
        reaching = [quotation for quotation in reaching if quotation.outer.end > unit.start]
        yield unit, reaching


def quotations_within(quotations: Sequence[Quotation], units: Sequence[Span]) -> list[Quotation]:
    """The *quotations* that open in one of *units*; both are in text order."""
    found: list[Quotation] = []
    if not units:
        return found
    at = bisect_left(quotations, units[0].start, key=lambda q: q.outer.start)
    for start, end in units:
        while at < len(quotations) and quotations[at].outer.start < end:
            if quotations[at].outer.start >= start:
                found.append(quotations[at])
            at += 1
    return found


def _anchor(text: str, clause: Span) -> str:
    """*clause* as an answer names it: its first and last three words, or all of them where they are few."""
    words = clause.of(text).split()
    return " ".join(words) if len(words) <= 7 else f"{' '.join(words[:3])} … {' '.join(words[-3:])}"


def _shown(text: str, unit: Span, quotations: Sequence[Quotation], numbers: dict[int, int]) -> str:
    """The words of *unit* with each quotation's marks replaced by ``⟦n:`` and ``⟧``, clipped to the unit."""
    if not quotations:
        return _escaped(text[unit.start : unit.end]).strip()
    edits: list[tuple[int, int, str]] = []
    for quotation in quotations:
        opening, closing = quotation.inner.start, quotation.inner.end
        opens = quotation.outer.start >= unit.start
        if opens:
            edits.append((quotation.outer.start, opening, f"{MARK_OPEN}{numbers[quotation.index]}:"))
        if closing <= unit.end:  # one that opened in an earlier unit has been closed at its end
            edits.append((closing, quotation.outer.end, MARK_CLOSE if opens else ""))
    parts: list[str] = []
    at = unit.start
    for start, end, mark in sorted(edits, key=lambda edit: edit[:2]):
        parts += [_escaped(text[at : max(at, start)]), mark]
        at = max(at, end)
    parts.append(_escaped(text[at : unit.end]))
    shown = "".join(parts).strip()
    return shown + MARK_CLOSE * (shown.count(MARK_OPEN) - shown.count(MARK_CLOSE))


def _plain(text: str, quotations: Sequence[Quotation], unit: Span) -> str:
    """The words of a context *unit*, its quotation marks shown as ‹ and ›."""
    parts: list[str] = []
    at = unit.start
    edits = [
        edit
        for q in quotations_within(quotations, [unit])
        for edit in ((q.outer.start, q.inner.start, "‹"), (q.inner.end, q.outer.end, "›"))
    ]
    for start, end, mark in sorted(edits, key=lambda edit: edit[:2]):
        parts += [_escaped(text[at : max(at, start)]), mark]
        at = max(at, end)
    parts.append(_escaped(text[at : unit.end]))
    return "".join(parts).strip()


def _escaped(words: str) -> str:
    if MARK_OPEN in words or MARK_CLOSE in words:
        words = words.translate(_ESCAPES)
    if words.isprintable() and "  " not in words:  # of all that is blank only the plain space is printable
        return words
    return _BLANK.sub(" ", words)
