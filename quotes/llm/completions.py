"""What a chat completion holds: the answer, wherever the server put it, how it ended, tokens, what it cost. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from quotes.exchange import Logprobs, Outcome, Reply, Usage
from quotes.prompting.response import unfenced

if TYPE_CHECKING:
    from quotes.llm.redaction import Redactor

_LEAST_LOGPROB = -9999.0  # what OpenAI writes for a token that cannot come
_REASONING = ("reasoning_content", "reasoning")


def read_completion(body: Mapping[str, Any], redactor: Redactor, *, logprobs: bool) -> Reply | str:
    """The reply in *body*, which has ``choices``, or what is wrong with them. *logprobs*: they were asked for."""
    choices = body["choices"]
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return "the answer holds no choice"
    finish = choice.get("finish_reason")
    if finish == "error" or choice.get("error"):
        return f"the answer broke off: {redactor.line(str(choice.get('error') or finish))}"
    refusal = message.get("refusal")
    return Reply(
        content=redactor.answer(_content(message)),
        outcome=_how_it_ended(finish, refusal),
        finish_reason=_word(finish, redactor),
        model=_word(body.get("model"), redactor),
        fingerprint=_word(body.get("system_fingerprint"), redactor),
        usage=_usage(body.get("usage")),
        detail=redactor.line(refusal) if isinstance(refusal, str) and refusal else None,
        logprobs=_logprobs(choice.get("logprobs"), redactor) if logprobs else (),
    )


def _how_it_ended(finish: Any, refusal: Any) -> Outcome:
    if isinstance(refusal, str) and refusal:
        return "refusal"
    if finish == "content_filter":
        return "content_filter"
    return "truncated" if finish in ("length", "max_tokens") else "complete"


def _content(message: Mapping[str, Any]) -> str:
    """The answer: a tool call where there is one, else the text, else the JSON that went to the reasoning."""
    called = next(_arguments(message), None)
    if called is not None:
        return called
    text = _text(message.get("content"))
    if text.strip():
        return text
    reasoned = (_text(message.get(name)) for name in _REASONING)
    return next((thought for thought in reasoned if _is_object(thought)), text)


def _arguments(message: Mapping[str, Any]) -> Iterator[str]:
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    for function in (*functions, message.get("function_call")):
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(arguments, dict):  # some servers give them parsed
            yield json.dumps(arguments, ensure_ascii=False)
        elif isinstance(arguments, str) and arguments.strip():
            yield arguments


def _text(value: Any) -> str:
    if isinstance(value, list):  # some servers answer in parts
        return "".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return value if isinstance(value, str) else ""


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(unfenced(text)), dict)
    except (ValueError, RecursionError):
        return False


def _logprobs(value: Any, redactor: Redactor) -> Logprobs:
    tokens = value.get("content") if isinstance(value, dict) else None
    if not isinstance(tokens, list):
        return ()
    places = tuple(_weighed(token, redactor) for token in tokens if isinstance(token, dict))
    return () if redactor.finds("".join(place[0][0] for place in places if place)) else places  # a key in pieces


def _weighed(token: Mapping[str, Any], redactor: Redactor) -> tuple[tuple[str, float], ...]:
    """*token* and the alternatives to it. Half characters, which look alike as text, are told apart by nobody."""
    others = token.get("top_logprobs")
    found: dict[str, float] = {}
    for one in (token, *(others if isinstance(others, list) else ())):
        text = one.get("token") if isinstance(one, dict) else None
        logprob = _logprob(one.get("logprob")) if isinstance(text, str) else None
        if isinstance(text, str) and logprob is not None:
            found.setdefault(redactor.answer(text), logprob)
    return tuple(found.items())


def _logprob(value: Any) -> float | None:
    """*value* to four decimals, which is more than any use of it needs: stored replies stay small and stable."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # NaN
        return None
    return round(float(min(max(value, _LEAST_LOGPROB), 0.0)), 4) + 0.0  # no negative zero


def _word(value: Any, redactor: Redactor) -> str | None:
    return redactor.line(value) if isinstance(value, str) and value else None


def _usage(value: Any) -> Usage:
    counted = value if isinstance(value, dict) else {}
    details = counted.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(1, _count(counted.get("prompt_tokens")), _count(counted.get("completion_tokens")), _count(cached))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
