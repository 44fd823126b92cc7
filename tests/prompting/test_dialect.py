"""Dialects: what each form of a request holds, what comes after a refusal, and how a store remembers it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import UsageError
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.model import Article, Rejected
from quotes.prompting import PromptSettings, judge_request, load_pack, repair_request
from quotes.prompting.chunks import cut_chunks
from quotes.prompting.dialect import Dialect, Rung, newest_last
from quotes.prompting.judging import Shown
from quotes.prompting.rendering import Page
from quotes.text import read

PACK, JUDGING = load_pack(), load_pack("judge")
RUNGS: tuple[Rung, ...] = ("strict", "schema", "tool", "object", "prompt")
FORM = ("response_format", "tools", "tool_choice")


def request(label: str = "api.example.org", dialect: Dialect | None = None, **options: Any) -> Request:
    settings = PromptSettings("some-model", label, PACK, dialect=dialect or Dialect(), **options)
    (exchange,) = Engine(settings, "en").open(Article("a", "“No,” Oduya said.")).exchanges
    return next(exchange)


def repair(dialect: Dialect) -> Request:
    settings = PromptSettings("some-model", "api.example.org", PACK, dialect=dialect)
    reading = read("“No,” Oduya said.", "en")
    shown = Page(reading).show(cut_chunks(reading, chunk_tokens=99, context_tokens=0)[0])
    first = request(dialect=dialect)
    return repair_request(settings, shown, first, Reply("{}"), [Rejected(None, "it is empty")])


def judging(dialect: Dialect) -> Request:
    settings = PromptSettings("some-model", "api.example.org", JUDGING, dialect=dialect)
    return judge_request(settings, Shown("[No], she said.", "she"), article="a", chunk=0)


def test_without_a_word_on_it_a_body_is_what_it_always_was() -> None:
    body = dict(request().body)
    assert list(body) == ["model", "messages", "max_tokens", "response_format", "temperature"]
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "quotes", "strict": True, "schema": PACK.schema},
    }
    assert list(body["response_format"]["json_schema"]) == ["name", "strict", "schema"]
    assert body["messages"][0] == {"role": "system", "content": PACK.system}


def test_each_rung_demands_the_form_in_its_own_way() -> None:
    forms = {rung: {name: request(dialect=Dialect(rung)).body.get(name) for name in FORM} for rung in RUNGS}
    called = {"type": "function", "function": {"name": "quotes"}}
    schema = {"name": "quotes", "schema": PACK.schema}
    assert forms["schema"]["response_format"] == {"type": "json_schema", "json_schema": schema}
    assert forms["tool"]["response_format"] is None
    assert forms["tool"]["tool_choice"] == called
    (tool,) = forms["tool"]["tools"]
    assert tool["function"]["name"] == "quotes"
    assert tool["function"]["parameters"] == PACK.schema
    assert forms["object"] == {"response_format": {"type": "json_object"}, "tools": None, "tool_choice": None}
    assert forms["prompt"] == dict.fromkeys(FORM)


@pytest.mark.parametrize("asking", [lambda dialect: request(dialect=dialect), repair, judging])
@pytest.mark.parametrize("rung", RUNGS)
def test_the_schema_stands_in_the_instructions_once_and_only_where_nothing_enforces_it(asking: Any, rung: Rung) -> None:
    sent = asking(Dialect(rung))
    schema = JUDGING.schema if asking is judging else PACK.schema
    told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    assert "JSON" in sent.body["messages"][0]["content"]
    count = sum(message["content"].count(told) for message in sent.body["messages"])
    assert count == (rung in ("object", "prompt"))


def test_what_is_told_is_the_packs_schema_however_tight_it_is_for_others() -> None:
    loose = request(dialect=Dialect("object"))
    assert request(dialect=Dialect("object"), schema_style="tight").body == loose.body


def test_the_rungs_are_gone_down_one_by_one() -> None:
    rung: Dialect | None = Dialect()
    seen = []
    while rung is not None:
        seen.append(rung.rung)
        rung = rung.after("schema")
    assert tuple(seen) == RUNGS


@pytest.mark.parametrize("part", ["schema", "response_format", "response_format.json_schema", "tools[0].function"])
def test_whatever_holds_the_schema_is_of_the_rung(part: str) -> None:
    after = Dialect().after(part)
    assert after is not None
    assert after.rung == "schema"
    assert Dialect("strict", fixed=True).after(part) is None


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("api.example.org", ["max_tokens", "max_completion_tokens"]),
        ("api.openai.com", ["max_completion_tokens", "max_tokens"]),
    ],
)
def test_a_limit_that_is_refused_has_its_other_name_and_then_none(label: str, names: list[str]) -> None:
    dialect: Dialect | None = Dialect()
    for name in names:
        assert dialect is not None
        assert {"max_tokens", "max_completion_tokens"} & request(label, dialect).body.keys() == {name}
        dialect = dialect.after(name)
    assert dialect is not None
    assert not {"max_tokens", "max_completion_tokens"} & request(label, dialect).body.keys()
    assert dialect.after(names[-1]) is None


def test_the_name_of_the_limit_may_be_said() -> None:
    dialect = Dialect(limit_parameter="max_completion_tokens")
    assert request(dialect=dialect).body["max_completion_tokens"] == 2048


@pytest.mark.parametrize("name", ["temperature", "seed", "reasoning_effort"])
def test_what_a_request_can_do_without_is_left_out_once_refused(name: str) -> None:
    asked = Dialect(seed=7, reasoning_effort="low")
    assert name in request(dialect=asked).body
    after = asked.after(name)
    assert after is not None
    assert name not in request(dialect=after).body
    assert after.after(name) is None


@pytest.mark.parametrize("part", ["logprobs", "top_logprobs", "messages", "model", "unheard_of", "provider"])
def test_nothing_is_left_where_the_question_itself_or_what_the_user_asked_for_is_refused(part: str) -> None:
    assert Dialect(extra_body={"provider": {"order": ["one"]}, "seed": 3}).after(part) is None


def test_what_is_added_to_a_body_comes_last_and_may_overrule_options() -> None:
    body = request(dialect=Dialect(seed=1, extra_body={"seed": 2, "provider": {"only": ["one"]}})).body
    assert (body["seed"], body["provider"]) == (2, {"only": ["one"]})


@pytest.mark.parametrize("name", ["messages", "model", "response_format", "tools", "tool_choice", "stream", "n"])
def test_what_is_added_may_not_replace_what_is_asked(name: str) -> None:
    with pytest.raises(UsageError, match=rf"extra_body\.{name}"):
        Dialect(extra_body={name: 1})


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_what_is_added_must_be_json(value: Any) -> None:
    with pytest.raises(UsageError, match="JSON"):
        Dialect(extra_body={"provider": value})


@pytest.mark.parametrize(
    ("breakpoints", "mark"),
    [("prompt_cache_breakpoint", {"mode": "explicit"}), ("cache_control", {"type": "ephemeral"})],
)
def test_a_breakpoint_marks_the_end_of_what_is_the_same_in_every_request(breakpoints: Any, mark: Any) -> None:
    dialect = Dialect(breakpoints=breakpoints)
    system, example, answer, question = request(dialect=dialect).body["messages"]
    plain = request().body["messages"]
    assert example["content"] == [{"type": "text", "text": plain[1]["content"], breakpoints: mark}]
    assert [system, answer, question] == [plain[0], plain[2], plain[3]]
    assert breakpoints in json.dumps(judging(dialect).body)
    assert json.dumps(repair(dialect).body).count(f'"{breakpoints}"') == 1
    refused = dialect.after(f"messages[1].content[0].{breakpoints}")
    assert refused is not None
    assert request(dialect=refused).body == request().body


names = st.sampled_from(["temperature", "seed", "max_tokens", "cache_control"])
dialects = st.builds(
    Dialect,
    rung=st.sampled_from(RUNGS),
    fixed=st.booleans(),
    limit_parameter=st.sampled_from([None, "max_tokens", "max_completion_tokens"]),
    omitted=st.frozensets(names),
    seed=st.none() | st.integers(0, 1 << 31),
    reasoning_effort=st.none() | st.sampled_from(["low", "high"]),
    extra_body=st.dictionaries(st.sampled_from(["provider", "store"]), st.booleans() | st.lists(st.text())),
    breakpoints=st.sampled_from([None, "prompt_cache_breakpoint", "cache_control"]),
)


@given(dialects)
def test_a_store_gives_back_the_dialect_it_was_given(dialect: Dialect) -> None:
    assert Dialect.from_json(json.loads(json.dumps(dialect.to_json()))) == dialect


@given(dialects, st.lists(st.sampled_from(["schema", "temperature", "seed", "max_tokens", "max_completion_tokens"])))
def test_what_refusals_taught_is_told_apart_from_what_was_asked_for(dialect: Dialect, parts: list[str]) -> None:
    asked = Dialect(**{**{name: getattr(dialect, name) for name in ASKED}, "extra_body": dialect.extra_body})
    reached = asked
    for part in parts:
        reached = reached.after(part) or reached
    assert asked.taught(reached.learned) == reached


ASKED = ("limit_parameter", "seed", "reasoning_effort", "breakpoints")


@given(dialects)
def test_every_way_down_ends(dialect: Dialect) -> None:
    for part in ("schema", "max_tokens", "temperature", "unheard_of"):
        steps, rest = 0, dialect.after(part)
        while rest is not None:
            steps, rest = steps + 1, rest.after(part)
        assert steps <= len(RUNGS)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"rung": "stern"},
        {"rung": ["strict"]},
        {"omitted": "seed"},
        {"seed": True},
        {"seed": "7"},
        {"fixed": 1},
        {"reasoning_effort": 3},
        {"extra_body": []},
        {"extra_body": {"model": "x"}},
        {"breakpoints": "here"},
        {"other": 1},
    ],
)
def test_what_is_no_dialect_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Dialect.from_json(value)


def test_of_dialects_that_come_twice_the_later_place_counts() -> None:
    low, high = Dialect("tool"), Dialect()
    assert newest_last([low, high, low]) == (high, low)
