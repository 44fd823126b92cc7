"""Records as CSV and TSV: a row an item that people can read, and one error where rows no longer fit."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given

from quotes.formats.parts import AGAIN, StoredValue, canonical_line
from quotes.formats.rows import COLUMNS, read_rows, row_pieces
from quotes.model import Article, Extraction, Quote, Span
from quotes.record import dumps
from tests.formats import made
from tests.formats.samples import sample


def table(*extractions: Extraction) -> str:
    return "".join(row_pieces(dumps(one) for one in extractions))


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(text: str, delimiter: str = ",") -> list[str]:
    found = read_rows(io.StringIO(text, newline=""), "x.csv", delimiter)
    return [canonical_line(one.value) if isinstance(one, StoredValue) else str(one) for one in found]


def rewritten(change: dict[str, str], row: int, delimiter: str = ",") -> str:
    """The sample as a spreadsheet might save it, with a *change* in the *row* of that number, from 0."""
    rows = cells(table(sample("a"), sample("b")))
    rows[row].update(change)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_every_item_of_a_record_has_a_row_that_can_be_read() -> None:
    rows = cells(table(sample("news/7")))
    assert [row["item"] for row in rows] == ["article", "quote", "skipped", "unresolved", "rejected", "error"]
    assert {row["article"] for row in rows} == {"news/7"}
    article, quote, skipped, unresolved, rejected, error = rows
    assert (article["status"], article["requests"], article["metadata"]) == ("partial", "0", "{}")
    assert (quote["words"], quote["spans"]) == ("We tried, … and we failed.", "1..10 30..44")
    assert (quote["speaker_name"], quote["speaker_kind"], quote["by"]) == ("Mara Oduya", "person", "rules")
    assert (skipped["words"], skipped["reason"]) == ("“free”", "scare")
    assert (unresolved["words"], unresolved["reason"]) == ("“Tide”", "no answer")
    assert json.loads(rejected["json"]) == {"cue": "sang"}
    assert (error["chunk"], error["type"], error["reason"]) == ("1", "connection", "no answer came")


def about(metadata: dict[str, object]) -> set[tuple[str, ...]]:
    """What the rows of an article of this *metadata* tell in the columns for readers."""
    one = replace(sample(), article=replace(sample().article, metadata=metadata))
    assert read(table(one)) == [dumps(one)]
    return {(row["title"], row["date"], row["url"]) for row in cells(table(one))}


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, ("", "", "")),
        (
            {"title": "Tide", "date": "2031-05-04", "url": "https://n.example/7"},
            ("Tide", "2031-05-04", "https://n.example/7"),
        ),
        ({"Headline": "Tide", "pubDate": "4 May", "link": "n.example"}, ("Tide", "4 May", "n.example")),
        ({"headline": "Second", "title": "First", "published": "now", "date": " "}, ("First", "now", "")),
        ({"title": 7, "date": None, "url": ["a"]}, ("", "", "")),
        ({"title": "=1+1\n two\0"}, ("'=1+1 two␀", "", "")),
    ],
)
def test_every_row_tells_title_date_and_url_of_its_article(metadata: dict[str, object], told: tuple[str, ...]) -> None:
    assert about(metadata) == {told}


def test_title_date_and_url_are_not_read_back_and_may_be_missing() -> None:
    one = replace(sample(), article=replace(sample().article, metadata={"title": "Tide"}))
    rows = cells(table(one))
    for row in rows:
        row.update(title="Ebb", date="today")
    for columns in (COLUMNS, [column for column in COLUMNS if column not in ("title", "date", "url")]):
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        assert read(out.getvalue()) == [dumps(one)]


@given(made.extractions)
def test_no_cell_can_run_as_a_formula(extraction: Extraction) -> None:
    for row in csv.reader(io.StringIO(table(extraction), newline="")):
        assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in row)


def test_what_is_empty_is_told_from_what_is_not_there() -> None:
    quote = Quote("direct", (Span(0, 1),), (), sample().quotes[0].speaker, "low", ("rules",))
    empty = Extraction(Article("", ""), "complete", (quote,), model="", prompt=None)
    lines = [dumps(empty), dumps(empty, with_text=False)]
    assert read("".join(row_pieces(lines))) == lines


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_spreadsheet_has_saved_again_is_read(delimiter: str) -> None:
    saved = rewritten({}, 0, delimiter)
    assert "\r\n" in saved
    for text in (saved, "\ufeff" + saved):
        assert read(text.removeprefix("\ufeff")) == [dumps(sample("a")), dumps(sample("b"))]


def test_columns_of_ones_own_are_passed_over() -> None:
    rows = list(csv.reader(io.StringIO(table(sample()), newline="")))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["checked by", *rows[0]], *(["ida", *row] for row in rows[1:])])
    assert read(out.getvalue()) == [dumps(sample())]


@pytest.mark.parametrize(
    ("change", "row", "complaint"),
    [
        ({"spans": "1-Okt"}, 1, "x.csv line 5: article a: “1-Okt” is no span START..END"),
        ({"item": "note"}, 1, "x.csv line 5: article a: “note” is no item of a record (items are article, quote,"),
        ({"chunk": "one"}, 5, "x.csv line 9: article a: chunk: “one” is no whole number"),
        ({"json": "{"}, 4, "x.csv line 8: article a: json: “{” is no JSON"),
        ({"metadata": ""}, 0, "x.csv line 2: article a: metadata: “” is no JSON"),
        ({"requests": "many"}, 0, "x.csv line 2: article a: requests: “many” is no whole number"),
        ({"article": "b"}, 1, "x.csv line 5: article b: the row of the article itself does not come before this one"),
    ],
)
def test_a_row_that_does_not_fit_is_told_and_other_articles_are_read(
    change: dict[str, str], row: int, complaint: str
) -> None:
    found = read(rewritten(change, row))
    assert any(one.startswith(complaint) for one in found), found
    assert found[-1] == dumps(sample("b"))


def test_a_row_of_too_few_cells_damages_its_article_alone() -> None:
    lines = table(sample("a"), sample("b")).split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("quote,a"))
    lines[at] = "quote,a,1"
    assert read("\n".join(lines)) == [
        f"x.csv line {at + 1}: 3 cells under {len(COLUMNS)} headings ({AGAIN})",
        dumps(sample("b")),
    ]


@pytest.mark.parametrize("text", ["", "id,text,content\na,b,b\n", "It rained.\n", table(sample())[20:]])
def test_another_table_is_told(text: str) -> None:
    [error] = read(text)
    assert error.startswith("x.csv line 1: no table of records: it lacks the column ")


def test_a_table_that_is_cut_off_is_told() -> None:
    found = read(table(sample("a"), sample("b"))[:-200])
    assert found[0] == dumps(sample("a"))
    assert found[1].startswith("x.csv line ")
