"""Phrases: the noun phrases that can name who speaks, read leftwards from their last word or rightwards."""

from __future__ import annotations

from typing import Literal, NamedTuple

from quotes.text.rules.grammar import Grammar
from quotes.text.rules.wordclasses import (
    AND,
    CLAUSAL,
    CONJUNCTIONS,
    COUPLE_TITLES,
    DETERMINERS,
    GENITIVES,
    NAME,
    OF_IN,
    PREPOSITIONS,
    PRONOUNS,
    THAT,
)

How = Literal["pronoun", "name", "noun"]


class Subject(NamedTuple):
    """The words *first* up to *last* of a unit. *shared* tells that it was taken over from an earlier verb."""

    first: int
    last: int
    how: How
    shared: bool = False


def noun_phrase(grammar: Grammar, end: int) -> Subject:
    """The noun phrase whose last word stands at *end*: back over its words, its article and its of-phrases."""
    first, head = end, end
    for _ in range(4):
        while grammar.is_noun(first - 1) and end - first < 20:
            first -= 1
        while grammar.is_in(first - 1, DETERMINERS):
            first -= 1
        if grammar.is_in(first, GENITIVES) and grammar.is_noun(first - 1):
            first, head = first - 1, first - 1
            continue
        if not (grammar.is_in(first - 1, PREPOSITIONS) and grammar.is_noun(first - 2)):
            break
        if grammar.is_in(first - 1, CLAUSAL) or end - first >= 20:
            break
        first, head = first - 2, first - 2
    if grammar.is_in(first - 1, PREPOSITIONS) and not grammar.is_in(first - 1, CONJUNCTIONS):
        first = _name_start(grammar, end)
    if grammar.is_in(first, THAT) and first < end:
        first += 1
    how: How = "name" if grammar.is_name(head) else "noun"
    return Subject(_with_companion(grammar, first), end + 1, how)


def _with_companion(grammar: Grammar, first: int) -> int:
    """Where the name before "and" begins, if the one at *first* has such a companion; else *first*."""
    if grammar.is_in(first - 1, AND) and grammar.is_name(first) and grammar.is_name(first - 2):
        first = noun_phrase(grammar, first - 2).first
    return first - 2 if is_couple(grammar, first - 2) else first


def is_couple(grammar: Grammar, first: int) -> bool:
    """Whether two titles share the name that follows: Mr. and Mrs. Ruiz."""
    return (
        grammar.at(first) & (COUPLE_TITLES | NAME) == COUPLE_TITLES
        and grammar.is_in(first + 1, AND)
        and grammar.is_in(first + 2, COUPLE_TITLES)
    )


def _name_start(grammar: Grammar, end: int) -> int:
    """Of a phrase behind a preposition only its last name can be the subject ("on the bus home Ruiz")."""
    first = end
    while grammar.is_name(end) and grammar.is_name(first - 1):
        first -= 1
    if not grammar.is_name(end):
        while grammar.is_noun(first - 1):
            first -= 1
        while grammar.is_in(first - 1, DETERMINERS):
            first -= 1
    return first


def right_of(grammar: Grammar, start: int) -> Subject | None:
    """The noun phrase that begins at *start*, behind an inverted cue ("said Brandt, who …")."""
    if grammar.is_in(start, PRONOUNS) and not grammar.is_in(start, DETERMINERS):
        return Subject(start, start + 1, "pronoun")
    i = start
    while grammar.is_in(i, DETERMINERS) and i - start < 3:
        i += 1
    named = False
    while grammar.is_noun(i) and i - start < 20:
        named = grammar.is_name(i)
        i += 1
        if grammar.is_in(i, OF_IN) and (grammar.is_noun(i + 1) or grammar.is_in(i + 1, DETERMINERS)):
            i += 1
            while grammar.is_in(i, DETERMINERS):
                i += 1
    if i == start or not grammar.is_noun(i - 1):
        return None
    return _by_name(grammar, Subject(start, i, "name" if named else "noun"))


def _by_name(grammar: Grammar, subject: Subject) -> Subject:
    """The name itself where a noun phrase is followed by it: his captain, Femi Osei, ..."""
    first = subject.last + 1
    if subject.how != "noun" or grammar.unit.low(subject.last) != "," or not grammar.is_name(first):
        return subject
    last = first
    while grammar.is_name(last):
        last += 1
    ends = last >= len(grammar.unit) or grammar.unit.low(last) in {",", ".", ";", ":"}
    return Subject(first, last, "name") if ends else subject
