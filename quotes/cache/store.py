"""The one interface of all stores, and which of them a path means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from quotes.errors import CacheError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from quotes.cache.entry import Entry
    from quotes.cache.locks import Locks
    from quotes.cache.pending import Pending
    from quotes.exchange import Reply, Request

Manifest = dict[str, Any]
"""What a store was recorded with (endpoint label, model, rung, pack, settings), so that a replay needs no option."""

DATABASE_SUFFIXES = frozenset({".sqlite", ".sqlite3", ".db"})
_ADDRESSES = ("postgresql:/", "postgres:/")
_SQLITE_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage found in a store: *where* (a file or a row), *what* is wrong, and the *remedy*."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} ({self.remedy})"


Place = int | str
"""Where an entry lies in its store: the number of a row, the name of a file. Told for damaged ones too."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies at one *place* of a store: an entry, or the problem with it."""

    place: Place
    found: Entry | Problem


class Store(Protocol):
    """Entries by key, and a manifest. Implemented by a SQLite file, a folder of fixtures and tables in PostgreSQL."""

    @property
    def path(self) -> Path | None:
        """The file or folder; ``None`` where it is on a server."""
        ...

    @property
    def where(self) -> str:
        """What messages call it: its path, or its address without a password."""
        ...

    @property
    def kind(self) -> str:
        """``sqlite``, ``folder`` or ``postgresql``."""
        ...

    @property
    def size(self) -> int:
        """Bytes on disk."""
        ...

    def locks(self) -> Locks:
        """Locks on its keys, held while a request is in flight."""
        ...

    def alone(self) -> AbstractContextManager[bool]:
        """Keep all keys from everybody else while this lasts. False: somebody has one now."""
        ...

    @property
    def pending(self) -> Pending:
        """The requests that were exported from this store and have no reply yet."""
        ...

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None`` where there is none.

        Raises:
            DamagedEntry: what is stored under *key* is damaged.
            CacheError: the store itself is.
        """
        ...

    def reply(self, request: Request) -> Reply | None:
        """As `get` of its key, for the reply alone; *request* may be compared with what is stored of it."""
        ...

    def put(self, entry: Entry) -> None:
        """Store *entry*, in place of one with the same key. When this returns, a kill -9 does not lose it.

        Raises:
            OutputError: it cannot be written.
        """
        ...

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries in a fixed order, or those of *article*, or of its *chunk*; *sound* passes over damaged ones.

        Raises:
            CacheError: the next one is damaged, and not *sound*.
        """
        ...

    def scan(self) -> Iterator[Stored]:
        """Everything that is stored, in a fixed order, a damaged entry as its problem.

        Raises:
            CacheError: the store itself is broken, so that the rest cannot be read.
        """
        ...

    def delete(self, places: Iterable[Place]) -> None:
        """Drop what lies at *places* and the shared parts that nobody uses then, and give the space back.

        Raises:
            OutputError: it cannot be written.
        """
        ...

    def steady(self) -> AbstractContextManager[None]:
        """While this lasts what other processes store may go unseen: for many calls of `get` that mostly miss."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        ...

    def manifest(self) -> Manifest:
        """What the store was recorded with; a copy."""
        ...

    def merge_manifest(self, fields: Mapping[str, Any]) -> None:
        """Set *fields* in the manifest and keep the others.

        Raises:
            OutputError: it cannot be written.
        """
        ...

    def verify(self) -> Iterator[Problem]:
        """Everything that is damaged, without stopping at the first."""
        ...

    def close(self) -> None:
        """Release files; a second call does nothing."""
        ...


@runtime_checkable
class Remote(Protocol):
    """A store that is a round trip away: what `reply` and `put` do, without keeping an event loop waiting."""

    async def fetch(self, request: Request) -> Reply | None:
        """As `Store.reply`."""
        ...

    async def keep(self, entry: Entry) -> None:
        """As `Store.put`. It is stored even if the caller does not wait for it."""
        ...

    async def settle(self) -> None:
        """Wait until all is stored that was given to `keep`."""
        ...


def open_store(path: str | Path, *, create: bool = True) -> Store:
    """The store at *path*: a SQLite file (named ``.sqlite``, ``.sqlite3`` or ``.db``, or one already), else a folder.
    One that begins with ``postgresql://`` is an address.

    Raises:
        UsageError: PostgreSQL's client is not installed.
        CacheError: there is none and *create* is false, it is of another version, damaged, or cannot be made.
    """
    if is_address(path):
        from quotes.cache.postgres.store import Postgres

        return Postgres(str(path), create=create)
    refuse_other_url(path)
    place = Path(path).expanduser()
    try:
        database = _is_database(place)
    except OSError as error:
        raise CacheError(error.strerror or str(error), where=str(place), remedy="check the path") from error
    if not create and not place.exists():
        raise CacheError("there is no such cache", where=str(place), remedy="check the path, or record it first")
    if database:
        from quotes.cache.database import Database

        return Database(place)
    from quotes.cache.fixtures import Fixtures

    return Fixtures(place, create=create)


def find_store(path: str | Path) -> Store | None:
    """The store at *path*, or ``None`` where `open_store` would make a new one. Raises as that does."""
    if is_address(path):
        from quotes.cache.postgres.schema import NoTablesError
        from quotes.cache.postgres.store import Postgres

        try:
            return Postgres(str(path), create=False)
        except NoTablesError:
            return None
    refuse_other_url(path)
    place = Path(path).expanduser()
    if not place.exists() or not (any(place.iterdir()) if place.is_dir() else place.stat().st_size):
        return None
    return open_store(place, create=False)


def refuse_other_url(place: str | Path) -> None:
    """Make sure that *place*, which is no address, is no URL either. Raises CacheError, without its password."""
    if "://" in str(place):
        from quotes.cache.postgres.address import without_userinfo

        remedy = "give a file, a folder, or postgresql://host/database"
        raise CacheError("a cache at such a URL is not known", where=without_userinfo(str(place)), remedy=remedy)


def is_address(place: str | Path) -> bool:
    """Whether *place*, as a user named a cache, is on a server."""
    return str(place).startswith(_ADDRESSES)


def shown_place(place: str | Path) -> str:
    """*place* as messages and commands to be typed again show it: an address without its password, a path as it is."""
    if not is_address(place):
        return str(place)
    from quotes.cache.postgres.address import shown_address

    return shown_address(str(place))


def default_cache_path() -> Path:
    """Where replies are kept unless told otherwise: ``replies.sqlite`` in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("quotes") / "replies.sqlite"


def _is_database(place: Path) -> bool:
    if place.is_dir():
        return False
    named = place.suffix.lower() in DATABASE_SUFFIXES
    if not place.exists():
        return named
    with place.open("rb") as file:
        start = file.read(len(_SQLITE_MAGIC))
    if start == _SQLITE_MAGIC or (named and not start):
        return True
    raise CacheError("is neither a SQLite cache nor a folder of fixtures", where=str(place), remedy="check the path")
