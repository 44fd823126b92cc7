"""The long run on a cluster: ``python -m tests.system.ray_endurance --articles 10000 --every 20 --postgres``.

Two workers, one of which is killed every so many seconds. The records have to be those of a run in one process, no
stored reply may be requested again, and each kill may cost as many requests as are on the way at a time.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path

from tests.endpoint.articles import articles, write_articles
from tests.endpoint.server import serving
from tests.system.clusters import CONCURRENCY, command, records_of, shell_in, under_kills, up
from tests.system.database import running


def main() -> None:
    """Read the options, do it, print one line of figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.ray_endurance", description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two kills")
    parser.add_argument("--delay", type=float, default=0.1, help="seconds before each answer")
    parser.add_argument("--postgres", action="store_true", help="share a cache in PostgreSQL, which is started here")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        name, ray = stack.enter_context(tempfile.TemporaryDirectory()), stack.enter_context(up(cores=2))
        cache = stack.enter_context(running()).cache() if given.postgres else "two.sqlite"
        folder = Path(name)
        write_articles(folder / "in.jsonl", articles(given.articles))
        shell = shell_in(folder, ray)
        with serving() as server:
            assert shell.start(*command(server, "one.jsonl", "one.sqlite")).wait() == 0
            chunks = len(server.log.arrivals)
        run = under_kills(shell, ray, cache, apart=given.every, expected=chunks, delay=given.delay)
        print(run.said.strip().splitlines()[-1])
        most = chunks + run.kills * CONCURRENCY
        print(
            f"{given.articles} articles, {chunks} chunks, {run.kills} kills, {run.requests} requests (at most {most}), "
            f"{run.seconds:.0f} s"
        )
        assert run.code == 0, run.said
        assert records_of(folder / "out") == sorted((folder / "one.jsonl").read_text("utf-8").splitlines())
        assert chunks <= run.requests <= most


if __name__ == "__main__":
    main()
