"""The plan multiplies what was measured, names what holds a run up, and stands in the documentation as computed."""

from __future__ import annotations

import json

import pytest

from benchmarks.plan import ENDPOINTS, PAGE, RESULTS, Limits, Speeds, Use, concurrency, hours, tables, uses, written

UNITS = {
    "articles": 1,
    "words": 600.0,
    "quotes": 10.0,
    "ways": {
        "model": {"requests": 1.0, "prompt_tokens": 2000.0, "prefix_tokens": 1500},
        "cascade": {"requests": 1.0, "prompt_tokens": 900.0, "prefix_tokens": 300},
        "judge": {"requests": 9.0, "prompt_tokens": 3000.0, "prefix_tokens": 300},
    },
    "record_bytes": 7000.0,
    "sqlite_bytes": 6000.0,
    "sqlite_writes": 1000.0,
    "postgres_writes": None,
}
SPEEDS = Speeds(rules=300, replay=250, live=100, store=1000)


def test_an_answered_prompt_costs_its_tokens_at_their_prices() -> None:
    use = Use("any", requests=1, prompt=1_000_000, cached=0, output=1_000_000, cpu=0)
    assert use.cost == pytest.approx(2.0)


def test_cached_tokens_go_by_their_own_price_and_a_batch_by_half() -> None:
    cached = Use("any", 1, prompt=1_000_000, cached=1_000_000, output=0, cpu=0)
    half = Use("any", 1, prompt=1_000_000, cached=0, output=0, cpu=0, share=0.5)
    assert cached.cost == pytest.approx(0.1)
    assert half.cost == pytest.approx(0.2)


def test_a_prefix_too_short_for_hosted_caches_is_paid_in_full() -> None:
    short = {**UNITS, "ways": {**UNITS["ways"], "model": {**UNITS["ways"]["model"], "prefix_tokens": 1000}}}
    by_name = {use.name: use for use in uses(short, SPEEDS)}
    assert by_name["model, its prompt cached there"].cost == by_name["model"].cost


@pytest.mark.parametrize(
    ("limits", "cores", "expected"),
    [
        (Limits("", 10**9, 60_000), 1000, "tokens a minute"),
        (Limits("", 60, 10**12), 1000, "requests a minute"),
        (Limits("", 10**9, 10**12), 1, "processor"),
        (Limits("", 10**9, 10**12), 1000, "cache"),
    ],
)
def test_what_is_scarcest_holds_the_run_up(limits: Limits, cores: int, expected: str) -> None:
    model = uses(UNITS, SPEEDS)[1]
    took = hours(model, 1_000_000, limits, SPEEDS, cores)
    assert max(took, key=lambda name: took[name]) == expected


def test_time_grows_with_the_number_of_articles() -> None:
    model = uses(UNITS, SPEEDS)[1]
    few, many = (hours(model, size, ENDPOINTS[1], SPEEDS) for size in (1_000, 10_000))
    assert all(many[name] == pytest.approx(few[name] * 10) for name in few if name != "one reply")


def test_requests_under_way_are_their_rate_times_their_seconds() -> None:
    assert concurrency(Use("any", 1, 50, 0, 50, 0), Limits("", 600, 10**9)) == pytest.approx(40)


def test_the_page_holds_the_tables_of_the_results() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, results) == page
    assert all(f"<!-- plan:{name} -->" in page for name in tables(results))
