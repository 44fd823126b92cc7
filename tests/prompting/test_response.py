"""The answer: what is read, what is broken, and what the tight schema leaves a model to choose."""

from __future__ import annotations

import gc
import json
import re
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quotes.exchange import Reply
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import Answer, BrokenAnswer, PromptSettings, load_pack, read_answer
from quotes.prompting.response import unfenced
from tests.strategies import BROKEN, answers, articles

PACK = load_pack()
EMPTY = '{"attributions": [], "not_quotes": []}'
NOTHING = {"at": 3, "cue": "", "speaker": "", "who": {"unknown": 0}, "said": []}


@pytest.mark.parametrize("content", [text for text in BROKEN if not text.startswith("```")])
def test_what_is_no_answer_is_broken_with_a_reason(content: str) -> None:
    with pytest.raises(BrokenAnswer, match=r"\S"):
        read_answer(content, PACK.form)


def test_an_answer_in_a_code_fence_is_read() -> None:
    assert read_answer(f"```json\n{EMPTY}\n```", PACK.form) == read_answer(EMPTY, PACK.form)


@pytest.mark.parametrize("broken", ["```" + " " * 3_000 + "x", "```json" + "\n" * 3_000, "```" + " `" * 3_000])
def test_a_fence_that_never_ends_costs_no_time(broken: str) -> None:
    gc.disable()
    try:
        began = time.perf_counter()
        assert unfenced(broken) == broken
        assert time.perf_counter() - began < 0.5
    finally:
        gc.enable()


@given(st.text(st.sampled_from("` \n{}jsonx"), max_size=30))
@example("`````")
@example("``````")
@example("```json```")
def test_what_stands_in_a_fence_is_got_without_it(text: str) -> None:
    found = re.match(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", text, re.DOTALL)
    assert unfenced(text) == (found[1] if found else text)


plain_words = st.text(st.characters(exclude_characters="{}[]", exclude_categories=["Cs"]), max_size=60)


@given(articles.flatmap(answers), plain_words, plain_words, st.sampled_from(["", "```", "```json"]))
def test_words_and_fences_around_an_answer_change_nothing_of_it(
    content: str, before: str, after: str, fence: str
) -> None:
    wrapped = f"{before}\n{fence}\n{content}\n{fence[:3]}{after}"
    assert outcome(wrapped) == outcome(content)


def outcome(content: str) -> Answer | None:
    try:
        return read_answer(content, PACK.form)
    except BrokenAnswer:
        return None


def test_thoughts_before_an_answer_are_passed_over_whatever_they_hold() -> None:
    assert outcome(f'<think>{{"at": 1}} or []?</think>\n{EMPTY}') == outcome(EMPTY)
    assert outcome(EMPTY) is not None


@pytest.mark.parametrize(
    "content",
    [
        f"{EMPTY} and {EMPTY}",
        f"Of [1], {EMPTY}",
        f"{EMPTY}}}",
        f"[{EMPTY}, ",
        f"So: {EMPTY[:-1]}",
        f"<think>{EMPTY}",
        '{"attributions": [], "attributions": [], "not_quotes": []}',
        'Here: {"attributions": [], "not_quotes": [], "not_quotes": []}',
    ],
)
def test_where_it_is_not_clear_which_object_is_the_answer_there_is_none(content: str) -> None:
    with pytest.raises(BrokenAnswer, match="the reply is not JSON"):
        read_answer(content, PACK.form)


def test_a_line_answered_with_nothing_is_no_attribution() -> None:
    content = json.dumps({"attributions": [NOTHING], "not_quotes": []})
    assert read_answer(content, PACK.form).attributions == ()


def test_the_message_says_where_the_schema_is_broken() -> None:
    content = json.dumps({"attributions": [{**NOTHING, "who": {"alien": 0}}], "not_quotes": []})
    with pytest.raises(BrokenAnswer, match=r"attributions\[0\]\.who"):
        read_answer(content, PACK.form)


def test_marks_and_clauses_are_told_apart_in_what_was_said() -> None:
    item = {**NOTHING, "who": {"document": "the memo"}, "said": [2, "that it … in May", 4.0, "2"]}
    (read,) = read_answer(json.dumps({"attributions": [item], "not_quotes": []}), PACK.form).attributions
    assert (read.marks, read.clauses) == ((2, 4), ("that it … in May", "2"))
    assert (read.kind, read.who) == ("document", "the memo")


@pytest.mark.parametrize(
    "changes",
    [
        {"who": 2, "kind": "person"},
        {"who": {}},
        {"who": {"person": 1, "group": 2}},
        {"marks": [1], "clauses": []},
        {"said": None},
    ],
)
def test_an_answer_of_another_form_is_refused_and_not_misread(changes: dict[str, Any]) -> None:
    content = json.dumps({"attributions": [{**NOTHING, **changes}], "not_quotes": []})
    with pytest.raises(BrokenAnswer, match=r"attributions\[0\]"):
        read_answer(content, PACK.form)


def test_an_answer_with_marks_and_clauses_apart_is_refused() -> None:
    item = {"at": 1, "cue": "said", "speaker": "she", "who": 2, "kind": "person", "marks": [1], "clauses": []}
    with pytest.raises(BrokenAnswer, match=r"attributions\[0\]"):
        read_answer(json.dumps({"attributions": [item], "not_quotes": []}), PACK.form)


def tight_schemas(text: str) -> list[tuple[Any, dict[str, Any]]]:
    """Each exchange about *text* under the tight schema, with the schema of its first request."""
    engine = Engine(PromptSettings("some-model", "local", PACK, chunk_tokens=80, schema_style="tight"), "en")
    exchanges = engine.open(Article("a", text)).exchanges
    return [(e, next(e).body["response_format"]["json_schema"]["schema"]) for e in exchanges]


def first_choice(schema: dict[str, Any], shape: dict[str, Any], last: bool) -> dict[str, Any]:
    """An attribution of the form *shape* with the first, or the last, of everything it may hold."""
    fields = shape["properties"]
    at = -1 if last else 0
    item = {name: fields[name]["enum"][at] for name in ("at", "cue", "speaker")}
    someone = schema["$defs"]["who"]["anyOf"][at] if "$ref" in fields["who"] else fields["who"]
    item["who"] = {kind: number["enum"][at] for kind, number in someone["properties"].items()}
    wanted = fields["said"].get("minItems", 0)
    item["said"] = [fields["said"]["items"]["enum"][at]] * wanted if wanted else []
    return item


@given(articles)
def test_everything_the_tight_schema_offers_is_found_in_the_text(text: str) -> None:
    for last in (False, True):
        for exchange, schema in tight_schemas(text):
            Draft202012Validator.check_schema(schema)
            lines = schema["properties"]["attributions"].get("prefixItems", [])
            items = [first_choice(schema, line["anyOf"][-1 if last else 0], last) for line in lines]
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


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema of an object that stands in *schema*."""
    inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    found = [each for value in inside for each in objects(value)]
    return [schema, *found] if isinstance(schema, dict) and schema.get("type") == "object" else found


def test_the_static_schema_is_one_that_endpoints_take_as_strict() -> None:
    allowed = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"}
    shapes = objects(PACK.schema)
    assert len(shapes) > 3
    for shape in shapes:
        assert shape["additionalProperties"] is False
        assert shape["required"] == list(shape["properties"])
        for field in shape["properties"].values():
            assert set(field) <= allowed


def test_the_static_schema_is_the_same_for_every_chunk() -> None:
    engine = Engine(PromptSettings("some-model", "api.example.org", PACK, chunk_tokens=20), "en")
    work = engine.open(Article("a", "“No,” Oduya said.\n\n" * 9))
    schemas = [next(exchange).body["response_format"] for exchange in work.exchanges]
    assert len(schemas) > 1
    assert all(schema == schemas[0] for schema in schemas)
