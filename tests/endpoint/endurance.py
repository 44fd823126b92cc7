"""Long runs among faults, kill -9 and rivals, of any size: each returns its figures, or fails an assertion."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotes.cache import open_store
from quotes.prompting import cut_chunks
from quotes.text import read
from tests.cli.processes import Shell
from tests.endpoint.answers import MODEL
from tests.endpoint.articles import articles, write_articles
from tests.endpoint.faults import LASTING, QUICK, Fault
from tests.endpoint.plans import AtRandom
from tests.endpoint.server import FaultServer, serving

CONCURRENCY = 32
_CHUNK_TOKENS, _CONTEXT_TOKENS = 100, 40
_TIMEOUT = 5  # seconds a stall costs
_LONG = 120  # seconds; where nothing stalls, no answer may be given up on a busy machine, for it would be asked again
_PATIENCE = 3600  # seconds for a whole command
_GOOD = (None, "a slow trickle")

PASSING = QUICK
"""Faults that leave every article complete."""
BRISK = tuple(fault for fault in QUICK if not fault.slow)
"""Those of them that cost no timeout."""
ALL = (*QUICK, *LASTING)


class _Watch:
    """Sees to it that nothing is requested that was stored when the process before was killed."""

    def __init__(self, shell: Shell, server: FaultServer) -> None:
        self._cache = shell.folder / "cache.sqlite"
        self._server = server
        self._heard, self._stored = 0, set[str]()

    def check(self) -> None:
        """Hold what the server has heard since the last check against what was stored then."""
        again = self._stored & set(self._server.log.keys[self._heard :])
        assert not again, f"{len(again)} stored replies were requested again"
        self._heard = len(self._server.log.arrivals)
        store = open_store(self._cache, create=False)
        self._stored = set(store.keys())
        store.close()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a long run came to. *seconds* is the time of its commands; *requests* are counted by the server."""

    articles: int
    chunks: int
    requests: int
    seconds: float
    statuses: dict[str, int]
    faults: dict[str, int]
    kills: int = 0

    def __str__(self) -> str:
        """One line for people."""
        killed = f", {self.kills} kills" if self.kills else ""
        states = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.articles} articles ({states}), {self.chunks} chunks, {self.requests} requests "
            f"({self.requests / self.chunks:.2f} a chunk), {sum(self.faults.values())} faults of "
            f"{len(self.faults)} kinds{killed}, {self.seconds:.1f} s"
        )


def among_faults(folder: Path, count: int, faults: Sequence[Fault], *, rate: float = 0.3, seed: int = 0) -> Figures:
    """*count* articles while a share *rate* of requests fail: each is in the output, complete or with a reason."""
    shell = _shell(folder, count, seed)
    with serving(AtRandom(faults, rate, seed)) as server:
        started = time.monotonic()
        code = _finished(shell.start(*_command(server), stdout=subprocess.DEVNULL))
        seconds = time.monotonic() - started
    records = _records(folder / "out.jsonl", count, seed)
    assert code == (0 if all(record["status"] == "complete" for record in records) else 1)
    for record in records:
        assert record["status"] == "complete" or record["errors"] or record["unresolved"], record["id"]
    return _figures(server, records, count, seed, seconds)


def under_kills(folder: Path, count: int, kills: int, *, rate: float = 0.3, seed: int = 0) -> Figures:
    """A run killed *kills* times at moments drawn from *seed*, and started again each time.

    It gives the file of an undisturbed run, byte for byte, and nothing that was stored when it died is requested again.
    """
    undisturbed = _shell(folder / "undisturbed", count, seed)
    with serving() as server:
        assert _finished(undisturbed.start(*_command(server), stdout=subprocess.DEVNULL)) == 0
        apart = len(server.log.arrivals) / (kills + 1.5)  # so that each kill finds something under way
    shell = _shell(folder / "killed", count, seed)
    draw = random.Random(f"kills {seed}")
    with serving(AtRandom(BRISK, rate, seed), delay=0.005) as server:
        watch = _Watch(shell, server)
        started = time.monotonic()
        for _ in range(kills):
            process = shell.start(*_command(server), stdout=subprocess.DEVNULL)
            server.wait_for(len(server.log.arrivals) + draw.randrange(1, max(2, int(2 * apart))))
            time.sleep(draw.random() * 0.05)
            assert process.poll() is None, "the run was over before it could be killed"
            process.send_signal(signal.SIGKILL)
            process.communicate()
            watch.check()
        code = _finished(shell.start(*_command(server), stdout=subprocess.DEVNULL))
        seconds = time.monotonic() - started
        watch.check()
    assert code == 0
    assert (shell.folder / "out.jsonl").read_bytes() == (undisturbed.folder / "out.jsonl").read_bytes()
    return _figures(server, _records(shell.folder / "out.jsonl", count, seed), count, seed, seconds, kills)


def side_by_side(folder: Path, count: int, *, rate: float = 0.3, seed: int = 0) -> Figures:
    """Two processes with one cache on the same articles: equal outputs, and nothing is answered twice."""
    shell = _shell(folder, count, seed)
    with serving(AtRandom(BRISK, rate, seed), delay=0.005) as server:
        started = time.monotonic()
        names = ("one.jsonl", "two.jsonl")
        both = [shell.start(*_command(server, out, timeout=_LONG), stdout=subprocess.DEVNULL) for out in names]
        codes = [_finished(process) for process in both]
        seconds = time.monotonic() - started
    assert codes == [0, 0]
    one, two = ((folder / name).read_bytes() for name in names)
    assert one == two
    answered = Counter(arrival.key for arrival in server.log.arrivals if arrival.fault in _GOOD)
    twice = {key[:8]: count for key, count in answered.items() if count > 1}
    assert not twice, f"answers were paid for twice: {twice}"
    return _figures(server, _records(folder / "one.jsonl", count, seed), count, seed, seconds)


def _shell(folder: Path, count: int, seed: int) -> Shell:
    folder.mkdir(parents=True, exist_ok=True)
    write_articles(folder / "in.jsonl", articles(count, seed))
    return Shell(folder)


def _command(server: FaultServer, out: str = "out.jsonl", *, timeout: float = _TIMEOUT) -> tuple[object, ...]:
    where = ("extract", "in.jsonl", "-o", out, "--model", MODEL, "--base-url", server.url, "--cache", "cache.sqlite")
    cut = ("--chunk-tokens", _CHUNK_TOKENS, "--context-tokens", _CONTEXT_TOKENS, "--lang", "en")
    return (*where, *cut, "--concurrency", CONCURRENCY, "--timeout", timeout)


def _finished(process: subprocess.Popen[bytes]) -> int:
    """The exit code of *process*, which says nothing of a traceback."""
    _, said = process.communicate(timeout=_PATIENCE)
    assert b"Traceback" not in said, said.decode()
    assert process.returncode in (0, 1), said.decode()
    return process.returncode


def _records(out: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """The records of *out*, which has every article once and in order."""
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == [name for name, _ in articles(count, seed)]
    assert not out.with_name(out.name + ".part").exists()
    return records


def _figures(
    server: FaultServer, records: list[dict[str, Any]], count: int, seed: int, seconds: float, kills: int = 0
) -> Figures:
    chunks = sum(
        len(cut_chunks(read(text), chunk_tokens=_CHUNK_TOKENS, context_tokens=_CONTEXT_TOKENS))
        for _, text in articles(count, seed)
    )
    statuses = Counter(record["status"] for record in records)
    log = server.log
    return Figures(count, chunks, len(log.arrivals), seconds, dict(statuses), dict(log.faults), kills)
