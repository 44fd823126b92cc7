"""Pruning: what goes, what stays, the space given back, and a sound store whenever it is cut short."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_calls import Endpoint, a_reply, a_request, body_of
from test_processes import start

from quotes.cache import Cached, Entry, Store, inspection, open_store
from quotes.cache.pruning import prune
from quotes.cache.selection import Selection
from quotes.errors import UsageError
from quotes.exchange import Request


def entry(number: int, *, model: str = "sample-1b", label: str = "local", outcome: str = "complete") -> Entry:
    schema = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"title": f"for {number}"}}}
    request = Request(body_of(f"Text {number}.", model=model, response_format=schema), label, article=f"a{number}")
    return Entry(request, a_reply("x" * 3000, model=None, outcome=outcome))


ENTRIES = [
    entry(0),
    entry(1, model="other-7b"),
    entry(2, label="api.example"),
    entry(3, model="other-7b", label="api.example", outcome="truncated"),
    Entry(a_request("Text 4.", article="a4"), a_reply(model="sample-1b-q4")),
]


def filled(place: Path) -> Store:
    store = open_store(place)
    for each in ENTRIES:
        store.put(each)
    return store


def articles(store: Store) -> list[str]:
    return sorted(each.request.article for each in store.entries())


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(model="other-7b"), "a0 a2 a4"),
        (Selection(model="sample-1b-q4"), "a0 a1 a2 a3"),
        (Selection(model="sample-1b"), "a1 a3"),
        (Selection(endpoint="api.example"), "a0 a1 a4"),
        (Selection(article="a0"), "a1 a2 a3 a4"),
        (Selection(outcome="truncated"), "a0 a1 a2 a4"),
        (Selection(model="other-7b", endpoint="local"), "a0 a2 a3 a4"),
        (Selection(model="other-7b", endpoint="nowhere"), "a0 a1 a2 a3 a4"),
        (Selection(damaged=True), "a0 a1 a2 a3 a4"),
    ],
)
def test_what_is_said_must_hold_together(place: Path, selection: Selection, left: str):
    store = filled(place)
    done = prune(store, selection)
    assert articles(store) == left.split()
    assert (done.dropped, done.left) == (5 - len(left.split()), len(left.split()))
    assert inspection.verify(store) == ()
    for each in ENTRIES:
        assert store.get(each.key) == (each if each.request.article in left.split() else None)


def test_the_space_is_given_back_and_the_parts_of_what_stays_are_kept(place: Path):
    store = filled(place)
    for number in range(100, 140):
        store.put(entry(number, model="other-7b"))
    done = prune(store, Selection(model="other-7b"))
    assert (done.dropped, done.left) == (42, 3)
    assert done.size_after < done.size_before / 3
    assert done.size_after == store.size
    store.close()
    again = open_store(place)
    assert inspection.verify(again) == ()
    again.put(ENTRIES[1])  # its own shared part went; it comes back with it
    assert again.get(ENTRIES[1].key) == ENTRIES[1]


def test_damaged_entries_go_alone(place: Path):
    store = filled(place)
    store.close()
    if place.is_dir():
        next(place.glob("a0-0-*")).write_text("{")
    else:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("UPDATE replies SET reply = '{' WHERE key = ?", (ENTRIES[0].key,))
    store = open_store(place)
    assert prune(store, Selection(damaged=True)).dropped == 1
    assert articles(store) == ["a1", "a2", "a3", "a4"]
    assert inspection.verify(store) == ()


def test_nothing_said_is_refused_and_so_is_what_contradicts_itself(place: Path):
    store = filled(place)
    with pytest.raises(UsageError, match=r"--model, --endpoint, --article and --outcome"):
        prune(store, Selection())
    with pytest.raises(UsageError, match="--damaged goes alone"):
        Selection(model="sample-1b", damaged=True)
    with pytest.raises(UsageError, match="no outcome 'perfect'"):
        Selection(outcome="perfect")
    assert len(articles(store)) == 5


def test_pending_requests_keep_their_parts(place: Path):
    store = filled(place)
    store.pending.remember([ENTRIES[1].request], {})
    prune(store, Selection(model="other-7b"))
    store.close()
    waiting = open_store(place).pending.get(ENTRIES[1].key)
    assert waiting is not None
    assert waiting.request == ENTRIES[1].request


def test_a_store_that_a_run_asks_for_is_left_alone(place: Path):
    async def while_one_is_asked_for() -> None:
        endpoint = Endpoint(gate=asyncio.Event())
        cached = Cached(filled(place), endpoint)
        asked = asyncio.create_task(cached.complete(a_request("something new")))
        while not endpoint.asked:
            await asyncio.sleep(0)
        with pytest.raises(UsageError, match="in use by a run"):
            prune(open_store(place), Selection(article="a0"))
        endpoint.gate.set()
        await asked
        await cached.aclose()

    asyncio.run(while_one_is_asked_for())
    assert prune(open_store(place), Selection(article="a0")).dropped == 1


def test_another_process_that_asks_is_seen(place: Path):
    filled(place).close()
    holding = """
    async def main():
        cached = Cached(open_store(place), Endpoint(gate=asyncio.Event()))
        asked = asyncio.create_task(cached.complete(a_request()))
        while not cached._inner.asked:
            await asyncio.sleep(0)
        print("asking", flush=True)
        await asked
    asyncio.run(main())
    """
    holder = start(holding, place)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "asking\n"
    with pytest.raises(UsageError, match="in use by a run"):
        prune(open_store(place), Selection(article="a0"))
    holder.kill()
    holder.communicate()
    assert prune(open_store(place), Selection(article="a0")).dropped == 1
    assert [file.name for file in place.parent.rglob("*lock*")] == []


def test_a_run_waits_until_the_pruning_is_done_and_its_replies_stay(place: Path):
    filled(place).close()
    asking = """
    async def main():
        cached = Cached(open_store(place), Endpoint())
        print("ready", flush=True)
        for number in range(60):
            await cached.complete(a_request(str(number), article=f"b{number}"))
        await cached.aclose()
    asyncio.run(main())
    """
    runner = start(asking, place)
    assert runner.stdout is not None
    assert runner.stdout.readline() == "ready\n"
    store, times, pruned = open_store(place), 0, 0
    while times < 3 and runner.poll() is None:
        try:
            pruned += prune(store, Selection(model="other-7b")).dropped
            times += 1
        except UsageError:  # it is asking just now
            continue
    assert pruned == (2 if times else 0)
    runner.communicate()
    assert sum(name.startswith("b") for name in articles(open_store(place))) == 60
    assert inspection.verify(open_store(place)) == ()


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 5, 6, 7, 8, 12, 20, 25, 40])
def test_killed_at_any_moment_it_leaves_a_sound_store(place: Path, moment: int):
    """It dies before the *moment*th file is removed, or before the *moment*th statement to SQLite."""
    store = filled(place)
    for number in range(100, 120):
        store.put(entry(number, model="other-7b"))
    store.close()
    code = """
    import signal
    from quotes.cache.pruning import prune
    from quotes.cache.selection import Selection
    left = int(sys.argv[2])
    def count(*event):
        global left
        if len(event) == 1 or event[0] == "os.remove":
            left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    store = open_store(place)
    if store.kind == "sqlite":
        store._connection.set_trace_callback(count)
    else:
        sys.addaudithook(count)
    prune(store, Selection(model="other-7b"))
    """
    start(code, place, moment).communicate()
    store = open_store(place)
    assert [problem for problem in inspection.verify(store) if problem.what != "is used by no fixture"] == []
    left = articles(store)
    assert {"a0", "a2", "a4"} <= set(left)
    if not place.is_dir():
        assert len(left) in (3, 25)
    prune(store, Selection(model="other-7b"))
    assert articles(store) == ["a0", "a2", "a4"]
    assert inspection.verify(store) == ()


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("mn"), st.sampled_from("xy")), unique=True, max_size=8))
def test_what_is_not_meant_is_untouched(calls: list[tuple[int, str, str]]):
    import tempfile

    entries = [replace(entry(number, model=model, label=label)) for number, model, label in calls]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.sqlite", "a"):
            store = open_store(Path(folder) / name)
            for each in entries:
                store.put(each)
            prune(store, Selection(model="m", endpoint="x"))
            kept = [each for each in entries if (each.request.body["model"], each.request.label) != ("m", "x")]
            assert sorted(store.keys()) == sorted(each.key for each in kept)
            assert [store.get(each.key) for each in kept] == kept
            assert list(store.verify()) == []
            store.close()
