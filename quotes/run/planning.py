"""A plan: what a run would ask for and what that would cost, found without sending, storing or writing anything.

Every conversation is led as far as the cache answers it, as for a batch. What follows from a reply that is not there
yet (a repair, halves of a chunk cut short, marks asked again) cannot be known before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from quotes.cache import Store, default_cache_path, find_store, open_store
from quotes.cache.entry import Entry
from quotes.errors import InputError
from quotes.exchange import Request
from quotes.model import Article
from quotes.prompting.dialect import LIMIT_PARAMETERS
from quotes.run.assembly import assemble
from quotes.run.batch import HEARD, tokens_of
from quotes.run.connecting import ledger_of, localized
from quotes.run.job import Listener
from quotes.run.leading import Led, Recorded, Sound, Walk
from quotes.run.settings import Asking, Settings, decide_asking, refuse_contradictions, replay_source


@dataclass(slots=True)
class Plan(Led):
    """What a run would come to. *asks* is false where no model is asked at all.

    *requests* would be sent, each once. *tokens_in* are estimated, *tokens_out* the most that the replies to *requests*
    may have. *cost* is what both cost at most in *currency*, ``None`` without prices.
    """

    asks: bool = True
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    currency: str = ""

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
        done = Plan(asks=assembly.engine.prompt is not None)
        try:
            for request in Walk(assembly, store, listener or Listener(), done).requests(articles, settings.limit):
                done.requests += 1
                done.tokens_in += tokens_of(request)
                done.tokens_out += _bound(request)
        finally:
            asyncio.run(assembly.backend.aclose())
    prices = ledger_of(settings).prices
    if prices is not None:
        done.cost, done.currency = prices.most(done.tokens_in, done.tokens_out), prices.currency
    return done


class _Nothing:
    """A cache that has nothing, for one that is not there or is not looked at."""

    def get(self, key: str) -> Entry | None:  # noqa: ARG002
        return None


@contextmanager
def _opened(settings: Settings, asking: Asking | None) -> Iterator[tuple[Recorded, Mapping[str, Any]]]:
    """The cache that the run would look into, if it is there, with its manifest."""
    store = _store(settings, asking)
    try:
        if store is None:
            yield _Nothing(), {}
        else:
            yield store if replay_source(settings) else Sound(store), store.manifest()
    finally:
        if store is not None:
            store.close()


def _store(settings: Settings, asking: Asking | None) -> Store | None:
    source = replay_source(settings)
    if source is not None:
        return open_store(source, create=False)
    if asking is None or asking.mode in ("off", "refresh"):
        return None
    return find_store(default_cache_path() if asking.default_store else asking.store or "")


def _unconnected(settings: Settings) -> Settings:
    """*settings* that need no key and open no cache."""
    keyless = replace(settings.endpoint, header_env={})
    return replace(settings, endpoint=keyless, api_key_env=None, cache=None, record=None, cache_mode="off")


def _bound(request: Request) -> int:
    """The most tokens the reply to *request* may have; 0 where it does not say."""
    bounds = (request.body.get(name) for name in LIMIT_PARAMETERS)
    return max((bound for bound in bounds if isinstance(bound, int)), default=0)
