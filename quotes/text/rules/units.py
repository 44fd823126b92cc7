"""Units: a sentence as words, with each quotation standing as one word; what every pattern is written over."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quotes.model import Span, Spans

if TYPE_CHECKING:
    from quotes.text.names import Name
    from quotes.text.quotations import Quotation

QUOTE = "“”"
"""The word a quotation stands as."""

LONGEST_UNIT = 1500
"""Code points outside quotations; a longer sentence is cut, so that looking back in a unit stays cheap."""

MOST_QUOTATIONS = 40
"""Quotations in a unit, for the same reason."""

_WORD = re.compile(
    r"[@#]\w+|[\u3041-\u309f]+|[\u30a0-\u30ff\u4e00-\u9fff]+|(?:[^\W\d_]\.){2,}"
    r"|[£$€]?\w[\w\u0300-\u036f]*"
    r"(?:(?!-(?:t-)?(?:ils?|elles?)\b)(?:[’'\-.,&/]|(?<=\d):(?=\d))\w[\w\u0300-\u036f]*)*(?:[’'](?=\s)|%)?"
    r"|--+|…|[^\w\s]"
)

_INVERSION = re.compile(r"-(?:t-)?(?=(?:ils?|elles?)\b)")
"""What ties a French verb to its pronoun: dit-elle, affirme-t-il. It is no word."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence. The four sequences run parallel, one entry a word, punctuation mark or quotation.

    *quotes* holds the index of the quotation a word stands for, *names* that of the roster entry whose
    mention the word belongs to, -1 elsewhere. *paragraph* numbers the paragraph the sentence stands in.
    """

    span: Span
    paragraph: int
    words: tuple[str, ...]
    lows: tuple[str, ...]
    spans: Spans
    quotes: tuple[int, ...]
    names: tuple[int, ...]
    tails: tuple[str, ...]
    """The first and the last character of the quotation that stands there, else the empty string."""

    def __len__(self) -> int:
        return len(self.words)

    def outside(self) -> Iterator[int]:
        """The positions of the words proper: neither quotations nor punctuation."""
        return (i for i, word in enumerate(self.words) if self.quotes[i] < 0 and word[0].isalnum())

    def low(self, i: int) -> str:
        """The word at *i* in lower case; the empty word beyond either end."""
        return self.lows[i] if 0 <= i < len(self.lows) else ""

    def is_quote(self, i: int) -> bool:
        """Whether a quotation stands at *i*."""
        return 0 <= i < len(self.quotes) and self.quotes[i] >= 0

    def cover(self, first: int, last: int) -> Span:
        """The span from the word at *first* up to, not including, the word at *last*."""
        return Span(self.spans[first].start, self.spans[last - 1].end)

    def ends_with(self, i: int, characters: str) -> bool:
        """Whether the last character of the quotation at *i* is one of *characters*; no where none stands."""
        return 0 <= i < len(self.tails) and self.tails[i][-1:] != "" and self.tails[i][-1] in characters

    def only_quotes(self) -> bool:
        """Whether nothing but quotations and punctuation stands in it."""
        return any(index >= 0 for index in self.quotes) and not any(True for _ in self.outside())


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a text in order, made anew each time they are gone through: a long text has too many to hold.

    Nested quotations stay inside the one that encloses them.
    """

    text: str
    sentences: Sequence[Span]
    quotations: Sequence[Quotation]
    outermost: Sequence[Quotation]
    starts: Sequence[int]
    paragraph_ends: Sequence[int]
    mentions: Sequence[tuple[Span, int]]

    def __iter__(self) -> Iterator[Unit]:
        """Cut, read and name the words, sentence by sentence."""
        for sentence in self.sentences:
            first, last = bisect_left(self.starts, sentence.start), bisect_left(self.starts, sentence.end)
            paragraph = bisect_left(self.paragraph_ends, sentence.end)
            for piece, held in _pieces(self.text, sentence, self.outermost[first:last]):
                unit = read_unit(self.text, piece, held, self.quotations, self.mentions, paragraph)
                if unit.words:
                    yield unit


def read_unit(
    text: str,
    piece: Span,
    inside: Sequence[Quotation],
    quotations: Sequence[Quotation],
    mentions: Sequence[tuple[Span, int]],
    paragraph: int = -1,
) -> Unit:
    """The words of ``text[piece]`` as one unit, in which the quotations *inside* stand as one word each."""
    words = _read(text, piece, inside)
    tails = ("",) * len(words.quotes)
    if inside:
        tails = tuple([_tail(text, quotations[i]) if i >= 0 else "" for i in words.quotes])
    texts, spans, quotes = tuple(words.texts), tuple(words.spans), tuple(words.quotes)
    return Unit(piece, paragraph, texts, words.lows(), spans, quotes, _named(words, mentions), tails)


def split_units(
    text: str,
    sentences: Sequence[Span],
    paragraphs: Sequence[Span],
    quotations: Sequence[Quotation],
    roster: Sequence[Name] = (),
) -> Sequence[Unit] | Units:
    """The units of *text* in order; they can be gone through more than once."""
    outermost = [quotation for quotation in quotations if quotation.parent is None]
    units = Units(
        text,
        sentences,
        quotations,
        outermost,
        [quotation.outer.start for quotation in outermost],
        [paragraph.end for paragraph in paragraphs],
        sorted((mention, name.index) for name in roster for mention in name.mentions),
    )
    return tuple(units) if len(text) <= LONGEST_HELD else units


LONGEST_HELD = 200_000
"""Code points of a text up to which its units are held in memory."""


def _pieces(text: str, sentence: Span, inside: Sequence[Quotation]) -> Iterator[tuple[Span, Sequence[Quotation]]]:
    """The sentence whole, or cut outside quotations where LONGEST_UNIT or MOST_QUOTATIONS is passed."""
    if sentence.end - sentence.start <= LONGEST_UNIT:
        yield sentence, inside
        return
    start = at = sentence.start
    first = outside = 0
    for i, quotation in enumerate(inside):
        while outside + quotation.outer.start - at > LONGEST_UNIT:
            at = _cut(text, at + LONGEST_UNIT - outside, quotation.outer.start)
            yield Span(start, at), inside[first:i]
            start, first, outside = at, i, 0
        outside += quotation.outer.start - at
        at = min(quotation.outer.end, sentence.end)
        if i - first >= MOST_QUOTATIONS:
            yield Span(start, at), inside[first : i + 1]
            start, first, outside = at, i + 1, 0
    while outside + sentence.end - at > LONGEST_UNIT:
        at = _cut(text, at + LONGEST_UNIT - outside, sentence.end)
        yield Span(start, at), inside[first:]
        start, first, outside = at, len(inside), 0
    if start < sentence.end:
        yield Span(start, sentence.end), inside[first:]


def _cut(text: str, near: int, limit: int) -> int:
    found = text.find(" ", near, min(limit, near + 200))
    return found if found >= 0 else min(near, limit)


class _Words(NamedTuple):
    texts: list[str]
    spans: list[Span]
    quotes: list[int]

    def lows(self) -> tuple[str, ...]:
        return tuple([word.lower().replace("’", "'") if "’" in word else word.lower() for word in self.texts])


def _read(text: str, piece: Span, inside: Sequence[Quotation]) -> _Words:
    words = _Words([], [], [])
    at = piece.start
    for quotation in inside:
        _add_words(text, Span(at, quotation.outer.start), words, piece.end)
        words.texts.append(QUOTE)
        words.spans.append(Span(quotation.outer.start, min(quotation.outer.end, piece.end)))
        words.quotes.append(quotation.index)
        at = quotation.outer.end
    _add_words(text, Span(at, piece.end), words, piece.end)
    return words


def _add_words(text: str, part: Span, words: _Words, stop: int) -> None:
    """Append the words of *part*; a full stop inside a sentence belongs to its abbreviation."""
    texts, spans, quotes = words
    for match in _WORD.finditer(text, *part):
        word, (start, end) = match.group(), match.span()
        if word in _SPECIAL:
            if word == ".":
                if end < stop and spans and spans[-1].end == start and quotes[-1] < 0:
                    texts[-1] += "."
                    spans[-1] = Span(spans[-1].start, end)
                    continue
            elif _INVERSION.match(text, start - 1 if word == "t" else start):
                continue
        texts.append(word)
        spans.append(Span(start, end))
        quotes.append(-1)


_SPECIAL = frozenset({".", "-", "t"})


def _tail(text: str, quotation: Quotation) -> str:
    inner = trimmed(text, quotation.inner)
    end = inner.end
    while end > inner.start + 1 and text[end - 1] in "\"'”’»› \u00a0\u202f":
        end -= 1
    return text[inner.start : inner.start + 1] + text[max(inner.start, end - 1) : end]


def trimmed(text: str, span: Span) -> Span:
    """*span* without white space at its ends."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _named(words: _Words, mentions: Sequence[tuple[Span, int]]) -> tuple[int, ...]:
    """For every word the roster entry whose mention it belongs to."""
    named = [-1] * len(words.spans)
    if not words.spans:
        return ()
    spans, quotes = words.spans, words.quotes
    at = max(bisect_left(mentions, (spans[0], -1)) - 1, 0)
    i = 0
    while at < len(mentions) and mentions[at][0].start < spans[-1].end:
        (start, end), entry = mentions[at]
        while i < len(spans) and spans[i].end <= start:
            i += 1
        while i < len(spans) and spans[i].start < end:
            if quotes[i] < 0:
                named[i] = entry
            i += 1
        at += 1
    return tuple(named)
