"""The catalogue of faults: everything that endpoints were seen to do instead of answering, each a named value.

``CATALOGUE`` has them by name. A fault's *scope* says how long it lasts: that ``try`` only, so that asking again
helps; the ``request``, which is answered so whenever it is asked; or the whole ``endpoint``, every request to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.endpoint.answers import answer, attributions, completion

Body: TypeAlias = Mapping[str, Any]
Scope = Literal["try", "request", "endpoint"]
Delivery = Literal["whole", "reset before", "reset within", "cut short", "stall", "trickle", "endless trickle"]

_JSON = {"content-type": "application/json"}
_PAGE = "<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
ENORMOUS = 20_000_000
"""Bytes of the largest reply."""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out. All but ``whole`` and ``trickle`` keep some of it back."""

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)
    delivery: Delivery = "whole"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong. It comes to those bodies alone that it *meets*.

    *seconds* is what a client that does as it is told waits for it. *slow*: only the client's own timeout ends it.
    """

    name: str
    scope: Scope
    respond: Callable[[Body], Response]
    meets: Callable[[Body], bool] = lambda _body: True
    seconds: float = 0.0
    slow: bool = False


def sane(body: Body) -> Response:
    """No fault: a good answer."""
    return Response(text=json.dumps(completion(body, answer(body))))


def _complaint(status: int, message: str, headers: Mapping[str, str] | None = None, /, **more: Any) -> Response:
    return Response(status, json.dumps({"error": {"message": message, **more}}), {**_JSON, **(headers or {})})


def _always(response: Response) -> Callable[[Body], Response]:
    return lambda _body: response


def _content(change: Callable[[dict[str, Any]], Any], finish: str = "stop") -> Callable[[Body], Response]:
    """Under a good status the attributions that *change* made of the sane ones, or any other text."""

    def respond(body: Body) -> Response:
        changed = change(attributions(body))
        text = changed if isinstance(changed, str) else json.dumps(changed, ensure_ascii=False)
        return Response(text=json.dumps(completion(body, text, finish=finish)))

    return respond


def _message(content: str | None, finish: str = "stop", **message: Any) -> Callable[[Body], Response]:
    return lambda body: Response(text=json.dumps(completion(body, content, finish=finish, **message)))


def _delivered(delivery: Delivery) -> Callable[[Body], Response]:
    def respond(body: Body) -> Response:
        whole = sane(body)
        return Response(whole.status, whole.text, whole.headers, delivery)

    return respond


def _attribution(**fields: Any) -> dict[str, Any]:
    return {"at": 1, "cue": "", "speaker": "", "who": {"unknown": 0}, "said": [1], **fields}


_LIMITED = "Rate limit reached for requests"


def _limited(name: str, seconds: float, headers: Mapping[str, str], message: str = _LIMITED, /, **more: Any) -> Fault:
    more = {"type": "requests", "code": "rate_limit_exceeded"} | more
    return Fault(name, "try", _always(_complaint(429, message, headers, **more)), seconds=seconds)


def _reset(wait: str) -> dict[str, str]:
    return {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": wait}


def _rate_limits() -> Iterator[Fault]:
    yield _limited("429", 0, {})
    yield _limited("429 retry-after", 0, {"retry-after": "0"})
    yield _limited("429 retry-after of a second", 1, {"retry-after": "1"})
    yield _limited("429 retry-after as a date", 0, {"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"})
    yield _limited("429 retry-after-ms", 0.02, {"retry-after-ms": "20"})
    yield _limited("429 reset in 120ms", 0.12, _reset("120ms"))
    yield _limited("429 reset in 1.5s", 1.5, _reset("1.5s"))
    yield _limited("429 reset in 6m0s", 60, _reset("6m0s"))
    yield _limited("429 reset in 1h2m", 60, _reset("1h2m"))
    tokens = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms"}
    yield _limited("429 reset of tokens", 0.02, tokens | {"x-ratelimit-remaining-requests": "9"})
    yield _limited("429 told in words", 0.02, {}, "Rate limit reached. Please try again in 20ms.")
    delay = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.03s"}]
    quota = "You exceeded your current quota, please check your plan."
    yield _limited("429 of Gemini", 0.03, {}, quota, code=429, status="RESOURCE_EXHAUSTED", details=delay)


def _out_of_order() -> Iterator[Fault]:
    yield Fault("500", "try", _always(_complaint(500, "The server had an error", type="server_error")))
    yield Fault("502", "try", _always(Response(502, _PAGE, {"content-type": "text/html"})))
    yield Fault("503", "try", _always(_complaint(503, "Loading model", code=503, type="unavailable_error")))
    yield Fault("529", "try", _always(_complaint(529, "Overloaded", type="overloaded_error")))
    overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    yield Fault("an error under 200", "try", _always(Response(text=json.dumps(overloaded))))
    yield Fault("an answer that broke off", "try", _message("half", finish="error"))
    yield Fault("html under 200", "try", _always(Response(200, _PAGE, {"content-type": "text/html"})))
    yield Fault("half json under 200", "try", lambda body: Response(text=sane(body).text[:-90]))
    yield Fault("an empty body", "try", _always(Response()))
    yield Fault("reset before the answer", "try", _delivered("reset before"))
    yield Fault("reset within the body", "try", _delivered("reset within"))
    yield Fault("a wrong content-length", "try", _delivered("cut short"))
    yield Fault("a slow trickle", "try", _delivered("trickle"))
    yield Fault("a stall", "try", _delivered("stall"), slow=True)
    yield Fault("an endless trickle", "try", _delivered("endless trickle"), slow=True)


def _odd_answers() -> Iterator[Fault]:
    """What a model answers under a good status: it is the answer, and is stored."""
    yield Fault("empty content", "request", _message(""))
    yield Fault("no content", "request", _message(None))
    yield Fault("a refusal", "request", _message(None, refusal="I cannot help with that."))
    yield Fault("filtered", "request", _message("", finish="content_filter"))
    yield Fault("cut off at the limit", "request", _content(lambda sane: json.dumps(sane)[:40], "length"))
    yield Fault("a white-space loop", "request", _message('{"attributions": [' + " \n" * 2000, finish="length"))
    yield Fault("a string cut at a quotation mark", "request", _content(_cut_strings))
    yield Fault("a bare quotation mark in a string", "request", _content(lambda sane: '{"attributions": "he "said""}'))
    yield Fault("wrong types", "request", _content(lambda sane: {"attributions": {}, "not_quotes": "none"}))
    yield Fault("extra keys", "request", _content(lambda sane: sane | {"notes": ["I was careful."]}))
    yield Fault("invented text", "request", _content(_invented))
    yield Fault("numbers out of range", "request", _content(_out_of_range))
    yield Fault("everything twice", "request", _content(lambda sane: {key: [*of, *of] for key, of in sane.items()}))
    yield Fault("an answer to another chunk", "request", _content(lambda sane: _ANOTHER))
    yield Fault("the answer as reasoning", "request", lambda body: _message("", reasoning_content=answer(body))(body))
    yield Fault("20 MB", "request", lambda body: _message(" " * ENORMOUS)(body))
    yield Fault("an answer in a fence", "request", _content(lambda sane: f"```json\n{json.dumps(sane)}\n```"))


def _refused_requests() -> Iterator[Fault]:
    """What a server says to one request and not to others."""
    filtered = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"violence": {"filtered": True}}}
    yield Fault(
        "400 content filter",
        "request",
        _always(_complaint(400, filtered, code="content_filter", param="prompt", innererror=inner)),
    )
    long = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    yield Fault("400 context overflow", "request", _always(_complaint(400, long, code="context_length_exceeded")))
    failed = "Failed to generate JSON. Please adjust your prompt."
    yield Fault(
        "400 failed generation",
        "request",
        _always(_complaint(400, failed, code="json_validate_failed", failed_generation='{"attributions": [{]}')),
    )
    yield Fault("400", "request", _always(_complaint(400, "Bad request", type="invalid_request_error")))


def _refused_forms() -> Iterator[Fault]:
    """What a server says to every request of a form; to another form it gives an answer."""
    schema = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    yield Fault(
        "schema refused", "endpoint", _always(_complaint(400, schema, param="response_format")), meets=_is_schematic
    )
    unknown = {"type": "invalid_request_error", "code": "unsupported_parameter"}
    limit = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    yield _unknown("max_tokens", _complaint(400, limit, param="max_tokens", **unknown))
    odd = "Unrecognized request argument supplied: max_completion_tokens"
    yield _unknown("max_completion_tokens", _complaint(400, odd, type="invalid_request_error", param=None, code=None))
    only = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) is supported."
    yield _unknown("temperature", _complaint(400, only, param="temperature", code="unsupported_value"))
    forbidden = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
    yield _unknown("seed", Response(422, json.dumps({"detail": forbidden})))
    weighed = "'logprobs' is not supported with this model"
    yield _unknown("logprobs", _complaint(400, weighed, type="invalid_request_error"))


def _unusable() -> Iterator[Fault]:
    """What a server says to every request there can be."""
    yield _for_all("401 wrong key", _complaint(401, "Incorrect API key provided.", code="invalid_api_key"))
    gemini = {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}
    yield _for_all("400 wrong key of Gemini", _complaint(400, "API key not valid.", **gemini))
    spent = "You exceeded your current quota, please check your plan and billing details."
    yield _for_all("429 exhausted quota", _complaint(429, spent, type="insufficient_quota", code="insufficient_quota"))
    credit = "Your credit balance is too low to access the Anthropic API."
    yield _for_all("400 no credit of Anthropic", _complaint(400, credit, type="invalid_request_error"))
    missing = "The model `sample-1b` does not exist or you do not have access to it."
    yield _for_all("404 unknown model", _complaint(404, missing, code="model_not_found"))
    yield _for_all("404 no deployment of Azure", _complaint(404, "The API deployment...", code="DeploymentNotFound"))
    yield _for_all("404 nothing there", Response(404, "404 page not found", {"content-type": "text/plain"}))


def _for_all(name: str, response: Response) -> Fault:
    return Fault(name, "endpoint", _always(response))


def _unknown(parameter: str, response: Response) -> Fault:
    return Fault(f"unknown {parameter}", "endpoint", _always(response), meets=lambda body: parameter in body)


def _is_schematic(body: Body) -> bool:
    return (body.get("response_format") or {}).get("type") == "json_schema"


def _cut_strings(sane: dict[str, Any]) -> dict[str, Any]:
    """Each clause ends where it prints a quotation mark, or after two words; each cue in the middle."""
    items = [
        {**item, "cue": item["cue"][: len(item["cue"]) // 2], "said": [_cut(piece) for piece in item["said"]]}
        for item in sane["attributions"]
    ]
    return {**sane, "attributions": items}


def _cut(piece: int | str) -> int | str:
    return " ".join(piece.split('"')[0].split()[:2]) if isinstance(piece, str) else piece


def _invented(sane: dict[str, Any]) -> dict[str, Any]:
    made_up = _attribution(cue="swore", speaker="Nora Quill", who={"person": "Nora Quill"}, said=["we never … of it"])
    return {**sane, "attributions": [*sane["attributions"], made_up]}


def _out_of_range(sane: dict[str, Any]) -> dict[str, Any]:
    far = [_attribution(at=999), _attribution(said=[998]), _attribution(who={"person": 997}, at=-1)]
    return {"attributions": [*sane["attributions"], *far], "not_quotes": [{"mark": 996, "as": "term"}]}


_ANOTHER = {
    "attributions": [
        _attribution(
            at=4, cue="declared", speaker="the quarry board", who={"organization": 3}, said=["that the … shale"]
        ),
        _attribution(at=7, cue="muttered", speaker="Odo Fenn", who={"person": 2}, said=[5]),
    ],
    "not_quotes": [{"mark": 6, "as": "scare"}],
}

CATALOGUE: Mapping[str, Fault] = {
    fault.name: fault
    for group in (_rate_limits, _out_of_order, _odd_answers, _refused_requests, _refused_forms, _unusable)
    for fault in group()
}
TRANSIENT = tuple(fault for fault in CATALOGUE.values() if fault.scope == "try")
LASTING = tuple(fault for fault in CATALOGUE.values() if fault.scope == "request")
QUICK = tuple(fault for fault in TRANSIENT if fault.seconds <= 0.2)
"""Those transient ones that a patient client gets over in no time, but for its own timeout."""
