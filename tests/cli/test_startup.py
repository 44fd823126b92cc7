"""Starting up: help costs next to nothing, and no command line shows a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.processes import Shell

_HEAVY = {"openai", "httpx2", "jsonschema", "jinja2", "tenacity", "sqlite3", "asyncio", "quotes.run", "quotes.text"}


@pytest.mark.parametrize("arguments", [["--help"], ["extract", "--help"], ["batch", "export", "--help"], ["--version"]])
def test_help_imports_nothing_that_a_run_needs(shell: Shell, arguments: list[str]) -> None:
    program = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print(sorted({_HEAVY!r} & sys.modules.keys()), file=sys.stderr))\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=shell.folder, env=shell.environment, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


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
