"""A report that is broken off at any moment: the older one is there or the new one, whole, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from quotes.report.folder import ReportFolder, clear
from quotes.report.undisturbed import undisturbed
from tests.report.interrupting import write

ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def struck(folder: Path, name: str, old: int, new: int) -> dict[Path, int]:
    """The folders in which a report was broken off by the signal *name*, each with the exit code."""
    command = [sys.executable, "-m", "tests.report.interrupting", str(folder), name, str(old), str(new)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {path.with_suffix(""): int(path.read_text()) for path in sorted(folder.glob("*.code"))}


def report_of(folder: Path, articles: int) -> dict[str, bytes]:
    """What is in a folder after a report of so many *articles*; nothing after none."""
    folder.mkdir()
    if articles:
        write(folder, articles)
    return contents(folder)


@pytest.mark.parametrize(("old", "new"), [(0, 2), (0, 5), (5, 2), (5, 6)])
def test_an_interruption_leaves_the_older_report_or_the_new_one(tmp_path: Path, old: int, new: int) -> None:
    older, newer = report_of(tmp_path / "old", old), report_of(tmp_path / "new", new)
    (tmp_path / "struck").mkdir()
    places = struck(tmp_path / "struck", "SIGINT", old, new)
    found = [contents(place) for place in places]
    assert all(one in (older, newer) for one in found)
    assert [*places.values()] == [130] * (len(places) - 1) + [0]
    assert found[-1] == newer
    assert len(places) > 5


@pytest.mark.parametrize(("old", "new"), [(0, 5), (5, 6)])
def test_what_a_killed_process_has_left_is_brought_to_an_end_by_the_next_run(
    tmp_path: Path, old: int, new: int
) -> None:
    (tmp_path / "struck").mkdir()
    places = struck(tmp_path / "struck", "SIGKILL", old, new)
    older, newer = report_of(tmp_path / "old", old), report_of(tmp_path / "new", new)
    halves = 0
    for place, code in places.items():
        assert code in (-9, 0)
        halves += shown(place) not in (older, newer)
        clear(place / "r.html")
        assert shown(place) in (older, newer)
        assert [name for name in os.listdir(place) if name.startswith(".r_files")] == []
    # From the first rename to the last it is neither: three steps, one after the other.
    assert halves <= 2


def shown(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(folder).items() if not name.startswith(".")}


def test_what_a_living_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    with ReportFolder(tmp_path / "r.html") as folder:
        folder.write("p0001.html", "")
        before = contents(tmp_path)
        clear(tmp_path / "r.html")
        assert contents(tmp_path) == before
    assert contents(tmp_path) == {}


def test_signals_wait_until_the_block_is_left() -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    done: list[bool] = []
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted(done)
        assert done
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def interrupted(done: list[bool]) -> None:
    with undisturbed():
        signal.raise_signal(signal.SIGINT)
        done.append(True)
