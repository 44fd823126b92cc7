"""Places: looking things up by the stretch of text they cover, without comparing each with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from quotes.model import Span

Item = TypeVar("Item")

_WIDTH = 512
"""Code points in a bucket: about the length of a paragraph."""


class ByPlace(Generic[Item]):
    """Items by the spans they cover; an item may cover several, and spans may overlap."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._buckets: defaultdict[int, list[tuple[Span, int]]] = defaultdict(list)

    def add(self, spans: Iterable[Span], item: Item) -> None:
        """Note that *item* covers *spans*."""
        number = len(self._items)
        self._items.append(item)
        for span in spans:
            for bucket in range(span.start // _WIDTH, max(span.start, span.end - 1) // _WIDTH + 1):
                self._buckets[bucket].append((span, number))

    def touching(self, spans: Iterable[Span]) -> list[Item]:
        """The items that share a code point with one of *spans*, each once, in the order they were added."""
        hits = {
            number
            for span in spans
            for bucket in range(span.start // _WIDTH, max(span.start, span.end - 1) // _WIDTH + 1)
            for covered, number in self._buckets.get(bucket, ())
            if covered.overlaps(span)
        }
        return [self._items[number] for number in sorted(hits)]
