"""Between processes: one request per key, nothing lost to kill -9, and no client library where none is needed."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from sample_calls import a_reply, a_request

from quotes.cache import Entry, inspection, open_store

HERE = Path(__file__).parent
PRELUDE = """
import asyncio, json, os, sys
from pathlib import Path
from quotes.cache import Cached, Entry, open_store
from sample_calls import Endpoint, a_reply, a_request
place = Path(sys.argv[1])
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    roots = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
    )


def result(process: subprocess.Popen[str], said: str | None = None) -> str:
    out, _ = process.communicate(said, timeout=60)
    assert process.returncode == 0
    return out


def test_two_processes_on_one_store_ask_once_per_key(place: Path):
    code = """
    async def main():
        endpoint = Endpoint(a_reply(f"by {os.getpid()}"))
        cached = Cached(open_store(place), endpoint)
        print("ready", flush=True)
        sys.stdin.readline()  # both begin together
        replies = await asyncio.gather(*(cached.complete(a_request(str(n))) for n in range(40)))
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
    assert asked_here + asked_there == 40
    assert here == there
    assert [file.name for file in place.parent.rglob("*lock*")] == []


def test_a_process_waits_for_another_and_takes_over_when_it_is_killed(place: Path):
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
    waiting = """
    async def main():
        endpoint = Endpoint()
        cached = Cached(open_store(place), endpoint)
        asked = asyncio.create_task(cached.complete(a_request()))
        await asyncio.sleep(0.2)
        print(len(endpoint.asked), flush=True)  # 0: the other has the key
        await asked
        print(len(endpoint.asked), flush=True)
    asyncio.run(main())
    """
    holder = start(holding, place)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "asking\n"
    waiter = start(waiting, place)
    assert waiter.stdout is not None
    assert waiter.stdout.readline() == "0\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert result(waiter) == "1\n"


def test_kill_9_while_storing_leaves_every_announced_reply_readable(place: Path):
    code = """
    store = open_store(place)
    number = 0
    while True:
        store.put(Entry(a_request(f"Text {number}", chunk=number), a_reply("x" * 5000)))
        print(number, flush=True)
        number += 1
    """
    process = start(code, place)
    assert process.stdout is not None
    announced = [int(process.stdout.readline()) for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    announced += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    store = open_store(place)
    for number in announced:
        assert store.get(a_request(f"Text {number}").key) is not None
    assert [problem for problem in inspection.verify(store) if "interrupted" not in problem.what] == [
        problem for problem in inspection.verify(store) if "used by no fixture" in problem.what
    ]


def test_many_processes_may_make_the_same_store_at_once(place: Path):
    code = """
    print("ready", flush=True)
    sys.stdin.readline()
    open_store(place).put(Entry(a_request(sys.argv[2]), a_reply()))
    """
    processes = [start(code, place, number) for number in range(4)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        result(process, "\n")
    assert len(list(open_store(place).entries())) == 4


def test_a_replay_loads_no_client_library(place: Path):
    store = open_store(place)
    store.put(Entry(a_request(), a_reply()))
    store.close()
    code = """
    import quotes.llm
    reply = asyncio.run(Cached(open_store(place, create=False), None, "replay").complete(a_request()))
    assert reply == a_reply()
    print(sorted({"openai", "httpx2", "httpx", "tenacity", "jinja2", "rich", "platformdirs"} & set(sys.modules)))
    """
    assert result(start(code, place)) == "[]\n"


def test_a_full_disk_is_one_clear_error_and_keeps_what_is_stored(place: Path):
    code = """
    import resource, signal
    from quotes.errors import OutputError
    store = open_store(place)
    store.put(Entry(a_request("first"), a_reply()))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    try:
        store.put(Entry(a_request("second"), a_reply("x" * 400_000)))
    except OutputError as error:
        print(error)
    store.put(Entry(a_request("third"), a_reply()))
    store.close()
    """
    told = result(start(code, place))
    assert told.count("\n") == 1
    assert "cannot be written" in told
    store = open_store(place)
    assert {entry.request.body["messages"][-1]["content"] for entry in store.entries()} == {"first", "third"}
    assert inspection.verify(store) == ()


def test_where_nothing_can_be_locked_the_run_goes_on(place: Path):
    code = """
    store = open_store(place)
    store.lock_path.mkdir()
    endpoint = Endpoint()
    cached = Cached(store, endpoint)
    async def main():
        await asyncio.gather(*(cached.complete(a_request()) for _ in range(5)))
        await cached.aclose()
    asyncio.run(main())
    print(len(endpoint.asked))
    """
    assert result(start(code, place)) == "1\n"
