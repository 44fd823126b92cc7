"""``--backend judge``: the rules with a model that says yes or no, live, recorded, replayed and in a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quotes.cache import open_store
from tests.cli.loopback import Answer, Loopback, failure, judgement
from tests.cli.processes import Done, Shell

TEXT = "“We tried,” Oduya said. Brandt promised to reopen the ferry. Vega wants the tide."


@pytest.fixture
def ready(shell: Shell, endpoint: Loopback) -> Shell:
    """A shell with two articles of two questions each, and an endpoint that answers them."""
    lines = (json.dumps({"id": f"a{n}", "text": f"{TEXT} It rained on day {n}."}) for n in range(2))
    shell.write("in.jsonl", "\n".join(lines) + "\n")
    endpoint.answer = judgement
    return shell


def judge(shell: Shell, endpoint: Loopback, *arguments: object) -> Done:
    command = ("extract", "in.jsonl", "--backend", "judge", "--model", "tiny", "--base-url", endpoint.url)
    return shell.run(*command, *arguments)


def plain(body: dict[str, Any]) -> Answer:
    """An endpoint that ignores the wish for log-probabilities."""
    return judgement({**body, "logprobs": False})


def test_the_rules_find_and_the_model_judges(ready: Shell, endpoint: Loopback) -> None:
    done = judge(ready, endpoint)
    assert done.code == 0, done.err
    first, second = done.records
    assert first["model"] == "tiny"
    assert first["prompt"].startswith("judge@")
    assert first["status"] == "complete"
    assert first["usage"]["requests"] == 2
    by = {quote["text"]: quote["by"] for quote in first["quotes"]}
    assert by["We tried,"] == ["rules"]
    assert by["to reopen the ferry"] == ["model", "rules"]
    assert [quote["text"] for quote in second["quotes"]] == [quote["text"] for quote in first["quotes"]]
    assert {body["top_logprobs"] for body in endpoint.bodies} == {5}
    assert len(endpoint.bodies) == 2  # the same questions in both articles are asked once


def test_log_probabilities_are_recorded_and_a_replay_judges_without_being_told(
    ready: Shell, endpoint: Loopback
) -> None:
    recorded = judge(ready, endpoint, "--record", "replies")
    assert recorded.code == 0, recorded.err
    store = open_store(ready.folder / "replies", create=False)
    manifest = store.manifest()
    assert (manifest["backend"], manifest["prompt"]) == ("judge", "judge")
    assert manifest["settings"] == {"max_output_tokens": 16, "temperature": 0}
    assert {entry.reply.logprobs[1][0][1] for entry in store.entries()} == {-0.1054}
    endpoint.answer = failure(500, "down", "no more")
    for way in (("--replay", "replies"), ("--cache", "replies", "--cache-mode", "replay")):
        replayed = ready.run("extract", "in.jsonl", *way)
        assert replayed.code == 0, replayed.err
        assert replayed.out == recorded.out


def test_at_any_concurrency_the_output_is_the_same_to_the_byte(ready: Shell, endpoint: Loopback) -> None:
    outputs = {judge(ready, endpoint, "--concurrency", n, "--cache-mode", "off").out for n in (1, 8)}
    assert len(outputs) == 1


def test_an_endpoint_that_ignores_the_wish_for_log_probabilities_is_heard(ready: Shell, endpoint: Loopback) -> None:
    endpoint.answer = plain
    done = judge(ready, endpoint)
    assert done.code == 0, done.err
    assert ["model", "rules"] in [quote["by"] for quote in done.records[0]["quotes"]]


def test_an_endpoint_that_refuses_them_ends_the_run_with_a_remedy(ready: Shell, endpoint: Loopback) -> None:
    endpoint.answer = failure(400, "unsupported_parameter", "This model takes no logprobs.")
    done = judge(ready, endpoint)
    assert done.code == 4
    assert "gives no log-probabilities: This model takes no logprobs." in done.lines[-1]
    assert "name an endpoint and a model that give them" in done.lines[-1]


def test_a_question_that_is_refused_leaves_the_article_partial(ready: Shell, endpoint: Loopback) -> None:
    def refuses_one(body: dict[str, Any]) -> Answer:
        return failure(400, "odd", "No.")(body) if "tide" in body["messages"][-1]["content"] else judgement(body)

    endpoint.answer = refuses_one
    done = judge(ready, endpoint, "--concurrency", 1)
    assert done.code == 1
    assert {record["status"] for record in done.records} == {"partial"}
    assert [error["chunk"] for error in done.records[0]["errors"]] == [2]


def test_a_batch_asks_everything_in_one_round(ready: Shell, endpoint: Loopback) -> None:
    options = ("--backend", "judge", "--model", "tiny", "--base-url", endpoint.url, "--cache", "c.sqlite")
    exported = ready.run("batch", "export", "in.jsonl", "-o", "requests.jsonl", *options)
    assert exported.code == 0, exported.err
    requests = [json.loads(line) for line in (ready.folder / "requests.jsonl").read_text().splitlines()]
    lines = []
    for request in requests:
        status, _, text = judgement(request["body"])
        body = {"status_code": status, "body": json.loads(text)}
        lines.append(json.dumps({"custom_id": request["custom_id"], "response": body, "error": None}))
    ready.write("replies.jsonl", "\n".join(lines) + "\n")
    assert ready.run("batch", "import", "replies.jsonl", "--cache", "c.sqlite").code == 0
    again = ready.run("batch", "export", "in.jsonl", "-o", "more.jsonl", *options)
    assert "nothing left to ask" in again.err
    batched = ready.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay")
    assert batched.code == 0, batched.err
    assert endpoint.bodies == []
    assert batched.out == judge(ready, endpoint).out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--backend", "judge", "--prompt", "news"), "the pack is for --backend model, not for judge"),
        (("--backend", "model", "--prompt", "judge"), "the pack is for --backend judge, not for model"),
        (("--prompt", "judge"), "the pack is for --backend judge, not for model"),
        (("--backend", "judge", "--chunk-tokens", "300"), "--chunk-tokens means something only with --backend model"),
    ],
)
def test_a_pack_or_an_option_of_the_other_kind_is_one_clear_error(
    ready: Shell, options: tuple[str, ...], message: str
) -> None:
    done = ready.run("extract", "in.jsonl", "--model", "tiny", "--base-url", "http://127.0.0.1:9/v1", *options)
    assert done.code == 2
    assert len(done.lines) == 1
    assert message in done.lines[0]


def test_a_judge_needs_a_model(ready: Shell) -> None:
    done = ready.run("extract", "in.jsonl", "--backend", "judge")
    assert done.code == 2
    assert done.lines == ["quotes: --backend judge: no model is named (name one with --model or QUOTES_MODEL)"]


def test_eval_scores_a_judge_beside_the_rules(ready: Shell, endpoint: Loopback) -> None:
    quote = {"content": [[1, 10]], "cue": [[18, 22]], "speaker": [[12, 17]]}
    ready.write("gold.jsonl", json.dumps({"id": "a0", "text": TEXT, "quotes": [quote]}) + "\n")
    backends = ("--backend", "rules", "--backend", "judge", "--model", "tiny", "--base-url", endpoint.url)
    done = ready.run("eval", "gold.jsonl", *backends, "--json", "--resamples", 0)
    assert done.code == 0, done.err
    assert [system["system"] for system in json.loads(done.out)["systems"]] == ["rules", "judge tiny"]
