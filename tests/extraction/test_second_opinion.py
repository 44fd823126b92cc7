"""A model that attributes by itself, with the rules beside it and without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quotes.extraction import Engine
from quotes.extraction.trust import UNMEASURED, Trust
from quotes.model import Article, Extraction
from tests.extraction.conducting import Script, answer, attribution, conduct, model_engine

TEXT = "“We tried,” Ida Krell said. “It failed,” Dean Holt said."
MEASURED = Trust({"agree/direct": (900, 880), "alone/direct": (100, 20), "unseen": (50, 45)}, keep=0.5)


def found_by(engine: Engine, *attributions: dict[str, object]) -> tuple[Extraction, bool]:
    """The record of a model that answers *attributions*, and whether rules were run for it."""
    work = engine.open(Article("a", TEXT))
    done = work.finish([conduct(exchange, Script(answer(*attributions), answer())) for exchange in work.exchanges])
    return done, "rules" in work.reading.worked_out


def first(speaker: str = "Ida Krell") -> dict[str, object]:
    return attribution(1, cue="said", speaker=speaker, said=[1])


@pytest.fixture
def alone() -> Engine:
    return replace(model_engine(), second_opinion=False)


def test_without_a_second_opinion_no_rules_are_run_and_the_model_stands_alone(alone: Engine) -> None:
    done, rules = found_by(alone, first())
    assert not rules
    assert {quote.by for quote in done.quotes} == {("model",)}
    assert [quote.text for quote in done.quotes] == ["We tried,"]


def test_with_one_the_rules_bear_out_the_model_and_speak_where_it_is_silent() -> None:
    done, rules = found_by(model_engine(), first())
    assert rules
    assert {quote.text: quote.by for quote in done.quotes} == {
        "We tried,": ("model", "rules"),
        "It failed,": ("rules",),
    }


def test_what_a_model_left_out_stays_open(alone: Engine) -> None:
    done, _ = found_by(alone, first())
    assert [one.span.of(TEXT) for one in done.unresolved] == ["“It failed,”"]
    assert done.status == "partial"


def test_its_quotes_are_as_sure_as_all_that_the_model_finds_was_measured_to_be(alone: Engine) -> None:
    assert [quote.confidence for quote in found_by(replace(alone, trust=MEASURED), first())[0].quotes] == ["medium"]
    assert [quote.confidence for quote in found_by(replace(alone, trust=UNMEASURED), first())[0].quotes] == ["low"]


def test_nothing_that_the_model_found_is_left_out_however_seldom_it_is_right(alone: Engine) -> None:
    poor = Trust({"agree/direct": (100, 20), "alone/direct": (100, 0)}, keep=0.5)
    assert [quote.text for quote in found_by(replace(alone, trust=poor), first())[0].quotes] == ["We tried,"]
