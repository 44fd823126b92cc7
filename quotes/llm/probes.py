"""Probes: the short questions that show what an endpoint really does, and what their answers show. Pure.

A 200 proves nothing: many servers take a schema, a limit or a seed and ignore it in silence. So each question asks for
something that the answer gives away, above all a schema that contradicts the prompt. No question holds a user's text.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from quotes.errors import ConnectionFailed, FormRefused, QuotesError, RequestFailed
from quotes.exchange import Reply
from quotes.llm.outcomes import Retry
from quotes.prompting.dialect import Dialect, LimitParameter, Rung
from quotes.prompting.response import unfenced

SHORT: Final = 8
"""Tokens of the answers whose length is measured, and of those that only have to come."""
ENOUGH: Final = 128
ENOUGH_WITH_THOUGHTS: Final = 2048
"""Tokens that an answer under a schema may have; more where the model thinks aloud before it answers."""

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["green"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
"""It allows one answer alone, which no prompt here asks for."""

_DEMANDED: Final = {"colour": "green"}
_COUNT: Final = "Count from 1 to 50 in words, separated by commas."
_RED: Final = "Answer with the single word red in lower case. Write no JSON and no other word."
_GRASS: Final = "Which colour is fresh grass, red or green?"
_DRAW: Final = "Write a random number of eight digits and nothing else."
_SYSTEM: Final = "You answer short questions."
_ROWS: Final = 48  # of about 27 tokens: some services keep no prefix below 1,024
_ALTERNATIVES: Final = 5
_SEED: Final = 11
_TOLERATED: Final = 4  # tokens of the end that some servers count
_LONG_ANSWER: Final = 60  # code points that no answer of eight tokens has
_FASTER: Final = 0.5
_SLOW_ENOUGH: Final = 0.3  # seconds below which a ratio of times is chance
_GROWTH: Final = 1.2
_CONTEXT_NAMES: Final = ("context_length", "max_model_len", "context_window", "max_context_length", "n_ctx")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was tried once: what its answer means, the message in it as it came, and the time in seconds."""

    verdict: Reply | Retry | QuotesError
    message: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def reply(self) -> Reply | None:
        """The reply, if it is a good one."""
        good = isinstance(self.verdict, Reply) and self.verdict.outcome in ("complete", "truncated")
        return self.verdict if good and isinstance(self.verdict, Reply) else None

    @property
    def said(self) -> str:
        """Why there is no reply."""
        if isinstance(self.verdict, Reply):
            return self.verdict.detail or self.verdict.outcome
        return self.verdict.reason if isinstance(self.verdict, Retry) else self.verdict.what

    @property
    def thinks(self) -> bool:
        """Whether the model thought before it answered."""
        details = self.usage.get("completion_tokens_details")
        counted = details.get("reasoning_tokens") if isinstance(details, Mapping) else None
        return bool(counted or self.message.get("reasoning_content") or self.message.get("reasoning"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe has shown: *word* for programs, *detail* for people, *facts* beside."""

    name: str
    word: str
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def count_body(model: str, limit: LimitParameter, dialect: Dialect, label: str) -> dict[str, Any]:
    """A question whose answer is longer than the bound on it, which is called *limit*."""
    return _bounded(_asked(model, _COUNT), replace(dialect, limit_parameter=limit), label, SHORT, None)


def red_body(model: str, dialect: Dialect, label: str, temperature: float | None = 0.0) -> dict[str, Any]:
    """A short question in free words."""
    return _bounded(_asked(model, _RED), dialect, label, SHORT, temperature)


def rung_body(
    model: str, dialect: Dialect, label: str, *, most: int = ENOUGH, temperature: float | None = 0.0
) -> dict[str, Any]:
    """A question that contradicts the schema of *dialect*; without anything to enforce it, one that does not."""
    question = _GRASS if dialect.rung == "prompt" else _RED
    messages = dialect.preamble(({"role": "system", "content": _SYSTEM},), SCHEMA)
    head = {"model": model, "messages": [*messages, {"role": "user", "content": question}]}
    return dialect.body(head, SCHEMA, label=label, most=most, temperature=temperature)


def logprobs_body(model: str, dialect: Dialect, label: str, temperature: float | None) -> dict[str, Any]:
    """A question as a judge is asked: with log-probabilities, under the schema if there is one."""
    weighed = {"logprobs": True, "top_logprobs": _ALTERNATIVES}
    return rung_body(model, dialect, label, most=ENOUGH, temperature=temperature) | weighed


def seed_body(model: str, dialect: Dialect, label: str, temperature: float | None) -> dict[str, Any]:
    """A question with many answers, and a seed."""
    return _bounded(_asked(model, _DRAW), dialect, label, 2 * SHORT, temperature) | {"seed": _SEED}


def prefix_body(model: str, dialect: Dialect, label: str, temperature: float | None, mark: str) -> dict[str, Any]:
    """A question behind a long prefix, which *mark* makes another one than all before."""
    rows = "\n".join(f"Row {number} of list {mark}: the door is shut and the lamp is lit." for number in range(_ROWS))
    return _bounded(_asked(model, f"{rows}\n{_RED}"), dialect, label, SHORT, temperature)


def limit_finding(name: LimitParameter, tried: Attempt) -> Finding:
    """Whether the bound on output tokens called *name* is taken, and holds."""
    reply = tried.reply
    if reply is None:
        return _without_reply(name, tried)
    tokens = reply.usage.completion_tokens
    if tokens > SHORT + _TOLERATED or (not tokens and len(reply.content) > _LONG_ANSWER):
        return Finding(name, "ignored", f"{tokens or 'too many'} tokens came where {SHORT} were allowed")
    return Finding(name, "held", f"{SHORT} tokens at most, as asked")


def temperature_finding(tried: Attempt) -> Finding:
    """Whether a temperature of 0 is taken."""
    return _without_reply("temperature", tried) if tried.reply is None else Finding("temperature", "taken", "0")


def rung_finding(rung: Rung, tried: Attempt) -> Finding:
    """What *rung* does.

    ``enforced``, ``loose`` (JSON, but not by the schema), ``followed`` (without any force), ``ignored``, ``refused``,
    or ``failed`` where no answer came.
    """
    reply = tried.reply
    if reply is None:
        return _without_reply(rung, tried)
    answer = _json_in(reply.content, fenced=rung == "prompt")
    facts = {"in_reasoning": True} if _is_in_reasoning(tried, answer) else {}
    if rung == "prompt":
        if answer == _DEMANDED:
            return Finding(rung, "followed", "the answer is valid without any force", facts)
        return Finding(rung, "ignored", f"the answer is not valid: {_shown(reply)}", facts)
    if answer == _DEMANDED:
        return Finding(rung, "enforced", "the answer obeys the schema, against the prompt", facts)
    if isinstance(answer, dict):
        return Finding(rung, "loose", f"JSON, but not held to the schema: {_shown(reply)}", facts)
    return Finding(rung, "ignored", f"taken, and ignored in silence: {_shown(reply)}", facts)


def logprobs_finding(tried: Attempt) -> Finding:
    """Whether log-probabilities come, and with how many alternatives."""
    reply = tried.reply
    if reply is None:
        return _without_reply("logprobs", tried)
    if not reply.logprobs:
        return Finding("logprobs", "missing", "asked for, taken, and not given")
    most = max(len(token) - 1 for token in reply.logprobs)
    return Finding("logprobs", "given", f"with up to {most} alternatives", {"alternatives": most})


def seed_finding(tried: Sequence[Attempt]) -> Finding:
    """Whether a seed is taken, and gives the same answer twice at temperature 1."""
    for one in tried:
        if one.reply is None:
            return _without_reply("seed", one)
    said = {one.reply.content for one in tried if one.reply is not None}
    if len(said) == 1:
        return Finding("seed", "equal", "the same answer twice at temperature 1")
    return Finding("seed", "different", "taken, and yet two answers at temperature 1")


def usage_finding(tried: Sequence[Attempt]) -> Finding:
    """Whether answers tell the tokens they cost."""
    replies = [one.reply for one in tried if one.reply is not None]
    told = sum(reply.usage.prompt_tokens > 0 and reply.usage.completion_tokens > 0 for reply in replies)
    if told == len(replies):
        return Finding("usage", "told", "tokens in and out")
    return Finding("usage", "missing" if not told else "partly", f"told in {told} of {len(replies)} answers")


def concurrency_finding(levels: Sequence[tuple[Sequence[Attempt], float]]) -> Finding:
    """How many requests at once still gain something. A level is the requests sent at once, and the time they took."""
    best, best_rate, remarks = 0, 0.0, []
    for tried, seconds in levels:
        size, lost = len(tried), [one for one in tried if one.reply is None]
        if lost:
            remarks.append(f"{len(lost)} of {size} at once failed: {lost[0].said}")
            break
        rate = size / max(seconds, 1e-6)
        remarks.append(f"{size}: {rate:.1f}/s")
        if rate < best_rate * _GROWTH:
            break
        best, best_rate = size, rate
    facts = {"requests_per_second": round(best_rate, 2)} if best else {}
    return Finding("concurrency", str(best) if best else "failed", ", ".join(remarks), facts)


def is_saturated(levels: Sequence[tuple[Sequence[Attempt], float]]) -> bool:
    """Whether the last level has shown that a higher one would gain nothing."""
    return concurrency_finding(levels).word != str(len(levels[-1][0]))


def caching_finding(first: Attempt, second: Attempt) -> Finding:
    """Whether a prefix that was sent before is read faster, or told to be cheaper."""
    for one in (first, second):
        if one.reply is None:
            return _without_reply("prompt cache", one)
    cached = second.reply.usage.cached_tokens if second.reply else 0
    if cached:
        total = second.reply.usage.prompt_tokens if second.reply else 0
        return Finding("prompt cache", "told", f"{cached:,} of {total:,} tokens", {"cached_tokens": cached})
    ratio = second.seconds / max(first.seconds, 1e-6)
    if ratio < _FASTER and first.seconds > _SLOW_ENOUGH:
        return Finding("prompt cache", "faster", f"the second answer took {ratio:.0%} of the time of the first")
    return Finding("prompt cache", "none", "no sign of one")


def models_in(listing: Any) -> list[str]:
    """The names in the answer to ``GET /models``."""
    return [entry["id"] for entry in _entries(listing) if isinstance(entry.get("id"), str)]


def context_in(listing: Any, model: str) -> int | None:
    """How many tokens *model* takes, where the list of models tells."""
    for entry in _entries(listing):
        if entry.get("id") == model:
            meta = entry.get("meta")
            for part in (entry, meta if isinstance(meta, dict) else {}):
                for name in _CONTEXT_NAMES:
                    if isinstance(value := part.get(name), int) and value > 0:
                        return value
    return None


def meant(model: str, names: Sequence[str]) -> str | None:
    """Which of *names* may be meant by *model*, which is none of them."""
    folded = {name.casefold(): name for name in names}
    tails = {name.casefold().rpartition("/")[2]: name for name in names}
    close = difflib.get_close_matches(model.casefold(), [*folded, *tails], 1)
    return (folded | tails)[close[0]] if close else None


def _asked(model: str, question: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": question}]}


def _bounded(
    head: Mapping[str, Any], dialect: Dialect, label: str, most: int, temperature: float | None
) -> dict[str, Any]:
    return replace(dialect, rung="prompt").body(head, SCHEMA, label=label, most=most, temperature=temperature)


def _without_reply(name: str, tried: Attempt) -> Finding:
    verdict = tried.verdict
    refused = (
        isinstance(verdict, FormRefused)
        or (isinstance(verdict, Reply) and verdict.outcome == "schema_refused")
        or (isinstance(verdict, RequestFailed) and not isinstance(verdict, ConnectionFailed))
    )
    return Finding(name, "refused" if refused else "failed", tried.said)


def _json_in(text: str, *, fenced: bool) -> Any:
    try:
        return json.loads(unfenced(text) if fenced else text)
    except (ValueError, RecursionError):
        return None


def _is_in_reasoning(tried: Attempt, answer: Any) -> bool:
    return isinstance(answer, dict) and not tried.message.get("content") and not tried.message.get("tool_calls")


def _shown(reply: Reply) -> str:
    text = " ".join(reply.content.split())
    return f"“{text[:_LONG_ANSWER]}{'…' if len(text) > _LONG_ANSWER else ''}”" if text else "an empty answer"


def _entries(listing: Any) -> list[dict[str, Any]]:
    entries = listing.get("data") if isinstance(listing, dict) else listing
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
