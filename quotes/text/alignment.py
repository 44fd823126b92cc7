"""Alignment: where the words of an anchor are printed in an article, exactly, typography apart."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from quotes.model import Span
from quotes.text.marks import unspaced
from quotes.text.typography import INVISIBLE, VARIATION, Normalised, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARK_SYNTAX = re.compile(r"⟦\d+:|⟦|⟧")
_EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_CUT_TAIL = re.compile(r"(?:s|t|re|ve|ll|d|m)\b", re.IGNORECASE)
"""What an English contraction or possessive leaves after its apostrophe."""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_VARIATION = re.compile(f"[{VARIATION}]")
_JOINER = "\u200d"
_SKIN = ("\U0001f3fb", "\U0001f3ff")


class Printed:
    """The text of one article, ready to be searched.

    *ignored* are spans that count for nothing, such as the single marks known to be quotation marks; double
    ones never count. The index is built at the first search, in time linear in the text.
    """

    def __init__(self, text: str, ignored: Iterable[Span] = ()) -> None:
        self.text = text
        self._ignored = tuple(sorted(ignored))

    @cached_property
    def _index(self) -> Normalised:
        return Normalised(self.text, self._ignored)

    def find(self, anchor: str, within: Span, near: int) -> Span | None:
        """Where *anchor* is printed in ``text[within]``, typography apart; of several places the one nearest to *near*.

        *within*, *near* and the result are code-point offsets into the text, spans half-open. Equal are:
        runs of white space; variants of apostrophes, of dashes and of the ellipsis; canonically equivalent
        sequences; a capital and a small letter at the start of the anchor, where nothing matches as written.
        Quotation marks, invisible characters, and the numbered marks of a prompt in the anchor (``⟦3:`` and
        ``⟧``) count for nothing. Nothing else is equal: a changed word is a different text, and no match starts or
        ends inside a word, a number or a composed character. ``None`` when it is printed nowhere. Takes time in the
        length of *within*.
        """
        low, high = self._index.plain_at(within.start), self._index.plain_at(within.end)
        for wanted, dropped in _readings(anchor):
            best, nearest = None, 0
            for span in self._places(wanted, low, high):
                away = max(span.start - near, near - span.end, 0)
                better = best is None or away < nearest
                if better and within.covers(span) and (not dropped or self._ignored_around(span) >= dropped):
                    best, nearest = span, away
            if best is not None:
                return best
        return None

    def _ignored_around(self, span: Span) -> int:
        """How many ignored spans lie in *span* or touch it."""
        first = bisect_left(self._ignored, span.start, key=lambda ignored: ignored.end)
        return bisect_right(self._ignored, span.end, key=lambda ignored: ignored.start) - first

    def _places(self, wanted: str, low: int, high: int) -> Iterator[Span]:
        at = self._index.plain.find(wanted, low, high)
        while at >= 0:
            span = self._raw(at, at + len(wanted))
            if span is not None and not self._splits(span):
                yield span
            at = self._index.plain.find(wanted, at + 1, high)

    def _raw(self, start: int, end: int) -> Span | None:
        first, last = self._index.raw_start(start), self._index.raw_end(end)
        if first is None or last is None:
            return None
        while last < len(self.text) and _VARIATION.match(self.text, last):
            last += 1
        return Span(first, last)

    def _splits(self, span: Span) -> bool:
        """Whether a border of *span* runs through a word, a number or a composed character."""
        return self._starts_inside(span.start) or self._ends_inside(span.end)

    def _starts_inside(self, at: int) -> bool:
        text = self.text
        if at and text[at - 1] == " " and text[at].isalnum():  # as nearly always
            return False
        if _extends(text[at]):
            return at > 0 and not text[at - 1].isspace()
        before, joined = self._neighbour(at - 1, -1)
        if joined or not before:
            return joined
        if before in ".," and text[at].isdigit():
            return text[max(0, at - 2) : at - 1].isdigit()
        if normalise(before) == "'" and text[max(0, at - 2) : at - 1].isalnum():
            return _CUT_TAIL.match(text, at) is not None
        return _one_word(before, text[at])

    def _ends_inside(self, at: int) -> bool:
        text = self.text
        if text[at : at + 1] == " " and text[at - 1].isalnum():  # as nearly always
            return False
        after, joined = self._neighbour(at, 1)
        if joined or not after:
            return joined
        if _extends(after):
            return True
        last = self._last_base(at)
        if after in ".," and last.isdigit():
            return text[at + 1 : at + 2].isdigit()
        if last in "nN" and normalise(text[at : at + 2]).lower() == "'t":
            return not text[at + 2 : at + 3].isalnum()
        return _one_word(last, after)

    def _neighbour(self, at: int, step: int) -> tuple[str, bool]:
        """The visible character at *at* or beyond, and whether a joiner binds it to the match."""
        for _ in range(16):
            if not 0 <= at < len(self.text):
                return "", False
            char = self.text[at]
            if char == _JOINER:
                return char, True
            if not _INVISIBLE.match(char):
                return char, False
            at += step
        return "", False

    def _last_base(self, end: int) -> str:
        """The last character before *end* that is no combining mark."""
        for at in range(end - 1, max(-1, end - 16), -1):
            if not _extends(self.text[at]) and not _INVISIBLE.match(self.text[at]):
                return self.text[at]
        return self.text[end - 1]


def _readings(anchor: str) -> Iterator[tuple[str, int]]:
    """The plain forms *anchor* may be printed in, the most literal first, and how many apostrophes each leaves out.

    An apostrophe at the edge of a word may be a single quotation mark, which the text has ignored.
    """
    unmarked = normalise(_MARK_SYNTAX.sub("", anchor)).strip()
    yield from ((form, 0) for form in _cases(unmarked))
    literal = normalise(anchor).strip()
    if literal != unmarked:
        yield from ((form, 0) for form in _cases(literal))
    bare, dropped = _EDGE_APOSTROPHE.subn("", unmarked)
    bare = " ".join(bare.split())
    if bare != unmarked:
        yield from ((form, dropped) for form in _cases(bare))


def _cases(form: str) -> Iterator[str]:
    """*form* and, where there is one, that with the first letter in the other case."""
    for wanted in (form, _other_case(form)):
        if wanted:
            yield wanted


def _other_case(form: str) -> str:
    for at, char in enumerate(form):
        if char.isalpha():
            other = char.swapcase()
            return form[:at] + other + form[at + 1 :] if len(other) == 1 else ""
    return ""


def _extends(char: str) -> bool:
    """Whether *char* belongs to the character before it."""
    return unicodedata.category(char)[0] == "M" or _SKIN[0] <= char <= _SKIN[1]


def _one_word(left: str, right: str) -> bool:
    return _in_word(left) and _in_word(right)


def _in_word(char: str) -> bool:
    return (char.isalnum() or _extends(char) or char == "_") and not unspaced(char)
