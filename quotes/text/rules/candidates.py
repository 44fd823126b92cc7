"""Candidates: the cues, mentions and contents a sentence offers, believed by a rule or not, for a model to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotes.model import Span, Spans
from quotes.text.cues import find_cues, load_lexicon
from quotes.text.reading import Reading
from quotes.text.rules.bracket import find_brackets
from quotes.text.rules.case import Found, cases_of
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.patterns import PATTERNS
from quotes.text.rules.sources import find_sources
from quotes.text.rules.subjects import Subject, first_subject, left_of, right_of
from quotes.text.rules.units import Unit, split_units

_WORTH_ASKING = 0.3


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
    found: list[list[Candidates]] = [[] for _ in lines]
    position = 0
    for unit in split_units(reading.text, lines, reading.paragraphs, reading.quotations, reading.roster):
        while position + 1 < len(lines) and lines[position].end <= unit.span.start:
            position += 1
        grammar = Grammar(unit, lexicon)
        found[position].append(
            Candidates(
                _each_once(_cues(grammar)), _each_once(_mentions(grammar)), tuple(dict.fromkeys(_contents(grammar)))
            )
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
        for unit in split_units(reading.text, reading.sentences, reading.paragraphs, reading.quotations, reading.roster)
        for first, last, rates in find_cues(unit, lexicon)
        if max(rates.values()) >= least
    )


def _each_once(spans: Iterator[Span]) -> Spans:
    return tuple(sorted(set(spans)))


def _contents(grammar: Grammar) -> Iterator[Content]:
    unit = grammar.unit
    for case in cases_of(unit, grammar.lexicon):
        for found in filter(None, (pattern(case) for pattern in PATTERNS)):
            yield from _content(unit, found)
    for found in _second(grammar):
        yield from _content(unit, found)


def _second(grammar: Grammar) -> Iterator[Found]:
    """What the patterns over verb brackets and source phrases find, which no single cue tells."""
    yield from find_sources(grammar.unit, grammar.lexicon)
    yield from find_brackets(grammar.unit, grammar.lexicon)


def _content(unit: Unit, found: Found) -> Iterator[Content]:
    clauses = tuple(unit.cover(*piece) for piece in found.pieces if _has_words(unit, *piece))
    if clauses:
        yield Content(unit.cover(*found.cue), clauses)


def _has_words(unit: Unit, first: int, last: int) -> bool:
    """Whether words stand outside of quotations from *first* up to *last*."""
    return any(unit.quotes[i] < 0 and unit.words[i][0].isalnum() for i in range(first, last))


def _cues(grammar: Grammar) -> Iterator[Span]:
    unit = grammar.unit
    for first, last, rates in find_cues(unit, grammar.lexicon):
        if max(rates.values()) >= _WORTH_ASKING and not grammar.is_name(first):
            yield unit.cover(first, last)
    yield from (unit.cover(*found.cue) for found in _second(grammar))
    yield from (unit.spans[i] for i, word in enumerate(unit.words) if word == ":")


def _mentions(grammar: Grammar) -> Iterator[Span]:
    unit = grammar.unit
    for i in range(len(unit)):
        if grammar.is_name(i) and not grammar.is_name(i - 1):
            last = i + 1
            while grammar.is_name(last) and unit.names[last] == unit.names[i]:
                last += 1
            yield unit.cover(i, last)
        elif grammar.is_in(i, "pronouns", "who"):
            yield unit.spans[i]
    for first, last, _ in find_cues(unit, grammar.lexicon):
        for subject in (left_of(grammar, first).subject, right_of(grammar, last), first_subject(grammar, first)):
            yield from _printed(unit, subject)
    for found in _second(grammar):
        yield from _printed(unit, found.subject)


def _printed(unit: Unit, subject: Subject | None) -> Iterator[Span]:
    if subject is not None and subject.first < subject.last:
        yield unit.cover(subject.first, subject.last)
