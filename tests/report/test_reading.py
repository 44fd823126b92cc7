"""Records for a report with their texts: originals, damaged lines, and what is amiss told and not lost."""

from __future__ import annotations

from pathlib import Path

from quotes.errors import DuplicateId, QuotesError, RecordError
from quotes.report.reading import read_items
from tests.formats.samples import TEXT, sample, write_records


def read(*paths: Path, inputs: tuple[Path, ...] = ()) -> tuple[dict[str, str | None], list[QuotesError]]:
    problems: list[QuotesError] = []
    items = read_items(paths, inputs, on_problem=problems.append)
    return {record.extraction.article.id: text for record, text in items}, problems


def test_records_come_with_their_own_texts_or_without_one(tmp_path: Path) -> None:
    first = write_records(tmp_path / "a.jsonl", sample("a"))
    second = write_records(tmp_path / "b.jsonl", sample("b"), with_text=False)
    assert read(first, second) == ({"a": TEXT, "b": None}, [])


def test_texts_come_from_originals_where_there_are_any_if_they_are_the_same(tmp_path: Path) -> None:
    out = write_records(tmp_path / "out.jsonl", sample("a"), sample("b"), sample("c"), with_text=False)
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt").write_bytes(b"another text")
    found, problems = read(out, inputs=(tmp_path / "a.txt", tmp_path / "b.txt"))
    assert found == {"a": TEXT, "b": None, "c": None}
    assert [problem.what for problem in problems] == [
        "article b: its text is not the one the record was made of",
        "article c: not among the originals",
    ]


def test_damaged_lines_and_second_records_are_told_and_the_others_read(tmp_path: Path) -> None:
    out = write_records(tmp_path / "out.jsonl", sample("a"), sample("a"), sample("b"))
    out.write_text("rubbish\n" + out.read_text(encoding="utf-8"), encoding="utf-8")
    found, problems = read(out)
    assert list(found) == ["a", "b"]
    assert [type(problem) for problem in problems] == [RecordError, DuplicateId]
