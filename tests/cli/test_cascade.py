"""``--backend cascade``: the rules, and a model for what they leave open, live, recorded, replayed and in a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quotes.cache import open_store
from tests.cli.loopback import Answer, Loopback, completion, failure
from tests.cli.processes import Done, Shell

SURE = "“We tried hard enough,” Ida Krell said. It rained on the pier."
TEXT = SURE + " Brandt promised to reopen the ferry."
FOUND = {"at": 1, "cue": "promised", "speaker": "Brandt", "who": {"person": "Brandt"}, "said": ["to reopen the ferry"]}


def attributes(_body: dict[str, Any]) -> Answer:
    """A sound reply to the one line that is open."""
    return completion({"attributions": [FOUND], "not_quotes": []})


@pytest.fixture
def ready(shell: Shell, endpoint: Loopback) -> Shell:
    """A shell with an article of one open line and one of none, and an endpoint that knows the answer."""
    lines = (json.dumps({"id": f"a{n}", "text": text}) for n, text in enumerate((TEXT, SURE)))
    shell.write("in.jsonl", "\n".join(lines) + "\n")
    endpoint.answer = attributes
    return shell


def cascade(shell: Shell, endpoint: Loopback, *arguments: object, command: str = "extract") -> Done:
    options = ("--backend", "cascade", "--model", "tiny", "--base-url", endpoint.url)
    return shell.run(*command.split(), "in.jsonl", *options, *arguments)


def test_the_rules_settle_and_the_model_is_asked_for_the_rest(ready: Shell, endpoint: Loopback) -> None:
    done = cascade(ready, endpoint)
    assert done.code == 0, done.err
    first, second = done.records
    assert (first["model"], first["status"], second["status"]) == ("tiny", "complete", "complete")
    assert first["prompt"].startswith("cascade@")
    assert {quote["text"]: quote["by"] for quote in first["quotes"]} == {
        "We tried hard enough,": ["rules"],
        "to reopen the ferry": ["model", "rules"],
    }
    assert [quote["text"] for quote in second["quotes"]] == ["We tried hard enough,"]
    (body,) = endpoint.bodies
    assert "promised" in body["messages"][-1]["content"]
    assert "tried" not in body["messages"][-1]["content"]
    assert "rained" not in body["messages"][-1]["content"]


def test_a_replay_is_a_cascade_without_being_told(ready: Shell, endpoint: Loopback) -> None:
    recorded = cascade(ready, endpoint, "--record", "replies", "--chunk-tokens", 300)
    assert recorded.code == 0, recorded.err
    manifest = open_store(ready.folder / "replies", create=False).manifest()
    assert (manifest["backend"], manifest["prompt"]) == ("cascade", "cascade")
    assert manifest["settings"]["chunk_tokens"] == 300
    endpoint.answer = failure(500, "down", "no more")
    for way in (("--replay", "replies"), ("--cache", "replies", "--cache-mode", "replay")):
        replayed = ready.run("extract", "in.jsonl", *way)
        assert replayed.code == 0, replayed.err
        assert replayed.out == recorded.out
    assert len(endpoint.bodies) == 1


def test_at_any_concurrency_the_output_is_the_same_to_the_byte(ready: Shell, endpoint: Loopback) -> None:
    outputs = {cascade(ready, endpoint, "--concurrency", n, "--cache-mode", "off").out for n in (1, 8)}
    assert len(outputs) == 1


def test_a_chunk_that_fails_costs_only_what_was_open(ready: Shell, endpoint: Loopback) -> None:
    endpoint.answer = failure(400, "odd", "No.")
    done = cascade(ready, endpoint)
    assert done.code == 1
    first, second = done.records
    assert (first["status"], second["status"]) == ("partial", "complete")
    assert [quote["text"] for quote in first["quotes"]] == ["We tried hard enough,"]


def test_a_batch_asks_only_what_is_open(ready: Shell, endpoint: Loopback) -> None:
    exported = cascade(ready, endpoint, "-o", "requests.jsonl", "--cache", "c.sqlite", command="batch export")
    assert exported.code == 0, exported.err
    (request,) = [json.loads(line) for line in (ready.folder / "requests.jsonl").read_text().splitlines()]
    reply = {"status_code": 200, "body": json.loads(attributes(request["body"])[2])}
    ready.write("replies.jsonl", json.dumps({"custom_id": request["custom_id"], "response": reply, "error": None}))
    assert ready.run("batch", "import", "replies.jsonl", "--cache", "c.sqlite").code == 0
    again = cascade(ready, endpoint, "-o", "more.jsonl", "--cache", "c.sqlite", command="batch export")
    assert "nothing left to ask" in again.err
    assert endpoint.bodies == []
    batched = ready.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay")
    assert batched.code == 0, batched.err
    assert batched.out == cascade(ready, endpoint).out


def test_a_cascade_needs_a_model_and_a_pack_that_attributes(ready: Shell) -> None:
    done = ready.run("extract", "in.jsonl", "--backend", "cascade")
    assert done.code == 2
    assert done.lines == ["quotes: --backend cascade: no model is named (name one with --model or QUOTES_MODEL)"]
    url = ("--base-url", "http://127.0.0.1:9/v1")
    done = ready.run("extract", "in.jsonl", "--backend", "cascade", "--model", "tiny", "--prompt", "judge", *url)
    assert (done.code, len(done.lines)) == (2, 1)
    assert "the pack is for --backend judge, not for cascade" in done.lines[0]


def test_eval_scores_a_cascade_beside_the_rules(ready: Shell, endpoint: Loopback) -> None:
    quote = {"content": [[1, 23]], "cue": [[34, 38]], "speaker": [[24, 33]]}
    ready.write("gold.jsonl", json.dumps({"id": "a0", "text": TEXT, "quotes": [quote]}) + "\n")
    backends = ("--backend", "rules", "--backend", "cascade", "--model", "tiny", "--base-url", endpoint.url)
    done = ready.run("eval", "gold.jsonl", *backends, "--json", "--resamples", 0)
    assert done.code == 0, done.err
    assert [system["system"] for system in json.loads(done.out)["systems"]] == ["rules", "cascade tiny"]
