"""The connection to a SQLite file that may have come from anywhere: made private, opened with nothing trusted."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from quotes.cache.writing import make_folder, open_private
from quotes.errors import CacheError

if TYPE_CHECKING:
    from pathlib import Path

BUSY_SECONDS = 30.0
FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What a broken file makes of a statement. The second where SQLite's own word on it quotes what is no UTF-8."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the file at *path*, which is made for its owner alone where it is missing.

    What the schema of the file calls is not run, and text that is no UTF-8 is read with its odd bytes as lone
    surrogates, so that one damaged row hides no other.

    Raises:
        CacheError: it can only be read, without what its ``-wal`` holds.
        OSError, sqlite3.Error: it cannot be made or opened.
    """
    make_folder(path.parent)
    if not path.exists():
        os.close(open_private(path))
    uri = f"{path.absolute().as_uri()}?{_way_in(path.resolve())}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=32
    )
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _way_in(path: Path) -> str:
    """How SQLite is to open the file at *path*, which is no link: its companions lie beside it."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "mode=rw"
    wal, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    # In WAL mode even a reader needs both: where they cannot be made, and nothing lies in them, nobody writes either.
    if not wal.exists() or not wal.stat().st_size:
        return "mode=ro&immutable=1"
    if os.access(wal, os.R_OK) and os.access(index, os.R_OK):
        return "mode=ro"
    remedy = "let its owner open it once, or copy it with its -wal to a folder of your own"
    raise CacheError(f"cannot be read whole: replies still lie in {wal.name}", where=str(path), remedy=remedy)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
