"""CSV and TSV: the first line names the columns, each row after it is an article. Read a row at a time."""

from __future__ import annotations

import codecs
import csv
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import InputError
from quotes.formats.decoding import decode, marked_encoding
from quotes.formats.reading.picking import article_of, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from quotes.formats.reading.source import Fields, Found, Source
    from quotes.model import Article

LONGEST_CELL: Final = 1 << 28
"""Characters of a cell: an article is one, and one that is never closed must not fill the memory."""

_DELIMITERS: Final = ",;\t"
_BYTES: Final = "latin-1"
"""Rows are taken apart as bytes, each shown as one character, and decoded only then: a row that is in no encoding
is an error for itself. The marks of CSV are the same bytes in UTF-8 and Windows-1252, and part of no other character.
"""


def read_table(stream: Iterable[bytes], source: Source) -> Iterator[Found]:
    """The articles of *stream*, rows whose cells end with ``,``, ``;`` or a tab, whichever the first line has most.

    Cells are data as they stand: an apostrophe before a formula, which our own writer sets, stays. The text is in the
    column ``text`` and the id in ``id``, or as *source* says; the other cells are metadata, as strings.

    Raises:
        InputError: there is no heading, or not the columns in it.
    """
    lines = (line.decode(_BYTES) for line in _byte_lines(stream, source.where))
    first = next(lines, "")
    # The limit is one for the whole process.
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(first), strict=True)
    try:
        heading, _ = _decoded(next(reader, []), f"{source.where} line 1")
    except csv.Error as error:
        raise _broken(error, f"{source.where} line 1") from None
    names = distinct([name.strip() for name in heading])
    check_columns(names, source.fields, f"{source.where} line 1")
    yield from _articles(reader, names, source)


def _articles(reader: Any, names: Sequence[str], source: Source) -> Iterator[Found]:
    number = 0
    while True:
        line = reader.line_num + 1
        place = f"{source.where} line {line}"
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if any(cells):
                number += 1
                yield _article(cells, names, number, place, source)
        except csv.Error as error:
            number += 1
            yield _broken(error, place if reader.line_num <= line else f"{place} to {reader.line_num}")
        except InputError as error:
            yield error


def _article(cells: Sequence[str], names: Sequence[str], number: int, where: str, source: Source) -> Article:
    if len(cells) != len(names):
        what = f"{len(cells)} cells under {len(names)} headings"
        raise InputError(what, where=where, remedy="a cell that holds the delimiter stands in double quotes")
    values, note = _decoded(cells, where)
    row: dict[str, Any] = dict(zip(names, values, strict=True))
    return article_of(row, number, where, source, (note,) if note else ())


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _decoded(cells: Sequence[str], where: str) -> tuple[list[str], str | None]:
    """*cells*, whose characters are bytes, as text, with a remark where the encoding was guessed."""
    if any("\0" in cell for cell in cells):
        raise InputError("holds a NUL character, so it is no text", where=where, remedy="save it as UTF-8")
    raw = [cell.encode(_BYTES) for cell in cells]
    try:
        return [cell.decode("utf-8") for cell in raw], None
    except UnicodeDecodeError:
        # The line end keeps letters at the start from being taken for a byte-order mark.
        note = decode(b"\n" + b"\n".join(raw), where).note
    return [cell.decode("cp1252") for cell in raw], note


def _byte_lines(stream: Iterable[bytes], where: str) -> Iterator[bytes]:
    """The lines of *stream* without its byte-order mark, as UTF-8 where that names another encoding."""
    chunks = iter(stream)
    first = next(chunks, b"")
    marked = marked_encoding(first)
    if marked is None:
        return chain([first] if first else [], chunks)
    encoding, length = marked
    rest = chain([first[length:]], chunks)
    return rest if encoding == "utf-8" else _recoded(rest, encoding, where)


def _recoded(chunks: Iterable[bytes], encoding: str, where: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    begun = ""
    try:
        for chunk in chunks:
            *whole, begun = (begun + decoder.decode(chunk)).split("\n")
            yield from (f"{line}\n".encode() for line in whole)
        begun += decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        what = f"undecodable: its byte-order mark says {encoding.upper()}, which it is not"
        raise InputError(what, where=where, remedy="save it as UTF-8") from None
    if begun:
        yield begun.encode()


def _broken(error: csv.Error, where: str) -> InputError:
    what = "a cell opens with a double quote that is never closed" if "unexpected end" in str(error) else str(error)
    return InputError(f"no CSV: {what}", where=where, remedy="a double quote within a quoted cell is written twice")


# ------------------------------------------------------------------ columns, of Parquet too


def distinct(names: Sequence[str]) -> list[str]:
    """*names* of columns, those without one called by their number, those that are there already counted on.

    >>> distinct(["", "text", "note", "note"])
    ['column 1', 'text', 'note', 'note (2)']
    """
    result: dict[str, None] = {}
    for number, given in enumerate(names, start=1):
        name = start = given or f"column {number}"
        again = 1
        while name in result:
            again += 1
            name = f"{start} ({again})"
        result[name] = None
    return [*result]


def check_columns(names: Sequence[str], fields: Fields, where: str) -> None:
    """Refuse a table without the column of the text, or without that of the id where it was named.

    Raises:
        InputError: it is not among *names*; the message lists them.
    """
    wanted = [("--text-field", fields.text_name)]
    wanted += [("--id-field", fields.id)] if fields.id is not None else []
    for option, name in wanted:
        if name not in names and name.partition(".")[0] not in names:
            there = f"there are {named(names)}" if names else "the first line names the columns"
            raise InputError(f"no column “{name}”", where=where, remedy=f"name one with {option}: {there}")
