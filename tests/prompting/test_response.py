"""The answer: what is read, what is broken, and what the tight schema leaves a model to choose."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from quotes.exchange import Reply
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import BrokenAnswer, PromptSettings, load_pack, read_answer
from tests.strategies import BROKEN, articles

PACK = load_pack()
EMPTY = '{"attributions": [], "not_quotes": []}'
NOTHING = {"at": 3, "cue": "", "speaker": "", "who": 0, "kind": "unknown", "marks": [], "clauses": []}


@pytest.mark.parametrize("content", [text for text in BROKEN if not text.startswith("```")])
def test_what_is_no_answer_is_broken_with_a_reason(content: str) -> None:
    with pytest.raises(BrokenAnswer, match=r"\S"):
        read_answer(content, PACK.validator)


def test_an_answer_in_a_code_fence_is_read() -> None:
    assert read_answer(f"```json\n{EMPTY}\n```", PACK.validator) == read_answer(EMPTY, PACK.validator)


def test_a_line_answered_with_nothing_is_no_attribution() -> None:
    content = json.dumps({"attributions": [NOTHING], "not_quotes": []})
    assert read_answer(content, PACK.validator).attributions == ()


def test_the_message_says_where_the_schema_is_broken() -> None:
    content = json.dumps({"attributions": [{**NOTHING, "kind": "alien"}], "not_quotes": []})
    with pytest.raises(BrokenAnswer, match=r"attributions\[0\]\.kind"):
        read_answer(content, PACK.validator)


def tight_schemas(text: str) -> list[tuple[Any, dict[str, Any]]]:
    """Each exchange about *text* under the tight schema, with the schema of its first request."""
    engine = Engine(PromptSettings("some-model", "local", PACK, chunk_tokens=80, schema_style="tight"), "en")
    exchanges = engine.open(Article("a", text)).exchanges
    return [(e, next(e).body["response_format"]["json_schema"]["schema"]) for e in exchanges]


def first_choice(shape: dict[str, Any], last: bool) -> dict[str, Any]:
    """An attribution of the form *shape* with the first, or the last, of everything it may hold."""
    fields = shape["properties"]
    at = -1 if last else 0
    item = {name: fields[name]["enum"][at] for name in ("at", "cue", "speaker", "who", "kind")}
    for name in ("marks", "clauses"):
        wanted = fields[name].get("minItems", 0)
        item[name] = [fields[name]["items"]["enum"][at]] * wanted if wanted else []
    return item


@given(articles)
def test_everything_the_tight_schema_offers_is_found_in_the_text(text: str) -> None:
    for last in (False, True):
        for exchange, schema in tight_schemas(text):
            Draft202012Validator.check_schema(schema)
            lines = schema["properties"]["attributions"].get("prefixItems", [])
            items = [first_choice(line["anyOf"][-1 if last else 0], last) for line in lines]
            content = json.dumps({"attributions": items, "not_quotes": []})
            assert Draft202012Validator(schema).is_valid(json.loads(content))
            try:
                follow_up = exchange.send(Reply(content))
            except StopIteration:
                continue
            assert "could not be used" not in follow_up.body["messages"][-1]["content"], content


def test_the_tight_schema_asks_for_one_decision_a_line_that_offers_something() -> None:
    text = "The hall was cold.\n\n“We tried,” Oduya said. Nobody clapped.\n\nTan said that it was over."
    ((_, schema),) = tight_schemas(text)
    lines = schema["properties"]["attributions"]["prefixItems"]
    assert [line["anyOf"][0]["properties"]["at"]["enum"] for line in lines] == [[2], [4]]


def test_a_long_quotation_can_be_no_title_and_no_term() -> None:
    text = "“A sentence long enough to be more than a name for anything at all,” she said of “Low Tide”."
    ((_, schema),) = tight_schemas(text)
    assert schema["properties"]["not_quotes"]["items"]["properties"]["mark"]["enum"] == [2]


def test_the_static_schema_is_the_same_for_every_chunk() -> None:
    engine = Engine(PromptSettings("some-model", "api.example.org", PACK, chunk_tokens=20), "en")
    work = engine.open(Article("a", "“No,” Oduya said.\n\n" * 9))
    schemas = [next(exchange).body["response_format"] for exchange in work.exchanges]
    assert len(schemas) > 1
    assert all(schema == schemas[0] for schema in schemas)
