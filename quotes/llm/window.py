"""The window: how many requests are on the way at a time. It grows while the endpoint keeps up and shrinks when not.

`Window` is the rule, pure, with the clock handed in; `Gate` is where requests wait for it, in the order they came.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeVar

from quotes.errors import BudgetSpent
from quotes.exchange import Tell, ignore
from quotes.llm.limiter import Limiter, Share

FIRST_SIZE: Final = 8
STEP: Final = 0.1  # seconds; after a cool-down at least one more request may start with each of them
_FIRST_REST: Final = 0.25  # seconds of a cool-down where the endpoint asks for none; doubles while nothing succeeds
_LONGEST_REST: Final = 8.0
_ROUNDING: Final = 1e-6  # seconds; what adding and taking away of times may be off by

Result = Literal["clean", "busy", "other"]
"""How a try ended: well, with the endpoint saying that it is too much, or in a way that tells nothing of load."""

_Ticket = TypeVar("_Ticket")


@dataclass(slots=True)
class Window:
    """At most *most* requests on the way; times are in seconds by one monotonic clock.

    The size begins at 8. It doubles with each window that was full and clean, until the endpoint is busy for the
    first time; from then on it grows by one. Each time the endpoint is busy it halves, once for all requests that were
    sent before. Then all rest, as long as the endpoint asks. After the rest one request starts; each that succeeds
    lets two more start, and each tenth of a second one, until the window is as large as its size.

    Source: additive increase, multiplicative decrease (Chiu and Jain, "Analysis of the increase and decrease
    algorithms for congestion avoidance in computer networks", 1989), with TCP's slow start at the beginning and after
    a rest (Jacobson, "Congestion avoidance and control", 1988).
    """

    most: int
    size: int = field(init=False)
    under_way: int = field(default=0, init=False)
    _era: int = field(default=0, init=False)  # counts the shrinkings
    _rests: int = field(default=0, init=False)  # since the last success
    _clean: int = field(default=0, init=False)  # successes since the window last changed
    _was_full: bool = field(default=False, init=False)
    _rest_ends: float = field(default=-math.inf, init=False)
    _started: int | None = field(default=None, init=False)  # since the rest; None once the window is open again
    _earned: int = field(default=0, init=False)  # starts that successes since the rest have earned

    def __post_init__(self) -> None:
        self.size = min(FIRST_SIZE, self.most)

    def wait(self, now: float) -> float | None:
        """Seconds until the next request may start: 0 for at once, ``None`` for when one of those on the way ends."""
        if now < self._rest_ends - _ROUNDING:
            return self._rest_ends - now
        if self.under_way >= self.size:
            return None
        if self._started is None or self._started < self._allowed(now):
            return 0.0
        return max(self._rest_ends + (self._steps(now) + 1) * STEP - now, _ROUNDING)

    def start(self, now: float) -> int:
        """A request starts. What is returned is to be handed to `finish`."""
        self.under_way += 1
        self._was_full |= self.under_way >= self.size
        if self._started is not None:
            self._started += 1
            if self._allowed(now) >= self.size:
                self._started = None
        return self._era

    def finish(self, era: int, result: Result, now: float, rest: float | None = None) -> None:
        """The request that got *era* from `start` has ended. *rest*: seconds the endpoint asks to be left alone."""
        self.under_way -= 1
        if result == "clean" and era == self._era:
            self._succeed()
        elif result == "busy":
            self._shrink(era, now, rest)

    def _succeed(self) -> None:
        self._rests = 0
        self._earned += 2
        self._clean += 1
        if self._clean < self.size:
            return
        if self._was_full:
            self.size = min(self.most, self.size + 1 if self._era else self.size * 2)
        self._clean, self._was_full = 0, False

    def _shrink(self, era: int, now: float, rest: float | None) -> None:
        if era == self._era:
            self._era += 1
            self.size = max(1, self.size // 2)
            self._clean, self._was_full = 0, False
            if rest is None:
                rest = min(_FIRST_REST * 2.0**self._rests, _LONGEST_REST)
            self._rests = min(self._rests + 1, 16)
        if rest is not None and now + rest > self._rest_ends:
            self._rest_ends = now + rest
            self._started, self._earned = 0, 0

    def rest(self, now: float) -> float:
        """Seconds until the rest is over; 0 where there is none."""
        return max(0.0, self._rest_ends - now)

    def _steps(self, now: float) -> int:
        return int((now - self._rest_ends + _ROUNDING) / STEP)

    def _allowed(self, now: float) -> int:
        return 1 + self._earned + self._steps(now)


@dataclass(frozen=True, slots=True)
class Passage(Generic[_Ticket]):
    """What a request that went through the gate holds, until it leaves."""

    era: int
    share: Share
    ticket: _Ticket


class Gate:
    """Lets requests through one after the other, when the *window* has room and the *limiter* allows it.

    Whoever waits holds no place in the window, and one that is cancelled while it waits leaves no trace. *check*
    raises what there is no sense in waiting any longer for.
    """

    def __init__(
        self,
        window: Window,
        limiter: Limiter,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        check: Callable[[], None] = lambda: None,
        tell: Tell = ignore,
    ) -> None:
        self._window = window
        self._limiter = limiter
        self._clock = clock
        self._sleep = sleep
        self._check = check
        self._tell = tell
        self._turn = asyncio.Lock()  # first come, first served
        self._changed = asyncio.Event()

    async def enter(self, tokens: int, admit: Callable[[], _Ticket]) -> Passage[_Ticket]:
        """Wait for the turn of a request of *tokens* tokens; *admit* is called once, when it may go.

        Raises:
            BudgetSpent: *admit* raises it, and nothing on the way could still make room.
        """
        async with self._turn:
            earliest = -math.inf
            while True:
                self._check()
                now = max(self._clock(), earliest)
                wait = self._window.wait(now)
                if wait is not None:
                    wait = max(wait, self._limiter.wait(tokens, now))
                if wait == 0.0:
                    passage = self._admitted(tokens, admit, now)
                    if passage is not None:
                        return passage
                if await self._pause(wait or None):
                    earliest = now + (wait or 0.0)  # the clock may be coarser than the sleep

    def leave(self, passage: Passage[_Ticket], result: Result, *, rest: float | None, tokens: int | None) -> None:
        """A request has ended with *result*, after *tokens* tokens. *rest*: seconds the endpoint asks to be left."""
        now, size, rested = self._clock(), self._window.size, self._window.rest(self._clock())
        self._window.finish(passage.era, result, now, rest)
        self._limiter.settle(passage.share, tokens)
        self._changed.set()
        if self._window.rest(now) > rested:
            self._tell("cooldown", {"seconds": round(self._window.rest(now), 3)})
        if self._window.size != size:
            self._tell("window", {"size": self._window.size})

    def wake(self) -> None:
        """Let whoever waits check again whether there is sense in it."""
        self._changed.set()

    def _admitted(self, tokens: int, admit: Callable[[], _Ticket], now: float) -> Passage[_Ticket] | None:
        try:
            ticket = admit()
        except BudgetSpent:
            if not self._window.under_way:
                raise
            return None  # those on the way will have used less than was set aside for them
        return Passage(self._window.start(now), self._limiter.take(tokens, now), ticket)

    async def _pause(self, seconds: float | None) -> bool:
        """Wait for a change, at most *seconds*; whether they have passed."""
        self._changed.clear()
        if seconds is None:
            await self._changed.wait()
            return False
        sleeping, changing = asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
            return sleeping.done()
        finally:
            sleeping.cancel()
            changing.cancel()
