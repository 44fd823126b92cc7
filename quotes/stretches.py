"""Stretches: a text cut at every border of the spans that are to be shown in it.

Spans overlap and nest as they like, a page is a sequence: each stretch says which of them cover it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

Label = TypeVar("Label", bound=Hashable)


class Stretch(NamedTuple, Generic[Label]):
    """``text[start:end]``, in code points, with the labels of all spans over it: those that begin earlier first."""

    start: int
    end: int
    labels: tuple[Label, ...]


def stretches(length: int, spans: Iterable[tuple[int, int, Label]]) -> Iterator[Stretch[Label]]:
    """A text of *length* code points cut at the borders of *spans*, without a gap; each is (start, end, label).

    Of spans that begin together the longest comes first in the labels. What is empty or reaches out of the text is
    left out: a record may belong to another text.

    >>> [tuple(stretch) for stretch in stretches(5, [(1, 4, "a"), (3, 4, "b")])]
    [(0, 1, ()), (1, 3, ('a',)), (3, 4, ('a', 'b')), (4, 5, ())]
    """
    sound = sorted(
        ((start, end, label) for start, end, label in spans if 0 <= start < end <= length),
        key=lambda span: (span[0], -span[1]),
    )
    borders = sorted({0, length, *(start for start, _, _ in sound), *(end for _, end, _ in sound)})
    active: list[tuple[int, Label]] = []
    upcoming = 0
    for start, end in pairwise(borders):
        active = [(until, label) for until, label in active if until > start]
        while upcoming < len(sound) and sound[upcoming][0] == start:
            active.append((sound[upcoming][1], sound[upcoming][2]))
            upcoming += 1
        yield Stretch(start, end, tuple(label for _, label in active))
