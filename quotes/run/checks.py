"""Checks: the records of a file looked at in several processes, in their order."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from queue import SimpleQueue
from typing import BinaryIO, Final, NoReturn, TypeAlias, cast

from quotes.errors import RecordError
from quotes.formats.parts import FoundValue
from quotes.formats.verification import Look, Seen, look_at
from quotes.run.garbage import seldom_collected
from quotes.run.process import greeting, starting

_IN_A_BATCH: Final = 32
"""Records that go to a process together."""
_AHEAD: Final = 2
"""Batches a process that are read before the first of them is needed."""

_Batch: TypeAlias = list[FoundValue]
_Looks: TypeAlias = list[Seen | RecordError]


def looking(processes: int) -> Look:
    """What looks at records in so many *processes*, started as it is called and ended with its iterator."""

    def look(values: Iterable[FoundValue]) -> Iterator[Seen | RecordError]:
        checkers = [_Checker() for _ in range(processes)]
        try:
            for looks in _in_order(iter(values), checkers):
                yield from looks
        finally:
            for checker in checkers:
                checker.end()

    return look


def main() -> NoReturn:
    """Be a process that looks at records: to the end of standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints here is no answer
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError), seldom_collected():
        while True:
            batch: _Batch = pickle.load(sys.stdin.buffer)
            pickle.dump([look_at(found) for found in batch], out, pickle.HIGHEST_PROTOCOL)
            out.flush()
    os._exit(0)


def _in_order(values: Iterator[FoundValue], checkers: list[_Checker]) -> Iterator[_Looks]:
    """What *checkers* say of *values*, a batch at a time; only so many are in memory."""
    free: SimpleQueue[_Checker] = SimpleQueue()
    for checker in checkers:
        free.put(checker)

    def check(batch: _Batch) -> _Looks:
        checker = free.get()
        try:
            return checker.look(batch)
        finally:
            free.put(checker)

    under_way: deque[Future[_Looks]] = deque()
    with ThreadPoolExecutor(len(checkers)) as pool:
        try:
            while batch := list(islice(values, _IN_A_BATCH)):
                under_way.append(pool.submit(check, batch))
                if len(under_way) > _AHEAD * len(checkers):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
            for checker in checkers:
                checker.end()  # so that no thread waits for it


class _Checker:
    """A process that looks at records, started when there are any. What it does not do for whatever reason is done
    here."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._over = False

    def look(self, batch: _Batch) -> _Looks:
        """What there is to say of each record of *batch*."""
        try:
            stdin, stdout = self._pipes()
            pickle.dump(batch, stdin, pickle.HIGHEST_PROTOCOL)
            stdin.flush()
            return cast("_Looks", pickle.load(stdout))
        except Exception:  # what is no pickle may raise any
            process = self._process
            if process is not None:
                process.kill()
                process.wait()  # so that nothing it may still say is taken for an answer
            return [] if self._over else [look_at(found) for found in batch]

    def end(self) -> None:
        """End the process; a second call does nothing."""
        self._over = True
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        if self._over:
            raise EOFError
        if self._process is None:
            self._process = subprocess.Popen(
                starting("quotes.run.checks"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            assert self._process.stdin is not None
            self._process.stdin.write(greeting())
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
