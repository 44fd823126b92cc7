"""Covering: a quotation belongs to the piece that lies in it, not in one within it."""

from __future__ import annotations

from quotes.model import Span
from quotes.text import Covered, find_quotations

TEXT = "“He told me ‘run’ and I ran,” Vega said. “Go.”"


def span_of(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def test_a_piece_owns_the_innermost_quotation_around_it() -> None:
    outer, inner, last = find_quotations(TEXT)
    covered = Covered([span_of("run"), span_of("Vega")], (outer, inner, last))
    assert covered.origins == {inner.index, None}
    assert (covered.overlaps(outer), covered.overlaps(inner), covered.overlaps(last)) == (True, True, False)


def test_what_begins_before_a_quotation_and_goes_on_into_it_reaches_over_it() -> None:
    quotations = find_quotations(TEXT)
    covered = Covered([span_of("said. “Go")], quotations)
    assert [covered.reaches_over(quotation) for quotation in quotations] == [False, False, True]


def test_nothing_covers_nothing() -> None:
    quotations = find_quotations(TEXT)
    covered = Covered([], quotations)
    assert not any(covered.overlaps(quotation) or covered.reaches_over(quotation) for quotation in quotations)
