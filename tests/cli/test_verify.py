"""`quotes verify` from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from quotes.cli.app import app
from quotes.errors import RecordError
from tests.formats.samples import TEXT, sample, write_records

if TYPE_CHECKING:
    from pathlib import Path

run = CliRunner().invoke


def test_verify_of_sound_records_prints_one_line_and_exits_with_0(tmp_path: Path) -> None:
    outcome = run(app, ["verify", str(write_records(tmp_path / "out.jsonl", sample()))])
    assert outcome.exit_code == 0
    assert outcome.stdout == "1 record, 1 quote, 5 spans: every word as printed, every quotation accounted for\n"


def test_verify_against_changed_originals_prints_the_problems_and_exits_with_1(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), with_text=False)
    (tmp_path / "a.txt").write_bytes(TEXT.replace("We", "They").encode())
    outcome = run(app, ["verify", str(path), str(tmp_path / "a.txt")])
    assert outcome.exit_code == 1
    *problems, count = outcome.stdout.splitlines()
    assert f"{path} line 1: article a: sha256: the record is of another text" in problems
    assert count == f"1 record, 1 quote, 5 spans: {len(problems)} problems"


def test_verify_tells_unreadable_originals_on_stderr(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"))
    outcome = run(app, ["verify", str(path), str(tmp_path / "gone.txt")])
    assert outcome.exit_code == 1
    assert outcome.stderr == f"quotes: {tmp_path / 'gone.txt'}: no such file or folder (check the path)\n"


def test_verify_of_a_file_without_a_record_is_one_line_and_no_count(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl")
    outcome = run(app, ["verify", str(path)])
    assert outcome.stdout == ""
    assert isinstance(outcome.exception, RecordError)
    assert outcome.exception.exit_code == 1
