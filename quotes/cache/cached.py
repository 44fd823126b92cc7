"""The backend around a backend: looks in a store first, stores what it had to ask for, asks once per key."""

from __future__ import annotations

import asyncio
import copy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from quotes.cache.entry import Entry
from quotes.cache.store import Remote
from quotes.errors import DamagedEntry, QuotesError, RequestFailed, UsageError
from quotes.exchange import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from quotes.cache.store import Store
    from quotes.exchange import Backend, Reply, Request

CacheMode = Literal["auto", "replay", "refresh", "off"]
"""auto: the store first, then the endpoint. replay: the store alone. refresh: the endpoint, stored. off: no store."""

_MOMENT: Final = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Counts:
    """How many replies came from the store and how many were asked for; *stored* of the latter were answered and kept,
    *mended* are those whose stored entry was damaged. *recalled* are the tokens of the former, used when they were
    made."""

    hits: int = 0
    asked: int = 0
    stored: int = 0
    mended: int = 0
    recalled: Usage = Usage()


@dataclass(slots=True)
class _Flight:
    """One key being asked for: *turn* is held by the one that asks, *error* is what became of it for the others."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    error: QuotesError | None = None


class Cached:
    """A ``Backend`` that answers from *store* and asks *inner* for the rest, as *mode* says.

    It belongs to one event loop. ``aclose`` closes *inner* and *store* too.
    """

    def __init__(self, store: Store | None, inner: Backend | None, mode: CacheMode = "auto") -> None:
        """*store* may be ``None`` with ``off`` only, *inner* with ``replay`` only.

        Raises:
            UsageError: one of them is missing.
        """
        if store is None and mode != "off":
            raise UsageError(f"cache mode {mode} needs a cache", remedy="give --cache PATH")
        if inner is None and mode != "replay":
            raise UsageError(f"cache mode {mode} needs an endpoint", remedy="give --base-url, or use --replay")
        self._store = store
        self._inner = inner
        self._mode = mode
        self._remote: Remote | None = store if isinstance(store, Remote) else None
        self._locks = None if store is None or mode in ("replay", "off") else store.locks()
        self._flights: dict[str, _Flight] = {}
        self._refreshed: set[str] = set()
        self._damaged: set[str] = set()
        self._counts = Counts()

    @property
    def counts(self) -> Counts:
        """How many replies came from the store and how many were asked for, so far."""
        return self._counts

    async def complete(self, request: Request) -> Reply:
        """The reply to *request*, from the store or the endpoint; one asked for is stored before it is returned.

        A damaged entry is none: where there is an endpoint it is asked for again and stored in place.

        Raises:
            ReplayMiss: mode ``replay`` and nothing is stored.
            CacheError: mode ``replay`` and what is stored is damaged, or the whole store is.
            OutputError: the reply cannot be stored.
            RequestFailed, EndpointUnusable: as the endpoint says.
        """
        stored = self.stored(request) if self._remote is None else await self.recall(request)
        if stored is not None:
            return stored
        if self._store is None or self._mode == "off":
            return await self._ask(request)
        async with self._turn(request.key) as flight:
            return await self._fetch(request, flight)

    def stored(self, request: Request) -> Reply | None:
        """The reply to *request* that stands in the store, at once; ``None`` where the endpoint has to be asked.

        Raises:
            ReplayMiss, CacheError: as `complete` does in mode ``replay``.
            RequestFailed: *request* can be neither asked nor stored.
        """
        if self._store is None or self._mode == "off":
            return None
        check_key(request)
        stored = self._counted(self._found(request))
        if stored is None and self._mode == "replay":
            from quotes.cache.nearest import replay_miss

            raise replay_miss(self._store, request)
        return stored

    async def recall(self, request: Request) -> Reply | None:
        """As `stored`; where the store is a round trip away the event loop goes on meanwhile."""
        if self._store is None or self._remote is None or self._mode == "off":
            return self.stored(request)
        check_key(request)
        stored = self._counted(await self._found_afar(request, self._remote))
        if stored is None and self._mode == "replay":
            from quotes.cache.nearest import replay_miss

            raise await asyncio.to_thread(replay_miss, self._store, request)
        return stored

    def peek(self, request: Request) -> Reply | None:
        """As `stored`, where it is not known whether the reply will be used: it is not counted, and none to find is no
        error."""
        if self._store is None or self._mode == "off":
            return None
        check_key(request)
        return self._found(request)

    async def aclose(self) -> None:
        """Close the endpoint and the store."""
        try:
            if self._inner is not None:
                await self._inner.aclose()
        finally:
            try:
                if self._remote is not None:
                    await self._remote.settle()
            finally:
                if self._locks is not None:
                    await self._locks.aclose()
                if self._store is not None:
                    self._store.close()

    def _counted(self, reply: Reply | None) -> Reply | None:
        if reply is not None:
            recalled = self._counts.recalled + reply.usage
            self._counts = replace(self._counts, hits=self._counts.hits + 1, recalled=recalled)
        return reply

    def _found(self, request: Request) -> Reply | None:
        if self._is_to_be_refreshed(request):
            return None
        assert self._store is not None
        try:
            return self._store.reply(request)
        except DamagedEntry as error:
            self._note_damage(request, error)
            return None

    async def _found_afar(self, request: Request, store: Remote) -> Reply | None:
        if self._is_to_be_refreshed(request):
            return None
        try:
            return await store.fetch(request)
        except DamagedEntry as error:
            self._note_damage(request, error)
            return None

    def _is_to_be_refreshed(self, request: Request) -> bool:
        return self._mode == "refresh" and request.key not in self._refreshed

    def _note_damage(self, request: Request, error: DamagedEntry) -> None:
        if self._mode == "replay":
            raise error
        self._damaged.add(request.key)

    @asynccontextmanager
    async def _turn(self, key: str) -> AsyncIterator[_Flight]:
        """The right to ask for *key*, given to one caller after the other: if one is cancelled the next takes over."""
        flight = self._flights.setdefault(key, _Flight())
        flight.users += 1
        try:
            async with flight.turn:
                yield flight
        finally:
            flight.users -= 1
            if flight.users == 0:
                del self._flights[key]

    async def _fetch(self, request: Request, flight: _Flight) -> Reply:
        if flight.error is not None:  # the one that went before had all the retries there are
            raise copy.copy(flight.error)
        stored = await self._looked_up(request)
        if stored is not None:
            return stored
        assert self._locks is not None
        try:
            async with self._locks.hold(request.key):
                stored = await self._looked_up(request)  # another process may have been first
                return stored if stored is not None else await self._ask_and_store(request)
        except QuotesError as error:
            flight.error = error
            raise

    async def _looked_up(self, request: Request) -> Reply | None:
        if self._remote is None:
            return self._counted(self._found(request))
        return self._counted(await self._found_afar(request, self._remote))

    async def _ask_and_store(self, request: Request) -> Reply:
        reply = await self._ask(request)
        assert self._store is not None
        if self._remote is None:
            self._store.put(Entry(request, reply))
        else:
            await _to_the_end(self._remote.keep(Entry(request, reply)))
        self._counts = replace(self._counts, stored=self._counts.stored + 1)
        if self._mode == "refresh":
            self._refreshed.add(request.key)
        if request.key in self._damaged:
            self._damaged.remove(request.key)
            self._counts = replace(self._counts, mended=self._counts.mended + 1)
        return reply

    async def _ask(self, request: Request) -> Reply:
        assert self._inner is not None
        self._counts = replace(self._counts, asked=self._counts.asked + 1)
        return await self._inner.complete(request)


async def _to_the_end(work: Coroutine[None, None, None]) -> None:
    """Wait for *work* even where the caller is cancelled, then for a moment: a key is not let go of before its reply is
    stored, unless the store is away. *work* goes on in any case."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be waiting any more
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=_MOMENT)
        raise


def check_key(request: Request) -> None:
    """Make sure that *request* has a key. Raises RequestFailed where its text is none that could be sent."""
    try:
        _ = request.key
    except UnicodeEncodeError as error:
        where = f"{request.article}: chunk {request.chunk}"
        raise RequestFailed("the text holds half a surrogate pair", where=where, remedy="mend the input") from error
