"""A reply looked up for a request is the one a look-up of its key finds, and is refused where that is."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_calls import SCHEMA, a_reply, a_request, body_of

from quotes.cache import Entry, open_store
from quotes.errors import DamagedEntry
from quotes.exchange import Reply, Request, Written

REQUEST = a_request("“Nó,” said Mara Ruiz …\n")
COLUMNS = ("request", "reply", "checksum")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that holds one call."""
    place = tmp_path_factory.mktemp("sound") / "replies.sqlite"
    store = open_store(place)
    store.put(Entry(REQUEST, a_reply()))
    store.close()
    return place


def found_both_ways(place: Path, request: Request) -> tuple[Reply | str | None, Reply | str | None]:
    """The reply by the key and by the request, or what is wrong with it, each from a store opened anew."""
    store = open_store(place)
    try:
        entry = store.get(request.key)
        by_key: Reply | str | None = entry.reply if entry else None
    except DamagedEntry as error:
        by_key = str(error)
    store.close()
    store = open_store(place)
    try:
        by_request: Reply | str | None = store.reply(request)
    except DamagedEntry as error:
        by_request = str(error)
    store.close()
    return by_key, by_request


def test_nothing_is_found_where_nothing_is_stored(place: Path) -> None:
    assert open_store(place).reply(REQUEST) is None


@given(
    table=st.sampled_from(["replies", "replies", "shared"]),
    column=st.sampled_from(COLUMNS),
    at=st.floats(0, 0.999),
    new=st.sampled_from(["", "x", '"', "\\", " ", "0", "{", "…"]),
    part=st.integers(0, 2),
)
def test_damage_is_found_either_way(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, table: str, column: str, at: float, new: str, part: int
) -> None:
    place = tmp_path_factory.mktemp("spoilt") / "replies.sqlite"
    place.write_bytes(sound.read_bytes())
    column = "value" if table == "shared" else column
    connection = sqlite3.connect(place)
    with connection:
        rows = connection.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()
        rowid, text = rows[part % len(rows)]
        here = int(at * len(text))
        spoilt = text[:here] + new + text[here + 1 :]
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (spoilt, rowid))
    connection.close()
    by_key, by_request = found_both_ways(place, REQUEST)
    assert by_request == by_key
    assert spoilt == text or isinstance(by_key, str) or by_key == a_reply()


def test_a_reply_is_anothers_that_asked_the_same(place: Path) -> None:
    store = open_store(place)
    store.put(Entry(REQUEST, a_reply()))
    for request in (
        replace(REQUEST, article="another", chunk=3),
        Request(dict(reversed(REQUEST.body.items())), "local"),
        Request({**REQUEST.body, "temperature": 0}, "local", article=REQUEST.article),
    ):
        assert store.reply(request) == a_reply()
    for request in (replace(REQUEST, trial=1), replace(REQUEST, label="elsewhere")):
        assert store.reply(request) is None


def test_shared_parts_written_once_are_found_as_any(place: Path) -> None:
    body = body_of()
    shared = body_of(
        response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": Written(SCHEMA)}}
    )
    shared["messages"] = [*map(Written, body["messages"][:-1]), body["messages"][-1]]
    one, other = open_store(place), open_store(place)
    one.put(Entry(Request(shared, "local"), a_reply()))
    assert other.reply(Request(shared, "local")) == a_reply()
    assert other.reply(Request(body, "local")) == a_reply()
    entry = other.get(Request(body, "local").key)
    assert entry is not None
    assert entry.request.body == body
