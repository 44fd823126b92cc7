"""A Ray cluster on this machine, runs on it, and the hand that kills their workers."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from quotes.cache import open_store
from quotes.formats import read_values
from tests.cli.processes import Shell
from tests.endpoint.answers import MODEL
from tests.endpoint.server import FaultServer, serving

CONCURRENCY = 8
_WORKER = b"ray::MapWorker"
_UP = """
import ray, sys
context = ray.init(address="local", num_cpus={cores}, include_dashboard=False, object_store_memory=256 << 20)
print("up", context.address_info["gcs_address"], flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Ray:
    """A runtime that is up: its *address*, the *secret* that lets one in, the *process* whose children work."""

    address: str
    secret: Mapping[str, str]
    process: int

    def workers(self) -> list[int]:
        """The processes that work on articles now."""
        return sorted(each for each in _below(self.process, _parents()) if _called(each).startswith(_WORKER))


@contextlib.contextmanager
def up(cores: int) -> Iterator[Ray]:
    """A runtime of so many *cores*."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", _UP.format(cores=cores)],
        env={**os.environ, **quiet, **secret, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith(b"up "))
        yield Ray(said.split()[1].decode(), secret, process.pid)
    finally:
        process.communicate(timeout=60)


def shell_in(folder: Path, ray: Ray) -> Shell:
    """A shell that *ray* lets in, and whose warnings are no errors: those of the library are not ours."""
    shell = Shell(folder)
    del shell.environment["PYTHONWARNINGS"]
    shell.environment |= ray.secret
    return shell


def command(server: FaultServer, out: str, cache: str, *more: object) -> tuple[object, ...]:
    """An extraction of ``in.jsonl`` by way of *server*."""
    where = ("extract", "in.jsonl", "-o", out, "--model", MODEL, "--base-url", server.url, "--cache", cache)
    cut = ("--chunk-tokens", 100, "--context-tokens", 40, "--lang", "en")
    return (*where, *cut, "--concurrency", CONCURRENCY, *more)


def records_of(folder: Path) -> list[str]:
    """The records in the parts of *folder*, sorted."""
    return sorted(line for part in folder.glob("part-*.jsonl") for line in part.read_text("utf-8").splitlines())


@dataclass(frozen=True, slots=True)
class Disturbed:
    """What came of a run under *kills*: its *code*, what it *said*, how many *requests* came, in how many *seconds*."""

    code: int
    said: str
    requests: int
    kills: int
    seconds: float


def under_kills(
    shell: Shell, ray: Ray, cache: str, *, kills: int = 10**6, apart: float | None = None, expected: int, delay: float
) -> Disturbed:
    """The extraction to ``out/`` by two workers, one of which is killed now and then: *apart* seconds, or as many times
    as *kills* says, spread over the requests that are *expected*.

    Nothing that was stored when a worker was killed is requested after it.
    """
    draw = random.Random(7)
    with serving(delay=delay) as server:
        began = time.monotonic()
        place = cache if "://" in cache else str(shell.folder / cache)
        more = ("--engine", "ray", "--ray-address", ray.address, "--jobs", 2)
        run = shell.start(*command(server, "out/", cache, *more), stdout=subprocess.DEVNULL)
        killed, heard, stored, last = 0, 0, set[str](), None
        while run.poll() is None:
            time.sleep(0.05)
            arrived = len(server.log.arrivals)
            last = last or (time.monotonic() if arrived else None)
            if apart is None:
                due = killed < kills and arrived >= expected * (killed + 1) / (kills + 1)
            else:
                due = last is not None and time.monotonic() - last >= apart
            workers = ray.workers() if due else []
            if workers:
                os.kill(draw.choice(workers), signal.SIGKILL)
                killed, last = killed + 1, time.monotonic()
                assert not stored & set(server.log.keys[heard:]), "a stored reply was requested again"
                stored = _stored(place)
                heard = len(server.log.arrivals)  # only now: what was asked for meanwhile may have been stored already
        _, said = run.communicate(timeout=60)
        assert not stored & set(server.log.keys[heard:]), "a stored reply was requested again"
        requests = len(server.log.arrivals)
    return Disturbed(run.returncode, said.decode(), requests, killed, time.monotonic() - began)


def same_records(one: Path, parts: Path) -> bool:
    """Whether the records in the file *one* and in *parts* are the same set, whatever their formats."""
    found = [str(found) for part in sorted(parts.glob("part-*")) for found in read_values(part)]
    return sorted(map(str, read_values(one))) == sorted(found)


def _stored(place: str) -> set[str]:
    """The keys in the cache at *place*."""
    store = open_store(place, create=False)
    try:
        return set(store.keys())
    finally:
        store.close()


def _parents() -> dict[int, int]:
    found = {}
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            found[int(name)] = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
    return found


def _below(process: int, parents: dict[int, int]) -> Iterator[int]:
    for child in [each for each, parent in parents.items() if parent == process]:
        yield child
        yield from _below(child, parents)


def _called(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path("/proc", str(process), "cmdline").read_bytes()
    return b""
