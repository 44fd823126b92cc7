"""Output: there whole or not at all, and one line where it cannot be written."""

from __future__ import annotations

import io
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from quotes.errors import OutputError
from quotes.formats import AtomicText, check_writable, output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write(path: Path | str, text: str) -> None:
    with AtomicText(path) as out:
        out.write(text)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is full after *size* bytes, as far as this process can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_what_is_written_is_there_afterwards_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl", "naïve\r\n\u2028無\n")
    assert (tmp_path / "out.jsonl").read_bytes() == "naïve\r\n\u2028無\n".encode()
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_nothing_stands_under_the_name_until_all_is_written(tmp_path: Path) -> None:
    with AtomicText(tmp_path / "out.jsonl") as out:
        out.write("half")
        assert not (tmp_path / "out.jsonl").exists()


def _interrupted(path: Path) -> None:
    with AtomicText(path) as out:
        out.write("after")
        raise KeyboardInterrupt


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_half_a_character_is_written_as_its_escape(tmp_path: Path) -> None:
    write(tmp_path / "out.txt", "\ud83d")
    assert (tmp_path / "out.txt").read_bytes() == rb"\ud83d"


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.touch(mode=0o640)
    path.chmod(0o640)
    write(path, "after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(tmp_path / "out.jsonl", "new")
    assert (tmp_path / "out.jsonl").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out.jsonl").symlink_to(tmp_path / "real" / "out.jsonl")
    write(tmp_path / "out.jsonl", "new")
    assert (tmp_path / "out.jsonl").is_symlink()
    assert (tmp_path / "real" / "out.jsonl").read_text() == "new"


def test_a_device_is_written_and_not_replaced() -> None:
    check_writable("/dev/null")
    write("/dev/null", "gone")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("path", [None, "-"])
def test_standard_output_is_written_and_stays_open(path: str | None) -> None:
    stdout = io.BytesIO()
    with AtomicText(path, stdout=stdout) as out:
        out.write("naïve\n")
    assert stdout.getvalue() == "naïve\n".encode()


def test_a_full_disk_is_one_line_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("before")
    with pytest.raises(OutputError) as failure, files_of_at_most(1000):
        write(path, "x" * 100_000)
    assert "(free some space, then run the same command again)" in str(failure.value)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_a_full_device_is_one_line() -> None:
    with pytest.raises(OutputError, match=r"^/dev/full: cannot be written: No space left on device \(free some space"):
        write("/dev/full", "x")


def test_a_reader_that_went_away_is_no_failure_of_the_output() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with (
        open(writer, "wb", buffering=0) as stdout,
        pytest.raises(BrokenPipeError),
        AtomicText("-", stdout=stdout) as out,
    ):
        out.write("x")


def _missing_folder(folder: Path) -> Path:
    return folder / "gone" / "out.jsonl"


def _folder(folder: Path) -> Path:
    return folder


def _below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "out.jsonl"


UNWRITABLE = pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (_missing_folder, "cannot be written: No such file or directory (create its folder first)"),
        (_folder, "cannot be written: it is a folder (name a file)"),
        (_below_a_file, "cannot be written: Not a directory (create its folder first)"),
    ],
)


@UNWRITABLE
def test_an_unwritable_path_is_one_line(tmp_path: Path, make: object, complaint: str) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(OutputError) as failure:
        write(path, "x")
    assert str(failure.value) == f"{path}: {complaint}"


@UNWRITABLE
def test_an_unwritable_path_is_seen_before_the_start(tmp_path: Path, make: object, complaint: str) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(OutputError) as failure:
        check_writable(path)
    assert str(failure.value) == f"{path}: {complaint}"


def test_a_folder_nobody_may_write_to_is_seen_before_the_start() -> None:
    # Not even root can create files there.
    with pytest.raises(OutputError, match=r"^/proc/out\.jsonl: cannot be written: "):
        check_writable("/proc/out.jsonl")


def test_the_look_ahead_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    check_writable(path)
    assert os.listdir(tmp_path) == []
    path.write_text("before")
    check_writable(path)
    assert path.read_text() == "before"


@pytest.mark.parametrize("path", [None, "-"])
def test_standard_output_needs_no_look_ahead(path: str | None) -> None:
    check_writable(path)


def test_a_kill_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("before")
    program = (
        "import os, signal, sys; from quotes.formats import AtomicText\n"
        "with AtomicText(sys.argv[1]) as out:\n"
        "    out.write('x' * 100_000)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert outcome.returncode == -signal.SIGKILL
    assert path.read_text() == "before"


def _left_over(path: Path, number: int, age: float) -> Path:
    """What the process of that *number* has written beside *path*, seconds ago."""
    beside = path.with_name(f".{path.name}.{number}.tmp")
    beside.write_text("half")
    os.utime(beside, (time.time() - age,) * 2)
    return beside


def _dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_a_killed_run_has_left_is_removed_an_hour_later_by_the_next_of_that_name(tmp_path: Path) -> None:
    path, dead = tmp_path / "out[1].jsonl", _dead_process()
    left = _left_over(path, dead, output.LEFT_AFTER + 60)
    others = [
        _left_over(path, os.getppid(), output.LEFT_AFTER + 60),
        _left_over(tmp_path / "1.jsonl", dead, output.LEFT_AFTER + 60),
        _left_over(tmp_path / "out[1].jsonl.1", dead, output.LEFT_AFTER + 60),
    ]
    check_writable(path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
    assert not left.exists()


def test_what_was_just_written_stays_whoever_may_write_it(tmp_path: Path) -> None:
    # On a disk that several machines share, a process of another machine is not to be seen.
    left = _left_over(tmp_path / "out.jsonl", _dead_process(), output.LEFT_AFTER - 60)
    check_writable(tmp_path / "out.jsonl")
    assert left.exists()


@pytest.mark.parametrize("name", [".out.jsonl.0.tmp", ".out.jsonl.x.tmp", ".out.jsonl.99999999999999999999.tmp"])
def test_what_names_no_process_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    os.utime(tmp_path / name, (0, 0))
    check_writable(tmp_path / "out.jsonl")
    assert (tmp_path / name).exists()
