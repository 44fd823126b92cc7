"""Records for the tests of pages: generated ones, whose spans may be any nonsense that the schema lets through."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from quotes.formats import StoredRecord
from quotes.model import Extraction
from quotes.record import from_json, to_json
from tests.strategies import articles

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</script><!--",
    "]]>",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "\x00\x1b[31m\x07",
    "\ud800",
    "שלום",
    "a\r\nb\rc",
    "Mara Oduya",
]
words = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12))
texts = st.one_of(
    articles,
    st.lists(words, max_size=12).map("".join),
    st.lists(st.sampled_from("ab\r\n \x85“”"), max_size=40).map("".join),
)


def stored(value: dict[str, Any], where: str = "out.jsonl line 1") -> StoredRecord:
    return StoredRecord(from_json(value), value, where)


def stored_of(extraction: Extraction, *, with_text: bool = True) -> StoredRecord:
    return stored(to_json(extraction, with_text=with_text))


def _spans(length: int) -> st.SearchStrategy[list[list[int]]]:
    place = st.integers(0, length + 2)
    return st.lists(st.tuples(place, place).map(lambda pair: [min(pair), max(pair) + 1]), max_size=3)


@st.composite
def records(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """A record in the JSON form and its text; spans overlap, nest, repeat and reach out of the text."""
    text = draw(texts)
    spans = _spans(len(text))
    quote = st.fixed_dictionaries(
        {
            "type": st.sampled_from(["direct", "indirect", "mixed"]),
            "content": spans.filter(bool),
            "cue": spans,
            "speaker": spans,
            "text": words,
            "cue_text": words,
            "speaker_text": words,
            "speaker_name": st.one_of(st.none(), words),
            "speaker_name_span": st.one_of(st.none(), spans.filter(bool).map(lambda found: found[0])),
            "speaker_kind": st.sampled_from(["person", "organization", "unknown"]),
            "confidence": st.sampled_from(["high", "medium", "low"]),
            "by": st.sampled_from([["rules"], ["model"], ["model", "rules"]]),
            "chunk": st.none(),
            "key": st.none(),
        }
    )
    one = spans.filter(bool).map(lambda found: found[0])
    record = {
        "schema": "quotes/1",
        "id": draw(words.filter(bool)),
        "sha256": "0" * 64,
        "metadata": draw(
            st.dictionaries(st.one_of(words, st.sampled_from(["title", "url", "lang"])), words, max_size=4)
        ),
        "text": text,
        "status": draw(st.sampled_from(["complete", "partial", "failed"])),
        "quotes": draw(st.lists(quote, max_size=4)),
        "skipped": draw(
            st.lists(st.fixed_dictionaries({"span": one, "as": st.sampled_from(["scare", "term"])}), max_size=2)
        ),
        "unresolved": draw(st.lists(st.fixed_dictionaries({"span": one, "reason": words}), max_size=2)),
        "rejected": draw(st.lists(st.fixed_dictionaries({"item": words, "reason": words}), max_size=2)),
        "errors": draw(
            st.lists(st.fixed_dictionaries({"chunk": st.just(0), "kind": words, "message": words}), max_size=1)
        ),
        "model": draw(st.one_of(st.none(), words)),
        "prompt": draw(st.one_of(st.none(), words)),
        "usage": {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0},
    }
    return json.loads(json.dumps(record)), text
