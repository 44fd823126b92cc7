"""What all readers share: patterns, packed files, named fields, kinds told from their start; any text, any bytes."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.errors import InputError, UsageError
from quotes.formats import SUFFIXES, Fields
from quotes.formats.reading import gzipped
from quotes.model import Article
from tests.formats.reading.making import (
    PAGE,
    docx,
    found,
    json_lines,
    paragraph,
    parquet,
    sheet,
    the_article,
    the_error,
    told,
    write,
)

SAID = "“No deal,” Mara Ruiz said."

# ---------------------------------------------------------------- patterns


@pytest.fixture
def news(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.md", "x/a.txt", "x/y/a.txt", "x/y/c.html.txt", ".z/a.txt", "x/.a.txt", "x/d.pdf"):
        write(tmp_path / "news" / name, SAID)
    return tmp_path / "news"


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("*.txt", ["a"]),
        ("?.*", ["a", "b"]),
        ("[ab].txt", ["a"]),
        ("*/*.txt", ["x/a"]),
        ("**/*.txt", ["a", "x/a", "x/y/a", "x/y/c.html"]),
        ("**/a.txt", ["a", "x/a", "x/y/a"]),
        ("x/**/a.txt", ["a", "y/a"]),
        ("**/**/y/**", ["x/y/a", "x/y/c.html"]),
        ("**", ["a", "b", "x/a", "x/y/a", "x/y/c.html"]),
        ("x*", ["x/a", "x/y/a", "x/y/c.html"]),
        (".z/*.txt", ["a"]),
        ("x/.*.txt", [".a"]),
    ],
)
def test_a_pattern_finds_files_by_name_and_ids_are_paths_below_its_fixed_part(
    news: Path, pattern: str, ids: list[str]
) -> None:
    assert told(found(f"{news}/{pattern}")) == ids


def test_a_pattern_is_looked_for_from_here(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news)
    assert told(found("**/a.txt")) == ["a", "x/a", "x/y/a"]


def test_a_file_whose_name_is_a_pattern_is_that_file(tmp_path: Path) -> None:
    for name in ("[1].txt", "1.txt", "a*.txt", "ab.txt"):
        write(tmp_path / name, SAID)
    assert told(found(tmp_path / "[1].txt", tmp_path / "a*.txt")) == ["[1]", "a*"]


def test_a_folder_whose_name_is_a_pattern_is_that_folder(tmp_path: Path) -> None:
    write(tmp_path / "x[1]" / "a.txt", SAID)
    assert told(found(tmp_path / "x[1]")) == ["a"]
    assert told(found(f"{tmp_path}/x[[]1]/*.txt")) == ["x[1]/a"]


def test_a_pattern_that_matches_nothing_is_an_error(news: Path) -> None:
    pattern = f"{news}/*.jsonl"
    assert the_error(pattern) == f"{pattern}: the pattern matches no file (check the path)"
    assert "the pattern holds no articles, only 1 file of other kinds" in the_error(f"{news}/**/*.pdf")
    assert the_error(f"{news}/gone/*.txt") == f"{news}/gone/*.txt: the pattern matches no file (check the path)"


@pytest.mark.parametrize("address", ["https://example.org/x", "http://example.org/?q=*", "HTTPS://EXAMPLE.ORG/[a].txt"])
def test_an_address_is_not_fetched(address: str) -> None:
    told = "an address: nothing is fetched from the network (save the page, or pipe it in, and give that)"
    assert the_error(address) == f"{address}: {told}"


def test_a_folder_called_as_an_address_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "https:" / "a.txt", SAID)
    monkeypatch.chdir(tmp_path)
    assert told(found("https:/a.txt")) == ["a"]


def test_links_that_go_round_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", SAID)
    for name in ("one", "two", "three"):
        (tmp_path / name).symlink_to(tmp_path)
    assert told(found(f"{tmp_path}/**/**/**/a.txt")) == ["a"]
    assert told(found(f"{tmp_path}/one/a*.txt")) == ["a"]


# ---------------------------------------------------------------- every kind


def every_kind(folder: Path) -> None:
    for name in ("a.txt", "b.md"):
        write(folder / name, SAID)
    write(folder / "c.html", PAGE)
    docx(folder / "d.docx", paragraph(SAID))
    row = {"id": "e", "text": SAID}
    json_lines(folder / "e.jsonl", [row])
    sheet(folder / "f.csv", ["id", "text"], ["f", SAID])
    sheet(folder / "g.tsv", ["id", "text"], ["g", SAID], delimiter="\t")
    parquet(folder / "h.parquet", {"id": ["h"], "text": [SAID]})
    write(folder / "i.rss", f"<rss><item><guid>i</guid><description>{SAID}</description></item></rss>")


def test_a_folder_may_hold_every_kind(tmp_path: Path) -> None:
    every_kind(tmp_path)
    articles = [item for item in found(tmp_path) if isinstance(item, Article)]
    assert [article.id for article in articles] == [*"abcdefghi"]
    assert {article.text for article in articles if article.id != "c"} == {SAID}


def test_every_kind_whose_reading_fails_half_way_is_one_error(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        # Opening this one works for everybody, reading its first byte for nobody, nor looking for its end.
        (tmp_path / f"a{suffix}").symlink_to("/proc/self/mem")
        assert "cannot be read: " in the_error(tmp_path / f"a{suffix}"), suffix


# ---------------------------------------------------------------- named fields


def test_a_field_of_json_lines_can_hold_the_text_and_another_the_id(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "in.jsonl", [{"url": "u/1", "body": SAID, "text": "short", "id": 7}])
    article = the_article(path, text="body", id="url")
    assert (article.id, article.text, article.metadata) == ("u/1", SAID, {"text": "short", "id": 7})


def test_a_dot_leads_into_a_field_where_none_is_called_so(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "doc": {"body": SAID, "lang": "en"}},
        {"id": "b", "doc.body": SAID, "doc": {"body": "other"}},
        {"id": "c", "doc": SAID},
    ]
    first, second, third = found(json_lines(tmp_path / "in.jsonl", rows), text="doc.body")
    assert isinstance(first, Article)
    assert (first.text, first.metadata) == (SAID, {"doc": {"lang": "en"}})
    assert isinstance(second, Article)
    assert (second.text, second.metadata) == (SAID, {"doc": {"body": "other"}})
    assert 'no "doc.body" (name the field with --text-field: there are doc)' in str(third)


def test_a_line_without_the_named_field_is_an_error_for_itself(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "in.jsonl", [{"id": "a", "body": "1"}, {"id": "b"}, {"id": "c", "body": 3}])
    first, missing, number = told(found(path, text="body"))
    assert first == "a"
    assert 'line 2: no "body"' in missing
    assert 'line 3: "body" is a JSON number, no string' in number


def test_the_fields_that_are_there_are_listed_a_dozen_of_them(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "in.jsonl", [{f"field{n}": "" for n in range(20)}])
    assert "there are field0, field1, " in the_error(path)
    assert "field11 and 8 more" in the_error(path)


def test_a_record_without_its_text_is_told_as_such(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "in.jsonl", [{"schema": "quotes/1", "id": "a", "metadata": {}}])
    assert "this is a record made with --no-text: give the article itself" in the_error(path)


def test_text_and_id_cannot_be_one_field() -> None:
    for fields in ({"text": "id"}, {"id": "text"}, {"text": "x", "id": "x"}):
        with pytest.raises(UsageError, match="cannot both be in"):
            Fields(**fields)


def test_standard_input_is_a_table_where_a_field_is_named() -> None:
    table = f"url,body\nu,{SAID.replace(',', ';')}\n".encode()
    assert the_article("-", stdin=table).id == "stdin"
    assert the_article("-", stdin=table, text="body", id="url").id == "u"


# ---------------------------------------------------------------- packed


def test_lines_and_tables_may_be_packed(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl.gz", gzip.compress(b'{"id": "a", "text": "1"}\n{"text": "2"}\n'))
    write(tmp_path / "B.CSV.GZ", gzip.compress(b"id,text\nb,1\n"))
    assert told(found(tmp_path)) == ["b", "a", "a:2"]


@pytest.mark.parametrize(
    "data",
    [b"words", gzip.compress(b'{"id": "a", "text": "1"}\n' * 9)[:-9], b"\x1f\x8b\x08" + bytes(40)],
    ids=["no gzip", "cut short", "no block"],
)
def test_a_packed_file_that_is_damaged_is_told(tmp_path: Path, data: bytes) -> None:
    last = told(found(write(tmp_path / "a.jsonl.gz", data)))[-1]
    assert "no gzip file: " in last or "damaged after line" in last


def test_an_empty_packed_file_holds_nothing(tmp_path: Path) -> None:
    assert found(write(tmp_path / "a.jsonl.gz", gzip.compress(b""))) == []


def test_a_line_that_swells_beyond_all_bounds_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "LONGEST_LINE", 1000)
    path = write(tmp_path / "a.jsonl.gz", gzip.compress(b'{"id": "a", "text": "1"}\n' + b"0" * 1_000_000))
    assert told(found(path)) == ["a", f"{path}: line 2 is longer than 1,000 bytes (unpack it and look at it)"]


def test_other_packed_files_are_not_read(tmp_path: Path) -> None:
    assert "a .gz file is not one that can be read" in the_error(write(tmp_path / "a.txt.gz", gzip.compress(b"x")))


# ---------------------------------------------------------------- any text, any bytes

_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
_ids = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
_formats = st.sampled_from([".jsonl", ".csv", ".tsv", ".parquet"])


def stored(path: Path, rows: list[tuple[str, str]]) -> Path:
    """*rows* of ids and texts in a file of the format that its suffix says."""
    if path.suffix == ".jsonl":
        return json_lines(path, [{"id": name, "text": text} for name, text in rows])
    if path.suffix == ".parquet":
        return parquet(path, {"id": [name for name, _ in rows], "text": [text for _, text in rows]})
    return sheet(path, ["id", "text"], *rows, delimiter="\t" if path.suffix == ".tsv" else ",")


@settings(max_examples=150, deadline=None)
@given(suffix=_formats, rows=st.lists(st.tuples(_ids, _texts), min_size=1, max_size=4, unique_by=lambda row: row[0]))
def test_any_text_and_id_come_back_from_every_format_to_the_letter(suffix: str, rows: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = found(stored(Path(folder) / f"in{suffix}", rows))
    assert [(item.id, item.text) for item in outcome if isinstance(item, Article)] == rows
    assert len(outcome) == len(rows)


def _samples() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every_kind(folder)
        samples = {path.suffix: path.read_bytes() for path in sorted(folder.iterdir())}
    return samples | {".jsonl.gz": gzip.compress(samples[".jsonl"]), ".xml": samples[".rss"]}


SAMPLES = _samples()


@st.composite
def _damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A suffix with bytes of its format that were cut, doubled or overwritten, or with any bytes at all."""
    suffix = draw(st.sampled_from(sorted(SAMPLES)))
    data = bytearray(SAMPLES[suffix])
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 2, 4, 50, 5000])))
        data[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(data[start:end]) * 2)))
    return suffix, draw(st.sampled_from([bytes(data), draw(st.binary(max_size=60))]))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_damaged())
def test_any_bytes_are_articles_or_errors_and_nothing_else(damaged: tuple[str, bytes]) -> None:
    suffix, data = damaged
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"in{suffix}", data)
        for item in found(path):
            assert isinstance(item, Article | InputError)
            if isinstance(item, Article):
                json.dumps([item.id, dict(item.metadata)], allow_nan=False).encode()
                (item.id + item.text).encode("utf-8")
                assert "\0" not in item.text
            else:
                assert str(item).startswith(os.fspath(path))
                assert "\n" not in str(item)
