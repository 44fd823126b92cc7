"""Requests and replies for the cache's tests, and a backend that answers them and counts."""

from __future__ import annotations

import asyncio
from typing import Any

from quotes.errors import QuotesError
from quotes.exchange import Reply, Request, Usage

SCHEMA = {"type": "object", "properties": {"quotes": {"type": "array"}}, "required": ["quotes"]}


def body_of(text: str = "Mara Ruiz said no.\n", **changes: Any) -> dict[str, Any]:
    body = {
        "model": "sample-1b",
        "temperature": 0,
        "messages": [
            {"role": "system", "content": "Point at quotes.\nNever retype them.\n"},
            {"role": "user", "content": "An example."},
            {"role": "assistant", "content": "{}"},
            {"role": "user", "content": text},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
    }
    return body | changes


def a_request(
    text: str = "Mara Ruiz said no.\n", *, article: str = "news/0001", chunk: int = 0, **changes: Any
) -> Request:
    return Request(body_of(text, **changes), "local", article=article, chunk=chunk)


def a_reply(content: str = '{"quotes": []}', **changes: Any) -> Reply:
    fields: dict[str, Any] = {"finish_reason": "stop", "model": "sample-1b-q4", "usage": Usage(1, 40, 7, 3)}
    return Reply(content, **(fields | changes))


class Endpoint:
    """A backend that answers at once, or holds its answer until *gate* opens; *asked* are the requests it got."""

    def __init__(self, *answers: Reply | QuotesError, gate: asyncio.Event | None = None) -> None:
        self.answers = list(answers) or [a_reply()]
        self.gate = gate
        self.asked: list[Request] = []
        self.closed = False

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if isinstance(answer, QuotesError):
            raise answer
        return answer

    async def aclose(self) -> None:
        self.closed = True
