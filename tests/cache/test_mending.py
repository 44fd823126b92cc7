"""A damaged entry counts as none: it is asked for again, once, and stored in place; a replay says so instead."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_calls import Endpoint, a_reply, a_request
from test_modes import run_all
from test_processes import result, start

from quotes.cache import Cached, CacheMode, Entry, inspection, open_store
from quotes.cache.entry import checksum
from quotes.errors import CacheError, DamagedEntry, QuotesError
from quotes.exchange import Reply, Request

REQUESTS = [a_request(f"Text {number} of a day by the sea.", article=f"a{number}") for number in range(3)]
RIGHT = [a_reply(f'{{"quotes": [{number}]}}') for number in range(3)]
ANEW = a_reply("asked again")


def filled(place: Path) -> Path:
    store = open_store(place)
    for request, reply in zip(REQUESTS, RIGHT, strict=True):
        store.put(Entry(request, reply))
    store.close()
    return place


def damage_first(place: Path) -> None:
    if place.is_dir():
        file = next(place.glob("a0-0-*.json"))
        file.write_text(file.read_text().replace("a day", "a night"))
    else:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("UPDATE replies SET reply = replace(reply, '0', '9') WHERE key = ?", (REQUESTS[0].key,))


def test_a_damaged_entry_is_asked_for_again_once_counted_and_stored_in_place(place: Path):
    damage_first(filled(place))
    endpoint = Endpoint(ANEW)
    cached = Cached(open_store(place), endpoint)
    assert run_all(cached, *REQUESTS, REQUESTS[0]) == [ANEW, *RIGHT[1:], ANEW]
    assert (len(endpoint.asked), cached.counts.asked, cached.counts.mended) == (1, 1, 1)
    assert inspection.verify(open_store(place)) == ()
    assert len(list(open_store(place).entries())) == 3
    assert run_all(Cached(open_store(place), None, "replay"), REQUESTS[0]) == [ANEW]


def test_a_replay_names_the_damage_and_what_to_do(place: Path):
    damage_first(filled(place))
    with pytest.raises(DamagedEntry, match=r"is damaged: .* \(.*(--cache-mode refresh|record again)"):
        run_all(Cached(open_store(place), None, "replay"), REQUESTS[0])


def test_a_key_that_is_damaged_in_its_file_does_not_hide_what_is_stored_in_its_place(tmp_path: Path):
    file = next(filled(tmp_path / "recorded").glob("a0-0-*.json"))
    text = file.read_text()
    file.write_text(text.replace(f'"key": "{REQUESTS[0].key}"', f'"key": "{"0" * 64}"'))
    assert run_all(Cached(open_store(tmp_path / "recorded"), Endpoint(ANEW)), REQUESTS[0]) == [ANEW]
    assert run_all(Cached(open_store(tmp_path / "recorded"), None, "replay"), REQUESTS[0]) == [ANEW]
    assert inspection.verify(open_store(tmp_path / "recorded")) == ()


def test_a_missing_shared_part_costs_one_request_and_mends_all_that_share_it(place: Path):
    filled(place)
    if place.is_dir():
        for file in (place / "shared").iterdir():
            file.unlink()
    else:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("DELETE FROM shared")

    async def one_after_the_other() -> list[Reply]:
        cached = Cached(open_store(place), Endpoint(ANEW))
        replies = [await cached.complete(request) for request in REQUESTS]
        assert cached.counts.mended == 1
        await cached.aclose()
        return replies

    assert asyncio.run(one_after_the_other()) == [ANEW, *RIGHT[1:]]
    assert inspection.verify(open_store(place)) == ()


def test_two_processes_ask_once_for_what_is_damaged(place: Path):
    store = open_store(place)
    for number in range(20):
        store.put(Entry(a_request(str(number), article=f"b{number}"), a_reply("sound")))
    store.close()
    if place.is_dir():
        for file in place.glob("b*.json"):
            file.write_bytes(file.read_bytes().replace(b"sound", b"found"))
    else:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("UPDATE replies SET reply = replace(reply, 'sound', 'found')")
    code = """
    async def main():
        endpoint = Endpoint(a_reply(f"by {os.getpid()}"))
        cached = Cached(open_store(place), endpoint)
        print("ready", flush=True)
        sys.stdin.readline()  # both begin together
        replies = await asyncio.gather(*(cached.complete(a_request(str(n), article=f"b{n}")) for n in range(20)))
        await cached.aclose()
        print(json.dumps([len(endpoint.asked), [reply.content for reply in replies]]))
    asyncio.run(main())
    """
    processes = [start(code, place) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    (asked_here, here), (asked_there, there) = [json.loads(result(process)) for process in processes]
    assert asked_here + asked_there == 20
    assert here == there


DAMAGES = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 10**6), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.integers(0, 10**6), st.just(0)),
    st.tuples(st.just("put"), st.integers(0, 10**6), st.integers(0, 255)),
)


def damaged(data: bytes, damage: tuple[str, int, int]) -> bytes:
    how, where, what = damage
    at = where % max(1, len(data))
    if how == "cut":
        return data[:at]
    return data[:at] + bytes(byte ^ what if how == "flip" else what for byte in data[at : at + 1]) + data[at + 1 :]


def outcome_of(place: Path, endpoint: Endpoint | None, *requests: Request) -> list[Reply] | None:
    """The replies to *requests*, or nothing where a clear error says why there are none."""
    mode: CacheMode = "replay" if endpoint is None else "auto"
    try:
        return run_all(Cached(open_store(place, create=False), endpoint, mode), *requests)
    except QuotesError as caught:
        error = caught
    assert error.remedy
    assert "\n" not in str(error)
    return None


def assert_nothing_wrong_is_told(place: Path, *, may_be_unusable: bool = False) -> None:
    """A replay gives the right reply or a CacheError, and a run with an endpoint the right reply or one asked for."""
    for request, right in zip(REQUESTS, RIGHT, strict=True):
        assert outcome_of(place, None, request) in ([right], None)
    replies = outcome_of(place, Endpoint(ANEW), *REQUESTS)
    if replies is None:
        assert may_be_unusable
        return
    assert all(reply in (right, ANEW) for reply, right in zip(replies, RIGHT, strict=True))
    if not may_be_unusable:
        assert outcome_of(place, None, *REQUESTS) == replies  # what was mended stays mended


@given(st.data())
def test_any_damage_to_a_file_of_a_folder_is_mended_and_never_believed(data: st.DataObject):
    with tempfile.TemporaryDirectory() as folder:
        place = filled(Path(folder) / "recorded")
        files = sorted(file for file in place.rglob("*.json") if file.name != "manifest.json")
        for file in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=3)):
            file.write_bytes(damaged(file.read_bytes(), data.draw(DAMAGES)))
        assert_nothing_wrong_is_told(place)


@given(st.data())
def test_any_damage_to_a_row_of_a_database_is_mended_and_never_believed(data: st.DataObject):
    columns = [("replies", "request"), ("replies", "reply"), ("replies", "checksum"), ("replies", "key")]
    columns += [("shared", "value"), ("shared", "hash")]
    with tempfile.TemporaryDirectory() as folder:
        place = filled(Path(folder) / "replies.sqlite")
        with closing(sqlite3.connect(place)) as connection, connection:
            table, column = data.draw(st.sampled_from(columns))
            rows = connection.execute(f"SELECT rowid, CAST({column} AS BLOB) FROM {table} ORDER BY rowid").fetchall()
            row, value = data.draw(st.sampled_from(rows))
            kind = data.draw(st.sampled_from(["TEXT", "BLOB", "INTEGER"]))
            statement = f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE rowid = ?"
            connection.execute(statement, (damaged(value, data.draw(DAMAGES)), row))
        assert_nothing_wrong_is_told(place)


@given(st.lists(DAMAGES, min_size=1, max_size=4))
def test_any_damage_to_the_file_of_a_database_gives_no_wrong_reply_and_no_traceback(
    damages: list[tuple[str, int, int]],
):
    with tempfile.TemporaryDirectory() as folder:
        place = filled(Path(folder) / "replies.sqlite")
        data = place.read_bytes()
        for damage in damages:
            data = damaged(data, damage)
        place.write_bytes(data)
        assert_nothing_wrong_is_told(place, may_be_unusable=True)


def test_a_database_whose_header_is_gone_says_so(tmp_path: Path):
    place = filled(tmp_path / "replies.sqlite")
    place.write_bytes(b"\0" * 100 + place.read_bytes()[100:])
    with pytest.raises(CacheError, match=r"neither a SQLite cache .* \(check the path\)"):
        open_store(place)


def test_a_database_with_views_or_triggers_is_none_of_ours(tmp_path: Path):
    for name, statement in (
        ("views.sqlite", "CREATE VIEW more AS SELECT * FROM replies"),
        ("triggers.sqlite", "CREATE TRIGGER t AFTER INSERT ON replies BEGIN DELETE FROM replies; END"),
    ):
        place = filled(tmp_path / name)
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute(statement)
        with pytest.raises(CacheError, match="another program"):
            open_store(place)


def test_a_checksum_over_another_request_does_not_make_an_entry(tmp_path: Path):
    """A row copied under another key, checksum and all."""
    place = filled(tmp_path / "replies.sqlite")
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("DELETE FROM replies WHERE key = ?", (REQUESTS[1].key,))
        connection.execute("UPDATE replies SET key = ? WHERE key = ?", (REQUESTS[1].key, REQUESTS[0].key))
    forged = Entry(REQUESTS[1], RIGHT[0])
    assert checksum(forged) != checksum(Entry(REQUESTS[0], RIGHT[0]))
    with pytest.raises(DamagedEntry):
        open_store(place).get(REQUESTS[1].key)
