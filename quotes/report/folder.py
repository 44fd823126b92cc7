"""The folder of a report's pages: it takes its place, together with the index beside it, when all is written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from quotes.errors import OutputError

MARKER: Final = "quotes-report.json"
"""The file by which a folder is known as one of ours, which may be replaced."""


class ReportFolder:
    """The folder ``NAME_files`` of the index ``NAME.html``; as a context it removes what was left unfinished.

    Files are written into a folder beside it. :meth:`swap` puts that in the place of an older one, and :meth:`settle`
    deletes the older one; an error between the two puts it back.

    Raises:
        OutputError: something that is no report of ours is in the way, the disk is full, or writing is not allowed.
    """

    def __init__(self, out: Path) -> None:
        self.path = folder_of(out)
        self._new = self._beside("new")
        self._old = self._beside("old")
        self._swapped = False

    def __enter__(self) -> Self:
        with _failures(self.path):
            self._check_ours()
            self._new.mkdir()
            self.write(MARKER, json.dumps({"generator": "quotes"}) + "\n")
        return self

    def write(self, name: str, content: str) -> int:
        """Write the file *name*; its size in bytes."""
        written = content.encode("utf-8", "backslashreplace")
        with _failures(self.path):
            (self._new / name).write_bytes(written)
        return len(written)

    def swap(self) -> None:
        """Put the new folder in the place of the older one."""
        with _failures(self.path):
            self._check_ours()
            if self.path.exists():
                self.path.rename(self._old)
            # From here on a failure has something to put back.
            self._swapped = True
            self._new.rename(self.path)

    def settle(self) -> None:
        """Delete the older folder: the new one stays."""
        self._swapped = False
        shutil.rmtree(self._old, ignore_errors=True)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._swapped:
            if not self._new.exists():
                shutil.rmtree(self.path, ignore_errors=True)
            with suppress(OSError):
                self._old.rename(self.path)
        shutil.rmtree(self._new, ignore_errors=True)

    def _beside(self, word: str) -> Path:
        return self.path.with_name(f".{self.path.name}.{os.getpid()}.{word}")

    def _check_ours(self) -> None:
        if os.path.lexists(self.path) and not is_ours(self.path):
            raise OutputError(
                "stands where the pages of the report go, and quotes did not write it",
                where=str(self.path),
                remedy="move it away, or choose another name with -o",
            )


def folder_of(out: Path) -> Path:
    """Where the pages of the report *out* go: ``report_files`` for ``report.html``."""
    return out.with_name(f"{out.stem}_files")


def is_ours(folder: Path) -> bool:
    """Whether *folder* holds the pages of a report, so that it may be replaced."""
    return not folder.is_symlink() and (folder / MARKER).is_file()


def remove_older(out: Path) -> None:
    """Delete the pages of an older and larger report *out*, which is one page now."""
    if is_ours(folder_of(out)):
        shutil.rmtree(folder_of(out), ignore_errors=True)


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        remedy = "free some space, check its permissions, or choose another place with -o"
        raise OutputError(what, where=str(folder), remedy=remedy) from None
