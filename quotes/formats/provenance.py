"""Which files quotes itself has written, told from how they begin: they are no articles, and may be replaced or not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from quotes._version import __version__
from quotes.formats.rows import HEADINGS
from quotes.formats.sheets import csv_text

MARKER: Final = "quotes-report.json"
"""The file by which a folder is known as one with the pages of a report."""

SIGNATURE: Final = f'<meta name="generator" content="quotes {__version__}">'
"""What stands in the head of every page that is written, by which it is known later."""
_SIGNED: Final = re.compile(r'<meta name="generator" content="quotes [^"]*">')
_BEGINNING: Final = 10_000
"""Characters of a page within which that is."""
_LONGEST: Final = 64_000_000
"""Bytes of a first line that are looked at: longer ones are no record."""

_REVIEW: Final = "quotes-review/"
_TABLES: Final = {
    suffix: tuple(csv_text([columns], delimiter).strip().encode() for columns in HEADINGS)
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t"))
}


def first_line(path: Path) -> bytes:
    """The first line of the file at *path* that says something; nothing where none does. Raises OSError."""
    with path.open("rb") as stream:
        return next((line for line in iter(lambda: stream.readline(_LONGEST), b"") if line.strip()), b"")


def object_in(line: bytes) -> dict[str, Any] | None:
    """The JSON object that *line* is, if it is one."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_signed(page: str) -> bool:
    """Whether *page* says of itself that some version of quotes has written it."""
    return _SIGNED.search(page, 0, _BEGINNING) is not None


def is_report(path: Path) -> bool:
    """Whether the file at *path* is a page that some version of quotes has written, a report or one of errors.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(_BEGINNING).decode("latin-1")
    return start.startswith("<!DOCTYPE html>") and is_signed(start)


def is_report_folder(folder: Path) -> bool:
    """Whether *folder* holds the pages of a report. A link to one does not."""
    return os.path.isfile(folder / MARKER) and not os.path.islink(folder)


def is_review(path: Path) -> bool:
    """Whether the file at *path* holds the decisions of a review, of whatever version. Raises OSError."""
    return _begins_as_review(path, ("schema",))


def is_product(path: Path) -> bool:
    """Whether *path*, met in a folder of articles, is what quotes has made of articles and no article itself.

    These are reports and folders of their pages, decisions of a review and the gold made of them, and records as
    tables, whose rows are no articles. Records in other formats are articles, those they were made of.
    """
    suffix = path.suffix.lower()
    try:
        if not os.path.isfile(path):
            return is_report_folder(path)
        if suffix in (".html", ".htm"):
            return is_report(path)
        if suffix in _TABLES:
            with path.open("rb") as stream:
                return stream.read(max(map(len, _TABLES[suffix]))).startswith(_TABLES[suffix])
        return suffix in (".jsonl", ".ndjson") and _begins_as_review(path, ("schema", "review"))
    except OSError:
        return False


def _begins_as_review(path: Path, fields: Iterable[str]) -> bool:
    """Whether one of *fields* of the object in the first line names the form of reviews."""
    line = first_line(path)
    # Only a line that may be meant is parsed: the first of a file of articles can be long.
    value = object_in(line) if f'"{_REVIEW}'.encode() in line else None
    return value is not None and any(str(value.get(field)).startswith(_REVIEW) for field in fields)
