"""Records as Parquet: columns that other programs read, and can give back filtered."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quotes.errors import RecordError
from quotes.formats import count_records, parquet, read_values, rowgroups, write_records
from quotes.formats.parts import StoredValue, canonical_line
from quotes.record import dumps
from tests.formats.samples import sample, span


def written(folder: Path, *names: str) -> Path:
    write_records(folder / "out.parquet", [dumps(sample(name)) for name in names])
    return folder / "out.parquet"


def read(path: Path) -> list[str]:
    return [canonical_line(one.value) if isinstance(one, StoredValue) else str(one) for one in read_values(path)]


def test_spans_and_counts_are_numbers_and_lists_are_lists(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path, "a"))
    assert table.schema.metadata[b"quotes"] == b"quotes/1"
    [row] = table.to_pylist()
    [quote] = row["quotes"]
    assert quote["content"][0] == {"start": span("We tried,").start, "end": span("We tried,").end}
    assert (quote["by"], quote["chunk"], row["usage"]["requests"]) == (["rules"], None, 0)
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_what_pandas_has_filtered_is_read(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(written(tmp_path, "a", "b", "c"))
    frame[frame.id != "b"].to_parquet(tmp_path / "some.parquet")
    assert read(tmp_path / "some.parquet") == [dumps(sample("a")), dumps(sample("c"))]


def test_row_groups_are_bounded_by_what_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_GROUP", 3 * len(dumps(sample("a"))))
    path = written(tmp_path, *"abcdefgh")
    file = pq.ParquetFile(path).metadata
    assert [file.row_group(number).num_rows for number in range(file.num_row_groups)] == [3, 3, 2]
    assert read(path) == [dumps(sample(name)) for name in "abcdefgh"]
    assert count_records(path) == 8


@pytest.mark.parametrize("size", [0, 3, 400, -400])
def test_a_file_that_is_cut_off_is_told(tmp_path: Path, size: int) -> None:
    path = written(tmp_path, "a")
    path.write_bytes(path.read_bytes()[:size])
    for reading in (read, count_records):
        with pytest.raises(RecordError, match=r"out\.parquet: no Parquet that can be read: .*\(write it again"):
            reading(path)


def test_damage_within_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, *"abcdefgh")
    data = bytearray(path.read_bytes())
    data[60:400] = bytes(340)
    path.write_bytes(data)
    with pytest.raises(RecordError, match=r"no Parquet that can be read"):
        read(path)


def test_a_row_that_swells_beyond_all_bounds_is_told_before_it_is_read(tmp_path: Path) -> None:
    row = json.loads(dumps(sample("a")))
    path = tmp_path / "out.parquet"
    write_records(path, [canonical_line(row | {"text": "a" * (rowgroups.SMALL + 1)})])
    before = pa.default_memory_pool().max_memory()
    with pytest.raises(RecordError, match=r"rows 1 to 1: .* as no article does \(do not trust this file\)"):
        read(path)
    assert pa.default_memory_pool().max_memory() == before


def test_long_rows_are_read_one_at_a_time(tmp_path: Path) -> None:
    texts = [Random(number).randbytes(1_500_000).hex() for number in range(6)]
    rows = [json.loads(dumps(sample(str(number)))) | {"text": text} for number, text in enumerate(texts)]
    path = tmp_path / "out.parquet"
    write_records(path, map(canonical_line, rows))
    assert [one.value["text"] for one in read_values(path) if isinstance(one, StoredValue)] == texts
    pq.write_table(pq.read_table(path), path)
    [group] = [pq.ParquetFile(path).metadata.row_group(0)]
    assert rowgroups.rows_at_a_time(group, 64) == 1
    assert [one.value["text"] for one in read_values(path) if isinstance(one, StoredValue)] == texts


def test_another_table_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "text": ["It rained."]}), tmp_path / "out.parquet")
    with pytest.raises(RecordError, match="no records of quotes: it lacks the column schema"):
        read(tmp_path / "out.parquet")


@pytest.mark.parametrize(
    "change",
    [{"metadata": "{"}, {"quotes": "none"}, {"skipped": None}, {"quotes": [{"type": "direct"}]}, {"json": "["}],
)
def test_a_row_of_another_form_is_told_and_the_others_are_read(tmp_path: Path, change: dict[str, Any]) -> None:
    rows = pq.read_table(written(tmp_path, "a", "b")).to_pylist()
    both = [{**rows[0], **change, "text": rows[0]["text"]}]
    if isinstance(change.get("quotes"), str):
        table = pa.Table.from_pylist(both)
        expected = [None]
    else:
        table = pa.Table.from_pylist([*both, rows[1]])
        expected = [None, dumps(sample("b"))]
    pq.write_table(table, tmp_path / "out.parquet")
    found = read(tmp_path / "out.parquet")
    assert len(found) == len(expected)
    assert found[0].startswith(f"{tmp_path / 'out.parquet'} row 1: not the columns of a record: ")
    assert found[1:] == expected[1:]
