"""The JSON form of a record, its schema, and the way back from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import TYPE_CHECKING, Any, cast

from quotes.errors import RecordError
from quotes.exchange import Usage
from quotes.model import (
    Article,
    ChunkError,
    Extraction,
    Quote,
    Rejected,
    Skipped,
    Span,
    Spans,
    Speaker,
    Unresolved,
    Words,
)
from quotes.model import words_of as words_of  # the record repeats them
from quotes.record.halves import halves_escaped
from quotes.record.soundness import Check, quick_check

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

VERSION = "quotes/1"
_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def to_json(extraction: Extraction, *, with_text: bool = True) -> dict[str, Any]:
    """*extraction* as the JSON object of one record, its keys in the order people read them.

    Without *with_text* the article's text is left out; the words of the quotes stay, and ``sha256`` tells
    which text the spans belong to.
    """
    article = extraction.article
    record: dict[str, Any] = {
        "schema": VERSION,
        "id": article.id,
        "sha256": article.sha256,
        "metadata": dict(article.metadata),
        "text": article.text,
        "status": extraction.status,
        "quotes": [_quote_to_json(quote, article.text) for quote in extraction.quotes],
        "skipped": [{"span": list(skipped.span), "as": skipped.reason} for skipped in extraction.skipped],
        "unresolved": [{"span": list(open_.span), "reason": open_.reason} for open_ in extraction.unresolved],
        "rejected": [{"item": _finite(rejected.item), "reason": rejected.reason} for rejected in extraction.rejected],
        "errors": [{"chunk": error.chunk, "kind": error.kind, "message": error.message} for error in extraction.errors],
        "model": extraction.model,
        "prompt": extraction.prompt,
        "usage": {
            "requests": extraction.usage.requests,
            "prompt_tokens": extraction.usage.prompt_tokens,
            "completion_tokens": extraction.usage.completion_tokens,
            "cached_tokens": extraction.usage.cached_tokens,
        },
    }
    if not with_text:
        del record["text"]
    return record


def dumps(extraction: Extraction, *, with_text: bool = True) -> str:
    """The record as one line of JSON without its line end: equal extractions give equal lines.

    A lone surrogate, which a reply's broken escape can bring into a rejected item, stays an escape, so
    that the line can always be written as UTF-8.
    """
    return halves_escaped(_encoded(to_json(extraction, with_text=with_text)))


def from_json(value: object, *, where: str = "") -> Extraction:
    """The extraction a record holds. *where* (a file, a line) goes into the message of an error.

    Without its text a record gives an article whose text is empty: spans and ids are right, and the quotes know
    the words that the JSON repeats. Whether the spans fit the text is for :func:`check_record` to say.

    Raises:
        RecordError: not a record, of another version, or not as the schema says.
    """
    if not isinstance(value, Mapping) or "schema" not in value:
        raise RecordError('not a record: no "schema"', where=where, remedy=f"a record says schema {VERSION}")
    if value["schema"] != VERSION:
        found = shortened(value["schema"])
        raise RecordError(
            f"schema {found}, this program reads {VERSION}", where=where, remedy="use the version of quotes it is from"
        )
    fault = None if _surely_sound()(value) else next(_validator().iter_errors(value), None)
    if fault is not None:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path)
        raise RecordError(f"{path.lstrip('.') or 'record'}: {_fault(fault)}", where=where, remedy="see quotes schema")
    return _extraction(value)


def record_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record, a fresh copy."""
    return cast("dict[str, Any]", json.loads(get_data("quotes", "schemas/record.schema.json") or b""))


def shortened(value: object) -> str:
    """*value* on one line of at most 160 characters, to be shown in a message."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    shown = " ".join(shown[:1000].split())
    return shown if len(shown) <= 160 else f"{shown[:158]} …"


def _quote_to_json(quote: Quote, text: str) -> dict[str, Any]:
    speaker = quote.speaker
    return {
        "type": quote.type,
        "content": _spans_to_json(quote.content),
        "cue": _spans_to_json(quote.cue),
        "speaker": _spans_to_json(speaker.mention),
        "text": words_of(quote.content, text),
        "cue_text": words_of(quote.cue, text),
        "speaker_text": words_of(speaker.mention, text),
        "speaker_name": speaker.name,
        "speaker_name_span": None if speaker.name_span is None else list(speaker.name_span),
        "speaker_kind": speaker.kind,
        "confidence": quote.confidence,
        "by": list(quote.by),
        "chunk": quote.chunk,
        "key": quote.key,
    }


def _spans_to_json(spans: Spans) -> list[list[int]]:
    return [[start, end] for start, end in spans]


def _finite(item: Any) -> Any:
    """*item* with NaN and the infinities, which JSON has not but models write, as strings."""
    try:
        json.dumps(item, allow_nan=False)
    except ValueError:
        return json.loads(json.dumps(item), parse_constant=str)
    return item


@cache
def _surely_sound() -> Check:
    return quick_check(record_schema())


@cache
def _validator() -> Validator:
    # Imported late: it costs more than all of `quotes --help`.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(record_schema())


def _fault(fault: Any) -> str:
    """A schema error in few words, whatever the size of the value it is about."""
    if fault.validator in ("required", "additionalProperties"):
        return shortened(fault.message)
    if fault.validator == "type":
        wanted = fault.validator_value
        return f"{shortened(fault.instance)} is no {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
    return shortened(fault.message) if len(fault.message) < 200 else f"breaks {fault.validator} {fault.validator_value}"


def _extraction(value: Mapping[str, Any]) -> Extraction:
    """The extraction in a *value* that the schema has found right."""
    return Extraction(
        article=Article(value["id"], value.get("text", ""), dict(value["metadata"])),
        status=value["status"],
        quotes=tuple(_quote(item, with_words="text" not in value) for item in value["quotes"]),
        skipped=tuple(Skipped(_span(item["span"]), item["as"]) for item in value["skipped"]),
        unresolved=tuple(Unresolved(_span(item["span"]), item["reason"]) for item in value["unresolved"]),
        rejected=tuple(Rejected(item["item"], item["reason"]) for item in value["rejected"]),
        errors=tuple(ChunkError(int(item["chunk"]), item["kind"], item["message"]) for item in value["errors"]),
        model=value["model"],
        prompt=value["prompt"],
        usage=Usage(**{name: int(count) for name, count in value["usage"].items()}),
    )


def _quote(item: Mapping[str, Any], *, with_words: bool) -> Quote:
    name_span, chunk = item["speaker_name_span"], item["chunk"]
    return Quote(
        type=item["type"],
        content=_spans(item["content"]),
        cue=_spans(item["cue"]),
        speaker=Speaker(
            mention=_spans(item["speaker"]),
            name=item["speaker_name"],
            name_span=None if name_span is None else _span(name_span),
            kind=item["speaker_kind"],
        ),
        confidence=item["confidence"],
        by=tuple(item["by"]),
        chunk=None if chunk is None else int(chunk),
        key=item["key"],
        within=Words(item["text"], item["cue_text"], item["speaker_text"]) if with_words else "",
    )


def _span(pair: list[int]) -> Span:
    return Span(int(pair[0]), int(pair[1]))


def _spans(pairs: list[list[int]]) -> Spans:
    return tuple(_span(pair) for pair in pairs)
