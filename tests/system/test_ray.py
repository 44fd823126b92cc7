"""Runs on a Ray cluster: what they give, what they cost when workers are killed, and what ends them."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quotes.formats import read_values
from tests.cli.processes import Shell
from tests.endpoint.articles import articles, write_articles
from tests.endpoint.faults import CATALOGUE
from tests.endpoint.plans import Always
from tests.endpoint.server import serving
from tests.system.clusters import CONCURRENCY, Ray, command, records_of, shell_in, under_kills, up

COUNT = 240
KILLS = 3


@pytest.fixture(scope="module")
def ray() -> Iterator[Ray]:
    with up(cores=2) as runtime:
        yield runtime


@pytest.fixture
def shell(tmp_path: Path, ray: Ray) -> Shell:
    write_articles(tmp_path / "in.jsonl", articles(COUNT))
    return shell_in(tmp_path, ray)


def on(ray: Ray) -> tuple[object, ...]:
    return ("--engine", "ray", "--ray-address", ray.address, "--jobs", 2)


def problems(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("quotes: in.jsonl")]


def test_killed_workers_lose_nothing_and_nothing_is_paid_twice(ray: Ray, shell: Shell):
    with (shell.folder / "in.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
        file.write(json.dumps({"id": "ward/00003", "text": "Another text under an id met before."}) + "\n")
    with serving() as server:
        alone = shell.run(*command(server, "one.jsonl", "one.sqlite"))
        chunks = len(server.log.arrivals)
    run = under_kills(shell, ray, "two.sqlite", kills=KILLS, expected=chunks, delay=0.03)
    assert run.kills == KILLS
    assert chunks <= run.requests <= chunks + KILLS * CONCURRENCY
    assert records_of(shell.folder / "out") == sorted((shell.folder / "one.jsonl").read_text("utf-8").splitlines())
    assert (run.code, problems(run.said)) == (alone.code, problems(alone.err)) == (1, problems(run.said))
    assert len(problems(run.said)) == 2
    assert f"{COUNT} articles" in run.said
    assert "1 unreadable, 1 with an id met before" in run.said


def test_a_rate_is_shared_by_all_workers(ray: Ray, shell: Shell):
    with serving() as server:
        run = shell.start(*command(server, "out/", "two.sqlite", "--rpm", 11, *on(ray)))
        server.wait_for(11)
        time.sleep(3)  # in which an unshared limit would let the other worker's eleven through
        run.send_signal(signal.SIGTERM)
        _, said = run.communicate(timeout=60)
        assert len(server.log.arrivals) == 11
    assert run.returncode == 130
    assert said.decode().splitlines()[-1] == "quotes: interrupted; the same command asks only for what is missing"


def test_a_wrong_key_ends_the_run_as_in_one_process(ray: Ray, shell: Shell):
    with serving(Always(CATALOGUE["401 wrong key"])) as server:
        alone = shell.run(*command(server, "one.jsonl", "one.sqlite"))
        run = shell.run(*command(server, "out/", "two.sqlite", *on(ray)))
    assert (run.code, run.lines[-1]) == (alone.code, alone.lines[-1])
    assert run.code == 4
    assert not records_of(shell.folder / "out")


def test_parts_of_parquet_hold_the_same_records(ray: Ray, shell: Shell):
    arguments = ("extract", "in.jsonl", "-o")
    assert shell.run(*arguments, "one.jsonl").code == 0
    run = shell.run(*arguments, "out/*.parquet", "--log-json", "log.jsonl", *on(ray), stdout=subprocess.DEVNULL)
    assert run.code == 0, run.err
    made = [found for part in sorted((shell.folder / "out").glob("part-*.parquet")) for found in read_values(part)]
    assert [found.value for found in made] == [found.value for found in read_values(shell.folder / "one.jsonl")]
    events = [json.loads(line)["event"] for line in (shell.folder / "log.jsonl").read_text().splitlines()]
    assert (events[0], events[-1], events.count("article")) == ("run", "end", COUNT)
