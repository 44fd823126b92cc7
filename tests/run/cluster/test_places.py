"""Places by URI: which files a pattern means, how a file is opened. An object storage is played by a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow import fs

from quotes.errors import InputError, UsageError
from quotes.formats.reading import USUAL
from quotes.run.cluster import places
from quotes.run.cluster.reading import items_of


@pytest.mark.parametrize(
    ("pattern", "base", "matched"),
    [
        ("*.jsonl", "s3://news", ["a.jsonl"]),
        ("**/*.jsonl", "s3://news", ["2031/b.jsonl", "2031/05/c.jsonl", "a.jsonl"]),
        ("20??/**", "s3://news", ["2031/b.jsonl", "2031/05/c.jsonl", "2031/notes.txt"]),
        ("20??/[bc].jsonl", "s3://news", ["2031/b.jsonl"]),
        ("wire/en/*/b.jsonl", "s3://news/wire/en", ["2031/b.jsonl"]),
        ("wire/b.jsonl", "s3://news/wire/b.jsonl", []),
    ],
)
def test_a_pattern_matches_within_names_and_two_stars_any_folders(pattern: str, base: str, matched: list[str]):
    found, parts = places._split(f"s3://news/{pattern}")
    assert found == base
    names = ["2031/b.jsonl", "2031/05/c.jsonl", "2031/notes.txt", "a.jsonl"]
    assert [name for name in names if places._fits(name.split("/"), parts)] == matched


def test_files_are_listed_below_a_folder_by_name(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    for name in ("b.jsonl", "deep/a.jsonl"):
        (tmp_path / name).write_text("{}\n")
    listed = sorted(places._listed(fs.LocalFileSystem(), str(tmp_path), whole=False))
    assert listed == [("b.jsonl", 3), ("deep/a.jsonl", 3)]
    with pytest.raises(FileNotFoundError):
        list(places._listed(fs.LocalFileSystem(), str(tmp_path / "none"), whole=True))


def test_a_stored_file_is_read_line_by_line_and_anywhere(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text("one\ntwo\n")
    with places.Stored(f"file://{tmp_path}/a.jsonl", "a.jsonl", 8).open() as stream:
        assert list(stream) == [b"one\n", b"two\n"]
        stream.seek(4)
        assert stream.readline(2) == b"tw"
    with pytest.raises(FileNotFoundError):
        places.Stored(f"file://{tmp_path}/none.jsonl", "none.jsonl", 0).open()


def test_a_file_uri_is_that_path(tmp_path: Path):
    (tmp_path / "a b.txt").write_text("Nothing was said.")
    (given,) = items_of([f"file://{tmp_path}/a%20b.txt"], lambda _note: None)
    assert given.path == tmp_path / "a b.txt"  # type: ignore[union-attr]
    assert USUAL.text_name == "text"


def test_an_unknown_scheme_is_an_error_of_that_input():
    (found,) = items_of(["nowhere://bucket/a.jsonl"], lambda _note: None)
    assert isinstance(found, InputError)
    assert "s3://" in str(found)
    with pytest.raises(UsageError, match="known are s3://"):
        places.file_system("nowhere://bucket")
