"""A client that reads no answer beyond a bound, whatever it is compressed with. Imported with the first call only."""

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
            if self._is_small(response):
                await response.aread()
                return response
            content = await self._read(response)
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx2.Response(response.status_code, headers=headers, content=content, request=request)

    def _is_small(self, response: httpx2.Response) -> bool:
        """Whether the headers promise so, which the library holds the endpoint to: no more than that is read."""
        if "content-encoding" in response.headers or "transfer-encoding" in response.headers:
            return False
        length = response.headers.get("content-length", "")
        return length.isascii() and length.isdigit() and len(length) < _DIGITS and int(length) <= self._most

    async def _read(self, response: httpx2.Response) -> bytes:
        if "," in response.headers.get("content-encoding", ""):
            raise RequestFailed("the answer is packed more than once")
        pieces, length = [], 0
        async for piece in response.aiter_bytes():
            length += len(piece)
            if max(length, response.num_bytes_downloaded) > self._most:
                raise RequestFailed(f"the answer is larger than {self._most / 1_000_000:g} MB")
            pieces.append(piece)
        return b"".join(pieces)
