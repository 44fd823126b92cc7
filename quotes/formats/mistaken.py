"""Files given as records that hold none: one line that says what such a file seems to be, instead of one for each of
its lines; and where some lines are records, a bounded number for those that are not."""

from __future__ import annotations

import os
import re
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from quotes.errors import RecordError
from quotes.formats.articles import STDIN, STDIN_NAME
from quotes.formats.decoding import marked_encoding
from quotes.formats.provenance import is_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Found = TypeVar("Found")

MOST_TOLD: Final = 20
"""Lines that are no records, each told by itself."""
_START: Final = 1 << 16
"""Bytes that are looked at."""

_RECORD: Final = re.compile(r'"schema"\s*:\s*"quotes/')
_REVIEW: Final = re.compile(r'"schema"\s*:\s*"quotes-review/')
_GOLD: Final = re.compile(r'"quotes"\s*:\s*\[')
_TEXT: Final = re.compile(r'"text"\s*:')
_HEADING: Final = re.compile(r"[,;\t\s\"]+")

_EXTRACT: Final = "run quotes extract first"
_WRITTEN: Final = "name a file that quotes extract has written"


class HoldsNoRecord(RecordError):
    """There is no record at all in a file: it is empty, or something else."""


class Further(RecordError):
    """So many lines more of a file are no records: *number*."""

    def __init__(self, number: int, where: str) -> None:
        self.number = number
        super().__init__(f"and {number:,} more", where=where, remedy="each is no record either")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.number, self.where)


def told_apart(
    found: Iterable[Found | RecordError], path: str | Path, *, whole: bool = True
) -> Iterator[Found | RecordError]:
    """What is *found* in the file *path* (``-``: standard input), its errors bounded: beyond `MOST_TOLD` they are one.

    Where there is no record at all, and the file is empty or plainly something else, that is the one error. *whole* is
    false where *found* is a choice from the file, so that nothing found is no error.
    """
    start = _start_of_stdin() if str(path) == STDIN else None
    held: list[RecordError] = []
    errors, sound = 0, False
    for one in found:
        if not isinstance(one, RecordError):
            if not sound:
                yield from held
            sound = True
            yield one
            continue
        errors += 1
        if errors <= MOST_TOLD:
            if sound:
                yield one
            else:
                held.append(one)
    if not sound:
        none = _no_record(path, start, held, whole=whole)
        yield from held if none is None else [none]
        if none is not None:
            return
    if errors > MOST_TOLD:
        yield Further(errors - MOST_TOLD, _name(path))


def _no_record(path: str | Path, start: bytes | None, held: list[RecordError], *, whole: bool) -> HoldsNoRecord | None:
    """What there is to say instead of the errors *held*; ``None`` where they say it better."""
    start = _start_of(path) if start is None else start
    if (not held and whole) or (held and start is not None and not start.strip()):
        return _none(path, "", f"it is empty; {_WRITTEN}")
    if not held:
        return None
    if start is None:  # a stream that has gone by
        no_json = all(error.what.startswith("not JSON") for error in held)
        return _none(path, "its lines are no JSON", _WRITTEN) if no_json else None
    if _is_report(path):
        return _none(path, "this is a report", "name the records that it was made of")
    seen = seeming(start, Path(path).suffix.lower())
    return None if seen is None else _none(path, *seen)


def seeming(start: bytes, suffix: str = "") -> tuple[str, str] | None:
    """What a file that begins with *start*, and holds no record, seems to be, and what to do about it.

    ``None`` where it seems to be one of records, or cannot be told. *suffix* is that of its name, in lower case.

    >>> seeming("Nobody was hurt, Ida Krell said.".encode())
    ('this is an article', 'run quotes extract first')
    """
    if kind := next((kind for mark, kind in _BINARY if start.startswith(mark)), None):
        return kind
    encoding, length = marked_encoding(start) or ("utf-8", 0)
    text = start[length:].decode(encoding, "replace").lstrip()
    if text.startswith(("{", "[")):
        return _json_seeming(text)
    if suffix in (".csv", ".tsv"):
        return _table_seeming(text)
    if "\0" in text:
        return "this is no text file", _WRITTEN
    return ("this is a web page or a feed" if text.startswith("<") else "this is an article"), _EXTRACT


_BINARY: Final = (
    (b"PAR1", ("this is Parquet", "records in it are read from a file whose name ends in .parquet")),
    (b"SQLite format 3", ("this is an SQLite database", "records in it are read from a file whose name ends in .db")),
    (b"PK\x03\x04", ("this is a packed file, such as a .docx", _EXTRACT)),
    (b"%PDF", ("this is a PDF", "save its text as .txt, then run quotes extract")),
    (b"\x1f\x8b", ("this is packed with gzip", "unpack it first")),
)
"""What files that are no text begin with."""


def _json_seeming(text: str) -> tuple[str, str] | None:
    if _REVIEW.search(text):
        return "this is a review", "name the records that it is of"
    if _RECORD.search(text):
        return None
    if _GOLD.search(text):
        return "this seems to be gold", "quotes eval compares records with it"
    return ("these are articles", _EXTRACT) if _TEXT.search(text) else None


def _table_seeming(text: str) -> tuple[str, str] | None:
    """Of a table: articles where its first line names their column, and none of gold."""
    names = {name.lower() for name in _HEADING.split(next(iter(islice(text.splitlines(), 1)), ""))}
    return ("these are articles", _EXTRACT) if "text" in names and not names & {"content", "quote"} else None


def _none(path: str | Path, what: str, remedy: str) -> HoldsNoRecord:
    return HoldsNoRecord(f"holds no record{what and ': '}{what}", where=_name(path), remedy=remedy)


def _name(path: str | Path) -> str:
    return STDIN_NAME if str(path) == STDIN else str(path)


def _is_report(path: str | Path) -> bool:
    try:
        return os.path.isfile(path) and is_report(Path(path))
    except OSError:
        return False


def _start_of(path: str | Path) -> bytes | None:
    """The beginning of the file *path*; ``None`` where it is none, or cannot be read a second time."""
    try:
        if not os.path.isfile(path):
            return None
        with Path(path).open("rb") as stream:
            return stream.read(_START)
    except OSError:
        return None


def _start_of_stdin() -> bytes | None:
    """What is about to be read from standard input, as far as it is there already."""
    peek = getattr(getattr(sys.stdin, "buffer", None), "peek", None)
    try:
        return bytes(peek(_START)[:_START]) if peek is not None else None
    except (OSError, ValueError):
        return None
