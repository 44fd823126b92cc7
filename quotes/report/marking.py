"""The text of an article with its quotes marked: every character once, in flat spans that say where they begin."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from quotes.report.escaping import escaped
from quotes.stretches import Stretch, stretches
from quotes.text.paragraphs import find_paragraphs

_ROLES: Final = {"content": "content", "cue": "cue", "speaker": "mention", "speaker_name_span": "name"}
_CLASSES: Final = (*_ROLES.values(), "skipped", "unresolved")
_LINE: Final = re.compile(r"(?s).*?\r\n|.+")


class _Mark(NamedTuple):
    """What a span of the text is: *role* is its class, *number* counts quotes or left-out items from 1."""

    role: str
    number: int


_Refs = Mapping[int, Sequence[tuple[int, bool]]]


def text_html(text: str, record: Mapping[str, Any], slots: Sequence[int], number: int) -> Iterator[str]:
    """The paragraphs of *text* with what *record* (the JSON form) found in them; article *number* of its page.

    *slots* are the colours of its quotes. A span's ``data-s`` is the offset of its first character in code points;
    ``data-q`` names the quotes it belongs to, ``data-r`` what was left out there. Line ends and control characters
    are shown as something else, one for one; only after ``\\r\\n``, shown as one line end, a new span begins.
    """
    starts = [0, *(span.start for span in find_paragraphs(text)[1:]), len(text)]
    paragraphs: list[tuple[int, int, _Mark | None]] = [(start, end, None) for start, end in pairwise(starts)]
    marks, refs = _marks(record), _refs(record, len(text))
    begins = frozenset(starts[1:-1])
    yield '<p dir="auto">'
    for stretch in stretches(len(text), [*paragraphs, *marks]):
        if stretch.start in begins:
            yield '</p>\n<p dir="auto">'
        tag = _tag(stretch, slots)
        for line in _LINE.finditer(text, stretch.start, stretch.end):
            yield f'<span class="{tag[0]}" data-s="{line.start()}"{tag[1]}>{escaped(line.group())}</span>'
        for quote, first in refs.get(stretch.end, ()):
            place = f'id="t-{number}-{quote}" aria-label="Quote {quote}"' if first else 'tabindex="-1"'
            yield f'<a class="ref" href="#q-{number}-{quote}" {place}>{quote}</a>'
    yield "</p>\n"


def _marks(record: Mapping[str, Any]) -> list[tuple[int, int, _Mark | None]]:
    found: list[tuple[int, int, _Mark | None]] = []
    for number, quote in enumerate(record["quotes"], start=1):
        for name, role in _ROLES.items():
            spans = quote[name] if name != "speaker_name_span" else [quote[name]] if quote[name] else []
            found += [(start, end, _Mark(role, number)) for start, end in spans]
    for role in ("skipped", "unresolved"):
        for number, item in enumerate(record[role], start=1):
            start, end = item["span"]
            found.append((start, end, _Mark(role, number)))
    return found


def _refs(record: Mapping[str, Any], length: int) -> _Refs:
    """For each offset the quotes of which a piece of content ends there, and whether it is their first."""
    refs: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for number, quote in enumerate(record["quotes"], start=1):
        sound = [end for start, end in quote["content"] if 0 <= start < end <= length]
        for place, end in enumerate(sound):
            refs[end].append((number, place == 0))
    return refs


def _tag(stretch: Stretch[_Mark | None], slots: Sequence[int]) -> tuple[str, str]:
    """The classes of *stretch*, and its other attributes."""
    marks = [mark for mark in stretch.labels if mark is not None]
    if not marks:
        return "s", ""
    roles = {mark.role for mark in marks}
    classes = ["s", *(role for role in _CLASSES if role in roles)]
    # Of what begins together or later the inner one comes last.
    contents = list(dict.fromkeys(slots[mark.number - 1] for mark in marks if mark.role == "content"))
    if contents:
        classes.append(f"sp-{contents[-1]}")
    if len(contents) > 1:
        classes.append(f"in-{contents[-2]}")
    sources = [slots[mark.number - 1] for mark in marks if mark.role in ("cue", "mention", "name")]
    if sources:
        classes.append(f"by-{sources[-1]}")
    numbers = dict.fromkeys(mark.number for mark in marks if mark.role not in ("skipped", "unresolved"))
    left = [f"{mark.role[0]}{mark.number}" for mark in marks if mark.role in ("skipped", "unresolved")]
    attributes = f' data-q="{_joined(numbers)}"' if numbers else ""
    return " ".join(classes), attributes + (f' data-r="{" ".join(left)}"' if left else "")


def _joined(numbers: Mapping[int, None]) -> str:
    return " ".join(map(str, numbers))
