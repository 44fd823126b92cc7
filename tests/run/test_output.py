"""Outputs in every format: which may be replaced, which may not, and what a run that goes on finds there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from quotes.cache import open_store
from quotes.errors import OutputError, UsageError
from quotes.formats import RECORD_SUFFIXES, read_records, write_records
from quotes.formats.corpora import GoldArticle, table
from quotes.formats.corpora.gold import gold_line
from quotes.formats.records import StoredRecord
from quotes.model import Article, Extraction
from quotes.record import dumps
from quotes.report.site import write_report
from quotes.run.output import Product, file_sink, refuse_bad_output, refuse_foreign, refuse_replacing
from quotes.run.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

each_format = pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv", ".parquet", ".db"])
NOTES = b"id,text\n1,my own notes\n"
PRODUCTS: list[tuple[Product, ...]] = [("records",), ("records", "gold"), ("report",)]


def records(folder: Path) -> Path:
    write_records(folder / "out.jsonl", [dumps(named(0))])
    return folder / "out.jsonl"


def gold(folder: Path) -> Path:
    path = folder / "gold.jsonl"
    path.write_text(gold_line(GoldArticle("a", "", "It rained.", ())), encoding="utf-8")
    return path


def gold_table(folder: Path) -> Path:
    path = folder / "gold.csv"
    path.write_text(table.header() + table.rows_of(GoldArticle("a", "", "It rained.", ())), encoding="utf-8")
    return path


def report(folder: Path) -> Path:
    write_report([], folder / "out.html")
    return folder / "out.html"


def review(path: Path) -> Path:
    path.write_text('{"schema": "quotes-review/1", "of": "out.jsonl"}\n')
    return path


def nothing(_path: Path, _lines: Iterable[str]) -> None:
    """Write nothing."""


def named(number: int, model: str | None = None) -> Extraction:
    return Extraction(Article(f"a{number}", f"The text of {number}."), "complete", model=model)


def ids(path: Path) -> list[str]:
    return [found.extraction.article.id for found in read_records(path) if isinstance(found, StoredRecord)]


def run(path: Path, numbers: Iterable[int], *, finish: bool = True, overwrite: bool = False) -> list[bool]:
    """A run over the articles *numbers*, done last to first; whether each was there from an earlier one."""
    sink = file_sink(str(path), Settings(), "run", {"model": None}, overwrite=overwrite)
    known = []
    for index, number in reversed(list(enumerate(numbers))):
        known.append(sink.resume(index, named(number).article) is not None)
        if not known[-1]:
            sink.put(index, named(number))
    (sink.finish if finish else sink.abandon)()
    return known


@each_format
def test_a_run_writes_each_format_in_input_order_and_leaves_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    run(path, range(3))
    assert ids(path) == ["a0", "a1", "a2"]
    assert list(tmp_path.iterdir()) == [path]


@each_format
def test_a_run_that_ended_early_goes_on_from_its_journal(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    assert run(path, range(2), finish=False) == [False, False]
    assert [one.name for one in tmp_path.iterdir()] == [f"out{suffix}.part"]
    assert run(path, range(3)) == [False, True, True]
    assert ids(path) == ["a0", "a1", "a2"]


@each_format
def test_records_are_replaced_by_as_many_but_not_by_fewer(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    run(path, range(3))
    before = path.read_bytes()
    with pytest.raises(OutputError, match="holds 3 records and is left as it is: this run made 2"):
        run(path, range(2))
    assert path.read_bytes() == before
    run(path, range(1, 4))
    assert ids(path) == ["a1", "a2", "a3"]
    run(path, [5], overwrite=True)
    assert ids(path) == ["a5"]


@each_format
def test_records_by_another_model_are_not_replaced(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    write_records(path, [dumps(named(0, "tiny"))])
    with pytest.raises(UsageError, match="holds records by tiny and would be replaced by records by the rules"):
        refuse_foreign(str(path), options={"model": None})
    refuse_foreign(str(path), options={"model": "tiny"})


@each_format
def test_what_is_no_file_of_records_is_not_replaced_and_what_is_empty_is(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(NOTES)
    with pytest.raises(UsageError, match="this file holds no records of quotes and would be replaced"):
        run(path, range(1))
    assert path.read_bytes() == NOTES
    path.write_bytes(b"")
    run(path, [])
    run(path, range(1))
    assert ids(path) == ["a0"]


@each_format
def test_a_file_that_came_to_be_in_the_meantime_is_left_alone(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    sink = file_sink(str(path), Settings(), "run")
    sink.put(0, named(0))
    path.write_bytes(NOTES)
    with pytest.raises(OutputError):
        sink.finish()
    assert path.read_bytes() == NOTES


@pytest.mark.parametrize("written", [records, gold, gold_table, report])
def test_each_product_gives_way_to_its_own_kind_alone(tmp_path: Path, written: Callable[[Path], Path]) -> None:
    path, kind = written(tmp_path), {"gold_table": "gold"}.get(written.__name__, written.__name__)
    for products in PRODUCTS:
        if kind in products:
            refuse_foreign(str(path), products)
        else:
            with pytest.raises(UsageError, match=r"of quotes and would be replaced .*--overwrite to replace it"):
                refuse_foreign(str(path), products)
            refuse_foreign(str(path), products, overwrite=True)


@pytest.mark.parametrize("name", ["mine.html", "mine.jsonl", "mine.csv", "mine.json", "mine.parquet", "mine"])
def test_a_file_of_another_making_gives_way_only_when_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"text": "<p>mine", "quotes": "none"}\n')
    for products in PRODUCTS:
        with pytest.raises(UsageError, match="of quotes and would be replaced"):
            refuse_foreign(str(path), products)
        refuse_foreign(str(path), products, overwrite=True)


@pytest.mark.parametrize("name", ["out.jsonl.review.jsonl", "renamed.html", "renamed.csv", "renamed"])
def test_the_decisions_of_a_review_are_never_replaced(tmp_path: Path, name: str) -> None:
    path = review(tmp_path / name)
    before = path.read_bytes()
    for overwrite in (False, True):
        with pytest.raises(UsageError, match=r"decisions of a review, which are never replaced \(choose another -o\)"):
            refuse_foreign(str(path), overwrite=overwrite)
        with pytest.raises(UsageError, match="never replaced"):
            file_sink(str(path), Settings(), "run", overwrite=overwrite)
    with pytest.raises(UsageError, match="never replaced"):
        refuse_replacing(path, [])
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_format_can_be_said_where_the_name_does_not(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    write_records(path, [dumps(named(0))], "csv")
    with pytest.raises(UsageError):
        refuse_foreign(str(path))
    refuse_foreign(str(path), kind="csv")


def test_a_run_goes_over_the_report_of_an_earlier_one_and_over_no_other_page(tmp_path: Path) -> None:
    path = report(tmp_path)
    file_sink(str(path), Settings(), "run", write=nothing).finish()
    path.write_text("<p>mine")
    with pytest.raises(UsageError, match="this file is no report of quotes and would be replaced"):
        file_sink(str(path), Settings(), "run", write=nothing)


def test_another_writer_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "out.html"

    def write(place: Path, lines: Iterable[str]) -> None:
        place.write_text(f"{len(list(lines))} records")

    sink = file_sink(str(path), Settings(), "run", write=write)
    sink.put(0, named(0))
    sink.finish()
    assert path.read_text() == "1 records"
    assert list(tmp_path.iterdir()) == [path]


def test_a_suffix_that_names_no_format_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.xlsx is no format that is written here \(known are \.jsonl, \.ndjson\)"):
        refuse_bad_output(str(tmp_path / "out.xlsx"), [])
    with pytest.raises(UsageError, match=r"known are \.jsonl, .*, \.parquet, \.db"):
        refuse_bad_output(str(tmp_path / "out.xlsx"), [], RECORD_SUFFIXES)
    with pytest.raises(UsageError, match="known are"):
        refuse_bad_output(str(tmp_path / "out.parquet"), [])


def test_a_cache_of_replies_is_no_place_for_records_whatever_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    open_store(path).close()
    with pytest.raises(UsageError, match="never replaced"):
        refuse_bad_output(str(path), [], RECORD_SUFFIXES)
