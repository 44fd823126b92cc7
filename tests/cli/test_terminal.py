"""Manners on a terminal: width, colour, quiet and verbose, one style of errors, and the hint of the next step."""

from __future__ import annotations

import shlex

import pytest

from quotes.cli.hints import next_step
from tests.cli.loopback import Loopback
from tests.cli.processes import Shell
from tests.cli.terminals import on_terminal

_ARTICLE = (
    'The pier will "stay open" until May, said Ida Krell. "We tried," she said. "Nobody came," Tomas Weil wrote.\n'
)
_COLOUR = "\x1b[3"


@pytest.fixture
def out(shell: Shell) -> str:
    shell.write("my article.txt", _ARTICLE)
    assert shell.run("extract", "my article.txt", "-o", "my out.jsonl").code == 0
    return "my out.jsonl"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_help_names_every_option_whole_at_any_width(shell: Shell, width: int) -> None:
    seen = on_terminal(shell, "extract", "--help", width=width)
    assert seen.code == 0
    for option in ("--max-output-tokens", "--max-tokens-total", "--no-temperature", "--article-timeout", "--verbose"):
        assert option in seen.text
    assert max(map(len, seen.lines)) <= width
    assert "[bold]" not in seen.text


def test_commands_stand_in_the_order_in_which_a_newcomer_meets_them(shell: Shell) -> None:
    text = on_terminal(shell, width=40).text
    names = ["extract", "show", "verify", "speakers", "eval", "doctor", "prompt", "cache", "batch"]
    places = [text.index(f"\n  {name}") for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_cut_nothing_off_at_any_width(shell: Shell, out: str, width: int) -> None:
    shown = on_terminal(shell, "show", out, width=width)
    counted = on_terminal(shell, "speakers", out, width=width)
    for seen in (shown, counted):
        assert "Ida Krell" in seen.text
        assert "…" not in seen.text.replace(" … ", "")
    assert "confidence" in shown.text
    assert "share" in counted.text


def test_colours_are_for_terminals_that_want_them(shell: Shell, out: str) -> None:
    assert _COLOUR in on_terminal(shell, "show", out).raw
    assert _COLOUR not in on_terminal(shell, "show", out, NO_COLOR="1").raw
    del shell.environment["NO_COLOR"]
    assert "\x1b" not in on_terminal(shell, "show", out, TERM="dumb").raw
    assert b"\x1b" not in shell.run("show", out).out
    shell.environment["TERM"] = "xterm-256color"
    shell.environment["FORCE_COLOR"] = "1"
    assert _COLOUR.encode() in shell.run("show", out).out


def test_a_dumb_terminal_gets_no_live_line(shell: Shell) -> None:
    shell.write("a.txt", _ARTICLE)
    seen = on_terminal(shell, "extract", "a.txt", "-o", "out.jsonl", TERM="dumb")
    assert "\x1b" not in seen.raw
    assert seen.lines[-2:] == [
        "quotes: 1 article, 3 quotes",
        "next: quotes show out.jsonl   or   quotes report out.jsonl -o report.html",
    ]


def test_the_next_step_is_said_on_a_terminal_alone_and_not_to_the_quiet(shell: Shell, out: str) -> None:
    seen = on_terminal(shell, "show", out)
    assert seen.lines[-1] == "next: quotes report 'my out.jsonl' -o report.html"
    assert "next:" not in on_terminal(shell, "show", out, "--quiet").text
    assert shell.run("show", out).err == ""


def test_verbose_tells_of_the_run_and_of_every_article_and_of_no_text(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(2)
    options = ("--base-url", endpoint.url, "--model", "m", "--schema", "static")
    first = shell.run("extract", "in.jsonl", "-v", *options)
    assert first.lines[1].startswith("quotes: run of quotes ")
    assert "backend model, model m, endpoint local, prompt news@" in first.lines[1]
    assert "schema static, structured strict, 8 requests at a time" in first.lines[1]
    told = [line for line in first.lines if line.startswith("quotes: a0: ")]
    assert len(told) == 1
    assert ", 1 request, " in told[0]
    again = shell.run("extract", "in.jsonl", "--verbose", *options)
    told = [line for line in again.lines if line.startswith("quotes: a1: ")]
    assert ", 1 from the cache, " in told[0]
    assert "tide" not in first.err + again.err
    assert again.lines[-1].startswith("quotes: extract took ")


def test_quiet_commands_say_nothing_that_is_no_error(shell: Shell, out: str) -> None:
    for arguments in (("speakers", out), ("verify", out), ("prompt", "new", "mine"), ("show", out)):
        assert shell.run(*arguments, "--quiet").err == ""
    assert shell.run("speakers", out).err != ""


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("cache inof", "no such command inof (did you mean info? see quotes cache --help)"),
        ("extrakt x.txt", "no such command extrakt (did you mean extract? see quotes --help)"),
        ("extract --qiet", "no such option --qiet (did you mean --quiet? see quotes extract --help)"),
        ("extract --zzz", "no such option --zzz (see quotes extract --help)"),
        (
            "extract --backend rulse x.txt",
            "--backend: rulse is none of rules, model, judge, cascade (did you mean rules? see quotes extract --help)",
        ),
        ("speakers x --by typ", "--by: typ is none of speaker, kind, type, article (did you mean type? see quotes "),
        ("cache show", "KEY: the argument is missing (see quotes cache show --help)"),
        ("extract --limit 0 x.txt", "--limit: the least is 1 (see quotes extract --help)"),
        ("extract --limit ten x.txt", "--limit: it has to be a whole number (see quotes extract --help)"),
        ("extract --model", "--model: the value is missing (see quotes extract --help)"),
        ("extract --quiet=3 x.txt", "--quiet: it takes no value (see quotes extract --help)"),
        ("show a b c", "too many arguments: c (see quotes show --help)"),
        ("show -q -v x", "--quiet and --verbose contradict each other (leave one out)"),
    ],
)
def test_wrong_usage_is_one_line_as_every_error(
    line: str, error: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from quotes.cli import main

    monkeypatch.setattr("sys.argv", ["quotes", *shlex.split(line)])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"quotes: {error}")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "values", "code", "step"),
    [
        ("extract", {"inputs": ["a b.txt"]}, 0, "quotes extract 'a b.txt' -o quotes.jsonl keeps the records"),
        ("extract", {"inputs": ["a.txt"], "output": "out.html"}, 0, "open out.html in a browser"),
        (
            "extract",
            {"inputs": ["a.txt"], "output": "out.jsonl"},
            1,
            "quotes show out.jsonl lists what is partial or failed; the same command with --overwrite asks again",
        ),
        ("extract", {"inputs": ["a.txt"], "output": "out.jsonl"}, 4, None),
        ("extract", {"inputs": ["a.txt"], "dry_run": True}, 0, "the same command without --dry-run does it"),
        ("eval", {"gold": "g.jsonl", "predictions": ["p q.jsonl"]}, 0, "quotes eval g.jsonl 'p q.jsonl' --errors e"),
        ("speakers", {"outs": ["o.jsonl"]}, 0, "quotes speakers o.jsonl --suggest-aliases -o aliases.toml"),
        ("cache verify", {"path": None}, 1, "quotes cache prune --damaged"),
        ("prompt new", {"folder": "my pack"}, 0, "quotes prompt check 'my pack'"),
        ("prompt check", {"folder": "mine"}, 1, None),
        ("schema", {}, 0, None),
    ],
)
def test_the_next_step_fits_what_was_done(name: str, values: dict[str, object], code: int, step: str | None) -> None:
    found = next_step(name, values, code)
    assert found == step if step is None else (found or "").startswith(step)
