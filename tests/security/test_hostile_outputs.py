"""Hostile articles on their way to people: what is shown, printed, tabled or opened in a browser obeys none of them."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from quotes.extraction import Engine
from quotes.formats.display import print_article, print_list
from quotes.formats.sheets import as_written
from quotes.formats.table import article_table
from quotes.formats.terminal import console
from quotes.record import to_json
from tests.cli.processes import Shell
from tests.extraction.conducting import extract, model_engine
from tests.formats.samples import Terminal
from tests.security.hostile import HOSTILE, RECORDED, write_articles
from tests.security.obeying import changing_replies
from tests.security.promises import STEERING

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What our own styles are made of; nothing else may follow an escape character."""


def _record(number: int) -> dict[str, Any]:
    """The record of a hostile article, made with a model that obeys it, under the id that goes with it."""
    case = HOSTILE[number]
    engine = model_engine() if number % 2 else Engine(None)
    record = to_json(extract(case.text.replace("\0", ""), changing_replies(number), engine))
    return {**record, "id": case.id}


RECORDS = [_record(number) for number in range(len(HOSTILE))]
each_record = pytest.mark.parametrize("record", RECORDS, ids=[str(number) for number in range(len(HOSTILE))])


@each_record
def test_what_a_pipe_is_shown_steers_nothing(record: dict[str, Any]) -> None:
    stream = io.StringIO()
    print_article(record, record["text"], stream)
    print_list([record], stream)
    console(stream).print(article_table(record))
    assert STEERING.search(stream.getvalue()) is None


@each_record
def test_what_a_terminal_is_shown_holds_no_sequence_but_our_colours(record: dict[str, Any]) -> None:
    stream = Terminal()
    print_article(record, record["text"], stream, width=80)
    print_list([record], stream)
    console(stream).print(article_table(record))
    assert STEERING.search(_COLOURS.sub("", stream.getvalue())) is None
    # A link or a blink of the article's own would have to come from its markup, and that is printed as it is.
    assert "\x1b[5" not in stream.getvalue()


# ------------------------------------------------------------------ as processes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, Path]:
    """A folder with the records of all hostile articles that can be read from a file."""
    shell = Shell(tmp_path_factory.mktemp("hostile"))
    articles = write_articles(shell.folder / "in.jsonl", RECORDED)
    done = shell.run("extract", articles, "--backend", "rules", "-o", "out.jsonl")
    assert done.code == 0, done.err
    assert STEERING.search(done.err) is None
    return shell, shell.folder / "out.jsonl"


def test_every_hostile_article_is_read_and_its_record_verified(world: tuple[Shell, Path]) -> None:
    shell, records = world
    ids = [json.loads(line)["id"] for line in records.read_bytes().splitlines()]
    assert ids == [case.id for case in RECORDED]
    done = shell.run("verify", records)
    assert done.code == 0, done.err
    assert STEERING.search(done.out.decode() + done.err) is None


@pytest.mark.parametrize(
    "name", ["\x1b[31mred\x1b[0m\x07", "two\nlines\r\nand\ttabs", "gpj.\u202egnp.exe", "[bold]id[/bold]"]
)
def test_an_article_with_a_hostile_id_can_be_shown(world: tuple[Shell, Path], name: str) -> None:
    shell, records = world
    done = shell.run("show", records, name)
    assert done.code == 0
    assert STEERING.search(done.out.decode() + done.err) is None
    missing = shell.run("show", records, name + "\x1b[2J\u202e?")
    assert missing.code == 1
    assert STEERING.search(missing.err) is None


def test_the_list_of_all_steers_nothing(world: tuple[Shell, Path]) -> None:
    shell, records = world
    done = shell.run("show", records)
    assert STEERING.search(done.out.decode() + done.err) is None
    assert len(done.out.decode().splitlines()) == len(RECORDED)


def _cells(text: str) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for row in rows:
        for cell in row:
            assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) or re.fullmatch(r"-?[0-9.]+", cell), cell
    return rows


@pytest.fixture(scope="module")
def sound(world: tuple[Shell, Path]) -> Path:
    """The records without those with a NUL, which CSV cannot hold."""
    shell, everything = world
    lines = [line for line in everything.read_text("utf-8").split("\n") if "\\u0000" not in line]
    return shell.write("sound.jsonl", "\n".join(lines))


def test_no_cell_of_a_table_of_records_runs_and_all_come_back(world: tuple[Shell, Path], sound: Path) -> None:
    shell, _ = world
    assert shell.run("convert", sound, "out.csv").code == 0
    heading, *rows = _cells((shell.folder / "out.csv").read_bytes().decode())
    ids = dict.fromkeys(as_written(row[heading.index("article")]) for row in rows)
    assert list(ids) == [case.id for case in RECORDED if "\0" not in case.id]
    assert shell.run("convert", "out.csv", "back.jsonl").code == 0
    assert (shell.folder / "back.jsonl").read_text("utf-8") == sound.read_text("utf-8")


def test_no_cell_of_a_table_of_gold_runs_and_all_come_back(world: tuple[Shell, Path], sound: Path) -> None:
    shell, _ = world
    assert shell.run("convert", sound, "gold.csv", "--to", "gold").code == 0
    _, *rows = _cells((shell.folder / "gold.csv").read_bytes().decode())
    ids = dict.fromkeys(as_written(row[0]) for row in rows)
    assert list(ids) == [case.id for case in RECORDED if "\0" not in case.id]
    assert shell.run("convert", "gold.csv", "back.jsonl").code == 0
    assert shell.run("convert", sound, "gold.jsonl", "--to", "gold").code == 0
    back, gold = ((shell.folder / name).read_text("utf-8").split("\n")[:-1] for name in ("back.jsonl", "gold.jsonl"))
    assert [_spans(line) for line in back] == [_spans(line) for line in gold]


def _spans(line: str) -> object:
    value = json.loads(line)
    parts = ("content", "cue", "speaker")
    return value["id"], value["text"], [[quote[part] for part in parts] for quote in value["quotes"]]


@pytest.mark.parametrize("by", [["speaker"], ["article"], ["speaker", "type"]])
def test_no_cell_of_the_tally_runs_and_its_table_steers_nothing(world: tuple[Shell, Path], by: list[str]) -> None:
    shell, records = world
    options = [option for one in by for option in ("--by", one)]
    csv_out = shell.run("speakers", records, "--csv", *options).out.decode()
    assert len(_cells(csv_out.replace("\0", ""))) > 10
    done = shell.run("speakers", records, *options)
    assert STEERING.search(done.out.decode() + done.err) is None
    done = shell.run("speakers", records, "--suggest-aliases")
    assert STEERING.search(done.out.decode() + done.err) is None


class _Page(HTMLParser):
    """Refuses every element and attribute that is not one of the page's own."""

    OWN = frozenset(
        [
            *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3"),
            *("p", "span", "b", "section", "details", "summary", "article"),
        ]
    )

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.OWN, tag
        assert {name for name, _ in attrs} <= {"lang", "charset", "http-equiv", "content", "name", "class"}, attrs

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"the page holds a comment: {data}")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_of_errors_holds_no_markup_of_an_article(world: tuple[Shell, Path]) -> None:
    shell, records = world
    nothing = shell.write("nothing.jsonl", "")
    assert shell.run("convert", records, "gold.jsonl", "--to", "gold").code == 0
    done = shell.run("eval", "gold.jsonl", nothing, records, "--errors", "errors.html", "--resamples", "10")
    assert done.code == 0, done.err
    assert STEERING.search(done.out.decode() + done.err) is None
    page = (shell.folder / "errors.html").read_bytes().decode()
    assert STEERING.search(page) is None
    assert "<script>alert('x')</script>" in _Page(page).text
    assert not any(path.name.endswith(("outside", "absolute")) for path in shell.folder.parent.rglob("*"))
