"""Page: what all rules share about one article, and the attributions they draft on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quotes.model import NOBODY, Span, Spans, Speaker
from quotes.text.cues import Lexicon
from quotes.text.rules.case import Cases, Found
from quotes.text.rules.cast import Cast
from quotes.text.rules.phrases import Subject
from quotes.text.rules.resolve import speaker_of
from quotes.text.rules.units import Unit
from quotes.text.rules.words import trimmed

if TYPE_CHECKING:
    from quotes.text.quotations import Quotation


@dataclass(slots=True)
class Draft:
    """An attribution in the making: *content* may still grow by quotations that go on.

    *quoted* tells that its content ends in or holds a quotation, *paragraph* in which paragraph it stood last.
    """

    pattern: str
    content: list[Span]
    cue: Spans
    speaker: Speaker
    quoted: bool
    paragraph: int


@dataclass(slots=True)
class Page:
    """The article as the rules see it. *owned* are the quotations an attribution holds so far, *denied* those that
    stand under a negated or hypothetical cue; *carried* names for a quotation the one that carries it on."""

    text: str
    quotations: Sequence[Quotation]
    lexicon: Lexicon
    cases: Cases
    cast: Cast
    carried: dict[int, int]
    owned: set[int] = field(default_factory=set)
    denied: set[int] = field(default_factory=set)

    def pieces_of(self, held: Sequence[int]) -> Iterator[Span]:
        """The inner spans of the quotations *held* and of all that are carried over with them, each handed out once."""
        for index in held:
            at: int | None = self._first_of(index)
            while at is not None and at not in self.owned:
                self.owned.add(at)
                inner = trimmed(self.text, self.quotations[at].inner)
                if inner.start < inner.end:
                    yield inner
                at = self.carried.get(at)

    def _first_of(self, index: int) -> int:
        """The quotation a carried one began with, as far back as none is owned yet."""
        while (before := self.quotations[index].continues) is not None and before not in self.owned:
            index = before
        return index

    def draft(self, unit: Unit, found: Found) -> Draft:
        """*found* with its word ranges as spans: a piece that is wholly quotations without their marks."""
        content: list[Span] = []
        quoted = False
        for first, last in found.pieces:
            held = [unit.quotes[i] for i in range(first, last) if unit.is_quote(i)]
            quoted = quoted or bool(held)
            if _is_wholly_quoted(unit, first, last):
                content.extend(self.pieces_of(held))
            else:
                content.append(unit.cover(first, last))
                self.owned.update(held)
        cue = (unit.cover(*found.cue),) if found.cue[0] < found.cue[1] else ()
        return Draft(found.pattern, content, cue, self.speaker(unit, found.subject), quoted, unit.paragraph)

    def draft_alone(self, pattern: str, unit: Unit, before: Unit, subject: Subject, cue: Spans) -> Draft:
        """All quotations of *unit*, which has no other words, by the *subject* of the unit *before* it."""
        content = list(self.pieces_of([index for index in unit.quotes if index >= 0]))
        return Draft(pattern, content, cue, self.speaker(before, subject), quoted=True, paragraph=unit.paragraph)

    def speaker(self, unit: Unit, subject: Subject | None) -> Speaker:
        """The speaker *subject* stands for; nobody for none."""
        return NOBODY if subject is None else speaker_of(self.text, unit, subject, self.cast, self.lexicon)


def _is_wholly_quoted(unit: Unit, first: int, last: int) -> bool:
    return all(unit.quotes[i] >= 0 or not unit.lows[i][0].isalnum() for i in range(first, last))
