"""Lines of the Batch API: what goes out, what may come back, and what it is worth."""

import json
from typing import Any

import pytest
from scripted_server import completion

from quotes.errors import InputError
from quotes.exchange import Reply, Request, Usage
from quotes.llm.batch import read_reply, read_request, request_line, verdict
from quotes.llm.redaction import Redactor

REQUEST = Request({"model": "sample-1b", "messages": [], "response_format": {}}, "x.example", article="a1")


def line(status: int, body: Any, **fields: Any) -> dict[str, Any]:
    response = {"status_code": status, "request_id": "r", "body": body}
    return {"id": "b", "custom_id": REQUEST.key, "response": response, "error": None} | fields


def worth(found: dict[str, Any]) -> Reply | str:
    return verdict(REQUEST, read_reply(found, "replies.jsonl line 1"), Redactor("secret-key-1"))


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


def test_a_request_goes_out_with_its_key_and_its_exact_body():
    assert request_line(REQUEST) == {
        "custom_id": REQUEST.key,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": REQUEST.body,
    }


@pytest.mark.parametrize("trial", [0, 3])
def test_a_request_is_read_back_for_the_endpoint_that_gives_its_key(trial: int):
    sent = Request(REQUEST.body, "x.example", trial)
    found = read_request(json.loads(json.dumps(request_line(sent))), ["local", "x.example"], "f line 1")
    assert (found.key, found.label, found.trial) == (sent.key, "x.example", trial)


def test_a_changed_body_or_another_endpoint_is_refused():
    sent = request_line(REQUEST)
    with pytest.raises(InputError, match="f line 1: the body does not give the custom_id"):
        read_request(sent, ["local"], "f line 1")
    with pytest.raises(InputError, match="the body does not give the custom_id"):
        read_request({**sent, "body": {**REQUEST.body, "model": "other"}}, ["x.example"], "f line 1")
    with pytest.raises(InputError, match="no body"):
        read_request({"custom_id": REQUEST.key}, ["x.example"], "f line 1")


def test_a_completion_is_judged_as_a_live_one():
    usage = Usage(1, 40, 7, 3)
    whole = Reply("{}", "complete", "stop", "sample-1b-q4", "f1", usage)
    assert worth(line(200, completion("{}"))) == whole
    assert worth(line(200, json.dumps(completion("{}")))) == whole  # some services nest it as text
    assert worth(line(200, completion("{", "length"))) == Reply("{", "truncated", "length", *_made(usage))
    assert worth(line(200, completion(None, refusal="I will not"))).outcome == "refusal"  # type: ignore[union-attr]
    assert worth(line(200, completion("", "content_filter"))).outcome == "content_filter"  # type: ignore[union-attr]


def _made(usage: Usage) -> tuple[str, str, Usage]:
    return "sample-1b-q4", "f1", usage


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, error("maximum context length is 8192 tokens", code="context_length_exceeded"), "context_overflow"),
        (400, error("flagged", code="content_policy_violation"), "content_filter"),
        (400, error("Invalid schema for response_format 'quotes'", param="response_format"), "schema_refused"),
    ],
)
def test_a_refusal_that_lasts_is_a_reply(status: int, body: Any, outcome: str):
    found = worth(line(status, body))
    assert isinstance(found, Reply)
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (line(429, error("Rate limit reached")), "Rate limit reached"),
        (line(500, error("The server had an error")), "status 500"),
        (line(401, error("Incorrect API key")), "Incorrect API key"),
        (line(404, error("The model does not exist", code="model_not_found")), "does not know the model"),
        (line(400, error("temperature is too odd")), "temperature is too odd"),
        (line(200, {"choices": []}), "no choice"),
        (line(200, {"object": "nothing"}), "no JSON of a chat completion"),
        (line(200, "<html>"), "no JSON of a chat completion"),
        (
            line(0, None, response=None, error={"code": "batch_expired", "message": "too late"}),
            "batch_expired: too late",
        ),
        (line(0, None, response=None, error="no luck"), "no luck"),
    ],
)
def test_what_may_pass_is_no_reply_and_says_why(found: dict[str, Any], said: str):
    reason = worth(found)
    assert isinstance(reason, str)
    assert said in reason


def test_content_alone_is_enough():
    key = REQUEST.key
    assert worth({"custom_id": key, "content": '{"a": 1}'}) == Reply('{"a": 1}', usage=Usage(1))
    assert worth({"custom_id": key, "content": {"a": "ü"}}) == Reply('{"a":"ü"}', usage=Usage(1))
    told = {"custom_id": key, "content": "{", "finish_reason": "length", "model": "m", "usage": {"prompt_tokens": 9}}
    assert worth(told) == Reply("{", "truncated", "length", "m", usage=Usage(1, 9))


def test_a_secret_in_an_answer_is_hidden():
    assert "secret-key-1" not in str(worth({"custom_id": REQUEST.key, "content": "the key is secret-key-1"}))
    assert "secret-key-1" not in str(worth(line(400, error("bad key secret-key-1"))))
    assert "sk-abcdefgh" not in str(worth(line(0, None, response=None, error="bad key sk-abcdefgh1")))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "no custom_id"),
        ({"custom_id": 7, "content": ""}, "no custom_id"),
        ({"custom_id": "../../x", "content": ""}, "is no key"),
        ({"custom_id": REQUEST.key.upper(), "content": ""}, "is no key"),
        ({"custom_id": REQUEST.key}, "neither"),
        ({"custom_id": REQUEST.key, "content": None}, "neither"),
        ({"custom_id": REQUEST.key, "response": {"status_code": "200", "body": {}}}, "no status_code and body"),
        ({"custom_id": REQUEST.key, "response": {"status_code": 200}}, "no status_code and body"),
        ({"custom_id": REQUEST.key, "response": {}}, "no status_code and body"),
    ],
)
def test_a_line_of_another_kind_is_one_error_that_says_where(found: dict[str, Any], said: str):
    with pytest.raises(InputError) as caught:
        read_reply(found, "replies.jsonl line 4")
    assert str(caught.value).startswith("replies.jsonl line 4: ")
    assert said in str(caught.value)


def test_log_probabilities_that_were_asked_for_are_kept():
    request = Request({**REQUEST.body, "logprobs": True}, "x.example")
    body = completion("{}")
    body["choices"][0]["logprobs"] = {"content": [{"token": "{}", "logprob": -0.5, "top_logprobs": []}]}
    for asked, kept in ((request, ((("{}", -0.5),),)), (REQUEST, ())):
        returned = read_reply({**line(200, body), "custom_id": asked.key}, "replies.jsonl line 1")
        found = verdict(asked, returned, Redactor())
        assert isinstance(found, Reply)
        assert found.logprobs == kept
