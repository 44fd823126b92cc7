"""The one-to-one matching of greatest weight."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from quotes.evaluation.matching import best_matching

weights = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(50, 100).map(lambda share: share / 100), max_size=12
)


def greatest(weights: dict[tuple[int, int], float]) -> float:
    """The greatest weight of all matchings, each tried."""
    return max(sum(weights.get(pair, 0.0) for pair in enumerate(columns)) for columns in permutations(range(5)))


@given(weights=weights)
def test_no_other_matching_weighs_more(weights: dict[tuple[int, int], float]) -> None:
    found = best_matching(weights)
    assert len(set(found.values())) == len(found)
    assert abs(sum(weights[pair] for pair in found.items()) - greatest(weights)) < 1e-9


@given(weights=weights, data=st.data())
def test_the_order_of_the_pairs_does_not_matter(weights: dict[tuple[int, int], float], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(weights.items()))))
    assert best_matching(shuffled) == best_matching(weights)


def test_two_good_pairs_weigh_more_than_the_best_one() -> None:
    assert best_matching({(0, 0): 0.6, (0, 1): 0.9, (1, 1): 0.8}) == {0: 0, 1: 1}


def test_of_equal_ones_the_first_is_taken() -> None:
    assert best_matching({(3, 7): 0.5, (3, 5): 0.5}) == {3: 5}
    assert best_matching({(4, 1): 0.5, (2, 1): 0.5}) == {2: 1}


def test_nothing_matches_nothing() -> None:
    assert best_matching({}) == {}
