"""Retrying: how often a request is tried again, and how long is waited before. Pure; ``tenacity`` does the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quotes.llm.headers import LONGEST_WAIT
from quotes.llm.outcomes import Retry


class AgainError(Exception):
    """A try that is worth another. *kind* is ``status``, or without an answer ``connect``, ``timeout``, ``broken``."""

    def __init__(self, retry: Retry, *, kind: str = "status") -> None:
        super().__init__(retry.reason)
        self.retry = retry
        self.kind = kind

    @property
    def brief(self) -> str:
        """The reason without the endpoint's own words, which may quote the text."""
        return self.retry.reason.partition(":")[0] if self.kind == "status" else self.kind

    @property
    def is_turned_away(self) -> bool:
        """Whether the endpoint said that it is too early: nothing was tried, and nothing speaks against the request."""
        return self.brief == "status 429"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is tried, and how long is waited between two tries. Waits are in seconds.

    The wait before the second try lies between half of *first_wait* and all of it; each later one doubles,
    up to *longest_wait*. Where the endpoint says how long, that is waited. *timeouts* bounds the tries that
    may end in a timeout, as each costs minutes; *turned_away* those that meet a rate limit, which is no fault of the
    request and does not count among its *tries*. *opening_tries* goes for connections while the endpoint has
    never answered, and for answers that are none of a model's while it has given no good one;
    *failures_in_a_row* requests that got no reply, after all their tries, end the run.
    """

    tries: int = 8
    timeouts: int = 2
    turned_away: int = 20
    first_wait: float = 1.0
    longest_wait: float = LONGEST_WAIT
    opening_tries: int = 3
    opening_wait: float = 0.5
    failures_in_a_row: int = 20

    def tries_for(self, again: AgainError, *, reached: bool, proven: bool) -> int:
        """How many tries there are in all for what ended as *again*. *reached*: the endpoint has answered before,
        *proven*: with a good answer."""
        doubtful = again.retry.unusable is not None and not proven
        if doubtful or (again.kind == "connect" and not reached):
            return self.opening_tries
        if again.is_turned_away:
            return self.turned_away
        return self.timeouts if again.kind == "timeout" else self.tries

    def is_enough(self, ended: Sequence[AgainError], *, reached: bool, proven: bool) -> bool:
        """Whether there is no sense in another try after all that *ended* so, the last one last.

        The bounds for what costs much or says much count such tries alone: what ended otherwise is no part of them.
        """
        last = ended[-1]
        most = self.tries_for(last, reached=reached, proven=proven)
        alike = sum(_sort(one) == _sort(last) for one in ended)
        tried = sum(not one.is_turned_away for one in ended)
        return alike >= most or tried >= max(self.tries, most)

    def wait(
        self, again: AgainError, attempt: int, *, reached: bool, uniform: Callable[[float, float], float]
    ) -> float:
        """Seconds to wait after the *attempt*-th try, the first being 1, has ended as *again*."""
        if again.retry.after is not None:
            # Never earlier than asked; a little later, so that those told the same do not all come at once.
            return min(again.retry.after + uniform(0.0, 0.25), self.longest_wait)
        opening = again.kind == "connect" and not reached
        base = self.opening_wait if opening else self.first_wait
        longest = min(base * 2.0 ** (attempt - 1), self.longest_wait)
        return uniform(longest / 2, longest)


def _sort(again: AgainError) -> tuple[str, bool, bool]:
    """What has a bound of its own."""
    return again.kind, again.retry.unusable is not None, again.is_turned_away
