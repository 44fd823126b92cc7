"""Selection: which quotes of a record a run is asked to show, with the others still accounted for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from quotes.model import Confidence, Extraction, Quote, Unresolved, merged
from quotes.run.settings import Settings
from quotes.text import Quotation, find_quotations

LEFT_OUT: Final = "left out: not of the quotes asked for"

_RANK: Final[dict[Confidence, int]] = {"low": 0, "medium": 1, "high": 2}


def select(extraction: Extraction, settings: Settings) -> Extraction:
    """*extraction* with only the quotes of the wanted types, speaker and confidence.

    The speaker is wanted where the text asked for stands in the name or in the mention, whatever the case.
    Quotations that only quotes left out would own are listed as unresolved for that reason: a selection hides
    nothing in silence. The status stays.
    """
    if not (settings.types or settings.speaker or settings.min_confidence):
        return extraction
    kept = tuple(quote for quote in extraction.quotes if _wanted(extraction, quote, settings))
    if len(kept) == len(extraction.quotes):
        return extraction
    listed = {item.span for item in extraction.skipped} | {item.span for item in extraction.unresolved}
    quotations = [q for q in find_quotations(extraction.article.text) if q.outer not in listed]
    orphans = _owned(quotations, extraction.quotes) - _owned(quotations, kept)
    left_out = tuple(Unresolved(quotations[position].outer, LEFT_OUT) for position in orphans)
    unresolved = tuple(sorted((*extraction.unresolved, *left_out), key=lambda item: item.span))
    return replace(extraction, quotes=kept, unresolved=unresolved)


def _wanted(extraction: Extraction, quote: Quote, settings: Settings) -> bool:
    if settings.types and quote.type not in settings.types:
        return False
    if settings.min_confidence and _RANK[quote.confidence] < _RANK[settings.min_confidence]:
        return False
    return not settings.speaker or settings.speaker.casefold() in _speaker_text(extraction, quote).casefold()


def _speaker_text(extraction: Extraction, quote: Quote) -> str:
    mention = " ".join(piece.of(extraction.article.text) for piece in quote.speaker.mention)
    return f"{quote.speaker.name or ''}\n{mention}"


def _owned(quotations: list[Quotation], quotes: Iterable[Quote]) -> set[int]:
    """The positions of the *quotations* that share a code point with the content of *quotes*."""
    pieces = merged(piece for quote in quotes for piece in quote.content)
    ends = [piece.end for piece in pieces]
    owned = set()
    for position, quotation in enumerate(quotations):
        at = bisect_left(ends, quotation.inner.start + 1)
        if at < len(pieces) and pieces[at].start < quotation.inner.end:
            owned.add(position)
    return owned
