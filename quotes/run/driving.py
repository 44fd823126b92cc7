"""Driving: one opened article and its conversations with the backend, in time and in the form that holds."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from quotes.errors import DeadlinePassed, FormRefused, ReplayMiss, RequestFailed
from quotes.exchange import Backend, Reply, Request
from quotes.model import Article, Extraction

Answer = TypeVar("Answer")


class Work(Protocol[Answer]):
    """One opened article: conversations that do not depend on each other, and what is made of their answers."""

    @property
    def exchanges(self) -> Sequence[Generator[Request, Reply, Answer]]:
        """The conversations. None of them where nothing has to be asked."""
        ...

    def finish(self, answers: Sequence[Answer], /) -> Extraction:
        """The record, from the answers in the order of *exchanges*."""
        ...


Opened = TypeVar("Opened", bound=Work[Any])


class Adapting(Protocol[Opened]):
    """Whoever knows in which form articles are asked about, and what other form is left. See `quotes.run.descent`."""

    @property
    def several(self) -> bool:
        """Whether a replay may hold answers in more than one form."""
        ...

    def heard(self, work: Opened, reply: Reply, /) -> None:
        """A request of *work* was answered by *reply*."""
        ...

    def refused(self, work: Opened, error: FormRefused, /) -> Opened | None:
        """The article of *work* opened anew in another form, or ``None`` where its own failure is what remains.

        Raises:
            FormRefused: no article can be done.
        """
        ...

    def missed(self, work: Opened, /) -> Opened | None:
        """The article of *work*, to which a replay has no answers, opened anew as it may have been asked about."""
        ...

    def renewed(self, work: Opened, /) -> Opened | None:
        """The article opened anew, where the form *work* was asked in has been given up for all; else ``None``."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A backend that has replies at hand, for which nobody has to wait."""

    def stored(self, request: Request, /) -> Reply | None:
        """The reply to *request* that is at hand, or ``None``. Raises what `Backend.complete` would where nobody can
        be asked."""
        ...


@runtime_checkable
class Recalling(Remembering, Protocol):
    """A backend whose replies at hand may be a round trip away."""

    async def recall(self, request: Request, /) -> Reply | None:
        """As `Remembering.stored`, while the event loop goes on."""
        ...


async def at_hand(backend: Backend, request: Request) -> Reply | None:
    """The reply to *request* that *backend* has at hand, or ``None``. Raises as `Remembering.stored` does."""
    if isinstance(backend, Recalling):
        return await backend.recall(request)
    return backend.stored(request) if isinstance(backend, Remembering) else None


async def drive(exchange: Generator[Request, Reply, Answer], backend: Backend) -> Answer:
    """Lead one conversation to its end, and return what the generator returns.

    A :class:`RequestFailed` is thrown into the generator, which may go on; every other error of the backend
    closes the generator and is raised here.
    """
    try:
        request = next(exchange)
        while True:
            try:
                reply = await backend.complete(request)
            except RequestFailed as failure:
                request = exchange.throw(failure)
            else:
                request = exchange.send(reply)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    finally:
        exchange.close()


@dataclass(slots=True)
class Underway(Generic[Opened]):
    """An article under way. *closed* once its record is handed over, or it is opened anew.

    *until* is the time of the loop at which its time is up, *miss* what a replay lacked of it; both outlive its
    opening anew.
    """

    index: int
    article: Article
    work: Opened
    answers: dict[int, Any] = field(default_factory=dict)
    missing: int = 0
    closed: bool = False
    until: float | None = None
    miss: ReplayMiss | None = None


class AbandonedError(Exception):
    """The article has been opened anew: nobody waits for what is left of the old exchanges."""


@dataclass(frozen=True, slots=True)
class Line(Generic[Opened]):
    """The backend as one article reaches it: until its time is up, or it is opened anew.

    The time runs from the first request that has to be asked, and what is stored is had after its end too.
    """

    backend: Backend
    opened: Underway[Opened]
    adapting: Adapting[Opened] | None
    timeout: float | None

    async def complete(self, request: Request) -> Reply:
        """The reply to *request*.

        Raises:
            DeadlinePassed: the article's time is up.
            AbandonedError: nobody waits for it any more.
            QuotesError: as the backend says.
        """
        self._check()
        reply = await (self.backend.complete(request) if self.timeout is None else self._in_time(request, self.timeout))
        self._check()
        if self.adapting is not None:
            self.adapting.heard(self.opened.work, reply)
        return reply

    def _check(self) -> None:
        if self.opened.closed:
            raise AbandonedError

    async def _in_time(self, request: Request, timeout: float) -> Reply:
        stored = await at_hand(self.backend, request)
        if stored is not None:
            return stored  # what a run makes of its store must not depend on the clock
        now = asyncio.get_running_loop().time()
        if self.opened.until is None:
            self.opened.until = now + timeout
        if now >= self.opened.until:
            raise _late(timeout)
        try:
            async with asyncio.timeout_at(self.opened.until) as scope:
                return await self.backend.complete(request)
        except TimeoutError:
            if scope.expired():
                raise _late(timeout) from None
            raise

    async def aclose(self) -> None:
        """The backend is the run's."""


def _late(timeout: float) -> DeadlinePassed:
    return DeadlinePassed(f"the {timeout:g} s for this article were over", remedy="raise --article-timeout")
