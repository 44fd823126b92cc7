"""Connections to a PostgreSQL server: few, kept open, opened anew when it comes back, every fault said in one line."""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from quotes.errors import CacheError, OutputError, QuotesError
from quotes.extras import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from quotes.cache.postgres.address import Address

Result = TypeVar("Result")

PATIENCE: Final = 60.0
"""Seconds for which a server that went away is waited for: a restart, or another one taking its place."""

LAST_PATIENCE: Final = 5.0
"""Seconds for which it is waited for at the end of a run, where replies are not stored yet."""

_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 0.05, 2.0, 2.0  # seconds between two tries
_STATEMENT_SECONDS: Final = 60
_DEFAULTS: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "quotes",
}
"""What libpq is told unless the address says otherwise: a server that died without a word is found out in half a
minute."""

_PASSING: Final = frozenset({"40001", "40P01", "53300", "57P01", "57P02", "57P03", "57P05", "25P03"})
"""States that are over when the same is tried again: a deadlock, a server that stops, starts or has no place left."""

_RIGHTS: Final = "42501"
_TRIED_AGAIN: Final = "see that it runs and can be reached; what is stored is kept, the same command goes on from there"
_REMEDIES: Final = (
    ("password", "set PGPASSWORD, or write a line into ~/.pgpass"),
    ("authentication", "check the user, and what the server's pg_hba.conf asks of it"),
    ("pg_hba", "let the server's pg_hba.conf admit this host and user"),
    ("does not exist", "check the name; createdb makes a database, createuser a role"),
    ("permission denied", "have its owner grant CONNECT"),
    ("resolve", "check the host's name"),
    ("translate", "check the host's name"),
    ("ssl", "check sslmode in the address"),
    ("definition of service", "check the service's name and PGSERVICEFILE"),
    ("too many", "let it take more connections, put a pooler between, or start fewer workers"),
    ("connection slots", "let it take more connections, put a pooler between, or start fewer workers"),
)


class Connections:
    """The connections of one store, lent to whoever does something with them; usable from any thread.

    A process that was forked opens its own.
    """

    def __init__(self, address: Address, *, patience: float = PATIENCE) -> None:
        """*patience* is in seconds. Nothing is opened yet."""
        self.address = address
        self.psycopg: Any = load("psycopg", "postgres", "a cache in PostgreSQL")
        self.patience = patience
        self._idle: list[Connection[tuple[Any, ...]]] = []
        self._opened: weakref.WeakSet[Connection[tuple[Any, ...]]] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._owner = os.getpid()
        self._closing = threading.Event()
        weakref.finalize(self, _close_all, self._idle, self._owner)

    def open(self) -> Connection[tuple[Any, ...]]:
        """A connection of its own, which the caller closes. Statements are not prepared on the server: a pooler between
        may hand the next one to another session. Raises psycopg's errors."""
        parameters = {**_DEFAULTS, **self.address.parameters, "client_encoding": "UTF8"}
        opened: Connection[tuple[Any, ...]] = self.psycopg.connect(
            autocommit=True, prepare_threshold=None, **parameters
        )
        with self._guard:
            self._opened.add(opened)
            late = self._closed
        if late:
            _sever(opened)
        try:
            opened.execute("SELECT set_config('statement_timeout', %s, false)", (f"{_STATEMENT_SECONDS}s",))
        except BaseException:
            opened.close()
            raise
        return opened

    def first(self, work: Callable[[Connection[tuple[Any, ...]]], Result]) -> Result:
        """What *work* makes of a connection, where the address may be wrong: there is no waiting for it.

        Raises:
            CacheError: the server cannot be reached, or admits nobody, or *work* fails.
        """
        try:
            return self._lent(work)
        except (self.psycopg.Error, UnicodeError) as error:
            raise self._of_opening(error) from error

    def read(self, work: Callable[[Connection[tuple[Any, ...]]], Result]) -> Result:
        """What *work* makes of a connection, tried again as long as the server is away.

        Raises:
            CacheError: the database says no.
            OutputError: it is away for good, which ends a run.
        """
        return self._patiently(work, lambda reason: CacheError(reason, where=self.address.where, remedy="check it"))

    def write(self, work: Callable[[Connection[tuple[Any, ...]]], Result]) -> Result:
        """As `read`, where *work*, which may be done twice, changes something.

        Raises:
            OutputError: it cannot be done.
        """
        remedy = "free space or grant the right; what is stored is kept, the same command goes on from there"
        return self._patiently(
            work,
            lambda reason: OutputError(f"cannot be written: {reason}", where=self.address.where, remedy=remedy),
        )

    def passes(self, error: BaseException) -> bool:
        """Whether *error* may be over when the same is tried again, on another connection."""
        if not isinstance(error, self.psycopg.OperationalError | self.psycopg.InterfaceError):
            return False
        state = getattr(error, "sqlstate", None)
        return not self._closed and (state is None or state in _PASSING or state.startswith("08"))

    def lost(self, error: BaseException) -> OutputError:
        """What is said of a server that is away for good, as *error* tells."""
        what = f"the database cannot be reached: {self.reason(error)}"
        return OutputError(what, where=self.address.where, remedy=_TRIED_AGAIN)

    def reason(self, error: BaseException) -> str:
        """*error* in the server's or the library's own words, on one line, without a password."""
        diag = getattr(error, "diag", None)
        text = (diag.message_primary if diag is not None else None) or str(error)
        text = text.strip().split("\n")[-1 if "FATAL:" in text else 0]
        text = text.rpartition("FATAL:")[2].rpartition("connection failed:")[2]
        return " ".join(self.address.without_secrets(text).split()) or type(error).__name__

    def close(self) -> None:
        """Close what is open; a second call does nothing. A thread that waits for the server waits no more."""
        with self._guard:
            self._closing.set()
            opened = list(self._opened)
        if os.getpid() == self._owner:  # else they are those of the process that this one was forked from
            _close_all(self._idle)
            for connection in opened:
                _sever(connection)

    def pause(self, seconds: float) -> None:
        """Wait *seconds*, or until the connections are closed."""
        self._closing.wait(seconds)

    @property
    def _closed(self) -> bool:
        return self._closing.is_set()

    def _patiently(
        self, work: Callable[[Connection[tuple[Any, ...]]], Result], fault: Callable[[str], QuotesError]
    ) -> Result:
        until, wait = time.monotonic() + self.patience, 0.0
        while True:
            try:
                return self._lent(work)
            except (self.psycopg.Error, UnicodeError) as error:
                if not self.passes(error):
                    raise fault(self.reason(error)) from error
                if time.monotonic() >= until:
                    raise self.lost(error) from error
            self.pause(wait)  # not before the first: an idle connection may have died long ago
            wait = min(max(wait * _GROWTH, _FIRST_WAIT), _LONGEST_WAIT)

    def _lent(self, work: Callable[[Connection[tuple[Any, ...]]], Result]) -> Result:
        connection = self._take() or self.open()
        try:
            done = work(connection)
        except BaseException:
            with suppress(Exception):
                connection.close()
            self._forget_idle()
            raise
        with self._guard:
            if not self._closed:
                self._idle.append(connection)
                return done
        connection.close()
        return done

    def _take(self) -> Connection[tuple[Any, ...]] | None:
        if self._closed:
            raise self.psycopg.InterfaceError("it is closed")
        with self._guard:
            if self._owner != os.getpid():
                self._idle.clear()
                self._opened.clear()
                self._owner = os.getpid()
            return self._idle.pop() if self._idle else None

    def _forget_idle(self) -> None:
        """Those that wait may have died of the same."""
        _close_all(self._idle)

    def _of_opening(self, error: BaseException) -> CacheError:
        reason = self.reason(error)
        state = getattr(error, "sqlstate", None)
        if state == _RIGHTS:
            return CacheError(reason, where=self.address.where, remedy="have its owner grant the right, or make it")
        found = (remedy for word, remedy in _REMEDIES if word in reason.lower())
        remedy = next(found, "see that the server runs there and can be reached")
        return CacheError(f"the database cannot be opened: {reason}", where=self.address.where, remedy=remedy)


def _close_all(idle: list[Connection[tuple[Any, ...]]], owner: int | None = None) -> None:
    """Close *idle* connections, unless they are those of another process, *owner*."""
    while idle and owner in (None, os.getpid()):
        with suppress(Exception):  # another thread was quicker, or it is broken
            idle.pop().close()


def _sever(connection: Connection[tuple[Any, ...]]) -> None:
    """End *connection*, which another thread may be using: what that waits for comes as an error."""
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as shared:  # it may be closed
        shared.shutdown(socket.SHUT_RDWR)
