"""Paragraphs: lines as they are, or blocks where lines were broken to a width."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from quotes.text.paragraphs import find_paragraphs
from tests.strategies import articles

unhurried = settings(deadline=None)

WRAPPED = """The harbour of Salt Bay has been closed to all ships since the storm of
last Sunday, and nobody at the council could say on Monday when the first
ferries would be let in again, which has left the four islands without a
way to bring their milk to the dairy in the town.

"It will take until the end of the week at the very least, and that is
what we told the islands," said Mara Ruiz, who runs the harbour office
and had slept there on a bench.
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\n\n", "\r\n \t\r\n"])
def test_a_line_is_a_paragraph_however_it_ends(end: str) -> None:
    text = f"  One. {end}Two, three.{end}"
    assert [paragraph.of(text) for paragraph in find_paragraphs(text)] == ["One.", "Two, three."]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\u2028 \u00a0\t"])
def test_a_blank_text_has_none(text: str) -> None:
    assert find_paragraphs(text) == ()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_broken_to_a_width_are_joined_up_to_the_blank_line(end: str) -> None:
    text = WRAPPED.replace("\n", end)
    first, second = find_paragraphs(text)
    assert first.of(text).startswith("The harbour")
    assert first.of(text).endswith("in the town.")
    assert second.of(text).endswith("on a bench.")


def test_short_lines_of_their_own_are_not_joined() -> None:
    text = "\n".join(f"Resident number {number} of the island said no more on Monday." for number in range(10, 30))
    assert len(find_paragraphs(text)) == 20


@unhurried
@given(articles)
def test_paragraphs_hold_all_that_is_printed_and_no_space_around_it(text: str) -> None:
    paragraphs = find_paragraphs(text)
    position = 0
    for paragraph in paragraphs:
        assert not text[position : paragraph.start].strip()
        assert paragraph.of(text) == paragraph.of(text).strip() != ""
        position = paragraph.end
    assert not text[position:].strip()
