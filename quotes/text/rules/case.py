"""Case: one cue in its sentence with all that the patterns ask about it, and what a pattern answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from quotes.text.cues import Lexicon, find_cues, load_lexicon
from quotes.text.rules.clauses import Complement, complement_of, over_recipient
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject
from quotes.text.rules.subjects import Left, left_of
from quotes.text.rules.units import LONGEST_HELD, Unit
from quotes.text.rules.wordclasses import CUE_START, IMPRESSIONS, NAME, TELL

if TYPE_CHECKING:
    from quotes.model import Span
    from quotes.text.reading import Reading


@dataclass(slots=True, eq=False)
class Case:
    """The cue at *first* up to *last* of a unit. *rates* are its precisions by frame; *starts* the places where
    the subject or verb group of another cue of the unit begins; *previous* is the subject of the cue before, for verbs
    that share it."""

    grammar: Grammar
    unit: Unit
    first: int
    last: int
    rates: Mapping[str, float]
    complement: Complement
    is_likely: bool
    """Whether the cue attributes more often than not in its frame."""
    starts: frozenset[int] = frozenset()
    previous: Subject | None = None
    _left: Left | None = None

    @property
    def left(self) -> Left:
        """What stands left of the cue. Looked at when first asked for: next to a weak cue most patterns need it not."""
        if self._left is None:
            self._left = left_of(self.grammar, self.first)
        return self._left

    def is_cue_in(self, classes: int) -> bool:
        """Whether the first word of the cue belongs to one of the word *classes* (see `wordclasses`)."""
        return self.grammar.bits[self.first] & classes != 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a pattern found: word ranges of one unit. *pieces* in order; *subject* ``None`` where nobody is named."""

    pattern: str
    cue: tuple[int, int]
    subject: Subject | None
    pieces: tuple[tuple[int, int], ...]


_NO_CUE = NAME | IMPRESSIONS

MOST_CUES = 60
"""Cues of one sentence that are looked at."""


def cases_of(unit: Unit, lexicon: Lexicon) -> list[Case]:
    """The cues of *unit*, each seen in its surroundings, left to right."""
    if not unit.seen & CUE_START:
        return []
    grammar = Grammar(unit, lexicon)
    cues: list[Case] = []
    for first, last, rates in islice(find_cues(unit, lexicon), MOST_CUES):
        if not unit.bits[first] & _NO_CUE and max(rates.values()) >= 0.3:
            complement = _complement(grammar, first, last)
            cues.append(Case(grammar, unit, first, last, rates, complement, rates[complement.frame] >= 0.5))
    cases: list[Case] = []
    passed = 0
    for number, case in enumerate(cues):
        if case.first >= passed and (number + 1 == len(cues) or not _is_outdone(case, cues, number + 1)):
            cases.append(case)
            if case.is_likely:
                passed = case.complement.start
    likely = [case.left for case in cases if case.is_likely]
    starts = frozenset([left.subject.first if left.subject else left.verb for left in likely])
    previous: Subject | None = None
    for case in cases:
        case.starts, case.previous = starts, previous
        if case.is_likely:
            previous = case.left.subject or previous
    return cases


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of the units of one article, each worked out once: of a long one they are too many to keep.

    They are kept here and not with their unit, which they refer to: what refers to itself is long to be rid of.
    """

    lexicon: Lexicon
    kept: dict[Span, list[Case]] | None

    def of(self, unit: Unit) -> list[Case]:
        """The cues of *unit*, as `cases_of` gives them."""
        if self.kept is None:
            return cases_of(unit, self.lexicon)
        cases = self.kept.get(unit.span)
        if cases is None:
            cases = self.kept[unit.span] = cases_of(unit, self.lexicon)
        return cases


def cases_in(reading: Reading) -> Cases:
    """The cases of *reading*, those that are known already among them."""
    cases: Cases | None = reading.worked_out.get("cases")
    if cases is None:
        kept: dict[Span, list[Case]] | None = {} if len(reading.text) <= LONGEST_HELD else None
        cases = reading.worked_out["cases"] = Cases(load_lexicon(reading.language), kept)
    return cases


def _is_outdone(case: Case, cues: Sequence[Case], following: int) -> bool:
    """Whether a stronger cue stands right behind a cue, or before its complement: the statement *said* that.

    Those behind it are *cues* from *following* on.
    """
    rate = case.rates[case.complement.frame]
    for other in islice(cues, following, None):
        if other.first >= case.complement.start and other.first > case.last:
            return False
        if other.rates[other.complement.frame] > rate:
            return True
    return False


def _complement(grammar: Grammar, first: int, last: int) -> Complement:
    if grammar.bits[first] & TELL:
        last = over_recipient(grammar, last)
    return complement_of(grammar, last)
