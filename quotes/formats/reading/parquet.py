"""Parquet: each row is an article. Some rows are read at a time, so that a file of any size takes little memory."""

from __future__ import annotations

import base64
import math
from datetime import date, datetime, time, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from quotes import extras
from quotes.errors import InputError, UsageError
from quotes.formats.jsonlines import MOST_LEVELS
from quotes.formats.reading.gzipped import LONGEST_LINE
from quotes.formats.reading.picking import article_of
from quotes.formats.reading.tables import check_columns, distinct
from quotes.formats.rowgroups import rows_at_a_time, swollen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from quotes.formats.reading.source import Found, Source
    from quotes.model import Article

MOST_ROWS: Final = 256
"""Rows that are read at a time."""
LONGEST_ROW: Final = LONGEST_LINE
"""Bytes of a row as the file states them: as of a line that is packed."""
BUFFER: Final = 1 << 20
"""Bytes of each column that are read ahead, instead of all of them."""

_REMEDY: Final = "write it again"


def read_parquet(stream: BinaryIO, source: Source) -> Iterator[Found]:
    """The articles of *stream*. The text is in the column ``text``, the id in ``id``, or as *source* says.

    The other columns are metadata as JSON: dates and times as ISO 8601, decimals as strings, bytes as text or base64,
    and what is no number (NaN) as null.

    Raises:
        InputError: the extra is not installed, the file is damaged, or it has not these columns.
    """
    library = _library(source.where)
    try:
        file = library.ParquetFile(stream, buffer_size=BUFFER, pre_buffer=False)
        schema = file.schema_arrow
        names = distinct([str(name) for name in schema.names])
    except Exception as error:
        # Whatever a damaged file does to the library, here and below: it is this file's fault, and no other's.
        raise _damaged(error, source.where) from None
    check_columns(names, source.fields, source.where)
    first = 1
    for group in range(file.num_row_groups):
        yield from _rows(file, group, first, names, source)
        first += file.metadata.row_group(group).num_rows


def _rows(file: Any, group: int, first: int, names: Sequence[str], source: Source) -> Iterator[Found]:
    """The articles of one group of rows, which begins with the row *first*; damage in it leaves the other groups."""
    number = first
    stated = file.metadata.row_group(group)
    place = f"{source.where} rows {first} to {first + stated.num_rows - 1}"
    try:
        if what := swollen(stated, LONGEST_ROW):
            yield InputError(what, where=place, remedy="do not trust this file")
            return
        for batch in file.iter_batches(rows_at_a_time(stated, MOST_ROWS), row_groups=[group], use_threads=False):
            columns = dict(zip(names, (_safe(column) for column in batch.columns), strict=True))
            for row in range(batch.num_rows):
                yield _found(columns, row, number, source)
                number += 1
    except Exception as error:
        yield _damaged(error, f"{source.where} rows {number} to {first + stated.num_rows - 1}")


def _library(where: str) -> ModuleType:
    try:
        return extras.load("pyarrow.parquet", "parquet", "Parquet")
    except UsageError as error:
        raise InputError(error.what, where=where, remedy=error.remedy) from None


def _damaged(error: Exception, where: str) -> InputError:
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    what = " ".join(str(error).split())[:200] or type(error).__name__
    return InputError(f"no sound Parquet file: {what}", where=where, remedy=_REMEDY)


def _safe(column: Any) -> Any:
    """*column* with times of day and dates no finer than Python's: microseconds."""
    pyarrow = extras.load("pyarrow", "parquet", "Parquet")
    kind = column.type
    if getattr(kind, "unit", None) != "ns":
        return column
    if pyarrow.types.is_timestamp(kind):
        return column.cast(pyarrow.timestamp("us", kind.tz), safe=False)
    return column.cast(pyarrow.time64("us") if pyarrow.types.is_time(kind) else pyarrow.duration("us"), safe=False)


def _found(columns: Mapping[str, Any], row: int, number: int, source: Source) -> Found:
    where = f"{source.where} row {number}"
    try:
        return _article(columns, row, number, where, source)
    except InputError as error:
        return error


def _article(columns: Mapping[str, Any], row: int, number: int, where: str, source: Source) -> Article:
    values = {}
    for name, column in columns.items():
        try:
            values[name] = _as_json(column[row].as_py(), MOST_LEVELS)
        except Exception as error:
            # No UTF-8, a date beyond the year 9999, a time zone that is not known, nested too deep.
            what = f"the column “{name}” holds what cannot be read: {error}"
            raise InputError(what, where=where, remedy=f"correct it, or leave {name} out") from None
    return article_of(values, number, where, source)


def _as_json(value: Any, levels: int) -> Any:
    """*value* as JSON has it; see `read_parquet`."""
    if levels < 0:
        raise ValueError(f"nested deeper than {MOST_LEVELS} levels")
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, dict):
        return {str(key): _as_json(inner, levels - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(inner, levels - 1) for inner in value]
    return _word(value)


def _word(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    return str(value)
