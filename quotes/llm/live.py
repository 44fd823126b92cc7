"""The live backend: sends requests to an OpenAI-compatible endpoint and waits where waiting helps.

What an answer means is decided in ``outcomes``, how many go at a time in ``window``, what they may use in ``ledger``;
here are the retries, and the point at which an endpoint is given up. ``openai``, ``httpx2`` and ``tenacity`` are
imported with the first call.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from quotes.errors import ConnectionFailed, EndpointUnusable, FormRefused, QuotesError, RequestFailed
from quotes.exchange import Reply, Tell, Usage, ignore
from quotes.llm.address import checked_url, is_loopback, shown_url
from quotes.llm.connection import Connection, NoAnswer
from quotes.llm.ledger import Ledger, Ticket, draw_up
from quotes.llm.limiter import Limiter
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.retrying import AgainError, RetryPolicy
from quotes.llm.transport import KeyHeader, credentials, missing_key
from quotes.llm.window import Gate, Passage, Result, Window

if TYPE_CHECKING:
    from tenacity import RetryCallState

    from quotes.exchange import Request

__all__ = ["LiveEndpoint", "RetryPolicy"]

Sleep = Callable[[float], Awaitable[None]]
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_REMEDY_LATER: Final = "give the same command again later: it asks only for what is missing"
_NO_KEY: Final = "; no key was sent: set QUOTES_API_KEY if it wants one"
_BUSY: Final = frozenset({"status 429", "status 503", "status 529"})


@dataclass(slots=True)
class _Fate:
    """What became of a try: *usage* is ``None`` while that is unknown, *told* is its part of the event."""

    usage: Usage | None = None
    result: Result = "other"
    rest: float | None = None
    told: dict[str, int | str] = field(default_factory=lambda: {"error": "cancelled"})


class LiveEndpoint:
    """A ``Backend`` that asks the endpoint at *base_url*. It belongs to the event loop of its first call.

    At most *concurrency* requests are on the way at a time, fewer while the endpoint is busy; at most *rpm* requests
    and *tpm* tokens a minute. One try may take *timeout* seconds and is written into *ledger*. *headers* go with every
    request and are secret but for a few, *query* behind every address; the key goes into *key_header*; requests are
    sent to *path* below the base URL. *tell* hears of the events ``try``, ``retry``, ``cooldown`` and ``window``.
    *clock* (seconds, monotonic), *sleep* and *uniform* (a number between two bounds) are what waiting and jitter are
    made of.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 600.0,
        concurrency: int = 8,
        policy: RetryPolicy | None = None,
        headers: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        key_header: KeyHeader = "authorization",
        path: str = "/chat/completions",
        rpm: int | None = None,
        tpm: int | None = None,
        ledger: Ledger | None = None,
        tell: Tell = ignore,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Nothing is sent and nothing imported yet.

        Raises:
            UsageError: *base_url* is no http address or holds a password or key, or a key or header fits into none.
        """
        url = checked_url(base_url)
        self._shown = shown_url(base_url)
        shown = credentials(api_key, headers, query, key_header)
        self._keyed, self._redactor = shown.keyed, shown.redactor
        self._is_local = is_loopback(url)
        self._connection = Connection(
            url, headers=shown.headers, query=query, path=path, timeout=timeout, concurrency=concurrency
        )
        self._policy = policy or RetryPolicy()
        self._ledger = Ledger() if ledger is None else ledger
        self._limiter = Limiter(rpm, tpm)
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform
        self._gate = Gate(
            Window(concurrency), self._limiter, clock=clock, sleep=sleep, check=self._refuse_useless, tell=tell
        )
        self._reached = False  # an answer of any kind has come
        self._proven = False  # a good one has
        self._failures = 0  # requests in a row without a reply
        self._unusable: EndpointUnusable | None = missing_key(url, keyed=self._keyed)

    def __repr__(self) -> str:
        return f"LiveEndpoint({self._shown!r})"

    async def complete(self, request: Request) -> Reply:
        """The endpoint's reply to *request*, whose body is sent as it is.

        Raises:
            RequestFailed: beyond all retries; ConnectionFailed where no answer came at all.
            EndpointUnusable: no request of this run can succeed, or (FormRefused) none of this form.
            BudgetSpent: the next try might pass a limit of the ledger.
        """
        from tenacity import AsyncRetrying, retry_if_exception_type

        where = f"{request.article or 'request'}: chunk {request.chunk}"
        try:
            ticket = draw_up(request)
        except (ValueError, TypeError) as error:
            raise RequestFailed(f"the request cannot be sent as JSON ({type(error).__name__})", where=where) from None
        ended: list[AgainError] = []
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=lambda state: self._is_enough(state, ended),
            wait=self._wait,
            before_sleep=self._tell_retry,
            retry=retry_if_exception_type(AgainError),
            reraise=True,
        )
        try:
            return await retrying(self._try, request, ticket, itertools.count(1))
        except AgainError as again:
            raise self._given_up(again, len(ended), where) from None
        except FormRefused:
            raise  # others of another form may be taken
        except EndpointUnusable as error:
            raise self._give_up(error) from None
        except RequestFailed as error:
            raise type(error)(error.what, where=where, remedy=error.remedy) from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()

    async def _try(self, request: Request, ticket: Ticket, tries: Iterator[int]) -> Reply:
        attempt = next(tries)
        passage = await self._gate.enter(
            self._ledger.most(ticket), lambda: self._ledger.admit(ticket, again=attempt > 1)
        )
        begun, fate = self._clock(), _Fate()
        try:
            return await self._outcome(request, passage, fate)
        finally:
            used = None if fate.usage is None else fate.usage.prompt_tokens + fate.usage.completion_tokens
            self._gate.leave(passage, fate.result, rest=fate.rest, tokens=used)
            self._ledger.settle(passage.ticket, fate.usage)
            about = {"key8": request.key[:8], "article": request.article, "chunk": request.chunk, "attempt": attempt}
            self._tell("try", about | fate.told | {"seconds": round(self._clock() - begun, 3)})

    async def _outcome(self, request: Request, passage: Passage[Ticket], fate: _Fate) -> Reply:
        """The reply to *request*, which has passed the gate; what became of the try is written into *fate*."""
        try:
            answer = await self._connection.send(request.body)
        except NoAnswer as trouble:
            fate.told = {"error": trouble.kind}
            fate.usage = Usage() if trouble.kind == "connect" else None
            raise AgainError(Retry(self._redactor.line(trouble.reason)), kind=trouble.kind) from None
        except RequestFailed:
            fate.told = {"error": "unreadable"}
            raise
        self._reached = True
        self._limiter.hear(passage.share, answer.headers, self._clock(), answer.now)
        verdict = judge(answer, self._asked(request))
        fate.told, fate.usage = {"status": answer.status}, _used(answer, verdict)
        if isinstance(verdict, Retry):
            again = AgainError(verdict)
            if again.brief in _BUSY:
                fate.result, fate.rest = "busy", verdict.after
            raise again
        self._failures = 0
        if isinstance(verdict, QuotesError):
            raise verdict
        self._proven, fate.result = True, "clean"
        return verdict

    def _asked(self, request: Request) -> Asked:
        return Asked(
            model=str(request.body.get("model", "")),
            url=self._shown,
            constrained="response_format" in request.body or "tools" in request.body,
            proven=self._proven,
            redactor=self._redactor,
            logprobs=bool(request.body.get("logprobs")),
            parameters=frozenset(request.body),
            keyed=self._keyed,
        )

    def _refuse_useless(self) -> None:
        if self._unusable is not None:
            raise self._unusable

    def _is_enough(self, state: RetryCallState, ended: list[AgainError]) -> bool:
        """Whether the try of *state*, which joins those that have *ended*, was the last one."""
        again = _again(state)
        if again is None:
            return True
        ended.append(again)
        return self._policy.is_enough(ended, reached=self._reached, proven=self._proven)

    def _wait(self, state: RetryCallState) -> float:
        again = _again(state)
        if again is None:
            return 0.0
        return self._policy.wait(again, state.attempt_number, reached=self._reached, uniform=self._uniform)

    def _tell_retry(self, state: RetryCallState) -> None:
        again = _again(state)
        if again is not None and state.next_action is not None:
            self._tell("retry", {"reason": again.brief, "wait": round(state.next_action.sleep, 3)})

    def _given_up(self, again: AgainError, tries: int, where: str) -> QuotesError:
        reason = again.retry.reason
        if again.retry.unusable is not None and not self._proven:
            return self._give_up(again.retry.unusable)
        if again.kind == "connect" and not self._reached:
            remedy = "start the server, or check --base-url" + ("" if self._keyed or self._is_local else _NO_KEY)
            return self._give_up(EndpointUnusable(f"nothing listens there: {reason}", where=self._shown, remedy=remedy))
        self._failures += 1
        if self._failures >= self._policy.failures_in_a_row:
            what = f"{self._failures} requests in a row got no reply, the last: {reason}"
            remedy = "check the server and the network, then run the same command again"
            return self._give_up(EndpointUnusable(what, where=self._shown, remedy=remedy))
        if again.kind == "status":
            what = f"no reply after {tries} tries, the last: {reason}"
            return RequestFailed(what, where=where, remedy=_REMEDY_LATER)
        return ConnectionFailed(f"the endpoint gave no answer: {reason}", where=where, remedy=_REMEDY_LATER)

    def _give_up(self, error: EndpointUnusable) -> EndpointUnusable:
        """From now on every request ends in *error*, or in the one that came first; those that wait for their turn
        need not wait."""
        self._unusable = self._unusable or error
        self._gate.wake()
        return self._unusable


def _again(state: RetryCallState) -> AgainError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, AgainError) else None


def _used(answer: Answer, verdict: Reply | Retry | QuotesError) -> Usage | None:
    """What the try used that ended so; ``None`` where the endpoint did something and does not say how much."""
    if isinstance(verdict, Reply) and (verdict.usage.prompt_tokens or verdict.usage.completion_tokens):
        return verdict.usage
    did_nothing = isinstance(verdict, QuotesError) or not 200 <= answer.status < 300
    return Usage() if did_nothing else None
