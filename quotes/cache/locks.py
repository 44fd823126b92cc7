"""Locks on keys between processes: one byte of a lock file a key, freed by the kernel when its process dies.

Where the system has no such locks (no ``fcntl``, a network file system that refuses them) nothing is
locked: a request may then be paid twice, but no stored reply is harmed.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from quotes.cache.writing import open_private

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.01, 0.25, 1.5  # seconds between two tries


class Locks(Protocol):
    """The locks on the keys of one store, whoever keeps them."""

    def hold(self, key: str) -> AbstractAsyncContextManager[None]:
        """Keep *key* (hex digits) from every other process, waiting for the one that has it."""
        ...

    async def aclose(self) -> None:
        """Give up what is held; a second call does nothing."""
        ...


def waits() -> Iterator[float]:
    """The seconds between two tries at a lock that somebody has."""
    wait = _FIRST_WAIT
    while True:
        yield wait
        wait = min(wait * _GROWTH, _LONGEST_WAIT)


class KeyLocks:
    """The locks of one store, taken by its requests in flight."""

    def __init__(self, path: Path) -> None:
        """*path* is the lock file; it is made at the first lock and removed when no process uses it."""
        self._path = path
        self._file: _LockFile | None = None

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Keep *key* (hex digits) from every other process, waiting for the one that has it."""
        file = self._file = self._file or _shared_file(self._path)
        offset = int(key[:15], 16)  # 60 bits: two keys hardly meet, and then they only wait for each other
        pauses = waits()
        while not file.try_lock(offset):
            await asyncio.sleep(next(pauses))
        try:
            yield
        finally:
            file.unlock(offset)

    async def aclose(self) -> None:
        """Give the lock file up; a second call does nothing."""
        if self._file is not None:
            _release(self._file)
            self._file = None


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Keep all keys of the store whose lock file is *path* from everybody else. False: somebody has one now."""
    file = _shared_file(path)
    try:
        yield file.try_lock_all()
    finally:
        file.unlock_all()
        _release(file)


class _LockFile:
    """One lock file of this process. POSIX drops all of a process's locks on a file with any descriptor of it closed,
    so there is one descriptor a path, whoever uses it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self._descriptor: int | None = None
        self._held: set[int] = set()
        self._all = False

    def try_lock(self, offset: int) -> bool:
        if offset in self._held or self._all:
            return False
        if fcntl is not None:
            try:
                if not self._lock(offset):
                    return False
            except OSError:
                self.close()  # not lockable: go on without
        self._held.add(offset)
        return True

    def try_lock_all(self) -> bool:
        """Lock all keys; whoever wants one meanwhile waits."""
        if self._held or self._all:
            return False
        try:
            self._all = fcntl is None or self._lock(0, 0)
        except OSError:
            self.close()  # not lockable: go on without
            self._all = True
        return self._all

    def unlock_all(self) -> None:
        if self._all:
            self._all = False
            self._unlock(0, 0)

    def unlock(self, offset: int) -> None:
        self._held.discard(offset)
        self._unlock(offset, 1)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def remove_if_idle(self) -> None:
        """Remove the file unless another process holds a lock in it."""
        if self._descriptor is not None and not self._held:
            with suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.path.unlink()
        self.close()

    def _lock(self, offset: int, length: int = 1) -> bool:
        """Lock *length* bytes from *offset* on, or all from there on where *length* is 0."""
        if self._descriptor is None:
            self._descriptor = open_private(self.path)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, offset)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):  # somebody has it
                return False
            raise
        if self._is_current():
            return True
        self.close()  # removed by a process that ended meanwhile: the next try makes it anew
        return False

    def _unlock(self, offset: int, length: int) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, length, offset)

    def _is_current(self) -> bool:
        assert self._descriptor is not None
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except FileNotFoundError:
            return False


_files: dict[Path, _LockFile] = {}
_files_guard = threading.Lock()


def _shared_file(path: Path) -> _LockFile:
    with _files_guard:
        file = _files.setdefault(path.resolve(), _LockFile(path.resolve()))
        file.users += 1
        return file


def _release(file: _LockFile) -> None:
    with _files_guard:
        file.users -= 1
        if file.users == 0:
            del _files[file.path]
            file.remove_if_idle()
