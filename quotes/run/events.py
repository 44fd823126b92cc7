"""Events: what happens in a run, one JSON object a line, for programs that watch it. Never a text, never a key."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from quotes.errors import OutputError, UsageError

_STREAM: Final = "-"
_PRIVATE: Final = 0o600
_REMEDY: Final = "choose another --log-json"
_COMPANIONS: Final = ("-wal", "-shm", "-journal", "-lock")
"""What stands after the name of a cache in the names of the files beside it."""

_START: Final = re.compile(rb'\{"event": "\w+", "time": "\d{4}-')
"""What every line of ours begins with."""
_STARTS_WITHIN: Final = 200
"""Bytes that hold it."""


def _now() -> datetime:
    return datetime.now(UTC)


class EventLog:
    """A log of events in a file, or on standard error (``-``). Close it, or use it in a ``with``.

    Every line holds ``event``, ``time`` (UTC) and the fields of the event. A file is created for its owner alone and
    appended to where it is a log already, so that a resumed run goes on in that of the first. Each line is written in
    one piece: what a killed run has left of one is ended first. A log that cannot be written any more is told once, to
    *told*, and the run goes on.
    """

    def __init__(
        self, path: str, *, told: Callable[[str], None] = lambda _line: None, now: Callable[[], datetime] = _now
    ) -> None:
        """Open the log at *path*.

        Raises:
            UsageError: something else than events stands there.
            OutputError: it cannot be written.
        """
        self._path = path
        self._told = told
        self._now = now
        self._failed = False
        self._fd = _opened(path)

    def tell(self, event: str, fields: Mapping[str, Any]) -> None:
        """Write one event. What is no JSON among the *fields* is written as its text."""
        if self._fd < 0:
            return
        line = {"event": event, "time": self._now().isoformat(timespec="milliseconds"), **fields}
        try:
            _write_whole(self._fd, json.dumps(line, default=str).encode("ascii") + b"\n")
        except OSError as error:
            if not self._failed:
                self._failed = True
                self._told(f"{self._path}: events cannot be written: {error.strerror or error} (the run goes on)")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._fd >= 0 and self._path != _STREAM:
            os.close(self._fd)
        self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def refuse_log(path: str, kept: Iterable[str | Path]) -> None:
    """Refuse a log at *path* that is one of the files or folders *kept*, lies within one, or is a companion of one.

    Raises:
        UsageError: it is or does.
    """
    log = Path(path).resolve()
    for place in (Path(given).expanduser().resolve() for given in kept):
        beside = (place.with_name(place.name + suffix) for suffix in _COMPANIONS)
        if place in (log, *log.parents) or log in beside:
            raise UsageError("is a file of the run itself", where=path, remedy=_REMEDY)


def _opened(path: str) -> int:
    if path == _STREAM:
        return sys.stderr.fileno()
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, _PRIVATE)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise OutputError(what, where=path, remedy=_REMEDY) from None
    with suppress(OSError):
        size = os.fstat(fd).st_size
        if stat.S_ISREG(os.fstat(fd).st_mode) and size:
            if not _START.match(os.pread(fd, _STARTS_WITHIN, 0)):
                os.close(fd)
                raise UsageError("this file holds no events of quotes", where=path, remedy=_REMEDY)
            if os.pread(fd, 1, size - 1) != b"\n":
                os.write(fd, b"\n")
    return fd


def _write_whole(fd: int, line: bytes) -> None:
    """Append *line*, or nothing of it.

    Raises:
        OSError: it does not fit.
    """
    written = os.write(fd, line)
    if written == len(line):
        return
    try:
        while written < len(line):
            written += os.write(fd, line[written:])
    except OSError:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            with suppress(OSError):
                os.ftruncate(fd, os.fstat(fd).st_size - written)
        raise
