"""The tables of a PostgreSQL cache: made once, whoever comes first, and looked at before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from quotes.cache.database import check_version
from quotes.errors import CacheError
from quotes.exchange import KEY_VERSION

if TYPE_CHECKING:
    from psycopg import Connection

    from quotes.cache.postgres.address import Address

SCHEMA_VERSION: Final = 1
PREFIX: Final = 200
"""Characters of an article's id that are in the index: it takes no row of more than a third of a page."""

_TABLES: Final = frozenset({"meta", "shared", "replies", "pending"})

# Sorted by code points, as SQLite sorts them, whatever the database sorts by.
_CREATE: Final = f"""
CREATE TABLE {{schema}}.meta (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE {{schema}}.shared (hash text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE {{schema}}.replies (key text COLLATE "C" PRIMARY KEY, article text COLLATE "C" NOT NULL,
                                 chunk bigint NOT NULL, request text NOT NULL, reply text NOT NULL,
                                 checksum text NOT NULL);
CREATE INDEX replies_by_article ON {{schema}}.replies (left(article, {PREFIX}), chunk, key);
CREATE TABLE {{schema}}.pending (key text COLLATE "C" PRIMARY KEY, request text NOT NULL, manifest text NOT NULL);
INSERT INTO {{schema}}.meta VALUES ('key_version', '{KEY_VERSION}'), ('version', '{SCHEMA_VERSION}')
"""


class NoTablesError(CacheError):
    """The database is there, a cache in it is not."""


def prepare(connection: Connection[tuple[Any, ...]], address: Address, *, create: bool) -> None:
    """Make sure that the tables of *address* are there and of this version; make them where *create* says so.

    One who may only read needs no more rights than that. Several may come at once: one makes them, the others wait.

    Raises:
        CacheError: they are missing, of another version or another program, or the database holds no Unicode.
        psycopg.Error: what they are made or read with fails.
    """
    if not _are_there(connection, address):
        if not create:
            remedy = "check the address, or record it first"
            raise NoTablesError("there is no such cache", where=address.where, remedy=remedy)
        _make(connection, address)
    quoted = f'"{address.schema}"'
    found = dict(connection.execute(f"SELECT name, value FROM {quoted}.meta WHERE name IN ('version', 'key_version')"))
    for name, shown, known in (("version", "schema", SCHEMA_VERSION), ("key_version", "key", KEY_VERSION)):
        value = found.get(name, "")
        check_version(address.where, shown, int(value) if value.isdigit() else None, known)


def _are_there(connection: Connection[tuple[Any, ...]], address: Address) -> bool:
    """Whether the tables are there. Asked of the catalogue, which everybody may read."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        (address.schema,),
    )
    found = {str(name) for (name,) in rows}
    if found and not found >= _TABLES:
        what, remedy = "is a schema of another program", "name another one with ?schema="
        raise CacheError(what, where=address.where, remedy=remedy)
    return bool(found)


def _make(connection: Connection[tuple[Any, ...]], address: Address) -> None:
    encoding = connection.execute("SHOW server_encoding").fetchone()
    if encoding != ("UTF8",):
        remedy = "make it with createdb --encoding UTF8 --template template0"
        raise CacheError("the database holds no Unicode text", where=address.where, remedy=remedy)
    quoted = f'"{address.schema}"'
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (address.number("tables"),))
        if _are_there(connection, address):  # another process was first
            return
        known = connection.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (address.schema,))
        if known.fetchone() is None:  # where it is there, the right to make schemas is not needed
            connection.execute(f"CREATE SCHEMA {quoted}")
        connection.execute(_CREATE.format(schema=quoted))
