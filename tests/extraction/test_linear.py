"""What the rules and the record cost grows with the length of an article and no faster, whatever stands in it.

Counted in calls, which are the same on every machine, and not in seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from quotes.extraction import Engine, Findings
from quotes.extraction.attributors import rules_findings
from quotes.extraction.ownership import carry_on, settle_claims
from quotes.extraction.work import Work
from quotes.model import Article
from quotes.text import read
from tests.extraction.conducting import model_engine

SHORT = 3_000
"""Characters; the long text has four times as many."""

MOST = 5.0


def times(part: str) -> Callable[[int], str]:
    return lambda length: part * (length // len(part))


def numbered(part: str) -> Callable[[int], str]:
    """*part* again and again, each time with another name in it."""

    def text(length: int) -> str:
        names = (chr(97 + i % 26) + chr(97 + i // 26 % 26) for i in range(length // len(part)))
        return "".join(part.replace("Krell", f"Krell{name}") for name in names)

    return text


TEXTS: dict[str, Callable[[int], str]] = {
    "sentences of one paragraph": times("“We tried it,” Ida Krell said. The town had waited for a long time. "),
    "paragraphs": times(
        "“We tried it,” Ida Krell said.\n\nThe mayor, Dean Holt, said that “nothing” had been done.\n\n"
    ),
    "nothing but quotations": times("“We tried it again and again.” "),
    "quotations that go on over paragraphs": times("“We tried it again and again.\n\n"),
    "quotations in one quotation": lambda length: "“" + times("He told me ‘run’ and she said ‘stop’. ")(length) + "”",
    "one sentence with many cues": times("the mayor said that Dean Holt told reporters he wanted it and said, "),
    "nothing but cues": times("said "),
    "one sentence with many quotations": times("Ida Krell called it “reckless”, "),
    "many names": numbered("Ida Krell said that it was late. "),
    "labels": times("Ida Krell: “Yes.” "),
    "turns": times("Q: Did they try it again?\n\nA: They did, again and again.\n\n"),
    "commas": times("the plan, the town, the bridge, "),
    "verbs in two parts": times("Nach Angaben von Ida Krell kündigte er gestern eine „Reform“ an, sie sei sicher. "),
}


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many functions are called inside, Python's own among them."""
    calls = [0]

    def count(_frame: Any, event: str, _argument: Any) -> None:
        calls[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def by_rules(text: str) -> int:
    """What it costs to attribute *text* by the rules and to make its record."""
    reading = read(text)
    with counted() as calls:
        Work(Engine(), Article("a", text), reading, ()).finish([rules_findings(reading)])
    return calls[0]


def beside_model(text: str) -> int:
    """What it costs to settle and weigh what a model found in *text*, who finds what the rules do."""
    reading = read(text)
    rules = rules_findings(reading)
    items = [replace(item, by="model", pattern=None, chunk=0, key="k") for item in rules.found]
    with counted() as calls:
        found = carry_on(reading.quotations, settle_claims(reading.quotations, items))
        parts = [Findings("model", (item,)) for item in found]
        Work(model_engine(), Article("a", text), reading, ()).finish([*parts, Findings("model", open=rules.open)])
    return calls[0]


@pytest.mark.parametrize("cost", [by_rules, beside_model])
@pytest.mark.parametrize("name", TEXTS)
def test_four_times_the_text_costs_four_times_the_work(name: str, cost: Callable[[str], int]) -> None:
    make = TEXTS[name]
    cost(make(SHORT))  # what is loaded or remembered once is no matter of length
    assert cost(make(4 * SHORT)) <= MOST * cost(make(SHORT))
