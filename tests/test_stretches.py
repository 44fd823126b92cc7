"""Stretches: every character stands in one, with all that covers it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quotes.stretches import stretches

borders = st.integers(min_value=-3, max_value=23)


@given(st.integers(min_value=0, max_value=20), st.lists(st.tuples(borders, borders, st.integers(0, 9))))
def test_each_character_stands_in_one_stretch_with_exactly_the_spans_over_it(
    length: int, spans: list[tuple[int, int, int]]
) -> None:
    found = list(stretches(length, spans))
    assert [place for one in found for place in range(one.start, one.end)] == list(range(length))
    sound = [span for span in spans if 0 <= span[0] < span[1] <= length]
    for one in found:
        for place in range(one.start, one.end):
            assert sorted(one.labels) == sorted(label for start, end, label in sound if start <= place < end)


def test_what_begins_earlier_or_reaches_further_comes_first() -> None:
    assert list(stretches(9, [(2, 5, "c"), (1, 8, "a"), (2, 6, "b")]))[2].labels == ("a", "b", "c")
