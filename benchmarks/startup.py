"""What a command takes from start to end: a replay and the rules over one article, beside an empty Typer application.

    python -m benchmarks.startup                # 20 rounds: a minute
    python -m benchmarks.startup --rounds 5 --json

Every round starts each command once, one after the other, so that a busy machine is busy for all; a first round only
fills the system's caches. The empty application is what Typer itself costs: one command with one option, called with
nothing. Run it where the package is installed as its users have it; the package beside this folder is what is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

EMPTY: Final = '''\
import typer

app = typer.Typer()


@app.command()
def main(x: str = ""):
    """Nothing."""


app()
'''
_ROOT: Final = Path(__file__).parents[1]
_ARTICLE: Final = str(_ROOT / "seeds" / "bakery-otter.txt")
_REPLIES: Final = str(_ROOT / "tests" / "fixtures" / "seeds")
_EXTRACT: Final = ("extract", _ARTICLE, "--quiet", "-o")
COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "replay": (*_EXTRACT, "{out}", "--replay", _REPLIES),
    "rules": (*_EXTRACT, "{out}"),
    "help": ("--help",),
    "help of extract": ("extract", "--help"),
    "version": ("--version",),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """The medians of one command, in seconds, and how many times those of the empty application they are."""

    what: str
    wall: float
    cpu: float
    times_wall: float
    times_cpu: float


def measure(folder: Path, rounds: int) -> list[Figure]:
    """The empty application and all commands, *rounds* times in turn; *folder* takes what they write."""
    (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
    out = folder / "out.jsonl"
    calls = {"empty Typer application": [sys.executable, str(folder / "empty.py")]}
    for name, words in COMMANDS.items():
        calls[name] = [sys.executable, "-m", "quotes", *(word.format(out=out) for word in words)]
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            out.unlink(missing_ok=True)
            found = _timed(call)
            if number:
                taken[name].append(found)
    middle = {name: (median(wall for wall, _ in both), median(cpu for _, cpu in both)) for name, both in taken.items()}
    wall, cpu = middle["empty Typer application"]
    return [Figure(name, *both, both[0] / wall, both[1] / cpu) for name, both in middle.items()]


def _timed(call: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock and of processor time until *call* has ended."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(call, cwd=_ROOT, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print, a line a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.rounds)
    if chosen.json:
        print(json.dumps({"rounds": chosen.rounds, "figures": [asdict(figure) for figure in found]}, indent=2))
        return
    print(f"{'seconds':>7}  {'x empty':>7}  {'CPU s':>6}  {'x empty':>7}  what")
    for figure in found:
        clock = f"{figure.wall:>7.3f}  {figure.times_wall:>7.2f}"
        print(f"{clock}  {figure.cpu:>6.3f}  {figure.times_cpu:>7.2f}  {figure.what}")


if __name__ == "__main__":
    main()
