"""RSS and Atom: each entry of a feed is an article, its text that of its content, else of its summary."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

from quotes.errors import InputError
from quotes.formats.reading.markup import text_of_markup
from quotes.formats.reading.trees import local_name, xml_events
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from quotes.formats.reading.source import Found, Source

_ROOTS: Final = frozenset({"rss", "feed", "RDF"})
_OUTER: Final = frozenset({*_ROOTS, "channel"})
_ENTRIES: Final = frozenset({"item", "entry"})
_TEXTS: Final = ("encoded", "content", "description", "summary")
"""Where the text of an entry stands, the fullest first: ``content:encoded`` and ``description`` in RSS, the others
in Atom."""
_DATES: Final = ("published", "pubDate", "date", "issued")
_MEDIA: Final = "http://search.yahoo.com/mrss/"
"""Pictures and films: its ``content`` and ``description`` are not the entry's."""


def read_feed(stream: BinaryIO, source: Source) -> Iterator[Found]:
    """The articles of the feed in *stream*, read an entry at a time; title, link, date and author are metadata.

    An id is that of the entry (``guid``, ``id``), else its link, else its number.

    Raises:
        InputError: it is no feed, or damaged; the entries before that are given.
    """
    open_: list[Element] = []
    title, number = "", 0
    for event, element in xml_events(cast("IO[bytes]", stream), source.where, "feed"):
        name = local_name(element)
        if event == "start":
            if not open_ and name not in _ROOTS:
                what = f"no feed of RSS or Atom: its outermost element is <{name}>"
                raise InputError(what, where=source.where, remedy="other XML: convert it to JSON Lines")
            open_.append(element)
            continue
        open_.pop()
        if name in _ENTRIES and not any(local_name(outer) in _ENTRIES for outer in open_):
            number += 1
            yield _found(element, title, number, source)
        elif name == "title" and open_ and local_name(open_[-1]) in _OUTER:
            title = title or _inner_text(element)
        if open_ and local_name(open_[-1]) in _OUTER:
            # What has been read is let go, so that a long feed takes no more memory than a short one.
            open_[-1].clear()


def _found(entry: Element, feed: str, number: int, source: Source) -> Found:
    where = f"{source.where} entry {number}"
    parts: dict[str, Element] = {}
    for child in entry:
        if not child.tag.startswith(f"{{{_MEDIA}}}"):
            parts.setdefault(local_name(child), child)
    text = next(filter(None, (_inner_text(parts[name]) for name in _TEXTS if name in parts)), "")
    if not text:
        remedy = "feeds often hold only titles: give the pages themselves"
        return InputError("the entry holds no text", where=where, remedy=remedy)
    link = _link(entry)
    given = (parts[name].text for name in ("guid", "id") if name in parts)
    article_id = next((known.strip() for known in (*given, link) if known and known.strip()), "")
    metadata = {
        "title": _inner_text(parts["title"]) if "title" in parts else "",
        "link": link,
        "published": next((_date(parts[name]) for name in _DATES if name in parts), ""),
        "author": _author(parts),
        "feed": feed,
    }
    kept = {name: value for name, value in metadata.items() if value}
    return Article(article_id or f"{source.name}:{number}", text, kept, where)


def _inner_text(element: Element) -> str:
    """The text of *element*: HTML as text or as elements, or plain."""
    if len(element):
        from xml.etree.ElementTree import tostring

        element.tail = None
        return text_of_markup(tostring(element, encoding="unicode", method="xml"))
    words = element.text or ""
    return words.strip() if element.get("type") in ("text", "text/plain") else text_of_markup(words)


def _link(entry: Element) -> str:
    """The address of the entry's page: in Atom the one link that is ``alternate``, or says nothing of itself."""
    for child in entry:
        if local_name(child) == "link" and child.get("rel", "alternate") == "alternate":
            return (child.get("href") or child.text or "").strip()
    return ""


def _author(parts: dict[str, Element]) -> str:
    """The author's name: a child of its own in Atom, ``dc:creator`` or an address in RSS."""
    for name in ("creator", "author"):
        if name in parts:
            inner = next((child for child in parts[name] if local_name(child) == "name"), parts[name])
            if words := " ".join((inner.text or "").split()):
                return words
    return ""


def _date(element: Element) -> str:
    """The date as ISO 8601 where it is one of RSS, else as it stands."""
    words = (element.text or "").strip()
    try:
        return parsedate_to_datetime(words).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return words
