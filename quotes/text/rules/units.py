"""Units: a sentence as words, with each quotation standing as one word; what every pattern is written over."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from quotes.model import Span
from quotes.text.rules.wordclasses import LETTERS, NAME, NOUN, OPEN, QUOTATION, Vocabulary, vocabulary_of
from quotes.text.rules.words import Places, Words, places_of, read_words, trimmed

if TYPE_CHECKING:
    from quotes.text.names import Name
    from quotes.text.quotations import Quotation
    from quotes.text.reading import Reading
    from quotes.text.rules.case import Found

LONGEST_UNIT = 1500
"""Code points outside quotations; a longer sentence is cut, so that looking back in a unit stays cheap."""

MOST_QUOTATIONS = 40
"""Quotations in a unit, for the same reason."""

LONGEST_HELD = 200_000
"""Code points of a text up to which its units are held in memory."""


@dataclass(slots=True, eq=False)
class Unit:
    """One sentence. *words* and the sequences beside it run parallel, one entry a word, punctuation mark or quotation.

    *lows* are the words in lower case, *bits* what is to be told of each (see `wordclasses`), *seen* all those bits
    together. *quotes* holds the index of the quotation a word stands for, *names* that of the roster entry whose
    mention the word belongs to, -1 elsewhere; *tails* the first and the last character of the quotation that stands
    there, else the empty string. *quoted* are the places of the quotations, *held* those themselves. *paragraph*
    numbers the paragraph the sentence stands in.
    """

    text: str
    span: Span
    paragraph: int
    read: Words
    held: Sequence[Quotation]
    words: tuple[str, ...]
    lows: tuple[str, ...]
    bits: tuple[int, ...]
    seen: int
    quotes: tuple[int, ...]
    names: tuple[int, ...]
    tails: tuple[str, ...]
    quoted: tuple[int, ...] = ()
    second: tuple[Found, ...] | None = field(default=None, repr=False)
    """What was found in it before without looking at single cues."""
    _places: Places | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def places(self) -> Places:
        """Where each word begins and ends. Looked up when first asked for: from most sentences nothing is quoted."""
        if self._places is None:
            self._places = places_of(self.text, self.span, self.read, self.held)
        return self._places

    def outside(self) -> Iterator[int]:
        """The positions of the words proper: neither quotations nor punctuation."""
        return (i for i, bits in enumerate(self.bits) if bits & LETTERS)

    def low(self, i: int) -> str:
        """The word at *i* in lower case; the empty word beyond either end."""
        return self.lows[i] if 0 <= i < len(self.lows) else ""

    def is_quote(self, i: int) -> bool:
        """Whether a quotation stands at *i*."""
        return 0 <= i < len(self.quotes) and self.quotes[i] >= 0

    def cover(self, first: int, last: int) -> Span:
        """The span from the word at *first* up to, not including, the word at *last*."""
        starts, ends = self.places
        return Span(starts[first], ends[last - 1])

    def ends_with(self, i: int, characters: str) -> bool:
        """Whether the last character of the quotation at *i* is one of *characters*; no where none stands."""
        return 0 <= i < len(self.tails) and self.tails[i][-1:] != "" and self.tails[i][-1] in characters

    def only_quotes(self) -> bool:
        """Whether nothing but quotations and punctuation stands in it."""
        return self.quoted != () and not self.seen & LETTERS

    def place_quotations(self) -> None:
        """Tell at which words the quotations *held* stand, and how each begins and ends."""
        self.quoted = tuple([i for i, bits in enumerate(self.bits) if bits & QUOTATION])
        quotes, tails = list(self.quotes), list(self.tails)
        for i, quotation in zip(self.quoted, self.held, strict=True):
            quotes[i] = quotation.index
            tails[i] = _tail(self.text, quotation)
        self.quotes, self.tails = tuple(quotes), tuple(tails)

    def name_words(self, mentions: Sequence[tuple[Span, int]], first: int) -> None:
        """Tell for every word the roster entry whose mention it belongs to; *mentions* are sorted, those before *first*
        end before the unit begins."""
        names, (starts, ends) = list(self.names), self.places
        at, i = first, 0
        while at < len(mentions) and mentions[at][0].start < ends[-1]:
            (start, end), entry = mentions[at]
            i = bisect_right(ends, start, i)
            while i < len(ends) and starts[i] < end:
                if self.quotes[i] < 0:
                    names[i] = entry
                i += 1
            at += 1
        self.names = tuple(names)
        named = [_as_named(self, i) if entry >= 0 else self.bits[i] for i, entry in enumerate(names)]
        self.bits = tuple(named)
        self.seen = reduce(or_, self.bits)


def _as_named(unit: Unit, i: int) -> int:
    """The bits of a word that is part of a name: a noun, whatever else it would be, and of no closed class."""
    bits = unit.bits[i] | NAME | NOUN
    return bits | OPEN if bits & LETTERS or unit.lows[i][0] == "@" else bits


class Mentioned(NamedTuple):
    """Where names stand, in text order, each with the index of its roster entry; *starts* are their first offsets."""

    places: Sequence[tuple[Span, int]]
    starts: Sequence[int]

    def are_in(self, piece: Span) -> bool:
        """Whether a mention stands in *piece* or reaches into it."""
        at = bisect_left(self.starts, piece.start)
        if at < len(self.starts) and self.starts[at] < piece.end:
            return True
        return at > 0 and self.places[at - 1][0].end > piece.start


def mentioned(roster: Sequence[Name]) -> Mentioned:
    """The mentions of *roster*."""
    places = sorted([(mention, name.index) for name in roster for mention in name.mentions])
    return Mentioned(places, [mention.start for mention, _ in places])


@dataclass(slots=True, eq=False)
class Units:
    """The units of an article, line by line, which are sentences or pieces of them.

    Of a text that is not too long they are kept: what is asked about one reading, by the rules, for the candidates of a
    prompt, goes through the same sentences. Nested quotations stay inside the one that encloses them.
    """

    text: str
    outermost: Sequence[Quotation]
    starts: Sequence[int]
    paragraph_ends: Sequence[int]
    mentions: Mentioned
    vocabulary: Vocabulary
    kept: dict[Span, tuple[Unit, ...]] | None

    def of(self, lines: Iterable[Span]) -> Iterator[Unit]:
        """The units of *lines*, in order."""
        if self.kept is None:
            for line in lines:
                yield from self._cut(line)
            return
        for line in lines:
            units = self.kept.get(line)
            if units is None:
                units = self.kept[line] = tuple(self._cut(line))
            yield from units

    def _cut(self, line: Span) -> Iterator[Unit]:
        """Cut *line*, read and name its words."""
        first, last = bisect_left(self.starts, line.start), bisect_left(self.starts, line.end)
        paragraph = bisect_left(self.paragraph_ends, line.end)
        for piece, held in _pieces(self.text, line, self.outermost[first:last]):
            unit = read_unit(self.text, piece, held, self.mentions, self.vocabulary, paragraph)
            if unit.words:
                yield unit


@dataclass(frozen=True, slots=True)
class Lines:
    """The units of some *lines* of an article: they can be gone through more than once, and are kept or made anew."""

    units: Units
    lines: Sequence[Span]

    def __iter__(self) -> Iterator[Unit]:
        return self.units.of(self.lines)


def split_units(reading: Reading, lines: Sequence[Span] | None = None) -> Lines:
    """The units of *reading* in order, or of its stretches *lines*."""
    units = reading.worked_out.get("units")
    if units is None:
        units = reading.worked_out["units"] = _units_of(reading)
    return Lines(units, reading.sentences if lines is None else lines)


def _units_of(reading: Reading) -> Units:
    outermost = [quotation for quotation in reading.quotations if quotation.parent is None]
    return Units(
        reading.text,
        outermost,
        [quotation.outer.start for quotation in outermost],
        [paragraph.end for paragraph in reading.paragraphs],
        mentioned(reading.roster),
        vocabulary_of(reading.language),
        {} if len(reading.text) <= LONGEST_HELD else None,
    )


def read_unit(
    text: str,
    piece: Span,
    inside: Sequence[Quotation],
    mentions: Mentioned,
    vocabulary: Vocabulary,
    paragraph: int = -1,
) -> Unit:
    """The words of ``text[piece]`` as one unit, in which the quotations *inside* stand as one word each."""
    words = read_words(text, piece, inside, vocabulary)
    texts, lows, bits, seen, _ = words
    none, blank = (-1,) * len(texts), ("",) * len(texts)
    unit = Unit(text, piece, paragraph, words, inside, texts, lows, bits, seen, none, none, blank)
    if inside:
        unit.place_quotations()
    if texts and mentions.are_in(piece):
        places = mentions.places
        unit.name_words(places, max(bisect_left(places, (unit.cover(0, 1), -1)) - 1, 0))
    return unit


def _pieces(text: str, sentence: Span, inside: Sequence[Quotation]) -> Iterable[tuple[Span, Sequence[Quotation]]]:
    """The sentence whole, or cut outside quotations where LONGEST_UNIT or MOST_QUOTATIONS is passed."""
    if sentence.end - sentence.start <= LONGEST_UNIT:
        return ((sentence, inside),)
    return _cut_pieces(text, sentence, inside)


def _cut_pieces(text: str, sentence: Span, inside: Sequence[Quotation]) -> Iterator[tuple[Span, Sequence[Quotation]]]:
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


def _tail(text: str, quotation: Quotation) -> str:
    inner = trimmed(text, quotation.inner)
    end = inner.end
    while end > inner.start + 1 and text[end - 1] in "\"'”’»› \u00a0\u202f":
        end -= 1
    return text[inner.start : inner.start + 1] + text[max(inner.start, end - 1) : end]
