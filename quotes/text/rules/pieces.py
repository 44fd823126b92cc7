"""Pieces: which words around a cue can be content: quotations beside it, and what stands in front."""

from __future__ import annotations

from quotes.text.rules.case import Case
from quotes.text.rules.clauses import fronted_start
from quotes.text.rules.phrases import Subject
from quotes.text.rules.wordclasses import (
    ADVERBS,
    AUXILIARIES,
    DAYS,
    DETERMINERS,
    JOINS,
    OF_IN,
    PREPOSITIONS,
    WHICH,
    WHO,
)


def is_aside(case: Case, i: int) -> bool:
    """Whether nothing but asides can follow at *i*: the words before it were a subject, no object."""
    if i >= len(case.unit) or case.unit.low(i) in {",", ".", "—", "–", "-", "("}:
        return True
    if not case.grammar.is_in(i, PREPOSITIONS | WHO | DAYS):
        return False
    return case.grammar.is_in(i, WHO) or not has_verb(case, i, comma_after(case, i))


def is_adverbial(case: Case, first: int, last: int) -> bool:
    """Whether the words only tell where or when: In an interview, ..."""
    opens = case.grammar.is_in(first, PREPOSITIONS | DAYS | ADVERBS) or case.grammar.is_adverb(first)
    return opens and not has_verb(case, first, last)


def has_verb(case: Case, first: int, last: int) -> bool:
    """Whether a verb that can be told by its form stands in the words from *first* to *last*."""
    return any(case.grammar.is_in(i, AUXILIARIES) or case.grammar.is_cue(i) for i in range(first, last))


def quote_ending_at(case: Case, i: int) -> int | None:
    """The quotation that ends right before *i*, a comma or dash between them passed over."""
    if case.unit.is_quote(i - 1):
        return i - 1
    if case.unit.low(i - 1) in {",", "—", "–", "-", "--", ".", "as"} and case.unit.is_quote(i - 2):
        return i - 2
    return None


def quote_before_title(case: Case, i: int) -> int | None:
    """The quotation before *i* where only a title and a comma stand between: “No,” the officer, Ann Lee, ..."""
    if case.unit.low(i - 1) != ",":
        return None
    for k in range(i - 2, max(-1, i - 14), -1):
        if case.unit.is_quote(k):
            return k if is_closed(case, k) and not has_verb(case, k + 1, i) else None
        if case.unit.low(k) in {",", ";"} and not case.unit.is_quote(k - 1):
            return None
    return None


def is_closed(case: Case, quote: int) -> bool:
    """Whether the quotation at *quote* ends as one does whose cue follows: with a comma, or with "?" and its like."""
    return case.unit.low(quote + 1) in {",", "—", "–", "--"} or case.unit.ends_with(quote, ",?!…—-–")


def quotes_around(case: Case, quote: int, after: int) -> tuple[tuple[int, int], ...]:
    """The quotation at *quote* with what belongs to it before, and the quotations that follow at *after*."""
    start = quote
    if not case.unit.only_quotes():
        start = fronted_start(case.grammar, quote)
        aside = case.unit.low(quote - 1) == "," and is_adverbial(case, start, quote)
        if aside or any(i in case.starts for i in range(start, quote)):
            start = quote
    while start < quote and case.unit.is_quote(start) is False and not case.unit.lows[start][0].isalnum():
        start += 1
    pieces = [(start, quote + 1)]
    for i in range(after, len(case.unit)):
        if case.unit.is_quote(i) and not case.unit.lows[i - 1][0].isalnum():
            pieces.append((i, i + 1))
        elif i in case.starts:
            break
    return tuple(pieces)


def quotes_from(case: Case, start: int) -> tuple[tuple[int, int], ...]:
    """The quotation at *start* and those that follow it with at most a comma or "and" between."""
    pieces = [(start, start + 1)]
    i = start + 1
    while i < len(case.unit):
        if case.unit.is_quote(i):
            pieces.append((i, i + 1))
        elif case.unit.low(i) not in {",", "…", ".", "..."} and not case.grammar.is_in(i, JOINS):
            break
        i += 1
    return tuple(pieces)


def fronted_piece(case: Case, end: int) -> tuple[int, int] | None:
    """The words from the start of the sentence, or of its last part, up to *end*: content before its cue."""
    start = fronted_start(case.grammar, end)
    while end > start and case.unit.low(end - 1) == ",":
        end -= 1
    return (start, end) if end - start >= 2 or (end > start and case.unit.is_quote(start)) else None


def comma_after(case: Case, start: int) -> int:
    """The place of the first comma or semicolon from *start* on, or the length of the unit."""
    for i in range(start, len(case.unit)):
        if case.unit.low(i) in {",", ";"}:
            return i
    return len(case.unit)


def is_quotation(case: Case, piece: tuple[int, int]) -> bool:
    """Whether the piece is a quotation alone: what follows its cue is then no part of it."""
    return case.unit.is_quote(piece[1] - 1) and case.unit.is_quote(piece[0])


def is_subject_with_aside(case: Case, piece: tuple[int, int], right: Subject) -> bool:
    """Whether the words before the cue are no content but its subject: Mara Ruiz, the mayor, said the plan stands.

    So they are where a name stands between their start or a comma and a comma, and where a noun phrase begins them
    and a comma ends it, unless a name stands right of the cue: The bridge fell, a total loss, said Ruiz.
    """
    subject, unit = case.left.subject, case.unit
    if subject is None or unit.low(subject.last) != "," or has_verb(case, piece[0], _relative_clause(case, piece)):
        return False
    if all(case.grammar.is_name(i) or case.grammar.is_in(i, OF_IN) for i in range(subject.first, subject.last)):
        return subject.first == piece[0] or unit.low(subject.first - 1) == ","
    return right.how == "noun" and subject.first == piece[0] and case.grammar.is_in(subject.first, DETERMINERS)


def _relative_clause(case: Case, piece: tuple[int, int]) -> int:
    """Where the relative clause begins that *piece* ends with; the end of *piece* for none."""
    for i in range(piece[1] - 1, piece[0], -1):
        if case.unit.low(i) == ",":
            break
        if case.grammar.is_in(i, WHO | WHICH):
            return i
    return piece[1]
