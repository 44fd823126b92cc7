"""Records as Parquet: one row an article, what was found in it as nested columns with real types.

Metadata and rejected items, which may be anything, are JSON. Row groups are small, so that neither writing nor reading
holds more than one of them.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import RecordError
from quotes.extras import load
from quotes.formats.bounds import LONGEST_LINE
from quotes.formats.output import failures_of
from quotes.formats.parts import AGAIN, FoundValue, StoredValue, holds_half_characters, json_cell, storable
from quotes.formats.rowgroups import BATCH_BYTES, rows_at_a_time, swollen
from quotes.record import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_GROUP: Final = 4_000_000
"""Characters of JSON in a row group: some tens of megabytes while it is made."""
_ROWS: Final = 64
"""Rows that are read at a time."""
_LONGEST_ROW: Final = LONGEST_LINE
"""Bytes of a row as the file states them: a record that can be written as a line is one."""


def available() -> None:
    """Make sure that Parquet can be written and read here. Raises UsageError where its library is not installed."""
    load("pyarrow.parquet", "parquet", "Parquet")


def write_parquet(path: Path, lines: Iterable[str], where: str) -> None:
    """Write the records in *lines* to the new file *path*, called *where* in messages.

    Raises:
        UsageError: the library is not installed.
        RecordError: a number of a record is too large for a column.
        OutputError: it cannot be written.
    """
    pa, parquet = load("pyarrow", "parquet", "Parquet"), load("pyarrow.parquet", "parquet", "Parquet")
    schema = _schema(pa)
    with (
        failures_of(where),
        path.open("wb") as stream,
        parquet.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):
        for group in _groups(lines):
            writer.write_table(_table(pa, group, schema, where))


def read_parquet(path: Path, where: str) -> Iterator[FoundValue]:
    """The records of the file *path*, called *where* in messages, row by row.

    Any Parquet file with the columns of a record will do: what another program has filtered can be read.

    Raises:
        UsageError: the library is not installed.
        RecordError: it is no Parquet, or damaged, or lacks a column, or swells beyond all bounds.
        OSError: the system cannot read it.
    """
    pa, parquet = load("pyarrow", "parquet", "Parquet"), load("pyarrow.parquet", "parquet", "Parquet")
    try:
        with path.open("rb") as stream, parquet.ParquetFile(stream) as file:
            _check_columns(file.schema_arrow.names, where)
            number = 0
            for group in range(file.num_row_groups):
                for batch in _batches(file, group, number + 1, where):
                    for row in _rows(batch):
                        number += 1
                        yield _found(row, f"{where} row {number}")
    except pa.ArrowException as error:
        raise _damaged(error, where) from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(error, where) from None  # how the library calls pages that cannot be decoded


def _batches(file: Any, group: int, first: int, where: str) -> Iterator[Any]:
    """The rows of that *group*, some at a time. Raises RecordError where they would fill the memory."""
    stated = file.metadata.row_group(group)
    if what := swollen(stated, _LONGEST_ROW):
        place = f"{where} rows {first} to {first + stated.num_rows - 1}"
        raise RecordError(what, where=place, remedy="do not trust this file")
    batches: Iterator[Any] = file.iter_batches(rows_at_a_time(stated, _ROWS), row_groups=[group], use_threads=False)
    return batches


def _rows(batch: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of *batch*: all at once where they are small, which is faster, else one by one."""
    if batch.nbytes <= BATCH_BYTES:
        yield from batch.to_pylist()
        return
    for at in range(batch.num_rows):
        yield from batch.slice(at, 1).to_pylist()


def count_parquet(path: Path, where: str) -> int:
    """How many records the file *path* holds. Raises as :func:`read_parquet`."""
    pa, parquet = load("pyarrow", "parquet", "Parquet"), load("pyarrow.parquet", "parquet", "Parquet")
    try:
        with path.open("rb") as stream, parquet.ParquetFile(stream) as file:
            rows: int = file.metadata.num_rows
            return rows
    except pa.ArrowException as error:
        raise _damaged(error, where) from None


def _damaged(error: Exception, where: str) -> RecordError:
    what = str(error).partition("\n")[0].rstrip(".")
    return RecordError(f"no Parquet that can be read: {what}", where=where, remedy=AGAIN)


def _check_columns(names: Sequence[str], where: str) -> None:
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        remedy = "name a file that quotes extract or quotes convert has written"
        raise RecordError(f"no records of quotes: it lacks the column {missing[0]}", where=where, remedy=remedy)


# ------------------------------------------------------------------ rows

_COLUMNS: Final = (
    *("schema", "id", "sha256", "metadata", "text", "status", "quotes", "skipped", "unresolved", "rejected", "errors"),
    *("model", "prompt", "usage", "json"),
)
_PLAIN: Final = ("type", "text", "cue_text", "speaker_text", "speaker_name", "speaker_kind", "confidence", "by")
_ALSO_PLAIN: Final = ("chunk", "key")


def _schema(pa: Any) -> Any:
    text, number = pa.string(), pa.int64()
    span = pa.struct([("start", number), ("end", number)])
    spans = pa.list_(span)
    quote = pa.struct(
        [
            *(("type", text), ("content", spans), ("cue", spans), ("speaker", spans), ("text", text)),
            *(("cue_text", text), ("speaker_text", text), ("speaker_name", text), ("speaker_name_span", span)),
            *(("speaker_kind", text), ("confidence", text), ("by", pa.list_(text)), ("chunk", number), ("key", text)),
        ]
    )
    usage = [(name, number) for name in ("requests", "prompt_tokens", "completion_tokens", "cached_tokens")]
    columns = {
        **dict.fromkeys(_COLUMNS, text),
        "quotes": pa.list_(quote),
        "skipped": pa.list_(pa.struct([("span", span), ("as", text)])),
        "unresolved": pa.list_(pa.struct([("span", span), ("reason", text)])),
        "rejected": pa.list_(pa.struct([("item", text), ("reason", text)])),
        "errors": pa.list_(pa.struct([("chunk", number), ("kind", text), ("message", text)])),
        "usage": pa.struct(usage),
    }
    return pa.schema([pa.field(name, columns[name]) for name in _COLUMNS], {"quotes": VERSION})


def _groups(lines: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for line in lines:
        if group and size + len(line) > _GROUP:
            yield group
            group, size = [], 0
        group.append(line)
        size += len(line)
    if group:
        yield group


def _table(pa: Any, lines: Sequence[str], schema: Any, where: str) -> Any:
    try:
        return pa.Table.from_pylist([_row(line) for line in lines], schema=schema)
    except (pa.ArrowException, OverflowError) as error:
        what = f"a record cannot stand in a column: {str(error).partition(chr(10))[0]}"
        raise RecordError(what, where=where, remedy="write .jsonl instead") from None


def _row(line: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(line)
    whole = line if holds_half_characters(line) else None
    if whole is not None:
        value = storable(value)
    return value | {
        "metadata": json_cell(value["metadata"]),
        "quotes": [_quote_to_row(quote) for quote in value["quotes"]],
        "skipped": [{"span": _pair(entry["span"]), "as": entry["as"]} for entry in value["skipped"]],
        "unresolved": [{"span": _pair(entry["span"]), "reason": entry["reason"]} for entry in value["unresolved"]],
        "rejected": [{"item": json_cell(one["item"]), "reason": one["reason"]} for one in value["rejected"]],
        "json": whole,
    }


def _quote_to_row(quote: Mapping[str, Any]) -> dict[str, Any]:
    name_span = quote["speaker_name_span"]
    spans = {name: [_pair(span) for span in quote[name]] for name in ("content", "cue", "speaker")}
    return {**quote, **spans, "speaker_name_span": None if name_span is None else _pair(name_span)}


def _pair(span: Sequence[int]) -> dict[str, int]:
    return {"start": span[0], "end": span[1]}


def _found(row: Mapping[str, Any], where: str) -> FoundValue:
    try:
        return StoredValue(_value(row), where)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        return RecordError(f"not the columns of a record: {type(error).__name__} {error}", where=where, remedy=AGAIN)


def _value(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row["json"] is not None:
        whole: Mapping[str, Any] = json.loads(row["json"])
        return whole
    value = {name: row[name] for name in _COLUMNS if name != "json" and (name != "text" or row[name] is not None)}
    return value | {
        "metadata": json.loads(row["metadata"]),
        "quotes": [_quote(quote) for quote in row["quotes"]],
        "skipped": [{"span": _span(entry["span"]), "as": entry["as"]} for entry in row["skipped"]],
        "unresolved": [{"span": _span(entry["span"]), "reason": entry["reason"]} for entry in row["unresolved"]],
        "rejected": [{"item": json.loads(one["item"]), "reason": one["reason"]} for one in row["rejected"]],
    }


def _quote(row: Mapping[str, Any]) -> dict[str, Any]:
    name_span = row["speaker_name_span"]
    return {
        **{name: row[name] for name in chain(_PLAIN, _ALSO_PLAIN)},
        **{name: [_span(span) for span in row[name]] for name in ("content", "cue", "speaker")},
        "speaker_name_span": None if name_span is None else _span(name_span),
    }


def _span(pair: Mapping[str, int]) -> list[int]:
    return [pair["start"], pair["end"]]
