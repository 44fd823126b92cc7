"""The examples of README, tutorial, reference and explanation, each page in a session of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.examples import check
from tests.docs.pages import DOCS, Page, pages
from tests.docs.walkthrough import as_shown, to_take

HOW_TO = DOCS / "how-to"
HERE = [page for page in pages() if page.path.parent != HOW_TO and to_take(page)]
MOST_LEFT_OUT = 21


@pytest.mark.parametrize("page", HERE, ids=lambda page: page.name)
def test_every_command_does_what_the_page_says(page: Page, tmp_path: Path, python: str) -> None:
    check(page, tmp_path, python)


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    reasons = [
        (f"{page.name}:{block.line}", block.directions["not run"])
        for page in pages()
        for block in page.blocks
        if "not run" in block.directions
    ]
    assert all(len(reason.split()) >= 3 for _, reason in reasons), reasons
    assert len(reasons) <= MOST_LEFT_OUT, reasons


def test_what_is_to_be_installed_is_this_checkout() -> None:
    # A package registry's project of that name is another one.
    notebook = (DOCS / "notebook.ipynb").read_text(encoding="utf-8")
    written = [
        (page.name, block.text) for page in pages() for block in page.blocks if block.language in ("sh", "console")
    ]
    by_name = [
        name for name, text in [*written, ("notebook", notebook)] if re.search(r"pip install\b.*\bquotes\b", text)
    ]
    assert by_name == []


def test_no_command_stands_in_a_block_that_is_taken_for_something_else() -> None:
    loose = [
        f"{page.name}:{block.line}"
        for page in pages()
        for block in page.blocks
        if block.language not in ("sh", "console", "python")
        and re.search(r"^(\$ )?quotes \w", block.text, re.M)
        and page.path.parent.name != "reference"
    ]
    assert loose == []


def test_output_is_compared_line_by_line_but_for_what_is_left_out() -> None:
    assert as_shown("one\ntwo\n", "one  \ntwo\n")
    assert as_shown("one\n…\nfour\n", "one\ntwo\nthree\nfour\n")
    assert not as_shown("one\n…\n", "two\none\n")
    assert not as_shown("one\n", "one\ntwo\n")
