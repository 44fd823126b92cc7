"""What an answer means: a sample of what servers really say, one line each."""

import json
from typing import Any

import pytest
from scripted_server import completion

from quotes.errors import EndpointUnusable, RequestFailed
from quotes.exchange import Reply, Usage
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.redaction import Redactor


def judged(status: int, body: Any, *, proven: bool = False, constrained: bool = True, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    asked = Asked("sample-1b", "http://x.example/v1", constrained, proven, Redactor("secret-key-1"))
    return judge(Answer(status, text, headers), asked)


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded")),
        (400, error("the request exceeds the available context size", type="exceed_context_size_error")),
        (400, {"object": "error", "message": "This model's maximum context length is 4096 tokens", "code": 400}),
        (400, error("prompt is too long: 250000 tokens > 200000 maximum", type="invalid_request_error")),
        (413, "<html><h1>413 Request Entity Too Large</h1></html>"),
        (429, error("Request too large for sample-1b on tokens per min: Limit 10000, Requested 14000")),
        (400, error("Please reduce the length of the messages.")),
    ],
)
def test_a_text_too_long_is_a_context_overflow(status: int, body: Any):
    assert judged(status, body).outcome == "context_overflow"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("Invalid schema for response_format 'a'", param="response_format")),
        (400, error("response_format.json_schema is not supported by this model")),
        (400, error("This model does not support structured outputs")),
        (400, {"error": "failed to parse grammar"}),
        (422, {"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]}),
        (500, error("JSON schema conversion failed")),
        (400, error("Unsupported parameter", code="unsupported_parameter", param="response_format")),
    ],
)
def test_a_schema_the_endpoint_does_not_take_is_schema_refused(status: int, body: Any):
    assert judged(status, body).outcome == "schema_refused"


def test_without_a_schema_in_the_request_none_is_refused():
    assert isinstance(judged(400, error("bad schema"), constrained=False), RequestFailed)
    assert isinstance(judged(500, error("bad grammar"), constrained=False), Retry)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("The response was filtered due to the content management policy", code="content_filter")),
        (403, error("Your input was flagged by moderation")),
        (400, {"error": {"message": "no", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
        (200, completion("", "content_filter")),
    ],
)
def test_filtered_text_is_a_content_filter(status: int, body: Any):
    assert judged(status, body).outcome == "content_filter"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("The model `sample-1b` does not exist or you do not have access to it.", code="model_not_found")),
        (404, {"object": "error", "message": "The model `sample-1b` does not exist.", "type": "NotFoundError"}),
        (404, {"error": {"message": 'model "sample-1b" not found, try pulling it first', "type": "api_error"}}),
        (404, [{"error": {"code": 404, "message": "models/sample-1b is not found for API version v1"}}]),
        (400, error("sample-1b is not a valid model ID", code=400)),
        (400, {"object": "error", "message": "Invalid model: sample-1b", "type": "invalid_model", "code": "1500"}),
        (400, error("Model Not Exist", type="invalid_request_error", code="invalid_request_error")),
        (404, error("The API deployment does not exist.", code="DeploymentNotFound")),
        (403, error("Project has no access to model sample-1b", code="model_not_found")),
    ],
)
def test_an_unknown_model_is_named(status: int, body: Any):
    found = judged(status, body)
    assert isinstance(found, EndpointUnusable)
    assert "does not know the model 'sample-1b'" in str(found)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, error("You exceeded your current quota", type="insufficient_quota", code="insufficient_quota")),
        (402, error("Insufficient Balance")),
        (429, error("Insufficient balance or no resource package")),
    ],
)
def test_an_exhausted_quota_ends_the_run_even_later(status: int, body: Any):
    assert "quota is exhausted" in str(judged(status, body, proven=True))


@pytest.mark.parametrize(
    "message",
    [
        "Rate limit reached. Increase it by adding a payment method at https://x.example/account/billing",
        "You exceeded your current quota, please check your plan. Please retry in 34.07s.",
    ],
)
def test_a_rate_limit_is_no_exhausted_quota(message: str):
    assert isinstance(judged(429, error(message, code="rate_limit_exceeded")), Retry)


def test_a_wait_told_in_words_counts_where_no_header_does():
    assert judged(429, error("Please try again in 20ms. Visit us.")).after == pytest.approx(0.02)
    assert judged(429, error("Please retry in 34.07s.")).after == pytest.approx(34.07)
    assert judged(429, error("Please try again in 1m2s.")).after == 62
    assert judged(429, error("Please try again in a while")).after is None
    assert judged(429, error("Please try again in 9s"), **{"retry-after": "2"}).after == 2


def test_an_unknown_parameter_ends_the_run_before_anything_is_paid():
    body = error("Use max_completion_tokens", code="unsupported_parameter", param="max_tokens")
    assert "refuses the parameter max_tokens" in str(judged(400, body))
    assert type(judged(400, body, proven=True)) is RequestFailed


def test_an_error_under_status_200_is_still_an_error():
    assert isinstance(judged(200, error("overloaded", code=502)), Retry)
    assert isinstance(judged(200, error("no such key", code=401)), EndpointUnusable)
    assert isinstance(judged(200, {"error": "overloaded"}), Retry)
    broken_off = completion("half") | {"choices": [{"finish_reason": "error", "message": {"content": "half"}}]}
    assert isinstance(judged(200, broken_off), Retry)


@pytest.mark.parametrize(
    "body", ["", "{", '{"choices": 3}', '{"choices": [3]}', '{"choices": [{"message": null}]}', "null", "[" * 100_000]
)
@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 418, 429, 500])
def test_no_body_is_too_odd_to_judge(status: int, body: str):
    for proven in (False, True):
        assert isinstance(judged(status, body, proven=proven), (Retry, EndpointUnusable, RequestFailed))


def test_content_in_parts_and_absent_content_are_text():
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert judged(200, completion(parts)).content == "ab"  # type: ignore[arg-type]
    assert judged(200, completion(None)) == Reply("", "complete", "stop", "sample-1b-q4", "f1", Usage(1, 40, 7, 3))


@pytest.mark.parametrize(
    "usage", [None, {}, [], {"prompt_tokens": "40"}, {"prompt_tokens": -1}, {"prompt_tokens_details": None}]
)
def test_odd_usage_counts_nothing_but_the_request(usage: Any):
    assert judged(200, completion() | {"usage": usage}).usage == Usage(1)


def test_a_masked_key_is_hidden_too():
    found = judged(401, error("Incorrect API key provided: sk-pro**********wxyz. Org org-AbCdEf123456."))
    assert "wxyz" not in str(found)
    assert "AbCdEf" not in str(found)
    assert "Incorrect API key provided" in str(found)


def test_what_an_answer_says_stands_but_for_the_key():
    assert judged(200, completion("x secret-key-1 y")).content == "x [hidden] y"
    assert Redactor("ab").answer("abracadabra") == "abracadabra"  # too short to be told from words
    assert Redactor("ab").line("key ab") == "key [hidden]"
    assert "ab" not in repr(Redactor("ab")).replace("Redactor", "")


def weighed(content: Any, *, asked: bool = True) -> Any:
    body = completion('{"said": "yes"}')
    body["choices"][0]["logprobs"] = content
    told = Asked("sample-1b", "http://x.example/v1", True, False, Redactor("secret-key-1"), asked)
    reply = judge(Answer(200, json.dumps(body), {}), told)
    assert isinstance(reply, Reply)
    return reply.logprobs


TOKEN = {"token": "yes", "logprob": -0.123456, "bytes": [121], "top_logprobs": []}


def test_log_probabilities_are_read_token_by_token_each_with_its_alternatives():
    others = [{"token": "yes", "logprob": -0.123456}, {"token": "no", "logprob": -2.0}, {"token": "no", "logprob": -9}]
    tokens = [{"token": "{", "logprob": -1e-9}, {**TOKEN, "top_logprobs": others}]
    assert weighed({"content": tokens}) == ((("{", 0.0),), (("yes", -0.1235), ("no", -2.0)))


def test_log_probabilities_nobody_asked_for_are_left_out():
    assert weighed({"content": [TOKEN]}, asked=False) == ()


@pytest.mark.parametrize(
    "content",
    [None, [], "no", {"content": None}, {"content": "yes"}, {"tokens": ["yes"], "token_logprobs": [-0.1]}],
)
def test_an_endpoint_that_gives_none_gives_a_reply_all_the_same(content: Any):
    assert weighed(content) == ()


@pytest.mark.parametrize(
    ("logprob", "read"),
    [
        (float("-inf"), -9999.0),
        (-(10**400), -9999.0),
        (10**400, 0.0),
        (0.5, 0.0),
        (float("nan"), None),
        (None, None),
        (True, None),
        ("-1", None),
    ],
)
def test_a_log_probability_is_a_number_from_minus_9999_to_0(logprob: Any, read: float | None):
    assert weighed({"content": [{**TOKEN, "logprob": logprob}, 3]}) == (() if read is None else (("yes", read),),)


def test_a_key_in_a_token_is_not_stored():
    assert weighed({"content": [{**TOKEN, "token": "secret-key-1"}]}) == ((("[hidden]", -0.1235),),)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error("Unsupported parameter: 'logprobs'", code="unsupported_parameter", param="logprobs")),
        (400, error("top_logprobs may be at most 0", param="top_logprobs")),
        (400, error("logprobs are not supported with json_schema")),
        (422, {"detail": [{"loc": ["body", "logprobs"], "msg": "extra fields not permitted"}]}),
    ],
)
def test_an_endpoint_that_refuses_log_probabilities_ends_the_run_with_a_remedy(status: int, body: Any):
    asked = Asked("sample-1b", "http://x.example/v1", True, False, Redactor(), True)
    found = judge(Answer(status, json.dumps(body), {}), asked)
    assert isinstance(found, EndpointUnusable)
    assert "gives no log-probabilities" in found.what
    assert found.remedy
