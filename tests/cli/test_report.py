"""`quotes report` as a command: where the page goes, what it refuses to replace, and what it tells."""

from __future__ import annotations

from tests.cli.processes import Shell
from tests.formats.samples import sample, write_records


def test_the_page_stands_beside_the_records_and_is_replaced_by_the_next(shell: Shell) -> None:
    write_records(shell.folder / "out.jsonl", sample("a"), sample("b"))
    done = shell.run("report", "out.jsonl")
    assert (done.code, done.out) == (0, b"")
    assert done.lines == ["quotes: 2 articles, 2 quotes, in out.html"]
    page = (shell.folder / "out.html").read_bytes()
    assert page.startswith(b"<!DOCTYPE html>")
    assert b"<title>Quotes in out</title>" in page
    assert shell.run("report", "out.jsonl", "-o", "out.html").code == 0
    assert (shell.folder / "out.html").read_bytes() == page


def test_streams_take_records_and_give_a_page(shell: Shell) -> None:
    records = write_records(shell.folder / "out.jsonl", sample()).read_bytes()
    done = shell.run("report", "-", "--title", "From <afar>", stdin=records)
    assert done.code == 0
    assert done.out.endswith(b"</html>\n")
    assert b"<title>From &lt;afar&gt;</title>" in done.out
    assert shell.run("report", "out.jsonl", "-o", "-", "--title", "From <afar>").out == done.out


def test_a_file_of_another_making_is_not_replaced(shell: Shell) -> None:
    write_records(shell.folder / "out.jsonl", sample())
    shell.write("mine.html", "<!DOCTYPE html><title>mine</title>")
    done = shell.run("report", "out.jsonl", "-o", "mine.html")
    assert done.code == 2
    told = "quotes: mine.html: this file is no report of quotes and would be replaced"
    assert done.lines == [f"{told} (choose another -o, or --overwrite to replace it)"]
    assert shell.run("report", "out.jsonl", "-o", "mine.html", "--overwrite").code == 0
    assert shell.run("report", "out.jsonl", "-o", "out.jsonl").code == 2


def test_damaged_lines_are_told_and_the_others_shown(shell: Shell) -> None:
    path = write_records(shell.folder / "out.jsonl", sample())
    path.write_text("rubbish\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = shell.run("report", "out.jsonl")
    assert done.code == 1
    assert done.lines[0].startswith("quotes: out.jsonl line 1: not JSON")
    assert b'id="q-1-1"' in (shell.folder / "out.html").read_bytes()


def test_a_missing_file_leaves_no_page(shell: Shell) -> None:
    done = shell.run("report", "out.jsonl")
    assert done.code == 1
    assert done.lines == ["quotes: out.jsonl: no such file (check the path)"]
    assert not (shell.folder / "out.html").exists()
