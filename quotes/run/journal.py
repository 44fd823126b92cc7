"""The journal: finished records in ``OUT.part`` as they finish, so that a killed run goes on where it stood."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, get_args

from quotes.errors import OutputError, UsageError
from quotes.exchange import Outcome
from quotes.model import Article, Status

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a second run on one output is not noticed there
    fcntl = None  # type: ignore[assignment]

_LASTING: Final = frozenset({*get_args(Outcome), "invalid"})
"""Errors that asking again would not change. An article with any other error is done again on resuming."""

_MARK: Final = '{"quotes_journal":1'


class Journal:
    """``OUT.part``, held under a lock: a header, then one record a line in the order of finishing.

    Only offsets are kept in memory. Lines are appended whole; a half-written one, left by a kill in the
    middle of the write, is cut off when the journal is opened again.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.notes: list[str] = []
        self._fd = fd
        self._end = 0
        self._known: dict[bytes, int] = {}
        self._faulty: dict[bytes, Status] = {}
        self._order = array("q")

    @classmethod
    def open(cls, path: Path, run: str) -> Journal:
        """The journal at *path* of the run with the fingerprint *run*: begun, or taken up where it stands.

        One of another fingerprint is set aside as ``OUT.part.old`` and noted in :attr:`notes`.

        Raises:
            UsageError: the path cannot be written, is no journal, or another process writes it.
        """
        aside = path.with_name(path.name + ".old")
        journal = cls(path, _open_locked(path))
        try:
            if not journal._take_up(run):
                os.replace(path, aside)
                journal.close()
                journal = cls(path, _open_locked(path))
                journal.notes.append(f"{path} was begun with other options: set aside as {aside.name}, starting afresh")
            if journal._end == 0:
                journal._write(json.dumps({"quotes_journal": 1, "run": run}, separators=(",", ":")))
        except BaseException:
            journal.close()
            raise
        return journal

    def resume(self, index: int, article: Article) -> Status | None:
        """The status of *article*, the run's number *index*, where it stands here finished; else ``None``.

        An article that failed in a way a second try may mend counts as unfinished.
        """
        who = _identity(article.id, article.sha256, dict(article.metadata))
        offset = self._known.get(who)
        if offset is None:
            return None
        self._place(index, offset)
        return self._faulty.get(who, "complete")

    def append(self, index: int, line: str) -> None:
        """Write the record *line* (no line end) of the article with the number *index*.

        Raises:
            OutputError: it cannot be written; the journal then ends with the line before.
        """
        self._place(index, self._end)
        self._write(line)

    def lines(self) -> Iterator[str]:
        """The records in the order of the input, one line each, without line ends."""
        with open(self.path, "rb") as stream:
            for offset in self._order:
                if offset >= 0:
                    stream.seek(offset)
                    yield stream.readline().rstrip(b"\n").decode("utf-8")

    def remove(self) -> None:
        """Delete the file: its records stand in the output now."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.close()

    def close(self) -> None:
        """Bring what was written to the disk and let go of the lock."""
        if self._fd >= 0:
            with suppress(OSError):
                os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _place(self, index: int, offset: int) -> None:
        if index >= len(self._order):
            self._order.extend([-1] * (index + 1 - len(self._order)))
        self._order[index] = offset

    def _write(self, line: str) -> None:
        data = line.encode("utf-8") + b"\n"
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._fd, self._end)
                os.lseek(self._fd, self._end, os.SEEK_SET)
            raise OutputError(
                str(error.strerror),
                where=str(self.path),
                remedy="make room and give the same command again: it goes on from here",
            ) from error
        self._end += len(data)

    def _take_up(self, run: str) -> bool:
        """Read what stands in the file. False when it belongs to another run."""
        with open(self.path, "rb") as stream:
            header = stream.readline()
            if not header.endswith(b"\n"):
                self._check_empty(header)
                return True
            if not header.startswith(_MARK.encode()):
                self._check_empty(header)
            if _decoded(header).get("run") != run:
                return False
            self._end = len(header)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._note_line(line)
                self._end += len(line)
        os.ftruncate(self._fd, self._end)
        os.lseek(self._fd, 0, os.SEEK_END)
        return True

    def _check_empty(self, header: bytes) -> None:
        """Accept a header that a kill cut short; refuse a file that never was a journal."""
        begun = header.decode("utf-8", "replace")
        if not (_MARK.startswith(begun) or begun.startswith(_MARK)):
            raise UsageError(
                "this file is no journal of quotes, but one would be written here",
                where=str(self.path),
                remedy="move it away, or choose another output",
            )
        os.ftruncate(self._fd, 0)

    def _note_line(self, line: bytes) -> None:
        record = _decoded(line)
        if not {"id", "sha256", "status"} <= record.keys():
            return  # damaged: the article is done again
        who = _identity(record["id"], record["sha256"], record.get("metadata") or {})
        self._known.pop(who, None)
        self._faulty.pop(who, None)
        if all(error.get("kind") in _LASTING for error in record.get("errors", ())):
            self._known[who] = self._end
            if record["status"] != "complete":
                self._faulty[who] = record["status"]


def _open_locked(path: Path) -> int:
    """A descriptor of *path*, created where missing, under an exclusive lock that ends with the process."""
    while True:
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(path.with_suffix(""))) from error
        if not _lock(fd):
            os.close(fd)
            out = path.with_suffix("")
            raise UsageError(
                "another run is writing this output", where=str(out), remedy="wait for it, or choose another -o"
            )
        if _still_there(fd, path):
            return fd
        os.close(fd)  # the run that held the lock has finished and removed the file: take the next one


def _lock(fd: int) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks: go on as if there were no other run
    return True


def _still_there(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _identity(article_id: str, sha256: str, metadata: dict[str, Any]) -> bytes:
    """Sixteen bytes that tell an article by all of it that its record shows."""
    whole = json.dumps([article_id, sha256, metadata], sort_keys=True, default=str)
    return hashlib.blake2b(whole.encode("ascii"), digest_size=16).digest()


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
