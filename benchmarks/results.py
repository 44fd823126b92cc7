"""Results: what was measured, as it stands in ``results.json``, and the README's table that is made of it."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
README = ROOT / "README.md"
ORDER = ("startup", "replay", "tail", "endpoint", "limits", "model", "units")
"""The parts, as they come in the file and in the table."""

_MARKED = re.compile(r"(<!-- bench:start -->\n)(.*?)(<!-- bench:end -->)", re.S)
_LIBRARIES = ("openai", "httpx2", "aiohttp", "jsonschema", "typer")


class Row(NamedTuple):
    """A line of the table: *measured* of this program, divided by the same of what it stands *beside*."""

    measured: str
    beside: str
    ratio: float


def middle(values: Sequence[float]) -> float:
    """The median, to four digits that count."""
    return float(f"{statistics.median(values):.4g}")


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of the rounds: each round had the same machine, with the same neighbours."""
    return middle([own / other for own, other in zip(ours, theirs, strict=True)])


def table(results: Mapping[str, Any]) -> str:
    """The README's table, in Markdown: every row of every part of *results*."""
    parts = results["parts"]
    rows = [Row(*row) for part in ORDER if part in parts for row in parts[part].get("rows", ())]
    lines = ["| what | beside | quotes |", "|---|---|---|"]
    for measured, alike in groupby(rows, key=lambda row: row.measured):
        for number, row in enumerate(alike):
            lines.append(f"| {'' if number else measured} | {row.beside} | {shown(row.ratio)} |")
    return "\n".join(lines) + "\n"


def shown(value: float) -> str:
    """*value* as a factor, to two digits that count, or whole."""
    return f"{value:,.0f} ×" if value >= 10 else f"{value:#.2g} ×" if value < 1 else f"{value:.2f} ×"


def in_page(page: str, results: Mapping[str, Any]) -> str:
    """*page* with the table of *results* between its markers; as it is where it has none."""
    return _MARKED.sub(lambda found: found[1] + table(results) + found[3], page)


def merged(known: Mapping[str, Any], parts: Mapping[str, Any], date: str) -> dict[str, Any]:
    """*known* results with *parts* measured anew; the speeds for `benchmarks.plan` are taken out of them."""
    both = {**known.get("parts", {}), **parts}
    ordered = {name: both[name] for name in ORDER if name in both}
    found: dict[str, Any] = {"date": date, "machine": machine(), "versions": versions(), "parts": ordered}
    units = both.get("units", {}).get("figures")
    return found | ({"units": units} if units else {}) | {"speeds": speeds(both)}


def speeds(parts: Mapping[str, Any]) -> dict[str, float]:
    """Articles a CPU second: by the rules, in a replay, and live."""
    replay = parts.get("replay", {}).get("figures", {})
    live = parts.get("endpoint", {}).get("figures", {})
    sources = {
        "rules": replay.get("rules: articles a CPU second"),
        "replay": replay.get("replay, static: articles a CPU second"),
        "live": live.get("articles of 600 words: quotes: documents a CPU second"),
    }
    return {name: value for name, value in sources.items() if value is not None}


def machine() -> dict[str, Any]:
    """The machine, in general terms."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """The libraries that matter, where they are installed, and this program."""
    from quotes import __version__

    found = {"quotes": __version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def read() -> dict[str, Any]:
    """The results so far; none where nothing was measured yet."""
    if not RESULTS.exists():
        return {}
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def write(results: Mapping[str, Any]) -> None:
    """Keep *results*, and make the README's table of them."""
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    README.write_text(in_page(README.read_text(encoding="utf-8"), results), encoding="utf-8")
