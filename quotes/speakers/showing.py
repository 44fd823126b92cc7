"""The tally as it is shown: a table for people, CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from quotes.formats.sheets import csv_text
from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from quotes.speakers.tally import By, Row, Totals

_COUNTS = ("quotes", "quotes_at_most", "words", "words_at_most", "articles")


def as_csv(by: Sequence[By], rows: Sequence[Row]) -> str:
    """*rows* as CSV with a header line; shares are fractions of 1 with four digits. No cell can run as a formula."""
    header = [*_labels(by), *_COUNTS, *_speakers_column(by), "share", "share_at_most"]
    return csv_text([header, *(_cells(by, row) for row in rows)])


def as_json(by: Sequence[By], rows: Sequence[Row], totals: Totals) -> str:
    """Totals and rows as one JSON object, its last line ended."""
    listed: list[dict[str, Any]] = [
        dict(
            zip([*_labels(by), *_COUNTS, *_speakers_column(by), "share", "share_at_most"], _cells(by, row), strict=True)
        )
        for row in rows
    ]
    return json.dumps({"totals": asdict(totals), "by": list(by), "rows": listed}, indent=2, ensure_ascii=False) + "\n"


def as_table(by: Sequence[By], rows: Sequence[Row]) -> Table:
    """*rows* for a rich console; a count that stayed open is a range, ``12–15``."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for label in _labels(by):
        folds = label in ("speaker", "article")
        table.add_column(label, style="cyan" if label == "speaker" else None, overflow="fold", no_wrap=not folds)
    for label in ("quotes", "words", "articles", *_speakers_column(by), "share"):
        table.add_column(label, justify="right", no_wrap=True)
    for row in rows:
        counts = [
            _range(row.quotes, row.quotes_at_most),
            _range(row.words, row.words_at_most),
            f"{row.articles:,}",
            *([f"{row.speakers:,}"] if _speakers_column(by) else []),
            _percent(row.share, row.share_at_most),
        ]
        table.add_row(*(Text(on_one_line(str(cell))) for cell in (*_first_cells(by, row), *counts)))
    return table


def closing_lines(totals: Totals) -> list[str]:
    """What a reader must know of the whole: how much there is, how much of it is open, what is missing."""
    lines = [
        f"{counted(totals.articles, 'article')}, {counted(totals.quotes, 'quote')}, {counted(totals.words, 'word')}"
    ]
    parts = (
        (totals.pronouns, "with a speaker resolved to no name"),
        (totals.nobody, "with no speaker printed"),
    )
    still_open = [f"{number:,} {what}" for number, what in parts if number]
    still_open += [f"{counted(totals.quotations, 'quotation')} unresolved"] if totals.quotations else []
    if still_open:
        lines.append(f"open: {', '.join(still_open)}; a range is what is sure and the most it can be")
    if totals.partial:
        lines.append(
            f"{counted(totals.partial, 'article')} could not be done in whole: quotes of theirs may be missing"
        )
    if totals.without_text:
        what = "an open quote is given to the speakers their quotes print, not to all the article names"
        lines.append(f"{counted(totals.without_text, 'record')} without text: {what}")
    return lines


def _labels(by: Sequence[By]) -> list[str]:
    return [label for one in by for label in ((one, "kind") if one == "speaker" else (one,))]


def _speakers_column(by: Sequence[By]) -> list[str]:
    return [] if "speaker" in by else ["speakers"]


def _first_cells(by: Sequence[By], row: Row) -> list[str]:
    return [cell for one in by for cell in ((row.values[one], row.kind) if one == "speaker" else (row.values[one],))]


def _cells(by: Sequence[By], row: Row) -> list[str | int | float]:
    counts: list[str | int | float] = [getattr(row, name) for name in (*_COUNTS, *_speakers_column(by))]
    return [*_first_cells(by, row), *counts, round(row.share, 4), round(row.share_at_most, 4)]


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,}–{most:,}"


def _percent(least: float, most: float) -> str:
    low, high = f"{100 * least:.1f}", f"{100 * most:.1f}"
    return f"{low}%" if low == high else f"{low}–{high}%"
