"""brat standoff, as PolNeAR comes: the article in a ``.txt``, events of source, cue and content in a ``.ann``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldQuote
from quotes.model import Span, Spans, merged
from quotes.record import shortened

_ROLE = re.compile(r"([A-Za-z_-]+?)\d*")
_PARTS = {"content": "content", "cue": "cue", "source": "speaker", "speaker": "speaker"}
_NO_ATTRIBUTION = tuple("#AMN*R")
"""What else a line may be: notes, attributes, normalisations, equivalences, relations."""


@dataclass(frozen=True, slots=True)
class Standoff:
    """The quotes of one ``.ann`` file, and the number of its events that have no content."""

    quotes: tuple[GoldQuote, ...]
    empty: int


def read_standoff(annotations: str, text: str, where: str) -> Standoff:
    """The quotes that *annotations*, the lines of the ``.ann`` file *where*, mark in *text*.

    Each event is one quote, whatever it is called (PolNeAR: Attribution, Attribution-no-source); its roles
    Content, Cue and Source may be given several times, and each span may have several pieces.

    Raises:
        InputError: a line is not of the form, a span does not print the words given with it, or an event
            names a span that is not there.
    """
    spans: dict[str, Spans] = {}
    events: list[tuple[str, str]] = []
    for number, line in enumerate(annotations.split("\n"), start=1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith(_NO_ATTRIBUTION):
            continue
        place = f"{where} line {number}"
        name, _, rest = line.partition("\t")
        if name.startswith("T"):
            spans[name] = _text_bound(name, rest, text, place)
        elif name.startswith("E"):
            events.append((f"{rest}", place))
        else:
            raise InputError(f"“{shortened(line)}” is no line of brat standoff", where=place)
    quotes = [quote for event, place in events if (quote := _event(event, spans, place))]
    return Standoff(tuple(quotes), len(events) - len(quotes))


def _text_bound(name: str, rest: str, text: str, where: str) -> Spans:
    """``Content 209 236;91 186<tab>the words``: the pieces in any order, the words in that order."""
    head, _, surface = rest.partition("\t")
    _label, _, offsets = head.partition(" ")
    try:
        pieces = [Span(*map(int, piece.split())) for piece in offsets.split(";")]
    except (ValueError, TypeError):
        what = f"{name}: “{shortened(head)}” is no label with offsets"
        raise InputError(what, where=where, remedy="a line is T1, Content 0 12, the words, with tabs between") from None
    printed = " ".join(piece.of(text) for piece in pieces)
    if not all(0 <= start < end <= len(text) for start, end in pieces) or _blank(printed) != _blank(surface):
        what = f"{name}: the text prints “{shortened(printed)}” at {offsets}, not “{shortened(surface)}”"
        raise InputError(what, where=where, remedy="the .txt is not the one that was annotated")
    return merged(pieces)


def _blank(words: str) -> str:
    """*words* with line ends as blanks, which is how brat writes them."""
    return re.sub(r"\s", " ", words).strip()


def _event(event: str, spans: Mapping[str, Spans], where: str) -> GoldQuote | None:
    """``Attribution:T4 Content:T3 Cue:T2 Source:T1``; ``None`` where it has no content."""
    parts: dict[str, list[Span]] = defaultdict(list)
    for argument in event.split()[1:]:
        role, _, name = argument.partition(":")
        known = _ROLE.fullmatch(role)
        part = _PARTS.get(known.group(1).lower()) if known else None
        if name not in spans:
            raise InputError(f"{argument}: there is no {name or 'name'}", where=where, remedy="an event names T lines")
        if part:
            parts[part] += spans[name]
    if not parts["content"]:
        return None
    return GoldQuote(merged(parts["content"]), merged(parts["cue"]), merged(parts["speaker"]))
