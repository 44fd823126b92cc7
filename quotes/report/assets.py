"""Assets: the style sheets and scripts of a page, which ship as files beside this module and go into pages as text."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

STYLES: Final = ("page.css", "head.css", "article.css", "panel.css", "plots.css", "print.css")
"""Style sheets of a report, in the order of their cascade."""

EARLY: Final = ("theme.js",)
"""Scripts that run before the body is there, so that a page does not flash."""

SCRIPTS: Final = ("address.js", "article.js", "copying.js", "filters.js", "keys.js")
"""Scripts of a report, in the order in which they build on each other."""


@cache
def asset(name: str) -> str:
    """The text of the file *name* in ``quotes/report/assets``."""
    return resources.files("quotes.report").joinpath("assets", name).read_text(encoding="utf-8")
