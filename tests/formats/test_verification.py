"""Verification: every record of a file against the texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from quotes.errors import QuotesError, RecordError
from quotes.formats.verification import Tally, verify
from quotes.model import Article
from tests.formats.samples import TEXT, sample, write_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def problems(path: Path, *inputs: Path) -> tuple[list[str], Tally]:
    found: list[str] = []
    tally = verify(path, inputs, on_problem=found.append, on_unreadable=_fail)
    assert tally.problems == len(found)
    return found, tally


def _fail(error: QuotesError) -> None:
    raise error


def originals(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    return tmp_path / "texts"


def test_sound_records_are_counted(tmp_path: Path) -> None:
    found, tally = problems(write_records(tmp_path / "out.jsonl", sample("a"), sample("b")))
    assert found == []
    assert str(tally) == "2 records, 2 quotes, 10 spans: every word as printed, every quotation accounted for"


def test_a_changed_word_is_found_with_file_line_and_article(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"))
    first, second = path.read_text(encoding="utf-8").splitlines()
    changed = second.replace('"text": "We tried, …', '"text": "We cried, …')
    path.write_text(f"{first}\n{changed}\n", encoding="utf-8")
    [problem], tally = problems(path)
    assert problem.startswith(f"{path} line 2: article b: quotes[0].text: “We cried, … and we failed.” is not what")
    assert str(tally) == "2 records, 2 quotes, 10 spans: 1 problem"


def test_records_are_checked_against_the_originals_that_are_given(tmp_path: Path, folder: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"), with_text=False)
    assert problems(path, originals(folder, {"a": TEXT, "b": TEXT}))[0] == []


def test_originals_are_found_in_any_order(tmp_path: Path, folder: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("c"), sample("a"), sample("b"))
    assert problems(path, originals(folder, {"a": TEXT, "b": TEXT, "c": TEXT}))[0] == []


def test_a_record_that_holds_another_text_than_the_original_is_found(tmp_path: Path, folder: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"))
    found, _ = problems(path, originals(folder, {"a": TEXT.replace("\r\n", "\n")}))
    assert found[:2] == [
        f"{path} line 1: article a: sha256: the record is of another text",
        f"{path} line 1: article a: text: differs from the text given",
    ]


def test_a_record_without_text_and_without_original_is_a_problem(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), with_text=False)
    assert problems(path)[0] == [f"{path} line 1: article a: the record is without text (give the originals)"]


def test_a_record_whose_original_is_missing_is_a_problem(tmp_path: Path, folder: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"))
    [problem], _ = problems(path, originals(folder, {"b": TEXT}))
    assert problem.startswith(f"{path} line 1: article a: not among the originals (give the inputs as they were")


def test_an_original_that_cannot_be_read_is_told_apart_from_problems(tmp_path: Path, folder: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("b"))
    (folder / "a.txt").write_bytes(b"\0")
    told: list[str] = []
    inputs: Sequence[Path] = [originals(folder, {"b": TEXT})]
    tally = verify(path, inputs, on_problem=told.append, on_unreadable=lambda error: told.append(str(error)))
    assert tally.problems == 0
    assert [line.startswith(f"{folder / 'a.txt'}: holds a NUL character") for line in told] == [True]


def test_a_damaged_line_is_a_problem_and_the_others_are_checked(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"))
    path.write_text(path.read_text(encoding="utf-8") + '{"schema": "quo', encoding="utf-8")
    [problem], tally = problems(path)
    assert "line 2: cut off in the middle" in problem
    assert tally.records == 1


def test_a_second_record_of_an_article_is_a_problem(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("a"))
    assert problems(path)[0] == [f"{path} line 2: article a: a second record of it"]


def test_a_problem_is_one_line_that_cannot_steer_the_terminal(tmp_path: Path) -> None:
    odd = replace(sample(), article=Article("a\n\x1b[31m", TEXT + "\x1b[31m“x\r\ny”"))
    [problem, *_], _ = problems(write_records(tmp_path / "out.jsonl", odd))
    assert "\n" not in problem
    assert "\x1b" not in problem


@pytest.mark.parametrize("text", ["", "“No,” Ida Krell said.\n" * 3])
def test_a_file_without_a_record_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "out.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match="holds no record"):
        problems(tmp_path / "out.jsonl")


def test_lines_that_are_no_records_are_all_counted(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"))
    path.write_text(path.read_text(encoding="utf-8") + "rubbish\n" * 50, encoding="utf-8")
    told: list[str] = []
    tally = verify(path, (), on_problem=told.append, on_unreadable=_fail)
    assert (tally.problems, len(told)) == (50, 21)
    assert told[-1] == f"{path}: and 30 more (each is no record either)"


def test_a_missing_file_ends_it(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        problems(tmp_path / "out.jsonl")
