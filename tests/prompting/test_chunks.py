"""Chunks: budgets, borders, context and the ways to make them smaller."""

from __future__ import annotations

from quotes.prompting import cut_chunks, estimate_tokens
from quotes.text import read

PARAGRAPH = "The harbour was quiet that morning. Nobody had seen the ferry leave. It came back at noon."
ARTICLE = "\n\n".join([PARAGRAPH] * 6)


def test_a_short_article_is_one_chunk_without_context() -> None:
    (chunk,) = cut_chunks(read(PARAGRAPH), chunk_tokens=500, context_tokens=100)
    assert chunk.span.of(PARAGRAPH) == PARAGRAPH
    assert (chunk.before, chunk.after) == ((), ())


def test_an_empty_article_has_no_chunk() -> None:
    assert cut_chunks(read(" \n\n "), chunk_tokens=500, context_tokens=100) == ()


def test_chunks_are_cut_at_paragraph_borders_within_the_budget() -> None:
    budget = 2 * estimate_tokens(PARAGRAPH) + 5
    chunks = cut_chunks(read(ARTICLE), chunk_tokens=budget, context_tokens=0)
    assert [chunk.span.of(ARTICLE) for chunk in chunks] == ["\n\n".join([PARAGRAPH] * 2)] * 3


def test_context_is_the_nearest_sentences_of_the_neighbours() -> None:
    budget = estimate_tokens(PARAGRAPH) + 5
    chunks = cut_chunks(read(ARTICLE), chunk_tokens=budget, context_tokens=12)
    assert [unit.of(ARTICLE) for unit in chunks[1].before] == ["It came back at noon."]
    assert chunks[1].before[0].end <= chunks[1].span.start
    assert chunks[0].before == ()


def test_a_sentence_over_the_budget_is_cut_at_white_space() -> None:
    text = "word " * 400 + "end"
    chunks = cut_chunks(read(text), chunk_tokens=50, context_tokens=0)
    assert len(chunks) > 5
    for chunk in chunks:
        assert estimate_tokens(chunk.span.of(text)) <= 51
        assert not text[chunk.span.start].isspace()


def test_a_word_without_any_white_space_is_cut_all_the_same() -> None:
    text = "x" * 5000
    chunks = cut_chunks(read(text), chunk_tokens=100, context_tokens=0)
    assert "".join(chunk.span.of(text) for chunk in chunks) == text


def test_halves_share_the_units_and_show_each_other_as_context() -> None:
    (chunk,) = cut_chunks(read(ARTICLE), chunk_tokens=5000, context_tokens=0)
    halves = chunk.halves()
    assert halves is not None
    head, tail = halves
    assert head.units + tail.units == chunk.units
    assert head.after == tail.units[:3]
    assert tail.before == head.units[-5:]
    assert tail.units[0].start in {paragraph.start for paragraph in read(ARTICLE).paragraphs}


def test_one_unit_has_no_halves() -> None:
    (chunk,) = cut_chunks(read("Nobody came."), chunk_tokens=500, context_tokens=0)
    assert chunk.halves() is None


def test_narrowing_keeps_the_units_asked_about_and_their_neighbours() -> None:
    (chunk,) = cut_chunks(read(ARTICLE), chunk_tokens=5000, context_tokens=0)
    narrow = chunk.narrowed((chunk.units[7],))
    assert narrow.units == chunk.units[6:9]


def test_half_a_million_words_in_one_line_are_cut_in_linear_time() -> None:
    text = "word " * 500_000
    chunks = cut_chunks(read(text), chunk_tokens=1200, context_tokens=200)
    assert sum(chunk.span.end - chunk.span.start for chunk in chunks) > 0.99 * len(text)
