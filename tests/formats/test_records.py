"""Records read back: sound ones, damaged lines, and files that are none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from quotes.errors import RecordError
from quotes.formats import StoredRecord, read_records
from quotes.model import Article, Extraction
from quotes.record import dumps

if TYPE_CHECKING:
    from pathlib import Path


def extraction(name: str) -> Extraction:
    return Extraction(Article(name, f"The text of {name}."), "complete")


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(lines), encoding="utf-8")
    return path


def line(name: str, *, with_text: bool = True) -> str:
    return dumps(extraction(name), with_text=with_text) + "\n"


def ids(path: Path) -> list[str]:
    return [
        found.extraction.article.id if isinstance(found, StoredRecord) else str(found) for found in read_records(path)
    ]


def test_records_come_back_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", line("b"), line("a"))
    records = list(read_records(path))
    assert [found.extraction for found in records if isinstance(found, StoredRecord)] == [
        extraction("b"),
        extraction("a"),
    ]
    assert [found.where for found in records if isinstance(found, StoredRecord)] == [f"{path} line 1", f"{path} line 2"]


def test_records_can_come_from_standard_input() -> None:
    [found] = read_records("-", io.BytesIO(line("a").encode()))
    assert isinstance(found, StoredRecord)
    assert found.where == "standard input line 1"


def test_a_record_knows_whether_it_holds_its_text(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", line("a"), line("b", with_text=False))
    assert [isinstance(found, StoredRecord) and found.has_text for found in read_records(path)] == [True, False]


def test_a_file_of_no_records_holds_none(tmp_path: Path) -> None:
    assert list(read_records(write(tmp_path / "out.jsonl"))) == []


def test_one_record_can_be_picked_without_looking_into_the_others(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", '{"id": "a", "text": "no record"}\n', line("b"), line("c"))
    assert [isinstance(found, StoredRecord) and found.extraction for found in read_records(path, only="b")] == [
        extraction("b")
    ]


def test_a_line_that_is_cut_off_at_the_end_of_the_file_is_told_as_that(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", line("a"), line("b")[:60])
    assert ids(path)[1] == (
        f"{path} line 2: cut off in the middle: the file ends within this line (run the same quotes extract again)"
    )


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert ids(write(tmp_path / "out.jsonl", line("a").rstrip("\n"))) == ["a"]


@pytest.mark.parametrize(
    ("damaged", "complaint"),
    [
        (b"rubbish\n", "not JSON: "),
        (b"[]\n", "a JSON array, no object"),
        (b'{"id": "x", "text": "y"}\n', 'not a record: no "schema"'),
        (b'{"schema": "quotes/9"}\n', "schema quotes/9, this program reads quotes/1"),
        (b'{"schema": "quotes/1"}\n', "is a required property"),
        (line("é").encode("latin-1"), "not UTF-8"),
        (line("x").encode().replace(b"text of", b"text\0of"), "holds a NUL character"),
    ],
)
def test_a_damaged_line_is_one_error_and_every_other_line_is_read(
    tmp_path: Path, damaged: bytes, complaint: str
) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(line("a").encode() + damaged + line("b").encode())
    first, error, last = ids(path)
    assert (first, last) == ("a", "b")
    assert error.startswith(f"{path} line 2: ")
    assert complaint in error


def test_a_file_of_something_else_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    (tmp_path / "krell.txt").write_text("The tide was high.\n")
    (found,) = read_records(tmp_path / "krell.txt")
    assert str(found).endswith("(name a file that quotes extract has written, or run it again)")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"out\.jsonl: no such file \(check the path\)$"):
        next(read_records(tmp_path / "out.jsonl"))


def test_a_run_that_has_not_finished_is_told_as_that(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl.part", line("a"))
    with pytest.raises(
        RecordError, match=r"no such file \(the run that writes it has not finished: .*out\.jsonl\.part"
    ):
        next(read_records(tmp_path / "out.jsonl"))


def test_a_folder_is_no_file_of_records(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="a folder, no file of records"):
        next(read_records(tmp_path))


def test_a_file_the_system_cannot_read_is_told() -> None:
    # Opening this one works for everybody, reading its first byte for nobody.
    with pytest.raises(RecordError, match="cannot be read: Input/output error"):
        next(read_records("/proc/self/mem"))
