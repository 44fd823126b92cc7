"""The SQLite store: one row a call, shared parts once, in WAL mode so that a run and a reader do not block."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from quotes.cache.connection import BUSY_SECONDS, FAULTS, connect
from quotes.cache.entry import (
    DamageError,
    Entry,
    checked,
    checked_reply,
    checksum,
    dumps,
    object_of,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from quotes.cache.folding import Parts, fold, is_name_of_part, parts_named_in, unfold
from quotes.cache.local import Local
from quotes.cache.pending import PendingTable, small_of
from quotes.cache.store import Manifest, Place, Problem, Stored
from quotes.errors import CacheError, DamagedEntry, OutputError
from quotes.exchange import KEY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from quotes.exchange import Reply, Request

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x51544553  # "QTES": tells our files from anyone else's SQLite
_REMEDY_BROKEN = "restore the file, or delete it"
_REMEDY_UNREACHABLE = "check the path and the free space there"
_REMEDY_DAMAGED = "quotes cache verify shows what else is damaged; --cache-mode refresh asks again"
_REMEDY_UNWRITABLE = "free space or make it writable; what is stored is kept, the same command goes on from there"

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE shared (hash TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE replies (key TEXT PRIMARY KEY, article TEXT NOT NULL, chunk INTEGER NOT NULL,
                      request TEXT NOT NULL, reply TEXT NOT NULL, checksum TEXT NOT NULL);
CREATE INDEX replies_by_article ON replies (article, chunk);
"""
_COLUMNS = "key, request, reply, checksum"


class Database(Local):
    """A SQLite file of entries. Usable from any thread; each call takes about a millisecond."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        """Open the file at *path*, making it and its folder where they are missing.

        Raises:
            CacheError: the file is damaged, of another version, somebody else's, or cannot be made.
        """
        self.path = path
        self._shared = Parts()
        self._guard = threading.RLock()
        try:
            self._connection = connect(path)
            self._prepare()
        except FAULTS as error:
            remedy = _REMEDY_UNREACHABLE if isinstance(error, sqlite3.OperationalError) else _REMEDY_BROKEN
            raise CacheError(f"cannot be opened: {_reason(error)}", where=str(path), remedy=remedy) from error
        except OSError as error:
            raise CacheError(f"cannot be made: {_reason(error)}", where=str(path), remedy="check the path") from error
        except OutputError as error:
            raise CacheError(error.what, where=error.where, remedy=error.remedy) from error

    @property
    def lock_path(self) -> Path:
        """Next to the file, named like SQLite's own companions."""
        return self.path.with_name(self.path.name + "-lock")

    @property
    def pending(self) -> PendingTable:
        """In a table of this very file."""
        return PendingTable(str(self.path), self._rows, self._transaction, self._load)

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None``. Raises DamagedEntry where its row is."""
        row = next(self._rows(f"SELECT {_COLUMNS} FROM replies WHERE key = ?", key), None)
        return None if row is None else self._entry((key, *row[1:]))  # a damaged index may lead to another's row

    def reply(self, request: Request) -> Reply | None:
        """As `get`, for the reply alone: what is stored of *request* is compared with it, instead of being rebuilt."""
        row = next(self._rows(f"SELECT {_COLUMNS} FROM replies WHERE key = ?", request.key), None)
        if row is None:
            return None
        _, stored, reply, stored_checksum = row
        with suppress(ValueError, TypeError, RecursionError, DamageError):  # `_entry` tells what is wrong
            if self._is_stored_as(stored, request):
                return checked_reply(request, reply_from_json(json.loads(reply)), stored_checksum)
        return self._entry((request.key, stored, reply, stored_checksum)).reply

    def put(self, entry: Entry) -> None:
        """Store *entry* in one transaction. Raises OutputError where that fails."""
        folded, shared = fold(entry.request.body)
        request = entry.request
        row = (
            entry.key,
            _plain(request.article),
            request.chunk,
            dumps({**small_of(request), "body": folded}),
            dumps(reply_to_json(entry.reply)),
            checksum(entry),
        )
        with self._transaction() as connection:
            for part in ((name, dumps(value)) for name, value in shared.items()):
                # Looked up each time: it may have been damaged, or dropped by another process, since it was written.
                sound = connection.execute("SELECT 1 FROM shared WHERE hash = ? AND value = ?", part).fetchone()
                if sound is None:
                    connection.execute("INSERT OR REPLACE INTO shared VALUES (?, ?)", part)
            connection.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)", row)

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries, or those of *article* and *chunk*, in order of article, chunk and key."""
        wanted = {"article": None if article is None else _plain(article), "chunk": chunk}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in given)
        query = f"SELECT {_COLUMNS} FROM replies {'WHERE ' + where if where else ''} ORDER BY article, chunk, key"
        for row in self._rows(query, *given.values()):
            try:
                entry = self._entry(row)
            except DamagedEntry:
                if not sound:
                    raise
                continue
            yield entry

    def scan(self) -> Iterator[Stored]:
        """Every row, in order of article, chunk and key."""
        for place, *row in self._rows(f"SELECT rowid, {_COLUMNS} FROM replies ORDER BY article, chunk, key"):
            try:
                yield Stored(place, self._entry(tuple(row)))
            except DamagedEntry as error:
                yield Stored(place, Problem(error.where, error.what, error.remedy))

    def delete(self, places: Iterable[Place]) -> None:
        """Drop the rows *places* and what only they used in one transaction, then make the file small."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM replies WHERE rowid = ?", ((place,) for place in places))
            used: set[str] = set()
            for table in sorted({"replies", "pending"}.intersection(self._names_of("table"))):
                for (request,) in connection.execute(f"SELECT request FROM {table}"):
                    used |= parts_named_in(str(request))
            parts = list(connection.execute("SELECT rowid, hash FROM shared"))
            unused = ((place,) for place, name in parts if name not in used)
            connection.executemany("DELETE FROM shared WHERE rowid = ?", unused)
        self._shared.clear()
        with self._writing():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def steady(self) -> AbstractContextManager[None]:
        """Nothing: a look at the file costs little."""
        return nullcontext()

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        query = "SELECT key FROM replies WHERE key >= ? AND key < ? ORDER BY key"
        return (row[0] for row in self._rows(query, prefix, prefix + "g"))  # "g" sorts after every hex digit

    def manifest(self) -> Manifest:
        """What the store was recorded with."""
        rows = dict(self._rows("SELECT name, value FROM meta ORDER BY name"))
        try:
            return {str(name): json.loads(value) for name, value in rows.items()}
        except (ValueError, TypeError, RecursionError) as error:
            what = "is damaged: the manifest is no JSON"
            raise CacheError(what, where=str(self.path), remedy=_REMEDY_BROKEN) from error

    def merge_manifest(self, fields: Mapping[str, Any]) -> None:
        """Set *fields* and keep the others."""
        present = self.manifest()
        changed = [(name, dumps(value)) for name, value in fields.items() if present.get(name, ...) != value]
        if changed:
            with self._transaction() as connection:
                connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", changed)

    def verify(self) -> Iterator[Problem]:
        """What SQLite itself finds, then every row that is no sound entry."""
        try:
            for (finding,) in self._rows("PRAGMA quick_check(5)"):
                if finding != "ok":
                    yield Problem(str(self.path), str(finding), _REMEDY_BROKEN)
            yield from (stored.found for stored in self.scan() if isinstance(stored.found, Problem))
        except CacheError as error:  # the file itself is broken from here on
            yield Problem(error.where, error.what, error.remedy)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self._connection.close()

    def _prepare(self) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if application == 0 and version == 0 and not self._names_of("table"):
            self._create()
        elif application != _APPLICATION_ID or self._names_of("view", "trigger"):
            raise CacheError("is a SQLite file of another program", where=str(self.path), remedy="give another path")
        check_version(self.path, "schema", self._pragma("user_version"), SCHEMA_VERSION)
        check_version(self.path, "key", self.manifest().get("key_version"), KEY_VERSION)

    def _create(self) -> None:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:  # SQLite does not wait its busy timeout when two processes switch a new file to WAL at once
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        with self._transaction() as connection:
            if self._names_of("table"):  # another process was first
                return
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('key_version', ?)", (str(KEY_VERSION),))
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _names_of(self, *kinds: str) -> list[str]:
        rows = self._connection.execute("SELECT type, name FROM sqlite_master")
        return [name for kind, name in rows if kind in kinds]

    def _rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        try:
            with self._guard:
                cursor = self._connection.execute(query, values)
            while True:
                with self._guard:
                    row = cursor.fetchone()
                if row is None:
                    return
                yield row
        except FAULTS as error:
            raise CacheError(_reason(error), where=str(self.path), remedy=_REMEDY_BROKEN) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing():
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._guard:
            try:
                yield
            except FAULTS as error:
                what = f"cannot be written: {_reason(error)}"
                raise OutputError(what, where=str(self.path), remedy=_REMEDY_UNWRITABLE) from error

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        key, request, reply, stored_checksum = row
        try:
            fields = object_of(json.loads(request), "request")
            body = unfold(fields.get("body"), self._load)
            entry = Entry(request_from_json(fields, body), reply_from_json(json.loads(reply)))
            return checked(entry, key, stored_checksum)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._damaged(f"row {str(key)[:8]}: {_reason(error)}") from error
        except DamageError as error:
            raise self._damaged(f"row {str(key)[:8]}: {error}") from error

    def _is_stored_as(self, stored: Any, request: Request) -> bool:
        """Whether *stored* and the shared parts are, to the letter, what is stored of *request*. It may be in other
        letters, or of another article, and sound all the same."""
        folded, shared = fold(request.body)
        if stored != dumps({**small_of(request), "body": folded}):
            return False
        return all(self._is_part(name, value) for name, value in shared.items())

    def _is_part(self, name: str, value: Any) -> bool:
        if name not in self._shared:
            row = next(self._rows("SELECT value FROM shared WHERE hash = ?", name), None)
            if row is None or row[0] != dumps(value):
                return False
            self._shared[name] = value
        return True

    def _load(self, name: str) -> Any:
        if name not in self._shared:
            row = next(self._rows("SELECT value FROM shared WHERE hash = ?", name), None)
            if row is None:
                raise DamageError(f"its shared part {name} is missing")
            value = json.loads(row[0])
            if not is_name_of_part(name, value):
                raise DamageError(f"its shared part {name} does not fit its hash")
            self._shared[name] = value
        return self._shared[name]

    def _damaged(self, what: str) -> DamagedEntry:
        return DamagedEntry(f"is damaged: {what}", where=str(self.path), remedy=_REMEDY_DAMAGED)


def check_version(path: Path | str, name: str, found: Any, known: int) -> None:
    """Refuse a store whose *name* version is not the *known* one.

    Raises:
        CacheError: it is older or newer, so it would be misread.
    """
    if found == known:
        return
    newer = isinstance(found, int) and found > known
    remedy = "install a newer quotes, or give another path" if newer else "give another path and record again"
    raise CacheError(f"has {name} version {found}, this program reads {known}", where=str(path), remedy=remedy)


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or os.strerror(error.errno or errno.EIO)
    return " ".join(str(error).split()) or type(error).__name__
