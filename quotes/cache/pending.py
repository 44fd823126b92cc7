"""Pending requests: what was exported for somebody else to answer, kept until its reply comes in.

A reply that comes by file names nothing but a key. Here lies what that key stands for, whole, so that the
entry made of both is the one a live run would have stored, and a key nobody exported is refused. Kept beside
the replies, in a table of the SQLite file or in the folder ``pending`` of a fixture folder: it goes where they go.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from quotes.cache.entry import DamageError, dumps, object_of, request_from_json
from quotes.cache.folding import fold, unfold
from quotes.cache.writing import make_folder, write_whole
from quotes.errors import CacheError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path
    from sqlite3 import Connection

    from quotes.cache.store import Manifest
    from quotes.exchange import Request

_REMEDY = "export again"
_KEY = re.compile("[0-9a-f]{64}")
_TABLE = "CREATE TABLE IF NOT EXISTS pending (key TEXT PRIMARY KEY, request TEXT NOT NULL, manifest TEXT NOT NULL)"

# One that is there may have been damaged since: it is mended, and left alone where it is sound.
_PART = (
    "INSERT INTO shared VALUES (?, ?) "
    "ON CONFLICT (hash) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A *request* without a reply yet, and the *manifest* of the run that would ask it."""

    request: Request
    manifest: Manifest


class Pending(Protocol):
    """Requests by key."""

    def remember(self, requests: Iterable[Request], manifest: Mapping[str, Any]) -> None:
        """Keep *requests*, in place of those with the same keys. Raises OutputError where that fails."""
        ...

    def get(self, key: str) -> Waiting | None:
        """The request of *key*, or ``None``. Raises CacheError where what is kept is damaged."""
        ...

    def forget(self, keys: Iterable[str]) -> None:
        """Drop *keys*; one that is not there is no error. Raises OutputError where that fails."""
        ...

    def keys(self) -> Iterator[str]:
        """The keys, sorted."""
        ...


class PendingTable:
    """Pending requests in a table of a SQLite cache, made when it is first needed."""

    def __init__(
        self,
        where: str,
        rows: Callable[..., Iterator[tuple[Any, ...]]],
        transaction: Callable[[], AbstractContextManager[Connection]],
        load: Callable[[str], Any],
    ) -> None:
        """*rows* and *transaction* read and write the file, *load* gives one of its shared parts."""
        self._where = where
        self._rows = rows
        self._transaction = transaction
        self._load = load

    def remember(self, requests: Iterable[Request], manifest: Mapping[str, Any]) -> None:
        """Keep *requests* in one transaction; what they share lies with what the replies share."""
        shown, rows, shared = dumps(dict(manifest)), [], {}
        for request in requests:
            folded, parts = fold(request.body)
            shared.update(parts)
            rows.append((request.key, dumps({**small_of(request), "body": folded}), shown))
        with self._transaction() as connection:
            connection.execute(_TABLE)
            parts_shown = [(name, dumps(value)) for name, value in shared.items()]
            connection.executemany(_PART, parts_shown)
            connection.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", rows)

    def get(self, key: str) -> Waiting | None:
        """The request of *key*."""
        if not self._exists():
            return None
        row = next(self._rows("SELECT request, manifest FROM pending WHERE key = ?", key), None)
        return None if row is None else waiting_of(self._where, key, *row, load=self._load)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop *keys* in one transaction."""
        if self._exists():
            with self._transaction() as connection:
                connection.executemany("DELETE FROM pending WHERE key = ?", ((key,) for key in keys))

    def keys(self) -> Iterator[str]:
        """The keys, sorted."""
        rows = self._rows("SELECT key FROM pending ORDER BY key") if self._exists() else iter(())
        return (row[0] for row in rows)

    def _exists(self) -> bool:
        return bool(list(self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'pending'")))


class PendingFolder:
    """Pending requests in a folder of files named after their keys; it vanishes with the last of them."""

    def __init__(self, path: Path) -> None:
        """*path* is the folder; it is made with the first of them."""
        self._path = path

    def remember(self, requests: Iterable[Request], manifest: Mapping[str, Any]) -> None:
        """Keep *requests*, a file each."""
        try:
            make_folder(self._path)
            for request in requests:
                shown = {"request": {**small_of(request), "body": dict(request.body)}, "manifest": dict(manifest)}
                write_whole(self._file(request.key), dumps(shown, indent=2) + "\n")
        except OSError as error:
            raise self._unwritable(error) from error

    def get(self, key: str) -> Waiting | None:
        """The request of *key*."""
        if not _KEY.fullmatch(key):  # it came from outside, and is about to become a path
            return None
        file = self._file(key)
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
            request, manifest = fields["request"], fields["manifest"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
            raise _damaged(str(file), "it is no pending request") from error
        return waiting_of(str(file), key, dumps(request), dumps(manifest), load=no_part)

    def forget(self, keys: Iterable[str]) -> None:
        """Remove the files of *keys*, and the folder where it is empty then."""
        try:
            for key in keys:
                self._file(key).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        with suppress(OSError):  # another file is in it, or it was never made
            self._path.rmdir()

    def keys(self) -> Iterator[str]:
        """The keys, sorted."""
        return iter(sorted(file.stem for file in self._path.glob("*.json") if _KEY.fullmatch(file.stem)))

    def _file(self, key: str) -> Path:
        return self._path / f"{key}.json"

    def _unwritable(self, error: OSError) -> OutputError:
        what = f"cannot be written: {error.strerror}"
        return OutputError(what, where=str(self._path), remedy="free space or make it writable")


def small_of(request: Request) -> dict[str, Any]:
    """The fields of *request* beside its body, as JSON."""
    return {"label": request.label, "trial": request.trial, "article": request.article, "chunk": request.chunk}


def waiting_of(where: str, key: str, request: str, manifest: str, *, load: Callable[[str], Any]) -> Waiting:
    """What is stored of *key* as JSON, its shared parts from *load*. Raises CacheError, *where*, if it is damaged."""
    try:
        fields = object_of(json.loads(request), "request")
        found = request_from_json(fields, unfold(fields.get("body"), load))
        waiting = Waiting(found, dict(object_of(json.loads(manifest), "manifest")))
        sound = found.key == key
    except (DamageError, ValueError, RecursionError) as error:
        raise _damaged(where, f"pending request {key[:8]}: {' '.join(str(error).split())}") from error
    if not sound:
        raise _damaged(where, f"pending request {key[:8]}: it does not give its key")
    return waiting


def no_part(name: str) -> Any:
    """For a request that has no shared parts. Raises DamageError."""
    raise DamageError(f"there is no shared part {name}")


def _damaged(where: str, what: str) -> CacheError:
    return CacheError(f"is damaged: {what}", where=where, remedy=_REMEDY)
