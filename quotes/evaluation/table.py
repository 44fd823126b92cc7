"""Figures as tables for people: the systems side by side, each with the interval of its joint F1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from quotes.evaluation.comparison import Difference, Scored
from quotes.evaluation.intervals import Interval
from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_GROUPS: Final = {
    "direct": "direct",
    "mixed": "by_type/mixed",
    "direct+mixed": "direct+mixed",
    "indirect": "by_type/indirect",
    "all": "all",
}
_FIGURES: Final = {
    "P": "overlap_0.5/p",
    "R": "overlap_0.5/r",
    "F1": "overlap_0.5/f1",
    "exact": "exact/f1",
    "≥.8": "overlap_0.8/f1",
    "token": "token/f1",
    "speaker": "speaker_accuracy",
    "joint": "joint/f1",
}
_LABELS: Final = {"by_speaker_kind": "speaker", "by_confidence": "confidence"}
_SHARES: Final = {"of all": "share", "content": "content_precision", "joint": "joint_precision"}
_NONE: Final = "–"
_COMPARED: Final = ("F1", "speaker", "joint")
_LEGEND: Final = """\
P, R, F1: quotes that share half of their words with gold. exact, ≥.8, token: F1 by the very
words, by .8 of them, and word by word. speaker: how often right where a quote was found.
joint: F1 of words and speaker together, with its 95% interval."""


def score_tables(scored: Sequence[Scored]) -> Iterator[RenderableType]:
    """The tables of *scored*, to be printed by a rich console one below the other."""
    from rich.text import Text

    names = _short_names(scored)
    yield Text(_heading(scored[0]), style="bold")
    for name, one in zip(names, scored, strict=True):
        yield Text(_summary(name, one))
    yield Text()
    yield _group_table(scored, names)
    if len(scored) > 1:
        yield Text()
        yield _comparison_table(scored, names)
    for place, title in _LABELS.items():
        if any(label["predicted"] for one in scored for label in one.report[place].values()):
            yield Text()
            yield _label_table(scored, names, place, title)
    yield Text()
    yield Text(_LEGEND, style="dim")


def _short_names(scored: Sequence[Scored]) -> list[str]:
    """The names without the folders of files where they stay distinct."""
    full = [on_one_line(one.name) for one in scored]
    short = [name.rstrip("/").rpartition("/")[2] or name for name in full]
    return short if len(set(short)) == len(set(full)) else full


def _heading(first: Scored) -> str:
    report = first.report
    return f"{counted(report['articles'], 'article')}, {counted(report['all']['gold_quotes'], 'gold quote')}"


def _summary(name: str, one: Scored) -> str:
    coverage = one.report["quoted_span_coverage"]
    line = f"{name}: {counted(one.report['predicted_quotes'], 'quote')}"
    if coverage["spans"]:
        covered, gold = (_shown(coverage[name]) for name in ("coverage", "gold_coverage"))
        line += f", touching {covered} of the quotations (gold: {gold})"
    return line


def _group_table(scored: Sequence[Scored], names: Sequence[str]) -> Table:
    """A row for each group of types and system; groups without a gold quote are left out."""
    table = _table("quotes", *_system(scored, "system"), figures=("gold", *_FIGURES, "interval"))
    for title, place in _GROUPS.items():
        gold = _at(scored[0].report, place)["gold_quotes"]
        for name, one in zip(names, scored if gold else (), strict=bool(gold)):
            figures = [_shown(one.figures[f"{place}/{figure}"]) for figure in _FIGURES.values()]
            interval = _range(one.intervals.get(f"{place}/{_FIGURES['joint']}"))
            table.add_row(title, *_system(scored, name), f"{gold:,}", *figures, interval)
    return table


def _comparison_table(scored: Sequence[Scored], names: Sequence[str]) -> Table:
    """By how much the further systems are above the first, a row for each group and system."""
    columns = [column for figure in _COMPARED for column in (figure, "interval")]
    table = _table(f"above {names[0]}", "system", figures=columns)
    for title, place in _GROUPS.items():
        for name, one in zip(names[1:], scored[1:], strict=True):
            differences = [one.differences.get(f"{place}/{_FIGURES[figure]}") for figure in _COMPARED]
            if _at(one.report, place)["gold_quotes"]:
                table.add_row(title, name, *(cell for one in differences for cell in _difference(one)))
    return table


def _label_table(scored: Sequence[Scored], names: Sequence[str], place: str, title: str) -> Table:
    """A row for each label and system that gives it: how many predictions bear it, and how many of them are right."""
    table = _table(title, *_system(scored, "system"), figures=("quotes", *_SHARES, "interval"))
    for label in scored[0].report[place]:
        for name, one in zip(names, scored, strict=True):
            row = one.report[place][label]
            if row["predicted"]:
                figures = [_shown(row[share]) for share in _SHARES.values()]
                interval = _range(one.intervals.get(f"{place}/{label}/{_SHARES['joint']}"))
                table.add_row(label, *_system(scored, name), f"{row['predicted']:,}", *figures, interval)
    return table


def _system(scored: Sequence[Scored], name: str) -> tuple[str, ...]:
    """*name* as a cell of its own where there are several systems to tell apart."""
    return (name,) if len(scored) > 1 else ()


def _table(*names: str, figures: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim", expand=False)
    for name in names:
        table.add_column(name, overflow="fold", max_width=36)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _at(report: Any, place: str) -> Any:
    for name in place.split("/"):
        report = report[name]
    return report


def _difference(difference: Difference | None) -> tuple[str, str]:
    if difference is None:
        return _NONE, ""
    return _short(difference.value, "+"), _range(difference.interval, "+")


def _shown(value: float | None) -> str:
    return _NONE if value is None else _short(value)


def _range(interval: Interval | None, sign: str = "") -> str:
    return "" if interval is None else f"[{_short(interval.low, sign)}, {_short(interval.high, sign)}]"


def _short(value: float, sign: str = "") -> str:
    """*value* to three digits, without a zero before the point and without the sign of a negative zero."""
    return re.sub(r"\b0\.", ".", f"{round(value, 3) + 0.0:{sign}.3f}")
