"""A batch out: every request the cache lacks, for somebody else to answer. Nothing is sent and no key is needed.

Each conversation is led as far as the cache answers it and stops at the first request it does not. What follows
from the reply (a repair, halves of a chunk, marks asked again) is exported once that reply is imported: in rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from quotes.cache import Store, check_key
from quotes.cache.entry import Entry, dumps
from quotes.errors import CacheError, FormRefused, InputError, OutputError, QuotesError, RequestFailed, UsageError
from quotes.exchange import Request
from quotes.extraction import Work
from quotes.extraction.attributors import Exchange
from quotes.llm.batch import request_line
from quotes.model import Article
from quotes.prompting import estimate_tokens
from quotes.run.assembly import Assembly, assemble
from quotes.run.descent import Descent, Vouched
from quotes.run.job import Listener
from quotes.run.settings import Settings

_GROUP: Final = 64
"""Requests remembered in one transaction, before their lines are written."""

HEARD: Final = ("QUOTES_MODEL", "QUOTES_BASE_URL")
"""The variables of the environment that shape a request; a key is not even looked at."""


@dataclass(slots=True)
class Exported:
    """What an export came to.

    *requests* were written, *again* those of them that an earlier export wrote too; *answered* has the cache, and
    *under_way* were met and left out. *tokens* are those of *requests*, as estimated, without their schema; *size* is
    in bytes. *failed* counts articles that could not be led to their end, *others* the pending requests of the store
    that are neither under way nor met by this export.
    """

    articles: int = 0
    unread: int = 0
    failed: int = 0
    requests: int = 0
    again: int = 0
    others: int = 0
    answered: int = 0
    under_way: int = 0
    tokens: int = 0
    size: int = 0

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an input or article was passed over."""
        return 1 if self.unread or self.failed else 0


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
        self._assembly = assembly
        self._store = store
        self._articles = articles
        self._write = write
        self._listener = listener or Listener()
        self._seen: set[bytes] = set()
        self._under_way = {bytes.fromhex(key) for key in under_way}
        self._waiting = set(store.pending.keys())
        # What comes of a batch is cheap to ask again for one article, and dear for all: the form is changed late.
        self._descent = Descent(assembly, Vouched(recorded=True), self._listener.note)

    def run(self) -> Exported:
        """Do everything. Memory holds one article, and a key of each request.

        Raises:
            OutputError: a line or the store cannot be written.
            QuotesError: what would end a run for all articles.
        """
        requests = self._requests()
        while group := list(islice(requests, _GROUP)):
            self._store.pending.remember(group, self._assembly.manifest)
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
        """The requests the store lacks, each key once. Pending ones that a live run has answered are forgotten."""
        for article in islice(self._readable(), self._limit):
            self.done.articles += 1
            missing, known = self._lead(article)
            self.done.answered += len(known)
            if late := self._waiting.intersection(known):
                self._store.pending.forget(late)
                self._waiting -= late
            for request in missing:
                name = bytes.fromhex(request.key)
                if name in self._seen:
                    continue
                self._seen.add(name)
                if name in self._under_way:
                    self.done.under_way += 1
                    continue
                yield request

    def _readable(self) -> Iterator[Article]:
        for found in self._articles:
            if isinstance(found, InputError):
                self.done.unread += 1
                self._listener.problem(str(found))
                continue
            for note in found.notes:
                self._listener.note(f"{found.source or found.id}: {note}")
            yield found

    def _lead(self, article: Article) -> tuple[list[Request], list[str]]:
        try:
            return lead_article(self._assembly.engine.open(article), self._store, self._descent)
        except Exception as error:  # contained: one article's failure is its own
            self._fail(article, error)
            return [], []

    def _fail(self, article: Article, error: Exception) -> None:
        if isinstance(error, OutputError) or (
            isinstance(error, QuotesError) and error.exit_code > 1 and not isinstance(error, CacheError)
        ):
            raise error
        self.done.failed += 1
        what = str(error) if isinstance(error, QuotesError) else f"{type(error).__name__}: {error}"
        self._listener.problem(f"{article.source or article.id}: {what}")


class Recorded(Protocol):
    """Entries that can be looked up, such as a `Store`."""

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None`` where there is none."""
        ...


def tokens_of(request: Request) -> int:
    """The tokens of its messages, estimated; a schema comes on top."""
    return sum(estimate_tokens(_text(message)) for message in request.body.get("messages", ()))


def lead_article(work: Work, store: Recorded, descent: Descent) -> tuple[list[Request], list[str]]:
    """Lead every exchange of *work* through *store*: the first request of each that it lacks, and the keys it had.

    Where *store* holds that the endpoint refuses the form of one, *descent* says in which the article is opened anew.

    Raises:
        RequestFailed: no form is left for this article.
        QuotesError: as `lead` says.
    """
    while True:
        overheard = _Overheard(store, descent, work)
        try:
            led = [lead(exchange, overheard) for exchange in work.exchanges]
        except FormRefused as error:
            anew = descent.refused(work, error)
            if anew is None:
                raise RequestFailed(error.what, where=error.where, remedy=error.remedy) from None
            work = anew
        else:
            return [missing for missing, _ in led if missing is not None], [key for _, keys in led for key in keys]


@dataclass(frozen=True, slots=True)
class _Overheard:
    """The *store*, whose replies to *work* the *descent* hears of."""

    store: Recorded
    descent: Descent
    work: Work

    def get(self, key: str) -> Entry | None:
        entry = self.store.get(key)
        if entry is not None:
            self.descent.heard(self.work, entry.reply)
        return entry


def lead(exchange: Exchange, store: Recorded) -> tuple[Request | None, list[str]]:
    """Lead *exchange* through *store*: the first request it lacks, ``None`` at the end, and the keys it had.

    Raises:
        CacheError: what is stored is damaged.
        QuotesError: what the exchange raises.
    """
    known: list[str] = []
    try:
        request = next(exchange)
        while True:
            try:
                check_key(request)
            except RequestFailed as failure:  # as a live run would meet it
                request = exchange.throw(failure)
                continue
            entry = store.get(request.key)
            if entry is None:
                return request, known
            known.append(request.key)
            request = exchange.send(entry.reply)
    except StopIteration:
        return None, known
    finally:
        exchange.close()


def _text(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""
