"""The type of a quote, judged by the quotation marks of the text alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.model import QuoteType, Span
from quotes.text import classify, find_quotations


def type_of(text: str, *content: str) -> QuoteType:
    spans = tuple(Span(text.index(words), text.index(words) + len(words)) for words in content)
    return classify(text, spans, find_quotations(text))


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ("“We tried,” she said.", ["We tried,"], "direct"),
        ("“We tried,” she said.", ["“We tried,”"], "direct"),
        ("“We tried,” she said, “and we failed.”", ["We tried,", "and we failed."], "direct"),
        ("“We tried,” “and we failed,” she said.", ["We tried,” “and we failed,"], "direct"),
        ("“He told me ‘run’ and I ran,” she said.", ["He told me ‘run’ and I ran,"], "direct"),
        ("“He told me ‘run’ and I ran,” she said.", ["run"], "direct"),
        ("“He told me ‘run’ and I ran,” she said.", ["and I ran"], "direct"),
        ("She said they had tried.", ["they had tried"], "indirect"),
        ("“No,” she said, and that they had tried.", ["that they had tried"], "indirect"),
        ("She said they had “tried” hard.", ["they had “tried” hard"], "mixed"),
        ("She said they had “tried” hard.", ["they had", "tried"], "mixed"),
        ("She said they had tried “hard”.", ["“hard”."], "direct"),
        ("Rain fell in May. “So proud 🎉,” she posted.", ["🎉"], "direct"),
        ("She posted 🎉 “today”.", ["🎉"], "indirect"),
        ("She “posted” …", ["…"], "indirect"),
        ("Lim said: “It flooded.\n“Then it froze.”", ["It flooded.", "Then it froze."], "direct"),
        ("Lim said: “It flooded.\n\nThen it froze.", ["It flooded.", "Then it froze."], "mixed"),
    ],
)
def test_the_type_says_how_much_stands_inside_quotation_marks(text: str, content: list[str], expected: str) -> None:
    assert type_of(text, *content) == expected


@given(
    text=st.text(st.sampled_from("a “”‘’\"'\n"), max_size=40), places=st.tuples(st.integers(0, 40), st.integers(0, 40))
)
def test_the_type_agrees_with_looking_at_each_letter(text: str, places: tuple[int, int]) -> None:
    start, end = sorted(places)
    quotations = find_quotations(text)
    letters = [i for i in range(start, min(end, len(text))) if text[i] == "a"]
    inside = [any(q.inner.start <= i < q.inner.end for q in quotations) for i in letters]
    expected = "direct" if all(inside) else "mixed" if any(inside) else "indirect"
    if letters:
        assert classify(text, (Span(start, end),), quotations) == expected


def test_a_hundred_thousand_quotes_are_classified_without_delay() -> None:
    text = "“a” b " * 100_000
    quotations = find_quotations(text)
    types = {classify(text, (Span(start, start + 5),), quotations) for start in range(0, len(text), 6)}
    assert types == {"mixed"}
