"""``quotes batch submit`` and what follows it, as processes, against a service on loopback."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from quotes.exchange import Request
from tests.cli.loopback import Loopback, dismiss_all_marks
from tests.cli.loopback import serving as serving_chat
from tests.cli.processes import Done, Shell
from tests.llm.batch_server import Batch, BatchServer, Fault, Hold, complaint, serving

KEY = "sk-canary-9876543210"
BROKEN = '{"attributions": [{"mark"'
MODEL = ("--model", "tiny", "--cache", "c.sqlite")


def answer(body: dict[str, Any]) -> tuple[int, Any]:
    status, _, text = dismiss_all_marks(body)
    return status, json.loads(text)


@pytest.fixture
def server(shell: Shell) -> Iterator[BatchServer]:
    shell.environment["QUOTES_API_KEY"] = KEY
    with serving(answer, KEY) as found:
        shell.environment["QUOTES_BASE_URL"] = found.url
        yield found


def submit(shell: Shell, *options: object, inputs: str = "in.jsonl") -> Done:
    return shell.run("batch", "submit", inputs, *MODEL, *options)


def collect(shell: Shell, *options: object) -> Done:
    return shell.run("batch", "collect", "--cache", "c.sqlite", *options)


def status(shell: Shell) -> list[dict[str, Any]]:
    done = shell.run("batch", "status", "--cache", "c.sqlite", "--json")
    assert done.code == 0, done.err
    parts: list[dict[str, Any]] = json.loads(done.out)["parts"]
    return parts


def once(server: BatchServer, count: int) -> None:
    """All *count* requests are in one batch each."""
    asked = server.asked()
    assert len(asked) == len(set(asked)) == count


def test_from_submitting_to_the_records_of_a_live_run(shell: Shell, server: BatchServer) -> None:
    """Some first answers are broken, so that repairs follow in rounds."""
    shell.articles(7)

    def stumbling(body: dict[str, Any]) -> tuple[int, Any]:
        found = answer(body)
        said = [message["content"] for message in body["messages"]]
        if BROKEN not in said and int(Request(body, "local").key, 16) % 2:
            found[1]["choices"][0]["message"]["content"] = BROKEN
        return found

    server.answer = stumbling
    rounds = 0
    while True:
        done = submit(shell, "--part-requests", 3)
        assert done.code == 0, done.err
        assert f"the text goes to 127.0.0.1:{server.server_port} (model tiny)" in done.lines[0]
        if "nothing left to ask" in done.err:
            break
        rounds += 1
        took = collect(shell, "--wait", "--interval", 0.1)
        assert (took.code, took.out) == (0, b"")
        assert "quotes batch submit again" in took.lines[-1]
    assert 1 < rounds < 5
    once(server, len(server.bodies))

    lively = Loopback(answer=lambda body: (200, "application/json", json.dumps(stumbling(body)[1])))
    with serving_chat(lively):
        options = ("--model", "tiny", "--base-url", lively.url, "--cache", "d.sqlite")
        live = shell.run("extract", "in.jsonl", *options)
    replayed = shell.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay")
    assert (live.code, replayed.code) == (0, 0), replayed.err
    assert replayed.out == live.out
    assert sorted(lively.keys) == sorted(server.asked())
    assert {record["status"] for record in replayed.records} == {"complete"}


def kill(process: subprocess.Popen[bytes], hold: Hold) -> None:
    """End *process* at once where the server holds it."""
    reached = hold.reached.wait(60)
    process.kill()
    _, err = process.communicate()
    assert (reached, process.returncode) == (True, -signal.SIGKILL), err


@pytest.mark.parametrize(
    ("call", "when", "part"),
    [
        ("POST /v1/files", "before", 1),
        ("POST /v1/files", "after", 2),
        ("POST /v1/batches", "before", 2),
        ("POST /v1/batches", "late", 1),
        ("POST /v1/batches", "after", 2),
    ],
)
def test_a_submit_that_is_killed_is_taken_up_by_the_same_command(
    shell: Shell, server: BatchServer, call: str, when: Any, part: int
) -> None:
    shell.articles(3)
    options = ("batch", "submit", "in.jsonl", *MODEL, "--part-requests", 2)
    with server.holding(call, when, part) as hold:
        kill(shell.start(*options), hold)
    done = shell.run(*options)
    assert done.code == 0, done.err
    assert len(server.batches) == 2
    assert len([1 for shown, _ in server.files.values() if shown["purpose"] == "batch"]) == 2
    once(server, 3)
    assert collect(shell, "--wait", "--interval", 0.1).code == 0
    assert [path.name for path in shell.folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("call", ["GET /v1/batches/ID", "GET /v1/files/ID/content"])
def test_a_collect_that_is_killed_is_taken_up_by_the_next(shell: Shell, server: BatchServer, call: str) -> None:
    shell.articles(3)
    submit(shell, "--part-requests", 2)
    with server.holding(call, "after", 2) as hold:
        kill(shell.start("batch", "collect", "--wait", "--interval", "0.1", "--cache", "c.sqlite"), hold)
    done = collect(shell, "--wait", "--interval", 0.1)
    assert done.code == 0, done.err
    assert shell.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay").code == 0
    assert len(server.bodies) == 3


def test_the_table_tells_how_it_stands_and_changes_nothing(shell: Shell, server: BatchServer) -> None:
    shell.articles(3)
    nothing = shell.run("batch", "status", "--cache", "c.sqlite")
    assert (nothing.code, len(nothing.out.splitlines()), server.calls) == (0, 1, [])
    submit(shell, "--part-requests", 2)
    before = (shell.folder / "c.sqlite.batches.json").read_bytes()
    done = shell.run("batch", "status", "--cache", "c.sqlite")
    assert done.code == 0
    head, first, second = done.out.decode().splitlines()
    assert head.split() == ["part", "batch", "status", "done/failed/total", "submitted"]
    assert re.fullmatch(r"1 +batch_0001 +in_progress +0/0/2 +20\d\d-\d\d-\d\d \d\d:\d\dZ", first)
    assert second.split()[:4] == ["2", "batch_0002", "in_progress", "0/0/1"]
    assert (shell.folder / "c.sqlite.batches.json").read_bytes() == before
    server.fault("GET /v1/batches/ID", complaint(404, "gone"))
    shown = shell.run("batch", "status", "--cache", "c.sqlite")
    assert (shown.code, "knows no batch batch_0001" in shown.err) == (0, True)
    collect(shell, "--wait", "--interval", 0.1)
    assert [(part["status"], part["done"], part["closed"]) for part in status(shell)] == [
        ("completed", 2, True),
        ("completed", 1, True),
    ]


def test_what_is_under_way_is_told_with_code_1_and_again_submitted_only_what_is_new(
    shell: Shell, server: BatchServer
) -> None:
    shell.articles(2)
    done = submit(shell, "--state", "mine.json")
    assert done.code == 0
    assert re.search(r"2 articles, 2 requests submitted in 1 batch, .*about [\d,]+ tokens in", done.err)
    assert "next: quotes batch collect --wait --cache c.sqlite --state mine.json" in done.err
    shell.articles(3)
    again = submit(shell, "--state", "mine.json")
    assert "1 request submitted in 1 batch, 2 under way already" in again.err
    once(server, 3)
    early = collect(shell, "--state", "mine.json")
    assert (early.code, "2 under way" in early.err) == (1, True)
    assert collect(shell).code == 2  # where nothing was submitted
    assert collect(shell, "--wait", "--interval", 0.1, "--state", "mine.json", "-q").err == ""


def test_answers_that_failed_are_told_and_the_next_submit_asks_them_again(shell: Shell, server: BatchServer) -> None:
    shell.articles(3)
    server.ends = lambda batch: _cut_short(batch)
    submit(shell)
    done = collect(shell, "--wait", "--interval", 0.1)
    assert done.code == 1
    assert "no answer to a1 chunk 0: batch_expired" in done.err
    assert "2 replies stored" in done.err
    assert "1 request without an answer" in done.err
    server.ends = lambda _batch: None
    assert "1 request submitted" in submit(shell).err
    assert collect(shell, "--wait", "--interval", 0.1).code == 0


def _cut_short(batch: Batch) -> None:
    batch.ending, batch.unfinished = "expired", {1}


def test_cancelling_by_name_and_all(shell: Shell, server: BatchServer) -> None:
    shell.articles(6)
    submit(shell, "--part-requests", 2)
    common = ("--cache", "c.sqlite")
    wrong = shell.run("batch", "cancel", "batch_9999", *common)
    assert (wrong.code, "batch_9999" in wrong.err) == (2, True)
    assert shell.run("batch", "cancel", "2", "batch_0003", *common).code == 0
    assert [batch.shown["status"] for batch in server.batches.values()] == ["validating", "cancelling", "cancelling"]
    done = shell.run("batch", "cancel", *common)
    assert (done.code, "batch_0001 cancelling" in done.err) == (0, True)
    took = collect(shell, "--wait", "--interval", 0.1)
    assert (took.code, "3 replies stored" in took.err) == (1, True)
    assert "nothing is under way" in shell.run("batch", "cancel", *common).err
    assert shell.run("batch", "cancel", "--drop", *common).code == 2


def test_waiting_ends_with_ctrl_c_and_keeps_what_was_taken(shell: Shell, server: BatchServer) -> None:
    shell.articles(3)
    submit(shell, "--part-requests", 2)
    server.batches["batch_0002"].ending = "in_progress"  # it never ends
    process = shell.start("batch", "collect", "--wait", "--interval", "0.1", "--cache", "c.sqlite")
    assert process.stderr is not None
    lines = []
    while not any(b"batch_0001 completed" in line for line in lines):
        lines.append(process.stderr.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert [part["closed"] for part in status(shell)] == [True, False]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"without": {"POST /v1/files"}}, "has no Batch API there (status 404) (check --base-url; quotes batch export"),
        ({"key": "sk-another-000000"}, "refuses the key"),
    ],
)
def test_an_unusable_service_is_one_line_with_code_4(
    shell: Shell, server: BatchServer, script: dict[str, Any], said: str
) -> None:
    shell.articles(2)
    for name, value in script.items():
        setattr(server, name, value)
    done = submit(shell)
    assert (done.code, said in done.err) == (4, True), done.err
    server.without, server.key = set(), KEY
    assert submit(shell).code == 0
    once(server, 2)


def test_hiccups_are_waited_out(shell: Shell, server: BatchServer) -> None:
    shell.articles(2)
    calls = ("POST /v1/files", "POST /v1/batches", "GET /v1/batches", "GET /v1/batches/ID", "GET /v1/files/ID/content")
    for call in calls:
        server.fault(call, Fault(429), Fault(503, done=call == "POST /v1/batches"))
    assert submit(shell).code == 0
    assert collect(shell, "--wait", "--interval", 0.1).code == 0
    once(server, 2)


def test_no_key_in_any_file_or_message_and_all_files_for_their_owner(shell: Shell, server: BatchServer) -> None:
    shell.articles(4)
    server.fault("POST /v1/batches", complaint(400, f"not with the key {KEY}"))
    server.ends = lambda batch: setattr(batch, "ending", "failed" if len(server.batches) == 1 else "completed")
    said = [submit(shell, "--part-requests", 2)]
    server.answer = lambda _body: answer({"messages": [{"content": f"⟦1:{KEY}"}]})
    said += [submit(shell, "--part-requests", 1), collect(shell, "--wait", "--interval", 0.1)]
    said += [submit(shell), collect(shell), shell.run("batch", "cancel", "--cache", "c.sqlite")]
    said += [shell.run("batch", "status", "--cache", "c.sqlite", "--json")]
    for done in said:
        assert KEY not in done.err + done.out.decode()
    files = [path for path in shell.folder.rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    assert len(files) >= 2
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_key_by_another_name_and_a_cache_in_a_folder(shell: Shell, server: BatchServer) -> None:
    shell.articles(2)
    del shell.environment["QUOTES_API_KEY"]
    shell.environment["ARCHIVE_KEY"] = KEY
    options = ("--cache", "recorded", "--api-key-env", "ARCHIVE_KEY")
    assert shell.run("batch", "submit", "in.jsonl", "--model", "tiny", *options).code == 0
    assert shell.run("batch", "collect", "--wait", "--interval", "0.1", *options).code == 0
    assert (shell.folder / "recorded.batches.json").exists()
    assert shell.run("extract", "in.jsonl", "--cache", "recorded", "--cache-mode", "replay").code == 0
    missing = shell.run("batch", "collect", "--cache", "recorded", "--api-key-env", "NONE")
    assert (missing.code, "NONE" in missing.err) == (2, True)


def test_two_at_once_do_not_submit_twice(shell: Shell, server: BatchServer) -> None:
    shell.articles(2)
    with server.holding("POST /v1/files", "after") as hold:
        first = shell.start("batch", "submit", "in.jsonl", *MODEL)
        hold.reached.wait(60)
        second = submit(shell)
        kill(first, hold)
    assert (second.code, "another quotes batch command" in second.err) == (2, True)
    assert submit(shell).code == 0
    once(server, 2)


def test_a_damaged_state_is_told_before_anything_is_sent(shell: Shell, server: BatchServer) -> None:
    shell.articles(1)
    shell.write("c.sqlite.batches.json", "{")
    for done in (submit(shell), collect(shell), shell.run("batch", "status", "--cache", "c.sqlite")):
        assert (done.code, len(done.lines), "is damaged" in done.err) == (2, 1, True)
    assert server.calls == []


def test_help_imports_nothing_that_a_run_needs(shell: Shell) -> None:
    program = (
        "import atexit, sys\n"
        "heavy = {'openai', 'httpx2', 'tenacity', 'sqlite3', 'asyncio', 'quotes.run', 'quotes.llm'}\n"
        "atexit.register(lambda: print(sorted(heavy & sys.modules.keys()), file=sys.stderr))\n"
        "sys.argv[1:] = ['batch', 'submit', '--help']\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=shell.folder, env=shell.environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
