"""The entrance to an endpoint: who says when a try may go, and hears how it ended. One process has its own; many share.

Window, limiter and ledger are asked and told together, so that what is shared by many processes takes one message each
way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from quotes.errors import EndpointUnusable
from quotes.exchange import Tell, Usage, ignore
from quotes.llm.ledger import Ledger, Ticket
from quotes.llm.limiter import Limiter
from quotes.llm.window import Gate, Passage, Result, Window


@dataclass(frozen=True, slots=True)
class Ending:
    """How a try ended: its *result*, how long (seconds) the endpoint asks to be left alone (*rest*), and what was
    *used*, ``None`` where that is unknown. *headers* of its answer, lower-case names, came at *unix* in Unix time."""

    result: Result = "other"
    rest: float | None = None
    used: Usage | None = None
    headers: Mapping[str, str] | None = None
    unix: float = 0.0


class Entrance(Protocol):
    """Lets tries through, first come, first served."""

    async def enter(self, ticket: Ticket, *, again: bool) -> Any:
        """Wait for the turn of a try; what is returned is to be handed to `leave`. *again*: it is not the first try of
        its request.

        Raises:
            BudgetSpent: it might pass a limit, and nothing on the way could still make room.
            EndpointUnusable: the endpoint has been given up.
        """
        ...

    def leave(self, passage: Any, ending: Ending, /) -> None:
        """The try of *passage* has ended."""
        ...

    def give_up(self, error: EndpointUnusable, /) -> EndpointUnusable:
        """Whoever waits, now or later, gets *error*, or the one that came first, which is returned."""
        ...


class OwnEntrance:
    """The `Entrance` whose limits lie in this very process. It belongs to the event loop of its first call.

    At most *concurrency* tries are on the way at a time, at most *rpm* requests and *tpm* tokens go in any minute, and
    what they use is written into *ledger*. *useless*, where given, is why none is any good from the start. *clock*
    gives seconds, monotonic.
    """

    def __init__(
        self,
        concurrency: int,
        rpm: int | None = None,
        tpm: int | None = None,
        ledger: Ledger | None = None,
        *,
        useless: EndpointUnusable | None = None,
        tell: Tell = ignore,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """
        Raises:
            UsageError: a limit is not at least 1.
        """
        self._ledger = Ledger() if ledger is None else ledger
        self._limiter = Limiter(rpm, tpm)
        self._clock = clock
        self._useless = useless
        window = Window(concurrency)
        self._gate = Gate(window, self._limiter, clock=clock, sleep=sleep, check=self._refuse_useless, tell=tell)

    async def enter(self, ticket: Ticket, *, again: bool) -> Passage[Ticket]:
        """See `Entrance.enter`."""
        return await self._gate.enter(self._ledger.most(ticket), lambda: self._ledger.admit(ticket, again=again))

    def leave(self, passage: Passage[Ticket], ending: Ending) -> None:
        """See `Entrance.leave`."""
        if ending.headers is not None:
            self._limiter.hear(passage.share, ending.headers, self._clock(), ending.unix)
        used = None if ending.used is None else ending.used.prompt_tokens + ending.used.completion_tokens
        self._gate.leave(passage, ending.result, rest=ending.rest, tokens=used)
        self._ledger.settle(passage.ticket, ending.used)

    def give_up(self, error: EndpointUnusable) -> EndpointUnusable:
        """See `Entrance.give_up`."""
        self._useless = self._useless or error
        self._gate.wake()
        return self._useless

    def _refuse_useless(self) -> None:
        if self._useless is not None:
            raise self._useless
