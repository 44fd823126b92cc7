"""The examples of the how-to guides, each in a session of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples import check
from tests.docs.pages import DOCS, Page, pages
from tests.docs.walkthrough import to_take

HERE = [page for page in pages() if page.path.parent == DOCS / "how-to" and to_take(page)]


@pytest.mark.parametrize("page", HERE, ids=lambda page: page.name)
def test_every_command_does_what_the_page_says(page: Page, tmp_path: Path, python: str) -> None:
    check(page, tmp_path, python)
