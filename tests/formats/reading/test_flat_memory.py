"""However large a file of many articles is, reading it takes no more memory: ten times the articles, the same peak."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quotes.formats import read_articles
from quotes.model import Article
from tests.formats.reading.making import write

EACH = 2_000
"""Characters of an article."""


def made(path: Path, count: int) -> Path:
    """*count* articles, written as people write them: all of Parquet in one group of rows."""
    text = ("The tide was high again, Ida Krell said. " * 50)[:EACH]
    if path.suffix == ".parquet":
        table = pa.table({"id": [f"a{n}" for n in range(count)], "text": [f"{n} {text}" for n in range(count)]})
        pq.write_table(table, path, compression="none", use_dictionary=False)
        return path
    if path.suffix == ".csv":
        return write(path, "id,text\n" + "".join(f'a{n},"{n} {text}"\n' for n in range(count)))
    if path.suffix == ".xml":
        entry = "<item><guid>a{0}</guid><description>{0} {1}</description></item>"
        return write(path, "<rss><channel>" + "".join(entry.format(n, text) for n in range(count)) + "</channel></rss>")
    data = "".join(json.dumps({"id": f"a{n}", "text": f"{n} {text}"}) + "\n" for n in range(count)).encode()
    return write(path, gzip.compress(data, 1) if path.suffix == ".gz" else data)


def peak(path: Path) -> tuple[int, int]:
    """How many articles *path* holds, and the most bytes that were held at a time while they were read."""
    pool = pa.default_memory_pool()
    before, most, count = pool.bytes_allocated(), 0, 0
    tracemalloc.start()
    try:
        for found in read_articles([path]):
            assert isinstance(found, Article)
            count += 1
            most = max(most, pool.bytes_allocated() - before)
        return count, tracemalloc.get_traced_memory()[1] + most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz", "in.csv", "in.xml", "in.parquet"])
def test_ten_times_the_articles_take_no_more_memory(tmp_path: Path, name: str) -> None:
    # Modules and tables that are made once are no part of it.
    peak(made(tmp_path / name, 10))
    count, small = peak(made(tmp_path / name, 1_000))
    many, large = peak(made(tmp_path / name, 10_000))
    assert (count, many) == (1_000, 10_000)
    assert large < small + 10_000 * EACH / 5
