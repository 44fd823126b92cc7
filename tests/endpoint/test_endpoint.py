"""The fault server itself: what comes is drawn from seed, request and attempt alone, and its good answers are good."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from quotes.exchange import Reply, Request
from quotes.extraction.attributors import Findings
from quotes.extraction.conversation import ModelAttributor
from quotes.text import read
from tests.endpoint.answers import answer
from tests.endpoint.articles import articles
from tests.endpoint.faults import CATALOGUE, LASTING, QUICK, TRANSIENT
from tests.endpoint.plans import AtRandom, InTurn
from tests.endpoint.server import serving
from tests.run.worlds import prompt

BODY = {"model": "sample-1b", "messages": [{"role": "user", "content": "Text:\n[1] ⟦1:Not yet,⟧ Ida Krell said."}]}
KEYS = [f"{number:064x}" for number in range(2000)]


def drawn(plan: AtRandom, attempts: int = 3) -> list[str | None]:
    found = (plan(BODY, key, attempt) for key in KEYS for attempt in range(1, attempts + 1))
    return [None if fault is None else fault.name for fault in found]


def test_which_fault_comes_depends_on_seed_request_and_attempt_alone() -> None:
    assert drawn(AtRandom(QUICK, seed=3)) == drawn(AtRandom(QUICK, seed=3))
    assert drawn(AtRandom(QUICK, seed=3)) != drawn(AtRandom(QUICK, seed=4))


@pytest.mark.parametrize("faults", [QUICK, LASTING, (*TRANSIENT, *LASTING)])
def test_as_many_requests_fail_as_was_asked_for(faults: tuple[object, ...]) -> None:
    first = drawn(AtRandom(faults, rate=0.3), attempts=1)  # type: ignore[arg-type]
    assert 0.26 < sum(name is not None for name in first) / len(first) < 0.34


def test_a_fault_of_a_request_comes_at_every_attempt_and_one_of_a_try_passes() -> None:
    lasting, passing = AtRandom(LASTING, rate=0.5), AtRandom(QUICK, rate=1.0, most=4)
    for key in KEYS[:200]:
        assert len({lasting(BODY, key, attempt) for attempt in range(1, 9)}) == 1
        assert [passing(BODY, key, attempt) is None for attempt in range(1, 7)] == [False] * 4 + [True] * 2


def test_a_good_answer_is_wholly_grounded() -> None:
    quotes = 0
    for name, text in articles(40):
        for exchange in ModelAttributor(prompt(chunk_tokens=100)).exchanges(read(text), name):
            asked = next(exchange)
            with pytest.raises(StopIteration) as end:
                exchange.send(Reply(answer(asked.body)))
            found: Findings = end.value.value
            assert (found.rejected, found.open, found.errors) == ((), {}, ())
            quotes += len(found.found)
    assert quotes > 80


def test_the_log_tells_what_came_and_what_was_delivered() -> None:
    met = [CATALOGUE["500"], CATALOGUE["reset before the answer"]]
    with serving(InTurn(met)) as server:
        for wanted in (500, None, 200):
            assert sent(server.url) == wanted
    key = Request(BODY, "local").key
    assert [(a.key, a.attempt, a.fault) for a in server.log.arrivals] == [
        (key, 1, "500"),
        (key, 2, "reset before the answer"),
        (key, 3, None),
    ]
    assert [a.attempt for a in server.log.delivered] == [1, 3]


def test_it_runs_as_a_process_and_ends_with_its_standard_input() -> None:
    command = [sys.executable, "-m", "tests.endpoint", "--faults", "500,a stall", "--rate", "0", "--seed", "7"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert sent(url) == 200
        with urllib.request.urlopen(url.removesuffix("/v1") + "/log", timeout=10) as response:
            assert json.load(response)["arrivals"] == [[Request(BODY, "local").key, 1, None]]
        process.communicate(timeout=10)
    assert process.returncode == 0


def sent(url: str) -> int | None:
    """The status of the answer to one request, ``None`` where none comes."""
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(BODY).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            response.read()
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None
