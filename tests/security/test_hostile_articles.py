"""Hostile articles, and a model that obeys them in every way: nothing foreign enters a record, no quotation goes."""

from __future__ import annotations

import gc
import json
import time
from dataclasses import replace

import pytest

from quotes.exchange import Reply
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack
from tests.extraction.conducting import extract, model_engine
from tests.security.hostile import HOSTILE, RECORDED, Hostile
from tests.security.obeying import ATTACKS, Attack, changing_replies, replies_of
from tests.security.promises import check_promises

_SMALL = {"chunk_tokens": 200, "context_tokens": 60}
ENGINES = {
    "static": model_engine(**_SMALL),
    "tight": model_engine(schema_style="tight", **_SMALL),
    "cascade": replace(model_engine(schema_style="tight", **_SMALL), cascade=True),
    "judge": Engine(PromptSettings("some-model", "local", load_pack("judge"), max_output_tokens=16), "en"),
}

each_case = pytest.mark.parametrize("case", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
engines = pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
attacks = pytest.mark.parametrize("attack", ATTACKS, ids=[attack.__name__.strip("_") for attack in ATTACKS])


def test_there_are_many_hostile_articles_and_each_is_named_once() -> None:
    assert len(RECORDED) >= 40
    assert len({case.id for case in HOSTILE}) == len(HOSTILE)
    assert all(len(case.text.split()) <= 120 for case in RECORDED)


@each_case
def test_the_rules_keep_their_promises(case: Hostile) -> None:
    work = Engine(None).open(Article(case.id, case.text))
    assert [list(exchange) for exchange in work.exchanges] == [[]]
    check_promises(extract(case.text, lambda request: pytest.fail("the rules ask nobody"), Engine(None)), case.text)


@engines
@attacks
def test_no_obedience_brings_foreign_words_in_or_loses_a_quotation(engine: Engine, attack: Attack) -> None:
    some = RECORDED if engine is ENGINES["static"] else RECORDED[ATTACKS.index(attack) % 3 :: 3]
    for case in some:
        check_promises(extract(case.text, replies_of(attack), engine), case.text)


@engines
def test_nor_does_a_model_that_obeys_otherwise_each_time(engine: Engine) -> None:
    for start, case in enumerate(HOSTILE):
        check_promises(extract(case.text, changing_replies(start), engine), case.text)


_LONG = {
    "ellipses": [{"at": 1, "cue": "said", "speaker": "", "who": {"person": 1}, "said": ["a … " * 20_000]}],
    "words": [{"at": 1, "cue": "a " * 40_000, "speaker": "b " * 40_000, "who": {"person": "c " * 40_000}, "said": [1]}],
    "pieces": [{"at": 1, "cue": "said", "speaker": "", "who": {"person": 1}, "said": [1, "No … Krell", "x"] * 2000}],
    "items": [{"at": 1, "cue": "said", "speaker": "", "who": {"person": n}, "said": [1, f"{n}"]} for n in range(2000)],
}


@pytest.mark.parametrize("attributions", _LONG.values(), ids=list(_LONG))
def test_a_long_reply_costs_no_more_than_its_length(attributions: list[object]) -> None:
    """Seconds, where a search over pairs would take an hour. A model that goes round in circles writes such replies."""
    content = json.dumps({"attributions": attributions, "not_quotes": []})
    gc.disable()
    try:
        begun = time.process_time()
        extraction = extract("“No,” said Ida Krell.", lambda request: Reply(content), model_engine())
        assert time.process_time() - begun < 10
    finally:
        gc.enable()
    check_promises(extraction, "“No,” said Ida Krell.")
