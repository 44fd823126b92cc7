"""Comparison: several systems scored on the same articles, each with intervals, and against the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

from quotes.evaluation.counting import counts_in
from quotes.evaluation.files import GoldArticle, Predictions
from quotes.evaluation.intervals import RESAMPLES, SEED, Draws, Interval, difference_intervals, drawn, intervals_of
from quotes.evaluation.judging import Judgement, judge
from quotes.evaluation.scores import Report, flat, report_of, rounded


@dataclass(frozen=True, slots=True)
class System:
    """Something that predicts: its name for people, and what it predicted."""

    name: str
    predictions: Predictions


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much a figure is above that of the first system, and the interval of that on the same draws."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Scored:
    """One system's figures. Figures and intervals are keyed as :func:`quotes.evaluation.scores.flat` names them.

    *missing* counts the gold articles without a prediction, which count as empty. *differences* are empty for the first
    system; a figure that either of the two has not is in none.
    """

    name: str
    report: Report
    missing: int
    figures: Mapping[str, float | None]
    intervals: Mapping[str, Interval | None]
    differences: Mapping[str, Difference] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON, figures to four digits; the figures stand as the judge of the gold corpora writes them."""
        report = dict(self.report)
        head = {name: report.pop(name) for name in ("articles", "predicted_quotes")}
        value = {"system": self.name, **head, "articles_without_prediction_line": self.missing, **report}
        value["intervals"] = {name: interval and list(interval) for name, interval in self.intervals.items()}
        if self.differences:
            value["against_first"] = {
                name: {"difference": one.value, "interval": one.interval and list(one.interval)}
                for name, one in self.differences.items()
            }
        return dict(rounded(value))


def judgements_of(gold: Sequence[GoldArticle], predictions: Predictions) -> Iterator[Judgement]:
    """Each article of *gold* judged, in order."""
    for one in gold:
        yield judge(one.article.text, one.quotes, predictions.get(one.article.id, ()))


def compare(
    gold: Sequence[GoldArticle], systems: Sequence[System], *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[Scored, ...]:
    """*systems* scored on *gold*, which is not empty. With no *resamples* there are no intervals."""
    scored: list[Scored] = []
    first: Draws = {}
    for system in systems:
        counts = [counts_in(judgement) for judgement in judgements_of(gold, system.predictions)]
        draws = drawn(counts, resamples=resamples, seed=seed)
        report = report_of(reduce(add, counts))
        figures = dict(flat(report))
        scored.append(
            Scored(
                name=system.name,
                report=report,
                missing=sum(one.article.id not in system.predictions for one in gold),
                figures=figures,
                intervals=intervals_of(draws),
                differences=_differences(figures, scored[0].figures, draws, first) if scored else {},
            )
        )
        first = first or draws
    return tuple(scored)


def _differences(
    figures: Mapping[str, float | None], base: Mapping[str, float | None], draws: Draws, base_draws: Draws
) -> dict[str, Difference]:
    intervals = difference_intervals(draws, base_draws)
    return {
        name: Difference(value - other, intervals.get(name))
        for name, value in figures.items()
        if value is not None and (other := base[name]) is not None
    }
