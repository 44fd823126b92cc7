"""The doctor: puts an endpoint through the probes, one failure never hiding the next, and sums up what they show."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import ConnectionFailed, EndpointUnusable, FormRefused, QuotesError, RequestFailed, UsageError
from quotes.exchange import Reply, Usage
from quotes.llm import probes
from quotes.llm.address import OPENAI_URL, checked_url, endpoint_label
from quotes.llm.complaints import parsed
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.probes import Attempt, Finding
from quotes.llm.retrying import AgainError
from quotes.prompting.dialect import Dialect, Rung
from quotes.run.advising import advise, best_rung
from quotes.run.connecting import caller, local_caller, localized
from quotes.run.diagnosis import Report
from quotes.run.settings import Settings, refuse_contradictions

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

    from quotes.llm.calling import Caller

TIMEOUT: Final = 120.0
"""Seconds a probe may take."""

_RUNGS: Final[tuple[Rung, ...]] = ("strict", "schema", "tool", "object", "prompt")
_LEVELS: Final = (1, 4, 8)
_MOST_REQUESTS: Final = 30
_DUE: Final = 13 + sum(_LEVELS[:2])
"""Requests that no examination does without, beside the list of models: the questions, and the lower levels."""
_LONGEST_WAIT: Final = 10.0
_PATIENCE: Final = 3  # tries of the first request
_SHOWN_MODELS: Final = 10


def examine(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    begin: Callable[[str], None] = lambda _name: None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
    mark: str | None = None,
) -> Report:
    """Put the endpoint of *settings* through all probes. *begin* hears the name of each before it is asked.

    *mark* makes the long prefix of this examination another one than that of any other.

    Raises:
        UsageError: no endpoint is named, or the settings contradict each other.
        EndpointUnusable: a local model cannot be loaded.
    """
    refuse_contradictions(settings)
    named = settings.base_url or environ.get("QUOTES_BASE_URL", "").strip()
    model = settings.model or environ.get("QUOTES_MODEL", "").strip() or None
    if not (named or model or settings.local):
        raise UsageError("no endpoint is named", remedy="name one with --base-url, --config or --local")
    with _calling(settings, named or OPENAI_URL, environ) as (call, chosen):
        endpoint = settings.endpoint
        dialect = Dialect(extra_body=endpoint.extra_body, reasoning_effort=endpoint.reasoning_effort)
        label = endpoint_label(chosen.base_url)
        examination = _Examination(call, label, clock, sleep, begin, mark or secrets.token_hex(4), dialect)
        return examination.report(settings, chosen.base_url or OPENAI_URL, chosen.model if settings.local else model)


@contextmanager
def _calling(settings: Settings, base_url: str, environ: Mapping[str, str]) -> Iterator[tuple[Caller, Settings]]:
    if settings.local is None:
        chosen = replace(settings, base_url=checked_url(base_url))
        call = caller(settings, checked_url(base_url), environ, TIMEOUT)
        try:
            yield call, chosen
        finally:
            call.close()
        return
    chosen = localized(settings)
    with local_caller(chosen, TIMEOUT) as call:
        yield call, chosen


@dataclass(slots=True)
class _Examination:
    call: Caller
    label: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    begin: Callable[[str], None]
    mark: str
    dialect: Dialect
    requests: int = 0
    due: int = _DUE  # still to be sent, so that repeats cost none of them
    findings: list[Finding] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    proven: bool = False
    listing: Any = None

    def report(self, settings: Settings, base_url: str, model: str | None) -> Report:
        """Everything, in order."""
        problem: QuotesError | None = None
        try:
            model = self._model(model)
            self._probe(model)
            problem = self._formless()
        except AgainError as again:
            problem = self._unreachable(again)
        except EndpointUnusable as error:
            problem = error
        usage = sum((one.verdict.usage for one in self.attempts if isinstance(one.verdict, Reply)), Usage())
        address = {"model": model, "api_key_env": settings.api_key_env}
        address |= {"local": settings.local, "model": settings.model} if settings.local else {"base_url": base_url}
        known = {name: value for name, value in address.items() if value is not None}
        advice = None if problem else advise(self.findings, self.label, known)
        return Report(self.call.shown, self.label, model, tuple(self.findings), self.requests, usage, problem, advice)

    def _formless(self) -> EndpointUnusable | None:
        if best_rung(self.findings) is not None:
            return None
        what = "gives no answer of the form that is asked for, whichever way it is asked"
        return EndpointUnusable(what, where=self.call.shown, remedy="name another model")

    def _model(self, named: str | None) -> str:
        """The model to ask, once the list of models has been asked for."""
        self.begin("models")
        answer = self._listed()
        names = probes.models_in(self.listing)
        self._found("reachable", "yes", f"status {answer.status}" if answer.status else "without a list of models")
        if named is None:
            if len(names) == 1:
                self._found("model", "listed", f"{names[0]}, the only one")
                return names[0]
            self._found("model", "unnamed", f"it has {_some(names)}" if names else "its models cannot be listed")
            raise EndpointUnusable("no model is named", where=self.call.shown, remedy="name one with --model")
        close = probes.meant(named, names)
        if named in names:
            self._found("model", "listed", named)
        elif not names:
            self._found("model", "not told", f"its models cannot be listed (status {answer.status})")
        else:
            hint = f"did you mean {close!r}?" if close else f"it has {_some(names)}"
            self._found("model", "unlisted", f"{named} is not in its list: {hint}")
        return named

    def _listed(self) -> Answer:
        self.requests += 1
        try:
            answer = self.call.answer(_list_models)
        except AgainError as again:
            if again.kind == "connect":
                raise
            return Answer(0, "", {})  # it may answer questions all the same
        except RequestFailed:  # too large
            return Answer(0, "", {})
        asked = Asked("", self.call.shown, False, False, self.call.redactor)
        if answer.status == 401:
            verdict = judge(answer, asked)
            self._found("key", "refused", _said(verdict))
            raise verdict if isinstance(verdict, EndpointUnusable) else AgainError(Retry(_said(verdict)))
        self.listing = parsed(answer.text) if answer.status == 200 else None
        return answer

    def _probe(self, model: str) -> None:
        dialect = self._limits(model)
        self.begin("temperature")
        cold = self._try(probes.red_body(model, dialect, self.label))
        self.findings.append(probes.temperature_finding(cold))
        temperature = None if cold.reply is None else 0.0
        most = probes.ENOUGH_WITH_THOUGHTS if any(one.thinks for one in self.attempts) else probes.ENOUGH
        for rung in _RUNGS:
            self.begin(rung)
            asked = replace(dialect, rung=rung, fixed=True)
            body = probes.rung_body(model, asked, self.label, most=most, temperature=temperature)
            self.findings.append(probes.rung_finding(rung, self._try(body)))
        best = replace(dialect, rung=_rung(best_rung(self.findings)), fixed=True)
        self._rest(model, best, temperature)

    def _limits(self, model: str) -> Dialect:
        """How the bound on output tokens is called. The first question that a model answers, so the one that may end
        the examination."""
        self.begin("max_tokens")
        first = self._first(probes.count_body(model, "max_tokens", self.dialect, self.label))
        self.begin("max_completion_tokens")
        second = self._try(probes.count_body(model, "max_completion_tokens", self.dialect, self.label))
        self._found("key", "accepted", "or not asked for")
        found = probes.limit_finding("max_tokens", first), probes.limit_finding("max_completion_tokens", second)
        self.findings += found
        if first.reply is None and second.reply is None:
            raise EndpointUnusable(f"answers no question: {first.said}", where=self.call.shown)
        if first.reply is not None and (found[0].word == "held" or found[1].word != "held"):
            return replace(self.dialect, limit_parameter="max_tokens")
        return replace(self.dialect, limit_parameter="max_completion_tokens")

    def _rest(self, model: str, dialect: Dialect, temperature: float | None) -> None:
        self.begin("logprobs")
        weighed = self._try(probes.logprobs_body(model, dialect, self.label, temperature), logprobs=True)
        self.findings.append(probes.logprobs_finding(weighed))
        self.begin("seed")
        drawing = probes.seed_body(model, dialect, self.label, None if temperature is None else 1.0)
        drawn = [self._try(drawing)]
        if drawn[0].reply is not None:
            drawn.append(self._try(drawing))
        self.findings.append(probes.seed_finding(drawn))
        self.findings.append(probes.usage_finding(self.attempts))
        self.begin("concurrency")
        self.findings.append(self._at_once(probes.red_body(model, dialect, self.label, temperature)))
        self.begin("prompt cache")
        prefixed = probes.prefix_body(model, dialect, self.label, temperature, self.mark)
        self.findings.append(probes.caching_finding(self._try(prefixed), self._try(prefixed)))
        context = probes.context_in(self.listing, model)
        self._found("context", *(("told", f"{context:,} tokens", {"tokens": context}) if context else ("not told",)))

    def _at_once(self, body: Mapping[str, Any]) -> Finding:
        levels: list[tuple[list[Attempt], float]] = []
        with ThreadPoolExecutor(_LEVELS[-1]) as pool:
            for number, size in enumerate(_LEVELS):
                if number < 2:
                    self.due -= size
                elif not self._has_room(size):
                    break
                started = self.clock()
                tried = list(pool.map(lambda _: self._once(body), range(size)))
                levels.append((tried, self.clock() - started))
                self._count(tried)
                if probes.is_saturated(levels):
                    break
        return probes.concurrency_finding(levels)

    def _first(self, body: Mapping[str, Any]) -> Attempt:
        """The first question: what no question could be answered for ends the examination."""
        attempt = self._try(body)
        for _ in range(_PATIENCE - 1):
            if not isinstance(attempt.verdict, Retry) or not self._has_room():
                break
            self.due += 1  # the same question
            attempt = self._try(body)
        verdict = attempt.verdict
        if isinstance(verdict, EndpointUnusable) and not isinstance(verdict, FormRefused):
            self._found("key" if "key" in verdict.what else "chat", "refused", verdict.what)
            raise verdict
        if isinstance(verdict, Retry):
            raise verdict.unusable or EndpointUnusable(f"answers no question: {verdict.reason}", where=self.call.shown)
        return attempt

    def _try(self, body: Mapping[str, Any], *, logprobs: bool = False) -> Attempt:
        """One request, and another one where the endpoint asks to wait and there is room for it."""
        self.due -= 1
        attempt = self._once(body, logprobs=logprobs)
        self._count([attempt])
        if isinstance(attempt.verdict, Retry) and attempt.verdict.unusable is None and self._has_room():
            self.sleep(min(_LONGEST_WAIT, 1.0 if attempt.verdict.after is None else attempt.verdict.after))
            attempt = self._once(body, logprobs=logprobs)
            self._count([attempt])
        return attempt

    def _has_room(self, more: int = 1) -> bool:
        """Whether *more* requests than those due may be sent."""
        return self.requests + self.due + more <= _MOST_REQUESTS

    def _count(self, tried: list[Attempt]) -> None:
        self.requests += len(tried)
        self.attempts += tried
        self.proven = self.proven or any(one.reply is not None for one in tried)

    def _once(self, body: Mapping[str, Any], *, logprobs: bool = False) -> Attempt:
        def send(client: OpenAI) -> httpx2.Response:
            import httpx2

            return client.post("/chat/completions", cast_to=httpx2.Response, body=dict(body))

        started = self.clock()
        try:
            answer = self.call.answer(send)
        except AgainError as again:
            return Attempt(ConnectionFailed(again.retry.reason), seconds=self.clock() - started)
        except QuotesError as error:
            return Attempt(error, seconds=self.clock() - started)
        seconds = self.clock() - started
        constrained = "response_format" in body or "tools" in body
        redactor = self.call.redactor
        asked = Asked(
            str(body["model"]), self.call.shown, constrained, self.proven, redactor, logprobs, frozenset(body)
        )
        return Attempt(judge(answer, asked), *_parts(answer), seconds)

    def _unreachable(self, again: AgainError) -> EndpointUnusable:
        self._found("reachable", "no", again.retry.reason)
        remedy = "start the server, or check --base-url"
        return EndpointUnusable(f"gives no answer: {again.retry.reason}", where=self.call.shown, remedy=remedy)

    def _found(self, name: str, word: str, detail: str = "", facts: Mapping[str, Any] | None = None) -> None:
        self.findings.append(Finding(name, word, detail, facts or {}))


def _list_models(client: OpenAI) -> httpx2.Response:
    import httpx2

    return client.get("/models", cast_to=httpx2.Response)


def _parts(answer: Answer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The message in *answer* and its usage, as they came."""
    body = parsed(answer.text)
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message, usage = choice.get("message"), body.get("usage") if isinstance(body, dict) else None
    return message if isinstance(message, dict) else {}, usage if isinstance(usage, dict) else {}


def _said(verdict: Any) -> str:
    return verdict.what if isinstance(verdict, QuotesError) else str(getattr(verdict, "reason", verdict))


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN_MODELS])
    return f"{shown} and {len(names) - _SHOWN_MODELS:,} more" if len(names) > _SHOWN_MODELS else shown


def _rung(name: str | None) -> Rung:
    return next((rung for rung in _RUNGS if rung == name), "prompt")
