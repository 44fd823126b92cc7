"""One article of a page: its header, its text with the quotes marked, and beside it the panel of its quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from quotes.formats import StoredRecord
from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line
from quotes.record import shortened
from quotes.report.cards import cards_html, left_html, speakers_html
from quotes.report.escaping import attributes, escaped_line, web_address
from quotes.report.marking import text_html
from quotes.report.people import NOBODY, slots_of, speaker_key
from quotes.text.language import guess_language

_TITLES: Final = ("title", "headline")
_LANGUAGES: Final = ("lang", "language")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_ENGLISH: Final = re.compile(r"\b(?:the|and|of|to|in)\b")

_NO_TEXT: Final = (
    '<p class="note">This record is without the article’s text; its quotes are in the list. '
    "With <code>--input</code> the report is given the originals.</p>\n"
)
_NO_QUOTES: Final = '<p class="note">No quotes were found.</p>\n'


def article_html(record: StoredRecord, text: str | None, number: int, slots: Sequence[int] | None = None) -> str:
    """The article of *record* as one ``article`` element, *number* of its page; *text* is ``None`` where it is missing.

    What does not fit the text, as a damaged record may say, is in the list and not marked. *slots* are the colours of
    the quotes, by default as :func:`slots_of` gives them.
    """
    value = record.value
    slots = slots_of(value["quotes"]) if slots is None else slots
    lang = _language(value, text)
    named = {"class": "article", "id": f"a-{number}", "data-n": number, "data-id": value["id"]}
    start = attributes(named | {"data-status": value["status"], "aria-labelledby": f"h-{number}"})
    if text is None:
        body = f'<div class="text none">\n{_NO_TEXT}</div>\n'
    else:
        marked = "".join(text_html(text, value, slots, number))
        body = f'<div class="text"{attributes({"lang": lang or None})}>\n{marked}</div>\n'
    cards = "".join(cards_html(value, slots, number, lang)) if value["quotes"] else _NO_QUOTES
    return (
        f"<article{start}>\n{_header(value, number)}{speakers_html(value)}"
        f'<div class="columns">\n{body}'
        f'<section class="panel" aria-label="Quotes of {escaped_line(title_of(value))}">\n'
        f"{cards}{left_html(value, text, number)}</section>\n</div>\n</article>\n"
    )


def title_of(value: Mapping[str, Any]) -> str:
    """What the article of the record *value* is called: the title its metadata gives, or its id."""
    key = _key(value["metadata"], _TITLES)
    return on_one_line(value["id"] if key is None else value["metadata"][key]) or on_one_line(value["id"])


def _header(value: Mapping[str, Any], number: int) -> str:
    title, metadata = title_of(value), value["metadata"]
    named = {speaker_key(quote) for quote in value["quotes"]} - {NOBODY}
    facts = [] if title == on_one_line(value["id"]) else [f"<bdi>{escaped_line(value['id'])}</bdi>"]
    facts += [counted(len(value["quotes"]), "quote"), counted(len(named), "speaker")]
    if value["status"] != "complete":
        facts.append(f'<strong class="status">{escaped_line(value["status"])}</strong>')
    facts.append(escaped_line(value["model"] or "by the rules"))
    shown = "".join(f"<li>{fact}</li>" for fact in facts)
    titled = _key(metadata, _TITLES)
    entries = "".join(_entry(name, each) for name, each in metadata.items() if name != titled)
    meta = f'<dl class="meta">\n{entries}</dl>\n' if entries else ""
    heading = f'<h2 id="h-{number}" dir="auto"><a href="#a-{number}">{escaped_line(title)}</a></h2>'
    return f'<header>\n{heading}\n<ul class="facts">{shown}</ul>\n{meta}</header>\n'


def _entry(name: str, value: Any) -> str:
    """One piece of metadata; an address of the web is a link."""
    if value is None or value == "":
        return ""
    address = web_address(value) if isinstance(value, str) else None
    plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
    shown = escaped_line(shortened(", ".join(value) if plain else value))
    if address is not None:
        shown = f'<a{attributes({"href": address})} rel="noreferrer noopener">{shown}</a>'
    return f"<div><dt>{escaped_line(shortened(name))}</dt> <dd><bdi>{shown}</bdi></dd></div>\n"


def _key(metadata: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first key of *metadata* that is one of *names*, in whatever case, and has words for its value."""
    fitting = (key for key in metadata if key.lower() in names)
    return next((key for key in fitting if isinstance(metadata[key], str) and metadata[key].strip()), None)


def _language(value: Mapping[str, Any], text: str | None) -> str:
    """The language of the article as a tag: what its metadata say, else as guessed; empty where nothing tells."""
    key = _key(value["metadata"], _LANGUAGES)
    if key is not None and _TAG.fullmatch(value["metadata"][key]):
        return str(value["metadata"][key])
    read = text if text is not None else " ".join(quote["text"] for quote in value["quotes"])
    guess = guess_language(read)
    # English is what is guessed where nothing stands out too.
    return guess if guess != "en" or len(set(_ENGLISH.findall(read))) > 1 else ""
