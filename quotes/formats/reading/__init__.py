"""Readers of articles, one module a format, chosen by the ending of a file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quotes.formats.reading.documents import read_docx
from quotes.formats.reading.feeds import read_feed
from quotes.formats.reading.gzipped import unpacked
from quotes.formats.reading.lines import read_json_lines
from quotes.formats.reading.pages import read_page
from quotes.formats.reading.parquet import read_parquet
from quotes.formats.reading.plain import read_plain
from quotes.formats.reading.source import USUAL, Fields, Found, Reader, Source
from quotes.formats.reading.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["READERS", "SUFFIXES", "USUAL", "Fields", "Found", "Reader", "Source", "suffix_of"]

READERS: Mapping[str, Reader] = {
    ".txt": read_plain,
    ".md": read_plain,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".csv": read_table,
    ".tsv": read_table,
    ".parquet": read_parquet,
    ".html": read_page,
    ".htm": read_page,
    ".docx": read_docx,
    ".xml": read_feed,
    ".rss": read_feed,
    ".atom": read_feed,
    ".jsonl.gz": unpacked(read_json_lines),
    ".ndjson.gz": unpacked(read_json_lines),
    ".csv.gz": unpacked(read_table),
    ".tsv.gz": unpacked(read_table),
}

SUFFIXES = tuple(READERS)
"""The endings of file names that can be read, whatever their case."""


def suffix_of(name: str) -> str:
    """What tells the format of a file called *name*, in lower case: ``.csv``, ``.csv.gz``; nothing where nothing does.

    >>> suffix_of("news/2031.05.CSV.gz"), suffix_of("2031.05.txt"), suffix_of(".txt"), suffix_of("a.tar.gz")
    ('.csv.gz', '.txt', '', '.gz')
    """
    parts = name.rpartition("/")[2].lower().lstrip(".").split(".")[1:]
    double = "." + ".".join(parts[-2:])
    if double in READERS:
        return double
    return f".{parts[-1]}" if parts else ""
