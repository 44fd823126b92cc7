"""Words: a stretch of text as words and punctuation marks, with each quotation standing as one word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from quotes.model import Span
from quotes.text.rules.wordclasses import JOINT, QUOTE, Vocabulary

if TYPE_CHECKING:
    from quotes.text.quotations import Quotation

_WORD = re.compile(
    r"([A-Za-z]++(?=\s)|[A-Za-z]{2,}+(?=[,.]\s)|[,.](?=\s)"  # nearly all words; what follows finds the same there
    r"|[@#]\w+|[\u3041-\u309f]+|[\u30a0-\u30ff\u4e00-\u9fff]+|(?:[^\W\d_]\.){2,}"
    r"|[£$€]?\w[\w\u0300-\u036f]*"
    r"(?:(?!-(?:t-)?(?:ils?|elles?)\b)(?:[’'\-.,&/]|(?<=\d):(?=\d))\w[\w\u0300-\u036f]*)*(?:[’'](?=\s)|%)?"
    r"|--+|…|[^\w\s])\s*+"  # white space is passed over here: a search tries everything on every blank
)

_INVERSION = re.compile(r"-(?:t-)?(?=(?:ils?|elles?)\b)")
"""What ties a French verb to its pronoun: dit-elle, affirme-t-il. It is no word."""


Places = tuple[Sequence[int], Sequence[int]]
"""Where words begin and where they end."""


class Words(NamedTuple):
    """The words of a stretch, as printed and in lower case, each with its bits; *seen* are all bits together.

    *places* is ``None`` where each word is simply the next that reads so: see `places_of`.
    """

    texts: tuple[str, ...]
    lows: tuple[str, ...]
    bits: tuple[int, ...]
    seen: int
    places: Places | None


_NO_WORDS = Words((), (), (), 0, ((), ()))


def read_words(text: str, piece: Span, inside: Sequence[Quotation], vocabulary: Vocabulary) -> Words:
    """The words of ``text[piece]``, in which the quotations *inside* stand as one word each."""
    words = _all_words(text, piece, inside) if inside else _WORD.findall(text, *piece)
    if not words:
        return _NO_WORDS
    lows, bits = zip(*[vocabulary[word] for word in words], strict=True)
    before_last = reduce(or_, bits[:-1], 0)
    full_stop = words[-1] == "." and text[piece.end - 1] == "."  # one that ends the piece belongs to no word
    if before_last & JOINT or (bits[-1] & JOINT and not full_stop):
        return _read_joined(text, piece, inside, vocabulary)
    return Words(tuple(words), lows, bits, before_last | bits[-1], None)


def _read_joined(text: str, piece: Span, inside: Sequence[Quotation], vocabulary: Vocabulary) -> Words:
    joined = list(_joined(text, piece, inside))
    if not joined:
        return _NO_WORDS
    words, starts, ends = zip(*joined, strict=True)
    lows, bits = zip(*[vocabulary[word] for word in words], strict=True)
    return Words(words, lows, bits, reduce(or_, bits), (starts, ends))


def places_of(text: str, piece: Span, words: Words, inside: Sequence[Quotation]) -> Places:
    """Where *words*, which `read_words` made of ``text[piece]``, stand: nothing but white space is between them."""
    if words.places is not None:
        return words.places
    starts: list[int] = []
    ends: list[int] = []
    quotations = iter(inside)
    at = piece.start
    for word in words.texts:
        if word == QUOTE:
            start, at = next(quotations).outer
        else:
            start = text.find(word, at)
            at = start + len(word)
        starts.append(start)
        ends.append(at)
    if ends[-1] > piece.end:
        ends[-1] = piece.end
    return starts, ends


def _all_words(text: str, piece: Span, inside: Sequence[Quotation]) -> list[str]:
    """The words of ``text[piece]``, as if nothing had to be joined or left out."""
    words: list[str] = []
    at = piece.start
    for quotation in inside:
        words += _WORD.findall(text, at, quotation.outer.start)
        words.append(QUOTE)
        at = quotation.outer.end
    words += _WORD.findall(text, at, piece.end)
    return words


def _joined(text: str, piece: Span, inside: Sequence[Quotation]) -> Iterator[tuple[str, int, int]]:
    """The words of ``text[piece]`` with their places: a full stop inside a sentence belongs to its abbreviation."""
    at = piece.start
    for quotation in inside:
        yield from _joined_part(text, Span(at, quotation.outer.start), piece.end)
        start, at = quotation.outer
        yield QUOTE, start, min(at, piece.end)
    yield from _joined_part(text, Span(at, piece.end), piece.end)


def _joined_part(text: str, part: Span, stop: int) -> Iterator[tuple[str, int, int]]:
    word, first, last = "", part.start, -1
    for match in _WORD.finditer(text, *part):
        found, (start, end) = match[1], match.span(1)
        if found == "." and start == last and end < stop:
            word, last = word + ".", end
            continue
        if found in _TIES and _INVERSION.match(text, start - 1 if found == "t" else start):
            continue
        if word:
            yield word, first, last
        word, first, last = found, start, end
    if word:
        yield word, first, last


_TIES = frozenset({"-", "t"})


def trimmed(text: str, span: Span) -> Span:
    """*span* without white space at its ends."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
