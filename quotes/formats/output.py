"""Writing so that a file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from quotes.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

STDOUT = "-"
LEFT_AFTER: Final = 3600.0
"""Seconds after which what a process that is gone has left beside a file is removed."""


def check_writable(path: str | Path | None) -> None:
    """Make sure that *path* can be written, before any work is spent. ``None`` and ``-`` are standard output.

    What runs that were killed have left beside it is removed.

    Raises:
        OutputError: it is a folder, its folder is missing, or it may not be written.
    """
    if path is None or str(path) == STDOUT:
        return
    with failures_of(path):
        target = _target(path)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if _is_plain(target):
            try:
                _open_beside(target).close()
            finally:
                _beside(target).unlink(missing_ok=True)
            _remove_left_over(target)


class AtomicText:
    """A text file that takes its place only when the ``with`` block ends well; else nothing is changed.

    Written beside *path*, flushed to the disk, then renamed over it; a link is followed, the mode of an
    existing file is kept. ``None`` and ``-`` mean *stdout* (standard output by default); that, devices and
    pipes are written directly. UTF-8, line ends as given. A reader gone away is a ``BrokenPipeError``.

    Raises:
        OutputError: the disk is full, the folder is missing, or writing is not allowed.
    """

    def __init__(self, path: str | Path | None, *, stdout: BinaryIO | None = None) -> None:
        self._path = STDOUT if path is None else path
        self._stdout = stdout
        self._target: Path | None = None
        self._stream: BinaryIO

    def __enter__(self) -> Self:
        with failures_of(self._path):
            if str(self._path) == STDOUT:
                self._stream = self._stdout or sys.stdout.buffer
                return self
            target = _target(self._path)
            if _is_plain(target):
                self._stream = _open_beside(target)
                self._target = target
            else:
                self._stream = target.open("wb")
        return self

    def write(self, text: str) -> None:
        """Append *text*. Half a surrogate pair, which UTF-8 cannot hold, is written as its JSON escape."""
        with failures_of(self._path):
            self._stream.write(text.encode("utf-8", "backslashreplace"))

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with failures_of(self._path):
                    self._finish()
        finally:
            self._release()

    def _finish(self) -> None:
        self._stream.flush()
        if self._target is None:
            return
        os.fsync(self._stream.fileno())
        self._stream.close()
        _take_place(_beside(self._target), self._target)

    def _release(self) -> None:
        if str(self._path) == STDOUT:
            return
        with suppress(OSError):
            self._stream.close()
        if self._target is not None:
            _beside(self._target).unlink(missing_ok=True)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Where to write what takes the place of *path* when the block ends well; else nothing is changed.

    For formats whose library wants a file of its own, to be closed before the block ends; as :class:`AtomicText`
    otherwise.

    Raises:
        OutputError: *path* cannot be written, or is standard output, a device or a pipe.
    """
    with failures_of(path):
        if str(path) == STDOUT or not _is_plain(target := _target(path)):
            where = "standard output" if str(path) == STDOUT else str(path)
            raise OutputError("only text can be written there", where=where, remedy="name a file")
        beside = _beside(target)
        beside.unlink(missing_ok=True)
    try:
        yield beside
        with failures_of(path):
            with beside.open("rb+") as stream:
                os.fsync(stream.fileno())
            _take_place(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _take_place(beside: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        beside.chmod(stat.S_IMODE(target.stat().st_mode))
    beside.replace(target)
    # Only with its folder on the disk too does the new name outlive a power cut; not every system can do that.
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _target(path: str | Path) -> Path:
    """The file that is really written: where *path*, if a link, leads to."""
    target = Path(path).resolve() if Path(path).is_symlink() else Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    return target


def _is_plain(target: Path) -> bool:
    return target.is_file() or not target.exists()


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _open_beside(target: Path) -> BinaryIO:
    return _beside(target).open("wb")


def _remove_left_over(target: Path) -> None:
    """Remove what processes that are gone were writing to take the place of *target*.

    A process of another machine, where they share the disk, is not seen from here. So nothing is touched that was
    written of late: whoever writes there has done so within the hour.
    """
    ours = re.compile(re.escape(f".{target.name}.") + r"([1-9]\d{0,8})\.tmp")
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            found = ours.fullmatch(entry.name)
            if (
                found
                and time.time() - entry.stat(follow_symlinks=False).st_mtime > LEFT_AFTER
                and is_gone(int(found[1]))
            ):
                os.unlink(entry.path)


def is_gone(process: int) -> bool:
    """Whether no process of this number runs on this machine; false where one cannot ask."""
    if os.name != "posix":  # elsewhere to ask is to kill
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False


@contextmanager
def failures_of(path: str | Path) -> Iterator[None]:
    """Errors of the system as errors that say what to do about *path*."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        where = "standard output" if str(path) == STDOUT else str(path)
        number = error.errno or 0
        what = f"cannot be written: {error.strerror or error}"
        raise OutputError(what, where=where, remedy=_REMEDIES.get(number, "choose another place with -o")) from None


_FULL = "free some space, then run the same command again"
_REMEDIES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.ENOENT: "create its folder first",
    errno.ENOTDIR: "create its folder first",
    errno.EISDIR: "name a file",
    errno.EACCES: "check its permissions, or choose another place with -o",
    errno.EROFS: "it is on a read-only disk; choose another place with -o",
}
