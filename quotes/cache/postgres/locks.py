"""Locks on keys between machines: PostgreSQL's advisory locks, freed by the server when its client is gone.

All of a process's are held by one session, in one open transaction: so a pooler that deals out sessions by the
transaction leaves them together. The transaction holds back no vacuum, as long as it has no snapshot: its statements
are sent whole, without parameters, for those would leave a portal open that keeps one.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from quotes.cache.locks import waits
from quotes.cache.postgres.batching import Batches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from concurrent.futures import Executor

    from psycopg import Connection

    from quotes.cache.postgres.connection import Connections

_ALL: Final = "all"
"""What every session that may hold a key shares, and one that wants to be alone has for itself."""

_FREE_ALL: Final = "SELECT pg_advisory_unlock_all()"
_BEAT: Final = 1.0  # seconds between two looks whether the session is still there
_GRACE: Final = 2.0  # seconds for which those who lost their session leave the keys to those who held them
_AGAIN: Final = 0.1  # seconds until the next try at a server that is away
_LAST: Final = 1.0  # seconds for which it is waited for at the end

# The server finds out in half a minute that the machine of a session is gone. What it does not know it passes over.
_BEGIN: Final = """
SELECT set_config(setting, value, true) FROM (VALUES
    ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'), ('lock_timeout', '0'),
    ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
    ('tcp_user_timeout', '30000')) AS wanted (setting, value)
    WHERE setting IN (SELECT name FROM pg_catalog.pg_settings)
"""


@dataclass(frozen=True, slots=True)
class _Wish:
    """To take the lock *number*, or to free it; neither is to see whether the session is still there."""

    number: int
    takes: bool = False
    frees: bool = False


@dataclass(slots=True)
class _Session:
    """The connection that holds the locks, apart from them so that it is closed when they are forgotten."""

    connection: Connection[tuple[Any, ...]] | None = None

    def leave(self) -> None:
        """Free what it holds, and close it: what a closed one held the server frees a moment later."""
        if self.connection is not None:
            with suppress(Exception):
                self.connection.execute(_FREE_ALL)
        self.end()

    def end(self) -> None:
        """Close it, which frees what it holds."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


class PostgresLocks:
    """The locks of one store, taken by its requests in flight."""

    def __init__(self, connections: Connections, executor: Executor) -> None:
        """*executor* gives the thread in which the server is talked to. Nothing is opened before the first lock."""
        self._connections = connections
        self._executor = executor
        self._batches: Batches[_Wish, bool] = Batches(executor, self._grant)
        self._session = _Session()
        self._shared = False
        self._lost = False
        self._waits_until = 0.0
        weakref.finalize(self, self._session.end)
        self._held: set[int] = set()
        self._pulse: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Keep *key* from every other process, waiting for the one that has it.

        Raises:
            OutputError: the server is away for good.
        """
        number = self._connections.address.number(key)
        pauses = waits()
        while not await self._take(number):
            await asyncio.sleep(next(pauses))
        if self._pulse is None or self._pulse.done():
            self._pulse = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            self._batches.ask(_Wish(number, frees=True))  # nobody waits for it

    async def aclose(self) -> None:
        """Free what is held, and end the session; a second call does nothing."""
        if self._pulse is not None:
            self._pulse.cancel()
        if await self._batches.settle(_LAST) == 0:  # else the server frees it when the connections are closed
            leaving = asyncio.get_running_loop().run_in_executor(self._executor, self._session.leave)
            await asyncio.wait([leaving], timeout=_LAST)

    async def _take(self, number: int) -> bool:
        asked = self._batches.ask(_Wish(number, takes=True))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(lambda done: self._give_back(number, done))
            raise

    def _give_back(self, number: int, asked: asyncio.Future[bool]) -> None:
        """Free a lock that came for one who had stopped waiting."""
        if not asked.cancelled() and asked.exception() is None and asked.result():
            self._batches.ask(_Wish(number, frees=True))

    async def _beat(self) -> None:
        """As long as something is held, look whether the session is there: one that died has lost it."""
        while self._session.connection is not None or self._held:
            await asyncio.sleep(_BEAT)
            with suppress(Exception):  # whoever wants something next is told
                await self._batches.ask(_Wish(0))

    def _grant(self, wishes: Sequence[_Wish]) -> list[bool]:
        """Do what *wishes* say, in a session opened anew where it has to be; whether each lock was taken."""
        until = time.monotonic() + self._connections.patience
        while True:
            try:
                return self._do(wishes)
            except (self._connections.psycopg.Error, UnicodeError) as error:
                self._lost |= self._session.connection is not None
                self._session.end()
                if not self._connections.passes(error) or time.monotonic() >= until:
                    raise self._connections.lost(error) from error
            self._connections.pause(_AGAIN)

    def _do(self, wishes: Sequence[_Wish]) -> list[bool]:
        session = self._session.connection or self._begin()
        freed = {wish.number for wish in wishes if wish.frees} & self._held
        if freed:
            session.execute(f"SELECT pg_advisory_unlock(number) FROM {_rows_of(freed)}")
        self._held -= freed
        wanted = {wish.number for wish in wishes if wish.takes} - self._held
        taken = self._take_in(session, wanted)
        self._held |= taken
        if not any(wish.takes or wish.frees for wish in wishes):
            session.execute("SELECT 1")
            if not self._held:
                self._session.end()
        granted = []
        for wish in wishes:
            granted.append(wish.takes and wish.number in taken)
            taken = taken - {wish.number} if wish.takes else taken  # two keys of one number: one waits for the other
        return granted

    def _take_in(self, session: Connection[tuple[Any, ...]], wanted: set[int]) -> set[int]:
        """Those of *wanted* that nobody else holds, taken; none while somebody wants to be alone."""
        if not wanted or time.monotonic() < self._waits_until or not self._is_shared(session):
            return set()
        query = f"SELECT number FROM {_rows_of(wanted)} WHERE pg_try_advisory_lock(number)"
        return {int(number) for (number,) in session.execute(query)}

    def _is_shared(self, session: Connection[tuple[Any, ...]]) -> bool:
        if not self._shared:
            query = f"SELECT pg_try_advisory_lock_shared({self._connections.address.number(_ALL)})"
            row = session.execute(query).fetchone()
            self._shared = row == (True,)
        return self._shared

    def _begin(self) -> Connection[tuple[Any, ...]]:
        """A new session. What an earlier one held is taken again. What is new is left for a while to whoever held it
        in a session that was lost too, as when the server was started anew."""
        session = begun(self._connections)
        self._session.connection, self._shared, self._waits_until = session, False, 0.0
        if self._held:
            self._take_in(session, self._held)
        if self._lost:
            self._lost, self._waits_until = False, time.monotonic() + _GRACE
        return session


def _rows_of(numbers: set[int]) -> str:
    return f"unnest('{{{','.join(map(str, sorted(numbers)))}}}'::bigint[]) AS number"


def begun(connections: Connections) -> Connection[tuple[Any, ...]]:
    """A session with an open transaction that no time limit of the server ends. Raises psycopg's errors."""
    session = connections.open()
    try:
        session.execute("BEGIN")
        session.execute(_BEGIN)
    except BaseException:
        session.close()
        raise
    return session


@contextmanager
def alone(connections: Connections) -> Iterator[bool]:
    """Keep all keys of a store from everybody else. False: somebody has one now, or had one a moment ago."""
    query = f"SELECT pg_try_advisory_lock({connections.address.number(_ALL)})"

    def begin(_connection: Connection[tuple[Any, ...]]) -> tuple[_Session, bool]:
        session = begun(connections)
        return _Session(session), session.execute(query).fetchone() == (True,)

    session, free = connections.first(begin)
    try:
        yield free
    finally:
        session.leave()
