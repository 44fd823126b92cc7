"""Quotation marks as characters: which there are, where they stand in a text, and which way they seem to point.

Apart from the pairing of marks (``quotations``) because it looks at single characters and their neighbours only.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Family(Enum):
    """Marks that can close one another."""

    DOUBLE = "double"
    SINGLE = "single"
    GUILLEMET = "guillemet"
    SINGLE_GUILLEMET = "single guillemet"
    CORNER = "corner"
    WHITE_CORNER = "white corner"

    __hash__ = object.__hash__  # members are single: hashing their names, as enums do, is slow


class Points(IntEnum):
    """Which way a mark points: it opens, it closes, or that is open."""

    CLOSE = -1
    EITHER = 0
    OPEN = 1


class Side(Enum):
    """What stands next to a mark."""

    SPACE = "space"  # the border of the paragraph too
    WORD = "word"
    STOP = "stop"  # punctuation that ends something, closing brackets
    OPENING = "opening"  # brackets that open
    DASH = "dash"
    OTHER = "other"  # currency signs, emoji, emphasis


class Mark(NamedTuple):
    """One mark: ``text[start:end]`` (two characters for ``''``), *before* and *after* the run of marks it is in."""

    start: int
    end: int
    char: str
    family: Family
    look: Points
    before: Side
    after: Side


class Pair(NamedTuple):
    """A quotation before it has a place among the others; without a close, *inner_end* is *end*."""

    start: int
    inner_start: int
    inner_end: int
    end: int
    family: Family


_FORM: dict[str, tuple[Family, Points]] = {
    '"': (Family.DOUBLE, Points.EITHER),
    "＂": (Family.DOUBLE, Points.EITHER),
    "''": (Family.DOUBLE, Points.EITHER),
    "“": (Family.DOUBLE, Points.OPEN),
    "‟": (Family.DOUBLE, Points.OPEN),
    "„": (Family.DOUBLE, Points.OPEN),
    "〝": (Family.DOUBLE, Points.OPEN),
    "``": (Family.DOUBLE, Points.OPEN),
    "‘‘": (Family.DOUBLE, Points.OPEN),
    "”": (Family.DOUBLE, Points.CLOSE),
    "〞": (Family.DOUBLE, Points.CLOSE),
    "〟": (Family.DOUBLE, Points.CLOSE),
    "’’": (Family.DOUBLE, Points.CLOSE),
    "«": (Family.GUILLEMET, Points.OPEN),
    "»": (Family.GUILLEMET, Points.CLOSE),
    "‹": (Family.SINGLE_GUILLEMET, Points.OPEN),
    "›": (Family.SINGLE_GUILLEMET, Points.CLOSE),
    "「": (Family.CORNER, Points.OPEN),
    "」": (Family.CORNER, Points.CLOSE),
    "｢": (Family.CORNER, Points.OPEN),
    "｣": (Family.CORNER, Points.CLOSE),
    "﹁": (Family.CORNER, Points.OPEN),
    "﹂": (Family.CORNER, Points.CLOSE),
    "『": (Family.WHITE_CORNER, Points.OPEN),
    "』": (Family.WHITE_CORNER, Points.CLOSE),
    "﹃": (Family.WHITE_CORNER, Points.OPEN),
    "﹄": (Family.WHITE_CORNER, Points.CLOSE),
    "'": (Family.SINGLE, Points.EITHER),
    "＇": (Family.SINGLE, Points.EITHER),
    "‘": (Family.SINGLE, Points.OPEN),
    "‛": (Family.SINGLE, Points.OPEN),
    "‚": (Family.SINGLE, Points.OPEN),
    "’": (Family.SINGLE, Points.CLOSE),
}
"""What each mark is by its form alone."""

_FIXED = frozenset("„「」｢｣﹁﹂『』﹃﹄")
"""Marks that point where their form points, whatever stands around them."""

DOUBLE_MARKS = "".join(c for c, (family, _) in _FORM.items() if len(c) == 1 and family is not Family.SINGLE)
"""Every mark that can only be a quotation mark."""

SINGLE_MARKS = "".join(c for c, (family, _) in _FORM.items() if len(c) == 1 and family is Family.SINGLE)
"""Every mark that may be an apostrophe as well."""

_MARK = f"[{re.escape(DOUBLE_MARKS + SINGLE_MARKS)}`]"
_RUN = re.compile(f"{_MARK}{_MARK}*")  # a pattern that starts with a class, not a repeat, is searched for fast
_PAIRS = re.compile(r"''|``|‘‘|’’|.", re.DOTALL)
# A value in markup or code: name="value". Neither of its marks quotes anything.
_ATTRIBUTE = re.compile(r"\"[^\"<>\r\n]*\"(?=[\s/>?])|'[^'<>\r\n]*'(?=[\s/>?])")
_LONGEST_TICKED = 2_000  # characters
_SINGLES = frozenset(SINGLE_MARKS)
_DOTS = ".."
_NEAR = 8  # invisible characters between a mark and its neighbour
_DASHES = frozenset("-‐‑‒–—―/")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069")


def find_marks(text: str, start: int, end: int) -> Iterator[Mark]:
    """The quotation marks of the paragraph ``text[start:end]`` in order; apostrophes inside words are left out."""
    skip_to = start
    for run in _RUN.finditer(text, start, end):
        first, last = run.span()
        marks = run.group()
        if first < skip_to or (marks in _SINGLES and inside_word(text, first)):
            continue
        if text[first - 1] == "=" and (attribute := _attribute_end(text, first, end)):
            skip_to = attribute
            continue
        if "`" in marks and not _quotes_with_ticks(marks, text, last, end):
            marks = marks.replace("`", "\0")
        yield from _marks_of(marks, text, first, start, end)


def _quotes_with_ticks(run: str, text: str, last: int, end: int) -> bool:
    """Whether two back ticks open a quotation that ``''`` closes, as in LaTeX, rather than a piece of code."""
    return "```" not in run and text.find("''", last, min(end, last + _LONGEST_TICKED)) >= 0


def _attribute_end(text: str, at: int, end: int) -> int:
    """Where the attribute value that opens at *at* ends; 0 where there is none."""
    if at < 2 or text[at - 1] != "=" or not (text[at - 2].isalnum() or text[at - 2] in "-_"):
        return 0
    value = _ATTRIBUTE.match(text, at, min(len(text), end + 1))
    return value.end() if value else 0


def _marks_of(run: str, text: str, first: int, start: int, end: int) -> Iterator[Mark]:
    before, after, look = _sides(_char_before(text, first, start), _chars_after(text, first + len(run), end))
    form = _FORM.get(run)
    if form is not None:
        yield Mark(first, first + len(run), run, form[0], look, before, after)
        return
    at = first
    for char in _split(run, look):
        form = _FORM.get(char)
        if form is not None:
            yield Mark(at, at + len(char), char, form[0], look, before, after)
        at += len(char)


def _split(run: str, look: Points) -> list[str]:
    """*run* cut into marks. Of three single marks in a row the outer two of the nearer side are the double one."""
    if len(run) < 2:
        return [run]
    if look is not Points.OPEN and (odd := re.match(r"(['’])\1\1(?!\1)", run)):
        return [odd[1], odd[1] * 2, *_PAIRS.findall(run[3:])]
    return _PAIRS.findall(run)


def _char_before(text: str, at: int, start: int) -> str:
    """The visible character before *at*, empty at the *start* of the paragraph."""
    stop = max(start, at - _NEAR)
    while at > stop and text[at - 1] in _INVISIBLE:
        at -= 1
    return text[at - 1] if at > start else ""


def _chars_after(text: str, at: int, end: int) -> str:
    """The visible character at or after *at*, or two dots; empty at the *end* of the paragraph."""
    stop = min(end, at + _NEAR)
    while at < stop and text[at] in _INVISIBLE:
        at += 1
    if at >= end:
        return ""
    return _DOTS if text.startswith(_DOTS, at) else text[at]


@lru_cache(maxsize=4096)
def _sides(before: str, after: str) -> tuple[Side, Side, Points]:
    """What the characters *before* and *after* a mark are, and which way it seems to point between them."""
    left = _side_of(before)
    # Two dots: a quotation that starts in the middle of things.
    right = Side.OTHER if after == _DOTS else _side_of(after)
    return left, right, _look(left, right)


def _side_of(char: str) -> Side:
    """What *char* is as the neighbour of a mark."""
    if not char or char.isspace():
        return Side.SPACE
    if char.isalnum():
        return Side.WORD
    if char in _DASHES:
        return Side.DASH
    category = unicodedata.category(char)
    if category[0] == "M":
        return Side.WORD
    if category == "Ps" or char in "¿¡":
        return Side.OPENING
    if category == "Pe" or char in ".,;:!?…%。、，！？：；،؛؟":
        return Side.STOP
    return Side.OTHER


def _look(before: Side, after: Side) -> Points:
    """Which way a mark between these neighbours seems to point."""
    if before is Side.SPACE:
        return Points.EITHER if after in (Side.SPACE, Side.STOP) else Points.OPEN
    if after is Side.SPACE:
        return Points.CLOSE
    if before in (Side.OPENING, Side.DASH):
        return Points.EITHER if after in (Side.STOP, Side.DASH) else Points.OPEN
    return Points.EITHER if after in (Side.WORD, Side.OTHER) else Points.CLOSE


def points(mark: Mark) -> Points:
    """Which way *mark* points by its form and its neighbours, where these outweigh a soft form.

    ``”`` before a word opens, ``“`` after one closes, ``»Ja«`` is as good as ``«Ja»``.
    """
    form = _FORM[mark.char][1]
    if mark.char in _FIXED or mark.look is Points.EITHER:
        return form
    return mark.look


def inside_word(text: str, at: int) -> bool:
    """Whether the character at *at* stands between two letters or digits of a script that separates words."""
    return 0 < at < len(text) - 1 and _spaced(text[at - 1]) and _spaced(text[at + 1])


def _spaced(char: str) -> bool:
    return char.isalnum() and not unspaced(char)


def unspaced(char: str) -> bool:
    """Whether *char* belongs to a script written without spaces between words."""
    return char >= "\u0e00" and _unspaced(ord(char))


@lru_cache(maxsize=4096)
def _unspaced(code: int) -> bool:
    return any(low <= code <= high for low, high in _UNSPACED)


_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # ideographs and kana
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # halfwidth kana
    (0x20000, 0x3FFFF),
)
