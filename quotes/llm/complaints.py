"""What a server complains of, whatever the shape of its error: OpenAI's, Azure's, Anthropic's, Gemini's, vLLM's.

Pure. Codes are looked at first and wordings second, since servers agree on neither; ``tests/llm`` keeps a
sample of each. What follows from a complaint is decided in ``outcomes``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quotes.llm.redaction import Redactor

_OVERFLOW = re.compile(
    r"context.{0,20}(length|size|window|limit)|maximum context|prompt is too long|input is too long"
    r"|too many (input )?tokens|reduce the length|request too large"
    r"|input token count.{0,40}(exceeds|supports? (only )?up to)",
    re.I,
)
_THROTTLED = re.compile(
    r"\bwait\b|(?:try|retry)(?:ing)? (?:again )?(?:later|shortly|soon)|before (?:re)?trying|rate.?limit|throttl"
    r"|(?:\bper|\ba|/)[ -]?(?:second|sec|minute|min|hour|day)\b",
    re.I,
)
"""How servers say that there were too many of late: of a text that is too long they say what it may have, not when."""

_LIMIT_AND_REQUESTED = re.compile(r"\blimit:? ([\d,]+)\b.{0,40}\brequested:? ([\d,]+)", re.I | re.S)
_SCHEMA = re.compile(
    r"response_format|json.?schema|\bschema\b|grammar|guided|structured.output|tool_choice"
    r"|\b(tools?|functions?)\b.{0,30}not supported|not support (tool|function)",
    re.I,
)
_NO_SUCH_ROUTE = re.compile(r"no endpoints found that .{0,20}(requested parameters|support tool)", re.I)
_SCHEMA_IN_5XX = re.compile(r"response_format|json.?schema|grammar", re.I)
_NO_MODEL = re.compile(
    r"\bmodels?\b.{0,80}(not exist|not found|not available)"
    r"|(no such|unknown|invalid|not a valid|unsupported) model|no access to model",
    re.I | re.S,
)
_QUOTA = re.compile(r"insufficient.{0,3}(quota|balance|credit|funds)", re.I)
_CREDIT = re.compile(r"credit balance is too low", re.I)
_FILTERED = re.compile(r"content.?(filter|policy|management)|moderation|flagged|responsible.?ai|safety system", re.I)
_KEY = re.compile(r"(invalid|incorrect|missing) api.?key|api.?key (is )?(not valid|invalid|missing|expired)", re.I)
_LOGPROBS = re.compile(r"log[ _-]?prob", re.I)
_OVERLOADED = re.compile(r"\boverloaded\b", re.I)
_TOO_LONG_AN_ANSWER = re.compile(
    r"max_(completion_)?tokens\b.{0,60}(too large|at most|maximum (allowed|number)|less than|exceed|not.{0,9}greater)",
    re.I | re.S,
)
_TOLD_WAIT = re.compile(r"(?:try again|retry) (?:in|after) ([\d.]+\s?(?:ms|s|m)?[\dms.]*)", re.I)
_TOLD_DELAY = re.compile(r'"retryDelay"\s*:\s*"([\d.]+s)"')

_NO = r"(?:(?:not |un)(?:supported|allowed|permitted|available|recogni[sz]ed|valid|known)|deprecated)"
_KIND = r"(?:parameter|argument|field|name|property|option|key|value|input)(?:s|\(s\))?"
_PATH = r"([A-Za-z_][\w.\[\]]*)"
_QUOTED = rf"""[\["'`(]*{_PATH}"""
_NAMED = (
    re.compile(rf"(?:un\w+|unexpected|extra) (?:request |keyword |body )?{_KIND}(?: supplied)?[:=]? *{_QUOTED}", re.I),
    re.compile(rf"{_KIND}:? *{_QUOTED}[\"'`)]* (?:is|are) (?:currently )?{_NO}", re.I),
    re.compile(rf"[\"'`]{_PATH}[\"'`]:? (?:(?:is|are) (?:currently )?{_NO}|does not support)", re.I),
    re.compile(rf"not support (?:the )?(?:{_KIND}:? *)?{_QUOTED}", re.I),
    re.compile(rf"(?:^|[ \"']){_PATH}: (?:extra (?:inputs|fields)|un(?:known|supported|recogni[sz]ed))", re.I),
)
"""How servers name a part of the body that they do not take. What is wrong with a value is not among it."""

_LOCATED = re.compile(r"""\bloc["']?:\s*[\[(]([^\])]*)[\])]""", re.I)
_FORBIDDEN = re.compile(r"extra_forbidden|extra (?:inputs|fields)|not permitted", re.I)
_OBJECT = re.compile(r"\{[^{}]*\}")
_STEP = re.compile(r"[^.\[\]\s\"',]+")
_QUOTA_WORDS = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"})
_NO_MODEL_WORDS = frozenset({"model_not_found", "invalid_model", "model_not_exist", "deploymentnotfound"})
_OVERFLOW_WORDS = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
_FILTER_WORDS = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation"})
_PARAMETER_WORDS = frozenset({"unsupported_parameter", "unknown_parameter", "unsupported_value"})
_KEY_WORDS = frozenset({"invalid_api_key", "api_key_invalid", "authentication_error"})
_OVERLOADED_WORDS = frozenset({"overloaded_error", "server_overloaded", "unavailable"})
_SCHEMA_PARTS = ("response_format", "tools", "tool_choice")
_NOT_TO_BE_LEFT_OUT = frozenset({"model", "messages", *_SCHEMA_PARTS})
_WITHIN_MESSAGES = frozenset({"cache_control", "prompt_cache_breakpoint"})
_STATUS_OF = {
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "invalid_request_error": 400,
    "overloaded_error": 529,
}
_SEARCHED = 4_000  # characters of an error in which names and waits are looked for


@dataclass(frozen=True, slots=True)
class Complaint:
    """A server's error under *status*.

    *message* is fit to be shown. *words* are its codes and types in lower case, *param* the parameter it names
    in a field for it, *raw* the beginning of the error as it came, for looking things up alone.
    """

    status: int
    message: str
    words: frozenset[str] = frozenset()
    param: str = ""
    raw: str = ""
    failed_generation: str | None = None

    @property
    def said(self) -> str:
        """The message as the end of a sentence of ours."""
        return f": {self.message}" if self.message else ""

    @property
    def is_about_key(self) -> bool:
        """Whether it refuses the key, under the right status or another."""
        if self.status in (400, 403):
            return bool(self.words & _KEY_WORDS) or self._says(_KEY)
        return self.status == 401

    @property
    def is_about_quota(self) -> bool:
        """Whether no money is left, which waiting does not change."""
        if self.status == 402 or self.words & _QUOTA_WORDS or (self.status < 500 and self._says(_CREDIT)):
            return True
        return self.status == 429 and self._says(_QUOTA)

    @property
    def is_about_overflow(self) -> bool:
        """Whether the text is too long for the model, or for what it takes in a minute: waiting does not help.

        That stays so, and is stored; where the wording may mean that there were too many of late it is taken so.
        """
        if self.status == 413 or self.words & _OVERFLOW_WORDS:
            return True
        if not (400 <= self.status < 500 and self._says(_OVERFLOW)):
            return False
        return self._asks_over_a_limit() or not (self.status == 429 or self._is_throttled())

    @property
    def is_about_content(self) -> bool:
        """Whether what the text or the answer says is objected to."""
        return bool(self.words & _FILTER_WORDS) or self._says(_FILTERED)

    @property
    def is_about_schema(self) -> bool:
        """Whether the form of answer that was asked for is refused."""
        if self.status == 404:
            return self._says(_NO_SUCH_ROUTE)
        if self.status not in (400, 422, 500, 501):
            return False
        return self.param.startswith(_SCHEMA_PARTS) or self._says(_SCHEMA if self.status < 500 else _SCHEMA_IN_5XX)

    @property
    def is_about_logprobs(self) -> bool:
        """Whether log-probabilities are refused."""
        return self.status in (400, 422, 501) and (_LOGPROBS.search(self.param) is not None or self._says(_LOGPROBS))

    @property
    def is_about_output(self) -> bool:
        """Whether more tokens of output were allowed for than the model may give."""
        return self.status in (400, 422) and self._says(_TOO_LONG_AN_ANSWER) and not self.is_about_overflow

    @property
    def is_about_a_parameter(self) -> bool:
        """Whether its code says that something in the body is not taken, whatever it may be."""
        return bool(self.words & _PARAMETER_WORDS)

    @property
    def is_about_load(self) -> bool:
        """Whether the server has too much to do, or too much from us."""
        if self.words & _OVERLOADED_WORDS or self._says(_OVERLOADED):
            return True
        return self._says(_OVERFLOW) and self._is_throttled()

    def is_about_model(self, model: str, *, by_wording: bool) -> bool:
        """Whether it knows no *model*. Under a 400 a wording counts only *by_wording*."""
        if self.words & _NO_MODEL_WORDS:
            return True
        if self.status == 404:
            return "model" in self.message.lower() or bool(model and model in self.message)
        if not by_wording or self.status not in (400, 403, 422):
            return False
        if self._says(_SCHEMA) or self._says(_OVERFLOW):
            return False
        return self.param == "model" or self._says(_NO_MODEL)

    def refused_part(self, parameters: Collection[str]) -> str | None:
        """Which of *parameters*, the top level of the body, it does not take, where it plainly says so.

        A mark within the messages is told with the place where it stands, as the server tells it.
        """
        if self.status not in (400, 404, 422, 500, 501):
            return None
        for path in self._named():
            steps: list[str] = [step for step in _STEP.findall(path) if step != "body"] or [""]
            if steps[0] in parameters and steps[0] not in _NOT_TO_BE_LEFT_OUT:
                return steps[0]
            if steps[-1] in _WITHIN_MESSAGES:
                return ".".join(steps)
        return None

    def wait(self) -> str | None:
        """How long it asks to be left alone, as it writes it."""
        told = _TOLD_WAIT.search(self.message)
        if told:
            return str(told[1]).replace(" ", "").rstrip(".")
        delay = _TOLD_DELAY.search(self.raw)
        return str(delay[1]) if delay else None

    def _is_throttled(self) -> bool:
        return self._says(_THROTTLED) or self.wait() is not None

    def _asks_over_a_limit(self) -> bool:
        """Whether this one request asks for more than is ever given in the time that the limit is for."""
        told = _LIMIT_AND_REQUESTED.search(self.message)
        if told is None:
            return False
        limit, requested = (int(number.replace(",", "")) for number in told.groups())
        return requested > limit

    def _named(self) -> Iterator[str]:
        """The parts of the body that it says are not taken, each as a path."""
        if self.is_about_a_parameter and self.param:
            yield self.param
        for text in (self.message, self.raw):
            for pattern in _NAMED:
                yield from (found[1] for found in pattern.finditer(text))
        for part in _OBJECT.findall(self.raw):
            if _FORBIDDEN.search(part):
                yield from (".".join(_STEP.findall(found[1])) for found in _LOCATED.finditer(part))

    def _says(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.message) is not None


def read_complaint(status: int, text: str, headers: Mapping[str, str], redactor: Redactor) -> Complaint:
    """The error in *text*. *headers* have lower-case names; nothing shown of it holds a secret of *redactor*."""
    body = parsed(text)
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(error, str):
        error = {"message": error}
    elif not isinstance(error, dict):
        error = {}
    message = error.get("message") or error.get("detail") or ""
    if not error and not is_page(text, headers):
        message = text
    generated = error.get("failed_generation")
    return Complaint(
        status,
        message=redactor.line(message if isinstance(message, str) else json.dumps(message)),
        words=frozenset(word.lower() for word in _words(error) if isinstance(word, str)),
        param=redactor.line(str(error.get("param") or "")),
        raw=text[:_SEARCHED],
        failed_generation=redactor.answer(generated) if isinstance(generated, str) and generated else None,
    )


def status_of(error: Any) -> int:
    """The status that an *error* under status 200 should have had; 502 where it does not tell."""
    if not isinstance(error, dict):
        return 502
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    if isinstance(code, int) and 400 <= code < 600:
        return code
    return next(
        (_STATUS_OF[word] for word in (code, error.get("type")) if isinstance(word, str) and word in _STATUS_OF), 502
    )


def is_page(text: str, headers: Mapping[str, str]) -> bool:
    """Whether *text* is a page for people."""
    return "html" in headers.get("content-type", "") or text.lstrip()[:1] == "<"


def parsed(text: str) -> Any:
    """The JSON in *text*, or ``None``."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _words(error: Mapping[str, Any]) -> Iterator[Any]:
    inner, details = error.get("innererror"), error.get("details")
    yield from (error.get("code"), error.get("type"), error.get("status"))
    if isinstance(inner, dict):
        yield inner.get("code")
    if isinstance(details, list):
        yield from (detail.get("reason") for detail in details if isinstance(detail, dict))
