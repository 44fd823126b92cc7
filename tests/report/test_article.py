"""An article of a page: every character once and in place, hostile words as words, and nothing lost of a record."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from quotes.formats.terminal import visible
from quotes.model import Quote, Span, Speaker
from quotes.report.article import article_html
from quotes.report.document import report_body
from tests.formats.samples import TEXT, sample
from tests.report.reading_pages import Element, elements_of
from tests.report.records import HOSTILE, records, stored, stored_of

_OURS = """
a article b bdi blockquote button code dd desc details dialog div dl dt figcaption figure form g h1 h2 h3 header i input
kbd label li main nav ol option p rect search section select span strong summary svg table tbody td text th thead title
tr ul
"""
TAGS = set(_OURS.split())


def shown_text(html: str) -> list[Element]:
    return [element for element in elements_of(html) if "data-s" in element.attributes]


@given(records())
def test_every_character_is_shown_once_in_order_and_in_spans_that_say_where_they_begin(
    case: tuple[dict[str, Any], str],
) -> None:
    value, text = case
    spans = shown_text(article_html(stored(value), text, 1))
    starts = [int(span.attributes["data-s"] or "") for span in spans]
    assert starts == sorted(set(starts))
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)] if starts else []
    assert "".join(pieces) == text
    assert [span.text for span in spans] == [visible(piece) for piece in pieces]
    # Within a span an offset is its start and the code points before it: but at the end nothing is two for one.
    assert all(
        len(span.text) == len(piece) or piece.endswith("\r\n") for span, piece in zip(spans, pieces, strict=True)
    )
    assert all(piece.count("\r\n") <= 1 for piece in pieces)


@given(records())
@settings(max_examples=60)
def test_no_record_brings_an_element_an_attribute_or_an_address_of_its_own(case: tuple[dict[str, Any], str]) -> None:
    value, text = case
    for element in elements_of(report_body([(stored(value), text), (stored(value), None)], title=value["id"])):
        assert element.tag in TAGS
        assert not any(name.startswith("on") or name == "style" for name in element.attributes)
        if "href" in element.attributes:
            assert (element.attributes["href"] or "").startswith("#")
        if "id" in element.attributes:
            assert (element.attributes["id"] or "").replace("-", "").isalnum()


@given(records())
@settings(max_examples=60)
def test_quotes_are_marked_where_their_spans_are_and_nowhere_else(case: tuple[dict[str, Any], str]) -> None:
    value, text = case
    wanted: dict[int, set[tuple[str, int]]] = {place: set() for place in range(len(text))}
    for number, quote in enumerate(value["quotes"], start=1):
        for name, role in (("content", "content"), ("cue", "cue"), ("speaker", "mention")):
            for start, end in quote[name]:
                if end <= len(text):
                    for place in range(start, end):
                        wanted[place].add((role, number))
    for span in shown_text(article_html(stored(value), text, 1)):
        here = wanted[int(span.attributes["data-s"] or "")]
        assert {role for role, _ in here} == set(span.classes) & {"content", "cue", "mention"}
        assert {number for _, number in here} <= {int(each) for each in (span.attributes.get("data-q") or "").split()}


def test_a_card_says_words_speaker_and_how_they_were_found() -> None:
    elements = elements_of(article_html(stored_of(sample()), TEXT, 3))
    card = next(element for element in elements if element.attributes.get("id") == "q-3-1")
    assert card.attributes["data-speaker"] == "mara oduya"
    assert (card.attributes["data-type"], card.attributes["data-confidence"]) == ("direct", "high")
    for words in ("We tried, … and we failed.", "Mara Oduya", "direct", "person", "high confidence", "by rules"):
        assert words in card.text


def test_a_speaker_who_is_printed_otherwise_here_is_told_so_and_one_without_a_name_too() -> None:
    extraction = sample()
    start = TEXT.index("She sang")
    she = (Span(start, start + 3),)
    oduya = extraction.quotes[0].speaker
    quotes = [
        Quote("indirect", (Span(start, start + 8),), (), speaker, "low", ("model",))
        for speaker in (Speaker(she, oduya.name, oduya.name_span, "person"), Speaker(she), Speaker())
    ]
    from dataclasses import replace

    html = article_html(stored_of(replace(extraction, quotes=tuple(quotes))), TEXT, 1)
    who = [element.text for element in elements_of(html) if element.classes == ["who"]]
    assert who == ["Mara Oduya here “She”", "She not named", "No speaker printed"]


def test_what_was_left_out_stands_there_with_its_reasons() -> None:
    rest = next(
        element for element in elements_of(article_html(stored_of(sample()), TEXT, 1)) if "rest" in element.classes
    )
    assert "Left out: 1 error · 1 unresolved · 1 skipped · 1 rejected" in rest.text
    for words in ("connection: no answer came", "“Tide”", "no answer", "“free”", '{"cue": "sang"}', "no such sentence"):
        assert words in rest.text


def test_a_record_without_text_shows_its_quotes_and_says_so() -> None:
    html = article_html(stored_of(sample(), with_text=False), None, 1)
    assert shown_text(html) == []
    texts = [element.text for element in elements_of(html)]
    assert any(text.startswith("This record is without the article’s text") for text in texts)
    assert any("We tried, … and we failed." in text for text in texts)


def test_metadata_stand_in_the_header_and_only_web_addresses_are_links() -> None:
    value = dict(stored_of(sample()).value)
    value["metadata"] = {
        "Title": "A bus, free",
        "url": "https://news.example/bus?a=1&b=2",
        "source": "javascript:alert(1)",
        "tags": ["bus", "song"],
        "author": "Ida Krell",
        "empty": "",
        "lang": "en-GB",
    }
    elements = elements_of(article_html(stored(value), TEXT, 1))
    assert next(element for element in elements if element.tag == "h2").text == "A bus, free"
    links = [e.attributes for e in elements if e.tag == "a" and not (e.attributes["href"] or "").startswith("#")]
    assert links == [{"href": "https://news.example/bus?a=1&b=2", "rel": "noreferrer noopener"}]
    terms = [element.text for element in elements if element.tag == "dt"]
    assert terms == ["url", "source", "tags", "author", "lang"]
    assert any(element.text == "javascript:alert(1)" for element in elements if element.tag == "dd")
    assert next(element for element in elements if "text" in element.classes).attributes["lang"] == "en-GB"


def test_speakers_of_one_article_have_colours_of_their_own_as_far_as_there_are_any() -> None:
    from dataclasses import replace

    extraction = sample()
    names = [*(f"Speaker {number}" for number in range(32)), "speaker 0"]
    quotes = tuple(replace(extraction.quotes[0], speaker=Speaker((), name, None, "person")) for name in names)
    value = dict(stored_of(extraction).value)
    value["quotes"] = [dict(stored_of(replace(extraction, quotes=(quote,))).value["quotes"][0]) for quote in quotes]
    cards = [e for e in elements_of(article_html(stored(value), TEXT, 1)) if "data-slot" in e.attributes]
    slots = [int(card.attributes["data-slot"] or "") for card in cards]
    assert slots == [*range(1, 31), 1, 2, 1]


def test_hostile_words_are_shown_as_they_are() -> None:
    value = dict(stored_of(sample()).value)
    for words in HOSTILE[:6]:
        value["id"] = words
        elements = elements_of(article_html(stored(value), TEXT, 1))
        assert elements[0].attributes["data-id"] == words
        assert next(element for element in elements if element.tag == "h2").text == words
