"""The type of a quote: how much of its content stands inside quotation marks, judged by the text alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from quotes.model import QuoteType, Span, Spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quotes.text.quotations import Quotation

_WORD = re.compile(r"\w")
_MARKED = re.compile(r"\S")


def classify(text: str, content: Spans, quotations: Sequence[Quotation]) -> QuoteType:
    """``direct``: every word character of *content* lies inside a quotation; ``indirect``: none; ``mixed``: some.

    *quotations* are those of *text* as ``find_quotations`` gives them, in order. Content without a word
    character (an emoji, a row of dots) is judged by its other printed characters. Takes time
    in the length of *content* and the logarithm of the number of quotations.
    """
    return _classify(text, content, quotations, _WORD) or _classify(text, content, quotations, _MARKED) or "indirect"


def _classify(text: str, content: Spans, quotations: Sequence[Quotation], letter: re.Pattern[str]) -> QuoteType | None:
    inside = outside = False
    for piece in content:
        position = piece.start
        for quoted in _quoted_parts(piece, quotations):
            outside = outside or letter.search(text, position, quoted.start) is not None
            inside = inside or letter.search(text, quoted.start, quoted.end) is not None
            position = quoted.end
        outside = outside or letter.search(text, position, piece.end) is not None
    if inside and outside:
        return "mixed"
    if inside:
        return "direct"
    return "indirect" if outside else None


def _quoted_parts(piece: Span, quotations: Sequence[Quotation]) -> Iterator[Span]:
    """The parts of *piece* inside an outermost quotation, in text order."""
    first = max(bisect_right(quotations, piece.start, key=lambda quotation: quotation.outer.start) - 1, 0)
    while first > 0 and (parent := quotations[first].parent) is not None:
        first = parent
    for position in range(first, len(quotations)):
        quotation = quotations[position]
        if quotation.outer.start >= piece.end:
            return
        start, end = max(quotation.inner.start, piece.start), min(quotation.inner.end, piece.end)
        if quotation.parent is None and start < end:
            yield Span(start, end)
