"""The values: spans that count code points, and what an article and an extraction say of themselves."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.model import NOBODY, Article, Extraction, Quote, Span, Speaker, Words, merged

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


# A quote knows its words

TEXT = "“We tried,” Oduya said, “and we failed.”"
ODUYA = Speaker((Span(12, 17),), "Oduya", Span(12, 17), "person")
TRIED = Quote("direct", (Span(1, 10), Span(25, 39)), (Span(18, 22),), ODUYA, "high", ("rules",))
MUTE = Quote("indirect", (Span(1, 3),), (), NOBODY, "low", ("model",))


def words(quote: Quote) -> tuple[str, str, str]:
    return quote.text, quote.cue_text, quote.speaker_text


def test_a_quote_of_an_extraction_knows_its_words() -> None:
    extraction = Extraction(Article("a", TEXT), "complete", (TRIED, MUTE))
    assert words(extraction.quotes[0]) == ("We tried, … and we failed.", "said", "Oduya")
    assert words(extraction.quotes[1]) == ("We", "", "")


def test_a_quote_of_none_has_no_words_yet() -> None:
    assert words(MUTE) == ("", "", "")


def test_its_text_is_no_part_of_what_a_quote_is() -> None:
    bound = Extraction(Article("a", TEXT), "complete", (TRIED,)).quotes[0]
    assert bound == TRIED
    assert hash(bound) == hash(TRIED)
    assert repr(bound) == repr(TRIED)
    assert TEXT not in repr(bound)


def test_its_words_follow_its_spans_and_its_article() -> None:
    extraction = Extraction(Article("a", TEXT), "complete", (TRIED,))
    shorter = dataclasses.replace(extraction.quotes[0], content=(Span(1, 10),))
    assert shorter.text == "We tried,"
    louder = dataclasses.replace(extraction, article=Article("a", TEXT.upper()))
    assert louder.quotes[0].text == "WE TRIED, … AND WE FAILED."
    assert extraction.quotes[0].text == "We tried, … and we failed."


def test_a_pickle_holds_the_text_once_and_gives_the_words_back() -> None:
    text = TEXT + " So it was." * 1000
    pickled = pickle.dumps(Extraction(Article("a", text), "complete", (TRIED, MUTE, TRIED)))
    assert len(pickled) < 2 * len(text)
    back = pickle.loads(pickled)
    assert [quote.text for quote in back.quotes] == ["We tried, … and we failed.", "We", "We tried, … and we failed."]
    assert all(quote.within is back.article.text for quote in back.quotes)


def test_without_a_text_the_words_of_the_record_remain() -> None:
    told = dataclasses.replace(TRIED, within=Words("We tried, … and we failed.", "said", "Oduya"))
    extraction = Extraction(Article("a", ""), "complete", (told,))
    assert words(extraction.quotes[0]) == ("We tried, … and we failed.", "said", "Oduya")
    assert extraction.quote_text(extraction.quotes[0]) == "We tried, … and we failed."
    given = dataclasses.replace(extraction, article=Article("a", TEXT.upper()))
    assert words(given.quotes[0]) == ("WE TRIED, … AND WE FAILED.", "SAID", "ODUYA")


def test_a_quote_prints_as_a_line_and_an_extraction_as_a_list() -> None:
    extraction = Extraction(Article("a", TEXT), "partial", (TRIED, MUTE))
    assert str(extraction.quotes[0]) == "“We tried, … and we failed.” – Oduya"
    assert str(extraction).splitlines() == [
        "a: partial, 2 quotes",
        "  1. Oduya: “We tried, … and we failed.” (direct, high)",
        "  2. –: “We” (indirect, low)",
    ]
