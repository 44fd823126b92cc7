"""Batches: what many coroutines want of a database at once, done in one go by a thread, so that no event loop waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final, Generic, TypeVar

from quotes.errors import QuotesError

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST: Final = 64  # of one batch


class Batches(Generic[Item, Result]):
    """Gathers what is asked for while the batch before is under way: one at a time, in the order of asking.

    It belongs to one event loop at a time.
    """

    def __init__(self, executor: Executor, work: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        """*work* is called in a thread of *executor*, and gives a result for every item."""
        self._executor = executor
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._under_way = 0
        self._running: asyncio.Task[None] | None = None

    def ask(self, item: Item) -> asyncio.Future[Result]:
        """What *work* makes of *item*, in time. It is done even where nobody waits for the result."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())
        return future

    async def settle(self, seconds: float) -> int:
        """Wait until all that was asked for is done, at most *seconds*; how much of it is not done then."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while self._running is not None and not self._running.done() and clock() < until:
            await asyncio.wait([self._running], timeout=until - clock())
        return len(self._waiting) + self._under_way

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            items = [item for item, _ in batch]
            self._under_way = len(batch)
            try:
                results = await loop.run_in_executor(self._executor, self._work, items)
            except Exception as error:  # whatever it is, those who wait are told
                for _, future in batch:
                    if not future.done():
                        future.set_exception(_own(error))
                        future.exception()  # nobody may be waiting, which is no reason for a complaint
                continue
            finally:
                self._under_way = 0
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _own(error: Exception) -> Exception:
    """An error for one of several: raised in two places, one would gather the traces of both."""
    if isinstance(error, QuotesError):
        copied = type(error)(error.what, where=error.where, remedy=error.remedy)
        copied.__cause__ = error.__cause__
        return copied
    return error
