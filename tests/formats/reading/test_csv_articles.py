"""CSV and TSV in: each row an article to the letter, each row that does not fit one error."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from quotes.formats import bounds, write_records
from quotes.formats.reading import tables
from quotes.model import Article, Extraction
from quotes.record import dumps
from tests.formats.reading.making import found, sheet, the_article, the_error, told, write
from tests.formats.samples import TEXT, sample


def test_each_row_is_an_article_and_the_other_cells_are_metadata(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.csv", ["id", "text", "date"], ["a", "“No,” she said.", "2031"], ["b", "", ""])
    assert found(path) == [
        Article("a", "“No,” she said.", {"date": "2031"}, f"{path} line 2"),
        Article("b", "", {"date": ""}, f"{path} line 3"),
    ]


@pytest.mark.parametrize("name", ["in.csv", "in.CSV", "in.tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_the_heading_has_most(tmp_path: Path, name: str, delimiter: str) -> None:
    path = sheet(tmp_path / name, ["id", "text", "n"], ["a", "one, two; three\tfour", "1"], delimiter=delimiter)
    assert the_article(path).text == "one, two; three\tfour"


def test_a_column_alone_is_a_table(tmp_path: Path) -> None:
    assert told(found(write(tmp_path / "in.csv", "text\none\ntwo\n"))) == ["in:1", "in:2"]


def test_line_ends_and_quotes_in_a_cell_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", 'id,text\r\na,"one\r\n\r\n""two""\n\rthree"\r\nb,last')
    assert [item.text for item in found(path) if isinstance(item, Article)] == ['one\r\n\r\n"two"\n\rthree', "last"]
    assert told(found(path)) == ["a", "b"]


def test_cells_are_data_and_the_apostrophe_before_a_formula_stays(tmp_path: Path) -> None:
    assert the_article(sheet(tmp_path / "in.csv", ["text"], ["'=1+1"])).text == "'=1+1"


def test_blank_rows_are_none(tmp_path: Path) -> None:
    assert told(found(write(tmp_path / "in.csv", "id,text\n\n,\na,b\n\n"))) == ["a"]


def test_columns_without_a_name_or_with_one_twice_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", ",text,note,note\n0,words,x,y\n")
    assert the_article(path).metadata == {"column 1": "0", "note": "x", "note (2)": "y"}


def test_another_column_can_hold_the_text_or_the_id(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.csv", ["url", "body", "text"], ["u/1", "words", "short"])
    article = the_article(path, text="body", id="url")
    assert (article.id, article.text, article.metadata) == ("u/1", "words", {"text": "short"})


def test_without_the_column_of_the_text_those_that_are_there_are_listed(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.csv", ["id", "body"], ["a", "words"], ["b", "words"])
    complaint = f"{path} line 1: no column “text” (name one with --text-field: there are id, body)"
    assert the_error(path) == complaint
    assert "no column “url” (name one with --id-field: there are id, body)" in the_error(path, text="body", id="url")


def test_a_row_without_the_id_that_was_named_is_an_error_for_itself(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.csv", ["url", "text"], ["", "one"], ["u", "two"])
    assert told(found(path, id="url")) == [
        f'{path} line 2: no "url" (fill it, or name another field than --id-field url)',
        "u",
    ]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (b"a", "line 3: 1 cells under 2 headings"),
        (b"a,b,c", "line 3: 3 cells under 2 headings"),
        (b'a,"b"c', "line 3: no CSV: ',' expected after '\"'"),
        (b"a,b\0c", "line 3: holds a NUL character"),
        (b"a,\x81", "line 3: undecodable"),
        (b"a,b\rc", "line 3: no CSV: new-line character seen"),
        (b"one,again", "the id “one” is already that of"),
    ],
)
def test_a_bad_row_is_one_error_and_every_other_row_is_read(tmp_path: Path, row: bytes, complaint: str) -> None:
    path = write(tmp_path / "in.csv", b"id,text\none,1\n" + row + b"\ntwo,2\n")
    first, error, last = told(found(path))
    assert (first, last) == ("one", "two")
    assert complaint in error


def test_a_cell_that_is_never_closed_says_which_lines_it_took(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", 'id,text\none,1\ntwo,"2\nthree,3\nfour,4\n')
    _, error = told(found(path))
    assert error.startswith(f"{path} line 3 to 5: no CSV: a cell opens with a double quote that is never closed")


def test_a_cell_beyond_all_bounds_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LONGEST_CELL", 10)
    path = write(tmp_path / "in.csv", "id,text\na,1\nb,2345678901234\nc,3\n")
    assert [item[:6] for item in told(found(path))][::2] == ["a", "c"]
    assert "field larger than field limit (10)" in told(found(path))[1]


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n"])
def test_a_table_without_a_heading_is_an_error(tmp_path: Path, data: bytes) -> None:
    assert "no column “text”" in the_error(write(tmp_path / "in.csv", data))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "in.tsv", "id\ttext\nä\t„Nein“,\u2028sagte Anja Krell 🎉\n".encode(encoding))
    assert the_article(path).text == "„Nein“,\u2028sagte Anja Krell 🎉"


def test_a_table_that_is_not_what_its_mark_says_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", b"\xff\xfei\0d\0,\0t\0e\0x\0t\0\n\0a\0,\0\x00\xd8")
    assert "its byte-order mark says UTF-16" in told(found(path))[-1]


def test_a_row_in_windows_1252_is_read_with_a_remark_and_letters_are_no_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "id,text\nÿþx,“Zut” dit-elle à Vélizan.\n".encode("cp1252"))
    article = the_article(path)
    assert (article.id, article.text) == ("ÿþx", "“Zut” dit-elle à Vélizan.")
    assert article.notes == ("read as Windows-1252 (Latin-1): it is not UTF-8",)


# ---------------------------------------------------------------- records


FORMULA = Article("=a", "=“We tried,” said Mara Oduya.\r\n'“No,” she said.", {"title": "=1+1", "n": [1, None]})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("text", [FORMULA.text, "", "'", "\\ud83d is how half a character is escaped"])
def test_a_record_is_an_article_again_to_the_letter(tmp_path: Path, suffix: str, text: str) -> None:
    article = replace(FORMULA, text=text)
    records = [dumps(Extraction(article, "complete")), dumps(sample("b"))]
    write_records(tmp_path / f"in{suffix}", records)
    first, second = found(tmp_path / f"in{suffix}")
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.id, first.text, first.metadata) == ("=a", text, FORMULA.metadata)
    assert (second.id, second.text, second.metadata) == ("b", TEXT, {})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_record_without_its_text_or_with_half_a_character_is_one_error(tmp_path: Path, suffix: str) -> None:
    records = [dumps(sample("a"), with_text=False), dumps(sample("b", f"{TEXT}\udc80")), dumps(sample("c"))]
    write_records(tmp_path / f"in{suffix}", records)
    without, half, last = told(found(tmp_path / f"in{suffix}"))
    assert without.endswith('no "text" (this is a record made with --no-text: give the article itself)')
    assert "holds half a surrogate pair, which is no character" in half
    assert last == "c"


def test_a_record_without_an_id_is_named_by_file_and_number(tmp_path: Path) -> None:
    write_records(tmp_path / "in.csv", [dumps(sample("a")), dumps(sample(""))])
    assert told(found(tmp_path / "in.csv")) == ["a", "in:2"]


def test_records_that_a_spreadsheet_has_saved_are_records(tmp_path: Path) -> None:
    write_records(tmp_path / "out.csv", [dumps(sample("a"))])
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        rows = [[*row, ""] for row in csv.reader(stream)]
    path = sheet(tmp_path / "in.csv", ["checked by"], delimiter=";")
    path.write_text("", encoding="utf-8")
    sheet(path, [cell or "checked by" for cell in rows[0]], *rows[1:], delimiter=";")
    assert the_article(path).text == TEXT


def test_records_on_standard_input_are_told_from_their_heading(tmp_path: Path) -> None:
    write_records(tmp_path / "in.tsv", [dumps(sample("a"))])
    article = the_article("-", stdin=(tmp_path / "in.tsv").read_bytes())
    assert (article.id, article.text) == ("a", TEXT)


def test_where_a_column_is_named_a_table_of_records_is_a_table(tmp_path: Path) -> None:
    write_records(tmp_path / "in.csv", [dumps(sample("a"))])
    rows = [item.text for item in found(tmp_path / "in.csv", text="words") if isinstance(item, Article)]
    assert "We tried, … and we failed." in rows
    assert the_article(tmp_path / "in.csv", text="text", id="article").text == TEXT


@pytest.mark.parametrize("name", ["q.json", "q.db", "q.sqlite"])
def test_records_of_a_kind_that_is_no_input_say_how_they_become_one(tmp_path: Path, name: str) -> None:
    write_records(tmp_path / name, [dumps(sample("a"))])
    assert the_error(tmp_path / name).endswith("; records become articles as .jsonl: quotes convert)")


def test_a_line_beyond_all_bounds_ends_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LONGEST_LINE", 20)
    path = write(tmp_path / "in.csv", "id,text\na,1\nb,2345678901234567890\nc,3\n")
    first, error = told(found(path))
    assert first == "a"
    assert error == f"{path}: line 3 is longer than 20 bytes (is it whole, and one row a line?)"
