"""Verb second: clauses whose finite verb stands second and the rest of it last; what their patterns share.

Which particle, preposition or participle belongs to which verb is data: the word classes ``brackets``, ``governed``
and ``participles`` of a language whose lexicon has the class ``verb_second``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from quotes.text.cues import load_lexicon
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, right_of
from quotes.text.rules.subjects import left_of
from quotes.text.rules.wordclasses import (
    ADVERBS,
    AS,
    AUXILIARIES,
    CLAUSAL,
    DETERMINERS,
    HAVING,
    IF,
    IMPERSONAL,
    JOINS,
    NEGATIONS,
    NOBODY,
    OBLIQUE,
    OBLIQUE_BEFORE_EN,
    PARTICIPLES,
    PREPOSITIONS,
    PURPOSES,
    REFLEXIVES,
    RELATIVES,
    REPORTING,
    REPORTING_WEAKLY,
    SPEECH,
    SUBORDINATES,
    THAT,
    TIME_NOUNS,
    TO,
    WH,
)

WIDEST = 40
"""Words between the two parts of a verb, quotations as one."""

MOST_SHARING = 3
"""Verbs in a row, joined by "und", that share the subject of the first."""

NO_CLAUSE = JOINS | CLAUSAL | AUXILIARIES | ADVERBS
"""Classes of the words that begin no content behind a verb and its comma."""


@lru_cache(maxsize=8)
def pairs(language: str, name: str) -> Mapping[str, frozenset[str]]:
    """The members of a word class of two-word entries, as first word to second ones."""
    found: dict[str, set[str]] = {}
    for member in load_lexicon(language).words.get(name, ()):
        verb, _, second = member.partition(" ")
        found.setdefault(verb, set()).add(second)
    return {verb: frozenset(seconds) for verb, seconds in found.items()}


@lru_cache(maxsize=8)
def joined(language: str) -> frozenset[str]:
    """The two parts of each bracket written as one, as they stand at the end of a clause: ankündigte."""
    return frozenset(
        second + verb for verb, seconds in pairs(language, "brackets").items() for second in seconds if verb
    )


def is_speaking(grammar: Grammar, i: int) -> bool:
    """Whether the word at *i* is a verb of saying as it stands at the end of a clause: sagte, mitteilte, erklärt."""
    low = grammar.unit.low(i)
    return grammar.is_in(i, SPEECH | PARTICIPLES) or low in joined(grammar.lexicon.language) or grammar.is_cue(i)


def subject_of(grammar: Grammar, verb: int, hops: int = MOST_SHARING) -> Subject | None:
    """The subject of the finite verb at *verb*: before it, unless something else fills that place, else behind it."""
    before = verb - 1
    while before > 0 and grammar.is_adverb(before):
        before -= 1
    if grammar.is_in(before, JOINS) and before > 0:
        shared = _earlier_verb(grammar, before)
        return subject_of(grammar, shared, hops - 1) if shared is not None and hops else None
    left = _left_of(grammar, verb)
    if left is not None:
        return left
    start = verb + 1
    while grammar.is_in(start, REFLEXIVES) or (grammar.is_adverb(start) and start < verb + 5):
        start += 1
    right = right_of(grammar, start) or _short_phrase(grammar, start)
    if right is None or is_oblique(grammar, right) or grammar.is_in(right.first, IMPERSONAL):
        return None
    return right


def _short_phrase(grammar: Grammar, start: int) -> Subject | None:
    """The noun phrase at *start* without what hangs on it by a preposition: der Minister | von einem „Skandal“."""
    i = start
    while grammar.is_in(i, DETERMINERS) and i - start < 3:
        i += 1
    while grammar.is_noun(i) and i - start < 20:
        i += 1
    if i == start or not grammar.is_noun(i - 1):
        return None
    return Subject(start, i, "name" if grammar.is_name(i - 1) else "noun")


def _left_of(grammar: Grammar, verb: int) -> Subject | None:
    unit = grammar.unit
    before = unit.low(verb - 1)
    opened = before == "," and grammar.is_in(0, PREPOSITIONS | CLAUSAL | THAT | WH)
    if verb == 0 or opened or unit.is_quote(verb - 1) or (before == "," and unit.is_quote(verb - 2)):
        return None
    left = left_of(grammar, verb).subject
    if left is None or left.last > verb or is_oblique(grammar, left) or grammar.is_in(left.first, IMPERSONAL):
        return None
    return left


def _earlier_verb(grammar: Grammar, i: int) -> int | None:
    """The verb left of *i* that may share its subject with one behind "und"."""
    brackets = pairs(grammar.lexicon.language, "brackets")
    for k in range(i - 1, max(0, i - WIDEST), -1):
        known = grammar.unit.lows[k] in brackets or grammar.is_in(k, SPEECH | HAVING | AUXILIARIES | REPORTING)
        if known and grammar.unit.words[k].islower():
            return k
    return None


def is_oblique(grammar: Grammar, subject: Subject) -> bool:
    """Whether a noun phrase can be no subject by its case or the preposition before it: den Vorwurf, im Mai."""
    first = subject.first
    if grammar.is_in(first, OBLIQUE) or grammar.is_in(subject.last - 1, TIME_NOUNS):
        return True
    if grammar.is_in(first, OBLIQUE_BEFORE_EN) and grammar.unit.words[first + 1 : first + 2] != ():
        adjective = grammar.unit.words[first + 1]
        if adjective.islower() and adjective.endswith("en"):
            return True
    return grammar.is_in(first - 1, AS | PREPOSITIONS) and not grammar.is_in(first - 1, JOINS)


def is_denied(grammar: Grammar, verb: int, end: int) -> bool:
    """Whether the words between *verb* and *end* deny it, or the sentence only supposes it."""
    return any(grammar.is_in(i, NEGATIONS | NOBODY) for i in range(verb + 1, end)) or grammar.is_in(0, IF)


def clause_at(grammar: Grammar, start: int) -> str | None:
    """The name of the pattern by which the clause at *start* is what was said: one with "dass", an infinitive with
    "zu" or the subjunctive of report; ``None`` for a relative or adverbial clause."""
    if grammar.is_in(start, THAT):
        return "far_that"
    relative = grammar.is_in(start, RELATIVES) and not grammar.is_noun(start + 1)
    if relative or grammar.is_in(start, JOINS | SUBORDINATES | PURPOSES):
        return None
    end = next((i for i in range(start, len(grammar.unit)) if grammar.unit.lows[i] in {",", ";"}), len(grammar.unit))
    reported = any(grammar.is_in(i, REPORTING | REPORTING_WEAKLY) for i in range(start, end))
    reported = reported and not grammar.is_in(start, NO_CLAUSE)
    return "far_clause" if reported or _has_infinitive(grammar, start, end) else None


def is_relative(grammar: Grammar, start: int, end: int) -> bool:
    """Whether the clause only describes a noun: bot Brot an, das niemand kaufte."""
    if not grammar.is_in(start, RELATIVES) or grammar.is_noun(start + 1):
        return False
    return not any(grammar.is_in(i, REPORTING | REPORTING_WEAKLY) for i in range(start, end))


def _has_infinitive(grammar: Grammar, first: int, last: int) -> bool:
    """Whether an infinitive with "zu" closes the words from *first* to *last*: zu gehen, anzutreten."""
    for i in range(max(first, last - 4), last):
        low = grammar.unit.lows[i]
        if grammar.is_in(i, TO) or (low.endswith("en") and "zu" in low[2:-3] and grammar.unit.words[i].islower()):
            return True
    return False


def quotes_from(grammar: Grammar, start: int) -> tuple[tuple[int, int], ...]:
    """The quotation at *start* and those that follow it with nothing but punctuation between."""
    unit = grammar.unit
    pieces = [(start, start + 1)]
    i = start + 1
    while i < len(unit) and not unit.lows[i][0].isalnum():
        if unit.is_quote(i):
            pieces.append((i, i + 1))
        i += 1
    return tuple(pieces)
