"""A mapping that does not fill the memory: small ones stay in it, large ones lie in a temporary file.

It is exact: what it says of a key is true, however many there are. A filter that errs once in a million would lose an
article.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from quotes.errors import OutputError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

Key = TypeVar("Key", str, int)

MOST_ENTRIES: Final = 20_000
MOST_CHARACTERS: Final = 8_000_000
"""How much is held in memory, in entries and in characters of their values, before it goes to the file."""

_PAGES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -2000;
CREATE TABLE entries (key PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
BEGIN;
"""
"""Nothing here outlives the process, so nothing has to be safe from a crash. The cache is in KiB."""


class SpillingMap(Generic[Key]):
    """Texts by key. Close it, so that its file goes.

    Raises:
        OutputError: the folder for temporary files is full or cannot be written; from every method.
    """

    def __init__(self, most_entries: int = MOST_ENTRIES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_entries = most_entries
        self._most_characters = most_characters
        self._held: dict[Key, str] = {}
        self._characters = 0
        self._file: sqlite3.Connection | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count if self._file else len(self._held)

    def get(self, key: Key) -> str | None:
        """The text of *key*, or ``None`` where there is none."""
        if self._file is None:
            return self._held.get(key)
        with _failures():
            row = self._file.execute("SELECT value FROM entries WHERE key = ?", (_bytes(key),)).fetchone()
        return None if row is None else row[0].decode("utf-8", "surrogatepass")

    def put(self, key: Key, value: str) -> None:
        """Make *value* the text of *key*, which has none."""
        if self._file is None:
            self._held[key] = value
            self._characters += len(value)
            if len(self._held) > self._most_entries or self._characters > self._most_characters:
                self._spill()
            return
        with _failures():
            self._file.execute("INSERT INTO entries VALUES (?, ?)", (_bytes(key), _bytes(value)))
        self._count += 1

    def pop(self, key: Key) -> str | None:
        """The text of *key*, which then has none; ``None`` where it had none."""
        if self._file is None:
            value = self._held.pop(key, None)
            self._characters -= len(value or "")
            return value
        value = self.get(key)
        if value is not None:
            with _failures():
                self._file.execute("DELETE FROM entries WHERE key = ?", (_bytes(key),))
            self._count -= 1
        return value

    def ordered(self) -> list[Key]:
        """The keys, sorted."""
        if self._file is None:
            return sorted(self._held)
        with _failures():
            rows = self._file.execute("SELECT key FROM entries ORDER BY key").fetchall()
        keys: list[Any] = [key.decode("utf-8", "surrogatepass") if isinstance(key, bytes) else key for (key,) in rows]
        return keys

    def items(self) -> Iterator[tuple[Key, str]]:
        """Every key with its text, in the order of the keys; nothing may be put or popped meanwhile."""
        if self._file is None:
            yield from sorted(self._held.items())
            return
        with _failures():
            for key, value in self._file.execute("SELECT key, value FROM entries ORDER BY key"):
                known: Any = key.decode("utf-8", "surrogatepass") if isinstance(key, bytes) else key
                yield known, value.decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Forget everything; a second call does nothing."""
        self._held.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self) -> None:
        import sqlite3

        with _failures():
            # The empty name is SQLite's for a file of its own in the temporary folder, deleted when it is opened.
            self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._file.executescript(_PAGES)
            rows = ((_bytes(key), _bytes(value)) for key, value in self._held.items())
            self._file.executemany("INSERT INTO entries VALUES (?, ?)", rows)
        self._count = len(self._held)
        self._held = {}


def _bytes(value: str | int) -> bytes | int:
    """*value* as the file holds it: a path of the system may hold halves of surrogate pairs, which SQLite takes not."""
    return value if isinstance(value, int) else value.encode("utf-8", "surrogatepass")


@contextmanager
def _failures() -> Iterator[None]:
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        folder = "the temporary folder"
        with suppress(OSError):
            import tempfile

            folder = tempfile.gettempdir()
        raise OutputError(
            f"cannot be written: {error}", where=folder, remedy="free some space there, or point TMPDIR elsewhere"
        ) from error
