"""A server that is quicker than any client of it: raw sockets, answers made once for each body and then kept.

    python -m benchmarks.server [--delay 0.1 --slow 1.0 --share 0.1 --seed 7] [--core 1]

It answers whoever asks in the form of who asks: this program by the numbers in its prompt, LangExtract by the words of
the text. The delays are drawn by a seeded generator in the order in which requests arrive, so that every client meets
the same ones. Its first line of output is its address.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ideal import Delays

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_QUOTED = re.compile(r'["“]([^"“”]{4,}?),?["”]')
_NAME = re.compile(r"[A-Z][a-zé]+ [A-Z][a-zé]+")


@dataclass
class Endpoint:
    """What all connections share. *answers* are whole HTTP answers by the body of their request."""

    delays: Delays
    answers: dict[bytes, bytes] = field(default_factory=dict)
    served: int = 0
    under_way: int = 0
    most: int = 0
    drawn: Iterator[float] = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, with the same delays."""
        self.served = self.most = 0
        self.drawn = self.delays.drawn()

    def answer(self, head: bytes, body: bytes) -> bytes:
        """The answer to one request for a completion, or to one of `Running`."""
        if head.startswith(b"GET /reset"):
            self.reset()
        if head.startswith(b"GET"):
            asked = [kept.decode() for kept in self.answers] if head.startswith(b"GET /bodies") else []
            return _http({"served": self.served, "most": self.most, "bodies": asked})
        found = self.answers.get(body)
        if found is None:
            found = self.answers[body] = _http(completion(json.loads(body)))
        return found


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._buffer = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            head, body = bytes(self._buffer[:end]), bytes(self._buffer[end + 4 : whole])
            del self._buffer[:whole]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        endpoint, answer = self._endpoint, self._endpoint.answer(head, body)
        delay = next(endpoint.drawn) if head.startswith(b"POST") else 0.0
        if not delay:
            endpoint.served += head.startswith(b"POST")
            self._transport.write(answer)
            return
        endpoint.under_way += 1
        endpoint.most = max(endpoint.most, endpoint.under_way)
        asyncio.get_running_loop().call_later(delay, self._send, answer)

    def _send(self, answer: bytes) -> None:
        self._endpoint.under_way -= 1
        self._endpoint.served += 1
        self._transport.write(answer)


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """A sound completion for *body*, in the form of whoever asks."""
    from tests.endpoint import answers

    asked = body["messages"][-1]["content"]
    if isinstance(asked, str) and asked.rstrip().endswith("A:"):
        return answers.completion(body, json.dumps(_extractions(asked), ensure_ascii=False))
    return answers.completion(body, answers.answer(body))


def _extractions(asked: str) -> dict[str, Any]:
    """What LangExtract wants to hear of the text at the end of its prompt: each quotation and a name near it."""
    text = asked.rpartition("Q: ")[2].rstrip().removesuffix("A:")
    found = []
    for quoted in _QUOTED.finditer(text):
        names = sorted(_NAME.finditer(text), key=lambda name: abs(name.start() - quoted.start()))
        said = {"speaker": names[0][0] if names else None, "cue": "said"}
        found.append({"quote": quoted[1], "quote_attributes": said})
    return {"extractions": found}


def _http(value: object) -> bytes:
    data = json.dumps(value, ensure_ascii=False).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    return head.encode() + data


@dataclass(frozen=True)
class Running:
    """A server in a process of its own at *url*, which ends in ``/v1``."""

    url: str

    def reset(self) -> None:
        """Begin anew: the same delays come again, nothing is counted."""
        self._get("reset")

    @property
    def served(self) -> int:
        """The requests that were answered since."""
        return int(self._get("count")["served"])

    @property
    def bodies(self) -> list[str]:
        """Every body that has ever been asked about, as it came."""
        return list(self._get("bodies")["bodies"])

    def _get(self, path: str) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url.removesuffix('/v1')}/{path}") as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def serving(delays: Delays, core: int | None = None) -> Iterator[Running]:
    """A server with *delays*, on *core* alone where one is given."""
    command = [sys.executable, "-m", "benchmarks.server", *delays.arguments]
    command += [] if core is None else ["--core", str(core)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
    assert process.stdout is not None
    try:
        yield Running(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


async def _serve(endpoint: Endpoint) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(endpoint), "127.0.0.1", backlog=256)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until an answer")
    parser.add_argument("--slow", type=float, default=0.0, help="seconds until a slow one")
    parser.add_argument("--share", type=float, default=0.0, help="of the answers that are slow")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--core", type=int, help="the only one it runs on")
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    asyncio.run(_serve(Endpoint(Delays(chosen.delay, chosen.slow, chosen.share, chosen.seed))))


if __name__ == "__main__":
    main()
