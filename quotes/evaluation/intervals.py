"""Intervals: how far a figure would move with other articles of the same kind, by resampling whole articles.

Quotes of one article are no independent draws, so articles are drawn, with replacement (a cluster bootstrap; for
percentile intervals Efron and Tibshirani 1993, chapter 13). Two systems are compared on the same draws.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from quotes.evaluation.counting import ArticleCounts
from quotes.evaluation.scores import flat, report_of

RESAMPLES: Final = 1000
SEED: Final = 1
"""Any fixed number: the same figures give the same interval."""

_TAIL: Final = 0.025


class Interval(NamedTuple):
    """The middle 95% of what a figure was in the resamples."""

    low: float
    high: float


Draws = dict[str, list[float | None]]
"""What each figure was in every resample, in the same order of resamples for all systems of one size and seed."""


def drawn(counts: Sequence[ArticleCounts], *, resamples: int = RESAMPLES, seed: int = SEED) -> Draws:
    """The figures of *resamples* draws of as many articles as there are *counts*.

    Systems whose *counts* are of the same articles in the same order are drawn alike.
    """
    columns = list(zip(*(one.row() for one in counts), strict=True))
    source = random.Random(seed)
    places = range(len(counts))
    draws: Draws = {}
    for _ in range(resamples if columns else 0):
        chosen = source.choices(places, k=len(counts))
        total = ArticleCounts.of_row(sum(map(column.__getitem__, chosen)) for column in columns)
        for name, value in flat(report_of(total)):
            draws.setdefault(name, []).append(value)
    return draws


def intervals_of(draws: Draws) -> dict[str, Interval | None]:
    """The interval of each figure; ``None`` where no resample had one."""
    return {name: _middle(values) for name, values in draws.items()}


def difference_intervals(draws: Draws, base: Draws) -> dict[str, Interval | None]:
    """The interval of each figure's difference from *base*, drawn alike: above 0 where it is surely the better one."""
    return {
        name: _middle(
            [
                None if one is None or other is None else one - other
                for one, other in zip(values, base[name], strict=True)
            ]
        )
        for name, values in draws.items()
    }


def _middle(values: Sequence[float | None]) -> Interval | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return Interval(_quantile(known, _TAIL), _quantile(known, 1 - _TAIL))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which *share* of *ordered* lies, between two neighbours in proportion."""
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])
