"""The plan in figures: what any number of articles costs and takes, worked out of what one was measured to use.

    python -m benchmarks.plan                # the tables
    python -m benchmarks.plan --write        # into docs/scale.md, between its markers

The figures come from benchmarks/results.json. Prices and limits are no measurements: they are examples, to be replaced
by those of the endpoint at hand.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.units import TOKENS_AN_ATTRIBUTION

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "scale.md"
RESULTS = ROOT / "benchmarks" / "results.json"

SIZES = (1_000, 100_000, 10_000_000)
PRICE_INPUT, PRICE_CACHED, PRICE_OUTPUT = 0.40, 0.10, 1.60
"""An example, for a million tokens."""
BATCH_SHARE = 0.5
"""Of the price, where a service answers within a day."""
LEAST_CACHED_PREFIX = 1_024
"""Tokens: shorter beginnings are not kept by hosted prompt caches."""
CASCADE_OUTPUT_SHARE = 0.39
"""Of the tokens that the model backend uses: measured with a large model, docs/quality.md."""
SECONDS_A_REPLY = 4.0
"""An example: 300 tokens of a hosted model of middle size."""
CORES = 8
_MARKED = re.compile(r"(<!-- plan:(?P<name>\w+) -->\n)(.*?)(<!-- /plan -->)", re.S)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint allows: requests and tokens a minute."""

    name: str
    requests: int
    tokens: int


ENDPOINTS = (
    Limits("beginner's", 500, 200_000),
    Limits("usual", 5_000, 4_000_000),
    Limits("highest", 30_000, 150_000_000),
)


@dataclass(frozen=True, slots=True)
class Use:
    """What one article uses in one way of doing it. *cpu* is in seconds of one core."""

    name: str
    requests: float
    prompt: float
    cached: float
    output: float
    cpu: float
    share: float = 1.0

    @property
    def cost(self) -> float:
        """At the example prices."""
        paid = (self.prompt - self.cached) * PRICE_INPUT + self.cached * PRICE_CACHED + self.output * PRICE_OUTPUT
        return paid * self.share / 1_000_000


@dataclass(frozen=True, slots=True)
class Speeds:
    """Articles a second on one core: by the *rules*, in a *replay*, and *live* with an endpoint that answers at once;
    replies a second that one *store* takes."""

    rules: float
    replay: float
    live: float
    store: float


def uses(units: Mapping[str, Any], speeds: Speeds) -> Sequence[Use]:
    """What an article uses, by the ways of doing it. *units* are those of `benchmarks.units`."""
    output = units["quotes"] * TOKENS_AN_ATTRIBUTION
    model, cascade = units["ways"]["model"], units["ways"]["cascade"]
    live = 1 / speeds.live
    prefix = model["prefix_tokens"] if model["prefix_tokens"] >= LEAST_CACHED_PREFIX else 0
    asked, prompt = model["requests"], model["prompt_tokens"]
    small = (cascade["requests"], cascade["prompt_tokens"], 0.0, output * CASCADE_OUTPUT_SHARE, live)
    return (
        Use("rules", 0, 0, 0, 0, 1 / speeds.rules),
        Use("model", asked, prompt, 0, output, live),
        Use("model, its prompt cached there", asked, prompt, prefix * asked, output, live),
        Use("model, as a batch", asked, prompt, 0, output, live, BATCH_SHARE),
        Use("cascade", *small),
        Use("cascade, as a batch", *small, BATCH_SHARE),
        Use("any of them again, from the cache", 0, 0, 0, 0, 1 / speeds.replay),
    )


def hours(use: Use, articles: int, limits: Limits, speeds: Speeds, cores: int = CORES) -> dict[str, float]:
    """How long each of the things that may hold a run up would take alone; the longest is what it takes.

    A run keeps as many requests under way as the limits allow, so the endpoint's own seconds matter only through the
    concurrency that they call for.
    """
    return {
        "tokens a minute": articles * (use.prompt + use.output) / limits.tokens / 60,
        "requests a minute": articles * use.requests / limits.requests / 60,
        "processor": articles * use.cpu / cores / 3600,
        "cache": articles * use.requests / speeds.store / 3600,
        "one reply": SECONDS_A_REPLY / 3600 if use.requests else 0.0,
    }


def concurrency(use: Use, limits: Limits) -> float:
    """The requests under way that it takes to reach the limits, by Little's law."""
    rate = min(limits.requests, limits.tokens / (use.prompt + use.output) * use.requests) / 60
    return rate * SECONDS_A_REPLY


def tables(results: Mapping[str, Any]) -> Mapping[str, str]:
    """The tables of the page, by the names of their markers."""
    units, speeds = results["units"], speeds_of(results)
    known = uses(units, speeds)
    return {
        "units": _table(("one typical article", ""), _unit_rows(units, speeds)),
        "cost": _table(("way", "requests", "tokens in", "tokens out", *_sized("articles")), map(_cost_row, known)),
        "time": _table(("way", "limits of the endpoint", "under way", *_sized("articles")), _time_rows(known, speeds)),
        "machine": _table(("what", *_sized("articles")), _machine_rows(units, speeds)),
    }


def speeds_of(results: Mapping[str, Any]) -> Speeds:
    """The speeds in *results*."""
    said = results["speeds"]
    store = results["units"]["postgres_writes"] or results["units"]["sqlite_writes"]
    return Speeds(said["rules"], said["replay"], said["live"], store)


def _sized(what: str) -> Iterator[str]:
    return (f"{size:,} {what}" for size in SIZES)


def _unit_rows(units: Mapping[str, Any], speeds: Speeds) -> Iterator[Sequence[str]]:
    model = units["ways"]["model"]
    yield "words, quotes", f"{units['words']:.0f}, {units['quotes']:.1f}"
    yield (
        "prompt of the model backend",
        f"{model['prompt_tokens']:,.0f} tokens, {model['prefix_tokens']:,} of them always the same",
    )
    yield "answer", f"about {units['quotes'] * TOKENS_AN_ATTRIBUTION:.0f} tokens"
    yield (
        "processor, one core",
        (f"rules {1000 / speeds.rules:.1f} ms, replay {1000 / speeds.replay:.1f} ms, live {1000 / speeds.live:.1f} ms"),
    )
    yield "record, with the text", f"{units['record_bytes'] / 1000:.1f} kB"
    yield "reply in the cache", f"{units['sqlite_bytes'] / 1000:.1f} kB"


def _cost_row(use: Use) -> Sequence[str]:
    money = [f"{use.cost * size:,.2f}" if use.cost * size < 100 else f"{use.cost * size:,.0f}" for size in SIZES]
    return use.name, f"{use.requests:.1f}", f"{use.prompt:,.0f}", f"{use.output:,.0f}", *money


def _time_rows(known: Sequence[Use], speeds: Speeds) -> Iterator[Sequence[str]]:
    for use in known:
        if use.share != 1.0:
            continue
        if not use.requests:
            yield use.name, "none", "", *(_longest(hours(use, size, ENDPOINTS[0], speeds)) for size in SIZES)
            continue
        if use.cached:
            continue
        for limits in ENDPOINTS:
            took = (_longest(hours(use, size, limits, speeds)) for size in SIZES)
            yield use.name, f"{limits.name}: {_limits(limits)}", f"{concurrency(use, limits):,.0f}", *took


def _limits(limits: Limits) -> str:
    return f"{limits.requests:,} requests, {limits.tokens / 1e6:g} million tokens a minute"


def _machine_rows(units: Mapping[str, Any], speeds: Speeds) -> Iterator[Sequence[str]]:
    for what, cpu in (("rules", speeds.rules), ("live", speeds.live), ("replay", speeds.replay)):
        yield f"one core, {what}", *(_duration(size / cpu / 3600) for size in SIZES)
    for what, size_of in (("records, JSON Lines", units["record_bytes"]), ("cache", units["sqlite_bytes"])):
        yield what, *(_bytes(size * size_of) for size in SIZES)


def _longest(took: Mapping[str, float]) -> str:
    name = max(took, key=lambda what: took[what])
    return f"{_duration(took[name])} ({name})"


def _duration(taken: float) -> str:
    for unit, length in (("days", 24.0), ("h", 1.0), ("min", 1 / 60)):
        if taken >= length * (2 if unit == "days" else 1):
            return f"{taken / length:,.3g} {unit}"
    return f"{taken * 3600:.2g} s"


def _bytes(size: float) -> str:
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= length:
            return f"{size / length:.3g} {unit}"
    return f"{size / 1e3:.3g} kB"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | map[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def written(page: str, results: Mapping[str, Any]) -> str:
    """*page* with the tables of *results* between its markers."""
    made = tables(results)
    return _MARKED.sub(lambda found: found[1] + made[found["name"]] + found[4], page)


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/scale.md")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    if options.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    else:
        print("\n".join(tables(results).values()))


if __name__ == "__main__":
    main()
