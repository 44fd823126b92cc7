"""Many processes: the same records in the same order, whatever becomes of a process, and none of them left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.loopback import Answer, Loopback, dismiss_all_marks, failure

if TYPE_CHECKING:
    from tests.cli.processes import Shell


def asking(endpoint: Loopback, *arguments: object) -> tuple[object, ...]:
    return "extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, *arguments


def workers(parent: int) -> list[int]:
    """The processes that *parent* has started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, above, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(above) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return sorted(found)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true: Any, seconds: float = 60.0) -> Any:
    """What *true* gives once it gives something."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_rules_in_many_processes_write_the_same_to_the_byte(shell: Shell) -> None:
    shell.articles(300)
    lines = ["{", '{"id": "a7", "text": "another text with an id met before"}', '{"id": "x", "text": ""}']
    with (shell.folder / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    one, many = (
        shell.run("extract", "in.jsonl", "--backend", "rules", "--type", "direct", "--limit", 301, "--jobs", jobs)
        for jobs in (1, 2)
    )
    assert (one.code, len(one.records)) == (1, 301)
    assert (many.code, many.out, many.lines[:-1]) == (one.code, one.out, one.lines[:-1])
    done = shell.run("extract", "-", "-o", "out.jsonl", "-j", 0, stdin=(shell.folder / "in.jsonl").read_bytes())
    assert (done.code, len(records(shell.folder / "out.jsonl"))) == (1, 301)


def test_a_run_with_a_model_asks_the_same_once_and_replays_in_many_processes(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(12)
    endpoint.delay = 0.01
    one = shell.run(*asking(endpoint, "--cache", "one.sqlite"))
    keys = sorted(endpoint.keys)
    endpoint.bodies.clear()
    log = ("--log-json", "log.jsonl")
    many = shell.run(*asking(endpoint, "--record", "kept", "--jobs", 2, "--concurrency", 5, *log))
    assert (many.code, many.out) == (0, one.out)
    assert many.lines[-1].startswith("quotes: 12 articles, 12 quotes, 12 requests (120 tokens in, 60 out)")
    assert sorted(endpoint.keys) == keys
    told = [event["id"] for event in records(shell.folder / "log.jsonl") if event["event"] == "article"]
    assert sorted(told) == sorted(f"a{n}" for n in range(12))
    again = shell.run("extract", "in.jsonl", "--replay", "kept", "--jobs", 2)
    assert (again.code, again.out) == (0, one.out)
    assert "12 quotes, 12 from the cache (120 tokens in, 60 out)" in again.lines[-1]


def test_what_ends_a_run_ends_it_from_a_worker_too(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(12)
    assert shell.run(*asking(endpoint, "--record", "kept", "--limit", 6)).code == 0
    missing = shell.run("extract", "in.jsonl", "--replay", "kept", "--jobs", 2, "-o", "out.jsonl")
    assert missing.code == 3
    assert "no request of this article is recorded in kept; the nearest" in missing.lines[-1]
    endpoint.answer = failure(401, "invalid_api_key", "wrong key")
    refused = shell.run(*asking(endpoint, "--jobs", 2, "--cache-mode", "off"))
    assert (refused.code, len(refused.records)) == (4, 0)


def test_a_form_that_is_refused_is_learnt_by_every_process(shell: Shell, endpoint: Loopback) -> None:
    def plain(body: dict[str, Any]) -> Answer:
        if "response_format" in body:
            return failure(400, "unsupported", "response_format is not supported")(body)
        return dismiss_all_marks(body)

    shell.articles(9)
    endpoint.answer = plain
    first = shell.run(*asking(endpoint, "--record", "kept", "--jobs", 2))
    assert first.code == 0, first.err
    assert len({line for line in first.lines if ": now " in line}) == len([x for x in first.lines if ": now " in x])
    asked = len(endpoint.bodies)
    second = shell.run(*asking(endpoint, "--record", "kept"))
    replayed = shell.run("extract", "in.jsonl", "--replay", "kept", "-j", 2)
    assert (second.out, replayed.out, len(endpoint.bodies)) == (first.out, first.out, asked)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost_or_paid_twice(
    shell: Shell, endpoint: Loopback
) -> None:
    shell.articles(24)
    endpoint.delay = 0.05
    process = shell.start(*asking(endpoint, "-o", "out.jsonl", "--jobs", 2, "--cache", "c.sqlite"))
    for requests in (4, 12):
        endpoint.wait_for(requests)
        os.kill(until(lambda: workers(process.pid))[0], signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"a worker process was lost (SIGKILL)" in err
    assert [record["id"] for record in records(shell.folder / "out.jsonl")] == [f"a{n}" for n in range(24)]
    assert len(endpoint.keys) == len(set(endpoint.keys)) == 24


def test_an_article_that_ends_every_process_is_a_failed_record(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(1)
    endpoint.delay = 60
    process = shell.start(*asking(endpoint, "-o", "out.jsonl", "--jobs", 2, "--cache-mode", "off"))
    for requests in (1, 2, 3):
        endpoint.wait_for(requests)
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        until(lambda requests=requests: process.poll() is not None or len(endpoint.bodies) > requests)
    _, err = process.communicate(timeout=60)
    (record,) = records(shell.folder / "out.jsonl")
    assert (process.returncode, record["status"]) == (1, "failed"), err
    assert [error["kind"] for error in record["errors"]] == ["process"]
    assert "3 worker processes, the last one by SIGKILL" in record["errors"][0]["message"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_run_and_the_same_command_goes_on(
    shell: Shell, endpoint: Loopback, number: signal.Signals
) -> None:
    shell.articles(8)
    command = asking(endpoint, "-o", "out.jsonl", "--jobs", 2, "--concurrency", 2, "--cache", "c.sqlite")
    process = shell.start(*command, stderr=subprocess.PIPE)
    endpoint.wait_for(3)
    endpoint.delay = 60
    endpoint.wait_for(5)
    started = workers(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    until(lambda: not any(alive(worker) for worker in started))
    assert len(started) == 2
    assert b"Traceback" not in err
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert err.endswith(b"quotes: interrupted; the same command goes on from here\n")
    if number != signal.SIGHUP:
        endpoint.delay = 0
        done = shell.run(*command, "--jobs", 1)
        assert done.code == 0, done.err
        assert [record["id"] for record in records(shell.folder / "out.jsonl")] == [f"a{n}" for n in range(8)]


def test_a_long_article_is_done_apart_and_the_others_are_not_held_up(shell: Shell, endpoint: Loopback) -> None:
    text = " ".join(f'The tide of day {n} was "high" again, Ida Krell said.' for n in range(1200))
    lines = [json.dumps({"id": "long", "text": text})] + [
        json.dumps({"id": f"a{n}", "text": f'The tide of day {n} was "low", Ida Krell said.'}) for n in range(20)
    ]
    shell.write("in.jsonl", "\n".join(lines) + "\n")
    log = ("--log-json", "log.jsonl", "--cache", "c.sqlite")
    done = shell.run(*asking(endpoint, "-o", "out.jsonl", *log))
    assert done.code == 0, done.err
    order = [event["id"] for event in records(shell.folder / "log.jsonl") if event["event"] == "article"]
    assert order[-1] == "long"
    asked = len(endpoint.bodies)
    many = shell.run(*asking(endpoint, "--cache", "c.sqlite", "-j", 2))
    assert many.out == (shell.folder / "out.jsonl").read_bytes()
    assert len(endpoint.bodies) == asked


def test_a_long_article_is_done_here_where_there_can_be_no_other_process(shell: Shell, endpoint: Loopback) -> None:
    text = 'The tide was "high" again, Ida Krell said.' + " It was late." * 4000
    shell.write("in.jsonl", "".join(json.dumps({"id": name, "text": text + name}) + "\n" for name in "ab"))
    shell.write("site/sitecustomize.py", 'import os, sys\n"-P" in sys.orig_argv and os._exit(9)\n')
    shell.environment["PYTHONPATH"] = f"{shell.folder / 'site'}:{shell.environment['PYTHONPATH']}"
    done = shell.run(*asking(endpoint, "--cache-mode", "off"))
    assert (done.code, [record["id"] for record in done.records]) == (0, ["a", "b"]), done.err
    assert (
        "quotes: a worker process ends before it has begun (exit code 9): what is long is done in this one"
        in done.lines
    )
    many = shell.run(*asking(endpoint, "--cache-mode", "off", "--jobs", 2))
    assert (many.code, many.records) == (1, [])
    assert many.lines[-1].startswith(
        "quotes: --jobs: a worker process ends before it has begun (exit code 9) (name fewer"
    )


def test_records_are_checked_in_many_processes_with_the_same_words(shell: Shell) -> None:
    shell.articles(150)
    whole = shell.run("extract", "in.jsonl").out.decode().splitlines()
    shell.write("bad.jsonl", "\n".join([*whole[:70], "{", whole[3], *whole[70:]]) + "\n")
    one, many = (shell.run("verify", "bad.jsonl", "in.jsonl", "--jobs", jobs) for jobs in (1, 2))
    assert (many.code, many.out, many.err) == (one.code, one.out, one.err)
    assert (one.code, b"150 records" in one.out, b": 2 problems" in one.out) == (1, False, True)
    gone = shell.run("verify", "gone.jsonl", "-j", 2)
    assert (gone.code, gone.lines[-1]) == (1, "quotes: gone.jsonl: no such file (check the path)")
