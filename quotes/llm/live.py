"""The live backend: sends requests to an OpenAI-compatible endpoint and waits where waiting helps.

What an answer means is decided in ``outcomes``, when a try may go in ``entrance``; here are the retries, and the point
at which an endpoint is given up. ``openai`` and ``httpx2`` are imported with the first call, ``tenacity`` with the
first try that fails.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from quotes.errors import ConnectionFailed, EndpointUnusable, FormRefused, QuotesError, RequestFailed
from quotes.exchange import Reply, Tell, Usage, ignore
from quotes.llm.address import checked_url, is_loopback, shown_url
from quotes.llm.connection import Connection, NoAnswer, payload
from quotes.llm.entrance import Ending, Entrance, OwnEntrance
from quotes.llm.ledger import Ledger, Ticket, draw_up
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.retrying import AgainError, RetryPolicy
from quotes.llm.transport import KeyHeader, Transport, credentials, missing_key
from quotes.llm.window import Result

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
    answer: Answer | None = None
    told: dict[str, int | str] = field(default_factory=lambda: {"error": "cancelled"})

    @property
    def ending(self) -> Ending:
        """The same, for those who decide when others may go."""
        answer = self.answer
        if answer is None:
            return Ending(self.result, self.rest, self.usage)
        return Ending(self.result, self.rest, self.usage, answer.headers, answer.now)


class LiveEndpoint:
    """A ``Backend`` that asks the endpoint at *base_url*. It belongs to the event loop of its first call.

    At most *concurrency* requests are on the way at a time, fewer while the endpoint is busy; at most *rpm* requests
    and *tpm* tokens a minute. One try may take *timeout* seconds and is written into *ledger*. *headers* go with every
    request and are secret but for a few, *query* behind every address; the key goes into *key_header*; requests are
    sent to *path* below the base URL, by *transport*. *entrance*, where given, stands in for all of these limits but
    *timeout*. *tell* hears of the events ``try``, ``retry``, ``cooldown`` and ``window``. *clock* (seconds, monotonic),
    *sleep* and *uniform* (a number between two bounds) are what waiting and jitter are made of.
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
        transport: Transport = "httpx",
        rpm: int | None = None,
        tpm: int | None = None,
        ledger: Ledger | None = None,
        entrance: Entrance | None = None,
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
            url,
            headers=shown.headers,
            query=query,
            path=path,
            timeout=timeout,
            concurrency=concurrency,
            transport=transport,
        )
        self._policy = policy or RetryPolicy()
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform
        useless = missing_key(url, keyed=self._keyed)
        self._entrance = entrance or OwnEntrance(
            concurrency, rpm, tpm, ledger, useless=useless, tell=tell, clock=clock, sleep=sleep
        )
        if entrance is not None and useless is not None:
            entrance.give_up(useless)
        self._reached = False  # an answer of any kind has come
        self._proven = False  # a good one has
        self._failures = 0  # requests in a row without a reply

    def __repr__(self) -> str:
        return f"LiveEndpoint({self._shown!r})"

    async def complete(self, request: Request) -> Reply:
        """The endpoint's reply to *request*, whose body is sent as it is.

        Raises:
            RequestFailed: beyond all retries; ConnectionFailed where no answer came at all.
            EndpointUnusable: no request of this run can succeed, or (FormRefused) none of this form.
            BudgetSpent: the next try might pass a limit of the ledger.
        """
        where = f"{request.article or 'request'}: chunk {request.chunk}"
        try:
            body = payload(request.body)
            ticket = draw_up(request, body)
        except (ValueError, TypeError) as error:
            raise RequestFailed(f"the request cannot be sent as JSON ({type(error).__name__})", where=where) from None
        ended: list[AgainError] = []
        try:
            return await self._persistently(lambda: self._try(request, body, ticket, len(ended) + 1), ended)
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

    async def _persistently(self, one_try: Callable[[], Awaitable[Reply]], ended: list[AgainError]) -> Reply:
        """What *one_try* brings, which is made again as long as that may help; *ended* takes those that failed."""
        try:
            return await one_try()  # nearly all of them are good, and need no machinery
        except AgainError as again:
            failed = [again]

        from tenacity import AsyncRetrying, retry_if_exception_type

        async def next_try() -> Reply:
            if failed:
                raise failed.pop()
            return await one_try()

        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=lambda state: self._is_enough(state, ended),
            wait=self._wait,
            before_sleep=self._tell_retry,
            retry=retry_if_exception_type(AgainError),
            reraise=True,
        )
        return await retrying(next_try)

    async def _try(self, request: Request, body: bytes, ticket: Ticket, attempt: int) -> Reply:
        passage = await self._entrance.enter(ticket, again=attempt > 1)
        begun, fate = self._clock(), _Fate()
        try:
            return await self._outcome(request, body, fate)
        finally:
            self._entrance.leave(passage, fate.ending)
            self._tell_try(request, attempt, fate, begun)

    def _tell_try(self, request: Request, attempt: int, fate: _Fate, begun: float) -> None:
        if self._tell is not ignore:  # the key is a digest of all that was sent
            about = {"key8": request.key[:8], "article": request.article, "chunk": request.chunk, "attempt": attempt}
            self._tell("try", about | fate.told | {"seconds": round(self._clock() - begun, 3)})

    async def _outcome(self, request: Request, body: bytes, fate: _Fate) -> Reply:
        """The reply to *request*, sent as *body*, which has passed the gate; what became of it goes into *fate*."""
        try:
            answer = await self._connection.send(body)
        except NoAnswer as trouble:
            fate.told = {"error": trouble.kind}
            fate.usage = Usage() if trouble.kind == "connect" else None
            raise AgainError(Retry(self._redactor.line(trouble.reason)), kind=trouble.kind) from None
        except RequestFailed:
            fate.told = {"error": "unreadable"}
            raise
        self._reached = True
        fate.answer = answer
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
        return self._entrance.give_up(error)


def _again(state: RetryCallState) -> AgainError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, AgainError) else None


def _used(answer: Answer, verdict: Reply | Retry | QuotesError) -> Usage | None:
    """What the try used that ended so; ``None`` where the endpoint did something and does not say how much."""
    if isinstance(verdict, Reply) and (verdict.usage.prompt_tokens or verdict.usage.completion_tokens):
        return verdict.usage
    did_nothing = isinstance(verdict, QuotesError) or not 200 <= answer.status < 300
    return Usage() if did_nothing else None
