"""Calibration: what was found counted against gold, case by case, and what is learnt from it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.evaluation import Annotation, calibrated, check
from quotes.evaluation.calibration import Checked, CheckedArticle, _joint
from quotes.evaluation.judging import pairs
from quotes.extraction import Found
from quotes.extraction.trust import Judging, Trust, trust_from_json, trust_to_json
from quotes.extraction.weighing import Weighed
from quotes.model import Attribution, Span, Speaker
from tests.evaluation.samples import TEXT, judged_articles, mark, spans

TRIED, HOLD = "We tried hard enough", "that the old pier would hold until June"
GOLD = [mark(TEXT, TRIED, by="Ida Krell"), mark(TEXT, HOLD, by="She")]


def of(words: str, speaker: str, question: int, case: str = "alone/direct", precision: float = 0.5) -> Weighed:
    mention = spans(TEXT, speaker)
    return Weighed(
        Found(Attribution(spans(TEXT, words), (), Speaker(mention, speaker)), "model"),
        case,
        precision,
        ("model",),
        question,
    )


def rights(checked: CheckedArticle) -> list[tuple[str, bool]]:
    return [(one.item.case, one.right) for one in checked.checked]


def test_right_is_what_has_half_of_the_words_and_the_speaker() -> None:
    checked = check(
        TEXT,
        GOLD,
        [of(TRIED, "Ida Krell", 0, "a"), of("the old pier would", "the board", 1, "b"), of("said", "She", 2, "c")],
    )
    assert sorted(rights(checked)) == [("a", True), ("b", False), ("c", False)]
    assert checked.gold == 2


def test_each_gold_quote_is_found_once_by_the_likeliest() -> None:
    twice = [of(TRIED, "Ida Krell", 0, "seldom", 0.4), of("We tried hard", "Ida Krell", 1, "often", 0.6)]
    assert rights(check(TEXT, GOLD, twice)) == [("often", True), ("seldom", False)]
    wrong = [of(TRIED, "Ida Krell", 0, "right", 0.4), of("We tried hard", "the board", 1, "wrong", 0.6)]
    assert rights(check(TEXT, GOLD, wrong)) == [("wrong", False), ("right", False)]


def test_both_answers_to_one_question_are_checked_against_the_same_gold_quote() -> None:
    asked = [of(TRIED, "the board", 0, "differ-model"), of(TRIED, "Ida Krell", 0, "differ-rules")]
    assert rights(check(TEXT, GOLD, [*asked, of(HOLD, "She", 1)])) == [
        ("differ-model", False),
        ("differ-rules", True),
        ("alone/direct", True),
    ]


@given(
    judged_articles(),
    st.lists(st.sampled_from([0.3, 0.5, 0.7]), min_size=5, max_size=5),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
def test_each_is_judged_as_if_it_were_alone_with_the_gold_that_is_left(
    article: tuple[str, list[Annotation], list[Annotation]], precisions: list[float], questions: list[int]
) -> None:
    text, gold, predicted = article
    found = [
        Weighed(Found(Attribution(one.content, (), Speaker(one.speaker, one.name)), "model"), "alone", p, (), question)
        for one, p, question in zip(predicted, precisions, questions, strict=False)
    ]
    asked = {item.question: [other for other in found if other.question == item.question] for item in found}
    rest, expected = list(gold), []
    for items in sorted(asked.values(), key=lambda items: -max(item.precision for item in items)):
        met = None
        for item in items:
            said = item.found.attribution
            (pair,) = pairs(text, rest, [Annotation(said.content, said.speaker.mention, said.speaker.name)])
            expected.append(Checked(item, pair.joint_right))
            met = met if pair.gold is None else pair.gold
        if met is not None:
            del rest[met]
    assert check(text, gold, found).checked == tuple(expected)


@given(judged_articles(), st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_no_more_is_right_than_gold_has(
    article: tuple[str, list[Annotation], list[Annotation]], precisions: list[float]
) -> None:
    text, gold, predicted = article
    weighed = [
        Weighed(
            Found(Attribution(one.content, (), Speaker(one.speaker, one.name)), "model"), "alone", p, ("model",), number
        )
        for number, (one, p) in enumerate(zip(predicted, precisions, strict=False))
    ]
    checked = check(text, gold, weighed)
    assert len(checked.checked) == len(weighed)
    assert sum(one.right for one in checked.checked) <= len(gold) == checked.gold


def counted(case: str, rights: Sequence[bool], gold: int = 1) -> list[CheckedArticle]:
    """One article for each of *rights*, with one thing found in it."""
    return [CheckedArticle((Checked(of(TRIED, "Ida Krell", 0, case), right),), gold) for right in rights]


def test_cases_are_counted() -> None:
    trust = calibrated([*counted("alone/direct", [True, False, True]), *counted("agree/direct", [True])])
    assert trust.cases == {"alone/direct": (3, 2), "agree/direct": (1, 1)}
    assert (trust.judging, trust.proposing) == (Judging(), Judging())


def test_nothing_found_teaches_nothing() -> None:
    assert calibrated([]).cases == calibrated([CheckedArticle((), 3)]).cases == {}


@pytest.mark.parametrize(("share", "kept"), [(0.1, False), (0.9, True)])
def test_what_is_kept_gives_the_best_f1(share: float, kept: bool) -> None:
    often = counted("agree/direct", [True] * 100)
    rare = counted("alone/direct", [n < share * 100 for n in range(100)])
    trust = calibrated([*often, *rare])
    assert (trust.precision("alone/direct") >= trust.keep) is kept
    assert trust.precision("agree/direct") >= trust.keep


@pytest.mark.parametrize("turned", [False, True])
def test_one_find_of_the_rules_may_rival_two_of_the_model(turned: bool) -> None:
    rival = of(TRIED, "She", 0, "differ-rules")
    first = (Checked(of(TRIED, "Ida Krell", 0, "differ-model"), False), Checked(rival, False))
    second = (Checked(of(HOLD, "She", 1, "differ-model"), False), Checked(replace(rival, question=1), True))
    article = CheckedArticle((*second, *first) if turned else (*first, *second), 2)
    trust = Trust({"differ-model": (100, 1), "differ-rules": (100, 90)})
    assert _joint([article], trust, 0.5) == 0.5


def verdicts(count: int, *, bias: float, prior: float, verdict: float, proposed: bool = False) -> list[CheckedArticle]:
    """Judged things whose being right follows a logistic law of these weights."""
    draw = random.Random(7)
    articles = []
    for number in range(count):
        before, odds = draw.uniform(0.1, 0.9), draw.uniform(-4, 4)
        total = bias + prior * math.log(before / (1 - before)) + verdict * odds
        right = draw.random() < 1 / (1 + math.exp(-total))
        at = Span(number, number + 1)
        item = Found(Attribution((at,)), "rules", pattern="p", rate=0.3 if proposed else None, odds=odds)
        weighed = Weighed(item, "p/direct", before, ("rules",), 0, before)
        articles.append(CheckedArticle((Checked(weighed, right),), 1))
    return articles


@pytest.mark.parametrize("proposed", [False, True])
@pytest.mark.parametrize(("bias", "prior", "verdict"), [(0.0, 1.0, 0.0), (-0.5, 0.8, 0.7), (0.5, 1.2, 1.5)])
def test_the_weight_of_a_verdict_is_recovered(proposed: bool, bias: float, prior: float, verdict: float) -> None:
    trust = calibrated(verdicts(4000, bias=bias, prior=prior, verdict=verdict, proposed=proposed))
    fitted, other = (trust.proposing, trust.judging) if proposed else (trust.judging, trust.proposing)
    assert fitted.bias == pytest.approx(bias, abs=0.15)
    assert fitted.prior == pytest.approx(prior, abs=0.15)
    assert fitted.verdict == pytest.approx(verdict, abs=0.15)
    assert other == Judging()
    assert trust.cases == {}


@pytest.mark.parametrize(("count", "heard"), [(29, False), (30, True)])
def test_fewer_than_thirty_verdicts_have_no_weight(count: int, heard: bool) -> None:
    trust = calibrated(verdicts(count, bias=-0.5, prior=0.8, verdict=1.0))
    assert (trust.judging != Judging()) is heard


@pytest.mark.parametrize("right", [True, False])
def test_a_judge_that_is_always_right_or_never_is_not_believed_without_bound(right: bool) -> None:
    articles = verdicts(200, bias=0, prior=1, verdict=1)
    one_sided = [replace(a, checked=(Checked(a.checked[0].item, right),)) for a in articles]
    judging = calibrated(one_sided).judging
    assert all(math.isfinite(x) and abs(x) < 10 for x in (judging.bias, judging.prior, judging.verdict))
    separated = [
        replace(a, checked=(Checked(a.checked[0].item, (a.checked[0].item.found.odds or 0) > 0),)) for a in articles
    ]
    assert 1 < calibrated(separated).judging.verdict < 30


@st.composite
def checked_articles(draw: st.DrawFn) -> list[CheckedArticle]:
    cases = st.sampled_from(["agree/direct/closely", "alone/direct", "alone/indirect", "denied/mixed/weak"])
    articles = []
    for _ in range(draw(st.integers(0, 6))):
        questions = draw(st.integers(0, 4))
        ones = [
            Checked(of(words, "Ida Krell", n, draw(cases), draw(st.floats(0, 1))), draw(st.booleans()))
            for n, words in enumerate([TRIED, HOLD, "said", "June"][:questions])
        ]
        articles.append(CheckedArticle(tuple(ones), draw(st.integers(0, 5))))
    return articles


@given(checked_articles())
@settings(max_examples=60)
def test_counts_add_up_and_the_same_articles_teach_the_same(articles: list[CheckedArticle]) -> None:
    trust = calibrated(articles)
    ones = [one for article in articles for one in article.checked]
    assert sum(seen for seen, _ in trust.cases.values()) == len(ones)
    assert sum(right for _, right in trust.cases.values()) == sum(one.right for one in ones)
    assert calibrated(articles) == calibrated(articles[::-1]) == trust
    assert trust_from_json(trust_to_json(trust)) == trust
    assert isinstance(trust, Trust)
