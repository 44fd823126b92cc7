"""The folder of parts: what ``-o`` means, what is replaced and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quotes.errors import OutputError, UsageError
from quotes.formats import read_values
from quotes.model import Article, Extraction
from quotes.record import dumps
from quotes.run.cluster.parts import MARK, Parts

LINE = dumps(Extraction(Article("a", "Nothing was said."), "complete"))


def begun(
    parts: Parts, count: int = 2, articles: int = 2, *, model: str | None = None, overwrite: bool = False
) -> None:
    parts.begin(count, articles, "f" * 64, {"model": model} if model else {}, overwrite=overwrite)


def done(folder: Path, count: int = 2, kind: str = "jsonl") -> Parts:
    parts = Parts(str(folder), kind)  # type: ignore[arg-type]
    begun(parts, count, count)
    for number in range(count):
        parts.write(number, [LINE])
    parts.finish({"articles": count})
    return parts


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("output", "parts"),
    [
        ("out/", Parts("out")),
        ("out", Parts("out")),
        ("a/out/*.jsonl", Parts("a/out")),
        ("out/*.parquet", Parts("out", "parquet")),
        ("out/part-*.parquet", Parts("out", "parquet")),
        ("*.jsonl", Parts(".")),
        ("s3://news/out/", Parts("s3://news/out")),
        ("s3://news/out/*.parquet", Parts("s3://news/out", "parquet")),
    ],
)
def test_a_folder_is_meant(output: str, parts: Parts):
    assert Parts.of(output) == parts


@pytest.mark.parametrize("output", ["-", "out.jsonl", "out/*.csv", "out/a*.jsonl", "out.html"])
def test_what_is_no_folder_is_refused(output: str):
    with pytest.raises(UsageError, match="give a folder such as out/"):
        Parts.of(output)


def test_parts_are_files_of_records_and_the_mark_says_that_they_are_all(tmp_path: Path):
    folder = tmp_path / "deep" / "out"
    done(folder)
    assert names(folder) == [MARK, "part-00000.jsonl", "part-00001.jsonl"]
    assert json.loads((folder / MARK).read_text())["complete"] is True
    assert (folder / "part-00001.jsonl").read_text("utf-8") == LINE + "\n"


def test_parts_of_parquet_hold_the_same(tmp_path: Path):
    done(tmp_path, 1, "parquet")
    assert [found.value for found in read_values(tmp_path / "part-00000.parquet")] == [json.loads(LINE)]


def test_a_run_that_is_not_done_leaves_whole_parts_and_says_so(tmp_path: Path):
    parts = Parts(str(tmp_path))
    begun(parts)
    parts.write(1, [LINE])
    assert names(tmp_path) == [MARK, "part-00001.jsonl"]
    assert json.loads((tmp_path / MARK).read_text())["complete"] is False


def test_a_later_run_replaces_its_own_parts_and_nothing_else(tmp_path: Path):
    done(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".part-00002.jsonl.4711.tmp").write_text("left by a killed worker")
    parts = Parts(str(tmp_path), "parquet")
    begun(parts, 1, 3)
    parts.write(0, [LINE])
    parts.finish({})
    assert names(tmp_path) == [MARK, "notes.txt", "part-00000.parquet"]


def test_what_is_only_called_like_a_part_stays(tmp_path: Path):
    (tmp_path / "part-00000.jsonl").write_text('{"mine": 1}\n')
    with pytest.raises(UsageError, match="holds no records of quotes"):
        begun(Parts(str(tmp_path)))
    assert names(tmp_path) == ["part-00000.jsonl"]


def test_a_mark_of_something_else_stays(tmp_path: Path):
    (tmp_path / MARK).write_text("[]")
    with pytest.raises(UsageError, match="is not what quotes has written"):
        begun(Parts(str(tmp_path)))


def test_records_by_another_model_stay_unless_they_may_go(tmp_path: Path):
    parts = done(tmp_path)
    with pytest.raises(UsageError, match="holds records by the rules and would be replaced by records by qwen"):
        begun(parts, model="qwen")
    begun(parts, model="qwen", overwrite=True)


def test_fewer_records_do_not_replace_more(tmp_path: Path):
    parts = done(tmp_path)
    with pytest.raises(OutputError, match="holds 2 records and is left as it is: this run makes 1"):
        begun(parts, 1, 1)
    begun(parts, 1, 1, overwrite=True)


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        Parts.of(str(tmp_path / "out"))
    with pytest.raises(OutputError, match="is a file, no folder"):
        begun(Parts(str(tmp_path / "out")))
