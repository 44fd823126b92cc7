"""The server as a process: ``python -m tests.endpoint --faults transient --rate 0.3 --seed 7 --port 0``.

The first line on standard output is its address. It ends with its standard input, or by a signal.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading

from tests.endpoint.faults import CATALOGUE, LASTING, QUICK, TRANSIENT, Fault
from tests.endpoint.plans import AtRandom
from tests.endpoint.server import FaultServer

_GROUPS = {"none": (), "transient": TRANSIENT, "quick": QUICK, "lasting": LASTING, "most": (*QUICK, *LASTING)}


def _faults(text: str) -> tuple[Fault, ...]:
    found: list[Fault] = []
    for name in text.split(","):
        found += _GROUPS[name] if name in _GROUPS else (CATALOGUE[name],)
    return tuple(found)


async def _run(server: FaultServer) -> None:
    started = threading.Event()
    serving = asyncio.ensure_future(server.serve(started, asyncio.Event()))
    while not started.is_set():
        await asyncio.sleep(0.01)
    print(server.url, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


def main() -> None:
    """Read the options, serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint", description=__doc__)
    groups = ", ".join(_GROUPS)
    parser.add_argument("--faults", type=_faults, default=(), help=f"names, or {groups}; separated by commas")
    parser.add_argument("--rate", type=float, default=0.3, help="share of the requests that meet a fault")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=4, help="transient faults of one request in a row")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    plan = AtRandom(given.faults, given.rate, given.seed, given.most)
    asyncio.run(_run(FaultServer(plan, delay=given.delay, port=given.port)))


if __name__ == "__main__":
    main()
