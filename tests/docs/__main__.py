"""Writes what commands print into the pages that show it: ``python -m tests.docs [PAGE…]``.

Output with a line ``…`` is left as it is, since somebody chose what to show.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.pages import ROOT, Page, pages, read
from tests.docs.walkthrough import as_shown, to_take, walking, warm_python


def refresh(page: Page, python: str) -> str:
    """The text of *page* with the output that its commands print today."""
    lines = page.text.splitlines()
    shift = 0
    with tempfile.TemporaryDirectory() as folder, walking(Path(folder), python) as walk:
        for block in to_take(page):
            written: list[str] = []
            for command, outcome in walk.take(block):
                if outcome.code != int(block.directions.get("exit", 0)):
                    print(f"{page.name}:{block.line}: exit code {outcome.code}: {command.text}\n{outcome.out}")
                elided = "…" in (command.shown or "").splitlines()
                keep = elided or as_shown(command.shown or "", outcome.out)
                shown = (command.shown or "") if keep else outcome.out
                written += [f"$ {command.text}", *(line.rstrip() for line in shown.rstrip("\n").splitlines())]
                if elided and not as_shown(command.shown or "", outcome.out):
                    print(f"{page.name}:{block.line}: see to it by hand: {command.text}\n{outcome.out}")
            if block.language == "console":
                at = block.line - 1 + shift
                height = block.text.count("\n")
                indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
                lines[at : at + height] = [f"{indent}{line}".rstrip() for line in "\n".join(written).splitlines()]
                shift += len("\n".join(written).splitlines()) - height
    return "\n".join(lines) + "\n"


def main() -> None:
    """Refresh the pages named, or all."""
    wanted = [read((ROOT / name).resolve()) for name in sys.argv[1:]] or pages()
    with warm_python() as python:
        for page in wanted:
            if to_take(page):
                page.path.write_text(refresh(page, python), encoding="utf-8")


if __name__ == "__main__":
    main()
