"""Run many cases and tell what broke: ``python -m tests.fuzz --cases N --seed S --jobs J``.

The case of a crash is made again with ``--only SEED``, which shows its traceback.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.fuzz.making import Maker
from tests.fuzz.targets import TARGETS

_BLOCK = 2000


def run_case(seed: int) -> None:
    """The case of *seed*: its target, its article, its replies."""
    TARGETS[seed % len(TARGETS)](Maker(seed))


def crashes_of(start: int, cases: int) -> list[tuple[int, str]]:
    """The seeds from *start* on at which one of *cases* broke a promise, with what was raised."""
    found = []
    for seed in range(start, start + cases):
        try:
            run_case(seed)
        except Exception as error:  # a crash is what is looked for, whatever it is
            found.append((seed, f"{TARGETS[seed % len(TARGETS)].__name__}: {type(error).__name__}: {error}"[:300]))
    return found


def run(cases: int, seed: int, jobs: int) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """How many cases are done, and the crashes among the last of them, as they come."""
    blocks = [(start, min(_BLOCK, seed + cases - start)) for start in range(seed, seed + cases, _BLOCK)]
    done = 0
    if jobs == 1:
        for start, count in blocks:
            done += count
            yield done, crashes_of(start, count)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for (_, count), crashes in zip(blocks, pool.map(crashes_of, *zip(*blocks, strict=True)), strict=True):
            done += count
            yield done, crashes


def main() -> int:
    """Run as the command line says; 1 where anything broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the first case; the next has the next")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes")
    parser.add_argument("--only", type=int, metavar="SEED", help="this case alone, with its traceback")
    options = parser.parse_args()
    if options.only is not None:
        run_case(options.only)
        return 0
    begun, kinds = time.monotonic(), Counter[str]()
    for done, crashes in run(options.cases, options.seed, options.jobs):
        for seed, what in crashes:
            kinds[what.partition("\n")[0][:80]] += 1
            print(f"crash: --only {seed}: {what}", flush=True)
        rate = done / (time.monotonic() - begun)
        print(f"{done:,} cases, {rate:,.0f}/s, {sum(kinds.values())} crashes", end="\r", file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    print(
        f"{options.cases:,} cases in {seconds:,.0f} s, {options.cases / seconds:,.0f}/s: {sum(kinds.values())} crashes"
    )
    for what, count in kinds.most_common():
        print(f"  {count:,} × {what}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
