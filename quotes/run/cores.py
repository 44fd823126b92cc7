"""Cores: how many of this machine's may be used."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """How many cores this process may use, at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes(jobs: int | None) -> int | None:
    """How many processes *jobs* means, as it is said on the command line: 0 is one for each core."""
    return usable_cores() if jobs == 0 else jobs
