"""Bootstrap intervals."""

from __future__ import annotations

from quotes.evaluation import counts_of
from quotes.evaluation.intervals import difference_intervals, drawn, intervals_of
from quotes.evaluation.scores import flat, report_of
from tests.evaluation.samples import TEXT, frozen, mark, seeds

TRIED = mark(TEXT, "We tried hard enough", by="Ida Krell")
HOLD = mark(TEXT, "that the old pier would hold until June", by="She")
RIGHT = counts_of(TEXT, [TRIED, HOLD], [TRIED, HOLD])
HALF = counts_of(TEXT, [TRIED, HOLD], [TRIED])
NONE = counts_of(TEXT, [TRIED, HOLD], [])


def test_the_same_seed_draws_the_same_and_another_one_other_articles() -> None:
    counts = [RIGHT, HALF, NONE, HALF]
    assert drawn(counts, resamples=50, seed=3) == drawn(counts, resamples=50, seed=3)
    assert drawn(counts, resamples=50, seed=3) != drawn(counts, resamples=50, seed=4)


def test_the_interval_is_around_the_figure() -> None:
    predictions, _ = frozen("altered")
    counts = [counts_of(one.article.text, one.quotes, predictions.get(one.article.id, ())) for one in seeds()]
    total = sum(counts[1:], counts[0])
    intervals = intervals_of(drawn(counts, resamples=300, seed=1))
    for name, value in flat(report_of(total)):
        if value is not None and name.startswith(("all", "direct")):
            interval = intervals[name]
            assert interval is not None
            assert interval.low <= value <= interval.high, name
            assert interval.low < interval.high, name


def test_articles_that_are_all_alike_leave_no_doubt() -> None:
    interval = intervals_of(drawn([HALF] * 5, resamples=20, seed=1))["all/joint/r"]
    assert interval == (0.5, 0.5)


def test_one_article_is_no_error() -> None:
    assert intervals_of(drawn([RIGHT], resamples=20, seed=1))["all/joint/f1"] == (1.0, 1.0)


def test_no_resamples_and_no_articles_give_no_intervals() -> None:
    assert drawn([RIGHT], resamples=0, seed=1) == {}
    assert drawn([], resamples=20, seed=1) == {}


def test_a_figure_that_no_draw_has_is_without_an_interval() -> None:
    assert intervals_of(drawn([NONE], resamples=20, seed=1))["all/speaker_accuracy"] is None


def test_systems_are_compared_on_the_same_draws() -> None:
    """Both vary much between articles, yet one is better by the same in each."""
    better, worse = [RIGHT, HALF] * 4, [HALF, NONE] * 4
    good, bad = drawn(better, resamples=100, seed=1), drawn(worse, resamples=100, seed=1)
    spread = intervals_of(good)["all/joint/r"]
    assert spread is not None
    assert spread.high - spread.low > 0.2
    assert difference_intervals(good, bad)["all/joint/r"] == (0.5, 0.5)
    assert difference_intervals(good, good)["all/joint/f1"] == (0.0, 0.0)
