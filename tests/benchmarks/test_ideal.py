"""The ideal is the least time that list scheduling takes, and the delays are the same for everybody who asks."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ideal import Delays, barriers, ideal

SOME = st.lists(st.floats(0.001, 10), max_size=40)
WINDOWS = st.integers(1, 12)


def test_one_slow_answer_holds_up_its_own_place_alone() -> None:
    assert ideal([1.0, 0.1, 0.1, 0.1], window=2) == pytest.approx(1.0)
    assert barriers([1.0, 0.1, 0.1, 0.1], window=2) == pytest.approx(1.1)


def test_without_answers_there_is_nothing_to_wait_for() -> None:
    assert ideal([], window=3) == barriers([], window=3) == 0


@given(SOME, WINDOWS)
def test_it_lies_between_what_must_be_waited_for_and_a_barrier_after_each_batch(
    delays: list[float], window: int
) -> None:
    least = max([sum(delays) / window, *delays], default=0.0)
    assert least - 1e-9 <= ideal(delays, window) <= barriers(delays, window) + 1e-9


@given(SOME)
def test_one_at_a_time_takes_the_sum(delays: list[float]) -> None:
    assert ideal(delays, 1) == pytest.approx(sum(delays))


def test_delays_are_drawn_alike_for_all_and_otherwise_for_another_seed() -> None:
    delays = Delays(0.1, 1.0, 0.1, seed=3)
    first, again = (list(islice(delays.drawn(), 1000)) for _ in range(2))
    assert first == again
    assert set(first) == {0.1, 1.0}
    assert 60 < first.count(1.0) < 140
    assert first != list(islice(Delays(0.1, 1.0, 0.1, seed=4).drawn(), 1000))
