"""Pairing single marks, which are apostrophes unless everything speaks for a quotation.

They are looked at between the double marks of one level, where their order is all there is to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from quotes.text.marks import Family, Mark, Pair, Points, Side, points

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOK_AHEAD = 8  # marks; bounds the work done at each mark
_CUT_HEADS = re.compile(
    r"(?:tis|twas|twere|twill|tween|em|til|till|cause|cuz|cos|bout|round|neath|gainst|burbs|hood|rents|fraid|nother"
    r"|nuff|ere|arry|ello|s|n|\d\ds?)\b",
    re.IGNORECASE,
)
"""What is left of a word after an apostrophe at its head."""
_CUT_TAILS = re.compile(r"\b(?:\w+in|o|ol|th|an|wi|d|l|n|qu|m|t|j|c|po|lil|mo)$", re.IGNORECASE)
"""What is left of a word before an apostrophe at its end; the possessive of a plural apart."""
_AND = re.compile(r"['’‘]n['’]", re.IGNORECASE)


class _Close(IntEnum):
    """How much speaks for a mark closing a quotation."""

    NO = 0
    WEAK = 1  # a plural possessive or a cut word is as likely
    FAIR = 2
    STRONG = 3


class _Open(IntEnum):
    """How much speaks for a mark opening a quotation."""

    NO = 0
    WEAK = 1  # needs a strong close
    FAIR = 2  # needs a close
    ALONE = 3  # stands even without one


@dataclass(slots=True)
class _Seen:
    """A mark with what speaks for it, and whether a close comes after it before the next mark that may open."""

    mark: Mark
    opens: _Open
    closes: _Close
    fair_follows: bool = False
    strong_follows: bool = False


def pair_singles(text: str, marks: Sequence[Mark], level_start: int, level_end: int) -> list[Pair]:
    """The quotations among the single *marks* of one level: a paragraph or one double quotation, without what it holds.

    *level_start* and *level_end* are offsets of the level into *text*, without white space at its end.
    """
    seen = [
        _Seen(mark, _opening(text, mark, level_start, level_end), _closing(text, mark, level_end))
        for mark in marks
        if not _is_and(text, mark)
    ]
    _look_back(seen)
    pairs: list[Pair] = []
    open_: list[_Seen] = []
    for index, one in enumerate(seen):
        if open_ and _ends(one):
            pairs.append(_pair(open_.pop(), one.mark.start, one.mark.end))
        elif _starts(one):
            if open_ and not _is_nested(seen, index):
                _give_up(open_, pairs, text, one.mark.start)
            open_.append(one)
    while open_:
        _give_up(open_, pairs, text, level_end)
    return pairs


def _pair(opener: _Seen, inner_end: int, end: int) -> Pair:
    return Pair(opener.mark.start, opener.mark.end, inner_end, end, Family.SINGLE)


def _give_up(open_: list[_Seen], pairs: list[Pair], text: str, end: int) -> None:
    """The last opener has no close: it was an apostrophe, unless it stood where only a quotation starts."""
    opener = open_.pop()
    if opener.opens is _Open.ALONE:
        while end > opener.mark.end and text[end - 1].isspace():
            end -= 1
        pairs.append(_pair(opener, end, end))


def _look_back(seen: list[_Seen]) -> None:
    fair = strong = False
    for one in reversed(seen):
        one.fair_follows, one.strong_follows = fair, strong
        if one.opens and not one.closes:
            fair = strong = False
        fair = fair or one.closes >= _Close.FAIR
        strong = strong or one.closes is _Close.STRONG


def _ends(one: _Seen) -> bool:
    if one.closes is _Close.WEAK:
        return not one.fair_follows
    return one.closes >= _Close.FAIR


def _starts(one: _Seen) -> bool:
    return one.strong_follows if one.opens is _Open.WEAK else one.opens >= _Open.FAIR


def _is_nested(seen: list[_Seen], index: int) -> bool:
    """Whether the quotation open at *index* is closed after the one that opens there."""
    depth = 2
    for one in seen[index + 1 : index + 1 + _LOOK_AHEAD]:
        if one.closes:
            depth -= one.closes >= _Close.FAIR
        elif _starts(one):
            depth += 1
        if not depth:
            return True
    return False


def _is_and(text: str, mark: Mark) -> bool:
    """Whether the mark is one of the two in ``rock 'n' roll``."""
    return bool(_AND.match(text, mark.start) or _AND.match(text, max(0, mark.start - 2)))


def _opening(text: str, mark: Mark, level_start: int, level_end: int) -> _Open:
    if mark.after is Side.SPACE or points(mark) is Points.CLOSE or mark.end >= level_end:
        return _Open.NO
    if mark.look is Points.EITHER:
        # In scripts without spaces only the form tells; elsewhere the space may be forgotten: said,'No
        forgotten = mark.before is Side.STOP and text[mark.end].isupper()
        return _Open.FAIR if forgotten or points(mark) is Points.OPEN else _Open.NO
    if mark.char == "’" or _CUT_HEADS.match(text, mark.end):
        return _Open.WEAK
    starts = mark.start == level_start or text[max(level_start, mark.start - 2) : mark.start] in (": ", ", ")
    return _Open.ALONE if starts and text[mark.end].isupper() else _Open.FAIR


def _closing(text: str, mark: Mark, level_end: int) -> _Close:
    if mark.char == "‚" or points(mark) is Points.OPEN or mark.before is Side.SPACE:
        return _Close.NO
    if mark.before is not Side.WORD:
        return _Close.STRONG
    last = text[mark.start - 1]
    if last.isdigit():
        return _Close.WEAK
    if (mark.after is Side.SPACE and mark.end < level_end) or mark.after is Side.WORD:
        cut = last in "sSzZxX" or _CUT_TAILS.search(text, max(0, mark.start - 24), mark.start)
        return _Close.WEAK if cut else _Close.FAIR
    return _Close.FAIR
