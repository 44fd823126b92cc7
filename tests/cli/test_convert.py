"""`quotes convert` as a process."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.processes import Shell
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
    done = shell.run("convert", "out.jsonl")
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
