"""The file of gold, which several reviews may share: each keeps its own lines up to date and leaves those of others.

A line is another review's until this one has reviewed the same article. So no line that a person has worked for goes
but by that person's word, or with a remark.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from quotes.errors import InputError, OutputError, RecordError, UsageError
from quotes.formats import AtomicText
from quotes.formats.jsonlines import Line, parse_object, read_lines
from quotes.formats.locking import lock
from quotes.formats.table import counted
from quotes.record import shortened
from quotes.review.desk import Desk
from quotes.review.form import Origin
from quotes.review.gold import GoldLine, gold_line_from, gold_line_of

_PATIENCE: Final = 10.0
"""Seconds to wait for another review that writes the same file, which takes far less."""

_REMEDY: Final = "choose another --gold"

_Stamp = tuple[int, int, int]


class GoldFile:
    """The gold at *path* as the review *origin* of *desk* keeps it.

    *remarks* are lines for people on what becomes of the lines that stood there, *others* counts those of other
    reviews that stay.

    Raises:
        UsageError: it holds lines that no review has written, or an article of another review under an id that has
            another text here.
        RecordError: it cannot be read.
    """

    def __init__(self, path: Path, origin: Origin, desk: Desk) -> None:
        self.path = path
        self.origin = origin
        self.others = 0
        self.remarks: list[str] = []
        self._desk = desk
        self._own: set[str] = set()
        self._there: Sequence[GoldLine] = ()
        self._stamp: _Stamp | None = None
        self._read()
        self._refuse_other_texts()
        self.lines = {number: gold_line_of(one, origin) for number, one in desk.reviewed()}
        self.remarks += self._remarks(list(self.lines.values()))

    def write(self) -> None:
        """Bring the file up to :attr:`lines`, whole or not at all; what others have written meanwhile stays.

        Raises:
            OutputError: it cannot be written; what stood there stands.
            UsageError: it has come to hold what may not be replaced.
            RecordError: it cannot be read.
        """
        mine = [self.lines[number] for number in sorted(self.lines)]
        with _alone(self.path):
            self._read()
            merged, kept = self._merged(mine)
            with AtomicText(self.path) as to:
                for line in merged:
                    to.write(line.text + "\n")
            self._there, self._stamp = merged, _stamp(self.path)
        self.others = kept
        self._own |= {line.sha256 for line in mine}

    def _merged(self, mine: Sequence[GoldLine]) -> tuple[list[GoldLine], int]:
        """All lines, *mine* where the first of mine stood; and how many are others'."""
        merged: list[GoldLine] = []
        place = None
        for line in self._there:
            if not self._goes(line, mine):
                merged.append(line)
            elif place is None:
                place = len(merged)
        place = len(merged) if place is None else place
        ids = {line.id for line in mine}
        for line in merged:
            if line.id in ids:
                raise self._other_text(line)
        return [*merged[:place], *mine, *merged[place:]], len(merged)

    def _goes(self, line: GoldLine, mine: Sequence[GoldLine]) -> bool:
        """Whether *line* is this review's to drop: *mine* has it if it still holds."""
        if self._is_own(line):
            return line.sha256 in self._desk.texts or any(one.id == line.id for one in mine)
        return any((one.id, one.sha256) == (line.id, line.sha256) for one in mine)

    def _is_own(self, line: GoldLine) -> bool:
        return line.sha256 in self._own if not line.key else line.key == self.origin.key

    def _remarks(self, mine: Sequence[GoldLine]) -> Iterator[str]:
        now = {line.id: line for line in mine}
        here = {id_ for id_, _ in self._desk.names}
        own = [line for line in self._there if self._is_own(line) and line.sha256 in self._desk.texts]
        # Those of other reviews, and those of a text that an article of this one had.
        other = [line for line in self._there if line not in own and line.id in here]
        opened = sum(line.id not in now for line in own)
        if opened:
            yield f"{self.path}: {_articles(opened)} open again, no longer in it until all of it is decided"
        replaced = sum(now[line.id].text != line.text for line in other if line.id in now)
        if replaced:
            yield f"{self.path}: {_articles(replaced)} by another review or of another text, replaced by this one"
        waiting = sum(line.id not in now for line in other)
        if waiting:
            yield f"{self.path}: {_articles(waiting)} by another review or of another text, kept until reviewed here"

    def _refuse_other_texts(self) -> None:
        ids = {id_ for id_, _ in self._desk.names}
        for line in self._there:
            if not self._is_own(line) and line.id in ids and (line.id, line.sha256) not in self._desk.names:
                raise self._other_text(line)

    def _other_text(self, line: GoldLine) -> UsageError:
        what = f"holds article “{shortened(line.id)}” by another review, with another text"
        return UsageError(what, where=str(self.path), remedy=_REMEDY)

    def _read(self) -> None:
        """Take in what stands in the file, unless it is as this left it."""
        stamp = _stamp(self.path)
        if stamp is None or stamp != self._stamp:
            self._there, self._stamp = read_gold_file(self.path), stamp


def read_gold_file(path: Path) -> list[GoldLine]:
    """The lines of the file at *path*, none where there is no such file.

    Raises:
        UsageError: it holds anything but lines of a review: gold made by hand is dear.
        RecordError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return [_checked(line, path) for line in read_lines(stream, str(path))]
    except FileNotFoundError:
        return []
    except InputError as error:
        raise _foreign(error.where or str(path)) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=str(path), remedy=_REMEDY) from None


def _checked(line: Line | InputError, path: Path) -> GoldLine:
    if isinstance(line, InputError):
        raise line
    found = gold_line_from(parse_object(line.text, line.where), line.text)
    if found is None:
        raise _foreign(str(path))
    return found


def _foreign(where: str) -> UsageError:
    return UsageError("holds lines that no review has written", where=where, remedy=_REMEDY)


def _articles(count: int) -> str:
    return counted(count, "reviewed article")


def _stamp(path: Path) -> _Stamp | None:
    """What changes when the file is replaced or written to; ``None`` where there is none."""
    try:
        now = os.stat(path)
    except OSError:
        return None
    return now.st_ino, now.st_mtime_ns, now.st_size


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Within it no other review replaces the file at *path*; locked is its folder, since the file does not last."""
    try:
        fd = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError:  # what is wrong there, writing will say
        fd = -1
    try:
        until = time.monotonic() + _PATIENCE
        while fd >= 0 and not lock(fd):
            if time.monotonic() > until:
                raise OutputError("is being written by another review", where=str(path), remedy="try again")
            time.sleep(0.01)
        yield
    finally:
        if fd >= 0:
            os.close(fd)
