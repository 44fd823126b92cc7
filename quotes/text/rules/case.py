"""Case: one cue in its sentence with all that the patterns ask about it, and what a pattern answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


def cases_of(unit: Unit, lexicon: Lexicon) -> list[Case]:
    """The cues of *unit*, each seen in its surroundings, left to right."""
    grammar = Grammar(unit, lexicon)
    seen: list[tuple[int, int, Mapping[str, float], Left, Complement]] = []
    passed = 0
    for first, last, rates in find_cues(unit, lexicon):
        if first < passed or unit.names[first] >= 0 or max(rates.values()) < 0.3 or _is_no_cue(grammar, first, last):
            continue
        left, complement = left_of(grammar, first), _complement(grammar, first, last)
        seen.append((first, last, rates, left, complement))
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


def _is_no_cue(grammar: Grammar, first: int, last: int) -> bool:
    """Whether the word only tells an impression, or is the noun before the cue proper: the statement said."""
    return grammar.is_in(first, "impressions") or (grammar.is_cue(last) and not grammar.is_adverb(first))


def _complement(grammar: Grammar, first: int, last: int) -> Complement:
    if grammar.is_in(first, "tell"):
        last = over_recipient(grammar, last)
    return complement_of(grammar, last)
