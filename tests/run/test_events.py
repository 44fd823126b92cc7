"""Events: whole lines, of the owner's alone, and never the end of a run."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quotes.errors import OutputError, UsageError
from quotes.run.events import EventLog, refuse_log

NOON = datetime(2031, 3, 2, 12, 0, 0, 250_000, UTC)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_line_says_what_when_and_the_fields(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with EventLog(str(path), now=lambda: NOON) as log:
        log.tell("retry", {"reason": "429", "wait": 0.5})
    assert lines(path) == [{"event": "retry", "time": "2031-03-02T12:00:00.250+00:00", "reason": "429", "wait": 0.5}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_run_goes_on_in_the_same_log_after_what_a_kill_has_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with EventLog(str(path)) as log:
        log.tell("run", {})
    with path.open("a") as stream:
        stream.write('{"event": "tr')
    with EventLog(str(path)) as log:
        log.tell("end", {})
    before, cut, after = path.read_bytes().splitlines()
    assert (json.loads(before)["event"], cut, json.loads(after)["event"]) == ("run", b'{"event": "tr', "end")


@pytest.mark.parametrize(
    "held",
    [
        "[profiles.tiny]\nmodel = 'tiny'\n",
        '{"schema": "quotes/1", "id": "a0"}\n',
        '{"event": "tide", "text": "an article"}\n',
        '\n{"event": "run", "time": "2031-03-02T12:00:00.250+00:00"}\n',
        "x",
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path, held: str) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text(held)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="holds no events of quotes") as caught:
        EventLog(str(path))
    assert caught.value.where == str(path)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (held, 0o644)


def test_an_empty_file_and_a_device_may_be_logs(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch()
    for place in (str(path), os.devnull):
        with EventLog(place) as log:
            log.tell("run", {})
    assert [line["event"] for line in lines(path)] == ["run"]


@pytest.mark.parametrize(
    "log",
    [
        "c.sqlite",
        "c.sqlite-wal",
        "c.sqlite-lock",
        "sub/../c.sqlite",
        "link",
        "replies/manifest.json",
        "replies/pending/x",
    ],
)
def test_a_log_is_no_part_of_a_cache_by_whatever_path(tmp_path: Path, log: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "c.sqlite")
    with pytest.raises(UsageError, match="is a file of the run itself"):
        refuse_log(str(tmp_path / log), [tmp_path / "c.sqlite", tmp_path / "replies"])


def test_a_log_beside_a_cache_is_fine(tmp_path: Path) -> None:
    for log in ("c.log", "c.sqlite.log", "replies-log.jsonl", "replies2/log"):
        refuse_log(str(tmp_path / log), [tmp_path / "c.sqlite", tmp_path / "replies"])


def test_what_is_no_json_is_written_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with EventLog(str(path)) as log:
        log.tell("try", {"path": Path("a"), "name": "half \ud83d"})
    assert lines(path)[0]["path"] == "a"


@pytest.mark.parametrize("place", ["missing/log.jsonl", "."])
def test_a_log_that_cannot_be_written_is_seen_before_the_start(tmp_path: Path, place: str) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        EventLog(str(tmp_path / place))


def test_a_full_disk_is_told_once_and_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    program = (
        "import resource\n"
        "from quotes.run.events import EventLog\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"with EventLog({str(path)!r}, told=print) as log:\n"
        "    for number in range(50):\n"
        "        log.tell('article', {'id': 'x' * 100, 'number': number})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout == f"{path}: events cannot be written: File too large (the run goes on)\n", done.stderr
    assert [line["number"] for line in lines(path)] == [0, 1, 2, 3, 4]


def test_a_closed_log_hears_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = EventLog(str(path))
    log.close()
    log.close()
    log.tell("end", {})
    assert path.read_bytes() == b""
