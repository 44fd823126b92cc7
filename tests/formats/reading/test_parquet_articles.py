"""Parquet in: each row an article, every kind of column as JSON, damage as one error."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quotes.formats import rowgroups
from quotes.model import Article
from tests.formats.reading.making import found, parquet, the_article, the_error, told, write

SAID = "“No deal,” Mara Ruiz said."


def test_each_row_is_an_article_and_the_other_columns_are_metadata(tmp_path: Path) -> None:
    path = parquet(tmp_path / "in.parquet", {"id": ["a", "b"], "text": [SAID, ""], "page": [1, None]})
    assert found(path) == [
        Article("a", SAID, {"page": 1}, f"{path} row 1"),
        Article("b", "", {"page": None}, f"{path} row 2"),
    ]


def test_ids_may_be_whole_numbers_or_left_out(tmp_path: Path) -> None:
    assert told(found(parquet(tmp_path / "in.parquet", {"id": [7, None], "text": ["a", "b"]}))) == ["7", "in:2"]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_text_of_every_kind_of_string_is_read(tmp_path: Path, kind: pa.DataType) -> None:
    path = parquet(tmp_path / "in.parquet", {"text": pa.array([SAID] * 3).cast(kind)})
    assert [item.text for item in found(path) if isinstance(item, Article)] == [SAID] * 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pa.array([True]), True),
        (pa.array([1.5]), 1.5),
        (pa.array([float("nan")]), None),
        (pa.array([float("-inf")]), "-inf"),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([date(2031, 5, 4)]), "2031-05-04"),
        (pa.array([time(10, 30)]), "10:30:00"),
        (pa.array([timedelta(seconds=90)]), 90.0),
        (pa.array([datetime(2031, 5, 4, 10)], pa.timestamp("s")), "2031-05-04T10:00:00"),
        (pa.array([1_935_655_200_123_456_789], pa.timestamp("ns")), "2031-05-04T10:00:00.123456"),
        (pa.array([datetime(2031, 5, 4, tzinfo=UTC)], pa.timestamp("us", "UTC")), "2031-05-04T00:00:00+00:00"),
        (pa.array([1], pa.time64("ns")), "00:00:00"),
        (pa.array([1_000_000_001], pa.duration("ns")), 1.0),
        (pa.array([b"words"]), "words"),
        (pa.array([b"\xff\x00"]), "/wA="),
        (pa.array([[1, None]]), [1, None]),
        (pa.array([{"a": {"b": [date(2031, 5, 4)]}}]), {"a": {"b": ["2031-05-04"]}}),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), [["k", 1]]),
    ],
)
def test_a_column_of_any_kind_is_json_in_the_metadata(tmp_path: Path, column: pa.Array, value: Any) -> None:
    article = the_article(parquet(tmp_path / "in.parquet", {"text": ["a"], "x": column}))
    assert article.metadata == {"x": value}
    json.dumps(article.metadata, allow_nan=False)


def test_a_field_within_a_column_can_hold_the_text(tmp_path: Path) -> None:
    path = parquet(tmp_path / "in.parquet", {"doc": [{"body": SAID, "url": "u"}]})
    article = the_article(path, text="doc.body", id="doc.url")
    assert (article.id, article.text, article.metadata) == ("u", SAID, {"doc": {}})


def test_without_the_column_of_the_text_those_that_are_there_are_listed(tmp_path: Path) -> None:
    path = parquet(tmp_path / "in.parquet", {"id": ["a"], "body": [SAID]})
    assert the_error(path) == f"{path}: no column “text” (name one with --text-field: there are id, body)"


def test_a_row_without_text_is_an_error_for_itself(tmp_path: Path) -> None:
    path = parquet(tmp_path / "in.parquet", {"id": ["a", "b", "c"], "text": ["1", None, "3"]})
    assert told(found(path))[::2] == ["a", "c"]
    empty = f'{path} row 2: no "text": it is empty in this row (fill it, or leave the row out)'
    assert told(found(path))[1] == empty


def test_a_column_that_holds_no_strings_is_no_text(tmp_path: Path) -> None:
    assert '"text" is a JSON number, no string' in the_error(parquet(tmp_path / "in.parquet", {"text": [1]}))


def test_what_cannot_be_read_in_a_row_is_an_error_for_that_row(tmp_path: Path) -> None:
    column = pa.array([0, 2**62], pa.timestamp("us"))
    path = parquet(tmp_path / "in.parquet", {"id": ["a", "b"], "text": ["1", "2"], "when": column})
    first, second = told(found(path))
    assert first == "a"
    assert second.startswith(f"{path} row 2: the column “when” holds what cannot be read: ")


@pytest.mark.parametrize("kept", [0, 4, 100, -1, -4, -100])
def test_a_file_that_is_cut_off_is_one_error(tmp_path: Path, kept: int) -> None:
    whole = parquet(tmp_path / "whole.parquet", {"text": [SAID] * 50}).read_bytes()
    assert "no sound Parquet file" in the_error(write(tmp_path / "in.parquet", whole[:kept]))


def test_damage_in_the_middle_is_one_error_and_leaves_the_rows_of_other_groups(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    texts = [Random(n).randbytes(400).hex() for n in range(600)]
    parquet(path, {"text": texts}, row_group_size=200, compression="gzip", use_dictionary=False)
    data = bytearray(path.read_bytes())
    start = len(data) // 2
    data[start : start + 2000] = b"\xff" * 2000
    outcome = told(found(write(path, bytes(data))))
    assert outcome[:200] + outcome[-200:] == [f"in:{n}" for n in (*range(1, 201), *range(401, 601))]
    [error] = outcome[200:-200]
    assert error.startswith(f"{path} rows 201 to 400: no sound Parquet file: ")


def test_without_the_extra_the_file_is_an_error_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "in.parquet", {"text": [SAID]})
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    assert 'Parquet needs pyarrow, which is not installed (pip install "quotes[parquet]")' in the_error(path)


@pytest.mark.parametrize("beside", [1, 2_000])
def test_a_text_that_swells_beyond_all_bounds_is_one_error(tmp_path: Path, beside: int) -> None:
    swollen = ["a" * (rowgroups.SMALL + 1), *["b"] * beside]
    path = parquet(tmp_path / "in.parquet", {"text": swollen}, compression="zstd")
    before = pa.default_memory_pool().max_memory()
    error = the_error(path)
    assert error.startswith(f"{path} rows 1 to {beside + 1}: the column “text” unpacks from ")
    assert error.endswith("as no article does (do not trust this file)")
    assert pa.default_memory_pool().max_memory() == before


def test_a_group_that_swells_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as writer:
        for text in ("one", "a" * (rowgroups.SMALL + 1), "three"):
            writer.write_table(pa.table({"text": [text]}))
    first, error, last = told(found(path))
    assert (first, last) == ("in:1", "in:3")
    assert error.startswith(f"{path} rows 2 to 2: ")


def test_rows_that_are_too_long_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "in.parquet", {"text": [Random(1).randbytes(600).hex()]}, use_dictionary=False)
    monkeypatch.setattr("quotes.formats.reading.parquet.LONGEST_ROW", 1_000)
    assert "rows 1 to 1: its rows take 3,6" in the_error(path)


def test_a_long_value_that_many_rows_share_is_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    long = "a" * 900_000
    path = parquet(tmp_path / "in.parquet", {"text": ["b", *[long] * 300]}, compression="zstd")
    assert rowgroups.rows_at_a_time(pq.ParquetFile(path).metadata.row_group(0), 256) == 71
    assert [len(item.text) for item in found(path) if isinstance(item, Article)] == [1, *[len(long)] * 300]
