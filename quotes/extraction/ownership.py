"""Which class every quotation of an article is in: content of a quote, skipped with its reason, or open."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from quotes.extraction.places import ByPlace
from quotes.model import Span, Spans, merged
from quotes.text import Quotation

if TYPE_CHECKING:
    from quotes.extraction.attributors import Found


def owned(quotations: Iterable[Quotation], content: Iterable[Span]) -> set[int]:
    """The indices of those *quotations* that share a code point with *content*."""
    pieces = merged(content)
    ends = [piece.end for piece in pieces]
    found = set()
    for quotation in quotations:
        at = bisect_left(ends, quotation.inner.start + 1)
        if at < len(pieces) and pieces[at].start < quotation.inner.end:
            found.add(quotation.index)
    return found


def carry_on(quotations: Sequence[Quotation], found: Sequence[Found]) -> tuple[Found, ...]:
    """*found* with those *quotations* that are carried over a paragraph joined to the quote they carry on.

    Only what is in nobody's content is joined: typography is a weaker witness than an attribution.
    """
    by_index = {quotation.index: quotation for quotation in quotations}
    content = [list(item.attribution.content) for item in found]
    lengths = [sum([end - start for start, end in pieces]) for pieces in content]
    places: ByPlace[int] = ByPlace()
    for position, pieces in enumerate(content):
        places.add(pieces, position)
    for quotation in quotations:
        if quotation.continues not in by_index or places.touching([quotation.inner]):
            continue
        owners = places.touching([by_index[quotation.continues].inner])
        if owners:
            innermost = min(owners, key=lengths.__getitem__)
            content[innermost].append(quotation.inner)
            lengths[innermost] += quotation.inner.end - quotation.inner.start
            places.add([quotation.inner], innermost)
    return tuple(_with_content(item, merged(pieces)) for item, pieces in zip(found, content, strict=True))


def settle_claims(quotations: Iterable[Quotation], found: Sequence[Found]) -> tuple[Found, ...]:
    """Give a quotation that several attributions claim as wholly theirs to the one whose cue is nearest.

    An attribution whose clause runs over the quotation and further keeps it: attributions nest. One left
    without content goes.
    """
    content = [list(item.attribution.content) for item in found]
    claimed: dict[Span, dict[int, None]] = {}
    for i, pieces in enumerate(content):
        for piece in pieces:
            claimed.setdefault(piece, {})[i] = None
    for quotation in quotations:
        claims = [i for i in claimed.get(quotation.inner, ()) if quotation.inner in content[i]]
        if len(claims) < 2:
            continue
        winner = min(claims, key=lambda i: (_cue_distance(found[i], quotation.inner), i))
        for loser in claims:
            if loser != winner:
                content[loser].remove(quotation.inner)
    return tuple(_with_content(item, tuple(pieces)) for item, pieces in zip(found, content, strict=True) if pieces)


def _with_content(item: Found, content: Spans) -> Found:
    if content == item.attribution.content:
        return item
    return replace(item, attribution=replace(item.attribution, content=content))


def _cue_distance(item: Found, quotation: Span) -> int:
    edges = [*item.attribution.cue, *item.attribution.speaker.mention]
    return min((max(quotation.start - e.end, e.start - quotation.end, 0) for e in edges), default=1 << 60)
