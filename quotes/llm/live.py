"""The live backend: sends requests to an OpenAI-compatible endpoint and waits where waiting helps.

What an answer means is decided in ``outcomes``; here are the connection, the retries, and the point at
which an endpoint is given up. ``openai``, ``httpx2`` and ``tenacity`` are imported with the first call.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quotes.errors import ConnectionFailed, EndpointUnusable, QuotesError, RequestFailed, UsageError
from quotes.llm.address import OPENAI_URL, checked_url, is_loopback, shown_url
from quotes.llm.headers import LONGEST_WAIT
from quotes.llm.outcomes import Answer, Asked, Retry, judge
from quotes.llm.redaction import Redactor

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI
    from tenacity import RetryCallState

    from quotes.exchange import Reply, Request

Sleep = Callable[[float], Awaitable[None]]

_REMEDY_LATER = "give the same command again later: it asks only for what is missing"
_NO_KEY = "no-key-needed"  # the client insists on one
# Everything else is left out, so that no variable of the environment the client reads reaches a host by a header.
_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent"}
)
_HEADERS_OF_OPENAI = frozenset({"openai-organization", "openai-project"})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is tried, and how long is waited between two tries. Waits are in seconds.

    The wait before the second try lies between half of *first_wait* and all of it; each later one doubles,
    up to *longest_wait*. Where the endpoint says how long, that is waited. *timeouts* bounds the tries that
    may end in a timeout, as each costs minutes. *opening_tries* goes for connections while the endpoint has
    never answered; *failures_in_a_row* requests that got no answer at all end the run.
    """

    tries: int = 6
    timeouts: int = 2
    first_wait: float = 1.0
    longest_wait: float = LONGEST_WAIT
    opening_tries: int = 3
    opening_wait: float = 0.5
    failures_in_a_row: int = 20


class _AgainError(Exception):
    """A try that is worth another."""

    def __init__(self, retry: Retry, *, kind: str = "status") -> None:
        super().__init__(retry.reason)
        self.retry = retry
        self.kind = kind  # "status", or without an answer: "connect", "timeout", "broken"


class LiveEndpoint:
    """A ``Backend`` that asks the endpoint at *base_url*. It belongs to the event loop of its first call.

    At most *concurrency* requests are on the way at a time; one try may take *timeout* seconds. *sleep* and
    *uniform* (a number between two bounds) are what waiting and jitter are made of.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 600.0,
        concurrency: int = 8,
        policy: RetryPolicy | None = None,
        sleep: Sleep = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Nothing is sent and nothing imported yet.

        Raises:
            UsageError: *base_url* is no http address or holds a password, or *api_key* fits into no header.
        """
        self._url = checked_url(base_url)
        self._shown = shown_url(base_url)
        self._key = _checked_key(api_key)
        self._redactor = Redactor(self._key)
        self._timeout = timeout
        self._connect_timeout = min(timeout, 10.0)
        self._concurrency = concurrency
        self._policy = policy or RetryPolicy()
        self._sleep = sleep
        self._uniform = uniform
        self._window = asyncio.Semaphore(concurrency)
        self._client: AsyncOpenAI | None = None
        self._reached = False  # an answer of any kind has come
        self._proven = False  # a good one has
        self._failures = 0  # requests in a row without an answer
        self._unusable: EndpointUnusable | None = None

    def __repr__(self) -> str:
        return f"LiveEndpoint({self._shown!r})"

    async def complete(self, request: Request) -> Reply:
        """The endpoint's reply to *request*, whose body is sent as it is.

        Raises:
            RequestFailed: beyond all retries; ConnectionFailed where no answer came at all.
            EndpointUnusable: no request of this run can succeed.
        """
        from tenacity import AsyncRetrying, retry_if_exception_type

        where = f"{request.article or 'request'}: chunk {request.chunk}"
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=self._is_enough,
            wait=self._wait,
            retry=retry_if_exception_type(_AgainError),
            reraise=True,
        )
        try:
            return await retrying(self._try, request)
        except _AgainError as again:
            raise self._given_up(again, where) from None
        except EndpointUnusable as error:
            self._unusable = self._unusable or error
            raise
        except RequestFailed as error:
            raise type(error)(error.what, where=where, remedy=error.remedy) from None

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _try(self, request: Request) -> Reply:
        if self._unusable is not None:
            raise self._unusable
        async with self._window:
            answer = await self._send(request)
        self._reached, self._failures = True, 0
        verdict = judge(answer, self._asked(request))
        if isinstance(verdict, Retry):
            raise _AgainError(verdict)
        if isinstance(verdict, QuotesError):
            raise verdict
        self._proven = True
        return verdict

    async def _send(self, request: Request) -> Answer:
        import httpx2
        import openai

        if self._client is None:
            self._client = self._connect()
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=dict(request.body)
                )
        except openai.APIStatusError as error:
            response = error.response
        except (openai.APITimeoutError, TimeoutError) as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                reason = f"no connection within {self._connect_timeout:g} s"
                raise _AgainError(Retry(reason), kind="connect") from None
            reason = f"no answer within {self._timeout:g} s"
            raise _AgainError(Retry(reason), kind="timeout") from None
        except openai.APIConnectionError as error:
            raise self._broken(error) from None
        except (UnicodeEncodeError, ValueError, TypeError) as error:
            raise RequestFailed(f"the request cannot be sent as JSON ({type(error).__name__})") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, response.text, headers, time.time())

    def _connect(self) -> AsyncOpenAI:
        import httpx2
        import openai

        allowed = _HEADERS | _HEADERS_OF_OPENAI if self._url == OPENAI_URL else _HEADERS

        async def only_needed_headers(request: httpx2.Request) -> None:
            for name in set(request.headers) - allowed:
                del request.headers[name]

        limits = httpx2.Limits(max_connections=self._concurrency, max_keepalive_connections=self._concurrency)
        client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(self._timeout, connect=self._connect_timeout, pool=None),
            limits=limits,
            follow_redirects=False,  # the key and the text go where the user pointed, nowhere else
            trust_env=not is_loopback(self._url),  # a proxy cannot reach this machine's own servers
            event_hooks={"request": [only_needed_headers]},
        )
        return openai.AsyncOpenAI(
            api_key=self._key or _NO_KEY, base_url=self._url, max_retries=0, timeout=client.timeout, http_client=client
        )

    def _asked(self, request: Request) -> Asked:
        return Asked(
            model=str(request.body.get("model", "")),
            url=self._shown,
            constrained="response_format" in request.body or "tools" in request.body,
            proven=self._proven,
            redactor=self._redactor,
            logprobs=bool(request.body.get("logprobs")),
        )

    def _broken(self, error: BaseException) -> _AgainError:
        import httpx2

        causes = list(_causes(error))
        reason = next((_reason(cause) for cause in reversed(causes) if isinstance(cause, OSError)), "")
        reason = reason or next((str(cause) for cause in reversed(causes) if str(cause)), "the connection broke")
        connecting = any(isinstance(cause, (httpx2.ConnectError, httpx2.ProxyError)) for cause in causes)
        return _AgainError(Retry(self._redactor.line(reason)), kind="connect" if connecting else "broken")

    def _is_enough(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome is not None else None
        tries = self._policy.tries
        if isinstance(error, _AgainError):
            if error.kind == "connect" and not self._reached:
                tries = self._policy.opening_tries
            elif error.kind == "timeout":
                tries = self._policy.timeouts
        return state.attempt_number >= tries

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        policy = self._policy
        base = policy.first_wait
        if isinstance(error, _AgainError):
            if error.retry.after is not None:
                # Never earlier than asked; a little later, so that those told the same do not all come at once.
                return min(error.retry.after + self._uniform(0.0, 0.25), policy.longest_wait)
            if error.kind == "connect" and not self._reached:
                base = policy.opening_wait
        longest = min(base * 2.0 ** (state.attempt_number - 1), policy.longest_wait)
        return self._uniform(longest / 2, longest)

    def _given_up(self, again: _AgainError, where: str) -> QuotesError:
        reason = again.retry.reason
        if again.kind == "status":
            what = f"no reply after {self._policy.tries} tries, the last: {reason}"
            return RequestFailed(what, where=where, remedy=_REMEDY_LATER)
        if again.kind == "connect" and not self._reached:
            return self._give_up(f"nothing listens there: {reason}", "start the server, or check --base-url")
        self._failures += 1
        if self._failures >= self._policy.failures_in_a_row:
            what = f"{self._failures} requests in a row got no answer, the last: {reason}"
            return self._give_up(what, "check the server and the network, then run the same command again")
        return ConnectionFailed(f"the endpoint gave no answer: {reason}", where=where, remedy=_REMEDY_LATER)

    def _give_up(self, what: str, remedy: str) -> EndpointUnusable:
        self._unusable = self._unusable or EndpointUnusable(what, where=self._shown, remedy=remedy)
        return self._unusable


def _checked_key(key: str | None) -> str | None:
    """*key* without the white space that copying leaves around it."""
    stripped = (key or "").strip()
    if not (stripped.isascii() and stripped.isprintable()):
        raise UsageError("the key holds characters that no key has", remedy="copy it again")
    return stripped or None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _reason(error: OSError) -> str:
    # asyncio puts the address in place of the reason; negative numbers are the resolver's and have their own words.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
