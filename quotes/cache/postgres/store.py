"""The PostgreSQL store: one row a call, shared parts once, for as many processes and machines as share a cache."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from quotes.cache.entry import DamageError, Entry, dumps
from quotes.cache.folding import Parts
from quotes.cache.postgres.address import address_of
from quotes.cache.postgres.batching import Batches
from quotes.cache.postgres.connection import LAST_PATIENCE, PATIENCE, Connections
from quotes.cache.postgres.locks import PostgresLocks, alone
from quotes.cache.postgres.pending import PendingRows
from quotes.cache.postgres.rows import Found, parts_of, plain, row_of, sound_part
from quotes.cache.postgres.schema import PREFIX, prepare
from quotes.cache.store import Manifest, Place, Problem, Stored
from quotes.errors import CacheError, DamagedEntry, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from psycopg import Connection

    from quotes.exchange import Reply, Request

    Session = Connection[tuple[Any, ...]]

_REMEDY_DAMAGED = "quotes cache verify shows what else is damaged; --cache-mode refresh asks again"
_THREADS: Final = 3  # that read, write and lock: as many connections has a process, and one for what is read on end
_PAGE, _PAGE_OF_KEYS = 200, 10_000  # rows read at once
_WRITTEN: Final = 4_096  # hashes of shared parts, remembered for being there
_COLUMNS: Final = "key, request, reply, checksum"


class Postgres:
    """Entries in tables of a schema of their own. Usable from any thread, each call takes a round trip; a coroutine
    has `fetch` and `keep`, for which no event loop waits."""

    kind = "postgresql"
    path = None

    def __init__(self, place: str, *, create: bool = True, patience: float = PATIENCE) -> None:
        """Open the cache at the address *place*, making its tables where they are missing and *create* says so.

        *patience* is for how many seconds a server that has gone away is waited for.

        Raises:
            UsageError: psycopg is not installed.
            CacheError: it cannot be opened or made, is of another version, or there is none.
        """
        address = address_of(place)
        self._connections = Connections(address, patience=patience)
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="quotes-cache")
        self._gets: Batches[str, Found | None] = Batches(self._executor, self._found)
        self._puts: Batches[Entry, None] = Batches(self._executor, self._put)
        self._parts = Parts()
        self._written: set[str] = set()
        self._guard = threading.Lock()
        schema = f'"{address.schema}"'
        self._replies, self._shared, self._meta = (f"{schema}.{name}" for name in ("replies", "shared", "meta"))
        try:
            self._connections.first(lambda connection: prepare(connection, address, create=create))
        except BaseException:
            self.close()
            raise

    @property
    def where(self) -> str:
        """The address as messages show it, without a password."""
        return self._connections.address.where

    @property
    def size(self) -> int:
        """Bytes of the tables and their indexes on the server's disk."""
        query = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'"
        )
        return int(self._one(query, self._connections.address.schema)[0])

    @property
    def pending(self) -> PendingRows:
        """In a table beside the replies."""
        return PendingRows(self._connections, self._statement_of_parts(), self._read_parts)

    def locks(self) -> PostgresLocks:
        """Locks on the keys of this store, in a session of their own."""
        return PostgresLocks(self._connections, self._executor)

    def alone(self) -> AbstractContextManager[bool]:
        """Keep all keys from everybody else while this lasts. False: somebody has one."""
        return alone(self._connections)

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None``. Raises DamagedEntry where its row is."""
        return self._entry(self._found([key])[0])

    def reply(self, request: Request) -> Reply | None:
        """As `get`, for the reply alone."""
        return self._reply(request, self._found([request.key])[0])

    async def fetch(self, request: Request) -> Reply | None:
        """As `reply`, without keeping the event loop waiting."""
        return self._reply(request, await self._gets.ask(request.key))

    def put(self, entry: Entry) -> None:
        """Store *entry* in one statement. Raises OutputError where that fails."""
        self._put([entry])

    async def keep(self, entry: Entry) -> None:
        """As `put`, without keeping the event loop waiting. It is stored even if the caller does not wait for it."""
        await self._puts.ask(entry)

    async def settle(self) -> None:
        """Wait until all is stored that was given to `keep`, or `LAST_PATIENCE` is over: then raises OutputError."""
        if lost := await self._puts.settle(LAST_PATIENCE):
            what = f"{lost:,} {'reply' if lost == 1 else 'replies'} could not be stored, since the database is away"
            raise OutputError(what, where=self.where, remedy="the same command asks for them again")

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries, or those of *article* and *chunk*, in order of article, chunk and key."""
        for found in self._pages(article, chunk):
            try:
                entry = self._entry(found)
            except DamagedEntry:
                if not sound:
                    raise
                continue
            if entry is not None:
                yield entry

    def scan(self) -> Iterator[Stored]:
        """Every row, in order of article, chunk and key."""
        for found in self._pages():
            try:
                entry = self._entry(found)
            except DamagedEntry as error:
                yield Stored(found.key, Problem(error.where, error.what, error.remedy))
                continue
            assert entry is not None
            yield Stored(found.key, entry)

    def delete(self, places: Iterable[Place]) -> None:
        """Drop the rows *places* and what only they used in one transaction, and let later rows take their space."""
        keys = [str(place) for place in places]
        pending = f'"{self._connections.address.schema}".pending'

        def drop(connection: Session) -> None:
            with connection.transaction():
                connection.execute("SET LOCAL statement_timeout = 0")
                connection.execute(f"LOCK TABLE {self._replies}, {pending} IN SHARE ROW EXCLUSIVE MODE")
                connection.execute(f"DELETE FROM {self._replies} WHERE key = ANY(%s)", (keys,))
                used = "regexp_matches(request, '\"\\$shared\":\\s*\"(\\w+)\"', 'g')"
                connection.execute(
                    f"DELETE FROM {self._shared} WHERE hash NOT IN ("
                    f"SELECT ({used})[1] FROM {self._replies} UNION SELECT ({used})[1] FROM {pending})"
                )

        def vacuum(connection: Session) -> None:
            connection.execute("SELECT set_config('statement_timeout', '0', false)")
            connection.execute(f"VACUUM (ANALYZE) {self._replies}, {self._shared}")

        self._connections.write(drop)
        with self._guard:
            self._parts.clear()
            self._written.clear()
        self._connections.write(vacuum)

    def steady(self) -> AbstractContextManager[None]:
        """Nothing: every look is one at the server."""
        return nullcontext()

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        query = f"SELECT key FROM {self._replies} WHERE key >= %s AND key > %s AND key < %s ORDER BY key LIMIT %s"
        start, last = plain(prefix), ""
        while page := self._rows(query, start, last, start + "g", _PAGE_OF_KEYS):  # "g" sorts after every hex digit
            yield from (str(key) for (key,) in page)
            last = str(page[-1][0])

    def manifest(self) -> Manifest:
        """What the store was recorded with."""
        rows = self._rows(f"SELECT name, value FROM {self._meta} ORDER BY name")
        try:
            return {str(name): json.loads(value) for name, value in rows}
        except (ValueError, RecursionError) as error:
            raise CacheError(
                "is damaged: the manifest is no JSON", where=self.where, remedy="name another ?schema="
            ) from error

    def merge_manifest(self, fields: Mapping[str, Any]) -> None:
        """Set *fields* and keep the others."""
        present = self.manifest()
        changed = {name: dumps(value) for name, value in sorted(fields.items()) if present.get(name, ...) != value}
        statement = (
            f"INSERT INTO {self._meta} SELECT * FROM unnest(%s::text[], %s::text[]) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        if changed:
            given = (list(changed), list(changed.values()))
            self._connections.write(lambda connection: connection.execute(statement, given))

    def verify(self) -> Iterator[Problem]:
        """Every row that is no sound entry."""
        return (stored.found for stored in self.scan() if isinstance(stored.found, Problem))

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        self._connections.close()
        self._executor.shutdown(wait=True)

    def _found(self, keys: Sequence[str]) -> list[Found | None]:
        """The rows of *keys*, with the shared parts they need."""
        query = f"SELECT {_COLUMNS} FROM {self._replies} WHERE key = ANY(%s)"
        rows = {row.key: row for row in self._with_parts(self._rows(query, [plain(key) for key in keys]))}
        return [rows.get(key) for key in keys]

    def _put(self, entries: Sequence[Entry]) -> list[None]:
        """Store *entries* in one statement; of several of one key the last.

        Their shared parts are sent where they are not known to be there. In the order of keys, so that two processes
        cannot wait for each other.
        """
        rows, shared = {}, {}
        for entry in entries:
            row, parts = row_of(entry)
            rows[row[0]] = row
            shared.update(parts)
        columns = [list(column) for column in zip(*(rows[key] for key in sorted(rows)), strict=True)]
        names = sorted(shared)
        with self._guard:
            known = self._written.issuperset(names)
        given = "unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
        insert = f"INSERT INTO {self._replies} SELECT * FROM {given} "
        update = "request = excluded.request, reply = excluded.reply, checksum = excluded.checksum"
        conflict = f"ON CONFLICT (key) DO UPDATE SET article = excluded.article, chunk = excluded.chunk, {update}"
        if_there = f"WHERE (SELECT count(*) FROM {self._shared} WHERE hash = ANY(%s)) = %s "

        def write(connection: Session) -> None:
            if known:  # unless another process has dropped them since
                done = connection.execute(insert + if_there + conflict, (*columns, names, len(names)))
                if done.rowcount:
                    return
            with connection.transaction():
                connection.execute(insert + conflict, columns)  # before its parts: from now on nobody can drop those
                connection.execute(self._statement_of_parts(), (names, [shared[name] for name in names]))

        self._connections.write(write)
        with self._guard:
            if len(self._written) > _WRITTEN:
                self._written.clear()
            self._written.update(names)
        return [None] * len(entries)

    def _statement_of_parts(self) -> str:
        """Stores shared parts, given their hashes and values; those that are there are not touched, unless damaged."""
        return (
            f"INSERT INTO {self._shared} SELECT hash, value FROM unnest(%s::text[], %s::text[]) AS given (hash, value) "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self._shared} AS known "
            "WHERE known.hash = given.hash AND known.value = given.value) "
            "ON CONFLICT (hash) DO UPDATE SET value = excluded.value"
        )

    def _pages(self, article: str | None = None, chunk: int | None = None) -> Iterator[Found]:
        """The rows of *article* and *chunk* in order, a page at a time: what comes between two pages keeps no
        transaction open, and a server that restarts is asked for the next page."""
        place = f"left(article, {PREFIX}), chunk, key"
        limits, given = [f"({place}) > (%s, %s, %s)"], []
        if article is not None:
            limits += [f"left(article, {PREFIX}) = left(%s, {PREFIX})", "article = %s"]
            given += [plain(article)] * 2
        if chunk is not None:
            limits.append("chunk = %s")
        numbers = [chunk] if chunk is not None else []
        query = (
            f"SELECT {_COLUMNS}, left(article, {PREFIX}), chunk FROM {self._replies} "
            f"WHERE {' AND '.join(limits)} ORDER BY {place} LIMIT {_PAGE}"
        )
        after: tuple[Any, ...] = ("", -1, "")
        while page := self._rows(query, *after, *given, *numbers):
            yield from self._with_parts([row[:4] for row in page])
            after = (page[-1][4], page[-1][5], page[-1][0])

    def _with_parts(self, rows: Sequence[tuple[Any, ...]]) -> list[Found]:
        if not rows:
            return []
        parts = self._read_parts(parts_of(row[1] for row in rows))
        return [Found(key, request, reply, checksum, parts) for key, request, reply, checksum in rows]

    def _read_parts(self, names: Iterable[str]) -> dict[str, Any]:
        """The shared parts of *names* that are there and sound: from memory, or read and kept there."""
        wanted = set(names)
        with self._guard:
            parts = {name: self._parts[name] for name in wanted if name in self._parts}
        missing = sorted(wanted.difference(parts))
        if missing:
            read: dict[str, Any] = {}
            for name, text in self._rows(f"SELECT hash, value FROM {self._shared} WHERE hash = ANY(%s)", missing):
                sound_part(name, text, read.__setitem__)
            with self._guard:
                for name, value in read.items():
                    self._parts[name] = value
                self._written.difference_update(set(missing).difference(read))  # damaged: to be sent again
            parts |= read
        return parts

    def _entry(self, found: Found | None) -> Entry | None:
        with self._telling_damage(found):
            return None if found is None else found.entry()

    def _reply(self, request: Request, found: Found | None) -> Reply | None:
        with self._telling_damage(found):
            return None if found is None else found.reply_to(request)

    @contextmanager
    def _telling_damage(self, found: Found | None) -> Iterator[None]:
        try:
            yield
        except DamageError as error:
            assert found is not None
            what = f"is damaged: row {found.key[:8]}: {error}"
            raise DamagedEntry(what, where=self.where, remedy=_REMEDY_DAMAGED) from error

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connections.read(lambda connection: connection.execute(query, values).fetchall())

    def _one(self, query: str, *values: Any) -> tuple[Any, ...]:
        return self._rows(query, *values)[0]
