"""The second opinion: how far a quote found one way is borne out by the other, and the confidence that gives."""

from __future__ import annotations

from collections.abc import Iterable

from quotes.extraction.places import ByPlace
from quotes.model import Attribution, AttributorName, Confidence, Span, Spans, Speaker

_SAME_CONTENT = 0.5


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


class SecondOpinion:
    """What the rules found in an article, to judge a model's attributions by."""

    def __init__(self, attributions: Iterable[Attribution]) -> None:
        self._places: ByPlace[Attribution] = ByPlace()
        for attribution in attributions:
            self._places.add(attribution.content, attribution)

    def on(self, attribution: Attribution) -> tuple[Confidence, tuple[AttributorName, ...]]:
        """Confidence in *attribution*, and who stands behind it.

        Both found it with the same speaker: high. Only the model did: medium. They name different speakers: low.
        """
        rivals = self._places.touching(attribution.content)
        rival = max(rivals, key=lambda item: similarity(attribution, item), default=None)
        if rival is None or similarity(attribution, rival) < _SAME_CONTENT:
            return "medium", ("model",)
        if same_speaker(attribution.speaker, rival.speaker):
            return "high", ("model", "rules")
        return "low", ("model",)


def _shared(piece: Span, others: Spans) -> int:
    return sum(max(0, min(piece.end, o.end) - max(piece.start, o.start)) for o in others)


def _length(pieces: Iterable[Span]) -> int:
    return sum(piece.end - piece.start for piece in pieces)
