"""What LangExtract finds is scored as fairly as may be: its speakers are looked up in the text."""

from __future__ import annotations

import pytest

from benchmarks.model import PEER, Found, figures, mention, rows
from quotes.evaluation import Annotation, GoldArticle
from quotes.model import Article, Span

TEXT = 'Ida Krell spoke. "The pier is shut," said Ida Krell. Idas friend left.'
SAID = (17, 35)


@pytest.mark.parametrize(
    ("speaker", "words"),
    [
        ("Ida Krell", [[42, 51]]),
        ("ida  krell", [[42, 51]]),
        ("Ida", [[42, 45]]),
        ("Tomas Vey", []),
        ("", []),
        (None, []),
    ],
)
def test_a_speaker_is_the_mention_nearest_to_the_quote_and_a_whole_word(
    speaker: str | None, words: list[list[int]]
) -> None:
    assert mention(TEXT, speaker, *SAID) == words


def test_a_name_inside_the_quote_is_nobody_who_speaks() -> None:
    text = '"Ask Ida Krell," he said.'
    assert mention(text, "Ida Krell", 1, 15) == []


def found(system: str, tokens: int, seconds: float, speaker: list[list[int]]) -> Found:
    quote = {"content": [list(SAID)], "speaker": speaker, "name": None}
    return Found(system, "a", seconds, 100, tokens, (quote,))


def test_tokens_are_counted_for_each_attribution_that_is_right() -> None:
    gold = [GoldArticle(Article("a", TEXT), (Annotation((Span(*SAID),), (Span(42, 51),)),))]
    both = [found("quotes --backend judge", 7, 1.0, [[42, 51]]), found(PEER, 70, 4.0, [[42, 51]])]
    measured = figures(gold, both)
    assert measured[PEER]["right_attributions"] == 1
    assert measured[PEER]["completion_tokens_per_right"] == 70
    assert [row.ratio for row in rows(gold, both, measured)] == [0.25, 0.1, 1.0]


def test_who_is_never_right_has_no_price() -> None:
    gold = [GoldArticle(Article("a", TEXT), (Annotation((Span(*SAID),), (Span(42, 51),)),))]
    both = [found("quotes --backend judge", 7, 1.0, [[42, 51]]), found(PEER, 70, 4.0, [[0, 3]])]
    measured = figures(gold, [both[0], Found(PEER, "a", 4.0, 100, 70, ())])
    assert measured[PEER]["completion_tokens_per_right"] is None
    assert [row.ratio for row in rows(gold, both, measured)] == [0.25]
