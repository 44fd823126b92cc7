"""What an endpoint's answer means, apart from waiting: a reply, a reason to ask again, or an error.

Pure: status, headers and body in, verdict out. Servers disagree on how they say things, so codes are
looked at first and wordings second; ``tests/llm`` keeps a sample of each.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quotes.errors import EndpointUnusable, QuotesError, RequestFailed
from quotes.exchange import Logprobs, Outcome, Reply, Usage
from quotes.llm.headers import duration, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quotes.llm.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: *status* and *text*, *headers* with lower-case names, *now* as Unix time when it came."""

    status: int
    text: str
    headers: Mapping[str, str]
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again: *reason* for a message, *after* the seconds the endpoint asked for, if it did."""

    reason: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is judged against. *proven*: this endpoint has given a good answer in this run. *logprobs*: the
    request asks for log-probabilities."""

    model: str
    url: str
    constrained: bool
    proven: bool
    redactor: Redactor
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class _Complaint:
    """A server's error, whatever the shape it came in."""

    message: str
    words: frozenset[str]  # its code and type, lower-case
    param: str

    def says(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.message) is not None


_OVERFLOW = re.compile(
    r"context.{0,20}(length|size|window|limit)|maximum context|prompt is too long|input is too long"
    r"|too many (input )?tokens|reduce the length|request too large",
    re.I,
)
_SCHEMA = re.compile(r"response_format|json.?schema|\bschema\b|grammar|guided|structured.output|tool_choice", re.I)
_SCHEMA_IN_5XX = re.compile(r"response_format|json.?schema|grammar", re.I)
_TOLD_WAIT = re.compile(r"(?:try again|retry) (?:in|after) ([\d.]+\s?(?:ms|s|m)?[\dms.]*)", re.I)
_NO_MODEL = re.compile(
    r"\bmodels?\b.{0,80}(not exist|not found|not available)"
    r"|(no such|unknown|invalid|not a valid|unsupported) model|no access to model",
    re.I | re.S,
)
_QUOTA = re.compile(r"insufficient.{0,3}(quota|balance|credit|funds)", re.I)
_FILTERED = re.compile(r"content.?(filter|policy|management)|moderation|flagged|responsible.?ai|safety system", re.I)
_QUOTA_WORDS = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_NO_MODEL_WORDS = frozenset({"model_not_found", "invalid_model", "model_not_exist", "deploymentnotfound"})
_OVERFLOW_WORDS = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
_FILTER_WORDS = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation"})
_PARAMETER_WORDS = frozenset({"unsupported_parameter", "unknown_parameter", "unsupported_value"})
_LOGPROBS = re.compile(r"log[ _-]?prob", re.I)
_LEAST_LOGPROB = -9999.0  # what OpenAI writes for a token that cannot come
_FILTER_STATUS = frozenset({400, 403, 422, 451})
_ASKED_AGAIN = frozenset({408, 409, 425, 429})
_KEY_REMEDY = "set QUOTES_API_KEY, or OPENAI_API_KEY for OpenAI, to a valid key"
_URL_REMEDY = "check --base-url: does it end in /v1?"


def judge(answer: Answer, asked: Asked) -> Reply | Retry | QuotesError:
    """What *answer* means: the reply, a reason to ask again, or the error that ends the request or the run."""
    body = _parsed(answer.text)
    if 200 <= answer.status < 300:
        return _good_status(answer, body, asked)
    if 300 <= answer.status < 400:
        return _redirected(answer, asked)
    return _complaint_of(answer, _complaint(body, answer, asked), asked)


def _good_status(answer: Answer, body: Any, asked: Asked) -> Reply | Retry | QuotesError:
    if isinstance(body, dict) and "choices" in body:
        return _reply(body, asked)
    if isinstance(body, dict) and body.get("error"):
        code = body["error"].get("code") if isinstance(body["error"], dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
        disguised = Answer(status, answer.text, answer.headers, answer.now)
        return _complaint_of(disguised, _complaint(body, disguised, asked), asked)
    if asked.proven:
        return Retry("the answer is no JSON of a chat completion")
    what = "answers with a web page" if _is_page(answer) else "answers with something else than a chat completion"
    return EndpointUnusable(f"{what}: no OpenAI-compatible endpoint", where=asked.url, remedy=_URL_REMEDY)


def _redirected(answer: Answer, asked: Asked) -> Retry | QuotesError:
    if asked.proven:
        return Retry(f"the endpoint redirects (status {answer.status})")
    target = asked.redactor.line(re.sub(r"//[^/@]*@|[?#].*", _bare, answer.headers.get("location", "")))
    to = f" to {target}" if target else ""
    return EndpointUnusable(
        f"redirects{to} (status {answer.status})", where=asked.url, remedy="give the final address as --base-url"
    )


def _bare(match: re.Match[str]) -> str:
    return "//" if match[0].startswith("//") else ""


def _complaint_of(answer: Answer, complaint: _Complaint, asked: Asked) -> Reply | Retry | QuotesError:
    return (
        _fatal(answer, complaint, asked)
        or _outcome(answer, complaint, asked)
        or _transient(answer, complaint)
        or _failed(answer, complaint, asked)
    )


def _fatal(answer: Answer, complaint: _Complaint, asked: Asked) -> QuotesError | None:
    """The error that every request of this run would meet."""
    said = f": {complaint.message}" if complaint.message else ""
    if answer.status == 401:
        return EndpointUnusable(f"refuses the key{said}", where=asked.url, remedy=_KEY_REMEDY)
    if answer.status == 402 or complaint.words & _QUOTA_WORDS or (answer.status == 429 and complaint.says(_QUOTA)):
        return EndpointUnusable(
            f"the quota is exhausted{said}", where=asked.url, remedy="add credit, then run the same command again"
        )
    if answer.status < 500 and _is_about_model(answer, complaint, asked):
        remedy = "check --model; the endpoint lists its models at /models"
        return EndpointUnusable(f"does not know the model {asked.model!r}{said}", where=asked.url, remedy=remedy)
    return None if asked.proven else _fatal_at_first(answer, complaint, asked, said)


def _fatal_at_first(answer: Answer, complaint: _Complaint, asked: Asked, said: str) -> QuotesError | None:
    """What is taken for the whole run's only while nothing has been answered: later it may be one article's."""
    if answer.status in (404, 405):
        what = f"has no chat completions there (status {answer.status}){said}"
        return EndpointUnusable(what, where=asked.url, remedy=_URL_REMEDY)
    if answer.status == 403 and not _is_filtered(complaint):
        return EndpointUnusable(
            f"refuses access (status 403){said}", where=asked.url, remedy="check what the key may do, and --base-url"
        )
    if asked.logprobs and answer.status in (400, 422, 501) and _is_about_logprobs(complaint):
        remedy = "name an endpoint and a model that give them"
        return EndpointUnusable(f"gives no log-probabilities{said}", where=asked.url, remedy=remedy)
    if complaint.words & _PARAMETER_WORDS and not _is_schema_refusal(answer, complaint, asked):
        remedy = "the endpoint needs other options for this model"
        return EndpointUnusable(f"refuses the parameter {complaint.param}{said}", where=asked.url, remedy=remedy)
    return None


def _is_about_logprobs(complaint: _Complaint) -> bool:
    return _LOGPROBS.search(complaint.param) is not None or complaint.says(_LOGPROBS)


def _is_about_model(answer: Answer, complaint: _Complaint, asked: Asked) -> bool:
    if complaint.words & _NO_MODEL_WORDS:
        return True
    if answer.status == 404:
        return "model" in complaint.message.lower() or bool(asked.model and asked.model in complaint.message)
    if asked.proven or answer.status not in (400, 403, 422):
        return False  # a wording is no proof once the model has answered: the text may be what is complained of
    if complaint.says(_SCHEMA) or complaint.says(_OVERFLOW):
        return False
    return complaint.param == "model" or complaint.says(_NO_MODEL)


def _outcome(answer: Answer, complaint: _Complaint, asked: Asked) -> Reply | None:
    """The reply that stands for a refusal which asking again would not change."""
    outcome: Outcome
    if answer.status == 413 or complaint.words & _OVERFLOW_WORDS or _says_in_4xx(answer, complaint, _OVERFLOW):
        outcome = "context_overflow"
    elif answer.status in _FILTER_STATUS and _is_filtered(complaint):
        outcome = "content_filter"
    elif _is_schema_refusal(answer, complaint, asked):
        outcome = "schema_refused"
    else:
        return None
    return Reply("", outcome=outcome, usage=Usage(requests=1), detail=complaint.message or None)


def _says_in_4xx(answer: Answer, complaint: _Complaint, pattern: re.Pattern[str]) -> bool:
    return 400 <= answer.status < 500 and complaint.says(pattern)


def _is_filtered(complaint: _Complaint) -> bool:
    return bool(complaint.words & _FILTER_WORDS) or complaint.says(_FILTERED)


def _is_schema_refusal(answer: Answer, complaint: _Complaint, asked: Asked) -> bool:
    if not asked.constrained or answer.status not in (400, 422, 500, 501):
        return False
    pattern = _SCHEMA if answer.status < 500 else _SCHEMA_IN_5XX
    return complaint.param.startswith(("response_format", "tools", "tool_choice")) or complaint.says(pattern)


def _transient(answer: Answer, complaint: _Complaint) -> Retry | None:
    if answer.status not in _ASKED_AGAIN and answer.status < 500:
        return None
    said = f": {complaint.message}" if complaint.message else ""
    told = _TOLD_WAIT.search(complaint.message)
    wait = retry_after(answer.headers, answer.now)
    if wait is None and told:
        wait = duration(told[1].replace(" ", "").rstrip("."))
    return Retry(f"status {answer.status}{said}", wait)


def _failed(answer: Answer, complaint: _Complaint, asked: Asked) -> RequestFailed:
    said = f": {complaint.message}" if complaint.message else ""
    return RequestFailed(f"the endpoint refused the request (status {answer.status}){said}", where=asked.url)


def _reply(body: Mapping[str, Any], asked: Asked) -> Reply | Retry:
    choices = body["choices"]
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return Retry("the answer holds no choice")
    finish = choice.get("finish_reason")
    if finish == "error" or choice.get("error"):
        return Retry(f"the answer broke off: {asked.redactor.line(str(choice.get('error') or finish))}")
    refusal = message.get("refusal")
    return Reply(
        content=asked.redactor.answer(_content(message.get("content"))),
        outcome=_how_it_ended(finish, refusal),
        finish_reason=_word(finish, asked),
        model=_word(body.get("model"), asked),
        fingerprint=_word(body.get("system_fingerprint"), asked),
        usage=_usage(body.get("usage")),
        detail=asked.redactor.line(refusal) if isinstance(refusal, str) and refusal else None,
        logprobs=_logprobs(choice.get("logprobs"), asked) if asked.logprobs else (),
    )


def _how_it_ended(finish: Any, refusal: Any) -> Outcome:
    if isinstance(refusal, str) and refusal:
        return "refusal"
    if finish == "content_filter":
        return "content_filter"
    return "truncated" if finish in ("length", "max_tokens") else "complete"


def _content(value: Any) -> str:
    if isinstance(value, list):  # some servers answer in parts
        return "".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return value if isinstance(value, str) else ""


def _logprobs(value: Any, asked: Asked) -> Logprobs:
    tokens = value.get("content") if isinstance(value, dict) else None
    if not isinstance(tokens, list):
        return ()
    return tuple(_weighed(token, asked) for token in tokens if isinstance(token, dict))


def _weighed(token: Mapping[str, Any], asked: Asked) -> tuple[tuple[str, float], ...]:
    """*token* and the alternatives to it. Half characters, which look alike as text, are told apart by nobody."""
    others = token.get("top_logprobs")
    found: dict[str, float] = {}
    for one in (token, *(others if isinstance(others, list) else ())):
        text = one.get("token") if isinstance(one, dict) else None
        logprob = _logprob(one.get("logprob")) if isinstance(text, str) else None
        if isinstance(text, str) and logprob is not None:
            found.setdefault(asked.redactor.answer(text), logprob)
    return tuple(found.items())


def _logprob(value: Any) -> float | None:
    """*value* to four decimals, which is more than any use of it needs: stored replies stay small and stable."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # NaN
        return None
    return round(float(min(max(value, _LEAST_LOGPROB), 0.0)), 4) + 0.0  # no negative zero


def _word(value: Any, asked: Asked) -> str | None:
    return asked.redactor.line(value) if isinstance(value, str) and value else None


def _usage(value: Any) -> Usage:
    counted = value if isinstance(value, dict) else {}
    details = counted.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(1, _count(counted.get("prompt_tokens")), _count(counted.get("completion_tokens")), _count(cached))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _complaint(body: Any, answer: Answer, asked: Asked) -> _Complaint:
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(error, str):
        error = {"message": error}
    elif not isinstance(error, dict):
        error = {}
    message = error.get("message") or error.get("detail") or ""
    if not error and not _is_page(answer):
        message = answer.text
    inner = error.get("innererror")
    codes = (error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None)
    return _Complaint(
        message=asked.redactor.line(message if isinstance(message, str) else json.dumps(message)),
        words=frozenset(code.lower() for code in codes if isinstance(code, str)),
        param=asked.redactor.line(str(error.get("param") or "")),
    )


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.text.lstrip()[:1] == "<"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
