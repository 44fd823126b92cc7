"""What a model and the rules found, side by side: in which case it is, and of all that what holds."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.extraction import Found
from quotes.extraction.agreement import similarity
from quotes.extraction.trust import Judging, Trust
from quotes.extraction.weighing import SAME_CONTENT, STRONG, Weighed, choose, weigh_model, weigh_rules
from quotes.model import Attribution, QuoteType, Span, Spans
from quotes.text import classify, find_quotations, precision_of
from tests.extraction.trusting import found, trusts

TEXT = "“We tried hard enough,” Ida Krell said. Dean Holt told the board that the old pier would hold until June."
TRIED, HOLD = "We tried hard enough,", "that the old pier would hold until June"
STRONG_ONE, WEAK_ONE = "quote_subject_cue", "never_counted"
TRUST = Trust({"agree": (100, 90), "alone": (100, 60), "differ-model": (100, 70), "differ-rules": (100, 20)})


def kinds(content: Spans) -> QuoteType:
    return classify(TEXT, content, find_quotations(TEXT))


def model(*content: str, speaker: str = "Ida Krell") -> Found:
    return found(TEXT, *content, by="model", speaker=speaker)


def rules(*content: str, speaker: str = "Ida Krell", pattern: str = STRONG_ONE) -> Found:
    return found(TEXT, *content, speaker=speaker, pattern=pattern)


def shown(weighed: tuple[Weighed, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.case, item.by) for item in weighed]


def test_the_patterns_of_these_tests_are_strong_and_weak() -> None:
    assert precision_of(STRONG_ONE, "direct") >= STRONG > precision_of(WEAK_ONE, "direct")


def test_where_both_found_the_words_with_one_speaker_they_agree() -> None:
    (item,) = weigh_model([model(TRIED)], [rules("We tried hard enough")], (), kinds, TRUST)
    assert (item.case, item.by) == ("agree/direct", ("model", "rules"))
    assert item.precision == pytest.approx(TRUST.precision("agree"))
    assert item.found == model(TRIED)


def test_where_they_agree_but_for_the_borders_one_question_has_two_answers() -> None:
    told = weigh_model([model("We tried hard")], [rules(TRIED)], (), kinds, TRUST)
    both = ("model", "rules")
    assert shown(told) == [("agree-model/direct/strong", both), ("agree-rules/direct/strong", both)]
    assert len({item.question for item in told}) == 1
    assert [item.found.attribution for item in told] == [model("We tried hard").attribution, rules(TRIED).attribution]
    assert {item.found.key for item in told} == {model(TRIED).key}


def test_where_they_differ_one_question_has_the_answers_of_both() -> None:
    told = weigh_model([model("We tried hard", speaker="Dean Holt")], [rules(TRIED)], (), kinds, TRUST)
    assert shown(told) == [("differ-model/direct/strong", ("model",)), ("differ-rules/direct/strong", ("rules",))]
    assert len({item.question for item in told}) == 1
    assert [item.found for item in told] == [model("We tried hard", speaker="Dean Holt"), rules(TRIED)]


def test_what_only_one_of_them_found_is_alone_or_unseen() -> None:
    told = weigh_model([model(HOLD)], [rules(TRIED)], (), kinds, TRUST)
    assert shown(told) == [("alone/indirect", ("model",)), ("unseen/direct/strong", ("rules",))]
    assert len({item.question for item in told}) == 2


def test_what_the_model_takes_for_no_quote_is_denied_and_what_it_says_nothing_about_silent() -> None:
    said = rules(TRIED)
    assert shown(weigh_model([], [said], [said], kinds, TRUST)) == [("denied/direct/strong", ("rules",))]
    assert shown(weigh_model([], [said], [], kinds, TRUST, [said])) == [("silent/direct/strong", ("rules",))]
    assert shown(weigh_model([], [said], [said], kinds, TRUST, [said])) == [("denied/direct/strong", ("rules",))]


@pytest.mark.parametrize(("pattern", "strength"), [(STRONG_ONE, "strong"), (WEAK_ONE, "weak")])
def test_a_case_says_how_strong_the_pattern_is(pattern: str, strength: str) -> None:
    said = rules(TRIED, pattern=pattern)
    assert shown(weigh_model([], [said], (), kinds, TRUST)) == [(f"unseen/direct/{strength}", ("rules",))]
    told = weigh_model([model(TRIED, speaker="Dean Holt")], [said], (), kinds, TRUST)
    assert [item.case for item in told] == [f"differ-model/direct/{strength}", f"differ-rules/direct/{strength}"]


def test_less_than_half_of_the_words_in_common_are_two_quotes() -> None:
    cases = [case for case, _ in shown(weigh_model([model("that the old pier")], [rules(HOLD)], (), kinds, TRUST))]
    assert cases == ["alone/indirect", "unseen/indirect/weak"]


def test_what_the_rules_found_is_as_sure_as_its_pattern_was_right() -> None:
    (item,) = weigh_rules([rules(TRIED)], kinds, TRUST)
    assert (item.case, item.by) == (f"{STRONG_ONE}/direct", ("rules",))
    assert item.precision == item.prior == precision_of(STRONG_ONE, "direct")


@pytest.mark.parametrize(("odds", "by"), [(2.0, ("model", "rules")), (-2.0, ("rules",)), (None, ("rules",))])
def test_a_judge_who_says_yes_stands_by_it(odds: float | None, by: tuple[str, ...]) -> None:
    trust = Trust(judging=Judging(0.0, 0.0, 1.0), proposing=Judging(0.0, 0.0, 0.0))
    (item,) = weigh_rules([replace(rules(TRIED), odds=odds)], kinds, trust)
    expected = precision_of(STRONG_ONE, "direct") if odds is None else {2.0: 0.8808, -2.0: 0.1192}[odds]
    assert item.by == by
    assert item.precision == pytest.approx(expected, abs=1e-4)
    (proposed,) = weigh_rules([replace(rules(TRIED), odds=odds, rate=0.3)], kinds, trust)
    assert proposed.precision == (precision_of(STRONG_ONE, "direct", 0.3) if odds is None else 0.5)


@given(trusts, trusts)
def test_under_another_trust_it_is_as_if_weighed_with_that(one: Trust, other: Trust) -> None:
    judged = [replace(rules(TRIED), odds=1.0), replace(rules(HOLD), odds=-1.0, rate=0.4), rules(TRIED, HOLD)]
    weighed = weigh_rules(judged, kinds, one)
    assert tuple(item.under(other) for item in weighed) == weigh_rules(judged, kinds, other)
    both = ([model(TRIED, speaker="Dean Holt"), model(HOLD)], [rules(TRIED), rules("pier")], (), kinds)
    assert tuple(item.under(other) for item in weigh_model(*both, one)) == weigh_model(*both, other)


def of(item: Found, precision: float, question: int, **more: float) -> Weighed:
    return Weighed(item, "some/case", precision, ("model",), question, **more)


def test_of_one_question_only_the_likeliest_answer_holds() -> None:
    first, second = of(model(TRIED), 0.6, 1), of(model(TRIED, speaker="Dean Holt"), 0.7, 1)
    assert choose([first, second], 0.5) == (second,)
    assert choose([replace(second, precision=0.6), first], 0.5)[0].found.attribution.speaker.name == "Dean Holt"


def test_what_is_less_likely_than_is_asked_for_does_not_hold() -> None:
    item = of(model(TRIED), 0.5, 1)
    assert choose([item], 0.5) == (item,)
    assert choose([item], 0.51) == ()


def test_words_that_both_found_hold_however_unlikely_either_speaker_is() -> None:
    doubted = Trust({"differ-model": (100, 10), "differ-rules": (100, 5)})
    told = weigh_model([model(TRIED, speaker="Dean Holt")], [rules(TRIED)], (), kinds, doubted)
    (held,) = choose(told, 0.5)
    assert held.case == "differ-model/direct/strong"
    assert held.precision < 0.5


def test_what_repeats_the_words_of_something_likelier_does_not_hold() -> None:
    mine, theirs = of(model(TRIED), 0.6, 1), of(rules("We tried hard"), 0.7, 2)
    assert choose([mine, theirs], 0.0) == (theirs,)
    nested = of(rules("tried hard enough"), 0.5, 3)
    assert choose([theirs, nested], 0.0) == (theirs, nested)  # those of the rules nest by intent


@pytest.mark.parametrize("odds", [(0.9, 0.2), (0.2, 0.9)])
def test_a_proposal_and_what_the_rules_found_are_never_both_there_with_the_same_words(
    odds: tuple[float, float],
) -> None:
    proposed = of(replace(rules(TRIED), rate=0.3, odds=1.0), odds[0], 1, prior=0.5)
    asked = of(replace(rules("We tried hard"), odds=1.0), odds[1], 2, prior=0.5)
    assert choose([proposed, asked], 0.0) == (max(proposed, asked, key=lambda item: item.precision),)


def test_what_the_rules_found_unasked_holds_before_a_likelier_proposal_with_its_words() -> None:
    proposed = of(replace(rules("We tried hard"), rate=0.3, odds=1.0), 0.99, 1, prior=0.5)
    unasked = of(rules(TRIED), 0.1, 2, prior=0.1)
    assert choose([proposed, unasked], 1.0) == (unasked,)


@st.composite
def several(draw: st.DrawFn) -> list[Weighed]:
    """Any things weighed, of any side, judged or not."""
    items = []
    for number in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, 60))
        content = (Span(start, start + draw(st.integers(1, 30))),)
        by = draw(st.sampled_from(["model", "rules"]))
        one = Found(Attribution(content), by, pattern=f"p{number}")
        if by == "rules":
            rates, odds = st.sampled_from([None, 0.3]), st.sampled_from([None, 1.0, -1.0])
            one = replace(one, rate=draw(rates), odds=draw(odds))
        prior = 0.5 if by == "rules" and draw(st.booleans()) else None
        items.append(Weighed(one, "a/case", draw(st.floats(0, 1)), (by,), draw(st.integers(0, 5)), prior))
    return items


@given(several(), st.floats(0, 1))
def test_what_holds_answers_each_question_once_and_repeats_nothing(items: list[Weighed], keep: float) -> None:
    kept = choose(items, keep)
    assert set(map(id, kept)) <= set(map(id, items))
    questions = [item.question for item in kept]
    assert len(set(questions)) == len(questions)
    for item in kept:
        unasked = item.prior is not None and item.found.odds is None
        assert item.found.rate is None if unasked else item.precision >= keep
    for one, other in combinations(kept, 2):
        if one.found.by != other.found.by:
            assert similarity(one.found.attribution, other.found.attribution) < SAME_CONTENT


@given(several(), st.floats(0, 1))
def test_what_the_rules_found_unasked_always_holds_and_a_proposal_without_a_verdict_never(
    items: list[Weighed], keep: float
) -> None:
    alone = [replace(item, question=number) for number, item in enumerate(items)]
    unasked = [item for item in alone if item.prior is not None and item.found.odds is None]
    kept = set(map(id, choose(alone, keep)))
    assert {id(item) for item in unasked if item.found.rate is None} <= kept
    assert kept.isdisjoint(id(item) for item in unasked if item.found.rate is not None)
