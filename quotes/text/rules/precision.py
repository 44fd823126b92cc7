"""Precision: how often what a pattern found was right when it was counted on annotated news.

The table is data beside this package's code, ``lexicon/patterns.tsv``; ``scripts/count_patterns.py`` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pkgutil import get_data

from quotes.model import QuoteType

BELIEVED = "-"
"""The band of what the rules found themselves; the others are the precision of a proposal's cue in tens of percent."""

_PRIOR = {"direct": 0.6, "mixed": 0.6, "indirect": 0.45}
_PROPOSED = 0.15
_PRIOR_WEIGHT = 6


def band(rate: float | None) -> str:
    """The band of the table for a cue of precision *rate* (0 to 1), or for none: what the rules believe."""
    return BELIEVED if rate is None else str(min(int(rate * 10), 5) * 10)


def precision_of(pattern: str, kind: QuoteType, rate: float | None = None) -> float:
    """How likely (0 to 1) a quote of type *kind* by *pattern* has the right words and the right speaker.

    *rate* is the precision of the cue of a proposal the rules did not believe, ``None`` for what they found. Few
    counts are drawn towards what is assumed of a pattern that was never counted.
    """
    seen, right = _table().get((pattern, kind, band(rate)), (0, 0))
    prior = _PRIOR[kind] if rate is None else _PROPOSED
    return (right + _PRIOR_WEIGHT * prior) / (seen + _PRIOR_WEIGHT)


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str, str], tuple[int, int]]:
    lines = (get_data("quotes.text", "lexicon/patterns.tsv") or b"").decode().splitlines()
    rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    header = rows[0]
    table = {}
    for row in rows[1:]:
        cells = dict(zip(header, row, strict=True))
        table[cells["pattern"], cells["type"], cells["band"]] = (int(cells["seen"]), int(cells["right"]))
    return table
