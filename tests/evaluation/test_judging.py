"""Judging one article."""

from __future__ import annotations

from hypothesis import given

from quotes.evaluation import Annotation, Pair, pairs
from quotes.evaluation.judging import judge
from quotes.model import Span
from tests.evaluation.samples import TEXT, judged_articles, mark

TRIED = mark(TEXT, "We tried hard enough", by="Ida Krell")
HOLD = mark(TEXT, "that the old pier would hold until June", by="She", name="Ida Krell")


def test_each_prediction_learns_what_it_found() -> None:
    half = mark(TEXT, "the old pier would", by="Ida Krell")
    assert pairs(TEXT, [TRIED, HOLD], [half, TRIED]) == (
        Pair("indirect", 1, 0.5, speaker_right=True),
        Pair("direct", 0, 1.0, speaker_right=True),
    )


def test_less_than_half_of_the_words_finds_nothing() -> None:
    (pair,) = pairs(TEXT, [HOLD], [mark(TEXT, "the old pier", by="She")])
    assert pair == Pair("indirect")
    assert not pair.content_right
    assert not pair.joint_right


def test_punctuation_and_marks_cost_nothing() -> None:
    judgement = judge(TEXT, [TRIED], [mark(TEXT, "“We tried hard enough,”")])
    assert judgement.exact == {0: 0}


def test_one_prediction_finds_one_gold_quote() -> None:
    found = pairs(TEXT, [TRIED], [TRIED, TRIED])
    assert [pair.gold for pair in found] == [0, None]


def test_a_prediction_without_a_word_is_left_out_and_keeps_its_place() -> None:
    found = pairs(TEXT, [TRIED], [Annotation((Span(0, 1),)), Annotation(()), TRIED])
    assert [pair.type for pair in found] == [None, None, "direct"]
    assert [pair.gold for pair in found] == [None, None, 0]


def test_a_speaker_is_known_by_a_common_word_of_the_mentions_or_by_the_head_of_the_names() -> None:
    def right(**speaker: str) -> bool:
        (pair,) = pairs(TEXT, [HOLD], [mark(TEXT, "that the old pier would hold until June", **speaker)])
        return pair.joint_right

    assert right(by="She")
    assert right(by="Ida Krell")
    assert right(name="Ms. Krell")
    assert not right(by="the board")
    assert not right(name="she")
    assert not right()


def test_where_gold_has_no_speaker_only_none_is_right() -> None:
    gold = mark(TEXT, "We tried hard enough")
    assert [pair.joint_right for pair in pairs(TEXT, [gold], [gold])] == [True]
    assert [pair.joint_right for pair in pairs(TEXT, [gold], [TRIED])] == [False]
    assert [pair.content_right for pair in pairs(TEXT, [gold], [TRIED])] == [True]


@given(article=judged_articles())
def test_every_prediction_is_judged_once(article: tuple[str, list[Annotation], list[Annotation]]) -> None:
    text, gold, predicted = article
    found = pairs(text, gold, predicted)
    assert len(found) == len(predicted)
    taken = [pair.gold for pair in found if pair.gold is not None]
    assert len(set(taken)) == len(taken)
    assert all(0.5 <= pair.overlap <= 1 for pair in found if pair.content_right)
