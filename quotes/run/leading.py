"""Articles led as far as a store answers: what they would ask next. Nothing is sent, and no model is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from quotes.cache import Store, check_key
from quotes.cache.entry import Entry
from quotes.errors import CacheError, DamagedEntry, FormRefused, InputError, QuotesError, RequestFailed
from quotes.exchange import Reply, Request
from quotes.extraction import Work
from quotes.extraction.attributors import Exchange
from quotes.formats.spilling import SpillingMap
from quotes.model import Article
from quotes.run.assembly import Assembly
from quotes.run.descent import Descent, Vouched
from quotes.run.job import Listener


@dataclass(slots=True)
class Led:
    """What articles came to: *chunks* are those that a model is asked about, *answered* counts requests that the store
    had. *failed* counts articles that could not be led to their end, *unread* inputs that gave none."""

    articles: int = 0
    unread: int = 0
    failed: int = 0
    chunks: int = 0
    answered: int = 0

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an input or article was passed over."""
        return 1 if self.unread or self.failed else 0


class Recorded(Protocol):
    """Entries that can be looked up, such as a `Store`."""

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None`` where there is none."""
        ...


class Sound:
    """A store whose damaged entries are none, as for a run that can ask again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None`` where there is no sound one."""
        try:
            return self._store.get(key)
        except DamagedEntry:
            return None


class Walk:
    """Articles led through *store* and counted in *done*. *known* hears the keys that it had, an article's at once."""

    def __init__(
        self,
        assembly: Assembly,
        store: Recorded,
        listener: Listener,
        done: Led,
        known: Callable[[Sequence[str]], None] = lambda _keys: None,
    ) -> None:
        self._asks = assembly.engine.prompt is not None
        self._store = store
        self._listener = listener
        self._done = done
        self._known = known
        # What comes of a batch is cheap to ask again for one article, and dear for all: the form is changed late.
        self._descent = Descent(assembly, Vouched(recorded=True), listener.note, self._peek)

    def requests(self, articles: Iterable[Article | InputError], limit: int | None) -> Iterator[Request]:
        """The requests that the store lacks for the first *limit* of *articles*, each once. Articles are read lazily.

        Raises:
            OutputError: the folder for temporary files is full.
            QuotesError: what would end a run for all articles.
        """
        with closing(SpillingMap[str]()) as seen:
            for article in islice(self._readable(articles), limit):
                self._done.articles += 1
                for request in self._missing(article):
                    if seen.get(request.key) is None:
                        seen.put(request.key, "")
                        yield request

    def _readable(self, articles: Iterable[Article | InputError]) -> Iterator[Article]:
        for found in articles:
            if isinstance(found, InputError):
                self._done.unread += 1
                self._listener.problem(str(found))
                continue
            for note in found.notes:
                self._listener.note(f"{found.source or found.id}: {note}")
            yield found

    def _missing(self, article: Article) -> list[Request]:
        if not self._asks:  # the rules ask nobody
            return []
        try:
            work = self._descent.open(article)
            self._done.chunks += len(work.exchanges)
            missing, known = _lead_article(work, self._store, self._descent)
        except Exception as error:  # contained: one article's failure is its own
            self._fail(article, error)
            return []
        self._done.answered += len(known)
        self._known(known)
        return missing

    def _peek(self, request: Request) -> Reply | None:
        check_key(request)
        entry = self._store.get(request.key)
        return None if entry is None else entry.reply

    def _fail(self, article: Article, error: Exception) -> None:
        if isinstance(error, QuotesError) and error.exit_code > 1 and not isinstance(error, CacheError):
            raise error
        self._done.failed += 1
        what = str(error) if isinstance(error, QuotesError) else f"{type(error).__name__}: {error}"
        self._listener.problem(f"{article.source or article.id}: {what}")


def _lead_article(work: Work, store: Recorded, descent: Descent) -> tuple[list[Request], list[str]]:
    """Lead every exchange of *work* through *store*: the first request of each that it lacks, and the keys it had.

    Where *store* holds that the endpoint refuses the form of one, *descent* says in which the article is opened anew.

    Raises:
        RequestFailed: no form is left for this article.
        QuotesError: as `_lead` says.
    """
    while True:
        overheard = _Overheard(store, descent, work)
        try:
            led = [_lead(exchange, overheard) for exchange in work.exchanges]
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


def _lead(exchange: Exchange, store: Recorded) -> tuple[Request | None, list[str]]:
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
