"""Candidates: the cues, mentions and clauses a sentence offers, believed by a rule or not, for a model to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotes.model import Span, Spans
from quotes.text.cues import find_cues, load_lexicon
from quotes.text.reading import Reading
from quotes.text.rules.case import cases_of
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.patterns import PATTERNS
from quotes.text.rules.subjects import Subject, first_subject, left_of, right_of
from quotes.text.rules.units import Unit, split_units

_WORTH_ASKING = 0.3


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one sentence offers: *cues*, *mentions* and *clauses*, each once, in text order."""

    cues: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    clauses: Spans = ()


def find_candidates(reading: Reading, lines: Sequence[Span]) -> tuple[Candidates, ...]:
    """The candidates of each of *lines*, which are sentences of the article or pieces of them, in text order.

    A cue is any word or short phrase that attributes in at least three of ten places in some surroundings; a
    mention a name, a pronoun, or a noun phrase where the subject of a cue can stand; a clause whatever a
    pattern would take for the content of a cue. Words inside quotations are no cues and no mentions.
    """
    lexicon = load_lexicon(reading.language)
    found: list[list[Candidates]] = [[] for _ in lines]
    position = 0
    for unit in split_units(reading.text, lines, reading.paragraphs, reading.quotations, reading.roster):
        while position + 1 < len(lines) and lines[position].end <= unit.span.start:
            position += 1
        found[position].append(_of_unit(reading.text, Grammar(unit, lexicon)))
    return tuple(_joined(parts) for parts in found)


def _of_unit(text: str, grammar: Grammar) -> Candidates:
    unit = grammar.unit
    return Candidates(
        tuple(_cues(text, unit, grammar)), tuple(_mentions(text, unit, grammar)), tuple(_clauses(unit, grammar))
    )


def _joined(parts: Sequence[Candidates]) -> Candidates:
    return Candidates(
        tuple(dict.fromkeys(cue for part in parts for cue in part.cues)),
        tuple(dict.fromkeys(mention for part in parts for mention in part.mentions)),
        tuple(sorted({clause for part in parts for clause in part.clauses})),
    )


def _clauses(unit: Unit, grammar: Grammar) -> Iterator[Span]:
    for case in cases_of(unit, grammar.lexicon):
        for pattern in PATTERNS:
            found = pattern(case)
            for first, last in found.pieces if found else ():
                if any(unit.quotes[i] < 0 and unit.words[i][0].isalnum() for i in range(first, last)):
                    yield unit.cover(first, last)


def _cues(text: str, unit: Unit, grammar: Grammar) -> Iterator[str]:
    for first, last, rates in find_cues(unit, grammar.lexicon):
        if max(rates.values()) >= _WORTH_ASKING and not grammar.is_name(first):
            yield unit.cover(first, last).of(text)
    if ":" in unit.words:
        yield ":"


def _mentions(text: str, unit: Unit, grammar: Grammar) -> Iterator[str]:
    for i in range(len(unit)):
        if grammar.is_name(i) and not grammar.is_name(i - 1):
            last = i + 1
            while grammar.is_name(last) and unit.names[last] == unit.names[i]:
                last += 1
            yield unit.cover(i, last).of(text)
        elif grammar.is_in(i, "pronouns", "who"):
            yield unit.words[i]
    for first, last, _ in find_cues(unit, grammar.lexicon):
        for subject in (left_of(grammar, first).subject, right_of(grammar, last), first_subject(grammar, first)):
            yield from _printed(text, unit, subject)


def _printed(text: str, unit: Unit, subject: Subject | None) -> Iterator[str]:
    if subject is not None and subject.first < subject.last:
        yield unit.cover(subject.first, subject.last).of(text)
