"""`quotes show` from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from quotes.cli.app import app
from quotes.errors import RecordError
from tests.formats.samples import TEXT, sample, write_records

if TYPE_CHECKING:
    from pathlib import Path

run = CliRunner().invoke


def test_show_prints_the_article_with_its_quotes_marked(tmp_path: Path) -> None:
    outcome = run(app, ["show", str(write_records(tmp_path / "out.jsonl", sample()))])
    assert outcome.exit_code == 0
    assert "“[1: We tried,]” Mara Oduya said" in outcome.stdout


def test_show_finds_an_article_by_its_id_and_its_text_among_the_inputs(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"), with_text=False)
    (tmp_path / "b.txt").write_bytes(TEXT.encode())
    outcome = run(app, ["show", str(path), "b", "--input", str(tmp_path / "b.txt")])
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("b  partial")
    assert "“[1: We tried,]” Mara Oduya said" in outcome.stdout


def test_show_exits_with_1_where_a_line_is_damaged(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample())
    path.write_text(path.read_text(encoding="utf-8") + "rubbish\n", encoding="utf-8")
    outcome = run(app, ["show", str(path)])
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(f"quotes: {path} line 2: not JSON")
    assert "“[1: We tried,]” Mara Oduya said" in outcome.stdout


def test_show_of_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        run(app, ["show", str(tmp_path / "out.jsonl")], catch_exceptions=False)
