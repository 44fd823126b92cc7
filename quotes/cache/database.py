"""The SQLite store: one row a call, shared parts once, in WAL mode so that a run and a reader do not block."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quotes.cache.entry import (
    DamageError,
    Entry,
    checked,
    checksum,
    digest,
    dumps,
    object_of,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from quotes.cache.folding import fold, unfold
from quotes.cache.pending import PendingTable
from quotes.cache.store import Manifest, Problem
from quotes.errors import CacheError, OutputError
from quotes.exchange import KEY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x51544553  # "QTES": tells our files from anyone else's SQLite
_BUSY_SECONDS = 30.0
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


class Database:
    """A SQLite file of entries. Usable from any thread; each call takes about a millisecond."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        """Open the file at *path*, making it and its folder where they are missing.

        Raises:
            CacheError: the file is damaged, of another version, somebody else's, or cannot be made.
        """
        self.path = path
        self._shared: dict[str, Any] = {}
        self._stored: set[str] = set()
        self._guard = threading.RLock()
        try:
            self._connection = _connect(path)
            self._prepare()
        except sqlite3.DatabaseError as error:
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
        """The entry of *key*, or ``None``. Raises CacheError where its row is damaged."""
        row = next(self._rows(f"SELECT {_COLUMNS} FROM replies WHERE key = ?", key), None)
        return None if row is None else self._entry(row)

    def put(self, entry: Entry) -> None:
        """Store *entry* in one transaction. Raises OutputError where that fails."""
        folded, shared = fold(entry.request.body)
        fresh = {name: value for name, value in shared.items() if name not in self._stored}
        request = entry.request
        small = {"label": request.label, "trial": request.trial, "article": request.article, "chunk": request.chunk}
        row = (
            entry.key,
            _plain(request.article),
            request.chunk,
            dumps({**small, "body": folded}),
            dumps(reply_to_json(entry.reply)),
            checksum(entry),
        )
        with self._transaction() as connection:
            # Written again even where the name exists: a refresh is how a damaged shared part is mended.
            parts = [(name, dumps(value)) for name, value in fresh.items()]
            connection.executemany("INSERT OR REPLACE INTO shared VALUES (?, ?)", parts)
            connection.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)", row)
        self._stored.update(shared)
        self._shared.update(fresh)

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries, or those of *article* and *chunk*, in order of article, chunk and key."""
        wanted = {"article": None if article is None else _plain(article), "chunk": chunk}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in given)
        query = f"SELECT {_COLUMNS} FROM replies {'WHERE ' + where if where else ''} ORDER BY article, chunk, key"
        for row in self._rows(query, *given.values()):
            try:
                entry = self._entry(row)
            except CacheError:
                if not sound:
                    raise
                continue
            yield entry

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        query = "SELECT key FROM replies WHERE key >= ? AND key < ? ORDER BY key"
        return (row[0] for row in self._rows(query, prefix, prefix + "g"))  # "g" sorts after every hex digit

    def manifest(self) -> Manifest:
        """What the store was recorded with."""
        rows = dict(self._rows("SELECT name, value FROM meta ORDER BY name"))
        try:
            return {name: json.loads(value) for name, value in rows.items()}
        except ValueError as error:
            raise self._damaged("the manifest is no JSON") from error

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
            for row in self._rows(f"SELECT {_COLUMNS} FROM replies ORDER BY key"):
                try:
                    self._entry(row)
                except CacheError as error:
                    yield Problem(error.where, error.what, error.remedy)
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
        if application == 0 and version == 0 and not self._tables():
            self._create()
        elif application != _APPLICATION_ID:
            raise CacheError("is a SQLite file of another program", where=str(self.path), remedy="give another path")
        check_version(self.path, "schema", self._pragma("user_version"), SCHEMA_VERSION)
        check_version(self.path, "key", self.manifest().get("key_version"), KEY_VERSION)

    def _create(self) -> None:
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:  # SQLite does not wait its busy timeout when two processes switch a new file to WAL at once
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        with self._transaction() as connection:
            if self._tables():  # another process was first
                return
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('key_version', ?)", (str(KEY_VERSION),))
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _tables(self) -> list[str]:
        return [row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

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
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise CacheError(_reason(error), where=str(self.path), remedy=_REMEDY_BROKEN) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
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

    def _load(self, name: str) -> Any:
        if name not in self._shared:
            row = next(self._rows("SELECT value FROM shared WHERE hash = ?", name), None)
            if row is None:
                raise DamageError(f"its shared part {name} is missing")
            value = json.loads(row[0])
            if digest(value)[:16] != name:
                raise DamageError(f"its shared part {name} does not fit its hash")
            self._shared[name] = value
        return self._shared[name]

    def _damaged(self, what: str) -> CacheError:
        return CacheError(f"is damaged: {what}", where=str(self.path), remedy=_REMEDY_DAMAGED)


def check_version(path: Path, name: str, found: Any, known: int) -> None:
    """Refuse a store whose *name* version is not the *known* one.

    Raises:
        CacheError: it is older or newer, so it would be misread.
    """
    if found == known:
        return
    newer = isinstance(found, int) and found > known
    remedy = "install a newer quotes, or give another path" if newer else "give another path and record again"
    raise CacheError(f"has {name} version {found}, this program reads {known}", where=str(path), remedy=remedy)


def _connect(path: Path) -> sqlite3.Connection:
    if not path.parent.exists():
        path.parent.mkdir(parents=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # In WAL mode even a reader needs companion files beside this one: where they cannot be made, nobody writes either.
    query = "mode=rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
    uri = f"{path.absolute().as_uri()}?{query}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=32
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or os.strerror(error.errno or errno.EIO)
    return " ".join(str(error).split()) or type(error).__name__
