"""Help: what is printed is what was written, in boxes and without, square brackets included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from quotes.cli.app import app

_EXTRA = re.compile(r"quotes\\?\[(\w+)\]")


def _commands(command: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield names, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, *names, name)


COMMANDS = list(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("width", ["60", "100"])
def test_each_extra_that_a_help_names_is_printed(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("TERMINAL_WIDTH", width)
    named = set()
    for names, command in COMMANDS:
        texts = [command.help, command.epilog, *(getattr(one, "help", None) for one in command.params)]
        extras = {extra for text in texts for extra in _EXTRA.findall(text or "")}
        done = CliRunner().invoke(app, [*names, "--help"])
        assert done.exit_code == 0
        for extra in extras:
            assert f"quotes[{extra}]" in done.output, names
        named |= extras
        assert 'install "quotes"' not in done.output, names
    assert {"parquet", "review", "local"} <= named
