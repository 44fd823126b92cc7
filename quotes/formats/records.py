"""Records read back from the JSON Lines a run has written, each sound or one error that says which line is not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from quotes.errors import InputError, RecordError
from quotes.formats.articles import STDIN, STDIN_NAME
from quotes.formats.jsonlines import Line, parse_object, read_lines
from quotes.record import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from quotes.model import Extraction


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as it was read.

    *value* is its JSON: the only place of the words where the text was left out. *where* names file and
    line in messages.
    """

    extraction: Extraction
    value: Mapping[str, Any]
    where: str

    @property
    def has_text(self) -> bool:
        """Whether the record holds its article's text; else the extraction's article is empty."""
        return "text" in self.value


def read_records(
    path: str | Path, stdin: BinaryIO | None = None, *, only: str | None = None
) -> Iterator[StoredRecord | RecordError]:
    """The records of the file *path* (``-``: standard input) in order, damaged lines as errors in their place.

    With *only* the records of other ids are passed over unchecked, which is many times faster.

    Raises:
        RecordError: there is no such file, or it cannot be read.
    """
    try:
        if str(path) == STDIN:
            yield from _from_lines(stdin or sys.stdin.buffer, STDIN_NAME, only)
            return
        with Path(path).open("rb") as stream:
            yield from _from_lines(stream, str(path), only)
    except FileNotFoundError:
        part = Path(f"{path}.part")
        remedy = f"the run that writes it has not finished: {part} is there" if part.exists() else "check the path"
        raise RecordError("no such file", where=str(path), remedy=remedy) from None
    except IsADirectoryError:
        raise RecordError("a folder, no file of records", where=str(path), remedy="name the file") from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=str(path), remedy="check its permissions") from None


def _from_lines(stream: Iterable[bytes], where: str, only: str | None) -> Iterator[StoredRecord | RecordError]:
    for line in read_lines(stream, where):
        if isinstance(line, InputError):
            yield RecordError(line.what, where=line.where, remedy="run quotes extract again")
            continue
        try:
            record = _record(line, only)
        except RecordError as error:
            yield error
        else:
            if record:
                yield record


def _record(line: Line, only: str | None) -> StoredRecord | None:
    again = "run the same quotes extract again"
    if line.note:
        raise RecordError("not UTF-8", where=line.where, remedy=again)
    try:
        value = parse_object(line.text, line.where)
    except InputError as error:
        if line.whole:
            remedy = "name a file that quotes extract has written, or run it again"
            raise RecordError(error.what, where=line.where, remedy=remedy) from None
        what = "cut off in the middle: the file ends within this line"
        raise RecordError(what, where=line.where, remedy=again) from None
    if only is not None and value.get("id") != only:
        return None
    return StoredRecord(from_json(value, where=line.where), value, line.where)
