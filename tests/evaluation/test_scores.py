"""Figures: those the judge of the gold corpora gave the frozen predictions, and what holds for all."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import pytest
from hypothesis import given

from quotes.evaluation import Annotation, ArticleCounts, System, compare, counts_of, report_of, rounded
from quotes.evaluation.scores import flat
from tests.evaluation.samples import frozen, judged_articles, seeds


@pytest.mark.parametrize("name", ["rules", "altered"])
def test_the_seeds_get_the_very_figures_of_the_judge(name: str) -> None:
    predictions, expected = frozen(name)
    (scored,) = compare(seeds(), [System(name, predictions)], resamples=0)
    assert _only(scored.to_json(), expected) == expected


def _only(value: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The part of *value* that *wanted* has too."""
    return {
        name: _only(value[name], inner) if isinstance(inner, dict) else value[name] for name, inner in wanted.items()
    }


def test_gold_against_itself_is_right_throughout() -> None:
    total = reduce(add, (counts_of(one.article.text, one.quotes, one.quotes) for one in seeds()))
    figures = dict(flat(report_of(total)))
    missing = {name for name, value in figures.items() if value is None}
    assert {name.split("/")[0] for name in missing} == {"by_confidence"}
    coverage = {"quoted_span_coverage/coverage", "quoted_span_coverage/gold_coverage"}
    shares = {name for name in figures if name.endswith("/share")}
    assert {figures[name] for name in figures.keys() - missing - coverage - shares} == {1.0}


@given(article=judged_articles())
def test_every_figure_is_a_share(article: tuple[str, list[Annotation], list[Annotation]]) -> None:
    for name, value in flat(report_of(counts_of(*article))):
        assert value is None or 0 <= value <= 1, name


def test_nothing_at_all_is_scored_without_an_error() -> None:
    figures = dict(flat(report_of(ArticleCounts())))
    assert figures["all/joint/f1"] == 0
    assert figures["all/speaker_accuracy"] is None
    assert figures["quoted_span_coverage/coverage"] is None


def test_figures_are_rounded_to_four_digits_and_counts_stay() -> None:
    assert rounded({"n": 3, "f": {"p": 2 / 3, "none": None, "d": -0.00001}}) == {
        "n": 3,
        "f": {"p": 0.6667, "none": None, "d": 0.0},
    }
