"""The ideal: how long the same answers take where a window is never empty. Simulated, without network or processor."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Delays:
    """Seconds until answers: *usual*, or *slow* for a *share* of them, drawn from *seed* in the order of arrival."""

    usual: float = 0.0
    slow: float = 0.0
    share: float = 0.0
    seed: int = 0

    def drawn(self) -> Iterator[float]:
        """The delays, without end."""
        draw = random.Random(self.seed)
        while True:
            yield self.slow if draw.random() < self.share else self.usual

    @property
    def arguments(self) -> tuple[str, ...]:
        """As a command line of `benchmarks.server` says them."""
        said = {"delay": self.usual, "slow": self.slow, "share": self.share, "seed": self.seed}
        return tuple(part for name, value in said.items() for part in (f"--{name}", str(value)))


def ideal(delays: Iterable[float], window: int) -> float:
    """Seconds until the last of *delays* is over, at most *window* of them at a time, each begun in order as soon as
    one before it has ended (list scheduling).

    Source: Graham, "Bounds on multiprocessing timing anomalies", 1969.
    """
    ends = [0.0] * window
    for delay in delays:
        heapq.heapreplace(ends, ends[0] + delay)
    return max(ends)


def barriers(delays: Iterable[float], window: int) -> float:
    """As `ideal`, for one who begins the next *window* answers only when all of the last ones are there."""
    total, batch = 0.0, list[float]()
    for delay in delays:
        batch.append(delay)
        if len(batch) == window:
            total += max(batch)
            batch = []
    return total + max(batch, default=0.0)
