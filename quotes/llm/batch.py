"""The lines of the Batch API: a request as one goes out, a reply as one comes back. Pure; nothing is sent here.

The format is OpenAI's, which many servers and services take: ``custom_id``, ``method``, ``url`` and ``body``
out; ``custom_id``, ``response`` (``status_code``, ``body``) and ``error`` back, in any order, failures in a
file of their own. Whoever else answers, a script or a person, may write ``custom_id`` and ``content`` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quotes.errors import InputError, QuotesError
from quotes.exchange import Reply, Request
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.redaction import Redactor

URL: Final = "/v1/chat/completions"
MOST_REQUESTS: Final = 50_000
MOST_BYTES: Final = 200_000_000
"""What OpenAI takes in one file. Other services take less or more."""

_KEY = re.compile("[0-9a-f]{64}")
_TRIALS = 32
"""How many repeated samples of one body are tried for a key: a line does not say which one it is."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back for *key*: an *answer*, or why there is none."""

    key: str
    answer: Answer | None
    failure: str = ""


def request_line(request: Request) -> dict[str, Any]:
    """*request* as a line of the input file: its key is the ``custom_id``, its body is sent as it is."""
    return {"custom_id": request.key, "method": "POST", "url": URL, "body": request.body}


def read_request(line: Mapping[str, Any], labels: Iterable[str], where: str) -> Request:
    """The request that ``request_line`` made *line* of, for the endpoint of *labels* that gives its key.

    Its article and chunk are not in the line, and stay unnamed.

    Raises:
        InputError: *line* is none, or its body is not the one its key was made of.
    """
    key, body = _key(line, where), line.get("body")
    if not isinstance(body, dict):
        raise InputError("the line holds no body", where=where, remedy="give the file that batch export wrote")
    for label in labels:
        for trial in range(_TRIALS):
            request = Request(body, label, trial)
            if _has(request, key):
                return request
    remedy = "give the file as it was exported, and the --base-url of the export"
    raise InputError(f"the body does not give the custom_id {key[:8]}", where=where, remedy=remedy)


def read_reply(line: Mapping[str, Any], where: str) -> Returned:
    """What *line* of an output or error file, or one with plain ``content``, brings back.

    Raises:
        InputError: it is none of them.
    """
    key = _key(line, where)
    response = line.get("response")
    if isinstance(response, dict):
        status, body = response.get("status_code", 200), response.get("body")
        if isinstance(status, int) and not isinstance(status, bool) and isinstance(body, (dict, str)):
            text = body if isinstance(body, str) else json.dumps(body)
            return Returned(key, Answer(status, text, {}))
        raise InputError("its response holds no status_code and body", where=where, remedy=_REMEDY)
    if line.get("error"):
        return Returned(key, None, _said(line["error"]))
    content = line.get("content")
    if isinstance(content, (str, dict)):
        return Returned(key, Answer(200, json.dumps(_completion(line, content)), {}))
    raise InputError("it holds neither a response nor an error nor content", where=where, remedy=_REMEDY)


def verdict(request: Request, returned: Returned, redactor: Redactor) -> Reply | str:
    """What is to be stored as the reply to *request*, or why nothing is: what asking again may change.

    The same judgement as of a live answer. No answer of a file proves an endpoint unusable: the other lines count.
    """
    if returned.answer is None:
        return redactor.line(returned.failure)
    asked = Asked(
        model=str(request.body.get("model", "")),
        url=request.label,
        constrained="response_format" in request.body or "tools" in request.body,
        proven=True,
        redactor=redactor,
        logprobs=bool(request.body.get("logprobs")),
    )
    found = judge(returned.answer, asked)
    if isinstance(found, Reply):
        return found
    if isinstance(found, Retry):
        return found.reason
    assert isinstance(found, QuotesError)
    return found.what


_REMEDY = "a line of a Batch API output file, or one with custom_id and content"


def _key(line: Mapping[str, Any], where: str) -> str:
    key = line.get("custom_id")
    if not isinstance(key, str):
        raise InputError("it has no custom_id", where=where, remedy=_REMEDY)
    if not _KEY.fullmatch(key):
        what = f"the custom_id {key[:70]!r} is no key"
        raise InputError(what, where=where, remedy="leave each custom_id as batch export wrote it")
    return key


def _has(request: Request, key: str) -> bool:
    try:
        return request.key == key
    except UnicodeEncodeError:
        return False


def _completion(line: Mapping[str, Any], content: str | dict[str, Any]) -> dict[str, Any]:
    """A chat completion around plain *content*; an answer given as JSON instead of its text is written out."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": line.get("finish_reason")}
    return {"model": line.get("model"), "choices": [choice], "usage": line.get("usage")}


def _said(error: Any) -> str:
    if isinstance(error, dict):
        words = [str(error[name]) for name in ("code", "message") if error.get(name)]
        return ": ".join(words) or json.dumps(error)
    return str(error)
