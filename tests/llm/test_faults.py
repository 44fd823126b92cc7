"""Every fault of the catalogue through the whole command: one article meets each, all of them in one run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quotes.exchange import Reply, Request
from quotes.llm import LiveEndpoint, RetryPolicy
from tests.cli.processes import Done, Shell
from tests.endpoint.answers import shown_lines
from tests.endpoint.articles import write_articles
from tests.endpoint.faults import CATALOGUE, Body, Fault
from tests.endpoint.plans import Always, InTurn
from tests.endpoint.server import FaultServer, nothing_there, serving

MET = [fault for fault in CATALOGUE.values() if fault.scope != "endpoint" and fault.seconds < 2]

LEFT_OPEN = {
    "a refusal": ("refusal", "I cannot help with that."),
    "filtered": ("content_filter", "content filter"),
    "400 content filter": ("content_filter", "content filter"),
    "20 MB": ("request", "larger than 8 MB"),
    "400": ("request", "status 400"),
}
"""What asking again cannot help: its kind in the record, and words of its message. All else is got over."""

SPLIT = {"cut off at the limit", "a white-space loop", "400 context overflow"}
SOUND = {"a slow trickle", "the answer as reasoning", "an answer in a fence", "everything twice"}
"""What is an answer as it is."""


def text(number: int) -> str:
    """An article of two quotes. Only a whole one names both the pier and the quay of its number."""
    return (
        f"“The ferry to pier {number} is late,” Ida Krell said. "
        f"Jonas Brandt said that the harbour at quay {number} will stay open until June."
    )


@dataclass(frozen=True)
class ByArticle:
    """The first question about article *n* meets ``MET[n]``: a passing fault at its first attempt, others always."""

    def __call__(self, body: Body, _key: str, attempt: int) -> Fault | None:
        words = "\n".join(shown_lines(body).values()).replace(".", " ").split()
        number = words[words.index("pier") + 1] if "pier" in words and "quay" in words else None
        is_first = body["messages"][-1]["content"].rstrip().endswith("until June.")
        if number is None or not is_first:
            return None
        fault = MET[int(number)]
        return fault if fault.scope == "request" or attempt == 1 else None


@dataclass(frozen=True)
class Run:
    """A finished command: its records by fault, how often each article's first question was sent, and itself."""

    done: Done
    records: dict[str, dict[str, Any]]
    server: FaultServer

    def requests(self, fault: str) -> int:
        """How many requests were sent about the article that met *fault*."""
        number = [met.name for met in MET].index(fault)
        bodies = self.server.log.bodies
        mine = {key for key, body in bodies.items() if f"pier {number} " in json.dumps(body["messages"][-3:])}
        mine |= {key for key, body in bodies.items() if f"quay {number} " in json.dumps(body["messages"][-3:])}
        return sum(key in mine for key in self.server.log.keys)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    shell = Shell(tmp_path_factory.mktemp("faults"))
    write_articles(shell.folder / "in.jsonl", ((fault.name, text(n)) for n, fault in enumerate(MET)))
    with serving(ByArticle()) as server:
        done = extract(shell, server, "--concurrency", 16, "--timeout", 3)
        yield Run(done, {record["id"]: record for record in done.records}, server)


def extract(shell: Shell, server: FaultServer | str, *arguments: object) -> Done:
    url = server if isinstance(server, str) else server.url
    return shell.run(
        "extract", "in.jsonl", "--model", "sample-1b", "--base-url", url, "--cache", "c.sqlite", *arguments
    )


def test_every_article_is_in_the_output_once_whatever_it_met(run: Run):
    assert [record["id"] for record in run.done.records] == [fault.name for fault in MET]
    assert run.done.code == 1  # some are reported
    assert {record["id"] for record in run.done.records if record["status"] != "complete"} == set(LEFT_OPEN)


def test_every_fault_was_met(run: Run):
    assert run.server.log.faults.keys() == {fault.name for fault in MET}


@pytest.mark.parametrize("fault", [fault.name for fault in MET if fault.name not in LEFT_OPEN])
def test_what_can_be_got_over_leaves_no_trace(run: Run, fault: str):
    record = run.records[fault]
    assert record["status"] == "complete"
    assert record["errors"] == []
    assert [quote["speaker_name"] for quote in record["quotes"]] == ["Ida Krell", "Jonas Brandt"]
    assert record["quotes"][0]["text"].startswith("The ferry to pier")


@pytest.mark.parametrize("fault", LEFT_OPEN)
def test_what_cannot_be_got_over_is_told_where_it_happened(run: Run, fault: str):
    kind, words = LEFT_OPEN[fault]
    record = run.records[fault]
    assert [error["kind"] for error in record["errors"]] == [kind]
    assert words in record["errors"][0]["message"]
    assert [entry["span"] for entry in record["unresolved"]], "the quotation is lost"


@pytest.mark.parametrize("fault", [fault.name for fault in MET if fault.name not in LEFT_OPEN])
def test_no_fault_costs_more_requests_than_it_takes(run: Run, fault: str):
    assert run.requests(fault) == (1 if fault in SOUND else 3 if fault in SPLIT else 2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401 wrong key", ["wants a key", "QUOTES_API_KEY"]),
        ("429 exhausted quota", ["quota is exhausted", "add credit"]),
        ("html under 200", ["web page", "/v1?"]),
    ],
)
def test_what_every_request_would_meet_ends_the_run_at_once(tmp_path: Path, fault: str, words: list[str]):
    shell = Shell(tmp_path)
    write_articles(tmp_path / "in.jsonl", ((str(n), text(n)) for n in range(40)))
    with serving(Always(CATALOGUE[fault])) as server:
        done = extract(shell, server, "-o", "out.jsonl", "--concurrency", 4)
    assert done.code == 4
    assert all(word in done.err for word in words), done.err
    assert len(server.log.arrivals) <= 12


def test_an_endpoint_that_is_not_there_ends_the_run_at_once(tmp_path: Path):
    shell = Shell(tmp_path)
    write_articles(tmp_path / "in.jsonl", [("a", text(1))])
    done = extract(shell, nothing_there())
    assert done.code == 4
    assert "nothing listens there: Connection refused" in done.err
    assert "--base-url" in done.err


@pytest.mark.parametrize(
    "faults", [("500", "429", "a stall"), ("429", "500", "html under 200"), ("429", "html under 200", "529", "a stall")]
)
def test_faults_of_different_kinds_use_up_the_tries_of_none_of_them(faults: tuple[str, ...]):
    with serving(InTurn([CATALOGUE[name] for name in faults])) as server:
        live = LiveEndpoint(server.url, timeout=0.5, policy=RetryPolicy(first_wait=0.01))
        reply = asyncio.run(asked(live))
    assert reply.outcome == "complete"
    assert len(server.log.arrivals) == len(faults) + 1


async def asked(live: LiveEndpoint) -> Reply:
    body = {"model": "sample-1b", "messages": [{"role": "user", "content": f"Text:\n[1] {text(1)}"}]}
    try:
        return await live.complete(Request(body, "local"))
    finally:
        await live.aclose()


@pytest.mark.parametrize("fault", ["schema refused", "unknown max_tokens", "unknown temperature"])
def test_a_form_that_is_refused_is_replaced_by_one_that_is_taken(tmp_path: Path, fault: str):
    shell = Shell(tmp_path)
    write_articles(tmp_path / "in.jsonl", ((str(n), text(n)) for n in range(6)))
    with serving(Always(CATALOGUE[fault])) as server:
        done = extract(shell, server, "--concurrency", 2)
    assert done.code == 0, done.err
    assert [len(record["quotes"]) for record in done.records] == [2] * 6
    good = [arrival for arrival in server.log.delivered if arrival.fault is None]
    assert len(good) == 6
