"""Generated records with everything that can stand in one: odd characters, many pieces, no text, half characters."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from quotes.exchange import Usage
from quotes.model import (
    Article,
    ChunkError,
    Extraction,
    Quote,
    Rejected,
    Skipped,
    Span,
    Speaker,
    Unresolved,
)
from quotes.record import dumps

ODD = "'=+-@\t\r\n\",;\\\0\x85\u2028\ufeff＝aé🎉\ud83d\udc80"


def _in_json(text: str) -> str:
    """*text* as JSON has it: two halves side by side, in this order, are there one character."""
    return str(json.loads(json.dumps(text)))


odd = st.text(st.sampled_from(ODD), max_size=6).map(_in_json)
words = odd | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
spans = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda pair: Span(pair[0], sum(pair)))
several = st.lists(spans, max_size=4).map(tuple)


@st.composite
def _speakers(draw: st.DrawFn) -> Speaker:
    kind = draw(st.sampled_from(["person", "organization", "document", "group", "anonymous", "unknown"]))
    return Speaker(draw(several), draw(st.none() | words), draw(st.none() | spans), kind)


quotes = st.builds(
    Quote,
    type=st.sampled_from(["direct", "indirect", "mixed"]),
    content=st.lists(spans, min_size=1, max_size=5).map(tuple),
    cue=several,
    speaker=_speakers(),
    confidence=st.sampled_from(["high", "medium", "low"]),
    by=st.sampled_from([("model",), ("rules",), ("model", "rules")]),
    chunk=st.none() | st.integers(0, 9),
    key=st.none() | words.filter(bool),
)
extractions = st.builds(
    Extraction,
    article=st.builds(
        Article,
        id=words,
        text=st.text(st.sampled_from(ODD + "abc "), max_size=60).map(_in_json),
        metadata=st.dictionaries(words, values, max_size=3),
    ),
    status=st.sampled_from(["complete", "partial", "failed"]),
    quotes=st.lists(quotes, max_size=3).map(tuple),
    skipped=st.lists(st.builds(Skipped, spans, st.sampled_from(["scare", "title", "term", "other"])), max_size=2).map(
        tuple
    ),
    unresolved=st.lists(st.builds(Unresolved, spans, words), max_size=2).map(tuple),
    rejected=st.lists(st.builds(Rejected, values, words), max_size=2).map(tuple),
    errors=st.lists(st.builds(ChunkError, st.integers(0, 9), words, words), max_size=2).map(tuple),
    model=st.none() | words,
    prompt=st.none() | words,
    usage=st.builds(Usage, *[st.integers(0, 10**12)] * 4),
)
lines = st.lists(
    st.builds(lambda one, with_text: dumps(one, with_text=with_text), extractions, st.booleans()), max_size=4
)
"""Files of records, a canonical line each."""
