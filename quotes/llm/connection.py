"""The connection: one try, from the body of a request to the whole answer, or to the reason why there is none.

``openai`` and ``httpx2`` are imported with the first try.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from quotes.llm.address import is_loopback
from quotes.llm.outcomes import LARGEST_ANSWER, Answer
from quotes.llm.transport import CONNECT_TIMEOUT, PLACEHOLDER, Transport, causes_of, header_filter, words_of

if TYPE_CHECKING:
    import ssl

    import httpx2
    from openai import AsyncOpenAI

Trouble = Literal["connect", "timeout", "broken"]


class NoAnswer(Exception):
    """A try without an answer. *kind*: there was no connection (``connect``), no answer in time, or it broke.

    But for ``connect`` the endpoint may have done all the work and may charge for it. *reason* is what the system or
    the library says.
    """

    def __init__(self, kind: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def payload(body: Mapping[str, Any]) -> bytes:
    """*body* as it is sent. It is made once, however often it is sent.

    Raises:
        ValueError, TypeError: it is no JSON.
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Connection:
    """Up to *concurrency* connections to the endpoint at *url*, kept open between tries.

    Each try sends *headers* (lower-case names) and the parameters of *query*, to *path* below *url*, and takes at most
    *timeout* seconds, however slowly the answer trickles. No redirect is followed: the key and the text go where the
    user pointed, nowhere else. What lies behind a proxy is reached by ``httpx2`` whatever *transport* says.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        path: str,
        timeout: float,
        concurrency: int,
        transport: Transport = "httpx",
    ) -> None:
        self._url = url
        self._headers = headers
        self._options: Any = {"params": dict(query)} if query else {}
        self._path = path
        self._timeout = timeout
        self._connect_timeout = min(timeout, CONNECT_TIMEOUT)
        self._concurrency = concurrency
        self._transport = transport
        self._client: AsyncOpenAI | None = None

    async def send(self, body: bytes) -> Answer:
        """The answer to *body* (see `payload`), whatever its status.

        Raises:
            NoAnswer: none came.
            RequestFailed: the answer is too large.
        """
        import httpx2
        import openai

        if self._client is None:
            self._client = self._connected()
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(
                    self._path, cast_to=httpx2.Response, content=body, options=self._options
                )
        except openai.APIStatusError as error:
            response = error.response
        except (openai.APITimeoutError, TimeoutError) as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                raise NoAnswer("connect", f"no connection within {self._connect_timeout:g} s") from None
            raise NoAnswer("timeout", f"no answer within {self._timeout:g} s") from None
        except openai.APIConnectionError as error:
            raise _broken(error) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        # JSON is UTF-8; the character set that a header names may be any codec at all, one that is no text's included.
        return Answer(response.status_code, response.content.decode("utf-8", "replace"), headers, time.time())

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _connected(self) -> AsyncOpenAI:
        import httpx2
        import openai

        from quotes.llm.bounded import BoundedClient

        only_needed = header_filter(self._url, self._headers)

        async def only_needed_headers(request: httpx2.Request) -> None:
            only_needed(request)

        limits = httpx2.Limits(max_connections=self._concurrency, max_keepalive_connections=self._concurrency)
        trust_env = not is_loopback(self._url)  # a proxy cannot reach this machine's own servers
        context = httpx2.create_ssl_context(trust_env=trust_env)
        client = BoundedClient(
            most=LARGEST_ANSWER,
            timeout=httpx2.Timeout(self._timeout, connect=self._connect_timeout, pool=None),
            limits=limits,
            follow_redirects=False,
            trust_env=trust_env,
            verify=context,
            mounts=self._mounts(context, trust_env),
            event_hooks={"request": [only_needed_headers]},
        )
        return openai.AsyncOpenAI(
            api_key=PLACEHOLDER, base_url=self._url, max_retries=0, timeout=client.timeout, http_client=client
        )

    def _mounts(self, context: ssl.SSLContext, trust_env: bool) -> dict[str, httpx2.AsyncBaseTransport | None]:
        """What takes the place of the library's own transport, wherever no proxy of the environment does."""
        if self._transport == "httpx":
            return {}
        from urllib.request import getproxies

        from quotes.llm.aiohttp_transport import AiohttpTransport

        if trust_env and "all" in getproxies():
            return {}
        return {"all://": AiohttpTransport(context, self._concurrency)}


def _broken(error: BaseException) -> NoAnswer:
    import httpx2

    causes = causes_of(error)
    connecting = any(isinstance(cause, (httpx2.ConnectError, httpx2.ProxyError)) for cause in causes)
    return NoAnswer("connect" if connecting else "broken", words_of(causes))
