"""A folder of parts is read like the file they were cut from; one that is not complete is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quotes.errors import RecordError, UsageError
from quotes.formats.folders import MARK
from quotes.formats.records import StoredRecord, read_records
from quotes.model import Article, Extraction
from quotes.record import dumps
from quotes.run.output import refuse_foreign


def folder_of(path: Path, names: list[list[str]], *, complete: object = True) -> Path:
    for number, part in enumerate(names):
        lines = [dumps(Extraction(Article(id=name, text="No."), "complete")) + "\n" for name in part]
        (path / f"part-{number:05}.jsonl").write_text("".join(lines))
    (path / MARK).write_text(json.dumps({"complete": complete, "format": "jsonl"}))
    return path


def ids_in(path: Path) -> list[str]:
    found = list(read_records(path))
    return [one.extraction.article.id for one in found if isinstance(one, StoredRecord)]


def test_parts_are_read_in_order(tmp_path: Path) -> None:
    assert ids_in(folder_of(tmp_path, [["b", "a"], ["d"], [], ["c"]])) == ["b", "a", "d", "c"]


def test_other_files_beside_them_are_left_alone(tmp_path: Path) -> None:
    folder_of(tmp_path, [["a"]])
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".part-00001.jsonl.7.tmp").write_text("{")
    assert ids_in(tmp_path) == ["a"]


def test_more_parts_than_digits_keep_their_order(tmp_path: Path) -> None:
    folder_of(tmp_path, [["a"]])
    (tmp_path / "part-00000.jsonl").rename(tmp_path / "part-100000.jsonl")
    folder_of(tmp_path, [["b"]])
    assert ids_in(tmp_path) == ["b", "a"]


@pytest.mark.parametrize("complete", [False, None])
def test_a_run_that_has_not_finished_is_told(tmp_path: Path, complete: object) -> None:
    with pytest.raises(RecordError, match="has not finished"):
        ids_in(folder_of(tmp_path, [["a"]], complete=complete))


def test_a_damaged_mark_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path, [["a"]])
    (tmp_path / MARK).write_text("{")
    with pytest.raises(RecordError, match="damaged"):
        ids_in(tmp_path)


def test_any_other_folder_is_no_file_of_records(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="a folder, no file of records"):
        ids_in(tmp_path)


def test_a_part_is_not_replaced_by_a_mistyped_command(tmp_path: Path) -> None:
    folder_of(tmp_path, [["a"], ["b"]])
    with pytest.raises(UsageError, match="is a part of the output"):
        refuse_foreign(str(tmp_path / "part-00001.jsonl"))
    refuse_foreign(str(tmp_path / "part-00001.jsonl"), overwrite=True)
