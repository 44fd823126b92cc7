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
from quotes.formats.provenance import MARKER, is_report_folder, object_in

_INDEX: Final = "index"
"""The field of the marker that names the page which the folder belongs to."""
_SUFFIX: Final = "_files"


class ReportFolder:
    """The folder ``NAME_files`` of the index ``NAME.html``; as a context it removes what was left unfinished.

    Files are written into a folder beside it. :meth:`swap` puts that in the place of an older one, and :meth:`settle`
    deletes the older one; an error between the two puts it back.

    Raises:
        OutputError: something that is no report of ours is in the way, the disk is full, or writing is not allowed.
    """

    def __init__(self, out: Path) -> None:
        self.path = folder_of(out)
        self._index = out.name
        self._new = self._beside("new")
        self._old = self._beside("old")
        self._swapped = False

    def __enter__(self) -> Self:
        with _failures(self.path):
            self._check_ours()
            self._new.mkdir()
            self.write(MARKER, json.dumps({"generator": "quotes", _INDEX: self._index}) + "\n")
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
        index = _index_of(self.path) if os.path.lexists(self.path) else self._index
        if index != self._index:
            whose = "quotes did not write it" if index is None else f"it belongs to {index}"
            raise OutputError(
                f"stands where the pages of the report go, and {whose}",
                where=str(self.path),
                remedy="move it away, or choose another name with -o",
            )


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
