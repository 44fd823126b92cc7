"""What quotes has written is known by how it begins, and no folder of articles is searched for articles in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quotes.errors import InputError
from quotes.formats import read_articles
from quotes.formats.provenance import MARKER, is_product

PAGE = (
    '<!DOCTYPE html>\n<html><head><meta name="generator" content="quotes 0.1.0"></head><p>“Yes,” she said.</p></html>'
)
HEADER = {"schema": "quotes-review/1", "of": "out.jsonl"}
GOLD = {"id": "a", "review": "quotes-review/1", "text": "It rained.", "quotes": []}
TABLE = (
    "item,article,number,type,words,speaker_name,speaker_text,speaker_kind,cue_text,confidence,by,reason,spans,"
    "cue_spans,speaker_spans,name_span,chunk,key,status,model,prompt,requests,prompt_tokens,completion_tokens,"
    "cached_tokens,sha256,schema,metadata,json,text\r\narticle,a\r\n"
)
PRODUCTS = {
    "out.html": PAGE,
    "out.jsonl.review.jsonl": json.dumps(HEADER) + "\n",
    "gold.jsonl": "\n" + json.dumps(GOLD) + "\n",
    "out.csv": TABLE,
    "out.tsv": TABLE.replace(",", "\t").replace("article\t", "article\ttitle\tdate\turl\t", 1),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An article among what can be made of it."""
    (tmp_path / "a.txt").write_text("It rained.")
    for name, content in PRODUCTS.items():
        (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    pages = tmp_path / "out_files"
    pages.mkdir()
    (pages / MARKER).write_text("{}")
    (pages / "p0001.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("pattern", ["", "*", "**/*", "**", "*.*"])
def test_a_search_for_articles_leaves_out_what_was_made_of_them(folder: Path, pattern: str) -> None:
    notes: list[str] = []
    found = list(read_articles([folder / pattern], on_note=notes.append))
    assert [getattr(one, "text", one) for one in found] == ["It rained."]
    number = 6 if pattern in ("", "*") else 5  # the folder of pages is one thing, where it is met
    assert [note.removeprefix(f"{folder / pattern}: ") for note in notes] == [
        f"{number} files left out, written by quotes: reports, reviews, gold from reviews, tables of records"
    ]


def test_a_folder_with_nothing_else_says_so(folder: Path) -> None:
    (folder / "a.txt").unlink()
    (error,) = read_articles([folder])
    assert isinstance(error, InputError)
    assert "the folder holds no articles, only 6 files written by quotes (articles are " in str(error)
    (error,) = read_articles([folder / "out_files"])
    assert "only 1 file written by quotes and 1 file of other kinds" in str(error)


def test_an_output_that_is_known_to_be_one_is_not_mentioned(folder: Path) -> None:
    notes: list[str] = []
    list(read_articles([folder], on_note=notes.append, leave_out=[folder / "out.html"]))
    assert ": 5 files left out" in notes[0]


def test_what_is_named_is_read_or_refused_in_a_line(folder: Path) -> None:
    (article,) = read_articles([folder / "gold.jsonl"])
    assert not isinstance(article, InputError)
    (error,) = read_articles([folder / "out.jsonl.review.jsonl"])
    assert str(error).endswith("review.jsonl: holds a review, no articles (name the records it is of)")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.review.jsonl", '{"text": "It rained."}\n'),
        ("a.jsonl", '{"text": "The form is called \\"quotes-review/1\\"."}\n'),
        ("a.jsonl", '["quotes-review/1"]\n'),
        ("a.jsonl", '{"schema": "quotes/1", "text": "It rained."}\n'),
        ("a.html", PAGE.replace("quotes 0", "words 0")),
        ("a.csv", "item,article,text\r\n"),
        ("a.csv", ""),
    ],
)
def test_what_only_looks_like_it_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert not is_product(tmp_path / name)


def test_a_folder_of_the_same_name_is_searched(tmp_path: Path) -> None:
    (tmp_path / "out_files").mkdir()
    (tmp_path / "out_files" / "a.txt").write_text("It rained.")
    assert len(list(read_articles([tmp_path]))) == 1


def test_a_link_to_itself_is_one_file_more_that_is_left_out(folder: Path) -> None:
    (folder / "loop.txt").symlink_to("loop.txt")
    notes: list[str] = []
    assert len(list(read_articles([folder], on_note=notes.append, leave_out=[folder / "out.html"]))) == 1
    assert notes[1].startswith(f"{folder}: 1 file left out, not ")
