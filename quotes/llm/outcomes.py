"""What an endpoint's answer means, apart from waiting: a reply, a reason to ask again, or an error.

Pure: status, headers and body in, verdict out. What a server's error is about is read in ``complaints``, what
a completion holds in ``completions``; here is what follows. A table of the tests holds every fault there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quotes.errors import EndpointUnusable, FormRefused, QuotesError, RequestFailed
from quotes.exchange import Outcome, Reply, Usage
from quotes.llm.complaints import Complaint, is_page, parsed, read_complaint, status_of
from quotes.llm.completions import read_completion
from quotes.llm.headers import duration, retry_after

if TYPE_CHECKING:
    from quotes.llm.redaction import Redactor

LARGEST_ANSWER = 8_000_000
"""Bytes of an answer beyond which nobody reads on: a hundred times what the longest reply to a chunk needs."""

PARAMETERS = frozenset(
    {
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "seed",
        "logprobs",
        "top_logprobs",
        "reasoning_effort",
        "prompt_cache_key",
        "service_tier",
        "store",
        "provider",
    }
)
"""Parts of a body that an endpoint may not know, and that a request can do without or name in another way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: *status* and *text*, *headers* with lower-case names, *now* as Unix time when it came.

    Its representation leaves out what the endpoint said, which may be the key it was sent.
    """

    status: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again: *reason* for a message, *after* the seconds the endpoint asked for, if it did.

    *unusable* is what to make of it where it stays so and the endpoint has never given a good answer: then
    it is no hiccup but the wrong address.
    """

    reason: str
    after: float | None = None
    unusable: EndpointUnusable | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is judged against. *proven*: this endpoint has given a good answer in this run. *logprobs*: the
    request asks for log-probabilities. *parameters* are the top level of its body. *keyed*: a key was sent."""

    model: str
    url: str
    constrained: bool
    proven: bool
    redactor: Redactor
    logprobs: bool = False
    parameters: frozenset[str] = PARAMETERS
    keyed: bool = True


_FILTER_STATUS = frozenset({400, 403, 422, 451})
_ASKED_AGAIN = frozenset({408, 409, 425, 429})
_NOT_IMPLEMENTED = 501
_KEY_REMEDY = "set QUOTES_API_KEY, or OPENAI_API_KEY for OpenAI, to a valid key"
_NO_KEY_REMEDY = "set QUOTES_API_KEY, or OPENAI_API_KEY for OpenAI"
_URL_REMEDY = "check --base-url: does it end in /v1?"


def judge(answer: Answer, asked: Asked) -> Reply | Retry | QuotesError:
    """What *answer* means: the reply, a reason to ask again, or the error that ends the request or the run.

    An error that stands for the form of the request, which another form may avoid, is a ``FormRefused``.
    """
    if 200 <= answer.status < 300:
        return _good_status(answer, asked)
    if 300 <= answer.status < 400:
        return _redirected(answer, asked)
    return _complained(answer, answer.status, asked)


def _good_status(answer: Answer, asked: Asked) -> Reply | Retry | QuotesError:
    body = parsed(answer.text)
    if isinstance(body, dict) and "choices" in body:
        found = read_completion(body, asked.redactor, logprobs=asked.logprobs)
        return Retry(found) if isinstance(found, str) else found
    error = _error_in(body)
    if error:
        return _complained(answer, status_of(error), asked)
    what = "a web page" if is_page(answer.text, answer.headers) else "something else than a chat completion"
    unusable = EndpointUnusable(
        f"answers with {what}: no OpenAI-compatible endpoint", where=asked.url, remedy=_URL_REMEDY
    )
    return Retry("the answer is no JSON of a chat completion", unusable=unusable)


def _error_in(body: Any) -> Any:
    if isinstance(body, list) and body:
        body = body[0]
    return body.get("error") if isinstance(body, dict) else None


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


def _complained(answer: Answer, status: int, asked: Asked) -> Reply | Retry | QuotesError:
    complaint = read_complaint(status, answer.text, answer.headers, asked.redactor)
    return (
        _fatal(complaint, asked)
        or _form_refused(complaint, asked)
        or _outcome(complaint, asked)
        or _transient(answer, complaint)
        or _fatal_at_first(complaint, asked)
        or RequestFailed(f"the endpoint refused the request (status {status}){complaint.said}", where=asked.url)
    )


def _fatal(complaint: Complaint, asked: Asked) -> QuotesError | None:
    """The error that every request of this run would meet."""
    said = complaint.said
    if complaint.is_about_key and not asked.keyed:
        what = f"wants a key, and no key was sent{said}"
        return EndpointUnusable(what, where=asked.url, remedy=_NO_KEY_REMEDY)
    if complaint.is_about_key:
        return EndpointUnusable(f"refuses the key{said}", where=asked.url, remedy=_KEY_REMEDY)
    if complaint.is_about_quota:
        return EndpointUnusable(
            f"the quota is exhausted{said}", where=asked.url, remedy="add credit, then run the same command again"
        )
    # A wording is no proof once the model has answered: the text may be what is complained of.
    if complaint.status < 500 and complaint.is_about_model(asked.model, by_wording=not asked.proven):
        remedy = "check --model; the endpoint lists its models at /models"
        return EndpointUnusable(f"does not know the model {asked.model!r}{said}", where=asked.url, remedy=remedy)
    return None


def _form_refused(complaint: Complaint, asked: Asked) -> FormRefused | None:
    """A part of the body that is not taken, early or late: every request has it."""
    if asked.logprobs and complaint.is_about_logprobs:
        remedy = "name an endpoint and a model that give them"
        what = f"gives no log-probabilities{complaint.said}"
        return FormRefused(what, where=asked.url, remedy=remedy, part="logprobs")
    part = complaint.refused_part(asked.parameters)
    if part is None:
        return None
    remedy = "the endpoint needs other options for this model"
    return FormRefused(f"refuses the parameter {part}{complaint.said}", where=asked.url, remedy=remedy, part=part)


def _outcome(complaint: Complaint, asked: Asked) -> Reply | None:
    """The reply that stands for a refusal which asking again would not change."""
    outcome: Outcome
    if complaint.failed_generation is not None:  # the answer did not fit the schema: it can be repaired
        return Reply(complaint.failed_generation, usage=Usage(requests=1), detail=complaint.message or None)
    if complaint.is_about_overflow:
        outcome = "context_overflow"
    elif complaint.status in _FILTER_STATUS and complaint.is_about_content:
        outcome = "content_filter"
    elif asked.constrained and complaint.is_about_schema:
        outcome = "schema_refused"
    else:
        return None
    return Reply("", outcome=outcome, usage=Usage(requests=1), detail=complaint.message or None)


def _transient(answer: Answer, complaint: Complaint) -> Retry | None:
    passes = complaint.status in _ASKED_AGAIN or complaint.status >= 500 or complaint.is_about_load
    if not passes or complaint.status == _NOT_IMPLEMENTED:
        return None
    wait = retry_after(answer.headers, answer.now)
    if wait is None:
        wait = duration(complaint.wait())
    return Retry(f"status {complaint.status}{complaint.said}", wait)


def _fatal_at_first(complaint: Complaint, asked: Asked) -> QuotesError | None:
    """What is taken for the whole run's only while nothing has been answered: later it may be one article's."""
    if asked.proven:
        return None
    status, said, where = complaint.status, complaint.said, asked.url
    if status in (404, 405, _NOT_IMPLEMENTED):
        return EndpointUnusable(
            f"has no chat completions there (status {status}){said}", where=where, remedy=_URL_REMEDY
        )
    if status == 403:
        remedy = "check what the key may do, and --base-url"
        return EndpointUnusable(f"refuses access (status 403){said}", where=where, remedy=remedy)
    if complaint.is_about_output:
        return EndpointUnusable(f"gives no answers that long{said}", where=where, remedy="lower --max-output-tokens")
    if complaint.is_about_a_parameter:
        remedy = "the endpoint needs other options for this model"
        return EndpointUnusable(f"refuses the parameter {complaint.param}{said}", where=where, remedy=remedy)
    return None
