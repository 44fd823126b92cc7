"""Records as an SQLite database, ready for Datasette: articles, quotes and speakers with full-text search."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote as percent_encoded

from quotes.errors import OutputError, RecordError
from quotes.formats.bounds import LONGEST_LINE
from quotes.formats.parts import AGAIN, FoundValue, StoredValue, holds_half_characters, json_cell, storable
from quotes.record import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

DATABASE_VERSION: Final = 1
_APPLICATION_ID: Final = 0x51544F54  # "QTOT": tells records from replies and from anyone else's SQLite
MOST_STEPS: Final = 10_000_000
"""Steps of SQLite from one article to the next, beyond one for each byte of the file: no file that is written here
takes as many, and what a forged one computes has no end."""
_EACH: Final = 10_000
"""Steps from one look at them to the next."""
_LONGEST_ROW: Final = 2 * LONGEST_LINE
"""Bytes of a row: a record that can be written as a line, and that line."""
_READ: Final = ("articles", "quotes", "skipped", "unresolved", "rejected", "errors")
_USAGE: Final = ("requests", "prompt_tokens", "completion_tokens", "cached_tokens")
_SPANS: Final = ("content", "cue", "speaker")


def write_database(path: Path, lines: Iterable[str], where: str) -> None:
    """Write the records in *lines* to the new file *path*, called *where* in messages.

    Raises:
        RecordError: a number of a record is too large for a column.
        OutputError: it cannot be written, or this SQLite has no full-text search.
    """
    with _write_failures(where), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Until it is whole it stands under another name, so nothing has to be safe from a crash.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;")
        connection.executescript(_tables())
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {DATABASE_VERSION}")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO meta VALUES ('record', ?)", (VERSION,))
        connection.execute("INSERT INTO meta VALUES ('database', ?)", (str(DATABASE_VERSION),))
        for number, line in enumerate(lines, start=1):
            _insert(connection, number, line)
        for table in ("articles", "quotes"):
            connection.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")
        connection.execute("COMMIT")


def read_database(path: Path, where: str, only: str | None = None) -> Iterator[FoundValue]:
    """The records of the file *path*, called *where* in messages, in their order; with *only* those of that article.

    Raises:
        RecordError: it is no database of records, of another version, or damaged.
    """
    with _opened(path, where) as (connection, steps):
        chosen = "" if only is None else " WHERE id = ?"
        articles = connection.execute(
            f"SELECT * FROM articles{chosen} ORDER BY number", () if only is None else (only,)
        )
        for row in articles:
            steps.forget()
            yield _found(connection, row, f"{where} row {row['number']}")


def count_database(path: Path, where: str) -> int:
    """How many records the file *path* holds. Raises as :func:`read_database`."""
    with _opened(path, where) as (connection, _):
        count: int = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        return count


def is_foreign(path: Path) -> bool:
    """Whether *path* is an SQLite database of something else than records: a cache of replies, perhaps."""
    with path.open("rb") as stream:
        head = stream.read(72)
    return head.startswith(b"SQLite format 3\0") and head[68:72] != _APPLICATION_ID.to_bytes(4, "big")


def _tables() -> str:
    return resources.files("quotes").joinpath("schemas/database.sql").read_text(encoding="utf-8")


@contextmanager
def _write_failures(where: str) -> Iterator[None]:
    try:
        yield
    except OverflowError as error:
        remedy = "write .jsonl instead"
        raise RecordError(f"a record cannot stand in a column: {error}", where=where, remedy=remedy) from None
    except sqlite3.Error as error:
        remedy = "free some space, then run the same command again"
        raise OutputError(f"cannot be written: {error}", where=where, remedy=remedy) from None


@contextmanager
def _opened(path: Path, where: str) -> Iterator[tuple[sqlite3.Connection, _Steps]]:
    steps = _Steps(_steps_for(path))
    try:
        uri = f"file:{percent_encoded(os.fsencode(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_ROW)
            connection.set_progress_handler(steps.are_too_many, _EACH)
            _check_ours(connection, where)
            yield connection, steps
    except sqlite3.Error as error:
        what = "it never comes to an end" if steps.ended else str(error)
        raise RecordError(f"no database that can be read: {what}", where=where, remedy=AGAIN) from None


def _steps_for(path: Path) -> int:
    return MOST_STEPS + path.stat().st_size


class _Steps:
    """What SQLite has done since the last article, so that it does not go on for ever."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self.ended = False

    def are_too_many(self) -> bool:
        """Whether to give up: SQLite asks after every `_EACH` steps."""
        self._taken += _EACH
        self.ended = self.ended or self._taken > self._most
        return self.ended

    def forget(self) -> None:
        """Begin again: an article has come."""
        self._taken = 0


def _check_ours(connection: sqlite3.Connection, where: str) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
        remedy = "name a file that quotes extract or quotes convert has written"
        raise RecordError("a database, but not one of records of quotes", where=where, remedy=remedy)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != DATABASE_VERSION:
        what = f"a database of version {version}, this program reads {DATABASE_VERSION}"
        raise RecordError(what, where=where, remedy="use the version of quotes it is from")
    # What has no page of its own in the file, a view or a virtual table, computes its rows.
    for name, page in connection.execute("SELECT name, rootpage FROM sqlite_schema"):
        if name in _READ and not page:
            what = f"no database of quotes: {name} is no plain table"
            raise RecordError(what, where=where, remedy="do not trust this file")


# ------------------------------------------------------------------ writing


def _insert(connection: sqlite3.Connection, number: int, line: str) -> None:
    value = json.loads(line)
    whole = line if holds_half_characters(line) else None
    if whole is not None:
        value = storable(value)
    title = value["metadata"].get("title")
    plain = [value[name] for name in ("status", "schema", "sha256", "model", "prompt")]
    usage = [value["usage"][name] for name in _USAGE]
    row = [
        number,
        value["id"],
        title if isinstance(title, str) else value["id"],
        *plain,
        *usage,
        json_cell(value["metadata"]),
        whole,
        value.get("text"),
    ]
    _add(connection, "articles", [row])
    _add(connection, "quotes", (_quote_row(connection, number, quote) for quote in value["quotes"]))
    skipped = [(number, *entry["span"], entry["as"]) for entry in value["skipped"]]
    _add(connection, "skipped", [(None, *row) for row in skipped])
    unresolved = [(number, *entry["span"], entry["reason"]) for entry in value["unresolved"]]
    _add(connection, "unresolved", [(None, *row) for row in unresolved])
    rejected = [(None, number, one["reason"], json_cell(one["item"])) for one in value["rejected"]]
    _add(connection, "rejected", rejected)
    errors = [(None, number, one["chunk"], one["kind"], one["message"]) for one in value["errors"]]
    _add(connection, "errors", errors)


def _add(connection: sqlite3.Connection, table: str, rows: Iterable[Any]) -> None:
    places = {"articles": 15, "quotes": 18, "skipped": 5, "unresolved": 5, "rejected": 4, "errors": 5}[table]
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * places)})", rows)


def _quote_row(connection: sqlite3.Connection, article: int, quote: Mapping[str, Any]) -> list[Any]:
    name = quote["speaker_name"]
    name_span = quote["speaker_name_span"]
    return [
        *(None, article, quote["text"], name, _speaker(connection, name), quote["speaker_kind"], quote["type"]),
        *(quote["confidence"], quote["cue_text"], quote["speaker_text"], " ".join(quote["by"])),
        *(quote["chunk"], quote["key"], *(json_cell(quote[part]) for part in _SPANS)),
        *((None, None) if name_span is None else name_span),
    ]


def _speaker(connection: sqlite3.Connection, name: str | None) -> int | None:
    """The number of the speaker *name*, who is put down where this is the first quote."""
    if name is None:
        return None
    connection.execute("INSERT INTO speakers (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    number: int = connection.execute("SELECT number FROM speakers WHERE name = ?", (name,)).fetchone()[0]
    return number


# ------------------------------------------------------------------ reading


def _found(connection: sqlite3.Connection, row: sqlite3.Row, where: str) -> FoundValue:
    try:
        return StoredValue(_value(connection, row), where)
    except (IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return RecordError(f"not the columns of a record: {type(error).__name__} {error}", where=where, remedy=AGAIN)


def _value(connection: sqlite3.Connection, row: sqlite3.Row) -> Mapping[str, Any]:
    if row["json"] is not None:
        whole: Mapping[str, Any] = json.loads(row["json"])
        return whole

    def rows(table: str) -> Iterator[sqlite3.Row]:
        return connection.execute(f"SELECT * FROM {table} WHERE article = ? ORDER BY number", (row["number"],))

    return {
        **{name: row[name] for name in ("schema", "id", "sha256", "status", "model", "prompt")},
        **({} if row["text"] is None else {"text": row["text"]}),
        "metadata": json.loads(row["metadata"]),
        "quotes": [_quote(quote) for quote in rows("quotes")],
        "skipped": [{"span": [one["start"], one["end"]], "as": one["reason"]} for one in rows("skipped")],
        "unresolved": [{"span": [one["start"], one["end"]], "reason": one["reason"]} for one in rows("unresolved")],
        "rejected": [{"item": json.loads(one["item"]), "reason": one["reason"]} for one in rows("rejected")],
        "errors": [{name: one[name] for name in ("chunk", "kind", "message")} for one in rows("errors")],
        "usage": {name: row[name] for name in _USAGE},
    }


def _quote(row: sqlite3.Row) -> dict[str, Any]:
    plain = ("type", "cue_text", "speaker_text", "speaker_name", "speaker_kind", "confidence", "chunk")
    named = row["name_start"] is not None
    return {
        **{name: row[name] for name in plain},
        **{name: json.loads(row[f"{name}_spans"]) for name in _SPANS},
        "text": row["words"],
        "speaker_name_span": [row["name_start"], row["name_end"]] if named else None,
        "by": row["found_by"].split(),
        "key": row["request_key"],
    }
