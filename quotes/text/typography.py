"""Typography apart: a text with its typographic variants made equal, and the way back to its own offsets."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from quotes.text.marks import DOUBLE_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quotes.model import Span

INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Characters without ink or width, as a character class: soft hyphen, joiners, marks of direction."""

VARIATION = "\ufe00-\ufe0f"
"""Variation selectors, as a character class."""

_NOTHING = f"{re.escape(DOUBLE_MARKS)}{INVISIBLE}{VARIATION}"
_ODD_SPACE = r"\t\n\r\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DASH = "‐‑‒–—―−﹘﹣－"
_APOSTROPHES = "’‘‚‛＇`´ʼ′"
# Only what changes is matched: a plain space, hyphen or stop among letters is not. The pattern starts with one class
# for all kinds, then looks back at which it was: only so it is searched for without trying every place.
_SPECIAL = re.compile(
    rf"[{_NOTHING}{_ODD_SPACE} {_APOSTROPHES}{_DASH}\-….⟦⟧]"
    f"(?:(?P<gap>(?<=[{_NOTHING}{_ODD_SPACE}])[{_NOTHING}{_ODD_SPACE} ]*|(?<= )[{_NOTHING}{_ODD_SPACE} ]+)"
    f"|(?:(?<=[{_APOSTROPHES}]))"
    f"|(?P<dash>(?<=[{_DASH}])[{_DASH}-]*|(?<=-)[{_DASH}-]+)"
    r"|(?:(?<=…)|(?<=\.)(?:[ \u00a0\u202f]\.){2})"
    "|(?<=[⟦⟧]))"
)
# Where no plain characters alone make something special, the plain ones are best not looked at.
_AMONG_PLAIN = ("  ", "--", ". .", ".\u00a0.", ".\u202f.")
_ODD = re.compile(
    rf"[{_NOTHING}{_ODD_SPACE}{_APOSTROPHES}{_DASH}…⟦⟧]"
    f"(?:(?P<gap>(?<=[{_NOTHING}{_ODD_SPACE}])[{_NOTHING}{_ODD_SPACE} ]*)|(?P<dash>(?<=[{_DASH}])[{_DASH}-]*)|)"
)
_ANY_SPACE = re.compile(f"[{_ODD_SPACE} ]")
_PLAIN = {**dict.fromkeys(_APOSTROPHES, "'"), "…": "...", "⟦": "⦗", "⟧": "⦘"}
_NOT_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


class Normalised:
    """*plain* is a text without typography; every border of it that is one in the text can be mapped back.

    The map is kept as the pieces where the two differ in length or offset, so its size follows the amount
    of typography, not of text.
    """

    __slots__ = ("_plain_starts", "_raw_ends", "_raw_starts", "_whole", "plain")

    def __init__(self, text: str, ignored: Sequence[Span] = ()) -> None:
        self._plain_starts = array("q")
        self._raw_starts = array("q")
        self._raw_ends = array("q")
        self._whole = bytearray()  # 1: the piece maps as a whole, 0: character by character
        self.plain = self._build(text, ignored)

    def _build(self, text: str, ignored: Sequence[Span]) -> str:
        parts: list[str] = []
        length = position = copied = 0
        for start, end, plain in _pieces(text, ignored):
            parts.append(text[copied:start])
            parts.append(plain)
            copied = end
            if end - start == 1 == len(plain):  # no offset changes: it needs no piece of its own
                continue
            if position < start:
                length = self._add(length, position, start, start - position, whole=False)
            if plain:
                length = self._add(length, start, end, len(plain), whole=True)
            position = end
        if position < len(text):
            self._add(length, position, len(text), 0, whole=False)
        parts.append(text[copied:])
        return "".join(parts)

    def _add(self, at: int, start: int, end: int, length: int, *, whole: bool) -> int:
        self._plain_starts.append(at)
        self._raw_starts.append(start)
        self._raw_ends.append(end)
        self._whole.append(whole)
        return at + length

    def raw_start(self, at: int) -> int | None:
        """The offset in the text of ``plain[at]``; ``None`` where it is not the first character of its piece."""
        piece = bisect_right(self._plain_starts, at) - 1
        within = at - self._plain_starts[piece]
        if self._whole[piece]:
            return None if within else self._raw_starts[piece]
        return self._raw_starts[piece] + within

    def raw_end(self, at: int) -> int | None:
        """The offset in the text just past ``plain[at - 1]``; ``None`` where it is not the last of its piece."""
        piece = bisect_right(self._plain_starts, at - 1) - 1
        if self._whole[piece]:
            following = self._plain_starts[piece + 1] if piece + 1 < len(self._plain_starts) else len(self.plain)
            return self._raw_ends[piece] if at == following else None
        return self._raw_starts[piece] + at - self._plain_starts[piece]

    def plain_at(self, offset: int) -> int:
        """The offset in *plain* of what stands at or after *offset* of the text."""
        piece = bisect_right(self._raw_starts, offset) - 1
        if piece < 0:
            return 0
        following = self._plain_starts[piece + 1] if piece + 1 < len(self._plain_starts) else len(self.plain)
        if offset >= self._raw_ends[piece]:
            return following
        if self._whole[piece]:
            return following if offset > self._raw_starts[piece] else self._plain_starts[piece]
        return self._plain_starts[piece] + offset - self._raw_starts[piece]


def normalise(text: str) -> str:
    """*text* with white space, marks, dashes, ellipses, composition and invisible characters made plain."""
    if _SPECIAL.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text
    return Normalised(text).plain


def _pieces(text: str, ignored: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    """The stretches of *text* that normalising changes, in order, with what they become."""
    composed = unicodedata.is_normalized("NFC", text)
    position = 0
    blanked = _blanked(text, ignored)
    for start, end, kind in _special(blanked):
        found = blanked[start:end]
        if kind == "gap":
            plain = " " if _ANY_SPACE.search(found) else ""
        else:
            plain = "-" if kind == "dash" else _PLAIN.get(found, "...")
        if not composed:
            yield from _compositions(text, position, start)
        yield start, end, plain
        position = end
    if not composed:
        yield from _compositions(text, position, len(text))


def _special(text: str) -> Iterator[tuple[int, int, str | None]]:
    """What `_SPECIAL` finds in *text*: where each begins and ends, and its kind."""
    if any(among in text for among in _AMONG_PLAIN):
        for match in _SPECIAL.finditer(text):
            yield *match.span(), match.lastgroup
        return
    for match in _ODD.finditer(text):
        start, end = match.span()
        kind = match.lastgroup
        before = text[start - 1 : start]
        if before and ((before == " " and kind == "gap") or (before == "-" and kind == "dash")):
            start -= 1
        yield start, end, kind


def _blanked(text: str, ignored: Sequence[Span]) -> str:
    """*text* with the *ignored* characters replaced by one that counts for nothing, offsets unchanged."""
    parts: list[str] = []
    position = 0
    for span in ignored:
        start = max(span.start, position)
        if start < span.end:
            parts += [text[position:start], "\u2060" * (span.end - start)]
            position = span.end
    return "".join(parts) + text[position:] if parts else text


def _compositions(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The sequences of ``text[start:end]`` that canonical composition changes."""
    for match in _NOT_ASCII.finditer(text, start, end):
        if unicodedata.is_normalized("NFC", match.group()):
            continue
        for first, last in _clusters(match.group()):
            cluster = match.group()[first:last]
            plain = unicodedata.normalize("NFC", cluster)
            if plain != cluster:
                yield match.start() + first, match.start() + last, plain


def _clusters(run: str) -> Iterator[tuple[int, int]]:
    """*run* cut where no character composes with the ones before it."""
    first = 0
    for at in range(1, len(run)):
        if not _composes(run[first:at] if at - first < 4 else run[at - 1 : at], run[at]):
            yield first, at
            first = at
    if run:
        yield first, len(run)


def _composes(before: str, char: str) -> bool:
    if unicodedata.combining(char):
        return True
    head = unicodedata.normalize("NFC", before)
    return unicodedata.normalize("NFC", head + char) != head + unicodedata.normalize("NFC", char)
