"""Chunks: which stretch of an article one request covers, and which paragraphs around it are shown as context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from quotes.model import Span, Spans
from quotes.text import Reading

_BYTES_PER_TOKEN = 4
_LAST_GAP = re.compile(r"\s\S*\Z")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one request covers.

    *units* are the sentences (pieces of one where a sentence exceeds the budget) in text order; quotes are
    taken from them only. *before* and *after* are the nearest paragraphs around them, shown so that a
    pronoun can be understood. *paragraph_starts* are the indices of the units that open a paragraph.
    """

    index: int
    units: Spans
    paragraph_starts: frozenset[int]
    before: Spans = ()
    after: Spans = ()

    @property
    def span(self) -> Span:
        """From the first code point of the first unit to the last of the last."""
        return Span(self.units[0].start, self.units[-1].end)

    def halves(self) -> tuple[Chunk, Chunk] | None:
        """The chunk cut in two near its middle, at a paragraph border where one is near; ``None`` for one unit.

        Each half shows the units of the other as its context.
        """
        if len(self.units) < 2:
            return None
        middle = len(self.units) // 2
        borders = [i for i in sorted(self.paragraph_starts) if i > 0 and abs(i - middle) <= len(self.units) // 4]
        cut = min(borders, key=lambda i: abs(i - middle), default=middle)
        head, tail = self.units[:cut], self.units[cut:]
        starts, others = _within(self.paragraph_starts, 0, cut), _within(self.paragraph_starts, cut, len(self.units))
        return (
            replace(self, units=head, paragraph_starts=starts, after=tail[:3]),
            replace(self, units=tail, paragraph_starts=others, before=head[-5:]),
        )

    def narrowed(self, wanted: Spans) -> Chunk:
        """Only the units that overlap one of *wanted* and their neighbours, for asking again about little."""
        hits = {i for i, unit in enumerate(self.units) if any(unit.overlaps(span) for span in wanted)}
        kept = sorted({j for i in hits for j in (i - 1, i, i + 1) if 0 <= j < len(self.units)})
        if not kept:
            return self
        starts = frozenset(new for new, old in enumerate(kept) if old in self.paragraph_starts or old - 1 not in kept)
        return replace(self, units=tuple(self.units[i] for i in kept), paragraph_starts=starts)


def estimate_tokens(text: str) -> int:
    """About how many tokens *text* is, without a tokenizer: a quarter of its UTF-8 bytes, rounded up."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size // _BYTES_PER_TOKEN)


def cut_chunks(reading: Reading, *, chunk_tokens: int, context_tokens: int) -> tuple[Chunk, ...]:
    """Cut an article into chunks of about *chunk_tokens* tokens, at paragraph borders where possible.

    A paragraph over the budget is cut between sentences, a sentence over the budget at white space. Context
    takes *context_tokens* before a chunk and a third of that behind it. An article without a sentence has
    no chunk.
    """
    groups = list(_groups(reading, chunk_tokens))
    return tuple(
        Chunk(
            index,
            tuple([unit.span for unit in group]),
            frozenset([i for i, unit in enumerate(group) if unit.opens]),
            _context(groups[index - 1], context_tokens, last=True) if index else (),
            _context(groups[index + 1], context_tokens // 3, last=False) if index + 1 < len(groups) else (),
        )
        for index, group in enumerate(groups)
    )


class _Unit(NamedTuple):
    """A sentence, or a piece of one, whether it *opens* a paragraph or a chunk, and what it costs in tokens."""

    span: Span
    opens: bool
    price: int


def _groups(reading: Reading, budget: int) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    spent = 0
    for paragraph in _paragraph_units(reading, budget):
        if group and spent + sum([unit.price for unit in paragraph]) > budget:
            yield group
            group, spent = [], 0
        for unit in paragraph:
            if group and spent + unit.price > budget:
                yield group
                group, spent = [], 0
            group.append(unit if group or unit.opens else unit._replace(opens=True))
            spent += unit.price
    if group:
        yield group


def _paragraph_units(reading: Reading, budget: int) -> Iterator[list[_Unit]]:
    """The units of one paragraph after the other."""
    text = reading.text
    units: list[_Unit] = []
    ends = iter(reading.paragraphs)
    paragraph = next(ends, None)
    for sentence in reading.sentences:
        while paragraph is not None and sentence.start >= paragraph.end:
            if units:
                yield units
            units, paragraph = [], next(ends, None)
        whole = 0 < sentence.end - sentence.start <= budget  # no character is more than a token
        for piece in (sentence,) if whole else _pieces(text, sentence, budget):
            units.append(_Unit(piece, not units, estimate_tokens(text[piece.start : piece.end])))
    if units:
        yield units


def _pieces(text: str, sentence: Span, budget: int) -> Iterator[Span]:
    """*sentence* whole, or cut at white space into pieces of at most *budget* tokens."""
    start = sentence.start
    most = budget * _BYTES_PER_TOKEN
    while estimate_tokens(text[start : min(sentence.end, start + most + 1)]) > budget:
        window = text[start : start + most].encode("utf-8", "surrogatepass")[:most].decode("utf-8", "ignore")
        gap = _LAST_GAP.search(window, len(window) // 2)
        cut = start + (gap.start() if gap else max(1, len(window)))
        yield Span(start, cut)
        start = cut
        while start < sentence.end and text[start].isspace():
            start += 1
    if start < sentence.end:
        yield Span(start, sentence.end)


def _context(group: list[_Unit], budget: int, *, last: bool) -> Spans:
    """The units of the neighbouring *group* nearest to the chunk, within *budget* tokens."""
    chosen: list[Span] = []
    for unit in reversed(group) if last else group:
        budget -= unit.price
        if budget < 0:
            break
        chosen.append(unit.span)
    return tuple(sorted(chosen))


def _within(starts: frozenset[int], low: int, high: int) -> frozenset[int]:
    return frozenset({0} | {i - low for i in starts if low <= i < high})
