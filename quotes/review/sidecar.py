"""The sidecar: the file beside a run's output that holds every decision made on it, and is only ever appended to."""

from __future__ import annotations

import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self

from quotes.errors import InputError, OutputError, RecordError, UsageError
from quotes.formats.jsonlines import parse_object
from quotes.formats.locking import lock
from quotes.model import Article
from quotes.record import shortened
from quotes.review.decisions import Decision, faults
from quotes.review.form import SCHEMA, Origin, decision_from_json, decision_to_json, header, line_of

SUFFIX: Final = ".review.jsonl"

_HEAD: Final = b'{"schema": "quotes-review/'

_REFUSED: Final = "move it away, or mend that line; it is never overwritten"


def path_of(out: str | Path) -> Path:
    """The sidecar of the records in *out*: beside the file itself, wherever a link leads."""
    path = Path(out).resolve() if Path(out).is_symlink() else Path(out)
    return path.with_name(path.name + SUFFIX)


def aside_of(path: Path) -> Path:
    """Where half lines of the sidecar at *path* are moved to, in case they were somebody's."""
    return path.with_name(path.name + ".half")


@dataclass(slots=True)
class Decisions:
    """What the sidecar at *path* holds: for each text its decisions in order, with the place of each for messages.

    *origin* is what it says of itself. *remarks* are lines for people: a half line that was passed over. *end* is where
    the last whole line ends, in bytes, *ended* whether with a line end, and *half* what stands after it.
    """

    path: Path
    by_text: dict[str, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    remarks: list[str] = field(default_factory=list)
    end: int = 0
    ended: bool = True
    half: bytes = b""
    origin: Origin = Origin("", "")

    def of(self, article: Article) -> Sequence[Decision]:
        """The decisions on the text of *article*.

        Raises:
            RecordError: one of them does not fit the text, so the file has been tampered with.
        """
        known = self.by_text.get(article.sha256, [])
        for decision, place in zip(known, self.places.get(article.sha256, []), strict=True):
            for fault in faults(decision, article.text):
                raise RecordError(f"article {article.id}: {fault}", where=place, remedy=_REFUSED)
        return known


def read_sidecar(path: Path) -> Decisions:
    """The decisions in the file at *path*, none where there is no such file.

    Raises:
        RecordError: it cannot be read, is of another version, or a line of it is no decision.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, path)
    except FileNotFoundError:
        return Decisions(path)
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=str(path), remedy="check its permissions") from None


def _read(stream: IO[bytes], path: Path) -> Decisions:
    found = Decisions(path)
    for number, data in enumerate(stream, start=1):
        where = f"{path} line {number}"
        whole = data.endswith(b"\n")
        if number == 1 and not whole and _HEAD.startswith(data):
            found.half = data
            break
        try:
            value = parse_object(data.decode("utf-8"), where)
        except (InputError, UnicodeDecodeError) as error:
            if number == 1:
                raise _foreign(path, "is no file of decisions") from None
            if not whole:
                found.half = data
                found.remarks.append(
                    f"{where}: a half-written line, left by a crash or an editor, is passed over; "
                    f"the next decision moves it to {aside_of(path).name}"
                )
                break
            what = error.what if isinstance(error, InputError) else "not UTF-8"
            raise RecordError(what, where=where, remedy=_REFUSED) from None
        if number == 1:
            _check_version(value, path)
            found.origin = Origin(str(value.get("of", "")), str(value.get("key", "")))
        else:
            _note(found, value, where)
        found.end += len(data)
        found.ended = whole
    return found


def _note(found: Decisions, value: Mapping[str, Any], where: str) -> None:
    sha256 = value.get("article")
    if not isinstance(sha256, str):
        raise RecordError("names no article", where=where, remedy=_REFUSED)
    found.by_text[sha256].append(decision_from_json(value, where))
    found.places[sha256].append(where)


def _check_version(value: Mapping[str, Any], path: Path) -> None:
    if "schema" not in value:
        raise _foreign(path, "is no file of decisions")
    if value["schema"] != SCHEMA:
        raise _foreign(path, f"schema {shortened(value['schema'])}, this program reads {SCHEMA}")


def _foreign(path: Path, what: str) -> RecordError:
    return RecordError(what, where=str(path), remedy="decisions would be written here; move it away")


class Sidecar:
    """The sidecar, open for one review and locked against a second; what is appended is on the disk on return.

    Before the first decision nothing in it is changed, and a file that was made for the lock goes again.
    """

    def __init__(self, decisions: Decisions, fd: int, *, made: bool) -> None:
        self.decisions = decisions
        self._fd = fd
        self._made = made

    @classmethod
    def open(cls, out: str | Path, new_key: Callable[[], str] = lambda: secrets.token_hex(8)) -> Self:
        """The sidecar of the records in *out*, begun or taken up; *new_key* gives a review its own.

        Raises:
            RecordError: what stands there is none, of another version, or damaged in the middle.
            UsageError: another review of *out* is running.
            OutputError: it cannot be written.
        """
        path = path_of(out)
        fd, made = _open_locked(path, str(out))
        try:
            decisions = read_sidecar(path)
        except BaseException:
            os.close(fd)
            raise
        if not decisions.end:
            decisions.origin = Origin(Path(out).name, new_key())
        return cls(decisions, fd, made=made)

    @property
    def is_begun(self) -> bool:
        """Whether it holds anything."""
        return self.decisions.end > 0

    def append(self, article: Article, decision: Decision) -> None:
        """Write *decision* on *article*, whole and to the disk.

        Raises:
            OutputError: it cannot be written; the file then ends with the line before, and nothing is decided.
        """
        value = {"article": article.sha256, "id": article.id, **decision_to_json(decision, article.text)}
        before = b""
        if not self.is_begun:
            before = line_of(header(*self.decisions.origin))
        elif not self.decisions.ended:
            before = b"\n"
        self._write(before + line_of(value))
        self.decisions.by_text[article.sha256].append(decision)
        self.decisions.places[article.sha256].append(str(self.decisions.path))

    def close(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._fd >= 0:
            if self._made and not self.is_begun:
                with suppress(OSError):
                    self.decisions.path.unlink()
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        """Write *data* after the last whole line, what is half after it set aside."""
        now = self.decisions
        try:
            if now.half and self.is_begun:
                _set_aside(now.half, now.path)
            now.half = b""
            os.ftruncate(self._fd, now.end)
            os.lseek(self._fd, now.end, os.SEEK_SET)
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError as error:
            if not now.half:
                with suppress(OSError):
                    os.ftruncate(self._fd, now.end)
            what = f"cannot be written: {error.strerror or error}"
            raise OutputError(what, where=str(now.path), remedy="free some space, then save again") from None
        now.end += len(data)
        now.ended = True


def _set_aside(half: bytes, path: Path) -> None:
    with aside_of(path).open("ab") as aside:
        aside.write(half + b"\n")
        aside.flush()
        os.fsync(aside.fileno())


def _open_locked(path: Path, out: str) -> tuple[int, bool]:
    """A descriptor of *path* under an exclusive lock that ends with the process; whether it was made for this."""
    while True:
        try:
            fd, made = _opened(path)
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            remedy = "decisions are kept beside the records; copy them to a folder that can be written"
            raise OutputError(what, where=str(path), remedy=remedy) from None
        if not lock(fd):
            os.close(fd)
            raise UsageError("another review of it is running", where=out, remedy="use that one, or end it first")
        # Another review may have ended between the two, and taken the file that it had made with it.
        if os.path.exists(path) and os.path.samestat(os.fstat(fd), os.stat(path)):
            return fd, made
        os.close(fd)


def _opened(path: Path) -> tuple[int, bool]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_EXCL, 0o666), True
    except FileExistsError:
        return os.open(path, flags, 0o666), False
