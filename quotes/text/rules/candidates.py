"""Candidates: the cues, mentions and contents a sentence offers, believed by a rule or not, for a model to choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quotes.model import Span, Spans
from quotes.text.cues import find_cues, load_lexicon
from quotes.text.reading import Reading
from quotes.text.rules.bracket import find_second
from quotes.text.rules.case import Case, Found, cases_in
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.patterns import fitting
from quotes.text.rules.phrases import Subject, right_of
from quotes.text.rules.subjects import first_subject, left_of
from quotes.text.rules.units import Unit, split_units
from quotes.text.rules.wordclasses import CUE_START, LETTERS, NAME, PRONOUNS, WHO

_WORTH_ASKING = 0.3

Cue = tuple[int, int, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Content:
    """A cue and the clauses one pattern takes for what it attributes; wholly quoted pieces are not among them."""

    cue: Span
    clauses: Spans


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one sentence offers, as spans of the article, each once and in text order."""

    cues: Spans = ()
    mentions: Spans = ()
    contents: tuple[Content, ...] = ()


def find_candidates(reading: Reading, lines: Sequence[Span]) -> tuple[Candidates, ...]:
    """The candidates of each of *lines*, which are sentences of the article or pieces of them, in text order.

    A cue is any word or short phrase that attributes in at least three of ten places in some surroundings; a
    mention a name, a pronoun, or a noun phrase where the subject of a cue can stand; a content whatever any
    pattern would take for that of a cue. Words inside quotations are no cues and no mentions.
    """
    lexicon = load_lexicon(reading.language)
    cases = cases_in(reading)
    found: list[list[Candidates]] = [[] for _ in lines]
    position = 0
    for unit in split_units(reading, lines):
        while position + 1 < len(lines) and lines[position].end <= unit.span.start:
            position += 1
        grammar, cues = Grammar(unit, lexicon), tuple(find_cues(unit, lexicon)) if unit.seen & CUE_START else ()
        contents = tuple(dict.fromkeys(_contents(grammar, cases.of(unit))))
        found[position].append(
            Candidates(_each_once(_cues(grammar, cues)), _each_once(_mentions(grammar, cues, cases.of(unit))), contents)
        )
    return tuple(
        Candidates(
            tuple(cue for part in parts for cue in part.cues),
            tuple(mention for part in parts for mention in part.mentions),
            tuple(content for part in parts for content in part.contents),
        )
        for parts in found
    )


def likely_cues(reading: Reading, least: float) -> Spans:
    """The words outside of quotations that attribute in at least *least* (0 to 1) of their places in some frame."""
    lexicon = load_lexicon(reading.language)
    return tuple(
        unit.cover(first, last)
        for unit in split_units(reading)
        for first, last, rates in find_cues(unit, lexicon)
        if max(rates.values()) >= least
    )


def _each_once(spans: Iterator[Span]) -> Spans:
    return tuple(sorted(set(spans)))


def _contents(grammar: Grammar, cases: Sequence[Case]) -> Iterator[Content]:
    unit = grammar.unit
    for case in cases:
        for found in filter(None, [pattern(case) for pattern in fitting(case)]):
            yield from _content(unit, found)
    for found in find_second(unit, grammar.lexicon):
        yield from _content(unit, found)


def _content(unit: Unit, found: Found) -> Iterator[Content]:
    clauses = tuple(unit.cover(*piece) for piece in found.pieces if _has_words(unit, *piece))
    if clauses:
        yield Content(unit.cover(*found.cue), clauses)


def _has_words(unit: Unit, first: int, last: int) -> bool:
    """Whether words stand outside of quotations from *first* up to *last*."""
    return any(bits & LETTERS for bits in unit.bits[first:last])


def _cues(grammar: Grammar, cues: Sequence[Cue]) -> Iterator[Span]:
    unit = grammar.unit
    for first, last, rates in cues:
        if max(rates.values()) >= _WORTH_ASKING and not grammar.is_name(first):
            yield unit.cover(first, last)
    yield from (unit.cover(*found.cue) for found in find_second(unit, grammar.lexicon))
    yield from (unit.cover(i, i + 1) for i, word in enumerate(unit.words) if word == ":")


def _mentions(grammar: Grammar, cues: Sequence[Cue], cases: Sequence[Case]) -> Iterator[Span]:
    unit, bits = grammar.unit, grammar.bits
    for i in [i for i, word in enumerate(bits) if word & (NAME | PRONOUNS | WHO)]:
        if bits[i] & NAME and not grammar.is_name(i - 1):
            last = i + 1
            while grammar.is_name(last) and unit.names[last] == unit.names[i]:
                last += 1
            yield unit.cover(i, last)
        elif bits[i] & (PRONOUNS | WHO):
            yield unit.cover(i, i + 1)
    lefts = {case.first: case.left for case in cases}
    for first, last, _ in cues:
        left = lefts.get(first) or left_of(grammar, first)
        for subject in (left.subject, right_of(grammar, last), first_subject(grammar, first)):
            yield from _printed(unit, subject)
    for found in find_second(unit, grammar.lexicon):
        yield from _printed(unit, found.subject)


def _printed(unit: Unit, subject: Subject | None) -> Iterator[Span]:
    if subject is not None and subject.first < subject.last:
        yield unit.cover(subject.first, subject.last)
