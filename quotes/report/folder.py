"""The folder of a report's pages: it takes its place, together with the index beside it, when all is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from quotes.errors import OutputError
from quotes.formats.locking import lock
from quotes.formats.output import failures_of, is_gone
from quotes.formats.provenance import MARKER, is_report_folder, object_in
from quotes.report.undisturbed import undisturbed

_INDEX: Final = "index"
"""The field of the marker that names the page which the folder belongs to."""
_SUFFIX: Final = "_files"


class ReportFolder:
    """The folder ``NAME_files`` of the index ``NAME.html``, and the index: they take their places together.

    Files are written into a working folder beside them, and :meth:`publish` puts them in the place of the older ones;
    an error or an interruption before leaves those. As a context it removes the working folder in the end. A process
    that is killed leaves it: the next one brings what it was about to do to an end, see :func:`clear`.

    Raises:
        OutputError: something that is no report of ours is in the way, the disk is full, or writing is not allowed.
    """

    def __init__(self, out: Path) -> None:
        self.path = folder_of(out)
        self._out = out
        self._work = _Work(self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp"))
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            with undisturbed(), _failures(self.path):
                self._check_ours()
                self._work.path.mkdir()
                self._lock = _open_folder(self._work.path)
                if self._lock is not None:
                    lock(self._lock)
                self._work.pages.mkdir()
                self.write(MARKER, json.dumps({"generator": "quotes", _INDEX: self._out.name}) + "\n")
        except BaseException:
            self._remove()
            raise
        return self

    def write(self, name: str, content: str) -> int:
        """Write the file *name*; its size in bytes."""
        written = content.encode("utf-8", "backslashreplace")
        with _failures(self.path):
            (self._work.pages / name).write_bytes(written)
        return len(written)

    def publish(self, index: str) -> None:
        """Put the folder and the page *index* in the place of the older ones."""
        work = self._work
        with undisturbed(), failures_of(self._out):
            with work.index.open("wb") as stream:
                stream.write(index.encode("utf-8", "backslashreplace"))
                stream.flush()
                os.fsync(stream.fileno())
            with suppress(FileNotFoundError):
                work.index.chmod(stat.S_IMODE(self._out.stat().st_mode))
            self._check_ours()
            try:
                with _failures(self.path):
                    if self.path.exists():
                        self.path.rename(work.older)
                    work.pages.rename(self.path)
                work.index.replace(self._out)
            except BaseException:
                self._put_back()
                raise

    def _put_back(self) -> None:
        with suppress(OSError):
            if not self._work.pages.exists():
                self.path.rename(self._work.pages)
            if self._work.older.exists():
                self._work.older.rename(self.path)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        with undisturbed():
            shutil.rmtree(self._work.path, ignore_errors=True)
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _check_ours(self) -> None:
        index = _index_of(self.path) if os.path.lexists(self.path) else self._out.name
        if index != self._out.name:
            whose = "quotes did not write it" if index is None else f"it belongs to {index}"
            raise OutputError(
                f"stands where the pages of the report go, and {whose}",
                where=str(self.path),
                remedy="move it away, or choose another name with -o",
            )


@dataclass(frozen=True, slots=True)
class _Work:
    """A working folder, and what is in it."""

    path: Path

    @property
    def pages(self) -> Path:
        """The pages, until they take their place."""
        return self.path / "pages"

    @property
    def older(self) -> Path:
        """The pages whose place those have taken."""
        return self.path / "older"

    @property
    def index(self) -> Path:
        """The index, whole, until it takes its place: last of all."""
        return self.path / "index"


def clear(out: Path) -> None:
    """Remove what processes that were killed have left of the report *out*.

    One that was about to put its report in the place of the older one is brought to an end: forward where its pages
    have their place already, else back.
    """
    ours = re.compile(re.escape(f".{folder_of(out).name}.") + r"([1-9]\d{0,8})\.tmp")
    with undisturbed(), suppress(OSError):
        for found in [*out.parent.iterdir()]:
            named = ours.fullmatch(found.name)
            held = _open_folder(found) if named and is_gone(int(named[1])) else None
            if held is not None:
                try:
                    # The lock tells of a process that runs on another machine, where they share the disk.
                    if lock(held):
                        _end(_Work(found), out)
                finally:
                    os.close(held)


def _end(work: _Work, out: Path) -> None:
    with suppress(OSError):
        if work.older.exists() and not os.path.lexists(folder_of(out)):
            work.older.rename(folder_of(out))
        elif work.index.exists() and not work.pages.exists() and _index_of(folder_of(out)) == out.name:
            work.index.replace(out)
    shutil.rmtree(work.path, ignore_errors=True)


def _open_folder(folder: Path) -> int | None:
    """*folder*, open for its lock; ``None`` where a system opens files alone."""
    try:
        return os.open(folder, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None


def folder_of(out: Path) -> Path:
    """Where the pages of the report *out* go: ``report_files`` for ``report.html``."""
    return out.with_name(out.stem + _SUFFIX)


def remove_older(out: Path) -> None:
    """Delete the pages of an older and larger report *out*, which is one page now; not those of ``report.htm``."""
    if _index_of(folder_of(out)) == out.name:
        shutil.rmtree(folder_of(out), ignore_errors=True)


def _index_of(folder: Path) -> str | None:
    """The name of the page beside *folder* whose pages it holds; ``None`` where it holds none of a report."""
    if not is_report_folder(folder):
        return None
    with suppress(OSError):
        index = (object_in((folder / MARKER).read_bytes()) or {}).get(_INDEX)
        if isinstance(index, str):
            return index
    # Written before reports named it: they had this one, unless told otherwise.
    return folder.name.removesuffix(_SUFFIX) + ".html"


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        remedy = "free some space, check its permissions, or choose another place with -o"
        raise OutputError(what, where=str(folder), remedy=remedy) from None
