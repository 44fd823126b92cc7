"""The crew: worker processes that do the articles of one run.

Whoever has a crew reads, asks and writes; the processes only compute. So whatever ends one of them, no record and no
reply goes with it: its articles are done again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from quotes.cache import Counts
from quotes.exchange import Backend
from quotes.model import Article, ChunkError
from quotes.prompting.dialect import Dialect
from quotes.run.messages import Outfit
from quotes.run.scheduling import Numbered, gravest
from quotes.run.seat import Articles, Seat
from quotes.run.settings import Settings
from quotes.run.working import Done

_MOST_IN_A_BATCH: Final = 16
_CHARACTERS_IN_A_BATCH: Final = 100_000
_LONGEST_READING: Final = 0.05
"""Seconds after which a batch is full, however few articles are in it: what is finished waits meanwhile."""


class Boss(Protocol):
    """Who has a crew, and hears of its work."""

    def take(self, done: Done) -> None:
        """An article is done."""

    def give_up(self, index: int, article: Article, error: ChunkError) -> None:
        """*article* has ended every process that did it."""

    def learn(self, dialects: tuple[Dialect, ...]) -> None:
        """The endpoint is asked in *dialects*."""

    def note(self, line: str) -> None:
        """A remark for people."""


class Crew:
    """At most *most* worker processes, each started when there is work for it. Close it on the loop that it is used on.

    Memory does not grow with the number of articles: a few are with each process at a time.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        boss: Boss,
        most: int,
        backend: Backend | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*backend* is where the requests of all processes go: one window, one ledger, one store that is written.
        Without one each looks into a store by itself. *clock* gives seconds."""
        self._boss = boss
        self._clock = clock
        self._notes: set[str] = set()
        self._handed = 0
        self._waiting: deque[tuple[int, Article]] = deque()
        self._awaited: dict[int, asyncio.Future[None]] = {}
        self._alone: asyncio.Task[None] | None = None
        share = settings.window if backend is None else min(settings.window, -(-settings.window // most) + 1)
        outfit = Outfit(replace(settings, concurrency=share), dict(environ), backend is not None)
        self._seats = tuple(Seat(outfit, backend, self, share) for _ in range(most))

    @property
    def counts(self) -> tuple[Counts, ...]:
        """What each process that there was has counted."""
        return tuple(counts for seat in self._seats for counts in seat.counts)

    async def run(self, articles: Iterator[Numbered]) -> None:
        """Do all *articles*. They are read as there is room for them.

        Raises:
            QuotesError: what ends the run for all articles.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for seat in self._seats:
                    group.create_task(seat.run(partial(self._read, articles)))
        except BaseExceptionGroup as failures:
            raise gravest(failures) from None

    async def do(self, index: int, article: Article) -> None:
        """Do one *article* beside others.

        Raises:
            QuotesError: as `run`.
        """
        self._awaited[index] = asyncio.get_running_loop().create_future()
        self._waiting.append((index, article))
        if self._alone is None or self._alone.done():
            self._alone = asyncio.create_task(self._seats[0].run(self._next_waiting))
        done, alone = self._awaited[index], self._alone
        await asyncio.wait((done, alone), return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            alone.result()

    def take(self, done: Done) -> None:
        """Hand *done* on to the boss."""
        self._boss.take(done)
        self._ended(done.index)

    def give_up(self, index: int, article: Article, error: ChunkError) -> None:
        """Hand on that *article* cannot be done."""
        self._boss.give_up(index, article, error)
        self._ended(index)

    def learn(self, dialects: tuple[Dialect, ...]) -> None:
        """Hand on what a process has learnt."""
        self._boss.learn(dialects)

    def note(self, line: str) -> None:
        """Hand on a remark, once, however many processes make it."""
        if line not in self._notes:
            self._notes.add(line)
            self._boss.note(line)

    def kill(self) -> None:
        """End all processes at once."""
        for seat in self._seats:
            seat.kill()

    async def aclose(self) -> None:
        """Let all processes end, and wait for that. None of them is left."""
        if self._alone is not None:
            self._alone.cancel()
        await asyncio.gather(*(seat.aclose() for seat in self._seats))

    def _read(self, articles: Iterator[Numbered]) -> Articles | None:
        """The next batch, ``None`` at the end: small as long as few were handed out, so that each process gets some."""
        most = min(_MOST_IN_A_BATCH, 1 + self._handed // (4 * len(self._seats)))
        batch: list[tuple[int, Article]] = []
        characters, until = 0, self._clock() + _LONGEST_READING
        for numbered in articles:
            if isinstance(numbered, tuple):
                batch.append(numbered)
                characters += len(numbered[1].text)
            if len(batch) >= most or characters >= _CHARACTERS_IN_A_BATCH or self._clock() >= until:
                self._handed += len(batch)
                return tuple(batch)
        self._handed += len(batch)
        return tuple(batch) or None

    def _next_waiting(self) -> Articles | None:
        return (self._waiting.popleft(),) if self._waiting else None

    def _ended(self, index: int) -> None:
        future = self._awaited.pop(index, None)
        if future is not None and not future.done():
            future.set_result(None)
