"""Covering: which quotations the contents of quotes own, reach into, or leave alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from quotes.model import Span, merged
from quotes.text.quotations import Quotation


class Covered:
    """What *pieces*, those of all contents, cover of a text with these *quotations*.

    *origins* are the indices of the quotations whose words some piece is: of each the innermost it lies in. ``None`` is
    among them where a piece lies in no quotation.
    """

    def __init__(self, pieces: Iterable[Span], quotations: Sequence[Quotation]) -> None:
        pieces = list(pieces)
        self._merged = merged(pieces)
        self.origins = frozenset(_innermost(piece, quotations) for piece in pieces)

    def overlaps(self, quotation: Quotation) -> bool:
        """Whether some content shares a character with *quotation*."""
        wanted = quotation.inner if quotation.inner.start < quotation.inner.end else quotation.outer
        nearest = bisect_right(self._merged, wanted.end - 1, key=lambda span: span.start) - 1
        return nearest >= 0 and self._merged[nearest].overlaps(wanted)

    def reaches_over(self, quotation: Quotation) -> bool:
        """Whether some content begins before *quotation* and goes on into it."""
        nearest = bisect_right(self._merged, quotation.outer.start, key=lambda span: span.start) - 1
        return nearest >= 0 and quotation.outer.start < self._merged[nearest].end


def _innermost(piece: Span, quotations: Sequence[Quotation]) -> int | None:
    """The index of the smallest quotation that *piece* lies in: the one whose words it is."""
    index: int | None = bisect_right(quotations, piece.start, key=lambda quotation: quotation.outer.start) - 1
    while index is not None and index >= 0:
        if quotations[index].outer.covers(piece):
            return index
        index = quotations[index].parent
    return None
