"""One client under load, in a process of its own: from the first article to the last record, imports left out.

    python -m benchmarks.load quotes --url http://127.0.0.1:8000/v1 --articles 200 [--core 0]

``quotes`` is this program, whole: chunks, prompts, requests, replies read and checked against the text, records
written as JSON. ``sdk`` is a bare ``AsyncOpenAI`` with as many workers, sending the very same bodies and doing nothing
with what comes back; ``raw`` is what the server gives to a client that does not even read.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from benchmarks.articles import typical_articles
from benchmarks.rate_limits import text_of

MODEL = "sample-1b"
SHORT = 1_000
"""Characters of a short text: what LangExtract sends at a time by default."""


@dataclass(frozen=True)
class Load:
    """What a client did: *requests* in *seconds*, *cpu* seconds of its own, *records* that were complete."""

    requests: int
    seconds: float
    cpu: float
    records: int = 0


def texts(count: int, *, short: bool) -> list[tuple[str, str]]:
    """Ids and texts of *count* typical articles, or of as many that are at most 1,000 characters long."""
    found = typical_articles(count, words=180 if short else 600)
    return [(name, _cut(text) if short else text) for name, text in found]


def _cut(text: str) -> str:
    """*text* up to the end of the last sentence within its first 1,000 characters."""
    end = max(text.rfind(mark, 0, SHORT) for mark in (". ", ".\n", "” ", "”\n", '" ', '"\n'))
    return text[: end + 1] if end > SHORT // 2 else text[:SHORT]


def run_quotes(
    url: str, articles: Sequence[tuple[str, str]], concurrency: int, transport: str | None, schema: str | None
) -> Load:
    """This program over *articles*, without a cache and without the rules' second opinion."""
    from quotes.model import Article
    from quotes.record import dumps
    from quotes.run import InOrder, Job, Settings, assemble

    said: dict[str, Any] = {"model": MODEL, "base_url": url, "cache_mode": "off", "concurrency": concurrency}
    said |= {"second_opinion": False, "transport": transport, "schema": schema}
    known = {field.name for field in fields(Settings)}
    settings = Settings(**{name: value for name, value in said.items() if name in known})
    lines: list[str] = []
    for module in ("openai", "httpx2", "tenacity", "quotes.llm.bounded"):
        importlib.import_module(module)
    _warm_up()

    def run() -> int:
        assembly = assemble(settings, {})
        job = Job(settings, assembly, (Article(name, text) for name, text in articles), InOrder(dumps, lines.append))
        summary = job.run()
        return summary.asked

    load = _timed(run)
    complete = sum('"status":"complete"' in line or '"status": "complete"' in line for line in lines)
    return Load(load.requests, load.seconds, load.cpu, complete)


def run_sdk(url: str, bodies: Sequence[dict[str, Any]], concurrency: int, transport: str | None) -> Load:
    """A bare ``AsyncOpenAI`` over *bodies*, with *transport* ``httpx`` (its default) or ``aiohttp``."""
    import openai

    options: dict[str, Any] = {"http_client": openai.DefaultAioHttpClient()} if transport == "aiohttp" else {}
    _warm_up()

    async def run() -> int:
        async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, **options) as client:

            async def send(body: dict[str, Any]) -> None:
                answer = await client.chat.completions.create(**body)
                assert answer.choices[0].message.content

            await _in_workers(bodies, concurrency, send)
        return len(bodies)

    return _timed(lambda: asyncio.run(run()))


def run_raw(url: str, bodies: Sequence[bytes], concurrency: int) -> Load:
    """Sockets that send *bodies* and wait for as many bytes as the answer promises: the server's own ceiling."""
    place = urlsplit(url)

    async def run() -> int:
        requests = [_request(body) for body in bodies]
        waiting = iter(requests)

        async def serve() -> None:
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            for request in waiting:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
            writer.close()

        await asyncio.gather(*(serve() for _ in range(concurrency)))
        return len(requests)

    return _timed(lambda: asyncio.run(run()))


def _request(body: bytes) -> bytes:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _in_workers(
    bodies: Iterable[dict[str, Any]], concurrency: int, send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    waiting = iter(bodies)

    async def serve() -> None:
        for body in waiting:
            await send(body)

    await asyncio.gather(*(serve() for _ in range(concurrency)))


def _warm_up() -> None:
    """What any program does once and not once a request: the first event loop, and the certificates."""
    import ssl

    ssl.create_default_context()
    asyncio.run(asyncio.sleep(0))


def _timed(run: Callable[[], int]) -> Load:
    begun, cpu = time.perf_counter(), time.process_time()
    requests = run()
    return Load(requests, time.perf_counter() - begun, time.process_time() - cpu)


def _bodies(lines: Iterable[str]) -> Iterator[bytes]:
    return (line.encode() for line in lines)


def main() -> None:
    """Run one client and print what it did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("client", choices=("quotes", "sdk", "raw"))
    parser.add_argument("--url", required=True)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--short", action="store_true", help=f"texts of {SHORT:,} characters instead of 600 words")
    parser.add_argument("--plain", action="store_true", help="texts of one sentence with one quotation")
    parser.add_argument("--schema", choices=("static", "tight"))
    parser.add_argument("--bodies", help="a file of bodies, a line each, for sdk and raw")
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--transport", choices=("httpx", "aiohttp"))
    parser.add_argument("--core", type=int, help="the only one it runs on")
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    if chosen.client == "quotes":
        plain = [(f"d{number}", text_of(number)) for number in range(chosen.articles)]
        articles = plain if chosen.plain else texts(chosen.articles, short=chosen.short)
        load = run_quotes(chosen.url, articles, chosen.concurrency, chosen.transport, chosen.schema)
    else:
        with open(chosen.bodies, encoding="utf-8") as file:
            bodies = list(_bodies(file.read().splitlines()))[: chosen.articles]
        if chosen.client == "raw":
            load = run_raw(chosen.url, bodies, chosen.concurrency)
        else:
            load = run_sdk(chosen.url, [json.loads(body) for body in bodies], chosen.concurrency, chosen.transport)
    json.dump(asdict(load), sys.stdout)


if __name__ == "__main__":
    main()
