"""Runs that share a cache in PostgreSQL: each key asked for once, whatever dies, and the password nowhere."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

import quotes.cache.cached as cached_module
import quotes.cache.postgres.store as store_module
from quotes.cache import Cached, Entry, open_store
from quotes.cache.postgres import locks
from quotes.cache.postgres.store import Postgres
from quotes.cache.pruning import prune
from quotes.cache.selection import Selection
from quotes.errors import OutputError, UsageError
from quotes.exchange import Reply, Request
from tests.cli.processes import Done, Shell
from tests.endpoint.server import FaultServer, serving
from tests.security.canary import assert_clean, traces_in
from tests.system.database import Server

ROOT = Path(__file__).parents[2]
PRELUDE = """
import asyncio, os, sys
from quotes.cache import Cached, Entry, open_store
from quotes.exchange import Reply, Request
place = sys.argv[1]
def a_request(text): return Request({"messages": [{"role": "user", "content": text}]}, "local")
"""


@pytest.fixture
def place(database: Server) -> str:
    """Where a cache may be made."""
    return database.cache()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(tmp_path)
    found.articles(8)
    return found


def a_request(text: str = "Mara Ruiz said no.") -> Request:
    return Request({"messages": [{"role": "user", "content": text}]}, "local")


class Endpoint:
    """Answers after *delay* seconds; *asked* are the texts it was asked about."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.asked: list[str] = []

    async def complete(self, request: Request) -> Reply:
        text = request.body["messages"][0]["content"]
        self.asked.append(text)
        await asyncio.sleep(self.delay)
        return Reply(text)

    async def aclose(self) -> None: ...


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def extract(shell: Shell, server: FaultServer, place: str, *more: str) -> tuple[str, ...]:
    return "extract", "in.jsonl", "--base-url", server.url, "--model", "tiny", "--cache", place, *more


def test_many_processes_make_the_tables_at_once(place: str):
    code = """
    print("ready", flush=True)
    sys.stdin.readline()
    store = open_store(place)
    store.put(Entry(a_request(sys.argv[2]), Reply("yes")))
    store.close()
    """
    processes = [start(code, place, str(number)) for number in range(10)]
    assert [line_of(process) for process in processes] == ["ready"] * 10
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 10
    assert len(list(open_store(place).entries())) == 10


def test_four_commands_ask_for_each_key_once_and_say_the_same(shell: Shell, place: str):
    with serving(delay=0.1) as server:
        commands = [shell.start(*extract(shell, server, place)) for _ in range(4)]
        outputs = {command.communicate(timeout=120)[0] for command in commands}
        assert [command.returncode for command in commands] == [0] * 4
        assert len(outputs) == 1
        assert set(Counter(server.log.keys).values()) == {1}
    replayed = shell.run("extract", "in.jsonl", "--replay", place)
    assert {replayed.out} == outputs


def test_a_lock_is_free_when_its_holder_is_killed(place: str):
    code = """
    class Silent:
        async def complete(self, request):
            print("asking", flush=True)
            await asyncio.Event().wait()
    asyncio.run(Cached(open_store(place), Silent()).complete(a_request("x")))
    """
    holder = start(code, place)
    assert line_of(holder) == "asking"

    async def wait() -> None:
        endpoint = Endpoint()
        cached = Cached(open_store(place), endpoint)
        asked = asyncio.create_task(cached.complete(a_request("x")))
        await asyncio.sleep(0.3)
        assert endpoint.asked == []
        with pytest.raises(UsageError, match="is in use by a run"):
            prune(open_store(place), Selection(endpoint="local"))
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
        assert (await asyncio.wait_for(asked, 10)).content == "x"
        await cached.aclose()

    asyncio.run(wait())


def test_what_was_announced_survives_a_kill_and_a_crash_of_the_server(database: Server, place: str):
    code = """
    store, number = open_store(place), 0
    while True:
        store.put(Entry(a_request(str(number)), Reply("x" * 5000)))
        print(number, flush=True)
        number += 1
    """
    writer = start(code, place)
    announced = [line_of(writer) for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    announced += [line for line in writer.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    restart(database)
    store = open_store(place)
    assert all(store.get(a_request(line.strip()).key) for line in announced)
    assert list(store.verify()) == []


def test_a_run_outlives_a_restart_of_the_server_and_pays_nothing_twice(database: Server, place: str):
    async def run() -> None:
        endpoint = Endpoint(0.02)
        cached = Cached(open_store(place), endpoint)
        window = asyncio.Semaphore(8)

        async def one(text: str) -> Reply:
            async with window:
                return await cached.complete(a_request(text))

        tasks = [asyncio.create_task(one(str(number))) for number in range(200)]
        while len(endpoint.asked) < 40:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(restart, database)
        replies = await asyncio.gather(*tasks)
        await cached.aclose()
        assert [reply.content for reply in replies] == [str(number) for number in range(200)]
        assert sorted(endpoint.asked) == sorted(str(number) for number in range(200))

    asyncio.run(run())
    assert len(list(open_store(place).entries())) == 200


def restart(database: Server) -> None:
    database.stop(signal.SIGQUIT)
    database.start()


def test_a_lock_that_its_session_lost_is_taken_again(database: Server, place: str):
    async def run() -> None:
        mine, other = Postgres(place).locks(), Postgres(place).locks()
        async with mine.hold("a"):
            database.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            async with mine.hold("b"):  # finds it out
                assert not await other._take(other._connections.address.number("a"))
        async with asyncio.timeout(5), other.hold("a"):
            pass
        await mine.aclose()
        await other.aclose()

    asyncio.run(run())


def test_who_held_a_key_when_all_lost_their_sessions_has_it_again(
    database: Server, place: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(locks, "_BEAT", 0.05)
    monkeypatch.setattr(locks, "_GRACE", 1.0)
    held = "SELECT count(DISTINCT pid), count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode LIKE 'E%'"
    lose = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"

    async def run() -> None:
        first, second = Endpoint(60), Endpoint()
        caches = [Cached(open_store(place), endpoint) for endpoint in (first, second)]
        for number in range(3):
            asyncio.create_task(caches[0].complete(a_request(str(number))))  # noqa: RUF006
        while len(first.asked) < 3:
            await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(caches[1].complete(a_request(str(number)))) for number in range(3)]
        await asyncio.sleep(0.2)
        assert len(database.ask(lose)) > 3
        async with asyncio.timeout(10):
            while database.ask(held) != [(1, 3)]:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.2)
        assert second.asked == []
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for cached in caches:
            await cached.aclose()

    asyncio.run(run())


def test_locks_hold_back_no_vacuum(database: Server, place: str):
    async def run() -> None:
        locks = Postgres(place).locks()
        async with locks.hold("a"), locks.hold("b"):
            query = "SELECT state, backend_xmin FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            assert database.ask(query) == [("idle in transaction", None)]
        await locks.aclose()

    asyncio.run(run())


def test_nobody_takes_a_key_while_somebody_is_alone(place: str):
    async def run() -> None:
        store = Postgres(place)
        locks = store.locks()
        with store.alone() as free:
            assert free
            assert not await locks._take(1)
        assert await locks._take(1)
        await locks.aclose()

    asyncio.run(run())


def test_a_reply_is_stored_though_its_caller_is_cancelled(place: str):
    async def run() -> None:
        endpoint = Endpoint()
        cached = Cached(open_store(place), endpoint)
        tasks = [asyncio.create_task(cached.complete(a_request(str(number)))) for number in range(50)]
        while len(endpoint.asked) < 50:
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cached.aclose()

    asyncio.run(run())
    assert len(list(open_store(place).keys())) == 50


def test_the_event_loop_goes_on_while_the_database_does_not(database: Server, place: str):
    open_store(place)
    schema = place.partition("schema=")[2]

    async def run() -> None:
        cached = Cached(open_store(place), Endpoint())
        with database.connect() as holder, holder.transaction():
            holder.execute(f"LOCK TABLE {schema}.replies IN ACCESS EXCLUSIVE MODE")
            asked = asyncio.create_task(cached.complete(a_request()))
            began = time.monotonic()
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert time.monotonic() - began < 5
            assert not asked.done()
        assert (await asked).content == "Mara Ruiz said no."
        await cached.aclose()

    asyncio.run(run())


def test_an_end_does_not_wait_for_a_database_that_does_nothing(
    database: Server, place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    for module, name in ((store_module, "LAST_PATIENCE"), (locks, "_LAST"), (cached_module, "_MOMENT")):
        monkeypatch.setattr(module, name, 0.1)
    open_store(place)
    schema = place.partition("schema=")[2]

    async def run(holder: psycopg.Connection[tuple[Any, ...]]) -> None:
        cached = Cached(open_store(place), Endpoint())
        holder.execute(f"LOCK TABLE {schema}.replies IN EXCLUSIVE MODE")  # may be read
        asked = asyncio.create_task(cached.complete(a_request()))
        while not database.ask("SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        with pytest.raises(OutputError, match=r"1 reply could not be stored, .* \(the same command asks for"):
            await cached.aclose()

    began = time.monotonic()
    with database.connect() as holder, holder.transaction():
        asyncio.run(run(holder))
    assert time.monotonic() - began < 20
    assert caplog.messages == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("quotes-cache")]


def test_a_server_that_stays_away_is_one_error_that_ends_the_run(database: Server, place: str):
    store = Postgres(place, patience=0.2)
    cached = Cached(store, Endpoint())
    entry = Entry(a_request(), Reply("yes"))
    store.put(entry)
    database.stop()
    try:
        for act in (lambda: store.get(entry.key), lambda: store.put(entry), lambda: asyncio.run(ask(cached))):
            with pytest.raises(OutputError, match=r"cannot be reached: .* what is stored is kept") as caught:
                act()
            assert len(str(caught.value).splitlines()) == 1
            assert traces_in(str(caught.value).encode()) == []
    finally:
        database.start()
    assert store.get(entry.key) == entry


async def ask(cached: Cached) -> None:
    await cached.complete(a_request("unknown"))


# The password: everything a command says or leaves behind, as it goes well and as it does not.


def run(shell: Shell, *command: object, code: int = 0) -> Done:
    done = shell.run(*command)
    assert_clean(shell.folder, done.out, done.err)
    assert done.code == code, done.err
    return done


def test_the_password_is_in_nothing_that_commands_say_or_write(database: Server, shell: Shell, place: str):
    with serving() as server:
        run(shell, *extract(shell, server, place, "-o", "out.jsonl", "--log-json", "log.jsonl", "-v"))
        run(shell, "extract", "in.jsonl", "--cache", place, "--cache-mode", "replay", "--model", "other", code=3)
        told = run(shell, "cache", "info", place)
        assert f"cache     {database.bare}?schema=" in told.out.decode()
        run(shell, "cache", "export", "copy", "--cache", place)
        assert run(shell, "cache", "diff", place, "copy").out == b""
        told = run(shell, "batch", "export", "in.jsonl", "-o", "b.jsonl", "--model", "new", "--cache", place)
        assert f"--cache '{database.bare}?schema=" in told.err


@pytest.mark.parametrize("change", [("@127", "x@127"), ("%5C", "/")])
def test_the_password_is_in_no_complaint(shell: Shell, place: str, change: tuple[str, str]):
    with serving() as server:
        done = run(shell, *extract(shell, server, place.replace(*change), "--log-json", "log.jsonl"), code=2)
    assert len(done.lines) == 1
    assert done.lines[0].startswith("quotes: postgresql://")
