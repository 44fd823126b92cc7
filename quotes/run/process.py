"""The worker process: does articles that come over its standard input, as long as somebody sends any.

It decides nothing and keeps nothing: killed at any moment it takes no record and no reply with it. It ends by itself
when the process that started it is gone, however that went.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

from quotes.exchange import Reply, Request
from quotes.run.driving import Remembering, at_hand
from quotes.run.garbage import seldom_collected
from quotes.run.messages import (
    Answer,
    Asked,
    Batch,
    Dropped,
    Ended,
    Finished,
    Noted,
    Outfit,
    Ready,
    framed,
    packed,
    portable,
    told,
)
from quotes.run.working import Done, Worker

if TYPE_CHECKING:
    from quotes.exchange import Backend
    from quotes.run.messages import FromWorker
    from quotes.run.scheduling import Numbered

_MOST_HELD: Final = 16
_LONGEST_HELD: Final = 0.1
"""How many finished articles, and for how many seconds, wait to be sent together."""

_PATIENCE: Final = 1.0
"""Seconds that a worker has to close its files once nobody sends anything any more."""


def starting(module: str) -> tuple[str, ...]:
    """The command of a process that is *module*'s ``main``. The first thing it reads is `greeting`, and it looks for no
    module in the current folder before."""
    start = f"import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from {module} import main; main()"
    return sys.executable, "-P", "-c", start


def greeting() -> bytes:
    """The first thing a worker process reads: where this one finds modules, it is to find them."""
    return packed(list(sys.path))


def main() -> NoReturn:
    """Be a worker process: to the end of standard input."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what anybody prints here is no message
    try:
        outfit: Outfit = told(sys.stdin.buffer)
        with seldom_collected():
            asyncio.run(_Process(sys.stdin.buffer, out).serve(outfit))
    except (EOFError, KeyboardInterrupt):
        pass  # nobody sends anything any more
    os._exit(0)  # a thread may wait for standard input, which the interpreter would not leave to itself


class _Process:
    """One worker between two pipes. What comes is read by a thread: while an article is computed, the end is heard."""

    def __init__(self, source: BinaryIO, out: Any) -> None:
        self._source = source
        self._out = out
        self._to_do: deque[tuple[int, Any]] = deque()
        self._news = asyncio.Event()
        self._finished: list[Done] = []
        self._sent = 0.0
        self._asked: dict[int, asyncio.Future[Reply]] = {}
        self._number = 0

    async def serve(self, outfit: Outfit) -> None:
        """Do what comes until nothing does, and close what was opened."""
        loop = asyncio.get_running_loop()
        try:
            worker = self._worker = _worker(outfit, self)
        except Exception as error:
            self.send(Ended(portable(error)))
            return
        self._send_soon = outfit.relays
        self.send(Ready())
        work = asyncio.ensure_future(worker.work(self._articles(), self._take))
        threading.Thread(target=self._listen, args=(loop, work), daemon=True).start()
        try:
            await work
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self._send_finished()
            self.send(Ended(portable(error)))
        finally:
            await worker.aclose()

    def send(self, message: FromWorker) -> None:
        """Send *message*, whole; end where nobody listens any more."""
        view = memoryview(framed(message))
        try:
            while view:
                view = view[self._out.write(view) :]
        except BrokenPipeError:
            os._exit(0)

    async def ask(self, request: Request) -> Reply:
        """The reply to *request*, asked for by whoever sends the articles."""
        self._number += 1
        number = self._number
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        self.send(Asked(number, request))
        try:
            return await future
        except asyncio.CancelledError:
            self.send(Dropped(number))
            raise
        finally:
            del self._asked[number]

    def _articles(self) -> Iterator[Numbered]:
        """What has come, as it is to be done."""
        while True:
            if self._to_do:
                yield self._to_do.popleft()
            else:
                self._send_finished()
                self._news.clear()
                yield self._news.wait

    def _take(self, done: Done) -> None:
        self._finished.append(done)
        loop = asyncio.get_running_loop()
        if self._send_soon:
            if len(self._finished) == 1:
                loop.call_soon(self._send_finished)
        elif len(self._finished) >= _MOST_HELD or loop.time() - self._sent >= _LONGEST_HELD:
            self._send_finished()

    def _send_finished(self) -> None:
        if self._finished:
            assembly = self._worker.assembly
            self.send(Finished(tuple(self._finished), assembly.counts, assembly.dialects))
            self._finished.clear()
            self._sent = asyncio.get_running_loop().time()

    def _listen(self, loop: asyncio.AbstractEventLoop, work: asyncio.Future[None]) -> None:
        try:
            while True:
                loop.call_soon_threadsafe(self._heed, told(self._source))
        except Exception:  # the end, also one in the middle of a message
            with suppress(RuntimeError):  # it is closed: the work has ended
                loop.call_soon_threadsafe(work.cancel)
        threading.Event().wait(_PATIENCE)
        os._exit(0)

    def _heed(self, message: Batch | Answer) -> None:
        if isinstance(message, Batch):
            self._to_do.extend(message.articles)
            self._news.set()
            return
        future = self._asked.get(message.number)
        if future is None or future.done():
            return
        if isinstance(message.reply, Reply):
            future.set_result(message.reply)
        else:
            future.set_exception(message.reply)


class _Relayed:
    """The backend of a worker that does not ask by itself: what its store does not have, *process* has asked for."""

    def __init__(self, own: Backend, process: _Process) -> None:
        self._own = own
        self._process = process

    async def complete(self, request: Request) -> Reply:
        stored = await self.recall(request)
        return stored if stored is not None else await self._process.ask(request)

    def stored(self, request: Request) -> Reply | None:
        return self._own.stored(request) if isinstance(self._own, Remembering) else None

    async def recall(self, request: Request) -> Reply | None:
        reply = await at_hand(self._own, request)
        if reply is None:
            with suppress(UnicodeEncodeError):  # whoever sends it will say so
                _ = request.key  # computed here and not where all others wait
        return reply

    async def aclose(self) -> None:
        await self._own.aclose()


def _worker(outfit: Outfit, process: _Process) -> Worker:
    settings, environ, relays = outfit
    worker = Worker(settings, environ, note=lambda line: process.send(Noted(line)))
    if relays:
        worker.assembly.relay(_Relayed(worker.assembly.backend, process))
    return worker
