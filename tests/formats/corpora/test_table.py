"""Gold as CSV and back: nothing is lost that has a column, and no cell can run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldArticle
from quotes.formats.corpora.table import header, read_table, rows_of
from tests.formats.corpora.annotated import gold_articles, words

TEXT = "“We tried,” Ruiz said. Later Ruiz said the pier was gone."


def read(text: str) -> list[GoldArticle]:
    found = list(read_table(text, "w"))
    assert all(isinstance(one, GoldArticle) for one in found), found
    return [replace(one, source="") for one in found]


@given(gold_articles("a"), gold_articles("b"))
def test_gold_comes_back_from_csv_as_it_was(first: GoldArticle, second: GoldArticle) -> None:
    assert read(header() + rows_of(first) + rows_of(second)) == [first, second]


@given(gold_articles())
def test_no_cell_can_run_as_a_formula(article: GoldArticle) -> None:
    for row in csv.reader(io.StringIO(rows_of(article), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_words_alone_are_found_and_a_speaker_nearest_to_the_content() -> None:
    table = f'id,text,quote,speaker,cue\na,"{TEXT}","We tried,",Ruiz,said\na,,the pier was gone,Ruiz,said\n'
    (article,) = read(table)
    assert words(article) == [
        (["We tried,"], ["said"], ["Ruiz"]),
        (["the pier was gone"], ["said"], ["Ruiz"]),
    ]
    assert [quote.speaker[0].start for quote in article.quotes] == [12, 29]


def test_pieces_are_found_each_for_itself() -> None:
    (article,) = read("id;text;content\na;“We tried,” Ruiz said, “and failed.”;We tried, … and failed.\n")
    assert words(article)[0][0] == ["We tried,", "and failed."]


def test_an_article_without_quotes_stays() -> None:
    assert read("id\ttext\tcontent\nquiet\tNothing happened.\t\n")[0].quotes == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Ruiz,,", "its text prints the content “Ruiz” 2 times (give content_start and content_end)"),
        ("We cried,,", "its text prints the content “We cried” 0 times (words must stand in the text as they are)"),
        ("Ruiz,1,5", "the text prints “We t” as content, not “Ruiz” (correct the offsets, or leave them out)"),
        ("Ruiz,1,", "content at “1” to “” is no pair of offsets (whole numbers, of several pieces between semicolons)"),
        (
            ",1,99",
            (
                "content at 1 to 99 is not within the text of 57 characters "
                "(offsets are code points, from 0, the end not included)"
            ),
        ),
    ],
)
def test_a_row_that_does_not_fit_makes_its_article_an_error(row: str, message: str) -> None:
    table = f'id,text,content,content_start,content_end\na,"{TEXT}",{row}\nb,"Yes, he said.",Yes,,\n'
    bad, good = read_table(table, "w")
    assert str(bad) == f"w line 2: article a: {message}"
    assert isinstance(good, GoldArticle)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError) as caught:
        list(read_table("id,content\n", "w"))
    assert str(caught.value).startswith("w line 1: no column “text” (the first line names the columns; known are id, ")


def test_a_row_of_another_length_is_an_error_of_its_article_and_the_next_is_read() -> None:
    bad, good = read_table("id,text,content\na,Yes,Yes\n,,No,\nb,Yes,Yes\n", "w")
    assert str(bad) == "w line 3: 4 cells under 3 headings"
    assert isinstance(good, GoldArticle)


def test_a_quotation_mark_left_open_is_an_error() -> None:
    (error,) = read_table('id,text,content\na,"b,c\n', "w")
    assert str(error) == "w line 2: no CSV: unexpected end of data (save it as CSV again)"


def test_a_first_row_without_id_or_text_is_an_error() -> None:
    assert str(*read_table("id,text,content\na,,x\n", "w")) == "w line 2: the first row of an article has no text"
