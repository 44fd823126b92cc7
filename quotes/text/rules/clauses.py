"""Clauses: where the content a cue governs begins and ends, right of the cue or fronted before it."""

from __future__ import annotations

from dataclasses import dataclass

from quotes.text.cues import Frame
from quotes.text.rules.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Complement:
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
    if grammar.unit.low(i) == "," and not grammar.unit.is_quote(i + 1):
        i = _over_aside(grammar, i)
    found = _complement_at(grammar, i)
    if grammar.lexicon.has("comma_opens", ",") and found.frame in {"plain", "end"}:
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
    return after + 1 if closed and (grammar.is_in(after + 1, "that") or grammar.unit.is_quote(after + 1)) else comma


def _begins_clause(grammar: Grammar, i: int) -> bool:
    return grammar.is_in(i, "pronouns", "determiners") or grammar.is_name(i)


def _complement_at(grammar: Grammar, i: int) -> Complement:
    unit = grammar.unit
    if grammar.is_in(i, "comma_opens") and not unit.is_quote(i + 1) and i + 1 < len(unit):
        i += 1
    if unit.low(i) == "," and grammar.is_in(i + 1, "that", "wh_whether"):
        i += 1
    if unit.is_quote(i):
        return Complement(i, "quote", colon=False)
    if unit.low(i) in {",", ":", "—", "–", "-", "--"} and unit.is_quote(i + 1):
        return Complement(i + 1, "quote", colon=True)
    if unit.low(i) == ":" and i + 1 < len(unit):
        return Complement(i + 1, "plain", colon=True)
    if grammar.is_in(i, "that"):
        return Complement(i, "that", colon=False)
    if grammar.is_in(i, "to"):
        return Complement(i, "to", colon=False)
    if grammar.is_in(i, "wh"):
        return Complement(i, "wh", colon=False)
    if i >= len(unit) or not (unit.lows[i][0].isalnum() or unit.lows[i][0] in "$£€@#[("):
        return Complement(i, "end", colon=False)
    return Complement(i, "plain", colon=False)


def _over_adverbial(grammar: Grammar, i: int) -> int:
    """Past one adverb, weekday or prepositional phrase at *i*; *i* itself where none stands."""
    if grammar.is_in(i, "days") or (grammar.is_adverb(i) and not grammar.is_in(i, "pronouns")):
        return i + 1
    if grammar.is_in(i, "last_next") and grammar.is_noun(i + 1):
        return i + 2
    if not grammar.is_in(i, "places_times"):
        return i
    k = i + 1
    while grammar.is_in(k, "determiners"):
        k += 1
    begun = k
    while grammar.is_open(k) or grammar.is_in(k, "days", "of"):
        k += 1
        while grammar.is_in(k - 1, "of") and grammar.is_in(k, "determiners"):
            k += 1
    return k if k > begun else i


def over_recipient(grammar: Grammar, i: int) -> int:
    """Past the person told at *i* ("told reporters that"); *i* itself where none is seen.

    What "that" opens ("warned that costs would rise") is no person, nor is what an auxiliary follows ("warned costs
    would rise").
    """
    if grammar.is_in(i, "that"):
        return i
    if grammar.is_in(i, "objects"):
        return i + 1
    k = i
    while grammar.is_in(k, "determiners"):
        k += 1
    begun = k
    while grammar.is_noun(k) and k - i < 10:
        k += 1
        if grammar.unit.low(k) in {"of", "for", "'s"} and grammar.is_noun(k + 1):
            k += 1
    return k if k > begun and not grammar.is_in(k, "auxiliaries") else i


def clause_end(
    grammar: Grammar, start: int, cue_starts: frozenset[int], *, short: bool = False, whole: bool = False
) -> int:
    """Past the last word of the content that begins at *start*, end punctuation excluded.

    *cue_starts* are the places where the subject or verb group of another cue begins: a comma, a dash, "and" or "but"
    before one ends the content. *short* content, of a subordinate or relative clause, ends at its first comma,
    *whole* content with the sentence.
    """
    unit = grammar.unit
    end = len(unit)
    while end > start and not unit.is_quote(end - 1) and unit.low(end - 1) in {".", "!", ";", ":", ",", "…"}:
        end -= 1
    if whole:
        return next((i for i in range(start, end) if unit.low(i) == ";"), end)
    quotes = [i for i in range(start, end) if unit.is_quote(i)]
    depth = 0
    for i in range(start + 1, end):
        word = unit.low(i)
        depth += (word == "(") - (word == ")")
        if depth < 0 or word == ";":
            return i
        if not depth and _is_border(grammar, i, cue_starts):
            return i
        comma_inside = unit.ends_with(i, ",") and i + 1 < end and unit.low(i + 1) != ","
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
    return grammar.is_in(i, "joins") and before != "," and not grammar.is_in(i - 1, "pronouns")


def _closes(grammar: Grammar, after: int, cue_starts: frozenset[int], quotes: list[int]) -> bool:
    """Whether content is over at the comma before *after*; *quotes* are the places of the quotations it could hold.

    Counted on annotated news: of the commas inside or at the end of indirect content, those before these words
    end it more often than not; while a quotation is still to come, only another cue does.
    """
    if after in cue_starts or (grammar.is_in(after, "joins", "breaks") and after + 1 in cue_starts):
        return True
    if quotes and quotes[-1] >= after:
        return False
    if grammar.is_in(after + 1, "that") and grammar.lexicon.has("comma_opens", ","):
        return False
    return grammar.is_in(after, "breaks", "joins") or (not quotes and grammar.ends_like(after, "participle_endings"))


def fronted_start(grammar: Grammar, end: int) -> int:
    """Where content that stands before the subject begins: behind the last hard stop left of *end*."""
    i = end
    while i > 0 and not (grammar.unit.low(i - 1) in {";", ":"} or (grammar.is_dash(i - 1) and end - i > 60)):
        i -= 1
    while i < end and (grammar.unit.low(i) == "," or grammar.is_in(i, "leading")):
        i += 1
    return i
