"""The transport over ``aiohttp``, for who sends so many requests that the usual one keeps the processor busy.

What a request and an answer are stays the affair of ``httpx2``; only the sockets are another library's. The transport
that ``openai`` brings along keeps cookies, and takes a server that hung up for one that was never reached, as if it had
done nothing. Imported with the first call only.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import httpx2

_PIECE: Final = 65_536  # bytes read at a time
_OWN_HEADERS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_PROBLEMS: Final[tuple[tuple[type[BaseException], type[httpx2.RequestError]], ...]] = (
    (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx2.ReadTimeout),
    (TimeoutError, httpx2.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx2.ConnectError),
    (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx2.RemoteProtocolError),
    (aiohttp.ClientOSError, httpx2.ReadError),
    (aiohttp.ClientError, httpx2.RemoteProtocolError),
    (OSError, httpx2.ReadError),
)
"""What went wrong, in the words of the one library and of the other; the first that fits."""


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Up to *connections* connections, kept open. *context* decides whom to trust. It belongs to one event loop."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer to *request*, its body still unread and as packed as it came.

        Raises:
            httpx2.RequestError: there is none.
        """
        if self._session is None:
            self._session = self._opened()
        timeout = request.extensions.get("timeout", {})
        with _translated(request):
            answer = await self._session.request(
                request.method,
                str(request.url),
                headers=[(name.decode("ascii"), value.decode()) for name, value in request.headers.raw],
                data=request.content,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=timeout.get("connect"), sock_read=timeout.get("read")),
            )
        stream = _Body(answer, request)
        return httpx2.Response(answer.status, headers=list(answer.raw_headers), stream=stream, request=request)

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._connections, ssl=self._context)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_OWN_HEADERS,
            auto_decompress=False,
            trust_env=False,  # proxies are the client's affair; and no password of a .netrc
        )


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx2.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._request):
            async for piece in self._answer.content.iter_chunked(_PIECE):
                yield piece

    async def aclose(self) -> None:
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


@contextmanager
def _translated(request: httpx2.Request) -> Iterator[None]:
    """What goes wrong inside, as the library above expects it, which keeps the cause for its words."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        meant = next(meant for kind, meant in _PROBLEMS if isinstance(error, kind))
        raise meant(str(error), request=request) from error
