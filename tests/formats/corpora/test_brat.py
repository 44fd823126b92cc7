"""brat standoff: what PolNeAR distributes, and what does not fit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from quotes.errors import InputError
from quotes.formats.corpora import GoldArticle
from quotes.formats.corpora.brat import read_standoff
from quotes.model import Spans
from tests.formats.corpora.annotated import gold_articles

TEXT = "“We tried,” Ruiz said."
GOOD = "T1\tContent 1 10\tWe tried,\nT2\tCue 17 21\tsaid\nT3\tAttribution 17 21\tsaid\n"


def standoff(article: GoldArticle) -> str:
    """The lines that brat would have written for *article*, pieces in reverse order."""
    lines: list[str] = []

    def bound(label: str, spans: Spans) -> str:
        name = f"T{len(lines) + 1}"
        pieces = spans[::-1]
        offsets = ";".join(f"{start} {end}" for start, end in pieces)
        surface = re.sub(r"\s", " ", " ".join(piece.of(article.text) for piece in pieces))
        lines.append(f"{name}\t{label} {offsets}\t{surface}")
        return name

    for number, quote in enumerate(article.quotes, start=1):
        roles = [("Source", quote.speaker), ("Content", quote.content), ("Cue", quote.cue)]
        arguments = [f"{role}:{bound(role, spans)}" for role, spans in roles if spans]
        lines.append(f"E{number}\tAttribution:T1 {' '.join(arguments)}")
    return "\n".join(lines)


@given(gold_articles())
def test_every_event_is_a_quote_with_all_its_pieces(article: GoldArticle) -> None:
    found = read_standoff(standoff(article), article.text, "a.ann").quotes
    assert [(one.content, one.cue, one.speaker) for one in found] == [
        (one.content, one.cue, one.speaker) for one in article.quotes
    ]


def test_a_role_may_be_given_twice_and_an_event_have_any_name() -> None:
    more = GOOD + "T4\tContent 12 16\tRuiz\nE1\tAttribution-no-source:T3 Content:T1 Cue:T2 Content2:T4\n"
    (quote,) = read_standoff(more, TEXT, "a.ann").quotes
    assert [span.of(TEXT) for span in quote.content] == ["We tried,", "Ruiz"]
    assert quote.speaker == ()


def test_events_without_content_are_counted_and_other_lines_passed_over() -> None:
    lines = GOOD + "E1\tAttribution:T3 Cue:T2\n#1\tAnnotatorNotes T1\twell\nA1\tNested E1\n*\tEquiv T1 T2\n"
    found = read_standoff(lines, TEXT, "a.ann")
    assert (found.quotes, found.empty) == ((), 1)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "T1\tContent 1 10\tWe cried,\n",
            (
                "a.ann line 1: T1: the text prints “We tried,” at 1 10, not “We cried,” "
                "(the .txt is not the one that was annotated)"
            ),
        ),
        (
            "T1\tContent 1 99\tWe tried,\n",
            (
                "a.ann line 1: T1: the text prints “We tried,” Ruiz said.” at 1 99, not “We tried,” "
                "(the .txt is not the one that was annotated)"
            ),
        ),
        (
            "T1\tContent one\tWe tried,\n",
            (
                "a.ann line 1: T1: “Content one” is no label with offsets "
                "(a line is T1, Content 0 12, the words, with tabs between)"
            ),
        ),
        (GOOD + "E1\tAttribution:T3 Content:T9\n", "a.ann line 4: Content:T9: there is no T9 (an event names T lines)"),
        ("rubbish\n", "a.ann line 1: “rubbish” is no line of brat standoff"),
    ],
)
def test_what_does_not_fit_is_one_line_with_its_place(lines: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_standoff(lines, TEXT, "a.ann")
    assert str(caught.value) == message
