"""The values: spans that count code points, and what an article and an extraction say of themselves."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.model import NOBODY, Article, Extraction, Quote, Span, merged

spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: Span(min(ends), max(ends) + 1))


def test_a_span_is_half_open() -> None:
    assert Span(1, 3).of("abcd") == "bc"


def test_a_span_counts_code_points_and_not_bytes_or_utf16_units() -> None:
    assert Span(2, 4).of("🎉é無x") == "無x"


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not Span(0, 3).overlaps(Span(3, 5))


@given(spans, spans)
def test_spans_overlap_exactly_where_they_share_a_place(one: Span, other: Span) -> None:
    assert one.overlaps(other) == bool(set(range(*one)) & set(range(*other)))


@given(spans, spans)
def test_a_span_covers_another_exactly_where_it_holds_all_its_places(one: Span, other: Span) -> None:
    assert one.covers(other) == (set(range(*other)) <= set(range(*one)))


@given(st.lists(spans))
def test_merged_spans_hold_the_same_places_in_order_and_without_overlap(pieces: list[Span]) -> None:
    result = merged(pieces)
    places = [place for piece in result for place in range(*piece)]
    assert places == sorted({place for piece in pieces for place in range(*piece)})


def test_the_hash_of_an_article_is_that_of_its_text_in_utf8() -> None:
    assert Article("a", "naïve").sha256 == hashlib.sha256("naïve".encode()).hexdigest()


def test_an_article_with_half_a_surrogate_pair_still_has_a_hash() -> None:
    assert Article("a", "\ud83d").sha256 != Article("a", "?").sha256


def test_articles_and_extractions_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Article("a", "text").text = "other"  # type: ignore[misc]


def test_the_words_of_a_quote_join_its_pieces() -> None:
    text = "“We tried,” Oduya said, “and we failed.”"
    quote = Quote("direct", (Span(1, 10), Span(25, 39)), (Span(18, 22),), NOBODY, "high", ("rules",))
    assert Extraction(Article("a", text), "complete", (quote,)).quote_text(quote) == "We tried, … and we failed."
