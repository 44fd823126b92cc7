"""Mentions: where the names of the roster stand, looked up by place, however long article and roster are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from quotes.model import Span
from quotes.text.names import Name


class Mentions:
    """The mentions of a *roster* in text order. Offsets are code points into the article."""

    def __init__(self, roster: Sequence[Name]) -> None:
        self._roster = roster
        self._places = sorted((mention, name.index) for name in roster for mention in name.mentions)
        self._starts = [mention.start for mention, _ in self._places]
        self._longest = max((mention.end - mention.start for mention, _ in self._places), default=0)

    def overlapping(self, span: Span) -> Iterator[tuple[Name, Span]]:
        """Every mention that shares a code point with *span*, with the name it belongs to."""
        for at in range(bisect_left(self._starts, span.start - self._longest), len(self._places)):
            mention, index = self._places[at]
            if mention.start >= span.end:
                return
            if mention.overlaps(span):
                yield self._roster[index], mention

    def nearest(self, span: Span, limit: int) -> tuple[Name, ...]:
        """At most *limit* names in roster order: those mentioned in *span*, then those nearest to it on either side."""
        if len(self._roster) <= limit:
            return tuple(self._roster)
        low, high = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        chosen: dict[int, None] = {}
        for _, index in self._places[low:high]:
            chosen.setdefault(index)
        while len(chosen) < limit and (low > 0 or high < len(self._places)):
            ahead = self._starts[high] - span.end if high < len(self._places) else None
            behind = span.start - self._starts[low - 1] if low > 0 else None
            if behind is not None and (ahead is None or behind <= ahead):
                low -= 1
                chosen.setdefault(self._places[low][1])
            else:
                chosen.setdefault(self._places[high][1])
                high += 1
        return tuple(self._roster[index] for index in sorted(list(chosen)[:limit]))
