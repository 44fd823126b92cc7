"""The server: HTTP/1.1 on loopback, in a thread or a process of its own, with a log of all that came and went."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quotes.exchange import Request
from tests.endpoint.answers import MODEL
from tests.endpoint.faults import Response, sane
from tests.endpoint.plans import Plan, no_fault

_TRICKLE = 20  # pieces of a slow answer
_PAUSE = 0.01  # seconds between two of them
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: its cache key, the how-manieth of its body it is, and the name of the fault it met, if any."""

    key: str
    attempt: int
    fault: str | None


@dataclass
class Log:
    """*arrivals* in order; *delivered* are those that were answered in full; *most_at_once* on the way together."""

    arrivals: list[Arrival] = field(default_factory=list)
    delivered: list[Arrival] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def keys(self) -> list[str]:
        """The key of every request, in order of arrival."""
        return [arrival.key for arrival in self.arrivals]

    @property
    def faults(self) -> Counter[str]:
        """How often each fault came."""
        return Counter(arrival.fault for arrival in self.arrivals if arrival.fault)

    def as_json(self) -> dict[str, Any]:
        """For those who are not in this process."""
        return {
            "arrivals": [[a.key, a.attempt, a.fault] for a in self.arrivals],
            "delivered": [[a.key, a.attempt, a.fault] for a in self.delivered],
            "most_at_once": self.most_at_once,
        }


class FaultServer:
    """Answers chat completions by *plan*, *delay* seconds after each request. ``/log`` tells its log.

    *plan* may be changed while it runs. It is used in the event loop that started it; the log may be read elsewhere.
    """

    def __init__(self, plan: Plan = no_fault, *, delay: float = 0.0, port: int = 0) -> None:
        self.plan = plan
        self.delay = delay
        self.log = Log()
        self.url = ""
        self._port = port
        self._heard = threading.Condition()
        self._connections: set[asyncio.Task[None]] = set()

    def wait_for(self, requests: int, seconds: float = 60.0) -> None:
        """Until *requests* requests have come."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.log.arrivals) >= requests, seconds), "too few requests came"

    async def serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        """Answer until *stop*."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, backlog=1024, limit=1 << 20)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        started.set()
        await stop.wait()
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, as in some tests it is meant to, or the server is stopped
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether another may follow on this connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
        sent = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ", 2)
        if method == "GET":
            return await self._deliver(writer, reader, self._page(path))
        self.log.at_once += 1
        self.log.most_at_once = max(self.log.most_at_once, self.log.at_once)
        try:
            return await self._answer(reader, writer, json.loads(sent), headers)
        finally:
            self.log.at_once -= 1

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: dict[str, Any], headers: dict[str, str]
    ) -> bool:
        arrival, response = self._heard_of(body, headers)
        if self.delay:
            await asyncio.sleep(self.delay)
        goes_on = await self._deliver(writer, reader, response)
        if response.delivery in ("whole", "trickle"):
            self.log.delivered.append(arrival)
        return goes_on

    def _heard_of(self, body: dict[str, Any], headers: dict[str, str]) -> tuple[Arrival, Response]:
        key = Request(body, "local").key
        self.log.attempts[key] += 1
        attempt = self.log.attempts[key]
        fault = self.plan(body, key, attempt)
        arrival = Arrival(key, attempt, fault.name if fault else None)
        with self._heard:
            self.log.arrivals.append(arrival)
            self.log.headers.append(headers)
            self.log.bodies.setdefault(key, body)
            self._heard.notify_all()
        return arrival, fault.respond(body) if fault else sane(body)

    def _page(self, path: str) -> Response:
        if path.endswith("/models"):
            return Response(text=json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))
        if path == "/log":
            return Response(text=json.dumps(self.log.as_json()))
        return Response(404, "404 page not found", {"content-type": "text/plain"})

    async def _deliver(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader, response: Response) -> bool:
        payload = response.text.encode()
        delivery = response.delivery
        if delivery == "stall":
            await reader.read(1)  # until the client has had enough
            return False
        if delivery == "reset before":
            _reset(writer)
            return False
        length = len(payload) + (100 if delivery == "cut short" else 0)
        writer.write(_head(response.status, response.headers, length))
        if delivery == "reset within":
            writer.write(payload[: len(payload) // 2])
            await writer.drain()
            await asyncio.sleep(_PAUSE)
            _reset(writer)
            return False
        if delivery in ("trickle", "endless trickle"):
            await _trickle(writer, payload, endless=delivery == "endless trickle")
            return True
        writer.write(payload)
        await writer.drain()
        return delivery == "whole"


@contextlib.contextmanager
def serving(plan: Plan = no_fault, *, delay: float = 0.0) -> Iterator[FaultServer]:
    """A server in a thread of its own."""
    server = FaultServer(plan, delay=delay)
    loop = asyncio.new_event_loop()
    started, stop = threading.Event(), asyncio.Event()

    def run() -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(server.serve(started, stop))

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def nothing_there() -> str:
    """The address of an endpoint on this machine where nothing listens: every connection is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def _head(status: int, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {length}", "", ""]).encode("latin-1")


async def _trickle(writer: asyncio.StreamWriter, payload: bytes, *, endless: bool) -> None:
    """*payload* in small pieces. An endless one comes by the byte, and its last byte never."""
    size = 1 if endless else max(1, len(payload) // _TRICKLE)
    for start in range(0, len(payload) - (1 if endless else 0), size):
        writer.write(payload[start : start + size])
        await writer.drain()
        await asyncio.sleep(_PAUSE)
    while endless:
        await asyncio.sleep(_PAUSE)
        if writer.is_closing():
            raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
