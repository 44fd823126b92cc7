"""A batch out: every request the cache lacks, for somebody else to answer. Nothing is sent and no key is needed.

Each conversation is led as far as the cache answers it and stops at the first request it does not. What follows
from the reply (a repair, halves of a chunk, marks asked again) is exported once that reply is imported: in rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from quotes.cache import Store
from quotes.cache.entry import dumps
from quotes.errors import InputError, UsageError
from quotes.exchange import Request
from quotes.llm.batch import request_line
from quotes.model import Article
from quotes.prompting import estimate_tokens
from quotes.run.assembly import Assembly, assemble
from quotes.run.job import Listener
from quotes.run.leading import Led, Sound, Walk
from quotes.run.settings import Settings

_GROUP: Final = 64
"""Requests remembered in one transaction, before their lines are written."""

HEARD: Final = ("QUOTES_MODEL", "QUOTES_BASE_URL")
"""The variables of the environment that shape a request; a key is not even looked at."""


@dataclass(slots=True)
class Exported(Led):
    """What an export came to.

    *requests* were written, *again* those of them that an earlier export wrote too; *under_way* were met and left out.
    *tokens* are those of *requests*, as estimated, without their schema; *size* is in bytes. *others* counts the
    pending requests of the store that are neither under way nor met by this export.
    """

    requests: int = 0
    again: int = 0
    others: int = 0
    under_way: int = 0
    tokens: int = 0
    size: int = 0


def open_batch(settings: Settings, environ: Mapping[str, str]) -> tuple[Assembly, Store]:
    """What an export works with: assembled as for a run, the store opened. Close it with ``backend.aclose()``.

    Raises:
        UsageError: no model is named, so that there is nothing to ask; or as `assemble` says.
    """
    heard = {name: environ[name] for name in HEARD if name in environ}
    assembly = assemble(settings, heard)
    if assembly.store is None:
        raise UsageError("no model is named", where="batch", remedy="name one with --model or QUOTES_MODEL")
    return assembly, assembly.store


class Export:
    """One export. *articles* are read lazily; *write* gets each request as a line, after the store remembers it.

    *under_way* are keys of requests that somebody is answering already: they are left out.
    """

    def __init__(
        self,
        settings: Settings,
        assembly: Assembly,
        store: Store,
        articles: Iterable[Article | InputError],
        write: Callable[[str], None],
        listener: Listener | None = None,
        *,
        under_way: Iterable[str] = (),
    ) -> None:
        self.done = Exported()
        self._limit = settings.limit
        self._manifest = assembly.manifest
        self._store = store
        self._articles = articles
        self._write = write
        self._under_way = {bytes.fromhex(key) for key in under_way}
        self._waiting = set(store.pending.keys())
        self._walk = Walk(assembly, Sound(store), listener or Listener(), self.done, self._forget)

    def run(self) -> Exported:
        """Do everything. Memory holds one article, and a key of each request.

        Raises:
            OutputError: a line or the store cannot be written.
            QuotesError: what would end a run for all articles.
        """
        requests = self._requests()
        while group := list(islice(requests, _GROUP)):
            self._store.pending.remember(group, self._manifest)
            for request in group:
                self._put(request)
        self.done.others = sum(bytes.fromhex(key) not in self._under_way for key in self._waiting)
        return self.done

    def _put(self, request: Request) -> None:
        line = dumps(request_line(request)) + "\n"
        self._write(line)
        self.done.requests += 1
        if request.key in self._waiting:
            self._waiting.remove(request.key)
            self.done.again += 1
        self.done.size += len(line.encode("utf-8"))
        self.done.tokens += tokens_of(request)

    def _requests(self) -> Iterator[Request]:
        """The requests that the store lacks and nobody is answering."""
        for request in self._walk.requests(self._articles, self._limit):
            if bytes.fromhex(request.key) in self._under_way:
                self.done.under_way += 1
            else:
                yield request

    def _forget(self, known: Iterable[str]) -> None:
        """Forget the pending requests among *known*, which a live run has answered."""
        if late := self._waiting.intersection(known):
            self._store.pending.forget(late)
            self._waiting -= late


def tokens_of(request: Request) -> int:
    """The tokens of its messages, estimated; a schema comes on top."""
    return sum(estimate_tokens(_text(message)) for message in request.body.get("messages", ()))


def _text(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):  # parts, one of which bears the mark of a cache
        content = "".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return content if isinstance(content, str) else ""
