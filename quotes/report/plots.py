"""Two plots as inline SVG: quotes by speaker and quotes by confidence, each bar split by the type of quote.

Widths are percentages and letters pixels, so that the words stay as large on a phone as on a desk. What a plot shows
stands beside it as a table for those who cannot see it. Colours come from the page's style sheet alone (``plots.css``).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import accumulate
from typing import Final, NamedTuple, get_args

from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line
from quotes.model import Confidence
from quotes.report.counting import TYPES

MOST_BARS: Final = 12

_LEVELS: Final[tuple[Confidence, ...]] = get_args(Confidence)
_WIDEST_NAME: Final = 27
"""Columns of a name that leave room for the figures beside it at 360 pixels; a Chinese character takes two."""
_LONGEST_NAME: Final = 200
_TOP: Final = 30
_ROW: Final = 38
_BAR: Final = 12
_LEGEND: Final = dict(zip(TYPES, (0, 68, 146), strict=True))
"""Where the words of the legend begin, in pixels."""


class Bar(NamedTuple):
    """One speaker: the number of words quoted, and of quotes by type (``{"direct": 3, …}``)."""

    name: str
    words: int
    types: Mapping[str, int]

    @property
    def quotes(self) -> int:
        """Quotes of every type."""
        return sum(self.types.values())


class _Row(NamedTuple):
    """A line of a plot: *label* to the left, *figures* to the right, under them the *parts* of a bar by type."""

    label: str
    figures: str
    parts: Mapping[str, int]


def speakers_plot(bars: Sequence[Bar], others: int = 0, others_quotes: int = 0) -> str:
    """The plot of *bars*, most quotes first; those beyond `MOST_BARS` join the *others*, who have *others_quotes*.

    A whole ``<figure>``, or nothing where there is no bar.
    """
    if not bars:
        return ""
    shown, rest = bars[:MOST_BARS], bars[MOST_BARS:]
    others += len(rest)
    others_quotes += sum(bar.quotes for bar in rest)
    rows = [_Row(on_one_line(bar.name), f"{bar.quotes:,} · {counted(bar.words, 'word')}", bar.types) for bar in shown]
    note = f"and {counted(others, 'other')} with {counted(others_quotes, 'quote')}" if others else ""
    first = shown[0]
    summary = (
        f"{_short(first.name, 80)} is quoted most: {counted(first.quotes, 'quote')}, {counted(first.words, 'word')}."
    )
    table = _table(
        ("speaker", *TYPES, "words"),
        [(_short(bar.name, _LONGEST_NAME), *(bar.types.get(one, 0) for one in TYPES), bar.words) for bar in shown],
        note,
    )
    return _figure("speakers", "Quotes by speaker, and words", summary, rows, note, table)


def confidence_plot(counts: Mapping[tuple[str, str], int]) -> str:
    """The plot of *counts*, quotes by confidence and type; a whole ``<figure>``, or nothing where there is no quote."""
    everything = sum(counts.values())
    if not everything:
        return ""
    by_level: dict[str, Mapping[str, int]] = {
        level: {one: counts.get((level, one), 0) for one in TYPES} for level in _LEVELS
    }
    sums = {level: sum(types.values()) for level, types in by_level.items()}
    rows = [
        _Row(level, f"{sums[level]:,} · {100 * sums[level] / everything:.0f}%", types)
        for level, types in by_level.items()
    ]
    summary = f"Of {counted(everything, 'quote')} {', '.join(f'{sums[level]:,} {level}' for level in _LEVELS)}."
    table = _table(("confidence", *TYPES), [(level, *types.values()) for level, types in by_level.items()])
    return _figure("confidence", "Quotes by confidence", summary, rows, "", table)


def _figure(name: str, title: str, summary: str, rows: Sequence[_Row], note: str, table: str) -> str:
    height = _TOP + _ROW * len(rows) + (22 if note else 0)
    most = max(sum(row.parts.values()) for row in rows)
    drawn = "".join(_drawn(row, _TOP + _ROW * index, most) for index, row in enumerate(rows))
    ending = f'<text class="note" x="0" y="{height - 5}">{_safe(note)}</text>' if note else ""
    return (
        f'<figure class="plot" id="plot-{name}"><figcaption>{_safe(title)}</figcaption>'
        f'<svg role="img" width="100%" height="{height}" aria-labelledby="plot-{name}-title plot-{name}-desc">'
        f'<title id="plot-{name}-title">{_safe(title)}</title><desc id="plot-{name}-desc">{_safe(summary)}</desc>'
        f"{_legend()}{drawn}{ending}</svg>{table}</figure>\n"
    )


def _legend() -> str:
    return "".join(
        f'<rect class="bar {one}" x="{left}" y="3" width="12" height="12" rx="2"/>'
        f'<text class="note" x="{left + 18}" y="14">{one}</text>'
        for one, left in _LEGEND.items()
    )


def _drawn(row: _Row, top: int, most: int) -> str:
    """The *row* from *top* pixels on, its bar in proportion to the *most* of all rows."""
    parts, at = [], 0.0
    for one in TYPES:
        width = 100 * row.parts.get(one, 0) / most
        if width:
            place = f'x="{at:.2f}%" y="{top + 20}" width="{width:.2f}%" height="{_BAR}"'
            parts.append(f'<rect class="bar {one}" {place}/>')
        at += width
    full = f"<title>{_safe(_short(row.label, _LONGEST_NAME))}</title>"
    return (
        f'<g><rect class="track" x="0" y="{top + 20}" width="100%" height="{_BAR}"/>{"".join(parts)}'
        f'<text class="label" x="0" y="{top + 14}">{full}{_safe(_short(row.label, _WIDEST_NAME))}</text>'
        f'<text class="figures" x="100%" y="{top + 14}">{_safe(row.figures)}</text></g>'
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str | int]], note: str = "") -> str:
    head = "".join(f'<th scope="col">{_safe(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{_safe(str(first))}</th>{"".join(f"<td>{cell:,}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    ending = f"<p>{_safe(note)}</p>" if note else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="visually-hidden">{table}{ending}</div>'


def _short(name: str, most: int) -> str:
    """*name* in at most *most* columns, what is cut off told by an ellipsis."""
    name = on_one_line(name)
    ends = list(accumulate(map(_columns, name)))
    if not ends or ends[-1] <= most:
        return name
    return f"{name[: bisect_right(ends, most - 1)].rstrip()}…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _safe(text: str) -> str:
    return escape(text, quote=True)
