"""The causes of errors."""

from __future__ import annotations

import pytest
from hypothesis import given

from quotes.evaluation import Annotation
from quotes.evaluation.causes import faults_of
from quotes.evaluation.judging import judge
from tests.evaluation.samples import TEXT, judged_articles, mark

HOLD = "that the old pier would hold until June"


def causes(gold: list[Annotation], predicted: list[Annotation], text: str = TEXT) -> list[tuple[str, str]]:
    return [(fault.kind, fault.cause) for fault in faults_of(judge(text, gold, predicted), text)]


def test_what_is_right_is_no_error() -> None:
    quote = mark(TEXT, HOLD, by="She")
    assert causes([quote], [quote]) == []


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        (TEXT, {"cue": "told"}, "its cue is known, but led to nothing"),
        (TEXT, {"cue": "board"}, "its cue is not in the lexicon"),
        (TEXT, {"by": "She"}, "a known cue in its sentence led to nothing"),
        (TEXT.replace("told", "met"), {"by": "She"}, "no known cue in its sentence"),
        (TEXT, {}, "without cue and speaker"),
    ],
)
def test_a_quote_nobody_found_is_missed_for_want_of_a_cue(text: str, gold: dict[str, str], expected: str) -> None:
    assert causes([mark(text, HOLD, **gold)], [], text) == [("miss", expected)]


@pytest.mark.parametrize(
    ("gold", "predicted", "miss", "spurious"),
    [
        (
            [HOLD],
            ["old pier"],
            "content too short: less than half of the gold quote",
            "content too short: less than half of the gold quote",
        ),
        (
            ["until June"],
            [HOLD],
            "content too long: the gold quote is less than half of it",
            "content too long: the gold quote is less than half of it",
        ),
        (
            ["the old pier"],
            ["pier would hold until"],
            "content shifted: less than half in common",
            "content shifted: less than half in common",
        ),
    ],
)
def test_a_content_found_by_less_than_half_tells_how_it_lies(
    gold: list[str], predicted: list[str], miss: str, spurious: str
) -> None:
    found = causes([mark(TEXT, *gold)], [mark(TEXT, *predicted)])
    assert found == [("miss", miss), ("spurious", spurious)]


def test_a_quote_in_two_pieces_was_split() -> None:
    pieces = [mark(TEXT, "that the old"), mark(TEXT, "hold until June")]
    assert causes([mark(TEXT, HOLD)], pieces)[0] == ("miss", "split: several predictions have it together")
    most = [mark(TEXT, "that the old pier would"), mark(TEXT, "until June")]
    assert causes([mark(TEXT, HOLD)], most) == [("spurious", "split: another prediction has its gold quote already")]


def test_two_quotes_in_one_prediction_were_joined() -> None:
    gold = [mark(TEXT, "that the old pier would hold"), mark(TEXT, "until June")]
    assert causes(gold, [mark(TEXT, HOLD)]) == [
        ("miss", "joined: its words are in the prediction that another gold quote has")
    ]
    gold = [mark(TEXT, "that the"), mark(TEXT, "old pier"), mark(TEXT, "until June")]
    assert causes(gold, [mark(TEXT, HOLD)])[-1] == ("spurious", "joined: it runs over several gold quotes")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("We tried hard enough", "nobody annotated a quote there, inside quotation marks"),
        (HOLD, "nobody annotated a quote there, outside quotation marks"),
    ],
)
def test_a_prediction_where_gold_has_nothing_tells_whether_marks_misled_it(content: str, expected: str) -> None:
    assert causes([], [mark(TEXT, content)]) == [("spurious", expected)]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ({}, {"by": "She"}, "gold has no speaker, one was found"),
        ({"by": "She"}, {}, "no speaker was found"),
        ({"name": "Ida Krell"}, {"by": "She"}, "a pronoun that was not resolved"),
        ({"by": "She"}, {"by": "the board"}, "gold has a pronoun, another mention was taken"),
        ({"name": "Ida Krell"}, {"by": "the board"}, "another source was taken"),
    ],
)
def test_a_wrong_speaker(gold: dict[str, str], predicted: dict[str, str], expected: str) -> None:
    found = causes([mark(TEXT, HOLD, **gold)], [mark(TEXT, HOLD, **predicted)])
    assert found == [("wrong speaker", expected)]


@given(article=judged_articles())
def test_every_error_has_one_cause(article: tuple[str, list[Annotation], list[Annotation]]) -> None:
    text, gold, predicted = article
    judgement = judge(text, gold, predicted)
    faults = [fault.kind for fault in faults_of(judgement, text)]
    assert faults.count("miss") == len(judgement.gold) - len(judgement.half)
    assert faults.count("spurious") == len(judgement.predicted) - len(judgement.half)
