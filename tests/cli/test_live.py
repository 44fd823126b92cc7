"""``quotes extract`` against an endpoint: paid once, resumable after any death, and clear when nothing can be had."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import open_store
from tests.cli.loopback import Answer, Loopback, completion, dismiss_all_marks, failure
from tests.cli.processes import Done, Shell


def extract(shell: Shell, endpoint: Loopback, *arguments: object) -> Done:
    return shell.run(*command(endpoint), *arguments)


def command(endpoint: Loopback) -> tuple[object, ...]:
    return "extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url


def stored_keys(cache: Path) -> set[str]:
    store = open_store(cache, create=False)
    keys = set(store.keys())
    store.close()
    return keys


def assert_every_article_once(out: Path, count: int) -> None:
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == [f"a{n}" for n in range(count)]
    assert all(record["status"] == "complete" for record in records)
    assert not out.with_name(out.name + ".part").exists()


def test_the_host_is_named_and_a_second_run_needs_no_endpoint(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(12)
    first = extract(shell, endpoint, "--concurrency", 16)
    assert first.code == 0, first.err
    assert first.lines[0] == f"quotes: the text goes to {endpoint.url.split('/')[2]} (model tiny)"
    assert first.lines[-1].startswith("quotes: 12 articles, 12 quotes, 12 requests (120 tokens in, 60 out)")
    assert {record["model"] for record in first.records} == {"tiny"}
    endpoint.answer = failure(500, "down", "no more")
    second = extract(shell, endpoint, "--concurrency", 1)
    assert second.code == 0, second.err
    assert second.out == first.out
    assert len(endpoint.bodies) == 12


def test_at_any_concurrency_the_output_is_the_same_to_the_byte(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(20)
    endpoint.delay = 0.002
    outputs = {extract(shell, endpoint, "--concurrency", n, "--cache-mode", "off").out for n in (1, 16)}
    assert len(outputs) == 1
    assert len(endpoint.bodies) == 40


def test_killed_in_the_middle_it_goes_on_and_asks_nothing_stored_again(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(200)
    endpoint.delay = 0.02
    started = shell.start(*command(endpoint), "-o", "out.jsonl", "--cache", "cache.sqlite", stdout=subprocess.DEVNULL)
    endpoint.wait_for(90)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    stored = stored_keys(shell.folder / "cache.sqlite")
    assert 50 < len(stored) < 200
    before = len(endpoint.bodies)
    again = extract(shell, endpoint, "-o", "out.jsonl", "--cache", "cache.sqlite")
    assert again.code == 0, again.err
    assert "from the journal" in again.lines[-1]
    assert not stored & set(endpoint.keys[before:])
    assert len(set(endpoint.keys)) == 200
    assert_every_article_once(shell.folder / "out.jsonl", 200)


@pytest.mark.parametrize(
    ("number", "before"),
    [(signal.SIGINT, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_IGN)],
)
def test_an_interrupt_leaves_journal_and_cache_usable(
    shell: Shell, endpoint: Loopback, number: signal.Signals, before: signal.Handlers
) -> None:
    shell.articles(400)
    endpoint.delay = 0.02
    started = shell.start(
        *command(endpoint),
        *("-o", "out.jsonl", "--record", "replies"),
        preexec_fn=lambda: signal.signal(signal.SIGINT, before),
    )
    endpoint.wait_for(25)
    started.send_signal(number)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert err.decode().splitlines()[-1] == "quotes: interrupted; the same command goes on from here"
    assert b"Traceback" not in err
    asked, stored = len(endpoint.bodies), stored_keys(shell.folder / "replies")
    assert asked < 400
    again = extract(shell, endpoint, "-o", "out.jsonl", "--record", "replies")
    assert again.code == 0, again.err
    assert not stored & set(endpoint.keys[asked:])
    assert_every_article_once(shell.folder / "out.jsonl", 400)


def test_recorded_replies_replay_with_no_other_option_and_no_network(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(6)
    recorded = extract(shell, endpoint, "--record", "replies", "--chunk-tokens", "300", "--schema", "static")
    assert recorded.code == 0, recorded.err
    asked = len(endpoint.bodies)
    guarded = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "import atexit\n"
        "atexit.register(lambda: print('LOADED', {'openai', 'httpx2'} & sys.modules.keys(), file=sys.stderr))\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    replayed = subprocess.run(
        [sys.executable, "-c", guarded, "extract", "in.jsonl", "--replay", "replies"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert replayed.returncode == 0, replayed.stderr
    assert replayed.stdout == recorded.out
    assert b"LOADED set()" in replayed.stderr
    assert len(endpoint.bodies) == asked


def test_the_rules_import_no_client(shell: Shell) -> None:
    shell.articles(1)
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('LOADED', {'openai', 'httpx2'} & sys.modules.keys(), file=sys.stderr))\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "extract", "in.jsonl"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert b"LOADED set()" in done.stderr


def test_a_replay_miss_ends_with_3_and_names_the_nearest(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    assert extract(shell, endpoint, "--record", "replies").code == 0
    text = (shell.folder / "in.jsonl").read_text()
    shell.write("in.jsonl", text.replace("The tide of day 1", "The rain of day 1"))
    done = shell.run("extract", "in.jsonl", "--replay", "replies", "-o", "out.jsonl")
    assert done.code == 3
    assert "the nearest (a1 chunk 0" in done.lines[-1]
    assert "rain" in done.lines[-1]


def html(_body: dict[str, Any]) -> Answer:
    return 200, "text/html", "<html><body>Welcome to the portal</body></html>"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (html, "web page"),
        (failure(401, "invalid_api_key", "Incorrect API key provided: sk-secret"), "key"),
        (failure(404, "model_not_found", "The model tiny does not exist"), "tiny"),
    ],
)
def test_an_endpoint_that_can_serve_nothing_ends_the_run(
    shell: Shell, endpoint: Loopback, answer: Callable[[dict[str, Any]], Answer], message: str
) -> None:
    shell.articles(30)
    shell.environment["QUOTES_API_KEY"] = "sk-secret"
    endpoint.answer = answer
    done = extract(shell, endpoint, "-o", "out.jsonl")
    assert done.code == 4, done.err
    assert message in done.lines[-1]
    assert "sk-secret" not in done.err
    assert len(endpoint.bodies) < 30


def test_nothing_listening_ends_the_run(shell: Shell) -> None:
    shell.articles(3)
    done = shell.run("extract", "in.jsonl", "--model", "tiny", "--base-url", "http://127.0.0.1:9/v1")
    assert done.code == 4
    assert "nothing listens there" in done.lines[-1]


def test_what_was_done_before_the_endpoint_died_is_kept(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(40)
    served = threading.Semaphore(15)

    def dies(body: dict[str, Any]) -> Answer:
        return dismiss_all_marks(body) if served.acquire(blocking=False) else failure(401, "revoked", "key")(body)

    endpoint.answer = dies
    done = extract(shell, endpoint, "-o", "out.jsonl", "--cache", "cache.sqlite")
    assert done.code == 4
    assert not (shell.folder / "out.jsonl").exists()
    endpoint.answer = dismiss_all_marks
    before, stored = len(endpoint.bodies), stored_keys(shell.folder / "cache.sqlite")
    assert 0 < len(stored) <= 15
    again = extract(shell, endpoint, "-o", "out.jsonl", "--cache", "cache.sqlite")
    assert again.code == 0, again.err
    assert not stored & set(endpoint.keys[before:])
    assert len(endpoint.bodies) - before == 40 - len(stored)
    assert_every_article_once(shell.folder / "out.jsonl", 40)


def test_one_article_that_fails_is_recorded_and_touches_no_other(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(5)

    def refuses_one(body: dict[str, Any]) -> Answer:
        if "day 2" in json.dumps(body["messages"]):
            return completion("I would rather not.")
        return dismiss_all_marks(body)

    endpoint.answer = refuses_one
    done = extract(shell, endpoint)
    assert done.code == 1
    assert [record["status"] == "complete" for record in done.records] == [True, True, False, True, True]
    (error,) = done.records[2]["errors"]
    assert error["kind"] == "invalid"
    assert any(line.startswith("quotes: in.jsonl line 3: chunk 0: ") for line in done.lines)


def test_a_key_is_sent_and_stands_nowhere_else(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(2)
    shell.environment["MY_KEY"] = "sk-very-secret"
    done = extract(shell, endpoint, "--api-key-env", "MY_KEY", "--record", "replies", "-o", "out.jsonl")
    assert done.code == 0, done.err
    assert {headers["authorization"] for headers in endpoint.headers} == {"Bearer sk-very-secret"}
    written = b"".join(path.read_bytes() for path in shell.folder.rglob("*") if path.is_file())
    assert b"sk-very-secret" not in written + done.err.encode()


def test_the_key_of_one_host_is_not_sent_to_another(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(1)
    shell.environment["OPENAI_API_KEY"] = "sk-openai"
    assert extract(shell, endpoint).code == 0
    assert all("sk-openai" not in str(headers) for headers in endpoint.headers)


def test_a_model_may_be_named_by_the_environment_and_the_rules_still_chosen(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(1)
    shell.environment |= {"QUOTES_MODEL": "tiny", "QUOTES_BASE_URL": endpoint.url}
    assert shell.run("extract", "in.jsonl").records[0]["model"] == "tiny"
    assert shell.run("extract", "in.jsonl", "--backend", "rules").records[0]["model"] is None
    assert len(endpoint.bodies) == 1


def test_a_cache_that_cannot_take_a_reply_ends_the_run(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(20)
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000));"
        "from quotes.cli import main; main()"
    )
    full = subprocess.run(
        [sys.executable, "-c", limited, *map(str, command(endpoint)), "--cache", "c.sqlite", "-o", "out.jsonl"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert full.returncode == 4, full.stderr
    assert "c.sqlite: " in full.stderr.splitlines()[-1]
    assert "Traceback" not in full.stderr


def test_a_damaged_entry_is_asked_for_again_and_fails_its_article_in_a_replay(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    assert extract(shell, endpoint, "--cache", "c.sqlite").code == 0
    with sqlite3.connect(shell.folder / "c.sqlite") as connection:
        connection.execute("UPDATE replies SET reply = '{}' WHERE article = 'a1'")
    connection.close()
    replayed = shell.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay")
    assert replayed.code == 1
    assert [record["status"] for record in replayed.records] == ["complete", "failed", "complete"]
    assert "is damaged" in replayed.err
    done = extract(shell, endpoint, "--cache", "c.sqlite")
    assert (done.code, len(endpoint.bodies)) == (0, 4)
    assert [record["status"] for record in done.records] == ["complete"] * 3
    assert "damaged" in done.err


def test_a_run_that_stored_nothing_does_not_spoil_what_can_be_replayed(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(2)
    assert extract(shell, endpoint, "--cache", "c.sqlite").code == 0
    endpoint.answer = failure(400, "odd", "cannot be done")
    other = shell.run("extract", "in.jsonl", "--model", "typo", "--base-url", endpoint.url, "--cache", "c.sqlite")
    assert (other.code, [record["status"] for record in other.records]) == (1, ["failed"] * 2)
    assert shell.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay").code == 0


def test_a_server_that_knows_no_such_call_ends_the_run_at_once(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    endpoint.answer = lambda _body: (501, "text/html", "<html>Unsupported method</html>")
    done = extract(shell, endpoint, "--concurrency", "1")
    assert (done.code, len(endpoint.bodies)) == (4, 1)
    assert "has no chat completions there (status 501)" in done.err
