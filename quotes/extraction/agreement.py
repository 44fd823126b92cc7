"""Agreement: how far what was found one way is borne out by what was found another way."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

from quotes.model import Attribution, Span, Spans, Speaker


def similarity(one: Attribution, other: Attribution) -> float:
    """Jaccard index of the code points of the two contents: 1 for the same content, 0 for disjoint ones."""
    both = _shared(one.content, other.content)
    either = _length(one.content) + _length(other.content) - both
    return both / either if either else 0.0


def same_speaker(one: Speaker, other: Speaker) -> bool:
    """Whether two speakers share a mention or go by the same name; two unnamed ones agree as well."""
    if not one.mention and not other.mention:
        return one.name == other.name
    touching = any(a.overlaps(b) for a in one.mention for b in other.mention)
    return touching or (one.name is not None and one.name == other.name)


def _shared(pieces: Spans, others: Spans) -> int:
    """How many code points both have: of many pieces each is compared with those near it alone."""
    if len(others) < _MANY or any(one.end > following.start for one, following in pairwise(others)):
        return sum([max(0, min(a.end, b.end) - max(a.start, b.start)) for a in pieces for b in others])
    ends = [other.end for other in others]
    both = 0
    for piece in pieces:
        for at in range(bisect_right(ends, piece.start), len(others)):
            if others[at].start >= piece.end:
                break
            both += min(piece.end, others[at].end) - max(piece.start, others[at].start)
    return both


_MANY = 16
"""Pieces of one content: one that goes on over whole pages has thousands."""


def _length(pieces: Iterable[Span]) -> int:
    return sum(piece.end - piece.start for piece in pieces)
