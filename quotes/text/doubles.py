"""Pairing the marks that can only be quotation marks, within one paragraph.

Apart from single marks (``singles``), which may be apostrophes and are only looked at between these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quotes.text.marks import Family, Mark, Pair, Points, Side, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quotes.model import Span

_LOOK_AHEAD = 16  # marks; bounds the work done at each mark
_DEEPEST = 16  # quotations within quotations; marks that would open a deeper one are ignored
_STRAIGHT = frozenset({'"', "＂", "''"})
_INCHES = frozenset({'"', "＂", "''", "”"})
_ENDS = frozenset(",.!?…")
_HEBREW = ("\u0590", "\u05ff")


def pair_doubles(text: str, paragraph: Span, marks: Sequence[Mark]) -> list[Pair]:
    """The quotations the *marks* of one *paragraph* make, properly nested, in no particular order.

    A mark that closes nothing is ignored. A quotation left open ends before the next mark of its kind that
    evidently opens a new one, else with the quotation around it, else with the paragraph.
    """
    marks = [mark for mark in marks if mark.family is not Family.SINGLE]
    pairs = _in_turns(text, marks)
    return _Pairing(text, paragraph, marks).run() if pairs is None else pairs


def _in_turns(text: str, marks: Sequence[Mark]) -> list[Pair] | None:
    """The quotations of *marks* that are all of one family and open and close in turns, as nearly always.

    ``None`` where they are not, or one of them may be no mark: after a digit, or among Hebrew letters.
    """
    pairs: list[Pair] = []
    opener: Mark | None = None
    for mark in marks:
        if mark.family is not marks[0].family or points(mark) is not (Points.CLOSE if opener else Points.OPEN):
            return None
        if opener is None:
            opener = mark
            continue
        before = text[mark.start - 1]
        if before.isdigit() or _HEBREW[0] <= before <= _HEBREW[1]:
            return None
        pairs.append(Pair(opener.start, opener.end, mark.start, mark.end, mark.family))
        opener = None
    return pairs if opener is None else None


class _Pairing:
    """The marks still open while one walks through a paragraph."""

    def __init__(self, text: str, paragraph: Span, marks: list[Mark]) -> None:
        self.text = text
        self.paragraph = paragraph
        self.marks = marks
        self.points = [points(mark) for mark in marks]
        self.following = _following(marks)
        self.open: list[Mark] = []
        self.pairs: list[Pair] = []

    def run(self) -> list[Pair]:
        for index, mark in enumerate(self.marks):
            opener = self._opener(mark.family)
            if opener is None:
                if self._opens_alone(index):
                    self._begin(mark)
            elif self._opens_within(index, opener):
                if not self._is_nested(index, opener):
                    self._end(opener, self._trimmed(mark.start))
                self._begin(mark)
            elif not self._is_no_close(index, opener):
                self._end(opener, mark.start, mark.end)
        if self.open:
            self._end(self.open[0], self._trimmed(self.paragraph.end))
        return self.pairs

    def _opener(self, family: Family) -> Mark | None:
        for mark in reversed(self.open):
            if mark.family is family:
                return mark
        return None

    def _begin(self, mark: Mark) -> None:
        if len(self.open) < _DEEPEST:
            self.open.append(mark)

    def _end(self, opener: Mark, inner_end: int, end: int | None = None) -> None:
        """Close *opener*, and with it whatever was opened inside and not closed."""
        while True:
            mark = self.open.pop()
            if mark is opener:
                self.pairs.append(Pair(mark.start, mark.end, inner_end, end or inner_end, mark.family))
                return
            unclosed = self._trimmed(inner_end)
            self.pairs.append(Pair(mark.start, mark.end, unclosed, unclosed, mark.family))

    def _trimmed(self, end: int) -> int:
        while end > self.paragraph.start and self.text[end - 1].isspace():
            end -= 1
        return end

    def _opens_alone(self, index: int) -> bool:
        """Whether the mark opens a quotation while none of its kind is open."""
        mark = self.marks[index]
        direction = self.points[index]
        if direction is not Points.EITHER:
            return direction is Points.OPEN
        if mark.before is Side.WORD and mark.after is Side.WORD:
            return not (self._is_hebrew(mark) or self.text[mark.start - 1].isdigit())
        if mark.before is Side.SPACE and mark.after is Side.SPACE:  # spaced out, or a ditto mark
            return self._points_next(index) in (Points.CLOSE, Points.EITHER)
        return mark.before is not Side.SPACE or self.following[index] is not None

    def _opens_within(self, index: int, opener: Mark) -> bool:
        """Whether the mark opens another quotation rather than closing *opener*."""
        mark = self.marks[index]
        if self.points[index] is not Points.OPEN:
            return False
        if mark.char == "”" and opener.char != "”":
            return False
        if mark.char in "“‟" and mark.after is Side.SPACE:
            return False
        return not (mark.char in _STRAIGHT and opener.char in _STRAIGHT and self._is_late_close(index))

    def _is_late_close(self, index: int) -> bool:
        """Whether a space slipped in before the mark instead of after it: ``"We left. "she said.``"""
        mark = self.marks[index]
        before = self.text[max(self.paragraph.start, mark.start - 2) : mark.start]
        if len(before) < 2 or before[0] not in _ENDS or not self.text[mark.end : mark.end + 1].islower():
            return False
        return self._points_next(index) in (None, Points.OPEN)

    def _is_nested(self, index: int, opener: Mark) -> bool:
        """Whether *opener* is closed after the mark's own quotation, as far as one can see from here."""
        if self.open[-1] is not opener:
            return True
        depth = 2
        here = self.following[index]
        for left in range(_LOOK_AHEAD, 0, -1):
            if here is None or depth > left:
                return False
            depth += 1 if self.points[here] is Points.OPEN else -1
            if not depth:
                return True
            here = self.following[here]
        return False

    def _is_no_close(self, index: int, opener: Mark) -> bool:
        """Whether the mark leaves *opener* open: it counts inches, abbreviates in Hebrew, or is astray."""
        mark = self.marks[index]
        if mark.char not in _INCHES:
            return False
        closes_next = self._points_next(index) is Points.CLOSE
        if self._is_hebrew(mark) or (closes_next and mark.char in _STRAIGHT and opener.char not in _STRAIGHT):
            return True
        before = self.text[max(opener.end, mark.start - 5) : mark.start]
        if not before[-1:].isdigit():
            return False
        if before.rstrip("0123456789.½¼¾")[-1:] in ("'", "’", "′") and before[:1].isdigit():
            return True
        return mark.after is not Side.STOP and closes_next

    def _is_hebrew(self, mark: Mark) -> bool:
        after = self.text[mark.end : mark.end + 1]
        return _HEBREW[0] <= after <= _HEBREW[1] and _HEBREW[0] <= self.text[mark.start - 1 : mark.start] <= _HEBREW[1]

    def _points_next(self, index: int) -> Points | None:
        """Which way the next mark of the same family points."""
        following = self.following[index]
        return None if following is None else self.points[following]


def _following(marks: list[Mark]) -> list[int | None]:
    """For each mark the position of the next one of its family."""
    latest: dict[Family, int] = {}
    result: list[int | None] = [None] * len(marks)
    for index in range(len(marks) - 1, -1, -1):
        family = marks[index].family
        result[index] = latest.get(family)
        latest[family] = index
    return result
