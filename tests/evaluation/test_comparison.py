"""Systems scored side by side."""

from __future__ import annotations

import random

from quotes.evaluation import System, compare
from tests.evaluation.samples import TEXT, frozen, gold_of, mark, seeds

TRIED = mark(TEXT, "We tried hard enough", by="Ida Krell")
HOLD = mark(TEXT, "that the old pier would hold until June", by="She")


def test_an_article_without_a_prediction_counts_as_empty_and_is_told() -> None:
    gold = gold_of((TEXT, [TRIED]), (TEXT, [TRIED]))
    (scored,) = compare(gold, [System("one", {"a0": [TRIED]})], resamples=10)
    assert scored.missing == 1
    assert scored.to_json()["articles_without_prediction_line"] == 1
    assert scored.figures["all/joint/r"] == 0.5


def test_the_further_systems_are_compared_with_the_first() -> None:
    gold = gold_of((TEXT, [TRIED, HOLD]), (TEXT, [TRIED, HOLD]))
    half, full = {"a0": [TRIED], "a1": [TRIED]}, {"a0": [TRIED, HOLD], "a1": [TRIED, HOLD]}
    first, second = compare(gold, [System("half", half), System("full", full)], resamples=10)
    assert "against_first" not in first.to_json()
    assert second.to_json()["against_first"]["all/joint/r"] == {"difference": 0.5, "interval": [0.5, 0.5]}


def test_the_order_of_articles_and_quotes_does_not_matter() -> None:
    predictions, _ = frozen("rules")
    gold = list(seeds())
    (straight,) = compare(gold, [System("rules", predictions)], resamples=0)
    mixer = random.Random(5)
    mixer.shuffle(gold)
    turned = {name: mixer.sample(list(quotes), len(quotes)) for name, quotes in predictions.items()}
    (shuffled,) = compare(gold, [System("rules", turned)], resamples=0)
    assert shuffled.report == straight.report


def test_without_resamples_there_are_figures_and_no_intervals() -> None:
    gold = gold_of((TEXT, [TRIED]))
    one, other = compare(gold, [System("a", {"a0": [TRIED]}), System("b", {"a0": [TRIED]})], resamples=0)
    assert one.to_json()["intervals"] == {}
    assert other.to_json()["against_first"]["all/joint/f1"] == {"difference": 0.0, "interval": None}
