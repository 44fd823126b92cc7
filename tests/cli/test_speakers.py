"""`quotes speakers` as a process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.processes import Shell
from tests.speakers.records import record


@pytest.fixture
def out(shell: Shell) -> str:
    return store(
        shell,
        "out.jsonl",
        record("a", ("Mara Ruiz", 3), (None, 5), ("=Holt", 2, "indirect", "unknown")),
        record("b", ("Ms. Ruiz", 4), unresolved=1),
    )


def store(shell: Shell, name: str, *records: dict[str, Any]) -> str:
    shell.write(name, "".join(json.dumps(one) + "\n" for one in records))
    return name


def test_the_table_shows_ranges_and_the_totals_stand_on_stderr(shell: Shell, out: str) -> None:
    done = shell.run("speakers", out)
    assert done.code == 0
    assert done.out.decode().splitlines() == [
        "speaker    kind     quotes  words  articles       share",
        "Ms. Ruiz   person      1–3   4–12         1  20.0–60.0%",
        "Mara Ruiz  person      1–3   3–11         1  20.0–60.0%",
        "=Holt      unknown     1–2    2–7         1  20.0–50.0%",
    ]
    assert done.lines == [
        "quotes: 2 articles, 4 quotes, 14 words",
        (
            "quotes: open: 1 with a speaker resolved to no name, 1 quotation unresolved; a range is what is sure "
            "and the most it can be"
        ),
    ]


def test_csv_runs_no_formula(shell: Shell, out: str) -> None:
    done = shell.run("speakers", out, "--csv", "-o", "who.csv")
    assert (done.code, done.out) == (0, b"")
    assert (shell.folder / "who.csv").read_text(encoding="utf-8").splitlines() == [
        "speaker,kind,quotes,quotes_at_most,words,words_at_most,articles,share,share_at_most",
        "Ms. Ruiz,person,1,3,4,12,1,0.2,0.6",
        "Mara Ruiz,person,1,3,3,11,1,0.2,0.6",
        "'=Holt,unknown,1,2,2,7,1,0.2,0.5",
    ]


def test_json_holds_totals_and_rows(shell: Shell, out: str) -> None:
    told = json.loads(shell.run("speakers", out, "--by", "kind", "--json").out)
    assert told["totals"]["pronouns"] == 1
    assert told["rows"][0]["kind"] == "person"
    assert told["rows"][0]["speakers"] == 2


def test_a_draft_of_aliases_is_read_back_and_joins(shell: Shell, out: str) -> None:
    assert shell.run("speakers", out, "--suggest-aliases", "-o", "aliases.toml").code == 0
    done = shell.run("speakers", out, "--aliases", "aliases.toml", "--csv")
    assert done.out.decode().splitlines()[1] == "Mara Ruiz,person,2,4,7,15,2,0.4,0.8"


def test_an_alias_under_two_names_is_one_line_with_its_place(shell: Shell, out: str) -> None:
    shell.write("aliases.toml", '[[speaker]]\nname = "A"\naliases = ["R"]\n[[speaker]]\nname = "B"\naliases = ["R"]\n')
    done = shell.run("speakers", out, "--aliases", "aliases.toml")
    assert (done.code, done.out) == (2, b"")
    assert done.lines == [
        (
            "quotes: aliases.toml line 6: “R” stands under “A” already "
            "(a form belongs to one speaker; leave it out of one of them)"
        )
    ]


def test_a_missing_alias_file_says_how_to_get_one(shell: Shell, out: str) -> None:
    done = shell.run("speakers", out, "--aliases", "none.toml")
    assert done.code == 2
    assert done.lines == [
        (
            "quotes: none.toml: cannot be read: No such file or directory "
            "(name a file of aliases; --suggest-aliases writes a draft of one)"
        )
    ]


def test_damaged_lines_and_second_records_are_told_and_the_others_counted(shell: Shell) -> None:
    store(shell, "more.jsonl", record("a", ("Mara Ruiz", 1)), record("c", ("Mara Ruiz", 1)))
    store(shell, "out.jsonl", record("a", ("Mara Ruiz", 3)))
    shell.write("out.jsonl", (shell.folder / "out.jsonl").read_text(encoding="utf-8") + "rubbish\n")
    done = shell.run("speakers", "out.jsonl", "more.jsonl", "--csv")
    assert done.code == 1
    assert done.out.decode().splitlines()[1] == "Mara Ruiz,person,2,2,4,4,2,1.0,1.0"
    assert done.lines[0].startswith("quotes: out.jsonl line 2: not JSON")
    assert done.lines[1] == (
        "quotes: more.jsonl line 1: a second record of a, after out.jsonl line 1 "
        "(the first is counted; leave one of them out)"
    )


def test_options_that_exclude_each_other_are_wrong_usage(shell: Shell, out: str) -> None:
    assert shell.run("speakers", out, "--csv", "--json").code == 2
    assert shell.run("speakers", out, "--suggest-aliases", "--aliases", "aliases.toml").code == 2


def test_the_help_says_what_a_range_means(shell: Shell) -> None:
    told = shell.run("speakers", "--help").out.decode()
    assert "12–15 means: 12 are sure" in told


@pytest.mark.parametrize("name", ["out.jsonl", "./out.jsonl", "link.jsonl", "aliases.toml"])
def test_what_is_read_is_not_replaced(shell: Shell, out: str, name: str) -> None:
    (shell.folder / "link.jsonl").symlink_to(out)
    shell.write("aliases.toml", "")
    before = (shell.folder / name).read_bytes()
    done = shell.run("speakers", out, "--aliases", "aliases.toml", "-o", name)
    assert (done.code, done.out) == (2, b"")
    assert done.lines == [f"quotes: {name}: is an input too and would be replaced (choose another -o)"]
    assert (shell.folder / name).read_bytes() == before


def test_a_language_without_titles_is_wrong_usage(shell: Shell, out: str) -> None:
    assert shell.run("speakers", out, "--suggest-aliases", "--lang", "de").code == 0
    done = shell.run("speakers", out, "--suggest-aliases", "--lang", "xx")
    assert (done.code, done.out) == (2, b"")
    assert "--lang" in done.err


@pytest.mark.parametrize("form", ["--csv", "--json", "--suggest-aliases"])
def test_where_no_record_can_be_read_nothing_is_written(shell: Shell, form: str) -> None:
    shell.write("bad.jsonl", "rubbish\n" * 3)
    shell.write("kept", "what was there\n")
    done = shell.run("speakers", "bad.jsonl", form, "-o", "kept")
    assert (done.code, done.out) == (1, b"")
    assert done.lines == ["quotes: bad.jsonl: holds no record: this is an article (run quotes extract first)"]
    assert (shell.folder / "kept").read_text(encoding="utf-8") == "what was there\n"


def test_a_file_without_a_record_beside_one_of_records_is_told_and_the_others_counted(shell: Shell, out: str) -> None:
    shell.write("empty.jsonl", "")
    done = shell.run("speakers", "empty.jsonl", out, "--json")
    assert done.code == 1
    assert done.lines[0].startswith("quotes: empty.jsonl: holds no record (it is empty")
    assert json.loads(done.out)["totals"]["articles"] == 2
