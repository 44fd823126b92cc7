"""Slow answers among quick ones: how long a run takes that is never to wait for the slowest of a batch.

    python -m benchmarks.tail                  # 200 requests, a tenth of them slow, three rounds: two minutes
    python -m benchmarks.tail --full --json    # seven rounds

Every answer takes 100 ms, one in ten a second, drawn by a seeded generator in the order of arrival; ten are under way
at a time. The ideal is a simulation of these very delays (list scheduling on ten servers): a window that is never
empty, and a processor that needs no time. Imports count for nobody. LangExtract sends a batch and waits for all of it,
by default; with batches as large as the whole work it does not, which is measured beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from typing import Any

from benchmarks import clients
from benchmarks.ideal import Delays, barriers, ideal
from benchmarks.peer import LangExtract, MissingPeer, langextract
from benchmarks.rate_limits import text_of
from benchmarks.results import Row, middle, ratio
from benchmarks.server import Running, serving

REQUESTS, WINDOW = 200, 10
USUAL, SLOW, SHARE = 0.1, 1.0, 0.1  # seconds, seconds, and how many of a hundred
WHAT = f"time for {REQUESTS} requests of {USUAL * 1000:.0f} ms, one in ten of {SLOW:.0f} s, {WINDOW} under way"


def measure(rounds: int, python: str | None) -> dict[str, Any]:
    """Seconds of all clients, in turns, *rounds* times with other delays each."""
    taken: dict[str, list[float]] = {}
    versions: dict[str, str] = {}
    missing = ""
    with ExitStack() as stack:
        try:
            peer = stack.enter_context(langextract(python))
            versions["langextract"] = peer.version
        except MissingPeer as error:
            peer, missing = None, str(error)
        for seed in range(1, rounds + 1):
            delays = Delays(USUAL, SLOW, SHARE, seed)
            drawn = list(islice(delays.drawn(), REQUESTS))
            taken.setdefault("ideal", []).append(ideal(drawn, WINDOW))
            taken.setdefault("batches", []).append(barriers(drawn, WINDOW))
            with serving(delays) as server:
                for name, run in _clients(server, peer).items():
                    server.reset()
                    taken.setdefault(name, []).append(run())
                    if server.served != REQUESTS:
                        raise RuntimeError(f"{name} sent {server.served} requests, not {REQUESTS}")
    rows = [
        Row(WHAT, "the ideal: a window never empty", ratio(taken["quotes"], taken["ideal"])),
        *(Row(WHAT, name, ratio(taken["quotes"], taken[name])) for name in taken if name.startswith("LangExtract")),
    ]
    figures = {f"seconds: {name}": middle(seconds) for name, seconds in taken.items()}
    return {"figures": figures, "rows": rows, "versions": versions, "missing": missing}


def _clients(server: Running, peer: LangExtract | None) -> dict[str, Callable[[], float]]:
    found: dict[str, Callable[[], float]] = {"quotes": lambda: _own(server)}
    if peer is not None:
        found["LangExtract"] = lambda: _theirs(server, peer, WINDOW)
        found["LangExtract, all in one batch"] = lambda: _theirs(server, peer, REQUESTS)
    return found


def _own(server: Running) -> float:
    return clients.run("quotes", server.url, articles=REQUESTS, concurrency=WINDOW, plain=True).seconds


def _theirs(server: Running, peer: LangExtract, batch: int) -> float:
    documents = [(f"d{number}", text_of(number)) for number in range(REQUESTS)]
    params, settings = {"max_workers": WINDOW}, {"batch_length": batch}
    done = peer.extract(documents, server.url, "sample-1b", params=params, settings=settings)
    if done["error"]:
        raise RuntimeError(f"LangExtract ended with {done['error']}")
    return float(done["seconds"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--full", action="store_true", help="seven rounds instead of three")
    parser.add_argument("--langextract-python", help="a Python that has LangExtract, where this one has not")
    parser.add_argument("--json", action="store_true", help="on one line")
    chosen = parser.parse_args()
    found = measure(chosen.rounds or (7 if chosen.full else 3), chosen.langextract_python)
    print(json.dumps(found, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
