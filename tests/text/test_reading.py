"""A reading gathers all that is known, and tells what stands at an offset."""

from __future__ import annotations

from hypothesis import given, settings

from quotes.text import find_names, find_paragraphs, find_quotations, find_sentences, read
from tests.strategies import articles

unhurried = settings(deadline=None)

TEXT = "Mayor Mara Ruiz left. \"He told me 'run',\" she said.\n\nNobody came."


def test_a_reading_holds_what_each_part_finds() -> None:
    reading = read(TEXT)
    assert reading.text == TEXT
    assert reading.language == "en"
    assert reading.paragraphs == find_paragraphs(TEXT)
    assert reading.quotations == find_quotations(TEXT)
    assert reading.sentences == find_sentences(TEXT, reading.paragraphs, reading.quotations, "en")
    assert reading.roster == find_names(TEXT, reading.sentences, "en") != ()


def test_the_language_may_be_given() -> None:
    assert read(TEXT, "de").language == "de"


def test_an_empty_text_is_read_too() -> None:
    reading = read("")
    assert (reading.paragraphs, reading.sentences, reading.quotations, reading.roster) == ((), (), (), ())
    assert reading.sentence_at(0) == reading.paragraph_at(5) == 0
    assert reading.quotation_at(0) is None


def test_an_offset_leads_to_its_sentence_and_paragraph() -> None:
    reading = read(TEXT)
    assert [reading.sentence_at(TEXT.index(word)) for word in ("Mayor", "told", "Nobody")] == [0, 1, 2]
    assert [reading.paragraph_at(TEXT.index(word)) for word in ("Mayor", "told", "Nobody")] == [0, 0, 1]


def test_an_offset_leads_to_the_innermost_quotation() -> None:
    reading = read(TEXT)
    found = [reading.quotation_at(TEXT.index(word)) for word in ("Mayor", "told", "run", ',"', "she")]
    assert [one.inner.of(TEXT) if one else None for one in found] == [
        None,
        "He told me 'run',",
        "run",
        "He told me 'run',",
        None,
    ]


@unhurried
@given(articles)
def test_reading_twice_is_reading_once(text: str) -> None:
    assert read(text) == read(text)


@unhurried
@given(articles)
def test_the_quotation_at_an_offset_is_the_smallest_around_it(text: str) -> None:
    reading = read(text)
    for offset in range(0, len(text), 7):
        around = [one for one in reading.quotations if one.outer.start <= offset < one.outer.end]
        assert reading.quotation_at(offset) == (around[-1] if around else None)
