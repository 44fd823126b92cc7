"""The promises of a record, checked against the text: verbatim words, right types, no quotation unaccounted for."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from quotes.model import Article, Extraction, Quote, Span, Spans
from quotes.record.form import from_json, shortened, words_of
from quotes.text import Covered, Quotation, classify, find_quotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def check_record(record: Mapping[str, Any], text: str) -> tuple[str, ...]:
    """What of the promises *record* breaks against *text*, one line each; empty when it keeps them all.

    Checked: the hash; every span stands within the text; the words the record repeats are those of its
    spans; content is in order and without outer white space; every type is what the quotation marks say;
    every quotation of the text is owned by a quote, skipped or unresolved, and only one of these.

    Raises:
        RecordError: *record* is no record at all.
    """
    return check_extraction(from_json(record), record, text)


def check_extraction(extraction: Extraction, record: Mapping[str, Any], text: str) -> tuple[str, ...]:
    """As :func:`check_record`, for a *record* that :func:`from_json` has made *extraction* of."""
    quotations = find_quotations(text)
    problems = []
    if Article("", text).sha256 != record["sha256"]:
        problems.append("sha256: the record is of another text")
    if record.get("text", text) != text:
        problems.append("text: differs from the text given")
    for number, (quote, stored) in enumerate(zip(extraction.quotes, record["quotes"], strict=True)):
        problems += [f"quotes[{number}].{fault}" for fault in _quote_faults(quote, stored, text, quotations)]
    starts = [quote.content[0].start for quote in extraction.quotes]
    if starts != sorted(starts):
        problems.append("quotes: not in the order of their first span")
    problems += _account_faults(extraction, text, quotations)
    return tuple(problems)


def _quote_faults(
    quote: Quote, stored: Mapping[str, Any], text: str, quotations: tuple[Quotation, ...]
) -> Iterator[str]:
    """What is wrong with one quote. *stored* is its JSON, which repeats words that the spans already give."""
    speaker = quote.speaker
    name_spans = () if speaker.name_span is None else (speaker.name_span,)
    parts = {"content": quote.content, "cue": quote.cue, "speaker": speaker.mention, "speaker_name_span": name_spans}
    outside = [fault for name, spans in parts.items() for fault in _span_faults(name, spans, text)]
    if outside:
        yield from outside
        return
    yield from content_faults(quote.content, text)
    repeated = {"text": quote.content, "cue_text": quote.cue, "speaker_text": speaker.mention}
    for name, spans in repeated.items():
        if stored[name] != (words := words_of(spans, text)):
            yield f"{name}: “{shortened(stored[name])}” is not what the spans say: “{shortened(words)}”"
    if speaker.name != (None if speaker.name_span is None else speaker.name_span.of(text)):
        yield "speaker_name: not what its span says"
    if not speaker.mention and speaker.name is not None:
        yield "speaker_name: named although no speaker is printed"
    if quote.type != (found := classify(text, quote.content, quotations)):
        yield f"type: {quote.type}, but its quotation marks make it {found}"


def _span_faults(name: str, spans: Iterable[Span], text: str) -> Iterator[str]:
    for span in spans:
        if span.end <= span.start:
            yield f"{name}: {list(span)} is empty"
        elif span.end > len(text):
            yield f"{name}: {list(span)} is not within the text of {len(text)} characters"


def content_faults(content: Spans, text: str) -> Iterator[str]:
    """What is wrong with *content*, whose spans stand within *text*: pieces out of order, outer white space."""
    for before, after in pairwise(content):
        if before.end > after.start:
            yield f"content: {list(after)} does not come after {list(before)}"
    for piece in content:
        if text[piece.start].isspace() or text[piece.end - 1].isspace():
            yield f"content: {list(piece)} begins or ends with white space"


def _account_faults(extraction: Extraction, text: str, quotations: tuple[Quotation, ...]) -> Iterator[str]:
    """Quotations in no class or in two, and entries that are no quotation of the text."""
    skipped = [skipped.span for skipped in extraction.skipped]
    unresolved = [unresolved.span for unresolved in extraction.unresolved]
    known = {quotation.outer for quotation in quotations}
    for name, spans in (("skipped", skipped), ("unresolved", unresolved)):
        if len(set(spans)) != len(spans):
            yield f"{name}: a quotation is listed twice"
        yield from (f"{name}: {list(span)} is no quotation of the text" for span in spans if span not in known)
    owned = Covered((piece for quote in extraction.quotes for piece in quote.content), quotations)
    listed = {"skipped": frozenset(skipped), "unresolved": frozenset(unresolved)}
    for quotation in quotations:
        classes = [name for name, spans in listed.items() if quotation.outer in spans]
        # A title within somebody's words is skipped and yet inside a quote; what nobody could class is not.
        if quotation.index in owned.origins or ("unresolved" in classes and owned.reaches_over(quotation)):
            classes.append("a quote")
        if len(classes) > 1:
            yield f"quotation {_shown(quotation, text)} is in two classes: {' and '.join(classes)}"
        elif not classes and not owned.overlaps(quotation):
            yield f"quotation {_shown(quotation, text)} is in no class: neither quoted, skipped nor unresolved"


def _shown(quotation: Quotation, text: str) -> str:
    start, end = quotation.outer
    return f"{list(quotation.outer)} “{shortened(text[start : min(end, start + 40)])}”"
