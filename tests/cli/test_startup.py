"""Starting up: help costs next to nothing, and no command line shows a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence, Set
from pathlib import Path

import pytest
import typer

from quotes.cli.app import application
from tests.cli.processes import Shell

_ROOT = Path(__file__).parents[2]
_ELSEWHERE = {
    "anyio",
    "httpx2",
    "jsonschema",
    "multiprocessing",
    "numpy",
    "openai",
    "pandas",
    "platformdirs",
    "psycopg",
    "pyarrow",
    "pydantic",
    "ray",
    "referencing",
    "rich",
    "rpds",
    "tenacity",
    "trafilatura",
}
"""What an article by the rules, or a replay of one, has no use for: each takes a tenth of a start or more."""
_OF_OTHER_FILES = {"email", "gzip", "html", "quotes.formats.reading.pages", "quotes.formats.reading.parquet", "zipfile"}
_OF_MODELS = {"jinja2", "sqlite3"}
_OF_RUNS = {"asyncio", "quotes.run", "quotes.text"}


def _imported(shell: Shell, arguments: Sequence[str], unwanted: Set[str]) -> list[str]:
    """Which of *unwanted* have been imported when ``quotes`` with *arguments* ends."""
    program = (
        "import atexit, sys\n"
        f"unwanted = {set(unwanted)!r} - sys.modules.keys()\n"
        "atexit.register(lambda: print(*sorted(unwanted & sys.modules.keys()), file=sys.stderr))\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=shell.folder, env=shell.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.split()


@pytest.mark.parametrize("arguments", [["--help"], ["extract", "--help"], ["batch", "export", "--help"], ["--version"]])
def test_help_imports_nothing_that_a_run_needs(shell: Shell, arguments: list[str]) -> None:
    unwanted = (_ELSEWHERE | _OF_OTHER_FILES | _OF_MODELS | _OF_RUNS) - {"rich", "html"}
    assert _imported(shell, arguments, unwanted) == []


def test_an_article_by_the_rules_imports_nothing_that_others_need(shell: Shell) -> None:
    shell.write("a.txt", "“We tried,” Ida Krell said.")
    unwanted = _ELSEWHERE | _OF_OTHER_FILES | _OF_MODELS
    assert _imported(shell, ["extract", "a.txt", "-o", "out.jsonl", "--quiet"], unwanted) == []


def test_a_replay_imports_nothing_that_others_need(shell: Shell) -> None:
    article, replies = _ROOT / "seeds" / "bakery-otter.txt", _ROOT / "tests" / "fixtures" / "seeds"
    arguments = ["extract", str(article), "--replay", str(replies), "-o", "out.jsonl", "--quiet"]
    assert _imported(shell, arguments, _ELSEWHERE | _OF_OTHER_FILES - {"zipfile"}) == []


def test_only_the_command_that_is_called_is_made() -> None:
    def made(called: str | None = None) -> list[str]:
        return list(typer.main.get_command(application(called)).commands)

    everything = made()
    assert len(everything) > 10
    assert {name: made(name) for name in everything} == {name: [name] for name in everything}
    assert made("nonsense") == made("--help") == everything


def test_a_process_whose_warnings_are_asked_for_says_what_it_left_open(shell: Shell) -> None:
    program = (
        "import gc, sys\n"
        "gc.disable()\n"
        "class Ring:\n"
        "    def __del__(self): print('collected', file=sys.stderr)\n"
        "ring = Ring(); ring.self = ring; del ring\n"
        "import quotes.cli\n"
        "sys.argv[1:] = ['--version']\n"
        "quotes.cli.main()\n"
    )
    said = []
    for warnings in (["-W", "error"], []):
        environment = {name: value for name, value in shell.environment.items() if name != "PYTHONWARNINGS"}
        command = [sys.executable, *warnings, "-c", program]
        said.append(subprocess.run(command, env=environment, capture_output=True, text=True).stderr)
    assert said == ["collected\n", ""]


def test_an_unforeseen_error_is_one_line_too(shell: Shell) -> None:
    program = (
        "import quotes.cli.reporting as reporting\n"
        "def broken(*_, **__): raise ZeroDivisionError('oops')\n"
        "reporting.assemble = broken\n"
        "import sys; sys.argv[1:] = ['extract', 'x.txt']\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=shell.folder, env=shell.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "quotes: internal error: ZeroDivisionError: oops (please report it, with the command)\n"


def test_wrong_usage_is_told_with_code_2(shell: Shell) -> None:
    for arguments in (("extract", "--no-such"), ("nonsense",), ("extract", "--backend", "magic", "x.txt")):
        done = shell.run(*arguments)
        assert done.code == 2
        assert done.out == b""
