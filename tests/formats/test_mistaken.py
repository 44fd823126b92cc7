"""Files given as records that hold none, or that hold other lines too."""

from __future__ import annotations

import io
import json
import pickle
from typing import TYPE_CHECKING

import pytest

from quotes.errors import RecordError
from quotes.formats import read_each_once
from quotes.formats.mistaken import MOST_TOLD, Further, HoldsNoRecord, seeming, told_apart
from tests.formats.samples import sample, write_records

if TYPE_CHECKING:
    from pathlib import Path

    from quotes.errors import QuotesError

EMPTY = "holds no record (it is empty; name a file that quotes extract has written)"
ARTICLE = "holds no record: this is an article (run quotes extract first)"


def told(path: Path) -> tuple[int, list[str]]:
    """How many records were read, and what was said."""
    said: list[QuotesError] = []
    records = list(read_each_once([path], "counted", on_problem=said.append))
    return len(records), [str(error) for error in said]


@pytest.mark.parametrize("name", ["out.jsonl", "out.json", "out.csv", "out.tsv"])
@pytest.mark.parametrize("data", ["", "\n \n"])
def test_an_empty_file_is_one_line(tmp_path: Path, name: str, data: str) -> None:
    path = tmp_path / name
    path.write_text(data)
    assert told(path) == (0, [f"{path}: {EMPTY}"])


def test_an_array_of_nothing_is_empty(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("[]")
    assert told(tmp_path / "out.json") == (0, [f"{tmp_path / 'out.json'}: {EMPTY}"])


@pytest.mark.parametrize("lines", [1, 3, 100])
def test_an_article_is_one_line(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "a.txt"
    path.write_text("“No,” Ida Krell said.\n" * lines, encoding="utf-8")
    assert told(path) == (0, [f"{path}: {ARTICLE}"])


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("a.html", "<!doctype html>\n<p>“No,” Ida Krell said.\n", "this is a web page or a feed (run quotes extract"),
        ("a.jsonl", '{"id": "a", "text": "No."}\n{"id": "b", "text": "Yes."}\n', "these are articles (run quotes ext"),
        ("a.json", '[{"id": "a", "text": "No."}, {"id": "b", "text": "Yes."}]', "these are articles (run quotes ext"),
        ("a.csv", "id,text\na,No.\n", "these are articles (run quotes extract first)"),
        ("a.jsonl", '{"id": "a", "text": "No.", "quotes": []}\n' * 2, "this seems to be gold (quotes eval compares"),
        ("a.jsonl", '{"schema": "quotes-review/1", "of": "q.jsonl"}\n' * 2, "this is a review (name the records"),
        ("a.jsonl", "\0\1\2\n\3", "this is no text file"),
    ],
)
def test_another_file_is_one_line_that_says_what_it_seems_to_be(
    tmp_path: Path, name: str, text: str, seen: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    records, [said] = told(path)
    assert records == 0
    assert said.startswith(f"{path}: holds no record: {seen}")


def test_a_report_is_told_from_another_page(tmp_path: Path) -> None:
    path = tmp_path / "q.html"
    path.write_text('<!DOCTYPE html>\n<meta name="generator" content="quotes 9">\n<p>No.\n')
    assert told(path)[1] == [f"{path}: holds no record: this is a report (name the records that it was made of)"]


@pytest.mark.parametrize("mark", [b"PAR1", b"SQLite format 3\0", b"PK\x03\x04", b"%PDF-1.7", b"\x1f\x8b\x08"])
def test_what_is_no_text_is_told_by_its_beginning(mark: bytes) -> None:
    seen = seeming(mark + b"\0\1\2")
    assert seen is not None
    assert "article" not in seen[0]


def test_gold_as_a_table_is_left_to_its_own_error() -> None:
    assert seeming(b"id,text,content,speaker\n", ".csv") is None


def test_damaged_records_are_told_one_by_one(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"))
    path.write_text(path.read_text(encoding="utf-8").replace('"status"', '"stat"'), encoding="utf-8")
    records, said = told(path)
    assert records == 0
    assert [line.startswith(f"{path} line {number}: ") for number, line in enumerate(said, start=1)] == [True, True]


def test_a_record_that_is_cut_off_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"schema": "quo', encoding="utf-8")
    assert "cut off in the middle" in told(path)[1][0]


def test_lines_among_records_are_told_up_to_a_bound(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"))
    path.write_text("rubbish\n" * 5 + path.read_text(encoding="utf-8") + "rubbish\n" * 1200, encoding="utf-8")
    records, said = told(path)
    assert records == 1
    assert [
        line.startswith(f"{path} line {number}: not JSON")
        for number, line in zip([*range(1, 6), *range(7, 22)], said, strict=False)
    ] == [True] * MOST_TOLD
    assert said[MOST_TOLD:] == [f"{path}: and 1,185 more (each is no record either)"]


def test_what_is_chosen_from_a_file_may_be_nothing(tmp_path: Path) -> None:
    assert list(told_apart([], tmp_path / "out.jsonl", whole=False)) == []


def test_records_are_passed_on_as_they_come(tmp_path: Path) -> None:
    seen: list[int] = []

    def found() -> object:
        for number in range(3):
            seen.append(number)
            yield number

    passed = told_apart(found(), tmp_path / "out.jsonl")  # type: ignore[arg-type]
    assert next(passed) == 0
    assert seen == [0]


def test_standard_input_is_told_as_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BufferedReader(io.BytesIO("“No,” Ida Krell said.\nNo more.\n".encode()))  # type: ignore[arg-type]

    monkeypatch.setattr("sys.stdin", Stdin)
    said: list[QuotesError] = []
    assert list(read_each_once(["-"], "counted", on_problem=said.append)) == []
    assert [str(error) for error in said] == [f"standard input: {ARTICLE}"]


def test_a_stream_that_has_gone_by_is_told_by_its_errors(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    faults = [RecordError("not JSON: Expecting value", where=f"line {number}") for number in (1, 2)]
    [error] = told_apart(faults, gone)
    assert str(error) == (
        f"{gone}: holds no record: its lines are no JSON (name a file that quotes extract has written)"
    )
    assert list(told_apart([*faults, RecordError("schema quotes/9")], gone))[:2] == faults


def test_the_errors_can_be_pickled() -> None:
    for error in (Further(7, "out.jsonl"), HoldsNoRecord("holds no record", where="x")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_json_of_another_kind_is_left_to_its_own_errors() -> None:
    assert seeming(json.dumps({"a": 1}).encode()) is None
