"""The store in PostgreSQL: what every store promises, and what only one on a server can."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests.security.canary import KEY, traces_in
from tests.system.database import USER, Server

CACHE = Path(__file__).parents[1] / "cache"
sys.path.insert(0, str(CACHE))  # where the tests of all stores find their sample calls

from sample_calls import Endpoint, a_reply, a_request  # noqa: E402

from quotes.cache import Cached, Entry, Store, find_store, open_store  # noqa: E402
from quotes.cache.inspection import diff_stores, info  # noqa: E402
from quotes.cache.postgres.store import Postgres  # noqa: E402
from quotes.cache.pruning import prune  # noqa: E402
from quotes.cache.selection import Selection  # noqa: E402
from quotes.cache.transfer import copy_entries  # noqa: E402
from quotes.errors import CacheError, DamagedEntry, OutputError, UsageError  # noqa: E402
from quotes.exchange import Request  # noqa: E402

_OF_ALL = {
    "test_stores": """
        what_was_put_is_got_back_by_a_later_opening an_unknown_key_gives_nothing
        every_lasting_outcome_is_kept_as_it_is putting_again_replaces
        the_same_body_under_another_trial_or_label_is_another_entry entries_can_be_asked_for_by_article_and_chunk
        keys_are_sorted_and_found_by_prefix the_manifest_keeps_what_is_merged_into_it any_body_comes_back_equal
        an_article_id_that_is_no_file_name_is_stored_all_the_same""",
    "test_modes": """
        different_keys_do_not_wait_for_each_other a_replay_needs_no_endpoint_and_gives_the_same
        a_replay_never_asks_the_endpoint_it_was_given refresh_asks_again_once_per_key_and_overwrites
        what_is_stored_is_had_at_once_and_counted_and_a_look_is_not off_neither_reads_nor_writes
        a_failure_is_not_stored_and_is_everyones_who_waited when_the_one_that_asks_is_cancelled_another_takes_over
        a_cancelled_follower_disturbs_nobody a_reply_is_stored_before_it_is_returned
        half_a_surrogate_pair_in_the_text_fails_that_request_alone finished_flights_leave_nothing_behind""",
}
for _module, _names in _OF_ALL.items():  # the very tests that SQLite and folders pass
    pytest.register_assert_rewrite(_module)
    for _name in _names.split():
        globals()[f"test_{_name}"] = getattr(importlib.import_module(_module), f"test_{_name}")


@pytest.fixture
def place(database: Server) -> str:
    """Where a store may be made."""
    return database.cache()


@pytest.fixture
def store(place: str) -> Store:
    return open_store(place)


def _damage(database: Server, store: Store, change: str) -> None:
    database.ask(change.format(schema=store.where.partition("schema=")[2]))


def test_texts_that_postgresql_would_refuse_come_back_as_they_were(store: Store):
    articles = ["nul \0", "half \ud800", "x" * 5_000, "", "a\\x00"]
    entries = [
        Entry(replace(a_request(f"\0 {n} \u2028", article=name), label="a\0b"), a_reply("half \ud83d, nul \0, \ufeff"))
        for n, name in enumerate(articles)
    ]
    for entry in entries:
        store.put(entry)
    assert [store.get(entry.key) for entry in entries] == entries
    assert [list(store.entries(entry.request.article)) for entry in entries] == [[entry] for entry in entries]
    assert list(store.verify()) == []


def test_many_entries_come_in_the_order_of_sqlite(store: Store, tmp_path: Path):
    other = open_store(tmp_path / "a.sqlite")
    for number in range(210):  # more than a page
        entry = Entry(a_request(str(number), article=f"{'äzÄ-'[number % 4]}{number % 7}", chunk=number % 3), a_reply())
        store.put(entry)
        other.put(entry)
    assert [entry.key for entry in store.entries()] == [entry.key for entry in other.entries()]
    assert list(store.keys()) == list(other.keys())
    assert len(list(store.scan())) == 210


def test_what_is_shared_is_stored_once_and_dropped_with_the_last_that_uses_it(database: Server, store: Store):
    for number in range(20):
        store.put(Entry(a_request(str(number), article=f"n{number % 2}"), a_reply()))
    store.pending.remember([a_request("later", model="other")], {})
    shared = f"SELECT count(*) FROM {store.where.partition('schema=')[2]}.shared"
    assert database.ask(shared) == [(4,)]
    assert prune(store, Selection(article="n0")).left == 10
    assert prune(store, Selection(article="n1")).left == 0
    assert database.ask(shared) == [(4,)]  # the pending request uses them
    store.pending.forget(list(store.pending.keys()))
    store.delete([])
    assert database.ask(shared) == [(0,)]
    entry = Entry(a_request("again"), a_reply())
    store.put(entry)
    assert store.get(entry.key) == entry


def test_what_another_process_has_dropped_is_stored_again(place: str, store: Store):
    store.put(Entry(a_request("first"), a_reply()))
    prune(open_store(place), Selection(endpoint="local"))
    entry = Entry(a_request("second"), a_reply())
    store.put(entry)
    assert open_store(place).get(entry.key) == entry


@pytest.mark.parametrize("what", ["replies", "pending"])
def test_what_another_process_is_dropping_is_stored_again(database: Server, place: str, store: Store, what: str):
    schema = store.where.partition("schema=")[2]
    store.put(Entry(a_request("first"), a_reply()))
    other, entry = open_store(place), Entry(a_request("second"), a_reply())
    putting = partial(other.put, entry) if what == "replies" else partial(other.pending.remember, [entry.request], {})
    thread = threading.Thread(target=putting)
    with database.connect() as pruning:
        with pruning.transaction():
            pruning.execute(f"LOCK TABLE {schema}.replies, {schema}.pending IN SHARE ROW EXCLUSIVE MODE")
            pruning.execute(f"DELETE FROM {schema}.replies")
            thread.start()
            while not database.ask("SELECT 1 FROM pg_locks WHERE NOT granted"):
                time.sleep(0.01)
            pruning.execute(f"DELETE FROM {schema}.shared")
        thread.join()
    again = open_store(place)
    if what == "replies":
        assert again.get(entry.key) == entry
    else:
        waiting = again.pending.get(entry.key)
        assert waiting is not None
        assert waiting.request == entry.request


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {schema}.replies SET reply = replace(reply, 'quotes', 'quoted')",
        "UPDATE {schema}.replies SET request = '[]'",
        "UPDATE {schema}.replies SET request = 'no JSON'",
        "UPDATE {schema}.replies SET key = repeat('0', 64)",
        "UPDATE {schema}.replies SET checksum = ''",
        "UPDATE {schema}.shared SET value = '\"changed\"'",
        "DELETE FROM {schema}.shared",
    ],
)
def test_damage_is_found_told_passed_over_and_mended(database: Server, place: str, change: str):
    entry = Entry(a_request(), a_reply())
    open_store(place).put(entry)
    store = open_store(place)
    _damage(database, store, change)
    (problem,) = store.verify()
    assert problem.where.startswith(database.bare)
    assert "is damaged: row" in problem.what
    key = next(iter(store.keys()))
    with pytest.raises(DamagedEntry):
        store.get(key)
    assert list(store.entries(sound=True)) == []
    store.put(entry)
    assert store.get(entry.key) == entry
    assert prune(store, Selection(damaged=True)).left == 1
    assert list(store.verify()) == []


def test_a_damaged_reply_is_asked_for_again(database: Server, place: str):
    open_store(place).put(Entry(a_request(), a_reply("old")))
    _damage(database, open_store(place), "UPDATE {schema}.replies SET checksum = 'x'")

    async def ask() -> None:
        cached = Cached(open_store(place), Endpoint(a_reply("new")))
        assert (await cached.complete(a_request())).content == "new"
        assert cached.counts.mended == 1
        await cached.aclose()

    asyncio.run(ask())


def test_copies_between_all_kinds_replay_the_same(database: Server, store: Store, tmp_path: Path):
    for number in range(30):
        request = Request(a_request(f"text {number}").body, f"host{number % 3}", number % 2, f"a{number}", number % 4)
        store.put(Entry(request, a_reply(f"\0 {number}")))
    store.merge_manifest({"model": "sample-1b", "settings": {"temperature": 0}})
    stores = [store, *map(open_store, (tmp_path / "a.sqlite", database.cache(), tmp_path / "folder", database.cache()))]
    for source, target in pairwise(stores):
        done = copy_entries(source, target, Selection(), lambda line: pytest.fail(line))
        assert (done.copied, done.exit_code, done.kept) == (30, 0, ())
    assert not diff_stores(stores[0], stores[-1])
    assert list(stores[-1].entries()) == list(store.entries())
    assert stores[-1].manifest() == store.manifest()
    assert copy_entries(stores[3], store, Selection(), pytest.fail).there == 30
    again = open_store(f"{database.url}?schema={store.where.partition('schema=')[2]}")
    with pytest.raises(UsageError, match="into itself"):
        copy_entries(store, again, Selection(), pytest.fail)


def test_pending_requests_are_kept_and_forgotten(place: str, store: Store):
    requests = [a_request(f"text {n} \0") for n in range(3)]
    store.pending.remember(requests, {"model": "m"})
    store.pending.remember(requests[:1], {"model": "other"})
    pending = open_store(place).pending
    assert list(pending.keys()) == sorted(request.key for request in requests)
    first, second = (pending.get(request.key) for request in requests[:2])
    assert first is not None
    assert second is not None
    assert (first.request, first.manifest) == (requests[0], {"model": "other"})
    assert second.manifest == {"model": "m"}
    assert pending.get("\0") is None
    pending.forget([requests[0].key, "unknown"])
    assert len(list(store.pending.keys())) == 2


def test_its_figures_are_told_without_the_password(database: Server, store: Store):
    store.put(Entry(a_request(), a_reply()))
    found = info(store)
    assert (found.kind, found.entries, found.path) == ("postgresql", 1, store.where)
    assert found.path.startswith(database.bare + "?schema=cache_")
    assert found.size > 50_000


def test_looking_for_a_cache_makes_none(database: Server, place: str):
    assert find_store(place) is None
    with pytest.raises(CacheError, match="there is no such cache"):
        open_store(place, create=False)
    open_store(place)
    assert find_store(place) is not None


def test_who_may_only_read_can_replay_and_is_told_when_writing(database: Server, place: str, store: Store):
    entry = Entry(a_request(), a_reply())
    store.put(entry)
    schema = store.where.partition("schema=")[2]
    database.ask("DROP ROLE IF EXISTS reader")
    database.ask("CREATE ROLE reader LOGIN PASSWORD 'r'")
    url = f"{database.url.replace(database.url.split('@')[0], 'postgresql://reader:r')}?schema={schema}"
    with pytest.raises(CacheError, match=r"permission denied for schema .* \(have its owner grant the right"):
        open_store(url)
    database.ask(f"GRANT USAGE ON SCHEMA {schema} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader")
    reading = open_store(url)
    assert reading.get(entry.key) == entry
    with pytest.raises(OutputError, match="cannot be written: permission denied for table"):
        reading.put(entry)
    with pytest.raises(CacheError, match="permission denied for database"):
        open_store(url.replace(schema, "another"))
    reading.close()
    database.ask("ALTER ROLE reader CONNECTION LIMIT 0")
    with pytest.raises(CacheError, match=r"too many connections .* or start fewer workers"):
        open_store(url)
    database.ask("DROP OWNED BY reader")


_BAD = {
    "wrong password": ("{user}:no@127.0.0.1:{port}/postgres", "password authentication failed.*set PGPASSWORD"),
    "no password": ("{user}@127.0.0.1:{port}/postgres", "no password supplied.*set PGPASSWORD"),
    "no such role": ("nobody:no@127.0.0.1:{port}/postgres", "password authentication failed"),
    "no such database": ("{login}@127.0.0.1:{port}/nothing", '"nothing" does not exist.*createdb'),
    "refused": ("{login}@127.0.0.1:1/postgres", "Connection refused.*see that the server runs there"),
    "no such host": ("{login}@nowhere.invalid/postgres", "nowhere.invalid.*check the host's name"),
    "no such option": ("{login}@127.0.0.1:{port}/postgres?colour=red", "is no address of a database"),
    "no number": ("{login}@127.0.0.1:port/postgres", "is no address of a database"),
    "not encoded": ("{user}:a/b@127.0.0.1:{port}/postgres", "is no address of a database.*%40"),
    "no TLS there": ("{login}@127.0.0.1:{port}/postgres?sslmode=require", "SSL.*check sslmode"),
    "odd schema": ("{login}@127.0.0.1:{port}/postgres?schema=a-b", "has no schema of that name"),
    "a schema of the server's": ("{login}@127.0.0.1:{port}/postgres?schema=pg_catalog", "has no schema of that name"),
    "somebody else's": ("{login}@127.0.0.1:{port}/postgres?schema=information_schema", "another program"),
    "no such service": ("{login}@/?service=nothing", "service"),
}


@pytest.mark.parametrize("case", _BAD)
def test_an_address_that_leads_nowhere_is_one_line_with_a_remedy(database: Server, case: str):
    address, said = _BAD[case]
    login = database.url.partition("://")[2].rpartition("@")[0]
    with pytest.raises(CacheError, match=said) as caught:
        open_store("postgresql://" + address.format(user=USER, login=login, port=database.port))
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.remedy


def test_a_database_without_unicode_is_refused(database: Server):
    database.ask("CREATE DATABASE plain ENCODING SQL_ASCII TEMPLATE template0")
    with pytest.raises(CacheError, match="holds no Unicode text"):
        open_store(database.url.replace("/postgres", "/plain").replace("postgresql:/plain", "postgresql:/"))


@pytest.mark.parametrize(("name", "said"), [("version", "schema version 9"), ("key_version", "key version 9")])
def test_a_cache_of_another_version_is_refused(database: Server, place: str, name: str, said: str):
    _damage(database, open_store(place), f"UPDATE {{schema}}.meta SET value = '9' WHERE name = '{name}'")
    with pytest.raises(CacheError, match=f"{said}.*install a newer quotes"):
        open_store(place)


def test_the_password_may_come_from_the_environment_or_a_file(
    database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    address = f"{database.bare}?schema=quiet"
    monkeypatch.setenv("PGPASSWORD", KEY)
    open_store(address).close()
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    escaped = KEY.replace("\\", "\\\\")
    file.write_text(f"127.0.0.1:*:*:{USER}:{escaped}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    open_store(address).close()
    services = tmp_path / "services"
    services.write_text(f"[shared]\nhost=127.0.0.1\nport={database.port}\nuser={USER}\ndbname=postgres\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    store = open_store("postgres://?service=shared&schema=quiet")
    assert store.where == "postgres://?service=shared&schema=quiet"
    assert store.manifest()["version"] == 1


def test_nothing_of_a_store_shows_the_password(database: Server, place: str):
    store = Postgres(place)
    shown = f"{store!r} {store.where} {store._connections.address!r} {store.manifest()}"
    assert traces_in(shown.encode()) == []
