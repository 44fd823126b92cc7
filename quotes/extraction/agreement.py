"""Agreement: how far what was found one way is borne out by what was found another way."""

from __future__ import annotations

from collections.abc import Iterable

from quotes.model import Attribution, Span, Spans, Speaker


def similarity(one: Attribution, other: Attribution) -> float:
    """Jaccard index of the code points of the two contents: 1 for the same content, 0 for disjoint ones."""
    both = sum(_shared(piece, other.content) for piece in one.content)
    either = _length(one.content) + _length(other.content) - both
    return both / either if either else 0.0


def same_speaker(one: Speaker, other: Speaker) -> bool:
    """Whether two speakers share a mention or go by the same name; two unnamed ones agree as well."""
    if not one.mention and not other.mention:
        return one.name == other.name
    touching = any(a.overlaps(b) for a in one.mention for b in other.mention)
    return touching or (one.name is not None and one.name == other.name)


def _shared(piece: Span, others: Spans) -> int:
    return sum(max(0, min(piece.end, o.end) - max(piece.start, o.start)) for o in others)


def _length(pieces: Iterable[Span]) -> int:
    return sum(piece.end - piece.start for piece in pieces)
