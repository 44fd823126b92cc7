"""Limits that many workers share: the one place that lets their tries through, and what is said on the way to it.

Nothing here knows how messages travel. A worker that has been silent for a while, or begins a new life, has died: what
it had on the way may have been done all the same, and counts with the most it may have used.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from quotes.errors import EndpointUnusable, QuotesError
from quotes.exchange import Usage
from quotes.llm.entrance import Ending, OwnEntrance
from quotes.llm.ledger import Ledger, Spending, Ticket

BEAT: Final = 1.0
"""Seconds after which a worker that waits for answers is told that there are none."""
SILENCE: Final = 5.0
"""Seconds without a word after which a worker counts as dead."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A try wants in, under a *number* of its worker's."""

    number: int
    estimate: int
    output: int
    size: int
    wide: int
    again: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A try has ended."""

    number: int
    ending: Ending


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Nobody waits for this try any more, and it was not sent."""

    number: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No try of any worker is of use any more."""

    error: EndpointUnusable


@dataclass(frozen=True, slots=True)
class Answered:
    """A try may go, or has to end in *error*."""

    number: int
    error: QuotesError | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The *answers* for a worker, which is *known* by this number since it was last forgotten: what it asked before
    that it has to ask again."""

    known: int
    answers: tuple[Answered, ...] = ()


Message: TypeAlias = Ask | Left | Withdrawn | GivenUp


@dataclass(slots=True)
class _Worker:
    """What is known of a worker in one of its lives."""

    life: str
    number: int
    heard: float
    waiting: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    under_way: dict[int, Any] = field(default_factory=dict)
    answers: list[Answered] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class SharedLimits:
    """The window, the limiter and the ledger of all workers. It belongs to one event loop.

    *concurrency*, *rpm* and *tpm* hold for all of them together, as does *ledger*. *clock* gives seconds, monotonic.
    """

    def __init__(
        self,
        concurrency: int,
        rpm: int | None = None,
        tpm: int | None = None,
        ledger: Ledger | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = Ledger() if ledger is None else ledger
        self._entrance = OwnEntrance(concurrency, rpm, tpm, self._ledger)
        self._workers: dict[str, _Worker] = {}
        self._clock = clock
        self._numbers = itertools.count(1)

    async def tell(self, worker: str, life: str, messages: Sequence[Message]) -> None:
        """Hear what *worker* has to say in this *life*, in order."""
        known = self._known(worker, life)
        for message in messages:
            if isinstance(message, Ask):
                self._take(known, message)
            elif isinstance(message, Left):
                self._leave(known, message.number, message.ending)
            elif isinstance(message, Withdrawn):
                self._withdraw(known, message.number)
            else:
                self._entrance.give_up(message.error)

    async def hear(self, worker: str, life: str) -> Heard:
        """What *worker* is answered, as soon as there is something, none after `BEAT` seconds."""
        known = self._known(worker, life)
        if not known.answers:
            known.news.clear()
            try:
                async with asyncio.timeout(BEAT):
                    await known.news.wait()
            except TimeoutError:
                pass
        known.heard = self._clock()
        answers, known.answers = known.answers, []
        return Heard(known.number, tuple(answers))

    async def spending(self) -> Spending:
        """What all tries of all workers have used, the dead ones' included."""
        self._forget_silent()
        return self._ledger.spending

    async def close(self) -> Spending:
        """The same once no worker is at work any more: what is on the way counts with the most it may use."""
        for worker in self._workers.values():
            self._forfeit(worker)
        self._workers.clear()
        return self._ledger.spending

    def _known(self, worker: str, life: str) -> _Worker:
        known = self._workers.get(worker)
        if known is not None and known.life == life:
            known.heard = self._clock()
        self._forget_silent()
        if known is None or known.life != life:
            if known is not None:
                self._forfeit(known)
            known = self._workers[worker] = _Worker(life, next(self._numbers), self._clock())
        return known

    def _forget_silent(self) -> None:
        now = self._clock()
        for name, worker in list(self._workers.items()):
            if now - worker.heard > SILENCE:
                self._forfeit(worker)
                del self._workers[name]

    def _forfeit(self, worker: _Worker) -> None:
        """Nobody will say how the tries of *worker* ended."""
        for task in worker.waiting.values():
            task.cancel()
        for passage in worker.under_way.values():
            self._entrance.leave(passage, Ending())
        worker.waiting.clear()
        worker.under_way.clear()

    def _take(self, worker: _Worker, ask: Ask) -> None:
        """Let *ask* wait for its turn, unless it was heard before."""
        answered = any(answer.number == ask.number for answer in worker.answers)
        if ask.number not in worker.waiting and ask.number not in worker.under_way and not answered:
            worker.waiting[ask.number] = asyncio.create_task(self._admit(worker, ask))

    async def _admit(self, worker: _Worker, ask: Ask) -> None:
        error: QuotesError | None = None
        ticket = Ticket(ask.estimate, ask.output, ask.size, ask.wide)
        try:
            worker.under_way[ask.number] = await self._entrance.enter(ticket, again=ask.again)
        except QuotesError as refusal:
            error = refusal
        worker.waiting.pop(ask.number, None)
        worker.answers.append(Answered(ask.number, error))
        worker.news.set()

    def _leave(self, worker: _Worker, number: int, ending: Ending) -> None:
        passage = worker.under_way.pop(number, None)
        if passage is not None:
            self._entrance.leave(passage, ending)

    def _withdraw(self, worker: _Worker, number: int) -> None:
        task = worker.waiting.pop(number, None)
        if task is not None:
            task.cancel()
        self._leave(worker, number, Ending(used=Usage()))
