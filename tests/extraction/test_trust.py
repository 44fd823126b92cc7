"""How far what was found is believed, and the confidence that makes."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.extraction.trust import (
    HIGH,
    MEDIUM,
    Judging,
    Trust,
    confidence_of,
    trust_from_json,
    trust_in,
    trust_to_json,
)

CASES = st.dictionaries(
    st.sampled_from(
        ["agree/direct/strong", "agree/direct/weak", "alone/direct", "alone/indirect", "denied/mixed/weak"]
    ),
    st.integers(0, 500).flatmap(lambda seen: st.tuples(st.just(seen), st.integers(0, seen))),
)
TRUSTS = st.builds(
    Trust,
    CASES,
    *[st.builds(Judging, *[st.floats(-3, 3).map(lambda x: round(x, 3))] * 3)] * 2,
    st.floats(0, 1).map(lambda x: round(x, 3)),
)
COUNTS = "two whole numbers, how many were seen (at most 1,000,000,000) and how many of them were right"
KEYS = st.sampled_from(["keep", "cases", "judging", "proposing", "bias", "prior", "verdict", "alone"])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)


@pytest.mark.parametrize(
    ("precision", "word"), [(1.0, "high"), (HIGH, "high"), (HIGH - 0.01, "medium"), (MEDIUM, "medium"), (0.1, "low")]
)
def test_confidence_is_the_precision_in_a_word(precision: float, word: str) -> None:
    assert confidence_of(precision) == word


def test_a_case_that_was_counted_often_has_the_precision_counted() -> None:
    trust = Trust({"alone/indirect": (1000, 700), "alone/direct": (1000, 100)})
    assert trust.precision("alone/indirect") == pytest.approx(0.7, abs=0.01)
    assert trust.precision("alone/direct") == pytest.approx(0.1, abs=0.01)


def test_a_case_never_seen_has_the_precision_of_what_it_is_part_of() -> None:
    trust = Trust({"agree/direct/strong": (96, 96), "agree/direct/weak": (4, 0)})
    assert trust.precision("agree/mixed/weak") == pytest.approx(trust.precision("agree"))
    assert Trust().precision("alone/direct") == 0.5


@given(CASES, st.sampled_from(["agree/direct/strong", "alone/direct", "denied/mixed/weak", "unheard of"]))
def test_a_precision_lies_between_none_and_all(cases: dict[str, tuple[int, int]], case: str) -> None:
    assert 0 < Trust(cases).precision(case) < 1


@given(st.floats(0, 1), st.floats(-50, 50), st.floats(0.01, 2))
def test_the_surer_the_yes_the_more_is_believed(prior: float, odds: float, weight: float) -> None:
    judging = Judging(0.1, 1.0, weight)
    assert judging.precision(prior, odds) <= judging.precision(prior, odds + 1)


@given(st.floats(0.01, 0.99), st.floats(-20, 20))
def test_a_judge_without_weight_changes_nothing(prior: float, odds: float) -> None:
    assert math.isclose(Judging().precision(prior, odds), prior, abs_tol=1e-9)


@given(TRUSTS)
def test_trust_is_the_same_after_a_way_through_json(trust: Trust) -> None:
    assert trust_from_json(trust_to_json(trust)) == trust


@pytest.mark.parametrize(
    "value",
    [
        {"cases": {"alone": 3}},
        {"cases": []},
        {"cases": {"alone": [-4, -4]}},
        {"cases": {"alone": [3, 4]}},
        {"cases": {"alone": [math.inf, 1]}},
        {"cases": {"alone": [1, 1, 1]}},
        {"judging": {"prior": "much"}},
        {"judging": {"x": 1}},
        {"proposing": {"verdict": math.nan}},
        {"keep": None},
        {"keep": math.nan},
        {"keep": 10**400},
        {"keep": "0.5"},
        {"cases": {"alone": [10**12, 1]}},
        {"cases": {"alone": [10**400, 1]}},
        {"cases": {"alone": [True, True]}},
        {"cases": {"alone": [1.0, 1.0]}},
        {"judging": []},
        {"judging": {"bias": 10**400}},
        {"proposing": {"verdict": True}},
        3,
        None,
    ],
)
def test_what_is_no_trust_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"has to be |unknown key"):
        trust_from_json(value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (3, "“tiny”: the entry has to be an object"),
        ({"keep": True}, "“tiny”: keep has to be a number from 0 to 1"),
        ({"keep": 1.5}, "“tiny”: keep has to be a number from 0 to 1"),
        ({"kept": 0.5}, "“tiny”: the entry has the unknown key “kept”, known are keep, cases, judging, proposing"),
        ({"judging": {"x": 1}}, "“tiny”: judging has the unknown key “x”, known are bias, prior, verdict"),
        ({"judging": {"prior": math.inf}}, "“tiny”: judging: prior has to be a number from -1000 to 1000"),
        (
            {"cases": {"alone/direct": [3, 4]}},
            f"“tiny”: cases: “alone/direct” has to be {COUNTS}",
        ),
    ],
)
def test_the_message_names_the_model_the_key_and_what_is_expected(entry: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        trust_in({"tiny": entry}, "tiny", "local")


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3), nested, max_leaves=8)
)
def test_anything_else_is_a_trust_or_refused(value: Any) -> None:
    try:
        trust = trust_from_json(value)
    except ValueError:
        return
    assert 0 < trust.precision("alone/direct") < 1
    assert 0 <= trust.judged(0.5, 30.0, proposed=True) <= 1


def test_a_version_behind_the_name_of_a_model_changes_nothing_unless_the_table_knows_it() -> None:
    measured, newer = Trust(keep=0.3), Trust(keep=0.5)
    table = {"tiny": trust_to_json(measured), "tiny@2": trust_to_json(newer), "local": trust_to_json(Trust(keep=0.6))}
    assert trust_in(table, "tiny@747cb1f0", "local") == measured
    assert trust_in(table, "tiny@2", "local") == newer
    assert trust_in(table, "other@2", "local").keep == 0.6
