"""`quotes report` as a command: where the page goes, what it refuses to replace, and what it tells."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from quotes.record import dumps
from tests.cli.processes import Shell
from tests.cli.test_interrupting import feed
from tests.formats.samples import sample, write_records

SEED = Path(__file__).parents[2] / "seeds" / "pellora-quake.txt"
ARTICLE = "holds no record: this is an article (run quotes extract first)"
EMPTY = "holds no record (it is empty; name a file that quotes extract has written)"


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


@pytest.mark.parametrize(("text", "told"), [(SEED.read_text(encoding="utf-8"), ARTICLE), ("", EMPTY), ("\n\n", EMPTY)])
def test_what_holds_no_record_replaces_no_report(shell: Shell, text: str, told: str) -> None:
    write_records(shell.folder / "good.jsonl", sample())
    assert shell.run("report", "good.jsonl").code == 0
    before = (shell.folder / "good.html").read_bytes()
    shell.write("wrong.txt", text)
    done = shell.run("report", "wrong.txt", "-o", "good.html")
    assert (done.code, done.out) == (1, b"")
    assert done.lines == [f"quotes: wrong.txt: {told}", "quotes: no report was written"]
    assert shell.run("report", "wrong.txt", "-o", "good.html", "--quiet").lines == done.lines[:1]
    assert (shell.folder / "good.html").read_bytes() == before
    assert shell.run("report", "wrong.txt", "-o", "new.html").code == 1
    assert not (shell.folder / "new.html").exists()
    piped = shell.run("report", "-", stdin=text.encode())
    assert (piped.code, piped.out) == (1, b"")


def test_many_damaged_lines_are_told_in_part(shell: Shell) -> None:
    shell.write("out.jsonl", '{"schema": "quotes/1"}\n' * 25 + dumps(sample()) + "\n")
    done = shell.run("report", "out.jsonl")
    assert done.code == 1
    assert len(done.lines) == 22
    assert done.lines[20:] == [
        "quotes: out.jsonl: and 5 more (each is no record either)",
        "quotes: 1 article, 1 quote, in out.html",
    ]


@pytest.mark.parametrize("name", ["q.jsonl", "q.JSON", "q.csv", "q.db", "q.txt", "q.docx", "q.csv.gz"])
def test_a_name_of_another_format_is_refused(shell: Shell, name: str) -> None:
    write_records(shell.folder / "out.jsonl", sample())
    done = shell.run("report", "out.jsonl", "-o", name, "--overwrite")
    assert done.code == 2
    assert done.lines[0].startswith(f"quotes: {name}: a report is no {name[1:].lower()} (name it .html")
    assert [path.name for path in shell.folder.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize("name", ["q.htm", "q.HTML", "report", "week 2031.05"])
def test_any_other_name_is_one_of_a_page(shell: Shell, name: str) -> None:
    write_records(shell.folder / "out.jsonl", sample())
    assert shell.run("report", "out.jsonl", "-o", name).code == 0
    assert (shell.folder / name).read_bytes().startswith(b"<!DOCTYPE html>")


def test_through_a_link_the_pages_lie_beside_the_index(shell: Shell) -> None:
    write_records(shell.folder / "out.jsonl", *(sample(f"a{number}") for number in range(201)))
    (shell.folder / "site").mkdir()
    (shell.folder / "link.html").symlink_to(Path("site") / "week.html")
    done = shell.run("report", "out.jsonl", "-o", "link.html")
    assert done.code == 0, done.err
    assert sorted(path.name for path in shell.folder.iterdir()) == ["link.html", "out.jsonl", "site"]
    assert sorted(path.name for path in (shell.folder / "site").iterdir()) == ["week.html", "week_files"]
    assert (shell.folder / "link.html").is_symlink()
    assert "week_files/" in (shell.folder / "site" / "week.html").read_text(encoding="utf-8")


def test_ctrl_c_while_many_articles_are_read_leaves_nothing(shell: Shell) -> None:
    process = shell.start(
        *("report", "-", "-o", "out.html"),
        stdin=-1,
        # What has started these tests may ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    for number in range(230):
        process.stdin.write(dumps(sample(f"a{number}")).encode() + b"\n")
    feed(process)
    assert [path.name for path in shell.folder.iterdir()] == [f".out_files.{process.pid}.tmp"]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert process.communicate()[1] == b"quotes: interrupted\n"
    assert list(shell.folder.iterdir()) == []
