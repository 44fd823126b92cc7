"""Sinks: input order out of any order, and nothing that is done withheld."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quotes.formats.spilling import SpillingMap
from quotes.model import Article, Extraction
from quotes.run import InOrder


def named(number: int) -> Extraction:
    return Extraction(Article(f"a{number}", ""), "complete")


def in_order() -> tuple[InOrder[str], list[str]]:
    out: list[str] = []
    return InOrder(lambda extraction: extraction.article.id, out.append), out


@given(st.permutations(range(8)))
def test_each_record_goes_on_as_soon_as_those_before_it_are_there(order: list[int]) -> None:
    sink, out = in_order()
    for count, number in enumerate(order, 1):
        sink.put(number, named(number))
        arrived = set(order[:count])
        ready = next(n for n in range(9) if n not in arrived)
        assert out == [f"a{n}" for n in range(ready)]


@given(st.permutations(range(12)), st.integers(0, 12), st.integers(0, 12))
def test_records_that_wait_in_a_file_come_out_as_those_in_memory(order: list[int], most: int, end: int) -> None:
    out: list[str] = []
    sink = InOrder[str](lambda extraction: extraction.article.id, out.append, SpillingMap[int](most))
    for number in order[:end]:
        sink.put(number, named(number))
    sink.finish()
    assert out == [f"a{n}" for n in sorted(order[:end])]


def test_what_is_done_is_given_out_even_when_the_run_ends_early() -> None:
    sink, out = in_order()
    for number in (4, 0, 2):
        sink.put(number, named(number))
    sink.abandon()
    assert out == ["a0", "a2", "a4"]
