"""Items of a report, made of who says how many words, without a run."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from quotes.formats.records import StoredRecord
from quotes.record import from_json
from quotes.report.document import Item
from tests.speakers.records import Said, record

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\"'&\u202e`"


def item(name: str, *said: Said, title: str | None = None, with_text: bool = True, **changes: Any) -> Item:
    """The record of an article *name*, with *changes* to its JSON, as a report takes it."""
    value = record(name, *said, unresolved=changes.pop("unresolved", 0), with_text=with_text) | changes
    if title is not None:
        value["metadata"] = value["metadata"] | {"title": title}
    return StoredRecord(from_json(value), value, name), value.get("text")


def items(count: int) -> list[Item]:
    """*count* articles with a quote each."""
    return [item(f"a{number}", (f"Mara Ruiz {number % 7}", 4)) for number in range(count)]


class Elements(HTMLParser):
    """The start tags of a page with their attributes, and its text."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element *tag*."""
        return [attributes for name, attributes in self.found if name == tag]


def articles_of(page: Path) -> list[tuple[int, str]]:
    """Number and id of each article on *page*."""
    found = Elements(page.read_text(encoding="utf-8")).all("article")
    return [(int(one["data-n"] or ""), one["data-id"] or "") for one in found]


def rows_of(shard: Path) -> list[list[Any]]:
    """The rows of a file that the index searches."""
    called = shard.read_text(encoding="utf-8")
    rows: list[list[Any]] = json.loads("[" + called.split("[", 1)[1].removesuffix(");\n"))
    return rows
