"""Quotations: the stretches of text between quotation marks, found without knowing who said them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quotes.model import Span
from quotes.text.doubles import pair_doubles
from quotes.text.marks import Family, Mark, Pair, find_marks
from quotes.text.paragraphs import find_paragraphs
from quotes.text.singles import pair_singles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch between quotation marks, one for each paragraph it runs through.

    *outer* includes the marks, *inner* does not. *parent* is the index of the quotation it stands in,
    *continues* that of the quotation of the previous paragraph it carries on. Without a closing mark both
    spans end together.
    """

    index: int
    outer: Span
    inner: Span
    parent: int | None = None
    continues: int | None = None


def find_quotations(text: str, paragraphs: Sequence[Span] | None = None) -> tuple[Quotation, ...]:
    """The quotations of *text* in the order they open, outer before nested ones.

    *paragraphs* are those that :func:`find_paragraphs` gives; it is asked where they are left out.

    Marks pair within a paragraph. One left open ends with its paragraph, or before a mark that evidently opens
    the next one; where the next paragraph starts with a mark of its kind, that quotation carries it on.
    Apostrophes, inch and ditto marks, stray closes, attribute values of markup and empty pairs are none.
    Takes time and memory in proportion to the length of *text*.
    """
    found: list[Quotation] = []
    carried: list[tuple[int, Family]] = []
    for paragraph in find_paragraphs(text) if paragraphs is None else paragraphs:
        pairs = _pairs_of(text, paragraph)
        if not pairs:
            carried = []
            continue
        first = len(found)
        found.extend(_placed(pairs, first, carried, paragraph))
        carried = [
            (first + position, pair.family)
            for position, pair in enumerate(pairs)
            if pair.end == pair.inner_end == paragraph.end
        ]
    return tuple(found)


def _pairs_of(text: str, paragraph: Span) -> list[Pair]:
    marks = list(find_marks(text, paragraph.start, paragraph.end))
    if not marks:
        return []
    doubles = sorted(pair_doubles(text, paragraph, marks))
    doubles = [pair for pair in doubles if not _is_blank(text, pair)]
    singles = [mark for mark in marks if mark.family is Family.SINGLE]
    if not singles:
        return doubles
    pairs = list(doubles)
    for level, members in _levels(paragraph, doubles, singles):
        pairs += [pair for pair in pair_singles(text, members, *level) if not _is_blank(text, pair)]
    return sorted(pairs, key=lambda pair: (pair.start, -pair.end))


def _is_blank(text: str, pair: Pair) -> bool:
    return not text[pair.inner_start : pair.inner_end].strip()


def _levels(
    paragraph: Span, doubles: Sequence[Pair], singles: Sequence[Mark]
) -> Iterator[tuple[tuple[int, int], list[Mark]]]:
    """The single marks grouped by the innermost double quotation they stand in, with the borders of that level."""
    groups: dict[int, list[Mark]] = {}
    stack: list[int] = []
    following = 0
    for mark in singles:
        while following < len(doubles) and doubles[following].start < mark.start:
            stack.append(following)
            following += 1
        while stack and doubles[stack[-1]].inner_end <= mark.start:
            stack.pop()
        groups.setdefault(stack[-1] if stack else -1, []).append(mark)
    for number, members in groups.items():
        if number < 0:
            yield paragraph, members
        else:
            yield (doubles[number].inner_start, doubles[number].inner_end), members


def _placed(
    pairs: Sequence[Pair], first: int, carried: Sequence[tuple[int, Family]], paragraph: Span
) -> Iterator[Quotation]:
    """The *pairs* of one paragraph as quotations numbered from *first*, with what each stands in and carries on."""
    stack: list[int] = []
    head = paragraph.start
    for position, pair in enumerate(pairs):
        while stack and pairs[stack[-1]].end <= pair.start:
            stack.pop()
        continues = None
        if pair.start == head and position < len(carried) and carried[position][1] is pair.family:
            continues = carried[position][0]
            head = pair.inner_start
        yield Quotation(
            first + position,
            Span(pair.start, pair.end),
            Span(pair.inner_start, pair.inner_end),
            first + stack[-1] if stack else None,
            continues,
        )
        stack.append(position)
