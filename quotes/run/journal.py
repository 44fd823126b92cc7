"""The journal: finished records in ``OUT.part`` as they finish, so that a killed run goes on where it stood."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast, get_args

from quotes.errors import OutputError, UsageError
from quotes.exchange import Outcome
from quotes.formats.locking import lock
from quotes.formats.spilling import SpillingMap
from quotes.model import Article, Status
from quotes.run.options import differences

_LASTING: Final = frozenset({*get_args(Outcome), "invalid"})
"""Errors that asking again would not change. An article with any other error is done again on resuming."""

_PRIVATE: Final = 0o600
_VERSION: Final = 1
_MARK: Final = '{"quotes_journal":'


class Journal:
    """``OUT.part``, held under a lock: a header, then one record a line in the order of finishing.

    Eight bytes an article are kept in memory, where its line begins. Lines are appended whole; a half-written one,
    left by a kill in the middle of the write, is cut off when the journal is opened again.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        self._end = 0
        self._known = SpillingMap[str]()
        self._order = array("q")

    @classmethod
    def open(
        cls, path: Path, run: str, options: Mapping[str, Any] | None = None, *, overwrite: bool = False
    ) -> Journal:
        """The journal at *path* of the run with the fingerprint *run*: begun, or taken up where it stands.

        *options* are what the fingerprint is made of, flat and in words; the header keeps them. With *overwrite* a
        journal that is there is emptied, whatever run it is of.

        Raises:
            UsageError: it is the journal of a run with other options, and the message says which; it is no journal, or
                another process writes it.
            OutputError: it cannot be written.
        """
        journal = cls(path, _open_locked(path))
        try:
            journal._take_up(run, options or {}, overwrite=overwrite)
            if journal._end == 0:
                header = {"quotes_journal": _VERSION, "run": run, "options": dict(options or {})}
                journal._write(json.dumps(header, separators=(",", ":")))
        except BaseException:
            journal.close()
            raise
        return journal

    def resume(self, index: int, article: Article) -> Status | None:
        """The status of *article*, the run's number *index*, where it stands here finished; else ``None``.

        An article that failed in a way a second try may mend counts as unfinished.
        """
        who = _identity(article.id, article.sha256, dict(article.metadata))
        found = self._known.get(who)
        if found is None:
            return None
        offset, _, status = found.partition(" ")
        self._place(index, int(offset))
        return cast(Status, status)

    def append(self, index: int, line: str) -> None:
        """Write the record *line* (no line end) of the article with the number *index*.

        Raises:
            OutputError: it cannot be written; the journal then ends with the line before.
        """
        self._place(index, self._end)
        self._write(line)

    @property
    def count(self) -> int:
        """How many records stand here for the run."""
        return sum(offset >= 0 for offset in self._order)

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
        self._known.close()

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

    def _take_up(self, run: str, options: Mapping[str, Any], *, overwrite: bool) -> None:
        """Read what stands in the file, or empty it."""
        with open(self.path, "rb") as stream:
            header = stream.readline()
            self._check_ours(header)
            if overwrite or not header.endswith(b"\n"):
                os.ftruncate(self._fd, 0)
                return
            if os.fstat(self._fd).st_size == len(header):  # nothing was finished, so there is nothing to mix
                os.ftruncate(self._fd, 0)
                return
            self._check_run(_decoded(header), run, options)
            self._end = len(header)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._note_line(line)
                self._end += len(line)
        os.ftruncate(self._fd, self._end)
        os.lseek(self._fd, 0, os.SEEK_END)

    def _check_ours(self, header: bytes) -> None:
        """Accept a header, also one that a kill cut short; refuse a file that never was a journal."""
        begun = header.decode("utf-8", "replace")
        if not (_MARK.startswith(begun) or begun.startswith(_MARK)):
            raise UsageError(
                "this file is no journal of quotes, but one would be written here",
                where=str(self.path),
                remedy="move it away, or choose another output",
            )

    def _check_run(self, header: Mapping[str, Any], run: str, options: Mapping[str, Any]) -> None:
        """Refuse to go on where an earlier run was begun with other options."""
        if header.get("quotes_journal") == _VERSION and header.get("run") == run:
            return
        then = header.get("options")
        known = header.get("quotes_journal") == _VERSION and isinstance(then, dict)
        differing = "; ".join(differences(then, options)) if known and isinstance(then, dict) else ""
        what = "an unfinished run with other options stands here"
        raise UsageError(
            f"{what}: {differing}" if differing else f"{what}, begun by another version of quotes",
            where=str(self.path.with_suffix("")),
            remedy="give the same options to go on, or --overwrite to start anew",
        )

    def _note_line(self, line: bytes) -> None:
        record = _decoded(line)
        if not {"id", "sha256", "status"} <= record.keys():
            return  # damaged: the article is done again
        who = _identity(record["id"], record["sha256"], record.get("metadata") or {})
        self._known.pop(who)
        if all(error.get("kind") in _LASTING for error in record.get("errors", ())):
            self._known.put(who, f"{self._end} {record['status']}")


def _open_locked(path: Path) -> int:
    """A descriptor of *path*, created where missing, under an exclusive lock that ends with the process."""
    while True:
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror}", where=str(path), remedy="choose another place with -o"
            ) from error
        if not lock(fd):
            os.close(fd)
            out = path.with_suffix("")
            raise UsageError(
                "another run is writing this output", where=str(out), remedy="wait for it, or choose another -o"
            )
        if _still_there(fd, path):
            with suppress(OSError):  # one of an earlier version may be open to others
                os.fchmod(fd, _PRIVATE)
            return fd
        os.close(fd)  # the run that held the lock has finished and removed the file: take the next one


def _still_there(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _identity(article_id: str, sha256: str, metadata: dict[str, Any]) -> str:
    """Sixteen bytes in hex that tell an article by all of it that its record shows."""
    whole = json.dumps([article_id, sha256, metadata], sort_keys=True, default=str)
    return hashlib.blake2b(whole.encode("ascii"), digest_size=16).hexdigest()


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
