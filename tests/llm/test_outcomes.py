"""What an answer means: a sample of what servers really say, one line each."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import completion

from quotes.errors import EndpointUnusable, FormRefused, QuotesError, RequestFailed
from quotes.exchange import Reply, Usage
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.redaction import Redactor
from tests.endpoint.faults import CATALOGUE


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
        (429, error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded")),
        (413, error("Request too large on tokens per minute (TPM): Limit 6,000, Requested 7,020, please try again.")),
        (400, error("Please reduce the length of the messages.")),
        (400, error("The prompt is too long. Please shorten it and try again.")),
    ],
)
def test_a_text_too_long_is_a_context_overflow(status: int, body: Any):
    assert judged(status, body).outcome == "context_overflow"


@pytest.mark.parametrize(
    ("status", "message", "wait"),
    [
        (429, "Too many tokens, please wait before trying again.", None),
        (429, "Too many tokens per minute. Please try again in 12s.", 12.0),
        (429, "The request was too large; request too large for your per-minute limit, retry after 20s", 20.0),
        (429, "Rate limit reached, request too large: Limit 10000, Used 9000, Requested 2000.", None),
        (429, "Too many tokens", None),
        (400, "Too many tokens, please wait before trying again.", None),
        (400, "Too many tokens. Please try again in 3s.", 3.0),
        (400, "Too many input tokens per minute", None),
        (422, "Too many tokens, try again later", None),
    ],
)
def test_too_many_tokens_of_late_are_asked_again_and_never_an_overflow(status: int, message: str, wait: float | None):
    assert judged(status, error(message), proven=True).after == wait


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


@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, error("Use max_completion_tokens", code="unsupported_parameter", param="max_tokens"), "max_tokens"),
        (400, error("Unsupported parameter: 'max_tokens' is not supported with this model."), "max_tokens"),
        (400, error("Unsupported value: 'temperature' does not support 0 with this model."), "temperature"),
        (400, error("`temperature` is deprecated for this model.", type="invalid_request_error"), "temperature"),
        (400, error("Unrecognized request argument supplied: max_completion_tokens"), "max_completion_tokens"),
        (400, error("Unknown parameter: 'seed'.", code="unknown_parameter", param="seed"), "seed"),
        (400, error("property 'reasoning_effort' is unsupported"), "reasoning_effort"),
        (400, error("seed: Extra inputs are not permitted", type="invalid_request_error"), "seed"),
        (400, [error('Invalid JSON payload received. Unknown name "seed": Cannot find field.', code=400)], "seed"),
        (400, error("openai does not support parameters: ['seed'], for model=sample-1b"), "seed"),
        (400, error("Unsupported parameter(s): `seed`, `store`"), "seed"),
        (422, {"detail": [{"loc": ["body", "seed"], "msg": "extra fields not permitted"}]}, "seed"),
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "input": 7}]}, "seed"),
        (
            400,
            {"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'no'}]"},
            "seed",
        ),
        (500, error("create() got an unexpected keyword argument 'seed'"), "seed"),
        (
            400,
            error("messages.0.content.0.cache_control: Extra inputs are not permitted"),
            "messages.0.content.0.cache_control",
        ),
        (
            400,
            error(
                "Unknown parameter", code="unknown_parameter", param="messages[0].content[0].prompt_cache_breakpoint"
            ),
            "messages.0.content.0.prompt_cache_breakpoint",
        ),
    ],
)
def test_a_parameter_the_endpoint_does_not_take_is_named_early_or_late(status: int, body: Any, part: str, proven: bool):
    found = judged(status, body, proven=proven)
    assert isinstance(found, FormRefused)
    assert found.part == part
    assert f"refuses the parameter {part}" in str(found)


@pytest.mark.parametrize(
    "body",
    [
        error("temperature must be at most 2", param="temperature", code="invalid_value"),
        error("Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        {"detail": [{"type": "less_than_equal", "loc": ["body", "temperature"], "msg": "should be at most 2"}]},
        error("Unknown parameter: 'nonsense'."),
        error("the article asks for an unknown seed"),
    ],
)
def test_what_is_wrong_otherwise_is_no_refused_parameter(body: Any):
    assert type(judged(400, body, proven=True)) is RequestFailed


def test_only_a_part_of_the_body_that_was_sent_can_be_refused():
    asked = Asked("sample-1b", "http://x.example/v1", False, True, Redactor(), parameters=frozenset({"model", "seed"}))
    for name, kind in (("seed", FormRefused), ("store", RequestFailed), ("model", RequestFailed)):
        body = json.dumps(error(f"Unknown parameter: '{name}'."))
        assert type(judge(Answer(400, body, {}), asked)) is kind


def test_a_refused_parameter_that_cannot_be_left_out_ends_the_run_at_the_start():
    body = error("no system messages", code="unsupported_value", param="messages[0].role")
    found = judged(400, body)
    assert type(found) is EndpointUnusable
    assert "refuses the parameter messages[0].role" in str(found)


def test_an_answer_longer_than_the_model_gives_ends_the_run_with_its_remedy():
    body = error("max_tokens is too large: 50000. This model supports at most 16384 completion tokens.")
    assert "--max-output-tokens" in str(judged(400, body))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            400,
            [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}],
            "refuses the key",
        ),
        (403, error("invalid x-api-key", type="authentication_error"), "refuses the key"),
        (401, {"statusCode": 401, "message": "Unauthorized. Access token is missing or invalid."}, "refuses the key"),
        (400, error("Your credit balance is too low to access the API."), "quota is exhausted"),
        (200, {"type": "error", "error": {"type": "authentication_error", "message": "no"}}, "refuses the key"),
    ],
)
def test_a_key_or_a_credit_is_refused_under_any_status(status: int, body: Any, words: str):
    found = judged(status, body, proven=True)
    assert type(found) is EndpointUnusable
    assert words in str(found)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        (503, [{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}]),
        (400, error("The model is overloaded, please try again later")),
        (200, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        (200, [{"error": {"code": "503", "message": "busy"}}]),
    ],
)
def test_an_overloaded_endpoint_is_asked_again(status: int, body: Any):
    assert isinstance(judged(status, body), Retry)


def test_a_wait_told_in_the_details_of_an_error_counts():
    delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
    assert judged(429, [error("Resource exhausted", code=429, details=[delay])]).after == 34


@pytest.mark.parametrize("body", ["<html><body>Welcome</body></html>", '{"choices": [{"mess', "", "[]", "hello"])
def test_a_body_that_is_no_answer_is_asked_for_again_and_speaks_against_an_endpoint_that_never_gave_one(body: str):
    found = judged(200, body)
    assert isinstance(found, Retry)
    assert "no OpenAI-compatible endpoint" in str(found.unusable)


def test_what_a_server_generated_in_vain_is_an_answer_to_be_repaired():
    body = error("Failed to generate JSON.", code="json_validate_failed", failed_generation='{"attributions": [{]}')
    assert judged(400, body, proven=True).content == '{"attributions": [{]}'
    assert judged(400, body, proven=True).outcome == "complete"


SAID = '{"attributions": [], "not_quotes": []}'


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "tool_calls": [{"type": "function", "function": {"name": "quotes", "arguments": SAID}}]},
        {
            "content": "Here it is:",
            "tool_calls": [{"function": {"arguments": SAID}}, {"function": {"arguments": "{}"}}],
        },
        {"content": "", "tool_calls": [{"function": {"arguments": json.loads(SAID)}}]},
        {"content": None, "function_call": {"name": "quotes", "arguments": SAID}},
        {"content": "", "reasoning_content": SAID},
        {"content": None, "reasoning": SAID},
        {"content": SAID, "reasoning_content": '{"attributions": "let me think"}'},
        {"content": SAID, "tool_calls": []},
        {"content": SAID, "tool_calls": [None, {"function": None}, {"function": {"arguments": ""}}]},
    ],
)
def test_the_answer_is_found_where_the_server_put_it(message: dict[str, Any]):
    body = completion() | {"choices": [{"finish_reason": "stop", "message": message}]}
    found = judged(200, body)
    assert (found.content, found.outcome) == (SAID, "complete")


@pytest.mark.parametrize("thought", ["Let me think: {", "[1]", "", None, 7])
def test_a_train_of_thought_is_no_answer(thought: Any):
    assert judged(200, completion("", reasoning_content=thought)).content == ""


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


NAMES = st.sampled_from(
    [
        "error",
        "choices",
        "message",
        "content",
        "detail",
        "details",
        "loc",
        "code",
        "type",
        "param",
        "innererror",
        "finish_reason",
        "refusal",
        "tool_calls",
        "function",
        "arguments",
        "reasoning_content",
        "usage",
        "logprobs",
        "failed_generation",
        "status",
        "reason",
        "text",
        "token",
        "logprob",
        "top_logprobs",
        "prompt_tokens_details",
    ]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["error", "length"])
)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@given(st.sampled_from([200, 204, 302, 400, 401, 403, 404, 413, 422, 429, 500, 529]), BODIES, st.booleans())
def test_whatever_a_server_says_is_a_reply_a_retry_or_an_error(status: int, body: Any, proven: bool):
    wrapped = {"choices": [body]} if proven else {"error": body}
    for text in (json.dumps(body), json.dumps(wrapped), str(body)):
        asked = Asked("sample-1b", "http://x.example/v1", True, proven, Redactor("secret-key-1"), True)
        assert isinstance(judge(Answer(status, text, {}), asked), (Reply, Retry, QuotesError))


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
@pytest.mark.parametrize("proven", [False, True])
def test_an_endpoint_that_refuses_log_probabilities_refuses_the_form_with_a_remedy(
    status: int, body: Any, proven: bool
):
    asked = Asked("sample-1b", "http://x.example/v1", True, proven, Redactor(), True)
    found = judge(Answer(status, json.dumps(body), {}), asked)
    assert isinstance(found, FormRefused)
    assert found.part == "logprobs"
    assert "gives no log-probabilities" in found.what
    assert found.remedy


CATALOGUED = {
    "429": "asked again",
    "429 retry-after": "asked again after 0 s",
    "429 retry-after of a second": "asked again after 1 s",
    "429 retry-after as a date": "asked again after 0 s",
    "429 retry-after-ms": "asked again after 0.02 s",
    "429 reset in 120ms": "asked again after 0.12 s",
    "429 reset in 1.5s": "asked again after 1.5 s",
    "429 reset in 6m0s": "asked again after 60 s",
    "429 reset in 1h2m": "asked again after 60 s",
    "429 reset of tokens": "asked again after 0.02 s",
    "429 told in words": "asked again after 0.02 s",
    "429 of Gemini": "asked again after 0.03 s",
    "500": "asked again",
    "502": "asked again",
    "503": "asked again",
    "529": "asked again",
    "an error under 200": "asked again",
    "an answer that broke off": "asked again",
    "html under 200": "asked again",
    "half json under 200": "asked again",
    "an empty body": "asked again",
    "a slow trickle": "complete",
    "empty content": "complete",
    "no content": "complete",
    "a refusal": "refusal",
    "filtered": "content_filter",
    "cut off at the limit": "truncated",
    "a white-space loop": "truncated",
    "a string cut at a quotation mark": "complete",
    "a bare quotation mark in a string": "complete",
    "wrong types": "complete",
    "extra keys": "complete",
    "invented text": "complete",
    "numbers out of range": "complete",
    "everything twice": "complete",
    "an answer to another chunk": "complete",
    "the answer as reasoning": "complete",
    "20 MB": "complete",
    "an answer in a fence": "complete",
    "400 content filter": "content_filter",
    "400 context overflow": "context_overflow",
    "400 failed generation": "complete",
    "400": "reported",
    "schema refused": "schema_refused",
    "unknown max_tokens": "another form without max_tokens",
    "unknown max_completion_tokens": "another form without max_completion_tokens",
    "unknown temperature": "another form without temperature",
    "unknown seed": "another form without seed",
    "unknown logprobs": "another form without logprobs",
    "401 wrong key": "the run ends: refuses the key",
    "400 wrong key of Gemini": "the run ends: refuses the key",
    "429 exhausted quota": "the run ends: the quota is exhausted",
    "400 no credit of Anthropic": "the run ends: the quota is exhausted",
    "404 unknown model": "the run ends: does not know the model 'sample-1b'",
    "404 no deployment of Azure": "the run ends: does not know the model 'sample-1b'",
    "404 nothing there": "the run ends: has no chat completions there (status 404)",
}
"""What is made of each fault of the catalogue. What is ``complete`` is an answer, which the grounding judges."""

WITHOUT_ANSWER = {
    "reset before the answer",
    "reset within the body",
    "a wrong content-length",
    "a stall",
    "an endless trickle",
}


def named(found: Any) -> str:
    """*found* in the words of the table."""
    if isinstance(found, Reply):
        return found.outcome
    if isinstance(found, Retry):
        return "asked again" + ("" if found.after is None else f" after {found.after:g} s")
    if isinstance(found, FormRefused):
        return f"another form without {found.part}"
    return f"the run ends: {found.what.split(': ')[0]}" if isinstance(found, EndpointUnusable) else "reported"


def test_the_table_holds_the_whole_catalogue():
    assert set(CATALOGUED) | WITHOUT_ANSWER == set(CATALOGUE)


BODY = {
    "model": "sample-1b",
    "messages": [{"role": "user", "content": "Text:\n[1] ⟦1:Not yet,⟧ Ida Krell said."}],
    "max_tokens": 64,
    "temperature": 0,
    "seed": 7,
    "logprobs": True,
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
}


@pytest.mark.parametrize("fault", CATALOGUED)
def test_every_fault_ends_in_its_place(fault: str):
    response = CATALOGUE[fault].respond(BODY)
    asked = Asked("sample-1b", "http://x.example/v1", True, False, Redactor(), "logprobs" in fault)
    found = judge(Answer(response.status, response.text, response.headers, now=1.7e9), asked)
    assert named(found) == CATALOGUED[fault]


@pytest.mark.parametrize("fault", [name for name, fault in CATALOGUE.items() if fault.scope == "try"])
def test_what_passes_is_asked_again_however_early_or_late(fault: str):
    response = CATALOGUE[fault].respond(BODY)
    for proven in (False, True):
        asked = Asked("sample-1b", "http://x.example/v1", True, proven, Redactor())
        found = judge(Answer(response.status, response.text, response.headers, now=1.7e9), asked)
        assert isinstance(found, Retry) or response.delivery != "whole"
