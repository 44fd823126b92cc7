"""A plan: what a run would ask for and what that would cost, found without sending, storing or writing anything.

Every conversation is led as far as the cache answers it, as for a batch. What follows from a reply that is not there
yet (a repair, halves of a chunk cut short, marks asked again) cannot be known before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from quotes.cache import Store, default_cache_path, open_store
from quotes.cache.entry import Entry
from quotes.errors import CacheError, DamagedEntry, InputError, QuotesError
from quotes.exchange import Request
from quotes.formats.spilling import SpillingMap
from quotes.model import Article
from quotes.run.assembly import Assembly, assemble
from quotes.run.batch import HEARD, Recorded, lead_article, tokens_of
from quotes.run.connecting import ledger_of, localized
from quotes.run.descent import Descent, Vouched
from quotes.run.job import Listener
from quotes.run.settings import Asking, Settings, decide_asking, refuse_contradictions, replay_source

_BOUNDS: Final = ("max_completion_tokens", "max_tokens")


@dataclass(slots=True)
class Plan:
    """What a run would come to. *asks* is false where no model is asked at all.

    *requests* would be sent, each once; *answered* has the cache. *tokens_in* are estimated, *tokens_out* the most that
    the replies to *requests* may have. *cost* is what both cost at most in *currency*, ``None`` without prices.
    *failed* counts articles that could not be opened, *unread* inputs that gave none.
    """

    asks: bool = True
    articles: int = 0
    unread: int = 0
    failed: int = 0
    chunks: int = 0
    requests: int = 0
    answered: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    currency: str = ""

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an input or article was passed over."""
        return 1 if self.unread or self.failed else 0

    @property
    def figures(self) -> Mapping[str, Any]:
        """All of it for a program, names as here."""
        return {**asdict(self), "exit_code": self.exit_code}


def plan(
    settings: Settings,
    environ: Mapping[str, str],
    articles: Iterable[Article | InputError],
    listener: Listener | None = None,
) -> Plan:
    """What a run with *settings* over *articles* would ask for. No key is needed, no cache is made.

    Raises:
        UsageError: the run could not start.
        OutputError: the folder for temporary files is full.
    """
    refuse_contradictions(settings)
    environ = {name: environ[name] for name in HEARD if name in environ}
    asking = None if replay_source(settings) else decide_asking(localized(settings), environ)
    with _opened(settings, asking) as (store, manifest):
        assembly = assemble(settings if asking is None else _unconnected(settings), environ)
        assembly.take_up(manifest)
        planning = _Planning(assembly, store, listener or Listener())
        try:
            planning.read(articles, settings.limit)
        finally:
            planning.seen.close()
            asyncio.run(assembly.backend.aclose())
    done = planning.plan
    prices = ledger_of(settings).prices
    if prices is not None:
        done.cost, done.currency = prices.most(done.tokens_in, done.tokens_out), prices.currency
    return done


class _Nothing:
    """A cache that has nothing, for one that is not there or is not looked at."""

    def get(self, key: str) -> Entry | None:  # noqa: ARG002
        return None


class _Sound:
    """A cache whose damaged entries are none, as a run that can ask again takes it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Entry | None:
        try:
            return self._store.get(key)
        except DamagedEntry:
            return None


class _Planning:
    """A plan in the making."""

    def __init__(self, assembly: Assembly, store: Recorded, listener: Listener) -> None:
        self.plan = Plan(asks=assembly.engine.prompt is not None)
        self.seen = SpillingMap[str]()
        self._assembly = assembly
        self._descent = Descent(assembly, Vouched(recorded=True), listener.note)
        self._store = store
        self._listener = listener

    def read(self, articles: Iterable[Article | InputError], limit: int | None) -> None:
        for article in islice(self._readable(articles), limit):
            self.plan.articles += 1
            if self.plan.asks:
                try:
                    self._count(article)
                except Exception as error:  # contained: one article's failure is its own
                    self._fail(article, error)

    def _readable(self, articles: Iterable[Article | InputError]) -> Iterator[Article]:
        for found in articles:
            if isinstance(found, InputError):
                self.plan.unread += 1
                self._listener.problem(str(found))
            else:
                yield found

    def _count(self, article: Article) -> None:
        work = self._assembly.engine.open(article)
        self.plan.chunks += len(work.exchanges)
        missing, known = lead_article(work, self._store, self._descent)
        self.plan.answered += len(known)
        for request in missing:
            if self.seen.get(request.key) is None:
                self.seen.put(request.key, "")
                self.plan.requests += 1
                self.plan.tokens_in += tokens_of(request)
                self.plan.tokens_out += _bound(request)

    def _fail(self, article: Article, error: Exception) -> None:
        if isinstance(error, QuotesError) and error.exit_code > 1 and not isinstance(error, CacheError):
            raise error
        self.plan.failed += 1
        what = str(error) if isinstance(error, QuotesError) else f"{type(error).__name__}: {error}"
        self._listener.problem(f"{article.source or article.id}: {what}")


@contextmanager
def _opened(settings: Settings, asking: Asking | None) -> Iterator[tuple[Recorded, Mapping[str, Any]]]:
    """The cache that the run would look into, if it is there, with its manifest."""
    store = _store(settings, asking)
    try:
        if store is None:
            yield _Nothing(), {}
        else:
            yield store if replay_source(settings) else _Sound(store), store.manifest()
    finally:
        if store is not None:
            store.close()


def _store(settings: Settings, asking: Asking | None) -> Store | None:
    source = replay_source(settings)
    if source is not None:
        return open_store(source, create=False)
    if asking is None or asking.mode in ("off", "refresh"):
        return None
    place = default_cache_path() if asking.default_store else Path(asking.store or "").expanduser()
    if not place.exists() or _is_empty(place):
        return None
    return open_store(place, create=False)


def _is_empty(place: Path) -> bool:
    """Whether the run would make a new cache of what is at *place*."""
    return not any(place.iterdir()) if place.is_dir() else place.stat().st_size == 0


def _unconnected(settings: Settings) -> Settings:
    """*settings* that need no key and open no cache."""
    keyless = replace(settings.endpoint, header_env={})
    return replace(settings, endpoint=keyless, api_key_env=None, cache=None, record=None, cache_mode="off")


def _bound(request: Request) -> int:
    """The most tokens the reply to *request* may have; 0 where it does not say."""
    bounds = (request.body.get(name) for name in _BOUNDS)
    return next((bound for bound in bounds if isinstance(bound, int)), 0)
