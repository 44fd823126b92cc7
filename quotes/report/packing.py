"""Packing: which articles share a page, so that none is too large to open at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from quotes.report.document import Item

_Thing = TypeVar("_Thing")

_ARTICLE: Final = 3_600
_PER_QUOTE: Final = 1_050
_PER_REMARK: Final = 550
"""Bytes of markup, found by weighing pages of the seeds. A wrong guess makes a page smaller, never too large."""


def estimate(item: Item) -> int:
    """About how many bytes of HTML *item* becomes."""
    record, text = item
    quotes = record.value["quotes"]
    remarks = sum(len(record.value[name]) for name in ("skipped", "unresolved", "rejected", "errors"))
    words = _size(text or "") + sum(_size(quote["text"]) for quote in quotes)
    return _ARTICLE + words + _PER_QUOTE * len(quotes) + _PER_REMARK * remarks


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def packs(things: Iterable[_Thing], size: Callable[[_Thing], int], most: int) -> Iterator[list[_Thing]]:
    """*things* in order, as few lists of them as have at most the *size* of *most*; what alone is larger is alone."""
    pack: list[_Thing] = []
    together = 0
    for thing in things:
        more = size(thing)
        if pack and together + more > most:
            yield pack
            pack, together = [], 0
        pack.append(thing)
        together += more
    if pack:
        yield pack
