"""Readers of articles, one module a format, chosen by the ending of a file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from quotes.formats.reading.lines import read_json_lines
from quotes.formats.reading.plain import read_plain
from quotes.formats.reading.source import USUAL, Fields, Found, Reader, Source
from quotes.formats.reading.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from quotes.formats.reading.source import LineReader

__all__ = ["READERS", "SUFFIXES", "USUAL", "Fields", "Found", "Reader", "Source", "suffix_of"]


def _read_page(stream: BinaryIO, source: Source) -> Iterator[Found]:
    from quotes.formats.reading.pages import read_page

    return read_page(stream, source)


def _read_docx(stream: BinaryIO, source: Source) -> Iterator[Found]:
    from quotes.formats.reading.documents import read_docx

    return read_docx(stream, source)


def _read_feed(stream: BinaryIO, source: Source) -> Iterator[Found]:
    from quotes.formats.reading.feeds import read_feed

    return read_feed(stream, source)


def _read_parquet(stream: BinaryIO, source: Source) -> Iterator[Found]:
    from quotes.formats.reading.parquet import read_parquet

    return read_parquet(stream, source)


def _unpacked(reader: LineReader) -> Reader:
    def read(stream: BinaryIO, source: Source) -> Iterator[Found]:
        from quotes.formats.reading.gzipped import unpacked

        return unpacked(reader)(stream, source)

    return read


READERS: Mapping[str, Reader] = {
    ".txt": read_plain,
    ".md": read_plain,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".csv": read_table,
    ".tsv": read_table,
    ".parquet": _read_parquet,
    ".html": _read_page,
    ".htm": _read_page,
    ".docx": _read_docx,
    ".xml": _read_feed,
    ".rss": _read_feed,
    ".atom": _read_feed,
    ".jsonl.gz": _unpacked(read_json_lines),
    ".ndjson.gz": _unpacked(read_json_lines),
    ".csv.gz": _unpacked(read_table),
    ".tsv.gz": _unpacked(read_table),
}
"""By ending. What a plain text does not need is imported by the first file that does."""

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
