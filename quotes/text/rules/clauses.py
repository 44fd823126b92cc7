"""Clauses: where the content a cue governs begins and ends, right of the cue or fronted before it."""

from __future__ import annotations

from typing import NamedTuple

from quotes.text.cues import Frame
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.wordclasses import (
    ADVERB,
    AUXILIARIES,
    BREAKS,
    COLON,
    COMMA,
    COMMA_OPENS,
    DASH,
    DAYS,
    DETERMINERS,
    JOINS,
    LAST_NEXT,
    LEADING,
    LETTERS,
    OBJECTS,
    OF,
    PARTICIPLE_ENDINGS,
    PAUSE,
    PLACES_TIMES,
    PRONOUNS,
    QUOTATION,
    THAT,
    TO,
    WH,
    WH_WHETHER,
)

_CONTENT_OPENERS = COMMA_OPENS | COMMA | COLON | DASH | QUOTATION | THAT | TO | WH
"""What can stand before content or begin it so that more than its words tell what it is."""

_ADVERBIALS = DAYS | ADVERB | LAST_NEXT | PLACES_TIMES
_END_MARKS = frozenset({".", "!", ";", ":", ",", "…"})


class Complement(NamedTuple):
    """What follows a cue: its content would begin at *start*, in *frame*; *colon* where punctuation opens it."""

    start: int
    frame: Frame
    colon: bool


def complement_of(grammar: Grammar, last: int) -> Complement:
    """The complement of the cue that ends before *last*: where and when it was said are passed over."""
    direct = _complement_at(grammar, last)
    if direct.frame not in {"plain", "end"} or direct.colon:
        return direct
    i = last
    for _ in range(6):
        passed = _over_adverbial(grammar, i)
        if passed == i:
            break
        i = passed
    if grammar.is_in(i, COMMA) and not grammar.is_in(i + 1, QUOTATION):
        i = _over_aside(grammar, i)
    found = direct if i == last else _complement_at(grammar, i)
    if grammar.unit.seen & COMMA_OPENS and found.frame in {"plain", "end"}:
        found = _behind_comma(grammar, i) or found
    if i > last and found.frame == "plain" and not found.colon and not _begins_clause(grammar, i):
        return direct
    return found


def _behind_comma(grammar: Grammar, start: int) -> Complement | None:
    """Where commas open clauses: the complement behind the first one, whatever was told to whom before it."""
    for i in range(start, min(start + 12, len(grammar.unit) - 1)):
        if grammar.unit.low(i) == ",":
            found = _complement_at(grammar, i)
            return found if found.frame in {"that", "wh"} else None
        if grammar.is_stop(i):
            return None
    return None


def _over_aside(grammar: Grammar, comma: int) -> int:
    """Past ", in a letter," where "that" or a quotation follows; else *comma*."""
    after = _over_adverbial(grammar, comma + 1)
    closed = after > comma + 1 and grammar.unit.low(after) == ","
    return after + 1 if closed and (grammar.is_in(after + 1, THAT) or grammar.unit.is_quote(after + 1)) else comma


def _begins_clause(grammar: Grammar, i: int) -> bool:
    return grammar.is_in(i, PRONOUNS | DETERMINERS) or grammar.is_name(i)


def _complement_at(grammar: Grammar, i: int) -> Complement:
    if grammar.is_in(i, COMMA_OPENS) and not grammar.is_in(i + 1, QUOTATION) and i + 1 < grammar.end:
        i += 1
    if grammar.is_in(i, COMMA) and grammar.is_in(i + 1, THAT | WH_WHETHER):
        i += 1
    bits = grammar.at(i)
    if bits & _CONTENT_OPENERS:
        if bits & QUOTATION:
            return Complement(i, "quote", False)
        if bits & (COMMA | COLON | DASH) and grammar.is_in(i + 1, QUOTATION):
            return Complement(i + 1, "quote", True)
        if bits & COLON and i + 1 < grammar.end:
            return Complement(i + 1, "plain", True)
        for opener, frame in _OPENED_FRAMES:
            if bits & opener:
                return Complement(i, frame, False)
    plain = bits & LETTERS or (i < grammar.end and grammar.unit.lows[i][0] in "$£€@#[(")
    return Complement(i, "plain" if plain else "end", False)


_OPENED_FRAMES: tuple[tuple[int, Frame], ...] = ((THAT, "that"), (TO, "to"), (WH, "wh"))


def _over_adverbial(grammar: Grammar, i: int) -> int:
    """Past one adverb, weekday or prepositional phrase at *i*; *i* itself where none stands."""
    bits = grammar.at(i)
    if not bits & _ADVERBIALS:
        return i
    if bits & DAYS or (bits & ADVERB and not bits & PRONOUNS):
        return i + 1
    if bits & LAST_NEXT and grammar.is_noun(i + 1):
        return i + 2
    if not bits & PLACES_TIMES:
        return i
    k = i + 1
    while grammar.is_in(k, DETERMINERS):
        k += 1
    begun = k
    while grammar.is_open(k) or grammar.is_in(k, DAYS | OF):
        k += 1
        while grammar.is_in(k - 1, OF) and grammar.is_in(k, DETERMINERS):
            k += 1
    return k if k > begun else i


def over_recipient(grammar: Grammar, i: int) -> int:
    """Past the person told at *i* ("told reporters that"); *i* itself where none is seen.

    What "that" opens ("warned that costs would rise") is no person, nor is what an auxiliary follows ("warned costs
    would rise").
    """
    if grammar.is_in(i, THAT):
        return i
    if grammar.is_in(i, OBJECTS):
        return i + 1
    k = i
    while grammar.is_in(k, DETERMINERS):
        k += 1
    begun = k
    while grammar.is_noun(k) and k - i < 10:
        k += 1
        if grammar.unit.low(k) in {"of", "for", "'s"} and grammar.is_noun(k + 1):
            k += 1
    return k if k > begun and not grammar.is_in(k, AUXILIARIES) else i


def clause_end(
    grammar: Grammar, start: int, cue_starts: frozenset[int], *, short: bool = False, whole: bool = False
) -> int:
    """Past the last word of the content that begins at *start*, end punctuation excluded.

    *cue_starts* are the places where the subject or verb group of another cue begins: a comma, a dash, "and" or "but"
    before one ends the content. *short* content, of a subordinate or relative clause, ends at its first comma,
    *whole* content with the sentence.
    """
    unit, lows, bits = grammar.unit, grammar.unit.lows, grammar.bits
    end = len(lows)
    while end > start and lows[end - 1] in _END_MARKS:
        end -= 1
    if whole:
        return next((i for i in range(start, end) if lows[i] == ";"), end)
    quotes = [i for i in unit.quoted if start <= i < end]
    depth = 0
    for i in range(start + 1, end):
        if not bits[i] & PAUSE:
            continue
        word = lows[i]
        depth += (word == "(") - (word == ")")
        if depth < 0 or word == ";":
            return i
        if not depth and _is_border(grammar, i, cue_starts):
            return i
        comma_inside = unit.ends_with(i, ",") and i + 1 < end and lows[i + 1] != ","
        if not depth and (word == "," or comma_inside) and (short or _closes(grammar, i + 1, cue_starts, quotes)):
            return i + 1 if comma_inside else i
    return end


def _is_border(grammar: Grammar, i: int, cue_starts: frozenset[int]) -> bool:
    """Whether a dash, "and" or "but" at *i* stands before another cue."""
    if i + 1 not in cue_starts:
        return False
    if grammar.is_dash(i):
        return True
    before = grammar.unit.low(i - 1)
    return grammar.is_in(i, JOINS) and before != "," and not grammar.is_in(i - 1, PRONOUNS)


def _closes(grammar: Grammar, after: int, cue_starts: frozenset[int], quotes: list[int]) -> bool:
    """Whether content is over at the comma before *after*; *quotes* are the places of the quotations it could hold.

    Counted on annotated news: of the commas inside or at the end of indirect content, those before these words
    end it more often than not; while a quotation is still to come, only another cue does.
    """
    if after in cue_starts or (grammar.is_in(after, JOINS | BREAKS) and after + 1 in cue_starts):
        return True
    if quotes and quotes[-1] >= after:
        return False
    if grammar.is_in(after + 1, THAT) and grammar.lexicon.has("comma_opens", ","):
        return False
    return grammar.is_in(after, BREAKS | JOINS) or (not quotes and grammar.is_in(after, PARTICIPLE_ENDINGS))


def _is_hard(grammar: Grammar, stop: int, end: int) -> bool:
    """Whether what stands before *end* begins behind the *stop*: behind a dash only where it is far off."""
    return grammar.unit.lows[stop] in {";", ":"} or (grammar.is_dash(stop) and end - stop > 61)


def fronted_start(grammar: Grammar, end: int) -> int:
    """Where content that stands before the subject begins: behind the last hard stop left of *end*."""
    i = end
    while i > 0 and not (grammar.is_stop(i - 1) and _is_hard(grammar, i - 1, end)):
        i -= 1
    while i < end and (grammar.unit.low(i) == "," or grammar.is_in(i, LEADING)):
        i += 1
    return i
