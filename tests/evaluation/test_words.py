"""Words, quoted stretches and types as the judge counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.evaluation.words import quoted_stretches, words_of
from tests.evaluation.samples import spans, texts


def words_in(text: str) -> list[str]:
    words = words_of(text)
    return [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]


def test_words_keep_their_inner_marks_and_lose_those_around_them() -> None:
    assert words_in("“Don't,” Mr. Holt-Ruiz’s aide said: 3.5 or 1,000 – ok.") == [
        *("Don't", "Mr", "Holt-Ruiz’s", "aide", "said", "3.5", "or", "1,000", "ok"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We tried,” she said, “and failed.”", ["We tried,", "and failed."]),
        ('"We tried," she said, "and failed."', ["We tried,", "and failed."]),
        ("Sie sagte: „Wir bleiben“, dann ging sie.", ["Wir bleiben"]),
        ("Er rief: »Bleibt!« und ging.", ["Bleibt!"]),
        ("Il dit : « Restez ! » et sortit.", [" Restez ! "]),
        ("‘Not these,’ she said.", []),
        ("“It flooded.\n“Then it froze,” he said.", ["It flooded.", "Then it froze,"]),
        ("“It flooded.\nThen it froze.”", []),
        ("“It flooded.\n\n  \n“Then it froze,” he said.", ["It flooded.", "Then it froze,"]),
        ("It was 5” wide. “Wide enough,” he said.", ["Wide enough,"]),
        ("”Turned,” he said. “And turned.“", ["Turned,", "And turned."]),
        ('He said "stay and "go now" twice.', ["go now"]),
        ("“” is empty.", []),
        ("", []),
    ],
)
def test_quoted_stretches(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in quoted_stretches(text)] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [(["We tried,"], "direct"), (["“We tried,”"], "direct"), (["she said"], "indirect"), (["tried,” she"], "mixed")],
)
def test_the_type_says_how_many_of_the_words_are_quoted(content: list[str], expected: str) -> None:
    text = "“We tried,” she said."
    words = words_of(text)
    assert words.type_of(words.touched(spans(text, *content))) == expected


@given(text=texts, places=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=3))
def test_the_words_touched_are_those_that_share_a_character(text: str, places: list[tuple[int, int]]) -> None:
    pieces = [(min(pair), max(pair)) for pair in places]
    words = words_of(text)
    stand = list(zip(words.starts, words.ends, strict=True))
    expected = {at for at, (a, b) in enumerate(stand) if any(a < end and start < b for start, end in pieces)}
    assert words.touched(pieces) == expected


def test_a_hundred_thousand_quotations_are_read_without_delay() -> None:
    words = words_of("“a” b " * 100_000)
    assert len(words.inside) == 100_000
