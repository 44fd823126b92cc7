"""`quotes convert` as a process."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.cli.processes import Shell
from tests.cli.terminals import on_terminal
from tests.formats.corpora.annotated import FIXTURES

SEEDS = FIXTURES.parents[2] / "seeds"
PARTS = ("content", "cue", "speaker")


@pytest.mark.parametrize(
    ("corpus", "articles", "quotes"),
    [("polnear", 3, 7), ("parc", 1, 3), ("columns", 3, 4), ("germeval", 2, 4), ("table/words.csv", 2, 2)],
)
def test_each_corpus_becomes_gold(shell: Shell, corpus: str, articles: int, quotes: int) -> None:
    done = shell.run("convert", FIXTURES / corpus, "gold.jsonl")
    assert (done.code, done.out) == (0, b""), done.err
    gold = [json.loads(line) for line in (shell.folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (len(gold), sum(len(one["quotes"]) for one in gold)) == (articles, quotes)
    assert done.lines[-1].startswith(f"quotes: {articles} article")


def test_gold_goes_to_csv_and_back(shell: Shell) -> None:
    assert shell.run("convert", SEEDS / "gold.jsonl", "gold.csv").code == 0
    done = shell.run("convert", "gold.csv")
    assert done.code == 0
    wanted = [json.loads(line) for line in (SEEDS / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    for one, other in zip(done.records, wanted, strict=True):
        assert (one["id"], one["text"]) == (other["id"], other["text"])
        assert sorted([quote[part] for part in PARTS] for quote in one["quotes"]) == sorted(
            [quote[part] for part in PARTS] for quote in other["quotes"]
        )


def test_records_become_gold(shell: Shell) -> None:
    shell.run("extract", shell.articles(2), "-o", "out.jsonl")
    done = shell.run("convert", "out.jsonl", "--dataset", "tides")
    assert [(one["id"], one["dataset"], len(one["quotes"])) for one in done.records] == [
        ("a0", "tides", 1),
        ("a1", "tides", 1),
    ]


def test_records_without_text_take_it_from_where_it_is(shell: Shell) -> None:
    shell.write("a.txt", "“We tried,” Ida Krell said.")
    shell.run("extract", "a.txt", "--no-text", "-o", "out.jsonl")
    done = shell.run("convert", "out.jsonl", "--to", "gold")
    assert (done.code, done.lines) == (
        1,
        ["quotes: out.jsonl line 1: no “text” (gold needs its text; extract without --no-text)"],
    )
    assert shell.run("convert", "out.jsonl", "--text", ".").records[0]["text"] == "“We tried,” Ida Krell said."


def test_what_does_not_fit_ends_it_and_writes_nothing(shell: Shell) -> None:
    shell.write("in/a.txt", "“We tried,” Ruiz said.")
    shell.write("in/a.ann", "T1\tContent 1 10\tWe cried,\n")
    done = shell.run("convert", "in", "gold.jsonl")
    assert done.code == 1
    assert done.lines == [
        (
            "quotes: in/a.ann line 1: T1: the text prints “We tried,” at 1 10, not “We cried,” "
            "(the .txt is not the one that was annotated)"
        )
    ]
    assert not (shell.folder / "gold.jsonl").exists()


def test_keep_going_leaves_the_article_out_and_says_so(shell: Shell) -> None:
    shell.write("in.csv", "id,text,quote\na,Yes he said.,No\nb,Yes he said.,Yes\n")
    done = shell.run("convert", "in.csv", "--keep-going")
    assert done.code == 1
    assert [one["id"] for one in done.records] == ["b"]
    assert done.lines == [
        (
            "quotes: in.csv line 2: article a: its text prints the content “No” 0 times "
            "(words must stand in the text as they are)"
        ),
        "quotes: 1 article, 1 quote, 1 article left out",
    ]


def test_a_missing_corpus_is_wrong_usage(shell: Shell) -> None:
    done = shell.run("convert", "gone", "gold.jsonl")
    assert (done.code, done.lines) == (2, ["quotes: gone: no such file or folder (check the path)"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("gold.jsonl", "gold.jsonl"),
        ("gold.jsonl", "texts/../gold.jsonl"),
        (".", "gold.jsonl"),
        ("gold.jsonl", "texts/a.txt", "--text", "texts"),
        ("gold.jsonl", "texts/a.txt", "--text", "texts/a.txt"),
    ],
)
def test_what_is_read_is_not_replaced(shell: Shell, arguments: tuple[str, ...]) -> None:
    shell.write("texts/a.txt", "It rained.")
    shell.write("gold.jsonl", json.dumps({"id": "a", "text": "It rained.", "quotes": []}) + "\n")
    before = (shell.folder / arguments[1]).read_bytes()
    done = shell.run("convert", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert done.lines == [f"quotes: {arguments[1]}: is an input too and would be replaced (choose another OUT)"]
    assert (shell.folder / arguments[1]).read_bytes() == before
    assert shell.run("convert", *arguments[:1]).code == 0


def test_an_earlier_result_in_the_folder_of_a_corpus_is_replaced(shell: Shell) -> None:
    shutil.copytree(FIXTURES / "polnear", shell.folder / "corpus")
    for _ in range(2):
        assert shell.run("convert", "corpus", "corpus/gold.jsonl").code == 0
    text = next((shell.folder / "corpus").rglob("*.txt")).relative_to(shell.folder)
    assert shell.run("convert", "corpus", text, "--to", "gold").code == 2


FORMATS = ("json", "csv", "tsv", "parquet", "db")


@pytest.fixture
def out(shell: Shell) -> bytes:
    """The records of three articles in ``out.jsonl``, one of them without quotes."""
    shell.articles(2)
    shell.write("empty.txt", "")
    assert shell.run("extract", "in.jsonl", "empty.txt", "-o", "out.jsonl").code == 0
    return (shell.folder / "out.jsonl").read_bytes()


def test_records_go_through_every_format_and_come_back_as_the_same_bytes(shell: Shell, out: bytes) -> None:
    last = "out.jsonl"
    for number, kind in enumerate(FORMATS):
        done = shell.run("convert", last, f"{number}.{kind}")
        assert (done.code, done.lines) == (0, ["quotes: 3 articles, 2 quotes"])
        last = f"{number}.{kind}"
    assert shell.run("convert", last).out == out
    assert shell.run("convert", last, "back.jsonl").out == b""
    assert (shell.folder / "back.jsonl").read_bytes() == out


def test_a_quiet_conversion_says_nothing(shell: Shell, out: bytes) -> None:
    assert shell.run("convert", "out.jsonl", "out.csv", "--quiet").lines == []


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_command_reads_the_other_formats(shell: Shell, out: bytes, kind: str) -> None:
    name = f"out.{kind}"
    assert shell.run("convert", "out.jsonl", name).code == 0
    assert shell.run("verify", name).out.startswith(b"3 records, 2 quotes")
    assert b"a0" in shell.run("show", name).out
    assert b"Ida Krell" in shell.run("speakers", name).out
    assert shell.run("convert", name, "gold.jsonl", "--to", "gold").code == 0
    assert shell.run("eval", "gold.jsonl", name).code == 0


def test_texts_can_be_left_out_and_records_piped_in(shell: Shell, out: bytes) -> None:
    done = shell.run("convert", "-", "out.csv", "--no-text", stdin=out + out)
    assert (done.code, done.lines) == (0, ["quotes: 6 articles, 4 quotes"])
    records = shell.run("convert", "out.csv").records
    assert [record["id"] for record in records] == ["a0", "a1", "empty"] * 2
    assert not any("text" in record for record in records)
    assert records[0]["metadata"] == {"page": 0}


def test_what_text_can_hold_can_be_piped_out(shell: Shell, out: bytes) -> None:
    assert json.loads(shell.run("convert", "out.jsonl", "-", "--to", "json").out)[1]["id"] == "a1"
    assert shell.run("convert", "out.jsonl", "--to", "tsv").out.startswith(b"item\tarticle\t")
    done = shell.run("convert", "out.jsonl", "--to", "db")
    assert (done.code, done.lines[-1]) == (
        2,
        "quotes: standard output: db is written to a file, not to a stream (name a file)",
    )


def test_a_format_can_be_said_where_the_name_does_not(shell: Shell, out: bytes) -> None:
    assert shell.run("convert", "out.jsonl", "table.txt", "--to", "csv").code == 0
    assert shell.run("convert", "table.txt", "--from", "csv").out == out


def test_a_suffix_that_is_not_known_is_told_those_that_are(shell: Shell, out: bytes) -> None:
    done = shell.run("convert", "out.jsonl", "out.xlsx")
    assert (done.code, done.lines) == (
        2,
        [
            (
                "quotes: out.xlsx: a record is not written as .xlsx "
                "(known are .jsonl, .ndjson, .json, .csv, .tsv, .parquet, .db, .sqlite, .html)"
            )
        ],
    )
    done = shell.run("convert", SEEDS / "gold.jsonl", "gold.parquet")
    assert done.lines == ["quotes: gold.parquet: gold is not written as .parquet (known are .jsonl, .ndjson, .csv)"]


def test_records_become_gold_in_csv_only_when_told(shell: Shell, out: bytes) -> None:
    shell.run("extract", "in.jsonl", "-o", "out.jsonl", "--overwrite")
    assert shell.run("convert", "out.jsonl", "gold.csv", "--to", "gold").code == 0
    assert (shell.folder / "gold.csv").read_text().startswith("id,dataset,text,type,content,content_start")
    assert [one["id"] for one in shell.run("convert", "gold.csv").records] == ["a0", "a1"]


def test_a_damaged_record_ends_it_or_is_left_out(shell: Shell, out: bytes) -> None:
    shell.write("bad.jsonl", out.decode().replace('"status": "complete"', '"status": "done"', 1))
    done = shell.run("convert", "bad.jsonl", "bad.csv")
    assert (done.code, (shell.folder / "bad.csv").exists()) == (1, False)
    assert done.lines[0].startswith("quotes: bad.jsonl line 1: status: ")
    done = shell.run("convert", "bad.jsonl", "bad.csv", "--keep-going")
    assert (done.code, done.lines[-1]) == (1, "quotes: 2 articles, 1 quote, 1 article left out")


def test_records_become_a_report(shell: Shell, out: bytes) -> None:
    assert shell.run("convert", "out.jsonl", "out.html").code == 0
    assert b"Ida Krell" in (shell.folder / "out.html").read_bytes()


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "db", "html"])
def test_a_run_writes_the_format_its_output_is_named_after(shell: Shell, out: bytes, kind: str) -> None:
    done = shell.run("extract", "in.jsonl", "empty.txt", "-o", f"again.{kind}")
    assert (done.code, done.out) == (0, b"")
    assert not (shell.folder / f"again.{kind}.part").exists()
    if kind != "html":
        assert shell.run("convert", f"again.{kind}").out == out


def test_a_database_of_something_else_is_never_replaced(shell: Shell, out: bytes) -> None:
    with closing(sqlite3.connect(shell.folder / "mine.sqlite")) as connection:
        connection.execute("CREATE TABLE notes (words TEXT)")
    for command in (
        ("convert", "out.jsonl", "mine.sqlite"),
        ("extract", "in.jsonl", "-o", "mine.sqlite", "--overwrite"),
    ):
        done = shell.run(*command)
        assert done.code == 2
        assert "a database of something else than records (name another file; this one is never " in done.lines[-1]


@pytest.mark.parametrize("to", ["mine.csv", "mine.json", "mine.html", "mine.parquet", "mine.jsonl", "mine"])
def test_a_file_of_another_making_is_replaced_only_when_told(shell: Shell, out: bytes, to: str) -> None:
    shell.write(to, "a,b\n1,2\n")
    done = shell.run("convert", "out.jsonl", to)
    assert done.code == 2
    assert done.lines[-1].endswith("of quotes and would be replaced (choose another OUT, or --overwrite to replace it)")
    assert (shell.folder / to).read_bytes() == b"a,b\n1,2\n"
    assert shell.run("convert", "out.jsonl", to, "--overwrite").code == 0
    assert shell.run("convert", "out.jsonl", to).code == 0


def test_gold_replaces_gold_and_no_notes(shell: Shell, out: bytes) -> None:
    shell.write("gold.csv", "my,notes\n")
    assert shell.run("convert", "out.jsonl", "gold.csv", "--to", "gold").code == 2
    for arguments in (("--overwrite",), ()):
        assert shell.run("convert", "out.jsonl", "gold.csv", "--to", "gold", *arguments).code == 0


def test_the_decisions_of_a_review_outlive_every_command(shell: Shell, out: bytes) -> None:
    name = "out.jsonl.review.jsonl"
    shell.write(name, '{"schema": "quotes-review/1", "of": "out.jsonl"}\n')
    before = (shell.folder / name).read_bytes()
    for command in (
        ("convert", "out.jsonl", name),
        ("convert", "out.jsonl", name, "--to", "gold"),
        ("extract", "in.jsonl", "-o", name),
        ("report", "out.jsonl", "-o", name),
    ):
        done = shell.run(*command, "--overwrite")
        assert (done.code, (shell.folder / name).read_bytes()) == (2, before)
        assert f"{name}: holds the decisions of a review, which are never replaced (choose another " in done.lines[-1]
    assert shell.run("speakers", "out.jsonl", "-o", name).code == 2
    assert shell.run("eval", SEEDS / "gold.jsonl", "--backend", "rules", "--errors", name).code == 2
    assert (shell.folder / name).read_bytes() == before


def test_an_extraction_into_its_own_folder_can_be_made_again(shell: Shell) -> None:
    shell.write("fold/a.txt", "“We tried,” Ida Krell said.")
    extract = ("extract", "fold", "-o", "fold/q.jsonl")
    assert shell.run(*extract).code == 0
    before = (shell.folder / "fold/q.jsonl").read_bytes()
    assert shell.run("report", "fold/q.jsonl").code == 0
    assert shell.run("convert", "fold/q.jsonl", "fold/q.csv").code == 0
    assert shell.run("review", "fold/q.jsonl", "--gold", "fold/gold.jsonl", "--export").code == 0
    shell.write("fold/q.jsonl.review.jsonl", '{"schema": "quotes-review/1", "of": "q.jsonl"}\n')
    done = shell.run(*extract, "--overwrite")
    assert (done.code, (shell.folder / "fold/q.jsonl").read_bytes()) == (0, before)
    assert sum("left out" in line for line in done.lines) == 1


def test_a_report_by_a_run_is_replaced_by_the_next(shell: Shell) -> None:
    shell.write("fold/a.txt", "“We tried,” Ida Krell said.")
    extract = ("extract", "fold", "-o", "fold/z.html")
    for command in (extract, extract, ("report", "out.jsonl", "-o", "fold/z.html")):
        done = shell.run(*command)
        assert (done.code, "left out" in done.err) == (0, False)
        shell.run("extract", "fold", "-o", "out.jsonl")
    shell.write("fold/z.html", "<p>mine")
    assert shell.run(*extract).code == 2


@pytest.mark.parametrize("source", ["out.csv", "out.tsv", "out.jsonl"])
def test_records_are_shown_next_and_gold_is_measured_by(shell: Shell, out: bytes, source: str) -> None:
    if source != "out.jsonl":
        assert shell.run("convert", "out.jsonl", source).code == 0
    assert on_terminal(shell, "convert", source, "y.jsonl").lines[-1] == "next: quotes show y.jsonl"
    seen = on_terminal(shell, "convert", source, "g.jsonl", "--to", "gold")
    assert seen.lines[-1] == "next: quotes eval g.jsonl --backend rules"
    assert on_terminal(shell, "convert", source, "y.html").lines[-1] == "next: open y.html in a browser"
