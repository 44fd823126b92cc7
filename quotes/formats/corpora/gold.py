"""Gold: an article with the quotes a person has found in it, and its line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from quotes.errors import InputError
from quotes.formats.jsonlines import kind_of
from quotes.model import Span, Spans, SpeakerKind
from quotes.record import shortened
from quotes.text import classify, find_quotations

_SPANS = ("content", "cue", "speaker")


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """One annotated quote; spans are code-point offsets into its article, in text order.

    *name*, *name_span* and *kind* are the speaker's, where the annotation goes beyond the mention.
    """

    content: Spans
    cue: Spans = ()
    speaker: Spans = ()
    name: str | None = None
    name_span: Span | None = None
    kind: SpeakerKind | None = None


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An annotated article. *source* says in messages where it came from, *extra* is what else its line says."""

    id: str
    dataset: str
    text: str
    quotes: tuple[GoldQuote, ...]
    source: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def gold_to_json(article: GoldArticle) -> dict[str, Any]:
    """*article* as the JSON object of one line: its quotes in text order, their types judged by the text."""
    quotations = find_quotations(article.text)
    quotes = [
        {
            "type": classify(article.text, quote.content, quotations),
            "content": _pairs(quote.content),
            "cue": _pairs(quote.cue),
            "speaker": _pairs(quote.speaker),
            **_named(quote),
        }
        for quote in sorted(article.quotes, key=lambda quote: (quote.content, quote.cue, quote.speaker))
    ]
    dataset = {"dataset": article.dataset} if article.dataset else {}
    return {"id": article.id, **dataset, **article.extra, "text": article.text, "quotes": quotes}


def gold_line(article: GoldArticle) -> str:
    """The line of *article*, its line end included."""
    return json.dumps(gold_to_json(article), ensure_ascii=False) + "\n"


def gold_from_json(value: Mapping[str, Any], where: str) -> GoldArticle:
    """The article in *value*, a line of gold or a record; types are not read, they follow from the text.

    Raises:
        InputError: it is not of the form, or a span is not within the text.
    """
    text = value.get("text")
    if not isinstance(value.get("id"), str) or not isinstance(text, str):
        missing = "id" if not isinstance(value.get("id"), str) else "text"
        remedy = "gold needs its text; extract without --no-text" if missing == "text" else "an id is a string"
        raise InputError(f"no “{missing}”", where=where, remedy=remedy)
    quotes = value.get("quotes")
    if not isinstance(quotes, list):
        raise InputError(f"article {value['id']}: no “quotes”", where=where, remedy="a list of quotes is needed")
    place = f"article {value['id']}: quote"
    return GoldArticle(
        value["id"],
        value["dataset"] if isinstance(value.get("dataset"), str) else "",
        text,
        tuple(_quote(quote, text, f"{place} {number}", where) for number, quote in enumerate(quotes, start=1)),
        where,
        {"skipped": value["skipped"]} if isinstance(value.get("skipped"), list) else {},
    )


def _pairs(spans: Spans) -> list[list[int]]:
    return [[start, end] for start, end in spans]


def _named(quote: GoldQuote) -> dict[str, Any]:
    if quote.name is None and quote.kind is None:
        return {}
    named = {"speaker_name": quote.name, "speaker_name_span": list(quote.name_span) if quote.name_span else None}
    return named | ({"speaker_kind": quote.kind} if quote.kind else {})


def _quote(value: object, text: str, place: str, where: str) -> GoldQuote:
    if not isinstance(value, dict):
        raise InputError(f"{place} is a JSON {kind_of(value)}, no object", where=where)
    content, cue, speaker = (_spans(value.get(part, []), text, f"{place}: {part}", where) for part in _SPANS)
    if not content:
        raise InputError(f"{place} has no content", where=where, remedy="a quote has at least one span of content")
    name, name_span, kind = value.get("speaker_name"), value.get("speaker_name_span"), value.get("speaker_kind")
    if not isinstance(name, str | None) or (kind is not None and kind not in get_args(SpeakerKind)):
        wrong = kind if isinstance(name, str | None) else name
        raise InputError(f"{place}: {shortened(wrong)} is no name or kind of a speaker", where=where)
    span = None if name_span is None else _spans([name_span], text, f"{place}: speaker_name_span", where)[0]
    if span is not None and span.of(text) != name:
        what = f"{place}: the name “{name}” is not what is printed there, “{shortened(span.of(text))}”"
        raise InputError(what, where=where, remedy="a name is text[start:end]")
    return GoldQuote(content, cue, speaker, name, span, cast("SpeakerKind | None", kind))


def _spans(value: object, text: str, place: str, where: str) -> Spans:
    pairs: list[Any] = value if isinstance(value, list) else [value]
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(offset) is int for offset in pair)):
            raise InputError(f"{place}: {shortened(pair)} is no pair [start, end]", where=where)
        if not 0 <= pair[0] < pair[1] <= len(text):
            what = f"{place}: {pair} is not within the text of {len(text):,} characters"
            raise InputError(what, where=where, remedy="spans are code-point offsets, half-open")
    return tuple(sorted(Span(start, end) for start, end in pairs))
