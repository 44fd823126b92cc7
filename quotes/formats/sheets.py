"""CSV that a spreadsheet can open: what an article says is shown there as text and never run as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What a spreadsheet takes for the start of a formula, also in full width, with the apostrophes of an earlier pass.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NEEDS_QUOTES = re.compile('[",\t\r\n]')
_ONLY_APOSTROPHES = re.compile("'*")


def harmless(cell: str) -> str:
    """*cell* with an apostrophe before it where a spreadsheet might run it; :func:`as_written` undoes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """*cell* without the apostrophe that :func:`harmless` has put before it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def present(cell: str | None) -> str:
    """*cell* so that an empty one means that there is nothing: what is there but empty is an apostrophe.

    :func:`as_present` undoes it.
    """
    if cell is None:
        return ""
    return f"'{cell}" if _ONLY_APOSTROPHES.fullmatch(cell) else cell


def as_present(cell: str) -> str | None:
    """What :func:`present` has made *cell* of."""
    if not cell:
        return None
    return cell[1:] if _ONLY_APOSTROPHES.fullmatch(cell) else cell


def csv_text(rows: Iterable[Sequence[str | int | float | None]], delimiter: str = ",") -> str:
    r"""*rows* as CSV, words made harmless, numbers as they are, ``None`` as an empty cell; lines end with ``\n``.

    *delimiter* stands between cells: a comma, or a tab.
    """
    return "".join(delimiter.join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: str | int | float | None) -> str:
    # Not the csv module: before Python 3.13 it leaves a carriage return within a cell without quotes.
    if not isinstance(value, str):
        return "" if value is None else str(value)
    shown = harmless(value)
    return '"' + shown.replace('"', '""') + '"' if _NEEDS_QUOTES.search(shown) else shown
