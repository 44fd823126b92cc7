"""The formats of records: which one a file name means, and writing it, whole or not at all.

Every format holds the whole record: records that go through any of them come back as the same bytes of JSON Lines.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from quotes.errors import UsageError
from quotes.formats.arrays import array_pieces
from quotes.formats.output import STDOUT, AtomicText, whole_file
from quotes.formats.rows import row_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Kind = Literal["jsonl", "json", "csv", "tsv", "parquet", "db"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_SUFFIXES: Final[Mapping[str, Kind]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".db": "db",
    ".sqlite": "db",
}
RECORD_SUFFIXES: Final = tuple(_SUFFIXES)
"""The endings of file names, whatever their case, that records are written and read under."""

_FILES: Final[tuple[Kind, ...]] = ("parquet", "db")
"""The formats that are no text: files only, no streams."""


def kind_of(path: str | Path) -> Kind | None:
    """The format that the name of *path* means; ``None`` where its suffix means none."""
    return _SUFFIXES.get(Path(path).suffix.lower())


def check_kind(kind: Kind, path: str | Path) -> None:
    """Make sure that *kind* can be written to *path* (``-``: standard output), before any work is spent.

    Raises:
        UsageError: a library is not installed, the place takes text only, or a database of something else is there.
    """
    if kind not in _FILES:
        return
    target = Path(path)
    if str(path) == STDOUT or (target.exists() and not target.is_file() and not target.is_dir()):
        where = "standard output" if str(path) == STDOUT else str(path)
        raise UsageError(f"{kind} is written to a file, not to a stream", where=where, remedy="name a file")
    if kind == "parquet":
        from quotes.formats.parquet import available

        available()
    else:
        _refuse_foreign_database(target)


def write_records(path: str | Path, lines: Iterable[str], kind: Kind | None = None) -> None:
    """Write the records in *lines* to the file *path* (``-``: standard output): there whole or not at all.

    *lines* are canonical (`dumps`, `canonical_line`), without line ends. *kind* is the format, by default the one
    that the name of *path* means, else JSON Lines.

    Raises:
        UsageError: the library for this format is not installed.
        RecordError: a number of a record is too large for this format.
        OutputError: it cannot be written.
    """
    chosen = kind or kind_of(path) or "jsonl"
    if chosen not in _FILES:
        with AtomicText(path) as out:
            for piece in _TEXTS[chosen](lines):
                out.write(piece)
        return
    from quotes.formats.database import write_database
    from quotes.formats.parquet import write_parquet

    write = write_parquet if chosen == "parquet" else write_database
    with whole_file(path) as beside:
        write(beside, lines, str(path))


def _line_pieces(lines: Iterable[str]) -> Iterator[str]:
    return (line + "\n" for line in lines)


_TEXTS: Final[Mapping[str, Callable[[Iterable[str]], Iterator[str]]]] = {
    "jsonl": _line_pieces,
    "json": array_pieces,
    "csv": row_pieces,
    "tsv": lambda lines: row_pieces(lines, "\t"),
}


def _refuse_foreign_database(path: Path) -> None:
    """Refuse to replace a database of something else, a cache of replies perhaps: not even where all may go."""
    from quotes.formats.database import is_foreign

    if path.is_file() and os.access(path, os.R_OK) and is_foreign(path):
        remedy = "name another file; this one is never replaced"
        raise UsageError("a database of something else than records", where=str(path), remedy=remedy)
