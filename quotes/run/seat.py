"""A seat of the crew: one worker process after the other, what it was handed, and what it wants asked."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from quotes.cache import Counts
from quotes.errors import QuotesError
from quotes.exchange import Backend, Request
from quotes.model import Article, ChunkError
from quotes.run.messages import (
    Answer,
    Asked,
    Batch,
    Dropped,
    Ended,
    Finished,
    FromWorker,
    Noted,
    Outfit,
    Ready,
    heard,
    packed,
    portable,
)
from quotes.run.process import greeting, starting

if TYPE_CHECKING:
    from quotes.run.crew import Boss

Articles: TypeAlias = tuple[tuple[int, Article], ...]

_TRIES: Final = 3
"""How many processes an article may end, and how many may end in a row before they have begun."""
_PATIENCE: Final = 2.0
"""Seconds that a process has to end by itself."""
_LIMIT: Final = 1 << 20
"""Bytes that are read ahead of a process."""


class Unstarted(QuotesError):
    """There can be no worker process."""

    def __init__(self, what: str) -> None:
        super().__init__(what, where="--jobs", remedy="name fewer, or leave it out to do all in one process")


@dataclass(frozen=True, slots=True)
class _Handed:
    """An article that a process has, and how many it has ended: one that shared its process with others may be
    innocent."""

    index: int
    article: Article
    ended: int = 0


class Seat:
    """Keeps a worker process at work. One that is killed is replaced, and what it had is done again.

    Its articles are then handed out one at a time, so that the one that ends its process is found: it is given up
    after three.
    """

    def __init__(self, outfit: Outfit, backend: Backend | None, boss: Boss, room: int) -> None:
        """*room*: how many articles a process that asks by way of *backend* has at a time."""
        self.counts: list[Counts] = []
        self._outfit = outfit
        self._backend = backend
        self._boss = boss
        self._room = room
        self._batch = 0
        self._process: Process | None = None
        self._begun = False
        self._false_starts = 0
        self._under_way: dict[int, _Handed] = {}
        self._again: deque[_Handed] = deque()
        self._asked: dict[int, asyncio.Task[None]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self, read: Callable[[], Articles | None]) -> None:
        """Do what *read* gives, and return once it gives ``None`` and all is done.

        Raises:
            QuotesError: what ends the run for all articles.
        """
        while True:
            while self._has_room() and (batch := self._next(read)) is not None:
                await self._hand(batch)
            if not self._under_way:
                return
            await self._hear()

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def aclose(self) -> None:
        """Let the process end, and wait for that; what it wants asked is given up."""
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                await _ended(process)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await _ended(process)

    def _has_room(self) -> bool:
        if self._again or any(handed.ended for handed in self._under_way.values()):
            return not self._under_way
        return len(self._under_way) < self._room if self._outfit.relays else len(self._under_way) <= self._batch

    def _next(self, read: Callable[[], Articles | None]) -> list[_Handed] | None:
        if self._again:
            return [self._again.popleft()]
        batch = read()
        return None if batch is None else [_Handed(index, article) for index, article in batch]

    async def _hand(self, batch: list[_Handed]) -> None:
        if not batch:
            await asyncio.sleep(0)
            return
        self._batch = len(batch)
        self._under_way |= {handed.index: handed for handed in batch}
        if self._process is None:
            await self._start()
        assert self._process is not None
        self._send(self._process, Batch(tuple((handed.index, handed.article) for handed in batch)))

    async def _start(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *starting("quotes.run.process"),
                stdin=PIPE,
                stdout=PIPE,
                limit=_LIMIT,
                start_new_session=True,  # so that no signal of the terminal reaches it
            )
        except OSError as error:
            raise Unstarted(f"no worker process can be started: {error.strerror or error}") from error
        self._begun = False
        self.counts.append(Counts())
        assert self._process.stdin is not None
        self._process.stdin.write(greeting() + packed(self._outfit))

    def _send(self, process: Process, message: Any) -> None:
        if process is self._process and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(packed(message))

    async def _hear(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        message = await heard(process.stdout)
        if message is None:
            await self._replace()
        else:
            self._heed(message, process)

    def _heed(self, message: FromWorker, process: Process) -> None:
        match message:
            case Ready():
                self._begun, self._false_starts = True, 0
            case Finished(done, counts, dialects):
                self.counts[-1] = counts
                self._boss.learn(dialects)
                for one in done:
                    if self._under_way.pop(one.index, None) is not None:
                        self._boss.take(one)
            case Asked(number, request):
                self._asked[number] = task = asyncio.create_task(self._answer(process, number, request))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            case Dropped(number):
                if number in self._asked:
                    self._asked.pop(number).cancel()
            case Noted(line):
                self._boss.note(line)
            case Ended(error):
                raise error

    async def _answer(self, process: Process, number: int, request: Request) -> None:
        """Ask for *request*, and go on with that when its process has ended: the reply is on its way to the store."""
        assert self._backend is not None
        try:
            reply = await self._backend.complete(request)
        except Exception as error:
            self._send(process, Answer(number, portable(error)))
        else:
            self._send(process, Answer(number, reply))
        if process is self._process:
            self._asked.pop(number, None)

    async def _replace(self) -> None:
        """Make room for another process, and find out what the one that has ended leaves undone."""
        process, self._process = self._process, None
        assert process is not None
        self._asked.clear()
        why = _reason(await _ended(process))
        self._false_starts += not self._begun
        if self._false_starts >= _TRIES:
            raise Unstarted(f"a worker process ends before it has begun ({why})")
        lost = [replace(handed, ended=handed.ended + self._begun) for handed in self._under_way.values()]
        self._under_way.clear()
        self._boss.note(f"a worker process was lost ({why}): what it had is done again")
        for handed in lost:
            if handed.ended < _TRIES:
                self._again.append(handed)
            else:
                what = f"it has ended {handed.ended} worker processes, the last one by {why}"
                self._boss.give_up(handed.index, handed.article, ChunkError(0, "process", what))


async def _ended(process: Process) -> int:
    """The exit code of *process*, once it has one and its pipes are closed."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    while await process.stdout.read(_LIMIT):
        pass  # what nobody will heed
    code = await process.wait()
    with suppress(OSError):
        await process.stdin.wait_closed()
    return code


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
