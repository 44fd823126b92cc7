"""Things found in invented articles, written by their words, and generated trust in a model."""

from __future__ import annotations

from hypothesis import strategies as st

from quotes.extraction import Found
from quotes.extraction.trust import Judging, Trust
from quotes.model import NOBODY, Attribution, AttributorName, Span, Spans, Speaker


def spans(text: str, *words: str) -> Spans:
    """Where each of *words* is first printed in *text*."""
    return tuple(Span(text.index(piece), text.index(piece) + len(piece)) for piece in words)


def found(
    text: str,
    *content: str,
    by: AttributorName = "rules",
    speaker: str = "",
    cue: str = "",
    pattern: str | None = None,
    rate: float | None = None,
    odds: float | None = None,
) -> Found:
    """The words *content* attributed to *speaker*; of the rules by *pattern*, of a model from its first chunk."""
    name = Speaker(spans(text, speaker), speaker, spans(text, speaker)[0], "person") if speaker else NOBODY
    attribution = Attribution(spans(text, *content), spans(text, *([cue] if cue else [])), name)
    asked = by == "model" or odds is not None
    return Found(attribution, by, 0 if asked else None, "k" * 64 if asked else None, pattern, rate, odds)


_precisions = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0]))
_counts = st.integers(0, 300).flatmap(lambda seen: st.tuples(st.just(seen), st.integers(0, seen)))
_weights = st.floats(-3, 3)
_judgings = st.builds(Judging, _weights, _weights, _weights)
_cases = ["agree", "alone", "alone/direct", "nobody", "differ-model", "differ-rules", "unseen", "denied/direct/strong"]

trusts = st.builds(
    Trust, st.dictionaries(st.sampled_from(_cases), _counts), judging=_judgings, proposing=_judgings, keep=_precisions
)
"""Any trust, keeping everything and keeping nothing included."""
