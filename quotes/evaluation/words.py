"""Words and quoted stretches as the judge of the gold corpora counts them, apart from how the extractor reads a text.

An extractor may learn to read quotation marks better; a measure must not change with it. So the two share no code.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

from quotes.model import QuoteType, Span, Spans

_WORD: Final = re.compile(r"\w+(?:[-.,'’]\w+)*")
_LINE: Final = re.compile(r"[^\n]+")
_OPENING: Final = frozenset("“„«‹")
_CLOSING: Final = frozenset("”»›")
_STRAIGHT: Final = frozenset('"＂')
_MARK: Final = re.compile("[" + "".join(sorted(_OPENING | _CLOSING | _STRAIGHT)) + "]")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text: runs of word characters, with ``' ’ - . ,`` inside them.

    Word *i* stands at ``[starts[i], ends[i])``. *quoted* are the stretches inside double quotation marks, *inside*
    the numbers of the words that touch one of them.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    quoted: Spans
    inside: frozenset[int]

    def touched(self, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
        """The numbers of the words that share a code point with one of *spans*."""
        return _touched(self.starts, self.ends, spans)

    def type_of(self, numbers: frozenset[int]) -> QuoteType:
        """The type of a quote whose content touches the words *numbers*: direct where all are quoted."""
        if not numbers.isdisjoint(self.inside):
            return "direct" if numbers <= self.inside else "mixed"
        return "indirect"


def words_of(text: str) -> Words:
    """The words and quoted stretches of *text*."""
    found = [match.span() for match in _WORD.finditer(text)]
    starts, ends = tuple(start for start, _ in found), tuple(end for _, end in found)
    quoted = tuple(quoted_stretches(text))
    return Words(starts, ends, quoted, _touched(starts, ends, quoted))


def _touched(starts: tuple[int, ...], ends: tuple[int, ...], spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(
        chain.from_iterable(range(bisect_right(ends, start), bisect_left(starts, end)) for start, end in spans)
    )


def quoted_stretches(text: str) -> Iterator[Span]:
    """The stretches of *text* between double quotation marks, the marks left out, in order.

    Marks pair within a paragraph, which is a line. What is still open at its end counts to that end where the next
    paragraph begins with an opening mark, as newspapers print a quotation that runs on; else the mark is a stray one.
    Single marks never count.
    """
    marks = _Marks(text)
    paragraphs = [Span(*match.span()) for match in _LINE.finditer(text) if not match.group().isspace()]
    for paragraph, following in pairwise([*paragraphs, Span(len(text), len(text))]):
        opened: int | None = None
        for match in _MARK.finditer(text, *paragraph):
            at = match.start()
            if marks.opens(at, paragraph, is_open=opened is not None):
                opened = at + 1
                continue
            if opened is not None and opened < at:
                yield Span(opened, at)
            opened = None
        if opened is not None and marks.goes_on(following):
            yield Span(opened, paragraph.end)


class _Marks:
    """Which marks of a text open: German and inward guillemets turn the usual meaning of some around."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._german = "„" in text
        self._inward = re.search(r"»\w", text) is not None and re.search(r"«\w", text) is None

    def opens(self, at: int, paragraph: Span, *, is_open: bool) -> bool:
        """Whether the mark at *at* opens a quotation; *is_open* says that one is open there."""
        text, mark = self._text, self._text[at]
        after = text[at + 1 : min(at + 2, paragraph.end)]
        loose_before = at == paragraph.start or text[at - 1].isspace()
        loose_after = not after or after.isspace()
        if mark in _STRAIGHT:
            # One that clings to the next word alone opens even while another is open: that one's end was lost.
            return loose_before and after.isalnum() if is_open else loose_before or not loose_after
        if mark == "”" and not is_open and loose_before and not loose_after:
            return True
        if mark == "“" and self._german:
            return not is_open and loose_before
        if mark == "“" and is_open and loose_after:
            return False
        return self._points_in(mark)

    def goes_on(self, paragraph: Span) -> bool:
        """Whether *paragraph*, which may be empty at the end of the text, begins with an opening mark."""
        first = paragraph.of(self._text).lstrip()[:1]
        return first in _OPENING or first in _STRAIGHT or (self._inward and first == "»")

    def _points_in(self, mark: str) -> bool:
        if mark in "»«" and self._inward:
            return mark == "»"
        return mark in _OPENING
