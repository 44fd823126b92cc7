"""How the examples of a page are tested: every command ends as the page says, and prints what it shows."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import Page
from tests.docs.walkthrough import as_shown, to_take, walking


def check(page: Page, folder: Path, python: str) -> None:
    """Type all of *page* in *folder*, and fail at the first command that does something else than it says."""
    with walking(folder, python) as walk:
        for block in to_take(page):
            expected = int(block.directions.get("exit", 0))
            done = list(walk.take(block))
            for number, (command, outcome) in enumerate(done, 1):
                told = f"{page.name}:{block.line}: {command.text.strip()}\n{outcome.out}"
                code = expected if number == len(done) else 0
                assert outcome.code == code, f"exit code {outcome.code} instead of {code}\n{told}"
                assert command.shown is None or as_shown(command.shown, outcome.out), f"it prints else\n{told}"
