"""What stands beside an article's text: its speakers, a card for each quote, and what was left out with the reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line
from quotes.report.escaping import attributes, escaped, escaped_line, fragment
from quotes.report.people import NOBODY, people_of, slots_of, speaker_key

UNNAMED: Final = "Not named"

_SHOWN: Final = 400
"""Characters of a left-out quotation or item that are shown: whole articles can be rejected."""

_SKIPPED: Final = {
    "scare": "words at a distance, not anybody’s quote",
    "title": "a title",
    "term": "a word spoken of",
    "other": "not a quote",
}

_FINDERS: Final = {"person": "a person"}
"""Who has found a quote, where that is not said as the record has it."""


def speakers_html(record: Mapping[str, Any]) -> str:
    """The speakers of *record* (the JSON form) with their counts; each leads to the view of its quotes alone."""
    slots = {speaker_key(quote): slot for quote, slot in zip(record["quotes"], slots_of(record["quotes"]), strict=True)}
    entries = []
    for person in people_of(record["quotes"]):
        name = f"<bdi>{escaped_line(person.name)}</bdi>" if person.key != NOBODY else UNNAMED
        counts = f"{counted(person.quotes, 'quote')}, {counted(person.words, 'word')}"
        link = attributes({"href": fragment("speaker", person.key), "data-speaker": person.key})
        entries.append(
            f'<li><a class="speaker sp-{slots[person.key]}"{link}><i class="swatch"></i>'
            f'<span class="name">{name}</span> <span class="count">{counts}</span></a></li>\n'
        )
    return f'<ul class="speakers">\n{"".join(entries)}</ul>\n' if entries else ""


def cards_html(record: Mapping[str, Any], slots: Sequence[int], number: int, lang: str) -> Iterator[str]:
    """The quotes of *record* (the JSON form), numbered from 1, as cards; article *number* of its page."""
    yield '<ol class="quotes">\n'
    for place, (quote, slot) in enumerate(zip(record["quotes"], slots, strict=True), start=1):
        by = " ".join(quote["by"])
        data = {
            "data-quote": place,
            "data-slot": slot,
            "data-speaker": speaker_key(quote),
            "data-type": quote["type"],
            "data-kind": quote["speaker_kind"],
            "data-confidence": quote["confidence"],
            "data-by": by,
        }
        yield (
            f'<li class="quote sp-{slot}" id="q-{number}-{place}"{attributes(data)} tabindex="-1">\n'
            f'<a class="number" href="#t-{number}-{place}" aria-label="Quote {place} in the text">{place}</a>\n'
            f'<blockquote class="words" dir="auto"{attributes({"lang": lang or None})}>'
            f"{escaped_line(quote['text'])}</blockquote>\n"
            f'<p class="who">{_who(quote)}</p>\n'
            f'<p class="tags">{_tags(quote)}</p>\n'
            "</li>\n"
        )
    yield "</ol>\n"


def _tags(quote: Mapping[str, Any]) -> str:
    tags = [f"<span>{escaped(quote['type'])}</span>", f"<span>{escaped(quote['speaker_kind'])}</span>"]
    sure = escaped(quote["confidence"])
    tags.append(f'<span class="confidence {sure}">{sure} confidence</span>')
    if quote["by"]:
        tags.append(f"<span>by {escaped(' and '.join(_FINDERS.get(by, by) for by in quote['by']))}</span>")
    return " ".join(tags)


def _who(quote: Mapping[str, Any]) -> str:
    mention, name = on_one_line(quote["speaker_text"]), on_one_line(quote["speaker_name"] or "")
    printed = f"<bdi>{escaped(mention)}</bdi>"
    if name:
        who = f'<bdi class="name">{escaped(name)}</bdi>'
        return who if name == mention or not mention else f'{who} <span class="printed">here “{printed}”</span>'
    if mention:
        return f'<bdi class="name">{escaped(mention)}</bdi> <span class="printed">not named</span>'
    return '<span class="name nobody">No speaker printed</span>'


# ------------------------------------------------------------ what was left out


def left_html(record: Mapping[str, Any], text: str | None, number: int) -> str:
    """What *record* holds beside its quotes: errors, unresolved, skipped and rejected, each with its reason."""
    groups = [
        ("Errors", [(f"Chunk {item['chunk']}", f"{item['kind']}: {item['message']}") for item in record["errors"]]),
        ("Unresolved", [(_words(item["span"], text), item["reason"]) for item in record["unresolved"]]),
        ("Skipped", [(_words(item["span"], text), _SKIPPED[item["as"]]) for item in record["skipped"]]),
        ("Rejected", [(_item(item["item"]), item["reason"]) for item in record["rejected"]]),
    ]
    if not any(entries for _, entries in groups):
        return ""
    told = " · ".join(
        counted(len(entries), "error") if name == "Errors" else f"{len(entries):,} {name.lower()}"
        for name, entries in groups
        if entries
    )
    lists = "".join(_group(name, entries, number) for name, entries in groups if entries)
    return f'<details class="rest">\n<summary>Left out: {told}</summary>\n{lists}</details>\n'


def _group(name: str, entries: Sequence[tuple[str, str]], number: int) -> str:
    letter = name[0].lower()
    marked = letter in "su"
    items = "".join(
        f'<li class="left" id="{letter}-{number}-{place}"'
        f'{attributes({"data-r": f"{letter}{place}" if marked else None})} tabindex="-1">'
        f'<bdi class="words">{escaped_line(words)}</bdi> <span class="reason">{escaped_line(reason)}</span></li>\n'
        for place, (words, reason) in enumerate(entries, start=1)
    )
    return f"<h3>{name}</h3>\n<ul>\n{items}</ul>\n"


def _words(span: Sequence[int], text: str | None) -> str:
    start, end = span
    if text is None or not 0 <= start < end <= len(text):
        return f"Characters {start:,} to {end:,}"
    return _cut(text[start:end])


def _item(item: Any) -> str:
    return _cut(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 2]} …"
