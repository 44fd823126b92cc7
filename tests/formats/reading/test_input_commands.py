"""The kinds of input from the command line: extracted, verified and shown as one who has such files would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.processes import Shell
from tests.formats.reading.making import PAGE, PAGE_TEXT, parquet, sheet, write

SAID = "“No deal,” Mara Ruiz said."


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_page_is_extracted_and_verified_against_the_page_itself(shell: Shell) -> None:
    shell.write("page.html", PAGE)
    assert shell.run("extract", "page.html", "-o", "out.jsonl").code == 0
    record = json.loads((shell.folder / "out.jsonl").read_text(encoding="utf-8"))
    assert (record["id"], record["text"], record["metadata"]["author"]) == ("page", PAGE_TEXT, "Ida Krell")
    assert "Mara Oduya" in {quote["speaker_name"] for quote in record["quotes"]}
    done = shell.run("verify", "out.jsonl", "page.html")
    assert (done.code, done.err) == (0, "")
    assert b"every word as printed" in done.out


def test_a_page_that_has_changed_is_found_out(shell: Shell) -> None:
    shell.write("page.html", PAGE)
    shell.run("extract", "page.html", "-o", "out.jsonl")
    shell.write("page.html", PAGE.replace("We tried", "We never tried"))
    assert shell.run("verify", "out.jsonl", "page.html").code == 1


def test_a_pattern_that_the_shell_left_alone_is_looked_for(shell: Shell) -> None:
    for name in ("news/a.html", "news/2031/b.html"):
        shell.write(name, PAGE)
    shell.write("news/c.txt", SAID)
    done = shell.run("extract", "news/**/*.html", "--quiet")
    assert [record["id"] for record in done.records] == ["2031/b", "a"]


def test_named_columns_are_heard_by_every_command(shell: Shell) -> None:
    sheet(shell.folder / "in.csv", ["url", "body", "date"], ["u/1", SAID, "2031-05-04"])
    fields = ("--text-field", "body", "--id-field", "url")
    assert shell.run("extract", "in.csv", *fields, "-o", "out.jsonl", "--no-text").code == 0
    record = json.loads((shell.folder / "out.jsonl").read_text(encoding="utf-8"))
    assert (record["id"], record["metadata"]) == ("u/1", {"date": "2031-05-04"})
    assert shell.run("verify", "out.jsonl", "in.csv", *fields).code == 0
    assert "No deal" in shell.run("show", "out.jsonl", "u/1", "--input", "in.csv", *fields).out.decode()
    export = ("batch", "export", "in.csv", "--model", "tiny", "--base-url", "http://127.0.0.1:9/v1", *fields)
    assert b"No deal" in shell.run(*export).out
    assert "1 chunk" in shell.run("extract", "in.csv", *export[3:], "--dry-run").out.decode()


def test_a_column_that_is_not_there_is_told_with_those_that_are(shell: Shell) -> None:
    parquet(shell.folder / "in.parquet", {"id": ["a"], "body": [SAID]})
    done = shell.run("extract", "in.parquet", "-o", "out.jsonl")
    assert done.code == 1
    assert "quotes: in.parquet: no column “text” (name one with --text-field: there are id, body)" in done.lines
    assert shell.run("extract", "in.parquet", "--text-field", "body", "-o", "out2.jsonl").code == 0


def test_one_field_for_both_is_wrong_usage(shell: Shell) -> None:
    shell.write("in.csv", "a\n1\n")
    assert shell.run("extract", "in.csv", "--text-field", "a", "--id-field", "a").code == 2


def test_what_is_no_article_leaves_the_others(shell: Shell) -> None:
    write(shell.folder / "news" / "a.html", "<html></html>")
    write(shell.folder / "news" / "b.docx", "no document")
    write(shell.folder / "news" / "c.txt", SAID)
    done = shell.run("extract", "news", "-o", "out.jsonl")
    assert done.code == 1
    assert len((shell.folder / "out.jsonl").read_bytes().splitlines()) == 1
    assert done.lines[-1].startswith("quotes: 1 article, 1 quote, 2 unreadable")
