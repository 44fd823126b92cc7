"""What has to hold of every record, whatever its article says and whatever a model answered."""

from __future__ import annotations

import json
import re
from typing import Any

from quotes.model import Extraction
from quotes.record import check_record, dumps, from_json, to_json
from quotes.text import find_quotations

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys, or what reorders the text around it. Line ends and tabs are none of it."""

_OUR_WORDS = re.compile(
    r"(?:no rule fits|there is no word in it|the model gave no answer|what was found for it is too doubtful|"
    r"the (?:chunk|question about it) could not be done: \w+|the article failed)"
)


def check_promises(extraction: Extraction, text: str) -> None:
    """Verbatim, accounted for, of the record's schema, and the same when it has been written and read back.

    Words of nobody but the article stand in what a record says of it; a refused item of a reply is kept apart,
    in ``rejected``, where it says itself that it does not hold.
    """
    record = to_json(extraction)
    assert check_record(record, text) == ()
    line = dumps(extraction)
    assert "\n" not in line
    assert json.loads(line) == record
    assert from_json(record) == extraction
    for quote in record["quotes"]:
        for words, spans in _said(quote):
            assert words == " … ".join(text[start:end] for start, end in spans)
    assert all(_OUR_WORDS.fullmatch(item["reason"]) for item in record["unresolved"])
    _check_accounts(record, text)


def _said(quote: dict[str, Any]) -> list[tuple[str, list[list[int]]]]:
    """All words that *quote* repeats, each with the spans they have to be read off."""
    name = quote["speaker_name_span"]
    return [
        (quote["text"], quote["content"]),
        (quote["cue_text"], quote["cue"]),
        (quote["speaker_text"], quote["speaker"]),
        (quote["speaker_name"] or "", [name] if name else []),
    ]


def _check_accounts(record: dict[str, Any], text: str) -> None:
    """Every quotation is listed, or shares a character with what is quoted."""
    listed = {tuple(item["span"]) for name in ("skipped", "unresolved") for item in record[name]}
    content = [piece for quote in record["quotes"] for piece in quote["content"]]
    for quotation in find_quotations(text):
        start, end = quotation.inner
        in_quotes = any(piece[0] < end and start < piece[1] for piece in content)
        assert tuple(quotation.outer) in listed or in_quotes, quotation
