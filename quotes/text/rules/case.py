"""Case: one cue in its sentence with all that the patterns ask about it, and what a pattern answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from quotes.text.cues import Lexicon, find_cues
from quotes.text.rules.clauses import Complement, complement_of, over_recipient
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.subjects import Left, Subject, left_of
from quotes.text.rules.units import Unit


@dataclass(frozen=True, slots=True)
class Case:
    """The cue at *first* up to *last* of a unit. *rates* are its precisions by frame; *starts* the places where
    the subject or verb group of another cue of the unit begins."""

    grammar: Grammar
    first: int
    last: int
    rates: Mapping[str, float]
    left: Left
    complement: Complement
    starts: frozenset[int]
    previous: Subject | None
    """The subject of the cue before, for verbs that share it."""

    @property
    def unit(self) -> Unit:
        """The sentence."""
        return self.grammar.unit

    def is_cue_in(self, *classes: str) -> bool:
        """Whether the first word of the cue belongs to one of the word *classes*."""
        return self.grammar.is_in(self.first, *classes)


@dataclass(frozen=True, slots=True)
class Found:
    """What a pattern found: word ranges of one unit. *pieces* in order; *subject* ``None`` where nobody is named."""

    pattern: str
    cue: tuple[int, int]
    subject: Subject | None
    pieces: tuple[tuple[int, int], ...]


MOST_CUES = 60
"""Cues of one sentence that are looked at."""


def cases_of(unit: Unit, lexicon: Lexicon) -> list[Case]:
    """The cues of *unit*, each seen in its surroundings, left to right."""
    grammar = Grammar(unit, lexicon)
    seen: list[tuple[int, int, Mapping[str, float], Left, Complement]] = []
    cues = [
        (first, last, rates, _complement(grammar, first, last))
        for first, last, rates in islice(find_cues(unit, lexicon), MOST_CUES)
        if unit.names[first] < 0 and max(rates.values()) >= 0.3 and not grammar.is_in(first, "impressions")
    ]
    passed = 0
    for number, (first, last, rates, complement) in enumerate(cues):
        if first >= passed and not _is_outdone(cues[number + 1 :], last, complement, rates):
            seen.append((first, last, rates, left_of(grammar, first), complement))
            if rates[complement.frame] >= 0.5:
                passed = complement.start
    starts = frozenset(
        left.subject.first if left.subject else left.verb
        for _, _, rates, left, complement in seen
        if rates[complement.frame] >= 0.5
    )
    cases: list[Case] = []
    previous: Subject | None = None
    for first, last, rates, left, complement in seen:
        cases.append(Case(grammar, first, last, rates, left, complement, starts, previous))
        if left.subject is not None and rates[complement.frame] >= 0.5:
            previous = left.subject
    return cases


def _is_outdone(
    later: Sequence[tuple[int, int, Mapping[str, float], Complement]],
    last: int,
    complement: Complement,
    rates: Mapping[str, float],
) -> bool:
    """Whether a stronger cue stands right behind a cue, or before its complement: the statement *said* that."""
    for first, _, other, following in later:
        if first >= complement.start and first > last:
            return False
        if other[following.frame] > rates[complement.frame]:
            return True
    return False


def _complement(grammar: Grammar, first: int, last: int) -> Complement:
    if grammar.is_in(first, "tell"):
        last = over_recipient(grammar, last)
    return complement_of(grammar, last)
