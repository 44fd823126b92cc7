"""The capability ladder from end to end: whatever an endpoint refuses, the records are had, and replayed without it."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import pytest

from tests.cli.loopback import Answer, Loopback, dismiss_all_marks, judgement
from tests.cli.processes import Done, Shell

RUNGS = ("strict", "schema", "tool", "object", "prompt")


def rung_of(body: dict[str, Any]) -> str:
    form = body.get("response_format", {})
    if "tools" in body:
        return "tool"
    if form.get("type") == "json_schema":
        return "strict" if form["json_schema"].get("strict") else "schema"
    return "object" if form else "prompt"


def refusal(message: str, param: str | None, code: str = "unsupported_parameter") -> Answer:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return 400, "application/json", json.dumps({"error": error})


class Fussy:
    """An endpoint that takes no form above *lowest* and none of *parts*; a tool is called, prose is wordy."""

    def __init__(self, lowest: str = "strict", *parts: str, judging: bool = False) -> None:
        self.lowest = lowest
        self.parts = parts
        self.answering = judgement if judging else dismiss_all_marks

    def __call__(self, body: dict[str, Any]) -> Answer:
        for part in self.parts:
            if part in body:
                return refusal(f"Unsupported parameter: '{part}' is not supported with this model.", part)
        rung = rung_of(body)
        if RUNGS.index(rung) < RUNGS.index(self.lowest):
            param = "tools" if rung == "tool" else "response_format"
            return refusal(f"{param} of this type is not supported", param, "invalid_request_error")
        status, kind, text = self.answering(body)
        if rung not in ("tool", "prompt"):
            return status, kind, text
        reply = json.loads(text)
        message = reply["choices"][0]["message"]
        if rung == "tool":
            call = {"id": "c1", "type": "function", "function": {"name": "quotes", "arguments": message["content"]}}
            message |= {"content": None, "tool_calls": [call]}
        else:
            message["content"] = f"Here is the answer:\n```json\n{message['content']}\n```\nAnything else?"
        return status, kind, json.dumps(reply)


def unsure(shell: Shell, count: int) -> None:
    """*count* articles in which the rules are unsure of something."""
    lines = (
        json.dumps({"id": f"a{n}", "text": f"Brandt promised to reopen ferry {n}. Vega wants the tide of day {n}."})
        for n in range(count)
    )
    shell.write("in.jsonl", "\n".join(lines) + "\n")


def extract(shell: Shell, endpoint: Loopback, *arguments: object) -> Done:
    return shell.run("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, *arguments)


def replay(shell: Shell, *arguments: object) -> Done:
    return shell.run("extract", "in.jsonl", "--replay", "rec", *arguments)


@pytest.mark.parametrize(
    ("lowest", "schema"), [*((rung, "static") for rung in RUNGS), ("schema", "tight"), ("prompt", "tight")]
)
def test_each_rung_is_reached_and_a_replay_takes_the_same_without_asking(
    shell: Shell, endpoint: Loopback, lowest: str, schema: str
) -> None:
    shell.articles(6)
    endpoint.answer = Fussy(lowest)
    found = extract(shell, endpoint, "--record", "rec", "--schema", schema)
    assert found.code == 0, found.err
    assert [record["status"] for record in found.records] == ["complete"] * 6
    assert {rung_of(body) for body in endpoint.bodies} == set(RUNGS[: RUNGS.index(lowest) + 1])
    assert sum("now asking" in line for line in found.lines) == RUNGS.index(lowest)
    for concurrency in (1, 16):
        again = replay(shell, "--concurrency", concurrency)
        assert (again.code, again.out) == (0, found.out), again.err
    before = len(endpoint.bodies)
    shell.articles(7)
    more = extract(shell, endpoint, "--record", "rec", "--schema", schema)
    assert more.code == 0, more.err
    assert [rung_of(body) for body in endpoint.bodies[before:]] == [lowest]


def test_parameters_that_are_refused_have_another_name_or_none(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(5)
    endpoint.answer = Fussy("schema", "max_tokens", "temperature")
    found = extract(shell, endpoint, "--record", "rec", "--schema", "static")
    assert found.code == 0, found.err
    assert endpoint.bodies[-1].keys() == {"model", "messages", "max_completion_tokens", "response_format"}
    assert any("naming it max_completion_tokens" in line for line in found.lines)
    assert any("leaving out temperature" in line for line in found.lines)
    assert replay(shell).out == found.out
    manifest = json.loads((shell.folder / "rec" / "manifest.json").read_text(encoding="utf-8"))
    (known,) = manifest["dialects"].values()
    assert known[-1] == {"rung": "schema", "omitted": ["max_tokens", "temperature"]}


def test_a_judge_is_asked_in_the_form_the_endpoint_takes(shell: Shell, endpoint: Loopback) -> None:
    unsure(shell, 6)
    endpoint.answer = Fussy("prompt", "max_tokens", judging=True)
    found = extract(shell, endpoint, "--record", "rec", "--backend", "judge")
    assert found.code == 0, found.err
    assert (rung_of(endpoint.bodies[-1]), "logprobs" in endpoint.bodies[-1]) == ("prompt", True)
    assert replay(shell, "--concurrency", 1).out == found.out


def test_a_judge_that_gets_no_log_probabilities_is_told_so_and_ends(shell: Shell, endpoint: Loopback) -> None:
    unsure(shell, 2)
    endpoint.answer = Fussy("strict", "logprobs", judging=True)
    done = extract(shell, endpoint, "--backend", "judge")
    assert done.code == 4
    assert "gives no log-probabilities" in done.err


def test_a_form_that_is_said_is_kept_and_recorded(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(4)
    endpoint.answer = Fussy("object")
    refused = extract(shell, endpoint, "--structured", "tool", "--cache-mode", "off")
    assert refused.code == 4
    assert "leave out --structured" in refused.err
    said = extract(shell, endpoint, "--structured", "prompt", "--record", "rec")
    assert said.code == 0, said.err
    assert rung_of(endpoint.bodies[-1]) == "prompt"
    assert replay(shell).out == said.out


def test_what_a_profile_adds_to_a_body_is_recorded_and_needs_no_profile_again(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    shell.write(
        "quotes.toml",
        f"""
[profiles.desk]
base_url = "{endpoint.url}"
model = "tiny"
seed = 7
limit_parameter = "max_completion_tokens"
cache_breakpoints = true
extra_body = {{ provider = {{ order = ["one"] }} }}
""",
    )
    profile = ("--config", "quotes.toml", "--profile", "desk")
    found = shell.run("extract", "in.jsonl", *profile, "--record", "rec")
    assert found.code == 0, found.err
    body = endpoint.bodies[0]
    assert (body["seed"], body["provider"], "max_tokens" in body) == (7, {"order": ["one"]}, False)
    assert '"cache_control"' in json.dumps(body["messages"][:-1])
    assert replay(shell).out == found.out


def test_a_plan_knows_the_form_that_was_found_and_what_was_answered_in_it(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(4)
    endpoint.answer = Fussy("object", "max_tokens")
    cache = ("--cache", "c.sqlite")
    assert extract(shell, endpoint, *cache).code == 0
    shell.articles(6)
    before = len(endpoint.bodies)
    planned = extract(shell, endpoint, *cache, "--dry-run")
    assert "2, 4 answered by the cache" in planned.out.decode(), planned.err
    assert len(endpoint.bodies) == before


def test_an_unfinished_run_is_taken_up_in_the_form_it_had_found(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(12)
    fussy = Fussy("tool")

    def failing(body: dict[str, Any]) -> Answer:
        if "day 9 " in str(body["messages"]) and rung_of(body) == "tool":
            return 400, "application/json", json.dumps({"error": {"message": "The moon is in the way."}})
        return fussy(body)

    endpoint.answer = failing
    shared = ("-o", "out.jsonl", "--cache", "c.sqlite")
    first = extract(shell, endpoint, *shared, "--fail-fast", "--concurrency", 1)
    assert first.code == 1, first.err
    endpoint.answer = fussy
    second = extract(shell, endpoint, *shared)
    assert "with other options" not in second.err
    assert len((shell.folder / "out.jsonl").read_bytes().splitlines()) == 12


def test_an_article_out_of_time_is_reported_and_done_by_the_next_run(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    held = Event()

    def stalling(body: dict[str, Any]) -> Answer:
        if "day 1 " in body["messages"][-1]["content"]:
            held.wait(60)
        return dismiss_all_marks(body)

    endpoint.answer = stalling
    late = extract(shell, endpoint, "-o", "out.jsonl", "--cache", "c.sqlite", "--article-timeout", "2")
    held.set()
    assert late.code == 1, late.err
    assert "raise --article-timeout" in late.err
    done = extract(shell, endpoint, "-o", "out.jsonl", "--cache", "c.sqlite", "--article-timeout", "60")
    assert done.code == 0, done.err


def test_what_is_stored_is_had_whatever_the_clock_says(shell: Shell, endpoint: Loopback) -> None:
    paragraphs = (f'The tide of day {n} was "high" again, Ida Krell said.\n\n' for n in range(900))
    shell.write("in.jsonl", json.dumps({"id": "long", "text": "".join(paragraphs)}) + "\n")
    first = extract(shell, endpoint, "--cache", "c.sqlite")
    assert first.code == 0, first.err
    asked = len(endpoint.bodies)
    assert asked > 10
    again = extract(shell, endpoint, "--cache", "c.sqlite", "--article-timeout", "0.1")
    replayed = shell.run("extract", "in.jsonl", "--replay", "c.sqlite", "--article-timeout", "0.1")
    assert (again.code, replayed.code) == (0, 0), again.err + replayed.err
    assert first.out == again.out == replayed.out
    assert len(endpoint.bodies) == asked
