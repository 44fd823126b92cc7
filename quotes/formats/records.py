"""Records read back from a file in any of their formats, each sound or one error that says which is not."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from quotes.errors import DuplicateId, InputError, RecordError
from quotes.formats.arrays import read_array
from quotes.formats.articles import STDIN, STDIN_NAME
from quotes.formats.folders import parts_in
from quotes.formats.jsonlines import Line, parse_object, read_lines
from quotes.formats.mistaken import told_apart
from quotes.formats.parts import AGAIN, FoundValue, StoredValue
from quotes.formats.rows import read_rows
from quotes.formats.spilling import SpillingMap
from quotes.formats.writing import Kind, kind_of
from quotes.record import from_json, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from quotes.errors import QuotesError
    from quotes.model import Extraction


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as it was read.

    *value* is its JSON: the only place of the words where the text was left out. *where* names file and
    place in messages.
    """

    extraction: Extraction
    value: Mapping[str, Any]
    where: str

    @property
    def has_text(self) -> bool:
        """Whether the record holds its article's text; else the extraction's article is empty."""
        return "text" in self.value


def read_records(
    path: str | Path, stdin: BinaryIO | None = None, *, only: str | None = None, kind: Kind | None = None
) -> Iterator[StoredRecord | RecordError]:
    """The records of the file *path* (``-``: standard input) in order, damaged ones as errors in their place.

    A folder of parts, as a run on many machines writes it, is read like one file.

    With *only* the records of other ids are passed over unchecked, which is many times faster. *kind* is the format,
    by default the one that the name of *path* means, else JSON Lines.

    Raises:
        RecordError: there is no such file, or it cannot be read.
        UsageError: the library for this format is not installed.
    """
    for found in read_values(path, stdin, only=only, kind=kind):
        if isinstance(found, RecordError):
            yield found
            continue
        try:
            yield stored_record(found.value, found.where)
        except RecordError as error:
            yield error


def read_told(path: str | Path, *, only: str | None = None) -> Iterator[StoredRecord | RecordError]:
    """As `read_records`, errors as people are told of them: bounded, and one alone where the file holds no record.

    Raises:
        RecordError: there is no such file, or it cannot be read.
    """
    return told_apart(read_records(path, only=only), path, whole=only is None)


def read_each_once(
    paths: Sequence[str | Path], done: str, *, on_problem: Callable[[QuotesError], None]
) -> Iterator[StoredRecord]:
    """The sound records of the files *paths* (``-``: standard input) in order, of each article the first.

    *on_problem* hears of those that are no records, as `read_told` says, and of a second one of an article; *done* says
    in that message what is done with the first ("counted").

    Raises:
        RecordError: there is no such file, or it cannot be read.
        OutputError: there are many articles, and the folder for temporary files, where their ids then are, is full.
    """
    places = SpillingMap[str]()
    try:
        for record in chain.from_iterable(map(read_told, paths)):
            if isinstance(record, RecordError):
                on_problem(record)
                continue
            who = record.extraction.article.id
            place = places.get(who)
            if place is None:
                places.put(who, record.where)
                yield record
            else:
                what = f"a second record of {shortened(who)}, after {place}"
                remedy = f"the first is {done}; leave one of them out"
                on_problem(DuplicateId(what, where=record.where, remedy=remedy))
    finally:
        places.close()


def stored_record(value: Mapping[str, Any], where: str) -> StoredRecord:
    """The record in *value*, its JSON. Raises RecordError where that is none."""
    return StoredRecord(from_json(value, where=where), value, where)


def read_values(
    path: str | Path, stdin: BinaryIO | None = None, *, only: str | None = None, kind: Kind | None = None
) -> Iterator[FoundValue]:
    """As :func:`read_records`, the JSON objects unchecked: what of them is a record is for others to say."""
    chosen = kind or kind_of(path) or "jsonl"
    with _read_failures(path):
        parts = None if str(path) == STDIN else parts_in(path)
        if parts is not None:
            for part in parts:
                yield from read_values(part, only=only)
        elif str(path) == STDIN:
            yield from _chosen(_from_stream(stdin or sys.stdin.buffer, STDIN_NAME, kind or "jsonl"), only)
        elif chosen in ("parquet", "db"):
            yield from _chosen(_from_file(Path(path), chosen, only), only)
        else:
            with Path(path).open("rb") as stream:
                yield from _chosen(_from_stream(stream, str(path), chosen), only)


def count_records(path: str | Path, kind: Kind | None = None) -> int:
    """How many records the file *path* holds, damaged ones among them.

    Raises:
        RecordError: there is no such file, it cannot be read, or begins with something else.
        UsageError: the library for this format is not installed.
    """
    from quotes.formats.database import count_database
    from quotes.formats.parquet import count_parquet

    chosen = kind or kind_of(path) or "jsonl"
    with _read_failures(path):
        if chosen in ("parquet", "db"):
            _refuse_unreadable(Path(path))
            return (count_parquet if chosen == "parquet" else count_database)(Path(path), str(path))
        if chosen != "jsonl":
            found = read_values(path, kind=chosen)
            first = next(found, None)
            if isinstance(first, RecordError):
                raise first
            return sum(1 for _ in found) + (first is not None)
        with Path(path).open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def _chosen(found: Iterator[FoundValue], only: str | None) -> Iterator[FoundValue]:
    if only is None:
        return found
    return (one for one in found if isinstance(one, RecordError) or one.value.get("id") == only)


def _from_file(path: Path, kind: Kind, only: str | None) -> Iterator[FoundValue]:
    from quotes.formats.database import read_database
    from quotes.formats.parquet import read_parquet

    _refuse_unreadable(path)
    if kind == "parquet":
        yield from read_parquet(path, str(path))
    else:
        yield from read_database(path, str(path), only)


def _refuse_unreadable(path: Path) -> None:
    """Raise the system's error where *path* cannot be opened: libraries have words of their own for it."""
    path.open("rb").close()


def _from_stream(stream: BinaryIO, where: str, kind: Kind) -> Iterator[FoundValue]:
    if kind == "jsonl":
        yield from _from_lines(stream, where)
        return
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        if kind == "json":
            yield from read_array(text, where)
        else:
            yield from read_rows(text, where, "\t" if kind == "tsv" else ",")
    except UnicodeDecodeError as error:
        yield RecordError(f"not UTF-8: byte 0x{error.object[error.start]:02x}", where=where, remedy=AGAIN)
    finally:
        text.detach()


@contextmanager
def _read_failures(path: str | Path) -> Iterator[None]:
    """Errors of the system as errors that say what to do about *path*."""
    try:
        yield
    except FileNotFoundError:
        part = Path(f"{path}.part")
        remedy = f"the run that writes it has not finished: {part} is there" if part.exists() else "check the path"
        raise RecordError("no such file", where=str(path), remedy=remedy) from None
    except IsADirectoryError:
        raise RecordError("a folder, no file of records", where=str(path), remedy="name the file") from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=str(path), remedy="check its permissions") from None


def _from_lines(stream: Iterable[bytes], where: str) -> Iterator[FoundValue]:
    for line in read_lines(stream, where):
        if isinstance(line, InputError):
            yield RecordError(line.what, where=line.where, remedy="run quotes extract again")
            continue
        try:
            yield StoredValue(_parsed(line), line.where)
        except RecordError as error:
            yield error


def _parsed(line: Line) -> Mapping[str, Any]:
    again = "run the same quotes extract again"
    if line.note:
        raise RecordError("not UTF-8", where=line.where, remedy=again)
    try:
        return parse_object(line.text, line.where)
    except InputError as error:
        if line.whole:
            remedy = "name a file that quotes extract has written, or run it again"
            raise RecordError(error.what, where=line.where, remedy=remedy) from None
        what = "cut off in the middle: the file ends within this line"
        raise RecordError(what, where=line.where, remedy=again) from None
