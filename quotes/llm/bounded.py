"""Clients that read no answer beyond a bound, whatever it is compressed with. Imported with the first call only."""

from __future__ import annotations

from typing import Any, Final

import httpx2

from quotes.errors import RequestFailed

_OF_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_DIGITS: Final = 12


class BoundedClient(httpx2.AsyncClient):
    """An ``AsyncClient`` whose answers are at most *most* bytes long, counted after unpacking.

    The library unpacks piece by piece, of at most 1 MiB each, so what lies beyond the bound is never held.
    """

    def __init__(self, *, most: int, **options: Any) -> None:
        """*options* are those of ``httpx2.AsyncClient``."""
        super().__init__(**options)
        self._most = most

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """The answer to *request*, read whole even where *options* would stream it.

        Raises:
            RequestFailed: the answer is larger than the bound, or packed more than once.
            httpx2.RequestError: as ``httpx2.AsyncClient.send``.
        """
        response = await super().send(request, **(options | {"stream": True}))
        try:
            if _is_small(response, self._most):
                await response.aread()
                return response
            reading = _Reading(response, self._most)
            async for piece in response.aiter_bytes():
                reading.add(piece)
        finally:
            await response.aclose()
        return reading.whole(request)


class BlockingBoundedClient(httpx2.Client):
    """A ``Client`` with the same bound. A good answer that is to be streamed is left to whoever reads it."""

    def __init__(self, *, most: int, **options: Any) -> None:
        """*options* are those of ``httpx2.Client``."""
        super().__init__(**options)
        self._most = most

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """The answer to *request*, read whole but for a good one that *options* would stream.

        Raises:
            RequestFailed: the answer is larger than the bound, or packed more than once.
            httpx2.RequestError: as ``httpx2.Client.send``.
        """
        response = super().send(request, **(options | {"stream": True}))
        if options.get("stream") and response.is_success:
            return response
        try:
            if _is_small(response, self._most):
                response.read()
                return response
            reading = _Reading(response, self._most)
            for piece in response.iter_bytes():
                reading.add(piece)
        finally:
            response.close()
        return reading.whole(request)


class _Reading:
    """The pieces of *response* as they are read, *most* bytes of them."""

    def __init__(self, response: httpx2.Response, most: int) -> None:
        if "," in response.headers.get("content-encoding", ""):
            raise RequestFailed("the answer is packed more than once")
        self._response = response
        self._most = most
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, piece: bytes) -> None:
        self._length += len(piece)
        if max(self._length, self._response.num_bytes_downloaded) > self._most:
            raise RequestFailed(f"the answer is larger than {self._most / 1_000_000:g} MB")
        self._pieces.append(piece)

    def whole(self, request: httpx2.Request) -> httpx2.Response:
        """The answer with all pieces, as if it had come unpacked."""
        found = self._response
        headers = [(name, value) for name, value in found.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx2.Response(found.status_code, headers=headers, content=b"".join(self._pieces), request=request)


def _is_small(response: httpx2.Response, most: int) -> bool:
    """Whether the headers promise so, which the library holds the endpoint to: no more than that is read."""
    if "content-encoding" in response.headers or "transfer-encoding" in response.headers:
        return False
    length = response.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and len(length) < _DIGITS and int(length) <= most
