"""Calls of a service that block: the connection, the tries, and what an answer without a good status means.

The rules are those of the live client: no redirect is followed, only needed headers are sent, keys are in no
message, and what an answer means is told by ``outcomes``. ``openai`` and the like are imported with the first call.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from quotes.errors import EndpointUnusable, QuotesError, RequestFailed
from quotes.exchange import Reply
from quotes.llm.address import checked_url, is_loopback, shown_url
from quotes.llm.outcomes import LARGEST_ANSWER, Answer, Asked, Retry, judge
from quotes.llm.retrying import AgainError, RetryPolicy
from quotes.llm.transport import (
    CONNECT_TIMEOUT,
    PLACEHOLDER,
    KeyHeader,
    causes_of,
    credentials,
    header_filter,
    missing_key,
    words_of,
)

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI
    from tenacity import RetryCallState

_T = TypeVar("_T")

Missing = Callable[[Answer], Exception]
"""What a status of 404, 405 or 501 means."""

_NOT_THERE: Final = frozenset({404, 405, 501})
_CERTAIN: Final = frozenset({408, 425, 429})
"""Statuses to be tried again that tell that nothing was done."""
LATER: Final = "give the same command again later"
_FULL: Final = 413
_CONFLICT: Final = 409


class Unavailable(RequestFailed):
    """A service gave no good answer beyond all tries. Later it may."""


class UnclearError(AgainError):
    """A try that is worth another, after which what was asked for may have been done all the same."""


class Caller:
    """Calls at *base_url*, one at a time. *timeout* is how many seconds a service may be silent, not how long a file
    takes. *sleep* (seconds) and *uniform* (a number between two bounds) are what waiting and jitter are made of."""

    def __init__(
        self,
        base_url: str | None,
        api_key: str | None,
        *,
        timeout: float,
        policy: RetryPolicy,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        key_header: KeyHeader,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Nothing is sent and nothing imported yet.

        Raises:
            UsageError: *base_url* is no http address or holds a password, or a header or the key fits into none.
        """
        self._url = checked_url(base_url)
        self.shown = shown_url(base_url)
        shown = credentials(api_key, headers, query, key_header)
        self._headers, self.redactor = shown.headers, shown.redactor
        self._missing_key = missing_key(self._url, keyed=shown.keyed)
        self._timeout = timeout
        self._policy = policy
        self._query = dict(query)
        self.sleep = sleep
        self._uniform = uniform
        self._client: OpenAI | None = None
        self._reached = False  # an answer of any kind has come
        self._proven = False  # a good one has

    def tried(self, work: Callable[[], _T]) -> _T:
        """What *work* returns, which is done again while it raises an ``AgainError`` and tries are left.

        Raises:
            Unavailable: it failed beyond all tries.
            EndpointUnusable: nothing listens there, or as *work* says.
        """
        from tenacity import Retrying, retry_if_exception_type

        ended: list[AgainError] = []
        retrying = Retrying(
            sleep=self.sleep,
            stop=lambda state: self._is_enough(state, ended),
            wait=self._wait,
            retry=retry_if_exception_type(AgainError),
            reraise=True,
        )
        try:
            return retrying(work)
        except AgainError as again:
            raise self._given_up(again) from None

    def json(
        self, send: Callable[[OpenAI], httpx2.Response], missing: Missing, read: Callable[[dict[str, Any]], _T | None]
    ) -> _T:
        """What *read* makes of the JSON object that one try of *send* brings; ``None`` is what makes no sense.

        Raises:
            AgainError: it is worth another try.
            QuotesError: it is not.
        """
        with self.answering(send, missing) as response:
            text = response.read()
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        result = read(found) if isinstance(found, dict) else None
        if result is not None:
            self._proven = True
            return result
        if self._proven:
            raise UnclearError(Retry("the answer is no JSON of a batch or file"))
        remedy = "check --base-url: does it end in /v1?"
        what = "answers with something else than a batch or file: no Batch API"
        raise EndpointUnusable(what, where=self.shown, remedy=remedy)

    @contextmanager
    def answering(self, send: Callable[[OpenAI], httpx2.Response], missing: Missing) -> Iterator[httpx2.Response]:
        """The answer of good status to one try of *send*. But for one that is streamed, it is bounded.

        Raises:
            AgainError: there is none, or it breaks off, which is worth another try.
            QuotesError: there is none, and will be none, or it is too large.
        """
        import httpx2

        response = self._sent(send)
        try:
            if not 200 <= response.status_code < 300:
                raise self._refusal(_answer_of(response), missing)
            yield response
        except httpx2.HTTPError as error:
            raise self._broken(error) from None
        finally:
            response.close()

    def answer(self, send: Callable[[OpenAI], httpx2.Response]) -> Answer:
        """The answer to one try of *send*, whatever its status.

        Raises:
            AgainError: there is none, or it breaks off.
            RequestFailed: it is too large.
        """
        import httpx2

        response = self._sent(send)
        try:
            return _answer_of(response)
        except httpx2.HTTPError as error:
            raise self._broken(error) from None
        finally:
            response.close()

    def _sent(self, send: Callable[[OpenAI], httpx2.Response]) -> httpx2.Response:
        import openai

        if self._missing_key is not None:
            raise self._missing_key
        if self._client is None:
            self._client = self._connect()
        try:
            response = send(self._client)
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            raise self._broken(error) from None
        except RequestFailed as error:  # too large
            raise RequestFailed(error.what, where=self.shown) from None
        self._reached = True
        return response

    def _refusal(self, answer: Answer, missing: Missing) -> Exception:
        """What to raise for *answer*, whose status is no good one."""
        if answer.status in _NOT_THERE:
            return missing(answer)
        asked = Asked("", self.shown, False, self._proven, self.redactor, parameters=frozenset())
        found = judge(answer, asked)
        if isinstance(found, Retry) and answer.status == _CONFLICT:  # of a batch or file, it stays as it is
            return RequestFailed(f"the service refused the request ({found.reason})", where=self.shown)
        if isinstance(found, Retry):
            return AgainError(found) if answer.status in _CERTAIN else UnclearError(found)
        if isinstance(found, Reply):  # it would be one for a chat completion
            said = f": {found.detail}" if found.detail else ""
            remedy = "lower --part-bytes" if answer.status == _FULL else ""
            what = f"the service refused the request (status {answer.status}){said}"
            return RequestFailed(what, where=self.shown, remedy=remedy)
        return found

    def _broken(self, error: BaseException) -> AgainError:
        """What to raise where *error* ended a try."""
        import httpx2

        causes = causes_of(error)
        words = self.redactor.line(words_of(causes))
        if any(isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError) for cause in causes):
            return AgainError(Retry(words), kind="connect")
        if any(isinstance(cause, httpx2.TimeoutException) for cause in causes):
            return UnclearError(Retry(f"no answer within {self._timeout:g} s"), kind="timeout")
        return UnclearError(Retry(words), kind="broken")

    def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connect(self) -> OpenAI:
        import httpx2
        import openai

        from quotes.llm.bounded import BlockingBoundedClient

        client = BlockingBoundedClient(
            most=LARGEST_ANSWER,
            timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, CONNECT_TIMEOUT)),
            follow_redirects=False,  # the key and the text go where the user pointed, nowhere else
            trust_env=not is_loopback(self._url),  # a proxy cannot reach this machine's own servers
            event_hooks={"request": [header_filter(self._url, self._headers)]},
        )
        return openai.OpenAI(
            api_key=PLACEHOLDER,
            base_url=self._url,
            max_retries=0,
            timeout=client.timeout,
            default_query=self._query,
            http_client=client,
        )

    def _is_enough(self, state: RetryCallState, ended: list[AgainError]) -> bool:
        """Whether the try of *state*, which joins those that have *ended*, was the last one."""
        error = state.outcome.exception() if state.outcome is not None else None
        if not isinstance(error, AgainError):
            return True
        ended.append(error)
        return self._policy.is_enough(ended, reached=self._reached, proven=self._proven)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        assert isinstance(error, AgainError)
        return self._policy.wait(error, state.attempt_number, reached=self._reached, uniform=self._uniform)

    def _given_up(self, again: AgainError) -> QuotesError:
        reason = again.retry.reason
        if again.kind == "status":
            return Unavailable(f"no good answer, the last: {reason}", where=self.shown, remedy=LATER)
        if again.kind == "connect" and not self._reached:
            remedy = "start the server, or check --base-url"
            return EndpointUnusable(f"nothing listens there: {reason}", where=self.shown, remedy=remedy)
        return Unavailable(f"the service gave no answer: {reason}", where=self.shown, remedy=LATER)


def _answer_of(response: httpx2.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, response.read().decode("utf-8", "replace"), headers, time.time())
