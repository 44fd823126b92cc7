"""The cost of a reading grows with the length of the text and no faster, counted in calls and not by the clock."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from quotes.model import Span
from quotes.text import Covered, Mentions, Printed, classify, read

SHORT, LONG = 2_000, 8_000  # characters


class Calls:
    """How many functions were called, those written in C too."""

    count = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        self.count += event in {"call", "c_call"}


@contextmanager
def counted() -> Iterator[Calls]:
    calls = Calls()
    before = sys.getprofile()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def names(length: int) -> list[str]:
    """Invented names, hardly two of them alike, and more than *length* characters of them."""
    draw = random.Random(length)
    parts = [draw.choice("bdfgklmnprst") + draw.choice("aeiou") + draw.choice("klmnrst") for _ in range(length // 2)]
    return [(first + second).title() for first, second in zip(parts[::2], parts[1::2], strict=True)]


def repeated(piece: str) -> Callable[[int], str]:
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def named(form: str) -> Callable[[int], str]:
    """*form* over and over, ``{}`` and ``[]`` replaced by names."""

    def text(length: int) -> str:
        drawn = iter(names(length))
        pieces: list[str] = []
        while sum(map(len, pieces)) < length:
            pieces += [form.replace("{}", next(drawn), 1).replace("[]", next(drawn), 1) for _ in range(40)]
        return "".join(pieces)[:length]

    return text


TEXTS = {
    "articles": named(
        "Mayor {} []-Holt spoke. “We wait,” said Ms. [] of the Oakdale Board.\n\nIt's ‘late’ for {}'s men.\n"
    ),
    "one paragraph": named("It was {} who said “no” to Ida []. The guard's dog, at 5'10\", left. "),
    "one sentence": named("and then {} saw that Ida [] had gone, "),
    "one word": repeated("a"),
    "capitalised": named("{} [] "),
    "capitalised, one to a sentence": named("{} said. {} said. [] left. "),
    "one surname": named("{} Marlow and Ms. Marlow, "),
    "initials": named("J. {} and [] Marlow; "),
    "marks": repeated('"'),
    "words in marks": repeated('" "a'),
    "marks never closed": repeated("“a ‘b «c „d 「e "),
    "apostrophes": repeated("'"),
    "apostrophes before words": repeated("a 'b "),
    "apostrophes behind words": repeated("a' b "),
    "cut words": repeated("'tis o' rock 'n' roll "),
    "back ticks": repeated("``a ''"),
    "markup": repeated('<a b="c" d=\'e>'),
    "full stops": repeated("."),
    "abbreviations": repeated("Dr. a.b. No. 5. "),
    "wide stops": repeated("無理だ。」と彼は「言った。"),
    "lines": repeated("a\n"),
    "blanks": repeated("a" + " " * 99),
    "hyphens": repeated("Aa-"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_four_times_the_text_takes_about_four_times_the_calls(text: Callable[[int], str]) -> None:
    read(text(SHORT))  # what is loaded once
    costs = []
    for length in (SHORT, LONG):
        with counted() as calls:
            read(text(length))
        costs.append(calls.count)
    assert costs[1] <= 5 * costs[0]


def test_looking_into_a_reading_takes_calls_in_proportion_to_it() -> None:
    costs = []
    for length in (SHORT, LONG):
        reading = read(TEXTS["articles"](length))
        with counted() as calls:
            mentions, printed = Mentions(reading.roster), Printed(reading.text)
            covered = Covered([quotation.inner for quotation in reading.quotations], reading.quotations)
            for sentence in reading.sentences:
                mentions.nearest(sentence, 4)
                classify(reading.text, (sentence,), reading.quotations)
                printed.find(sentence.of(reading.text), Span(sentence.start, sentence.end), sentence.start)
            for quotation in reading.quotations:
                covered.overlaps(quotation)
        costs.append(calls.count)
    assert costs[1] <= 5 * costs[0]
