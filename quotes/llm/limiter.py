"""The limiter: when the next request may go, by requests and tokens a minute. Pure: the clock is handed in.

Limits that the user gave hold over any minute, by a log of what was sent in the last one (a sliding window, not
quarters of an hour that begin anew). Of what was not given, the headers of the answers tell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quotes.errors import UsageError
from quotes.llm.headers import COUNTED, LONGEST_WAIT, Allowance, Counted, allowance

MINUTE: Final = 60.0  # seconds
_ROUNDING: Final = 1e-6  # seconds; what adding and taking away of times may be off by


@dataclass(slots=True, eq=False)
class Share:
    """What one try takes of the limits: a request, and *tokens*. *at* is when, by the limiter's clock."""

    at: float
    tokens: int


class Limiter:
    """At most *rpm* requests and *tpm* tokens in any minute; where one is ``None``, as the endpoint's headers say.

    Times are in seconds, by one monotonic clock. A request larger than all of *tpm* goes when nothing else counts.
    """

    def __init__(self, rpm: int | None = None, tpm: int | None = None) -> None:
        """
        Raises:
            UsageError: a limit is not at least 1.
        """
        for name, limit in (("--rpm", rpm), ("--tpm", tpm)):
            if limit is not None and limit < 1:
                raise UsageError("the limit is below 1", where=name, remedy="give a number a minute, or leave it out")
        self._logs: dict[Counted, _Log] = {"requests": _Log(rpm), "tokens": _Log(tpm)}
        self._told: dict[Counted, _Told] = {}
        self._under_way: set[Share] = set()

    def wait(self, tokens: int, now: float) -> float:
        """Seconds until a request of *tokens* tokens may go; 0 for at once."""
        waits = [log.wait(_amount(counted, tokens), now) for counted, log in self._logs.items()]
        waits += [told.wait(_amount(counted, tokens), now) for counted, told in self._told.items()]
        return max(waits)

    def take(self, tokens: int, now: float) -> Share:
        """Set aside what a request of *tokens* tokens takes that goes now."""
        share = Share(now, tokens)
        self._under_way.add(share)
        self._logs["requests"].add(Share(now, 1))
        self._logs["tokens"].add(share)
        for counted, told in self._told.items():
            told.left -= _amount(counted, tokens)
        return share

    def settle(self, share: Share, tokens: int | None) -> None:
        """Correct what was set aside to the *tokens* that were used; ``None`` where that is not known."""
        self._under_way.discard(share)
        if tokens is not None:
            self._logs["tokens"].correct(share, tokens)

    def hear(self, share: Share, headers: Mapping[str, str], now: float, unix: float) -> None:
        """Learn from the *headers* (lower-case names) of the answer to *share*. It came at *now*, *unix* in Unix time.

        Endpoints count a request when it comes: those on the way that went after it are not in what they say.
        """
        if not any("ratelimit" in name for name in headers):
            return
        for counted in COUNTED:
            said = allowance(headers, counted, unix) if self._logs[counted].limit is None else None
            told = _told(said, share.at, now) if said is not None else None
            known = self._told.get(counted)
            if told is not None and (known is None or known.sent <= told.sent):
                told.left -= sum(_amount(counted, one.tokens) for one in self._under_way if one.at > share.at)
                self._told[counted] = told


def _amount(counted: Counted, tokens: int) -> int:
    return 1 if counted == "requests" else tokens


class _Log:
    """What was sent in the last minute, and the most that may be."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._entries: deque[Share] = deque()
        self._sum = 0

    def wait(self, amount: int, now: float) -> float:
        if self.limit is None:
            return 0.0
        self._forget(now)
        excess = self._sum + min(amount, self.limit) - self.limit
        until = now
        for entry in self._entries:
            if excess <= 0:
                break
            excess -= entry.tokens
            until = entry.at + MINUTE
        return until - now

    def add(self, share: Share) -> None:
        if self.limit is not None:
            self._entries.append(share)
            self._sum += share.tokens

    def correct(self, share: Share, amount: int) -> None:
        if share in self._entries:
            self._sum += amount - share.tokens
            share.tokens = amount

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0].at + MINUTE <= now + _ROUNDING:
            self._sum -= self._entries.popleft().tokens


@dataclass(slots=True)
class _Told:
    """What is *left* of a *limit* by the answer to what was *sent* then, less what went since.

    It comes back at *rate* a second from *at* on; nothing is known any more after *until*.
    """

    left: float
    limit: float
    rate: float
    sent: float
    at: float
    until: float

    def wait(self, amount: int, now: float) -> float:
        missing = min(float(amount), self.limit) - self.left - self.rate * (now - self.at)
        if missing <= _ROUNDING or now >= self.until:
            return 0.0
        rest = self.until - now
        return min(missing / self.rate, rest) if self.rate > 0 else rest


def _told(said: Allowance, sent: float, now: float) -> _Told | None:
    if said.left is None or said.reset is None:
        return None
    limit = max(said.limit if said.limit is not None else said.left, said.left)
    rate = (limit - said.left) / said.reset if said.steady and said.reset > 0 else 0.0
    return _Told(said.left, max(limit, 1.0), rate, sent, now, now + min(said.reset, LONGEST_WAIT))
