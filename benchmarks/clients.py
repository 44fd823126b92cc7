"""Clients under load, each started as a process of its own (see ``load``), so that none finds the other's garbage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Load

_ROOT = Path(__file__).parent.parent


def cores() -> tuple[int | None, int | None]:
    """A core for the client and another one for the server; none where there is only one."""
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[-1]) if len(free) > 1 else (None, None)


def run(client: str, url: str, **options: Any) -> Load:
    """What the process of *client* did; *options* are those of its command line, ``None`` for what is left out."""
    return Load(**json.loads(subprocess.run(_command(client, url, options), **_PIPED).stdout))


_PIPED: Mapping[str, Any] = {"cwd": _ROOT, "stdout": subprocess.PIPE, "text": True, "check": True}


def _command(client: str, url: str, options: Mapping[str, Any]) -> Sequence[str]:
    command = [sys.executable, "-m", "benchmarks.load", client, "--url", url]
    for name, value in options.items():
        if value is not None and value is not False:
            command += [f"--{name}", *([] if value is True else [str(value)])]
    return command


@contextmanager
def written(lines: Sequence[str]) -> Iterator[str]:
    """The path of a file of *lines*, for as long as it is needed."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        yield file.name
