"""``quotes eval`` as a process: files and extractions scored, figures and errors out, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.loopback import Loopback
from tests.cli.processes import Shell
from tests.evaluation.samples import FROZEN, SEEDS, frozen

PACKS = Path(__file__).parents[2] / "prompts"
TEXT = "“We tried hard enough,” Ida Krell said. She told the board that the old pier would hold until June.\n"
TRIED = {"content": [[1, 22]], "speaker": [[24, 33]], "speaker_name": "Ida Krell", "cue": [[34, 38]]}
HOLD = {"content": [[59, 98]], "speaker": [[40, 43]], "speaker_name": "Ida Krell", "cue": [[44, 48]]}


def line(name: str, *quotes: Any, text: str | None = TEXT) -> str:
    value: dict[str, Any] = {"id": name, "quotes": quotes}
    return json.dumps(value if text is None else {**value, "text": text}) + "\n"


@pytest.fixture
def gold(shell: Shell) -> Path:
    return shell.write("gold.jsonl", line("a", TRIED, HOLD) + line("b", TRIED))


def figures(out: bytes) -> list[dict[str, Any]]:
    systems: list[dict[str, Any]] = json.loads(out)["systems"]
    return systems


def test_a_file_is_scored_and_shown_as_a_table(shell: Shell, gold: Path) -> None:
    shell.write("out.jsonl", line("a", TRIED) + line("b", TRIED, text=None))
    done = shell.run("eval", "gold.jsonl", "out.jsonl")
    assert (done.code, done.err) == (0, "")
    lines = done.out.decode().splitlines()
    assert lines[0] == "2 articles, 3 gold quotes"
    (last,) = [line for line in lines if line.startswith("all ")]
    assert last.split()[:5] == ["all", "3", "1.000", ".667", ".800"]


def test_the_seeds_get_the_figures_of_the_judge_as_json(shell: Shell) -> None:
    done = shell.run("eval", SEEDS, FROZEN / "rules.jsonl", FROZEN / "altered.jsonl", "--json")
    assert done.code == 0
    assert done.lines == [f"quotes: {FROZEN / 'altered.jsonl'}: has no line for 1 article of gold, counted as empty"]
    first, second = figures(done.out)
    for name, system in (("rules", first), ("altered", second)):
        expected = frozen(name)[1]
        for group in ("direct", "direct+mixed", "all", "quoted_span_coverage"):
            assert system[group] == expected[group]
    low, high = first["intervals"]["all/joint/f1"]
    assert low < first["all"]["joint"]["f1"] < high
    assert second["against_first"]["all/joint/f1"]["interval"][1] < 0


def test_the_same_command_prints_the_same_and_another_seed_other_intervals(shell: Shell) -> None:
    command = ("eval", SEEDS, FROZEN / "rules.jsonl", "--json", "--resamples", 50)
    once, again, other = shell.run(*command), shell.run(*command), shell.run(*command, "--seed", 2)
    assert once.out == again.out
    assert figures(once.out)[0]["intervals"] != figures(other.out)[0]["intervals"]


def test_records_of_quotes_extract_are_scored(shell: Shell, gold: Path) -> None:
    shell.run("extract", "gold.jsonl", "-o", "out.jsonl", "--no-text", "--backend", "rules")
    done = shell.run("eval", "gold.jsonl", "out.jsonl", "--json")
    assert done.code == 0
    assert figures(done.out)[0]["direct"]["joint"]["f1"] == 1.0
    assert figures(done.out)[0]["by_confidence"]["medium"]["share"] is not None


def test_the_rules_extract_and_are_scored_in_one_go_beside_a_file(shell: Shell, gold: Path) -> None:
    shell.write("none.jsonl", line("a") + line("b"))
    done = shell.run("eval", "gold.jsonl", "none.jsonl", "--backend", "rules", "--json", "--save", "runs")
    assert done.code == 0
    assert [system["system"] for system in figures(done.out)] == ["none.jsonl", "rules"]
    assert figures(done.out)[1]["against_first"]["direct/joint/f1"]["difference"] == 1.0
    saved = (shell.folder / "runs" / "rules.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(record)["id"] for record in saved] == ["a", "b"]
    assert shell.run("verify", "runs/rules.jsonl").code == 0


def test_every_model_is_run_with_every_pack_and_costs_nothing_the_second_time(
    shell: Shell, gold: Path, endpoint: Loopback
) -> None:
    command = ["eval", "gold.jsonl", "--backend", "rules", "--backend", "model", "--model", "one", "--model", "two"]
    command += ["--base-url", endpoint.url, "--cache", "cache.db", "--json", "--save", "runs"]
    done = shell.run(*command)
    assert [system["system"] for system in figures(done.out)] == ["rules", "one", "two"]
    assert {path.name for path in (shell.folder / "runs").iterdir()} == {"rules.jsonl", "one.jsonl", "two.jsonl"}
    asked = len(endpoint.bodies)
    assert asked > 0
    assert shell.run(*command).out == done.out
    assert len(endpoint.bodies) == asked


def test_models_whose_names_make_one_file_name_are_kept_apart(shell: Shell, gold: Path, endpoint: Loopback) -> None:
    command = ["eval", "gold.jsonl", "--model", "x/one", "--model", "x:one", "--base-url", endpoint.url]
    assert shell.run(*command, "--save", "runs", "--resamples", 0, "-q").err == ""
    assert {path.name for path in (shell.folder / "runs").iterdir()} == {"x-one.jsonl", "x-one-2.jsonl"}


def test_limit_scores_the_first_articles_only(shell: Shell, gold: Path) -> None:
    shell.write("out.jsonl", line("b", TRIED) + line("a", TRIED, HOLD))
    done = shell.run("eval", "gold.jsonl", "out.jsonl", "--json", "--limit", 1)
    assert figures(done.out)[0]["articles"] == 1
    assert figures(done.out)[0]["predicted_quotes"] == 2


def test_standard_input_is_gold_or_a_prediction_but_not_both(shell: Shell, gold: Path) -> None:
    done = shell.run("eval", "gold.jsonl", "-", "--json", stdin=gold.read_bytes())
    assert figures(done.out)[0]["all"]["joint"]["f1"] == 1.0
    assert shell.run("eval", "-", "gold.jsonl", "--json", stdin=gold.read_bytes()).code == 0
    done = shell.run("eval", "-", "-", stdin=b"")
    assert done.code == 2
    assert done.lines == ["quotes: -: standard input can be read only once (name files for the others)"]


def test_every_error_is_written_to_one_page(shell: Shell, gold: Path) -> None:
    shell.write("out.jsonl", line("a", {**TRIED, "speaker": [], "speaker_name": None}))
    done = shell.run("eval", "gold.jsonl", "out.jsonl", "--errors", "errors.html", "-q")
    assert (done.code, done.err) == (0, "")
    page = (shell.folder / "errors.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<b>1</b>no speaker was found" in page
    assert page.count("<article>") == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (line("c"), "out.jsonl line 1: gold has no article “c” (predict the articles of the gold file only)"),
        (
            line("a", text="Other."),
            "out.jsonl line 1: article “a”: its text is not that of gold (extract from the very text of the gold file)",
        ),
        (
            line("a") + line("a"),
            "out.jsonl line 2: the id “a” stands in out.jsonl line 1 already (one line an article)",
        ),
        (
            line("a", {"content": [[90, 101]]}),
            "out.jsonl line 1: quotes[0].content: [90, 101] is not within the text of 100 characters (spans are",
        ),
        ("{\n", "out.jsonl line 1: not JSON: Expecting property name enclosed in double quotes at character 2"),
    ],
)
def test_a_faulty_prediction_ends_it_with_one_line(shell: Shell, gold: Path, content: str, expected: str) -> None:
    shell.write("out.jsonl", content)
    done = shell.run("eval", "gold.jsonl", "out.jsonl")
    assert (done.code, done.out) == (1, b"")
    (told,) = done.lines
    assert told.startswith("quotes: " + expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "nothing is there to score (name files of records, or --backend or --model)"),
        (
            ["--base-url", "http://127.0.0.1:1/v1"],
            "--backend model: no model is named (name one with --model or QUOTES_MODEL)",
        ),
        (["--backend", "model"], "--backend model: no model is named (name one with --model or QUOTES_MODEL)"),
        (
            ["--backend", "rules", "--model", "one"],
            "--backend rules: --model means something only with a model (leave one of the two out)",
        ),
        (["gold.jsonl", "--errors", "-"], "--errors: standard output has the figures (name a file)"),
        (
            ["gold.jsonl", "--errors", "no/such.html"],
            "no/such.html: cannot be written: No such file or directory (create its folder first)",
        ),
        (
            ["gold.jsonl", "--errors", "./gold.jsonl"],
            "./gold.jsonl: is an input too and would be replaced (name another file with --errors)",
        ),
        (
            ["rules.jsonl", "--backend", "rules", "--save", "."],
            "rules.jsonl: is an input too and would be replaced (choose another folder with --save)",
        ),
        (
            ["--backend", "rules", "--save", "gold.jsonl"],
            "gold.jsonl: cannot be made: File exists (choose another folder with --save)",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    shell: Shell, gold: Path, arguments: list[str], expected: str
) -> None:
    before = gold.read_bytes()
    done = shell.run("eval", "gold.jsonl", *arguments)
    assert (done.code, done.out) == (4 if "cannot be written" in expected else 2, b"")
    assert done.lines == [f"quotes: {expected}"]
    assert [path.name for path in shell.folder.glob("*.*")] == ["gold.jsonl"]
    assert gold.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--prompt", "news", "--prompt", "nope"], "nope: no such prompt pack"),
        (["--prompt", "news", "--prompt", "judge"], "judge: the pack is for --backend judge, not for model"),
        (
            ["--backend", "cascade", "--backend", "judge", "--prompt", "cascade"],
            "cascade: the pack is for --backend model, not for judge",
        ),
        (["--prompt", "news", "--prompt", "mine"], "mine: trust.json: “one”: keep has to be a number from 0 to 1"),
    ],
)
def test_every_pack_is_looked_at_before_anything_is_sent(
    shell: Shell, gold: Path, endpoint: Loopback, arguments: list[str], expected: str
) -> None:
    shutil.copytree(PACKS / "news", shell.folder / "mine")
    shell.write("mine/trust.json", json.dumps({"one": {"keep": 2}}))
    done = shell.run("eval", "gold.jsonl", "--model", "one", "--base-url", endpoint.url, "--save", "runs", *arguments)
    assert (done.code, done.out, endpoint.bodies) == (2, b"", [])
    (told,) = done.lines
    assert told.startswith(f"quotes: {expected}")
    assert not (shell.folder / "runs").exists()


def test_a_missing_gold_file_is_told(shell: Shell) -> None:
    done = shell.run("eval", "gone.jsonl", "out.jsonl")
    assert done.code == 1
    assert done.lines == ["quotes: gone.jsonl: no such file (check the path)"]
