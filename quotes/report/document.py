"""A report as one page: head, controls, articles, and the styles and scripts that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from quotes.formats import StoredRecord
from quotes.report.article import article_html
from quotes.report.assets import EARLY, SCRIPTS, STYLES, asset
from quotes.report.controls import controls_html, dialogs_html
from quotes.report.head import head_html, ways_html
from quotes.report.page import page

Item: TypeAlias = tuple[StoredRecord, str | None]
"""A record with its article's text, ``None`` where that is missing."""


def report_page(items: Sequence[Item], *, title: str, first: int = 1, ways: Mapping[str, str] | None = None) -> str:
    """The report of *items* as one whole page; the articles are numbered from *first* on.

    *ways* are words with the relative addresses they lead to: the index this page belongs to, the pages beside it.
    The same items give the same bytes.
    """
    body = report_body(items, title=title, first=first, ways=ways)
    return page(title, body, styles=map(asset, STYLES), scripts=map(asset, SCRIPTS), early=map(asset, EARLY))


def report_body(items: Sequence[Item], *, title: str, first: int = 1, ways: Mapping[str, str] | None = None) -> str:
    """What stands in the body of :func:`report_page`."""
    values = [record.value for record, _ in items]
    articles = "".join(article_html(record, text, number) for number, (record, text) in enumerate(items, start=first))
    return (
        '<a class="skip" href="#articles">Skip to the articles</a>\n'
        f"{head_html(values, title, first, ways or {})}{controls_html(values)}"
        '<main id="articles" tabindex="-1">\n'
        '<p class="none-left" id="none-left" hidden>No quote fits these filters.</p>\n'
        f"{articles}{ways_html(ways or {}, 'More pages')}</main>\n{dialogs_html()}"
    )
