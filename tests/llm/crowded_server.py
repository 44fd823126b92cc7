"""A chat completions server in the test's own event loop that takes so many requests at a time and turns the rest away.

It counts what came, and when, by the clock it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from scripted_server import completion


@dataclass
class CrowdedServer:
    """*places* at a time, each for *seconds*; whoever comes in between is told 429 with *headers*."""

    places: int
    seconds: float
    clock: Callable[[], float]
    headers: str = ""
    port: int = 0
    taken: int = 0
    most: int = 0
    came: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.create_task(self.converse(reader, writer)))

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                writer.write(await self.one())
                await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def one(self) -> bytes:
        now = self.clock()
        self.came.append(now)
        if self.taken >= self.places:
            self.refused.append(now)
            return _raw(429, {"error": {"message": "too many"}}, self.headers)
        self.taken += 1
        self.most = max(self.most, self.taken)
        try:
            if self.seconds:
                await asyncio.sleep(self.seconds)
        finally:
            self.taken -= 1
        return _raw(200, completion(), "")


def _raw(status: int, body: object, headers: str) -> bytes:
    payload = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(payload)}\r\n\r\n"
    return head.encode() + payload


@contextlib.asynccontextmanager
async def crowded(server: CrowdedServer) -> AsyncIterator[CrowdedServer]:
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await asyncio.gather(*server.serving)
