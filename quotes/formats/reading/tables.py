"""CSV and TSV: the first line names the columns, each row after it is an article. Read a row at a time."""

from __future__ import annotations

import codecs
import csv
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import InputError
from quotes.formats import bounds
from quotes.formats.decoding import decode, marked_encoding
from quotes.formats.reading.picking import article_of, named
from quotes.formats.reading.source import USUAL
from quotes.formats.rows import ITEM, are_headings
from quotes.formats.sheets import as_present, as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from quotes.formats.reading.source import Fields, Found, Source
    from quotes.model import Article

LONGEST_CELL: Final = bounds.LONGEST_LINE
"""Bytes of a cell: an article is one, and one that is never closed must not fill the memory."""

_RECORD_ID: Final = "article"
_DELIMITERS: Final = ",;\t"
_BYTES: Final = "latin-1"
"""Rows are taken apart as bytes, each shown as one character, and decoded only then: a row that is in no encoding
is an error for itself. The marks of CSV are the same bytes in UTF-8 and Windows-1252, and part of no other character.
"""


def read_table(stream: Iterable[bytes], source: Source) -> Iterator[Found]:
    """The articles of *stream*, rows whose cells end with ``,``, ``;`` or a tab, whichever the first line has most.

    Cells are data as they stand: an apostrophe before a formula stays. The text is in the column ``text`` and the id in
    ``id``, or as *source* says; the other cells are metadata, as strings. A table of records, as our own writer makes
    it, gives the articles of the records, to the letter, with their own metadata.

    Raises:
        InputError: there is no heading, or not the columns in it, or a line is beyond all bounds.
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
    if _are_records(heading, source.fields):
        yield from _articles(reader, [name.strip().lower() for name in heading], source, _of_record)
        return
    names = distinct([name.strip() for name in heading])
    check_columns(names, source.fields, f"{source.where} line 1")
    yield from _articles(reader, names, source, _of_row)


def _are_records(heading: Sequence[str], fields: Fields) -> bool:
    """Whether the table is one of records, and no other columns of it are asked for."""
    return are_headings(heading) and fields.text_name == "text" and fields.id in (None, _RECORD_ID)


def _articles(
    reader: Any,
    names: Sequence[str],
    source: Source,
    made: Callable[[dict[str, Any], int, str, Source, tuple[str, ...]], Article | None],
) -> Iterator[Found]:
    """The articles that *made* makes of the rows, cells by *names*; it counts those that it has made one of."""
    number = 1
    while True:
        line = reader.line_num + 1
        place = f"{source.where} line {line}"
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if any(cells):
                row, notes = _row(cells, names, place)
                article = made(row, number, place, source, notes)
                if article is not None:
                    number += 1
                    yield article
        except csv.Error as error:
            number += 1
            yield _broken(error, place if reader.line_num <= line else f"{place} to {reader.line_num}")
        except InputError as error:
            number += 1
            yield error


def _row(cells: Sequence[str], names: Sequence[str], where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    if len(cells) != len(names):
        what = f"{len(cells)} cells under {len(names)} headings"
        raise InputError(what, where=where, remedy="a cell that holds the delimiter stands in double quotes")
    values, note = _decoded(cells, where)
    return dict(zip(names, values, strict=True)), (note,) if note else ()


def _of_row(row: dict[str, Any], number: int, where: str, source: Source, notes: tuple[str, ...]) -> Article:
    return article_of(row, number, where, source, notes)


def _of_record(row: dict[str, Any], number: int, where: str, source: Source, notes: tuple[str, ...]) -> Article | None:
    """The article of a record, which the first of its rows holds; the others, of what was found in it, hold none."""
    cells = {name: as_written(cell) for name, cell in row.items()}
    if cells[ITEM] != "article":
        return None
    value: dict[str, Any] = {name: cells[name] for name in ("schema", "metadata", "json")}
    value |= {"id": cells[_RECORD_ID], "text": as_present(cells["text"])}
    return article_of(value, number, where, replace(source, fields=USUAL), notes)


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
    chunks = _bounded(stream, where)
    first = next(chunks, b"")
    marked = marked_encoding(first)
    if marked is None:
        return chain([first] if first else [], chunks)
    encoding, length = marked
    rest = chain([first[length:]], chunks)
    return rest if encoding == "utf-8" else _recoded(rest, encoding, where)


def _bounded(stream: Iterable[bytes], where: str) -> Iterator[bytes]:
    for number, line in enumerate(bounds.bounded_lines(stream), start=1):
        if what := bounds.too_long(line, number):
            raise InputError(what, where=where, remedy="is it whole, and one row a line?")
        yield line


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
    times: dict[str, int] = {}
    for number, given in enumerate(names, start=1):
        name = start = given or f"column {number}"
        again = times.get(start, 1)
        while name in result:
            again += 1
            name = f"{start} ({again})"
        times[start] = again
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
