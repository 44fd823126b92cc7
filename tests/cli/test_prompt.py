"""`quotes prompt` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quotes.cli.app import app
from quotes.errors import PackError, QuotesError
from quotes.prompting import load_pack
from tests.cli.loopback import Loopback
from tests.cli.processes import Shell

run = CliRunner().invoke
_ARTICLE = (
    "“We tried,” Mayor Ida Krell said. “Nobody came.”\n\nTomas Weil told the Courier that he had “no objection”.\n"
)


@pytest.fixture
def article(tmp_path: Path) -> str:
    path = tmp_path / "article.txt"
    path.write_text(_ARTICLE, encoding="utf-8")
    return str(path)


def test_the_shipped_packs_are_listed_with_what_they_are_for() -> None:
    listed = json.loads(run(app, ["prompt", "list", "--json"]).stdout)
    assert [row["name"] for row in listed] == ["news", "judge", "cascade"]
    for row in listed:
        assert row["id"] == load_pack(row["name"]).id
        assert (Path(row["path"]) / "system.md").is_file()
        assert all(row[name] for name in ("description", "task", "version"))
    shown = run(app, ["prompt", "list"]).stdout
    assert all(row["id"] in shown and row["path"] in shown for row in listed)


def test_what_is_shown_raw_is_what_is_sent(shell: Shell, endpoint: Loopback, article: str) -> None:
    options = ["--base-url", endpoint.url, "--model", "m", "--chunk-tokens", "50"]
    assert shell.run("extract", article, "--cache-mode", "off", *options).code == 0
    shown = [
        json.loads(line)
        for line in run(app, ["prompt", "show", "--article", article, "--raw", *options]).stdout.splitlines()
    ]
    assert all(body in endpoint.bodies for body in shown)
    assert shown


def test_an_article_is_shown_part_by_part_with_its_tokens(article: str) -> None:
    shown = run(app, ["prompt", "show", "news", "--article", article]).stdout
    for part in ("article: 1 request; news@", "── system, about 931 tokens", "── user, about ", "── schema, about "):
        assert part in shown
    assert "⟦1:We tried,⟧ Mayor Ida Krell said." in shown
    assert shown.count("── example, the answer") == 1


def test_one_chunk_of_several_can_be_shown(article: str) -> None:
    many = ["prompt", "show", "--article", article, "--chunk-tokens", "50", "--json"]
    long = Path(article)
    long.write_text(_ARTICLE * 6, encoding="utf-8")
    requests = json.loads(run(app, many).stdout)["requests"]
    assert len(requests) > 1
    assert json.loads(run(app, [*many, "--chunk", "2"]).stdout)["requests"] == [requests[1]]
    outcome = run(app, [*many, "--chunk", "99"])
    assert isinstance(outcome.exception, QuotesError)
    assert "there is no request 99" in str(outcome.exception)


def test_without_an_article_the_files_are_shown() -> None:
    shown = run(app, ["prompt", "show", "judge"]).stdout
    for name in ("pack.toml", "system.md", "user.md", "examples.jsonl", "response.schema.json"):
        assert f"── {name}: " in shown
    assert "You check who said what" in shown


@pytest.mark.parametrize("name", ["news", "judge", "cascade"])
def test_a_new_pack_is_a_copy_that_is_sound_and_says_what_its_files_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "my pack"
    assert run(app, ["prompt", "new", str(folder), "--from", name]).exit_code == 0
    assert load_pack(folder).digest == load_pack(name).digest
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in readme for path in folder.iterdir() if path.name != "README.md")
    assert f"quotes prompt check '{folder}'" in readme
    checked = run(app, ["prompt", "check", str(folder)])
    assert (checked.exit_code, checked.stdout.splitlines()[-1]) == (0, f"{folder}: 0 faults, 0 warnings: sound")


def test_a_new_pack_takes_nothing_elses_place(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    outcome = run(app, ["prompt", "new", str(tmp_path / "mine")])
    assert isinstance(outcome.exception, QuotesError)
    assert "something is there already" in str(outcome.exception)
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_check_tells_every_fault_a_line_and_exits_with_1(tmp_path: Path, article: str) -> None:
    folder = tmp_path / "mine"
    run(app, ["prompt", "new", str(folder)])
    examples = folder / "examples.jsonl"
    examples.write_text(examples.read_text("utf-8").replace('"cue": "wrote"', '"cue": "writes"'), encoding="utf-8")
    (folder / "repair.md").write_text("Again!", encoding="utf-8")
    outcome = run(app, ["prompt", "check", str(folder), "--article", article])
    assert outcome.exit_code == 1
    lines = outcome.stdout.splitlines()
    assert any(
        line.startswith(f"{folder}/examples.jsonl: example 1: the cue 'writes' is not printed") for line in lines
    )
    assert any(line.startswith(f"{folder}/repair.md: problems: is not used") for line in lines)
    figures = json.loads(run(app, ["prompt", "check", str(folder), "--json"]).stdout)
    assert figures["exit_code"] == 1
    assert {one["file"] for one in figures["findings"]} >= {"examples.jsonl", "repair.md"}


def test_a_pack_of_no_use_exits_with_2(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run(app, ["prompt", "new", str(folder)])
    (folder / "response.schema.json").write_text("{", encoding="utf-8")
    (folder / "user.md").write_text("{{", encoding="utf-8")
    outcome = run(app, ["prompt", "check", str(folder)])
    assert outcome.exit_code == 2
    assert outcome.stdout.splitlines()[-1] == f"{folder}: 2 faults, 0 warnings: of no use to a run"


def test_a_run_with_a_broken_pack_points_at_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "my pack"
    run(app, ["prompt", "new", str(folder)])
    (folder / "user.md").write_text("{{", encoding="utf-8")
    with pytest.raises(PackError, match=f"quotes prompt check '{folder}' shows all that is wrong"):
        load_pack(folder)
