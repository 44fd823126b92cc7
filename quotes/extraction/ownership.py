"""Which class every quotation of an article is in: content of a quote, skipped with its reason, or open."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from quotes.model import Span, merged
from quotes.text import Quotation, Reading

if TYPE_CHECKING:
    from quotes.extraction.attributors import Found


def owned(reading: Reading, content: Iterable[Span]) -> set[int]:
    """The indices of the quotations that share a code point with *content*."""
    pieces = merged(content)
    ends = [piece.end for piece in pieces]
    found = set()
    for quotation in reading.quotations:
        at = bisect_left(ends, quotation.inner.start + 1)
        if at < len(pieces) and pieces[at].start < quotation.inner.end:
            found.add(quotation.index)
    return found


def carry_on(reading: Reading, found: Sequence[Found]) -> tuple[Found, ...]:
    """*found* with quotations carried over from the paragraph before joined to the quote they carry on.

    Only what is in nobody's content is joined: typography is a weaker witness than an attribution.
    """
    result = list(found)
    taken = owned(reading, _content(result))
    for quotation in reading.quotations:
        if quotation.continues is None or quotation.index in taken:
            continue
        owner = owner_of(reading.quotations[quotation.continues], result)
        if owner is not None:
            attribution = result[owner].attribution
            pieces = merged((*attribution.content, quotation.inner))
            result[owner] = replace(result[owner], attribution=replace(attribution, content=pieces))
            taken.add(quotation.index)
    return tuple(result)


def owner_of(quotation: Quotation, found: Sequence[Found]) -> int | None:
    """The position in *found* of the innermost attribution whose content covers part of *quotation*."""
    covering = [
        (sum(piece.end - piece.start for piece in item.attribution.content), position)
        for position, item in enumerate(found)
        if any(piece.overlaps(quotation.inner) for piece in item.attribution.content)
    ]
    return min(covering)[1] if covering else None


def settle_claims(reading: Reading, found: Sequence[Found]) -> tuple[Found, ...]:
    """Give a quotation that several attributions claim as wholly theirs to the one whose cue is nearest.

    An attribution whose clause runs over the quotation and further keeps it: attributions nest. One left
    without content goes.
    """
    content = [list(item.attribution.content) for item in found]
    for quotation in reading.quotations:
        claims = [i for i, pieces in enumerate(content) if quotation.inner in pieces]
        if len(claims) < 2:
            continue
        winner = min(claims, key=lambda i: (_cue_distance(found[i], quotation.inner), i))
        for loser in claims:
            if loser != winner:
                content[loser].remove(quotation.inner)
    return tuple(
        replace(item, attribution=replace(item.attribution, content=tuple(pieces)))
        for item, pieces in zip(found, content, strict=True)
        if pieces
    )


def _content(found: Iterable[Found]) -> list[Span]:
    return [piece for item in found for piece in item.attribution.content]


def _cue_distance(item: Found, quotation: Span) -> int:
    edges = [*item.attribution.cue, *item.attribution.speaker.mention]
    return min((max(quotation.start - e.end, e.start - quotation.end, 0) for e in edges), default=1 << 60)
