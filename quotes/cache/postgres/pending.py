"""Pending requests of a PostgreSQL cache: in a table beside the replies, whichever machine imports what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quotes.cache.entry import dumps
from quotes.cache.folding import fold
from quotes.cache.pending import Waiting, no_part, small_of, waiting_of
from quotes.cache.postgres.rows import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from psycopg import Connection

    from quotes.cache.postgres.connection import Connections
    from quotes.exchange import Request

_PAGE = 10_000  # keys read at once


class PendingRows:
    """Pending requests by key."""

    def __init__(
        self, connections: Connections, write_parts: str, parts: Callable[[Iterable[str]], Mapping[str, Any]]
    ) -> None:
        """*write_parts* is the statement that stores shared parts, *parts* reads those of some hashes."""
        self._connections = connections
        self._schema = f'"{connections.address.schema}"'
        self._write_parts = write_parts
        self._parts = parts

    def remember(self, requests: Iterable[Request], manifest: Mapping[str, Any]) -> None:
        """Keep *requests* in one transaction; what they share lies with what the replies share."""
        shown, rows, shared = dumps(dict(manifest)), {}, {}
        for request in requests:
            folded, parts = fold(request.body)
            shared.update({name: dumps(value) for name, value in parts.items()})
            rows[request.key] = dumps({**small_of(request), "body": folded})
        keys, names = sorted(rows), sorted(shared)
        statement = (
            f"INSERT INTO {self._schema}.pending SELECT key, request, %s "
            "FROM unnest(%s::text[], %s::text[]) AS given (key, request) "
            "ON CONFLICT (key) DO UPDATE SET request = excluded.request, manifest = excluded.manifest"
        )

        def write(connection: Connection[tuple[Any, ...]]) -> None:
            with connection.transaction():
                connection.execute(statement, (shown, keys, [rows[key] for key in keys]))
                connection.execute(self._write_parts, (names, [shared[name] for name in names]))

        self._connections.write(write)

    def get(self, key: str) -> Waiting | None:
        """The request of *key*."""
        query = f"SELECT request, manifest FROM {self._schema}.pending WHERE key = %s"
        row = self._connections.read(lambda connection: connection.execute(query, (_text(key),)).fetchone())
        if row is None:
            return None
        request, manifest = map(str, row)
        parts = self._parts(parts_of([request]))

        def load(name: str) -> Any:
            return parts[name] if name in parts else no_part(name)

        return waiting_of(self._connections.address.where, key, request, manifest, load=load)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop *keys* in one statement."""
        given = [_text(key) for key in keys]
        statement = f"DELETE FROM {self._schema}.pending WHERE key = ANY(%s)"
        self._connections.write(lambda connection: connection.execute(statement, (given,)))

    def keys(self) -> Iterator[str]:
        """The keys, sorted."""
        query = f"SELECT key FROM {self._schema}.pending WHERE key > %s ORDER BY key LIMIT {_PAGE}"
        last = ""
        while True:
            after = last
            page = self._connections.read(lambda connection: connection.execute(query, (after,)).fetchall())  # noqa: B023
            yield from (str(key) for (key,) in page)
            if len(page) < _PAGE:
                return
            last = str(page[-1][0])


def _text(key: str) -> str:
    return key.replace("\0", "")
