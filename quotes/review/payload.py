"""What the page is sent of an article and of the list, as JSON; texts travel as data and as escaped HTML only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quotes.formats import StoredRecord
from quotes.model import Spans
from quotes.record import to_json
from quotes.report.article import article_html
from quotes.report.people import slots_of
from quotes.review.desk import RANKS, Desk, Entry, Opened
from quotes.review.folding import Item, Reviewed
from quotes.review.form import target_to_json
from quotes.text import Reading, classify

PAGE: Final = 100
"""Entries of the list that are sent at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the list: articles whose title or id holds *words*, only those *open*, from the place *start*."""

    words: str = ""
    open: bool = False
    start: int = 0


def article_payload(opened: Opened, record: StoredRecord, desk: Desk) -> dict[str, Any]:
    """The article as it stands: its HTML, the state of its quotes in the order of the cards, and all progress."""
    reviewed, reading = opened.reviewed, opened.reading
    value = to_json(reviewed.shown(reading.quotations))
    slots = _slots(record, value, desk.names_said(reviewed.article))
    html = article_html(StoredRecord(reviewed.found, value, record.where), reading.text, opened.entry.number, slots)
    return _standing(opened, desk) | {
        "html": html,
        "text": reading.text,
        "names": [
            {"span": list(name.full), "name": name.name, "kind": name.kind, "mentions": _pairs(name.mentions)}
            for name in reading.roster
        ],
        "items": [_item(item, reading) for item in reviewed.items],
        "unresolved": [list(one.span) for one in reviewed.unresolved],
        "skipped": [{"span": list(one.span), "as": one.reason} for one in reviewed.skipped],
    }


def changes_payload(before: Reviewed, opened: Opened, desk: Desk) -> dict[str, Any]:
    """What of the article is other than *before*, which looked like it: its standing, and the quotes concerned.

    A hundredth of :func:`article_payload` where the article is long, to make, to send and to show.
    """
    now = opened.reviewed.items
    changed = (place for place, item in enumerate(now) if item != before.items[place])
    items = {str(place): _item(now[place], opened.reading) for place in changed}
    return _standing(opened, desk) | {"changed": items}


def _standing(opened: Opened, desk: Desk) -> dict[str, Any]:
    reviewed = opened.reviewed
    return {
        "article": entry_payload(opened.entry),
        "revision": reviewed.decided.revision,
        "undoable": reviewed.decided.undoable,
        "redoable": reviewed.decided.redoable,
        "passed": _pairs(reviewed.passed),
        "next": desk.after(opened.entry.number),
        "progress": progress_payload(desk),
    }


def _slots(record: StoredRecord, value: Mapping[str, Any], said: Iterable[str]) -> list[int]:
    """The colours of the quotes of *value*: of each speaker the same whatever is decided on the others.

    First come the speakers that the run has in *record*, then those that somebody has *said*.
    """
    known = [*record.value["quotes"], *({"speaker_name": name} for name in said)]
    return slots_of([*known, *value["quotes"]])[len(known) :]


def entry_payload(entry: Entry) -> dict[str, Any]:
    """One line of the list."""
    progress = entry.progress
    return {
        "number": entry.number,
        "id": entry.id,
        "title": entry.title,
        "rank": entry.rank,
        "quotes": progress.quotes,
        "open": progress.open,
        "done": progress.done,
        "reviewed": progress.reviewed,
    }


def list_payload(desk: Desk, wanted: Wanted) -> dict[str, Any]:
    """A part of the list, with how many entries there are in all that fit."""
    words = wanted.words.casefold()
    fitting = [
        entry
        for entry in desk.entries
        if (entry.progress.open or not wanted.open) and words in f"{entry.title}\n{entry.id}".casefold()
    ]
    part = fitting[wanted.start : wanted.start + PAGE]
    return {
        "count": len(fitting),
        "start": wanted.start,
        "articles": [entry_payload(entry) for entry in part],
        "progress": progress_payload(desk),
    }


def progress_payload(desk: Desk) -> dict[str, int]:
    """How far the review is, in quotes and in articles."""
    entries = list(desk.entries)
    quotes = sum(entry.progress.quotes for entry in entries)
    still = sum(entry.progress.open for entry in entries)
    return {
        "quotes": quotes,
        "decided": quotes - still,
        "articles": len(entries),
        "reviewed": sum(entry.progress.reviewed for entry in entries),
    }


def _item(item: Item, reading: Reading) -> dict[str, Any]:
    choice = item.choice
    marked = classify(reading.text, choice.content, reading.quotations)
    return {
        **target_to_json(item.target),
        "verdict": item.verdict,
        "origin": "added" if item.added else "kept" if item.kept else "run",
        "changed": item.changed,
        "was": list(_differences(item)),
        "note": item.note,
        "content": _pairs(choice.content),
        "cue": _pairs(choice.cue),
        "mention": _pairs(choice.mention),
        "name": None if choice.name_span is None else choice.name_span.of(reading.text),
        "name_span": None if choice.name_span is None else list(choice.name_span),
        "kind": choice.kind,
        "type": choice.type,
        "marked": marked,
        "rank": RANKS[item.found.confidence] if item.found else None,
    }


def _differences(item: Item) -> Iterator[str]:
    """What a person has changed, as words: the parts that are no longer what the run had."""
    if item.found is None:
        return
    found, choice = item.found, item.choice
    if found.content != choice.content:
        yield "words"
    if found.cue != choice.cue:
        yield "cue"
    if (found.speaker.mention, found.speaker.name_span) != (choice.mention, choice.name_span):
        yield "speaker"
    if found.speaker.kind != choice.kind:
        yield "kind"
    if choice.type is not None:
        yield "type"


def _pairs(spans: Spans) -> Sequence[Sequence[int]]:
    return [list(span) for span in spans]
