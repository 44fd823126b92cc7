"""Subjects: the words next to a cue that name who speaks, found left of it, right of it, or earlier in the sentence."""

from __future__ import annotations

from typing import NamedTuple

from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, noun_phrase, right_of
from quotes.text.rules.wordclasses import (
    ADVERB,
    ADVERBS,
    AUXILIARIES,
    BE,
    CLAUSAL,
    CLAUSE_WORDS,
    CONJUNCTIONS,
    DEFINITE,
    DETERMINERS,
    GOVERNOR_ENDINGS,
    GOVERNORS,
    IF,
    INDEFINITE,
    NEGATIONS,
    NO,
    NOBODY,
    OF_IN,
    PARTICIPLE_ENDINGS,
    PREPOSITIONS,
    PRONOUNS,
    REFUSALS,
    SPEAKING,
    THAT,
    TO,
    WHICH,
    WHO,
    YOU_IT,
)

FARTHEST = 45
"""Words a look-back goes over; it keeps the whole linear whatever the input is."""


class Left(NamedTuple):
    """What stands left of a cue: its subject, where the verb group begins, and whether that denies or is passive."""

    subject: Subject | None
    verb: int
    negated: bool
    passive: bool


_VERB_GROUP = AUXILIARIES | ADVERBS | NEGATIONS | ADVERB
"""What may stand between a subject and its verb."""


def left_of(grammar: Grammar, cue: int) -> Left:
    """The subject left of the cue at *cue*, auxiliaries and adverbs skipped."""
    i, negated, passive, to = cue, False, False, False
    if grammar.is_in(cue, PARTICIPLE_ENDINGS) and _is_participle(grammar, cue):
        return Left(None, cue, negated=grammar.is_in(cue - 1, NEGATIONS), passive=False)
    while i > 0:
        before = grammar.bits[i - 1]
        if before & NOBODY:
            return Left(Subject(i - 1, i, "pronoun"), i, negated=True, passive=False)
        if before & _VERB_GROUP:
            negated = negated or before & NEGATIONS != 0
            passive = passive or (i == cue and before & BE != 0 and not grammar.is_in(cue, PARTICIPLE_ENDINGS))
        elif before & TO and not to:
            to = True
            i = _over_governor(grammar, i - 1)
            negated = negated or grammar.is_in(i, REFUSALS)
            continue
        elif grammar.unit.lows[i - 1] not in {"'s", "n't"}:
            break
        i -= 1
    subject = _before(grammar, i - 1)
    if subject is not None:
        negated = negated or grammar.is_in(subject.first, NO | NOBODY) or grammar.is_in(subject.first - 1, NO | IF)
    negated = negated or (grammar.is_in(cue, REFUSALS) and _is_silent(grammar, cue))
    negated = negated or (grammar.bits[0] & IF != 0 and "," not in grammar.unit.lows[:cue])
    return Left(subject, i, negated, passive)


def _is_silent(grammar: Grammar, cue: int) -> bool:
    """Whether a refusal is one to speak: declined to say."""
    return grammar.is_in(cue + 1, TO) and grammar.is_in(cue + 2, SPEAKING)


def _is_participle(grammar: Grammar, cue: int) -> bool:
    """Whether an -ing form hangs on a main clause: behind a comma, a conjunction or a preposition."""
    i = cue - 1
    while grammar.is_adverb(i) or grammar.is_in(i, NEGATIONS):
        i -= 1
    return i < 0 or grammar.unit.low(i) == "," or grammar.is_in(i, CONJUNCTIONS | PREPOSITIONS) or grammar.is_stop(i)


def _over_governor(grammar: Grammar, to: int) -> int:
    """Left over the verb that governs an infinitive ("declined to say", "went on to say")."""
    i = to
    for _ in range(3):
        if i <= 0 or grammar.is_boundary(i - 1) or grammar.is_name(i - 1) or grammar.is_in(i - 1, PRONOUNS):
            break
        if grammar.is_in(i - 1, AUXILIARIES | ADVERBS):
            break
        if i < to and (grammar.is_in(i, GOVERNOR_ENDINGS) or grammar.is_in(i, GOVERNORS)):
            break
        i -= 1
    return i


def _before(grammar: Grammar, i: int) -> Subject | None:
    """The noun phrase that ends at *i*, or before the appositive that ends there."""
    if i < 0:
        return None
    word = grammar.unit.low(i)
    if word == ",":
        return _before_appositive(grammar, i)
    if word in {")", "]"}:
        return _before(grammar, _opening(grammar, i) - 1)
    if grammar.is_dash(i):
        return _before_dash(grammar, i)
    if grammar.is_in(i, THAT | WHICH) and grammar.is_noun(i - 1):
        return Subject(i, i + 1, "pronoun")
    if grammar.is_in(i, PRONOUNS | WHO):
        return Subject(i, i + 1, "pronoun") if not _object(grammar, i) else None
    if grammar.is_noun(i) or (grammar.is_in(i, DETERMINERS) and grammar.unit.low(i) not in {"the", "a", "an"}):
        subject = noun_phrase(grammar, i)
        if not grammar.is_name(i) and _in_phrase(grammar, subject.first):
            return _before(grammar, subject.first - 2) if subject.first >= 2 else None
        return subject
    return None


def _in_phrase(grammar: Grammar, first: int) -> bool:
    """Whether the noun phrase from *first* stands behind a preposition that begins its clause or an aside in it."""
    return grammar.is_in(first - 1, PREPOSITIONS) and not grammar.is_in(first - 1, CONJUNCTIONS)


def _object(grammar: Grammar, i: int) -> bool:
    """Whether a pronoun is plainly no subject: it stands behind a preposition."""
    return grammar.is_in(i - 1, PREPOSITIONS) and not grammar.is_in(i - 1, CONJUNCTIONS) and grammar.is_in(i, YOU_IT)


def _opening(grammar: Grammar, i: int) -> int:
    for k in range(i - 1, max(-1, i - 20), -1):
        if grammar.unit.low(k) in {"(", "["}:
            return k
    return i


def _before_dash(grammar: Grammar, i: int) -> Subject | None:
    for k in range(i - 1, max(-1, i - FARTHEST), -1):
        if grammar.is_dash(k):
            return _before(grammar, k - 1)
        if grammar.is_stop(k):
            return None
    return None


def _before_appositive(grammar: Grammar, comma: int) -> Subject | None:
    """Over the phrases between commas, leftwards, to one that can be a subject."""
    end, fallback = comma, None
    for k in range(comma - 1, max(-2, comma - FARTHEST), -1):
        if not (k < 0 or _is_comma(grammar, k) or _ends_clause(grammar, k)):
            continue
        subject = _segment_subject(grammar, k + 1, end, outermost=end == comma)
        if subject is not None and subject.how == "name" and _is_place(grammar, k):
            subject = None
        if subject is not None and subject.how != "noun" and not grammar.is_in(subject.first, INDEFINITE):
            return subject
        fallback = subject or fallback
        if k < 0 or grammar.unit.low(k) != ",":
            break
        end = k
    return fallback


def _is_comma(grammar: Grammar, k: int) -> bool:
    """Whether a comma stands at *k* that is no part of a name (Ada Marlow, Jr.)."""
    return grammar.unit.low(k) == "," and not grammar.is_name(k)


def _is_place(grammar: Grammar, comma: int) -> bool:
    """Whether a name behind the comma at *comma* goes with a place before it ("in Columbus, Ohio,")."""
    k = comma - 1
    while k > 0 and grammar.is_name(k):
        k -= 1
    return comma - 4 < k < comma - 1 and grammar.is_in(k, OF_IN)


def _ends_clause(grammar: Grammar, k: int) -> bool:
    word = grammar.unit.low(k)
    return (grammar.is_stop(k) and word not in {")", "(", "."}) or grammar.is_in(k, CLAUSE_WORDS)


def _segment_subject(grammar: Grammar, first: int, end: int, *, outermost: bool) -> Subject | None:
    if first >= end:
        return None
    last = end - 1
    if grammar.unit.low(last) in {")", "]"}:
        last = _opening(grammar, last) - 1
    if last < first or grammar.is_in(first, WHO) or grammar.unit.low(first)[0].isdigit():
        return None
    if grammar.is_in(first, PREPOSITIONS | CLAUSAL):
        return _name_behind(grammar, first, last)
    if outermost and not _is_named_aside(grammar, first, last):
        return None
    if last == first and grammar.is_in(first, PRONOUNS):
        return Subject(first, end, "pronoun")
    if not grammar.is_noun(last):
        return None
    subject = noun_phrase(grammar, last)
    return Subject(max(first, subject.first), subject.last, subject.how)


def _name_behind(grammar: Grammar, first: int, last: int) -> Subject | None:
    """The subject behind a phrase without a comma of its own: On cross-examination Ann Lee, the lawyer, ..."""
    start = last
    while grammar.is_name(last) and grammar.is_name(start - 1):
        start -= 1
    if not grammar.is_name(last) or start - first < 2 or not grammar.is_noun(start - 1):
        return None
    return Subject(start, last + 1, "name")


def _is_named_aside(grammar: Grammar, first: int, last: int) -> bool:
    """Whether the words before the comma of a cue can be more than an aside: a name, with an article at most."""
    if grammar.is_in(first, DEFINITE) and grammar.is_name(last) and not grammar.is_name(first - 2):
        return all(grammar.is_name(k) for k in range(first + 1, last + 1))
    return not (grammar.is_in(first, DETERMINERS) or grammar.unit.words[first].islower())


def first_subject(grammar: Grammar, stop: int) -> Subject | None:
    """The subject of the sentence's first main clause, left of *stop*: for verbs that share it."""
    i = _after_dateline(grammar)
    while i < min(stop, FARTHEST):
        if grammar.is_in(i, PREPOSITIONS | CLAUSAL):
            i = _after_comma(grammar, i, stop)
            continue
        if grammar.is_in(i, PRONOUNS):
            return Subject(i, i + 1, "pronoun", shared=True)
        if grammar.is_noun(i) or grammar.is_in(i, DETERMINERS):
            found = right_of(grammar, i)
            return Subject(found.first, found.last, found.how, shared=True) if found else None
        i += 1
    return None


def _after_dateline(grammar: Grammar) -> int:
    """Past "OSLO (UPI) —" at the head of the sentence."""
    for i in range(1, min(8, len(grammar.unit) - 1)):
        if grammar.is_dash(i) and grammar.unit.words[0][:1].isupper():
            return i + 1
    return 0


def _after_comma(grammar: Grammar, i: int, stop: int) -> int:
    for k in range(i + 1, min(stop, i + FARTHEST)):
        if grammar.unit.low(k) == ",":
            return k + 1
    return stop
