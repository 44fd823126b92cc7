"""Leading the exchanges of one article to their end with replies given by a test, instead of a backend."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from quotes.errors import RequestFailed
from quotes.exchange import Reply, Request
from quotes.extraction import Engine, Exchange, Findings
from quotes.model import Article, Extraction
from quotes.prompting import PromptSettings, load_pack

Answering = Callable[[Request], Reply | RequestFailed]

PACK = load_pack()


def model_engine(**options: Any) -> Engine:
    return Engine(PromptSettings("some-model", "local", PACK, **options), "en")


def conduct(exchange: Exchange, answering: Answering) -> Findings:
    try:
        request = next(exchange)
        while True:
            reply = answering(request)
            request = exchange.throw(reply) if isinstance(reply, RequestFailed) else exchange.send(reply)
    except StopIteration as end:
        findings: Findings = end.value
        return findings


def extract(text: str, answering: Answering, engine: Engine) -> Extraction:
    work = engine.open(Article("a", text))
    return work.finish([conduct(exchange, answering) for exchange in work.exchanges])


def attribution(at: int, **fields: Any) -> dict[str, Any]:
    """An attribution as a model answers it, with everything left out that *fields* do not give."""
    empty = {"cue": "", "speaker": "", "who": {"person": 0}, "said": []}
    return {"at": at, **empty, **fields}


def answer(*attributions: dict[str, Any], **not_quotes: str) -> Reply:
    """A reply with *attributions* and *not_quotes* given as ``m3="title"``."""
    skipped = [{"mark": int(mark[1:]), "as": reason} for mark, reason in not_quotes.items()]
    return Reply(json.dumps({"attributions": list(attributions), "not_quotes": skipped}, ensure_ascii=False))


class Script:
    """Replies given one after the other; *requests* are those that were asked."""

    def __init__(self, *replies: Reply | RequestFailed) -> None:
        self.requests: list[Request] = []
        self._replies = iter(replies)

    def __call__(self, request: Request) -> Reply | RequestFailed:
        self.requests.append(request)
        return next(self._replies)

    @property
    def questions(self) -> list[str]:
        """The last message of each request."""
        return [request.body["messages"][-1]["content"] for request in self.requests]
