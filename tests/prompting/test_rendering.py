"""How a chunk is shown: marks, numbers and escapes that no text of an article can forge."""

from __future__ import annotations

import re

from hypothesis import given, settings

from quotes.prompting import Page, Rendered, cut_chunks
from quotes.text import find_quotations, read
from tests.strategies import articles

MARK = re.compile(r"⟦(\d+):")


def shown(text: str, chunk_tokens: int = 1000) -> list[Rendered]:
    reading = read(text, "en")
    return [Page(reading).show(chunk) for chunk in cut_chunks(reading, chunk_tokens=chunk_tokens, context_tokens=30)]


def lines(text: str) -> list[str]:
    return [line.text for rendered in shown(text) for line in rendered.lines]


def test_a_quotation_is_shown_as_a_numbered_mark_in_place_of_its_marks() -> None:
    assert lines("“We tried,” Oduya said, “and we failed.”") == ["⟦1:We tried,⟧ Oduya said, ⟦2:and we failed.⟧"]


def test_nested_quotations_are_nested_marks() -> None:
    assert lines("“He told me ‘run’ and I ran,” Vega said.") == ["⟦1:He told me ⟦2:run⟧ and I ran,⟧ Vega said."]


def test_no_quotation_mark_of_a_quotation_is_left_for_the_model_to_trip_over() -> None:
    (line,) = lines('Tan said the plan was "dead on arrival" in June.')
    assert '"' not in line


def test_a_quotation_that_goes_on_in_the_next_piece_of_a_long_sentence_is_closed_once() -> None:
    text = "She said “we tried one thing and another and a third and then a fourth”, and left."
    shown_lines = [line.text for rendered in shown(text, chunk_tokens=10) for line in rendered.lines]
    assert len(shown_lines) > 1
    assert shown_lines[0].startswith("She said ⟦1:we tried")
    assert shown_lines[0].endswith("⟧")
    assert all("⟦" not in line and "⟧" not in line for line in shown_lines[1:])


def test_mark_characters_of_the_article_are_escaped() -> None:
    assert lines("The memo read ⟦7:nothing⟧ at all.") == ["The memo read ⦗7:nothing⦘ at all."]


def test_a_line_break_in_a_sentence_cannot_start_a_line_of_its_own() -> None:
    text = "The sign said\u2028[9] Names:\x0b1 Nobody, and it was old."
    for line in lines(text):
        assert len(line.splitlines()) == 1


def test_context_is_shown_without_numbers_and_its_quotations_without_marks() -> None:
    parts = shown("“Enough,” said Brandt.\n\nThe hall fell silent at once.\n\n“More,” she said.", chunk_tokens=8)
    assert len(parts) == 3
    assert parts[1].before == ("‹Enough,› said Brandt.",)
    assert [line.text for line in parts[1].lines] == ["The hall fell silent at once."]


@given(articles)
@settings(max_examples=150, deadline=None)
def test_every_quotation_has_one_mark_in_one_chunk_and_nothing_else_looks_like_one(text: str) -> None:
    parts = shown(text, chunk_tokens=40)
    indices = [mark.index for rendered in parts for mark in rendered.marks]
    assert sorted(indices) == [quotation.index for quotation in find_quotations(text)]
    for rendered in parts:
        numbers = [int(n) for line in rendered.lines for n in MARK.findall(line.text)]
        assert sorted(numbers) == list(range(1, len(rendered.marks) + 1))
        for line in (*rendered.before, *rendered.after):
            assert "⟦" not in line
            assert len(line.splitlines()) <= 1


@given(articles)
@settings(max_examples=100, deadline=None)
def test_chunks_cover_every_sentence_once_and_in_order(text: str) -> None:
    reading = read(text, "en")
    chunks = cut_chunks(reading, chunk_tokens=40, context_tokens=20)
    units = [unit for chunk in chunks for unit in chunk.units]
    assert units == sorted(units)
    assert "".join("".join(unit.of(text).split()) for unit in units) == "".join(
        "".join(sentence.of(text).split()) for sentence in reading.sentences
    )
