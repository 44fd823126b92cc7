"""What of a file of records is shown."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from quotes.errors import RecordError
from quotes.formats.showing import show
from tests.formats.samples import TEXT, sample, write_records

if TYPE_CHECKING:
    from pathlib import Path


def shown(path: Path, article_id: str | None = None, *inputs: Path, damaged: list[str] | None = None) -> str:
    stream = io.StringIO()
    heard: list[str] = [] if damaged is None else damaged
    show(path, article_id, inputs, stream, on_damaged=lambda error: heard.append(str(error)))
    assert damaged is not None or not heard
    return stream.getvalue()


def test_a_file_of_one_record_shows_its_article(tmp_path: Path) -> None:
    assert "“[1: We tried,]”" in shown(write_records(tmp_path / "out.jsonl", sample()))


def test_a_file_of_several_records_lists_them(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", *(sample(name) for name in "abc"))
    assert [line[:3] for line in shown(path).splitlines()] == ["a  ", "b  ", "c  "]


def test_an_article_is_shown_by_its_id(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"))
    assert shown(path, "b").startswith("b  partial")
    assert "“[1: We tried,]”" in shown(path, "b")


def test_an_unknown_id_names_the_nearest(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("news/17"), sample("other"))
    with pytest.raises(RecordError, match=r"out\.jsonl: no article “news/71” \(did you mean news/17\?\)$"):
        shown(path, "news/71")


def test_an_id_like_no_other_is_told_how_to_see_them_all(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"no article “zzz” \(without an id all are listed\)$"):
        shown(write_records(tmp_path / "out.jsonl", sample("a")), "zzz")


@pytest.mark.parametrize("article_id", [None, "a"])
def test_an_empty_file_is_an_error(tmp_path: Path, article_id: str | None) -> None:
    with pytest.raises(RecordError, match=r"out\.jsonl: holds no record \(it is empty"):
        shown(write_records(tmp_path / "out.jsonl"), article_id)


@pytest.mark.parametrize("article_id", [None, "a", "b"])
def test_articles_are_told_from_records(tmp_path: Path, article_id: str | None) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "text": "No."}\n' * 3)
    with pytest.raises(RecordError, match="holds no record: these are articles"):
        shown(path, article_id)


def test_a_damaged_line_is_told_and_the_others_are_shown(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"))
    path.write_text("rubbish\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    damaged: list[str] = []
    assert len(shown(path, damaged=damaged).splitlines()) == 2
    assert [line.startswith(f"{path} line 1: not JSON") for line in damaged] == [True]


def test_a_record_without_text_is_shown_with_the_original(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), with_text=False)
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    assert "“[1: We tried,]”" in shown(path, "a", tmp_path / "a.txt")


def test_a_record_without_text_is_shown_as_a_list_without_the_original(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), with_text=False)
    assert "give the original with --input" in shown(path, "a")


def test_another_text_is_not_shown_as_the_original(tmp_path: Path) -> None:
    path = write_records(tmp_path / "out.jsonl", sample("a"), with_text=False)
    (tmp_path / "a.txt").write_text("Quite another text.")
    with pytest.raises(RecordError, match="article a: its text is not the one the record was made of"):
        shown(path, "a", tmp_path / "a.txt")
