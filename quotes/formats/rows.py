"""Records as CSV or TSV: one row an item, the article first, then its quotes and all else that was found in it.

For people with a spreadsheet and for programs, and yet nothing is lost: the record can be had back to the byte. Every
row names its article's title, date and url, for pivots and filters; these are for reading alone and not read back, the
record's own are in the column metadata.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quotes.errors import RecordError
from quotes.formats.bounds import LONGEST_LINE, bounded_lines, too_long
from quotes.formats.parts import AGAIN, FoundValue, StoredValue, holds_half_characters, json_cell, storable
from quotes.formats.sheets import as_present, as_written, csv_text, present
from quotes.formats.terminal import on_one_line
from quotes.record import shortened

_NEEDED: Final = (
    *("item", "article", "number", "type", "words", "speaker_name", "speaker_text", "speaker_kind", "cue_text"),
    *("confidence", "by", "reason", "spans", "cue_spans", "speaker_spans", "name_span", "chunk", "key", "status"),
    *("model", "prompt", "requests", "prompt_tokens", "completion_tokens", "cached_tokens", "sha256", "schema"),
    *("metadata", "json", "text"),
)
_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "headline"),
    "date": ("date", "published", "pubdate"),
    "url": ("url", "link"),
}
"""What every row tells of its article, and under which of its metadata that may stand."""

COLUMNS: Final = (*_NEEDED[:2], *_SHOWN, *_NEEDED[2:])
"""What a row tells. *item* is article, quote, skipped, unresolved, rejected or error; spans are ``12..48 60..77``."""
HEADINGS: Final = (COLUMNS, _NEEDED)
"""The columns that some version has written, in their order: the first is this one's."""

ITEM: Final = COLUMNS[0]
_USAGE: Final = ("requests", "prompt_tokens", "completion_tokens", "cached_tokens")
_SPAN = re.compile(r"(\d+)\.\.(\d+)")

Cells = dict[str, str | int | None]


def are_headings(names: Iterable[str]) -> bool:
    """Whether columns of these *names* are those of records, whatever their order and what stands beside them."""
    return {name.strip().lower() for name in names}.issuperset(_NEEDED)


def row_pieces(lines: Iterable[str], delimiter: str = ",") -> Iterator[str]:
    """The table of the records in *lines*, in pieces: the headings, then the rows of each record.

    No cell can run as a formula. Where there is nothing the cell is empty; where an empty name, model, prompt or text
    is, it holds an apostrophe. A record with half a surrogate pair stands whole in the column *json*, as JSON.
    """
    yield csv_text([COLUMNS], delimiter)
    for line in lines:
        value = json.loads(line)
        whole = line if holds_half_characters(line) else None
        value = value if whole is None else storable(value)
        shown = _shown(value["metadata"])
        rows = (shown | row for row in _rows_of(value, whole))
        yield csv_text(([row.get(column) for column in COLUMNS] for row in rows), delimiter)


def _shown(metadata: Mapping[str, Any]) -> Cells:
    """The cells of `_SHOWN`: in each the first of *metadata* that has one of its names and says something in words."""
    told = [(key.lower(), value) for key, value in metadata.items() if isinstance(value, str)]
    return {
        column: next(
            (on_one_line(value) for name in names for key, value in told if key == name and value.strip()), None
        )
        for column, names in _SHOWN.items()
    }


def _rows_of(value: Mapping[str, Any], whole: str | None) -> Iterator[Cells]:
    who, text = value["id"], value.get("text")
    yield {
        "item": "article",
        "article": who,
        "status": value["status"],
        "sha256": value["sha256"],
        "schema": value["schema"],
        "model": present(value["model"]),
        "prompt": present(value["prompt"]),
        **{name: value["usage"][name] for name in _USAGE},
        "metadata": json_cell(value["metadata"]),
        "json": whole,
        "text": present(text),
    }
    for number, quote in enumerate(value["quotes"], start=1):
        yield {"item": "quote", "article": who, "number": number, **_quote_cells(quote)}
    for name in ("skipped", "unresolved"):
        for number, entry in enumerate(value[name], start=1):
            words = None if text is None else text[slice(*entry["span"])]
            reason = entry["as" if name == "skipped" else "reason"]
            cells: Cells = {"words": words, "reason": reason, "spans": _span_cell([entry["span"]])}
            yield {"item": name, "article": who, "number": number, **cells}
    for number, rejected in enumerate(value["rejected"], start=1):
        cells = {"reason": rejected["reason"], "json": json_cell(rejected["item"])}
        yield {"item": "rejected", "article": who, "number": number, **cells}
    for number, error in enumerate(value["errors"], start=1):
        cells = {"type": error["kind"], "reason": error["message"], "chunk": error["chunk"]}
        yield {"item": "error", "article": who, "number": number, **cells}


def _quote_cells(quote: Mapping[str, Any]) -> Cells:
    name_span = quote["speaker_name_span"]
    return {
        **{name: quote[name] for name in ("type", "speaker_text", "speaker_kind", "cue_text", "confidence")},
        "words": quote["text"],
        "speaker_name": present(quote["speaker_name"]),
        "by": " ".join(quote["by"]),
        "spans": _span_cell(quote["content"]),
        "cue_spans": _span_cell(quote["cue"]),
        "speaker_spans": _span_cell(quote["speaker"]),
        "name_span": None if name_span is None else _span_cell([name_span]),
        "chunk": quote["chunk"],
        "key": quote["key"],
    }


def _span_cell(spans: Iterable[Sequence[int]]) -> str:
    return " ".join(f"{start}..{end}" for start, end in spans)


# ------------------------------------------------------------------ reading


@dataclass(slots=True)
class _Gathered:
    """The record whose rows are being read, *who* in each of them. *whole*: its JSON has come with the first."""

    who: str
    value: dict[str, Any]
    where: str
    whole: bool = False
    fault: RecordError | None = None

    def found(self) -> FoundValue:
        return self.fault or StoredValue(self.value, self.where)


def read_rows(stream: Iterable[str], where: str, delimiter: str = ",") -> Iterator[FoundValue]:
    """The records of the table in *stream*, lines of text with their line ends; damaged ones as errors in their place.

    A row that does not fit makes its article an error. The rows of an article stand together, the article's own
    first. Columns that are not known are passed over.
    """
    gathered: _Gathered | None = None
    for row, place in _rows(stream, where, delimiter):
        if isinstance(row, RecordError):
            if gathered is None:
                yield row
            else:
                gathered.fault = gathered.fault or row
            continue
        if row[ITEM] == "article":
            if gathered is not None:
                yield gathered.found()
            gathered = _begun(row, place)
        elif gathered is None or gathered.who != row["article"]:
            what = f"article {row['article']}: the row of the article itself does not come before this one"
            yield RecordError(what, where=place, remedy="sort the rows as they were written, or convert again")
        elif not gathered.whole and gathered.fault is None:
            gathered.fault = _taken(gathered.value, row, place)
    if gathered is not None:
        yield gathered.found()


def _rows(stream: Iterable[str], where: str, delimiter: str) -> Iterator[tuple[dict[str, str] | RecordError, str]]:
    """Each row by the names of its columns, or as an error; and its place."""
    csv.field_size_limit(LONGEST_LINE)
    lines = _lines(stream)
    place = f"{where} line 1"
    try:
        first = next(lines, "")
        delimiter = next((mark for mark in ("\t", ";", ",") if mark in first), delimiter)  # a spreadsheet may change it
        heading = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=delimiter, strict=True), [])]
        missing = [column for column in _NEEDED if column not in heading]
        if missing:
            what = f"no table of records: it lacks the column {missing[0]}"
            yield (
                RecordError(
                    what,
                    where=place,
                    remedy="quotes convert makes gold in CSV, which is another table, into gold.jsonl",
                ),
                place,
            )
            return
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        line = 0
        for cells in reader:
            place, line = f"{where} line {line + 2}", reader.line_num
            if len(cells) == len(heading):
                yield dict(zip(heading, map(as_written, cells), strict=True)), place
            elif cells:
                what = f"{len(cells)} cells under {len(heading)} headings"
                yield RecordError(what, where=place, remedy=AGAIN), place
    except csv.Error as error:
        yield RecordError(f"no CSV: {error}", where=place, remedy=AGAIN), place


def _lines(stream: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(bounded_lines(stream), start=1):
        if what := too_long(line, number):
            raise csv.Error(what)
        yield line


def _begun(row: Mapping[str, str], where: str) -> _Gathered:
    """The record that the row of an article begins."""
    try:
        if row["json"]:
            return _Gathered(row["article"], _json(row, "json"), where, whole=True)
        text = as_present(row["text"])
        value: dict[str, Any] = {
            **{name: row[name] for name in ("schema", "sha256", "status")},
            "id": row["article"],
            "metadata": _json(row, "metadata"),
            **({} if text is None else {"text": text}),
            **{name: [] for name in ("quotes", "skipped", "unresolved", "rejected", "errors")},
            "model": as_present(row["model"]),
            "prompt": as_present(row["prompt"]),
            "usage": {name: _number(row, name) for name in _USAGE},
        }
    except ValueError as error:
        return _Gathered(row["article"], {}, where, fault=_misfit(row, error, where))
    return _Gathered(row["article"], value, where)


def _taken(value: dict[str, Any], row: Mapping[str, str], where: str) -> RecordError | None:
    """Put what *row* tells into the record *value*; what does not fit there is returned."""
    try:
        name, made = _ITEMS[row[ITEM]]
        value[name].append(made(row))
    except KeyError:
        what = f"article {row['article']}: “{row[ITEM]}” is no item of a record"
        return RecordError(what, where=where, remedy=f"items are article, {', '.join(_ITEMS)}")
    except ValueError as error:
        return _misfit(row, error, where)
    return None


def _misfit(row: Mapping[str, str], error: Exception, where: str) -> RecordError:
    return RecordError(f"article {row['article']}: {error}", where=where, remedy=AGAIN)


def _quote(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("type", "cue_text", "speaker_text", "speaker_kind", "confidence")},
        "content": _spans(row["spans"]),
        "cue": _spans(row["cue_spans"]),
        "speaker": _spans(row["speaker_spans"]),
        "text": row["words"],
        "speaker_name": as_present(row["speaker_name"]),
        "by": row["by"].split(),
        "speaker_name_span": _spans(row["name_span"])[0] if row["name_span"] else None,
        "chunk": _number(row, "chunk") if row["chunk"] else None,
        "key": row["key"] or None,
    }


def _number(row: Mapping[str, str], column: str) -> int:
    if not row[column].isdecimal():
        raise ValueError(f"{column}: “{shortened(row[column])}” is no whole number")
    return int(row[column])


def _json(row: Mapping[str, str], column: str) -> Any:
    try:
        return json.loads(row[column])
    except (ValueError, RecursionError):
        raise ValueError(f"{column}: “{shortened(row[column])}” is no JSON") from None


def _spans(cell: str) -> list[list[int]]:
    spans = []
    for part in cell.split():
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(f"“{part}” is no span START..END")
        spans.append([int(found[1]), int(found[2])])
    return spans


def _span(row: Mapping[str, str]) -> list[int]:
    (span,) = _spans(row["spans"])
    return span


_ITEMS: Final[Mapping[str, tuple[str, Callable[[Mapping[str, str]], dict[str, Any]]]]] = {
    "quote": ("quotes", _quote),
    "skipped": ("skipped", lambda row: {"span": _span(row), "as": row["reason"]}),
    "unresolved": ("unresolved", lambda row: {"span": _span(row), "reason": row["reason"]}),
    "rejected": ("rejected", lambda row: {"item": _json(row, "json"), "reason": row["reason"]}),
    "error": (
        "errors",
        lambda row: {"chunk": _number(row, "chunk"), "kind": row["type"], "message": row["reason"]},
    ),
}
"""For each item but the article where it stands in the record, and how it is made of a row."""
