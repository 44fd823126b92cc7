"""A short run of the fuzzing, and what longer ones have found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from quotes.cache.cached import check_key
from quotes.exchange import Reply, Request
from quotes.text import find_quotations
from tests.extraction.conducting import answer, attribution, extract, model_engine
from tests.fuzz.__main__ import crashes_of
from tests.fuzz.making import Maker
from tests.fuzz.targets import TARGETS

_CASES = 2400


@pytest.mark.parametrize("part", range(4))
def test_no_case_of_a_short_run_breaks_a_promise(part: int) -> None:
    count = _CASES // 4
    assert crashes_of(part * count, count) == []


def test_the_same_seed_makes_the_same_case() -> None:
    request = Request({"messages": [{"role": "user", "content": "[1] ⟦1:No⟧, she said."}]}, "local")
    one, other = Maker(7), Maker(7)
    assert [one.article(), one.reply(request)] == [other.article(), other.reply(request)]
    assert len({Maker(seed).article() for seed in range(100)}) > 95


def test_the_cases_are_worth_the_time() -> None:
    """Most articles have quotations, and most replies are of the schema: broken ones alone would end at its door."""
    found = [len(find_quotations(Maker(seed).article())) for seed in range(200)]
    assert sum(map(bool, found)) > 150
    quoted = [extract("“No,” said Ida Krell.", Maker(seed).reply, model_engine()) for seed in range(60)]
    assert sum(any("model" in quote.by for quote in one.quotes) for one in quoted) > 15


def test_the_command_tells_what_it_did_and_a_case_can_be_made_again() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.fuzz"]
    done = subprocess.run([*command, "--cases", "40", "--jobs", "2"], cwd=root, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert b"40 cases in " in done.stdout
    assert done.stdout.rstrip().endswith(b"/s: 0 crashes")
    assert subprocess.run([*command, "--only", "5"], cwd=root, capture_output=True, timeout=120).returncode == 0


def test_every_promise_has_a_target() -> None:
    assert {target.__name__ for target in TARGETS} == {
        "quotations",
        "reading",
        "requests",
        "rules",
        "answers",
        "replies",
    }


# ------------------------------------------------------------------ found


def test_half_a_surrogate_pair_in_a_reply_makes_no_request_that_cannot_be_sent() -> None:
    """JSON may name half a character in an escape; the repair shows the model its own words, and those have to go."""
    asked: list[Request] = []

    def answering(request: Request) -> Reply:
        check_key(request)
        asked.append(request)
        wrong = attribution(1, cue="sa\ud800id", speaker="Krell", said=[1, "no\udfff"])
        good = attribution(1, cue="said", speaker="Krell", said=[1])
        return answer(good) if len(asked) > 1 else answer(wrong)

    extraction = extract("“No,” said Ida Krell.", answering, model_engine())
    assert len(asked) == 2
    assert extraction.status == "complete"
    assert [extraction.quote_text(quote) for quote in extraction.quotes] == ["No,"]
