"""Plans: which fault comes to which request at which attempt. All of them are functions without memory."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.endpoint.faults import Body, Fault


class Plan(Protocol):
    """What comes to the *attempt*-th request (from 1) of *body*, whose cache key is *key*: a fault or a good answer."""

    def __call__(self, body: Body, key: str, attempt: int, /) -> Fault | None: ...


def no_fault(_body: Body, _key: str, _attempt: int) -> Fault | None:
    """The plan of an endpoint that works."""
    return None


@dataclass(frozen=True)
class InTurn:
    """The first attempt of every body meets the first of *faults*, the second the second; then all is well."""

    faults: Sequence[Fault | None]

    def __call__(self, body: Body, _key: str, attempt: int) -> Fault | None:
        fault = self.faults[attempt - 1] if attempt <= len(self.faults) else None
        return fault if fault is not None and fault.meets(body) else None


@dataclass(frozen=True)
class Always:
    """Every request that *fault* meets has it, at every attempt."""

    fault: Fault

    def __call__(self, body: Body, _key: str, _attempt: int) -> Fault | None:
        return self.fault if self.fault.meets(body) else None


@dataclass(frozen=True)
class AtRandom:
    """A share *rate* of all requests meets one of *faults*, which one and when is drawn from *seed*, key and attempt.

    A fault of a request comes to it at every attempt. Those of a try come at most *most* times in a row, and
    the slow ones to a first attempt only. A fault of the endpoint comes to all it meets.
    """

    faults: Sequence[Fault]
    rate: float = 0.3
    seed: int = 0
    most: int = 4

    def __call__(self, body: Body, key: str, attempt: int) -> Fault | None:
        faults = [fault for fault in self.faults if fault.meets(body)]
        of_all = next((fault for fault in faults if fault.scope == "endpoint"), None)
        return of_all or self._of_the_request(faults, key) or self._of_the_try(faults, key, attempt)

    def _of_the_request(self, faults: Sequence[Fault], key: str) -> Fault | None:
        lasting = [fault for fault in faults if fault.scope == "request"]
        share = len(lasting) / len(faults) if faults else 0.0
        return self._drawn(lasting, self.rate * share, key)

    def _of_the_try(self, faults: Sequence[Fault], key: str, attempt: int) -> Fault | None:
        if attempt > self.most:
            return None
        passing = [fault for fault in faults if fault.scope == "try"]
        share = len(passing) / len(faults) if faults else 0.0
        if attempt > 1:
            passing = [fault for fault in passing if not fault.slow]
        return self._drawn(passing, self.rate * share, f"{key} {attempt}")

    def _drawn(self, faults: Sequence[Fault], rate: float, of: str) -> Fault | None:
        draw = random.Random(f"{self.seed} {of}")
        return draw.choice(faults) if faults and draw.random() < rate else None
