"""Runs as a whole: gone on with or refused, ended early, watched by a program, short of disk, and large."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.loopback import Answer, Loopback, completion, dismiss_all_marks, failure
from tests.cli.processes import Done, Shell

KEY = "sk-canary-7341"
MINE = "my own notes\n"


def model(endpoint: Loopback, *arguments: object) -> tuple[object, ...]:
    return "extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, *arguments


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def one_refused(body: dict[str, Any]) -> Answer:
    """A sound reply to all but the fourth article, which the model refuses to read."""
    if "day 3 " not in body["messages"][-1]["content"]:
        return dismiss_all_marks(body)
    status, kind, text = completion("")
    reply = json.loads(text)
    reply["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "Not this one."}
    return status, kind, json.dumps(reply)


def interrupted(shell: Shell, endpoint: Loopback, *arguments: object) -> None:
    """Leave a journal of some articles of *arguments*."""
    endpoint.delay = 0.02
    started = shell.start(*model(endpoint, "-o", "out.jsonl", *arguments), stdout=subprocess.DEVNULL)
    endpoint.wait_for(30)
    started.send_signal(signal.SIGTERM)
    started.communicate(timeout=60)
    endpoint.delay = 0.0
    assert (shell.folder / "out.jsonl.part").exists()


def test_an_unfinished_run_with_other_options_is_refused_and_started_anew_only_when_told(
    shell: Shell, endpoint: Loopback
) -> None:
    shell.articles(200)
    interrupted(shell, endpoint)
    begun = (shell.folder / "out.jsonl.part").read_bytes()
    other = model(endpoint, "-o", "out.jsonl", "--temperature", "1", "--type", "direct")
    refused = shell.run(*other)
    assert refused.code == 2
    assert refused.lines[-1] == (
        "quotes: out.jsonl: an unfinished run with other options stands here: type was not given, now direct; "
        "temperature was 0, now 1 (give the same options to go on, or --overwrite to start anew)"
    )
    assert (shell.folder / "out.jsonl.part").read_bytes() == begun
    anew = shell.run(*other, "--overwrite")
    assert anew.code == 0, anew.err
    assert "from the journal" not in anew.err
    assert len((shell.folder / "out.jsonl").read_bytes().splitlines()) == 200
    assert not (shell.folder / "out.jsonl.part").exists()


def test_only_records_are_replaced_without_being_told_to(shell: Shell) -> None:
    shell.articles(2)
    out = shell.write("out.jsonl", MINE)
    refused = shell.run("extract", "in.jsonl", "-o", "out.jsonl")
    assert refused.code == 2
    assert refused.lines[-1] == (
        "quotes: out.jsonl: this file holds no records of quotes and would be replaced "
        "(choose another -o, or --overwrite to replace it)"
    )
    assert out.read_text() == MINE
    assert sorted(path.name for path in shell.folder.iterdir()) == ["in.jsonl", "out.jsonl"]
    assert shell.run("extract", "in.jsonl", "-o", "out.jsonl", "--overwrite").code == 0
    first = out.read_bytes()
    assert shell.run("extract", "in.jsonl", "-o", "out.jsonl").code == 0
    assert out.read_bytes() == first
    shell.write("empty.jsonl", "")
    assert shell.run("extract", "in.jsonl", "-o", "empty.jsonl").code == 0


def test_records_are_not_replaced_by_fewer_of_them_without_being_told_to(shell: Shell) -> None:
    shell.articles(5)
    assert shell.run("extract", "in.jsonl", "-o", "out.jsonl", "-q").code == 0
    before = (shell.folder / "out.jsonl").read_bytes()
    for inputs, made in ((("nope.txt",), 0), (("in.jsonl", "--limit", 2), 2)):
        refused = shell.run("extract", *inputs, "-o", "out.jsonl")
        assert refused.code == 4
        assert f"out.jsonl: holds 5 records and is left as it is: this run made {made}" in refused.lines[-1]
        assert (shell.folder / "out.jsonl").read_bytes() == before
    done = shell.run("extract", "in.jsonl", "--limit", 2, "-o", "out.jsonl", "--overwrite")
    assert (done.code, (shell.folder / "out.jsonl").read_bytes().count(b"\n")) == (0, 2)


def test_records_by_a_model_are_not_replaced_by_those_of_the_rules_without_being_told_to(
    shell: Shell, endpoint: Loopback
) -> None:
    shell.articles(1)
    assert shell.run(*model(endpoint, "-o", "out.jsonl")).code == 0
    refused = shell.run("extract", "in.jsonl", "-o", "out.jsonl")
    assert refused.code == 2
    assert "holds records by tiny and would be replaced by records by the rules" in refused.lines[-1]
    assert shell.run("extract", "in.jsonl", "-o", "out.jsonl", "--overwrite").code == 0


def test_a_run_that_finished_nothing_stands_in_nobodys_way(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(1)
    endpoint.answer = failure(404, "model_not_found", "no such model")
    assert shell.run(*model(endpoint, "-o", "out.jsonl", "--temperature", "1")).code == 4
    endpoint.answer = dismiss_all_marks
    assert shell.run(*model(endpoint, "-o", "out.jsonl")).code == 0


def test_an_article_that_failed_is_tried_again_when_the_run_goes_on(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(6)

    def cut_off(body: dict[str, Any]) -> Answer:
        last = body["messages"][-1]["content"]
        return failure(400, "oddity", "no")(body) if "day 3 " in last or "day 5 " in last else dismiss_all_marks(body)

    endpoint.answer = cut_off
    ended = shell.run(*model(endpoint, "-o", "out.jsonl", "--fail-fast", "--concurrency", 1))
    assert ended.code == 1
    assert (shell.folder / "out.jsonl.part").exists()
    asked = len(endpoint.bodies)
    endpoint.answer = dismiss_all_marks
    again = shell.run(*model(endpoint, "-o", "out.jsonl"))
    assert again.code == 0, again.err
    assert again.lines[-1].startswith("quotes: 6 articles (3 from the journal), 3 new quotes, 3 requests")
    assert len(endpoint.bodies) == asked + 3
    records = events(shell.folder / "out.jsonl")
    assert [(record["id"], record["status"]) for record in records] == [(f"a{n}", "complete") for n in range(6)]


def test_the_first_article_that_is_not_complete_ends_a_run_that_is_to_fail_fast(
    shell: Shell, endpoint: Loopback
) -> None:
    shell.articles(30)
    endpoint.answer = one_refused
    command = model(endpoint, "-o", "out.jsonl", "--fail-fast", "--concurrency", 2)
    ended = shell.run(*command)
    assert ended.code == 1
    assert ended.lines[-1].startswith(
        "quotes: in.jsonl line 4: --fail-fast ends the run: the article failed: chunk 0: "
    )
    assert sum("in.jsonl line 4" in line for line in ended.lines) == 1
    assert len(endpoint.bodies) < 10
    again = shell.run(*command)
    assert again.code == 1
    assert again.lines[-1] == (
        "quotes: in.jsonl line 4: --fail-fast ends the run: an earlier one found the article failed "
        "(leave it out to go on)"
    )
    on = shell.run(*model(endpoint, "-o", "out.jsonl"))
    assert on.code == 1
    assert "1 failed" in on.lines[-1]
    assert len(events(shell.folder / "out.jsonl")) == 30


@pytest.mark.parametrize(
    ("second", "complaint"),
    [("{", "not JSON"), ('{"id": "a0", "text": "…"}', "the id “a0” is already that of in.jsonl line 1")],
)
def test_an_input_that_gives_no_article_ends_it_too(shell: Shell, second: str, complaint: str) -> None:
    first, *rest = shell.articles(40).read_text().splitlines()
    shell.write("in.jsonl", "\n".join([first, second, *rest]))
    ended = shell.run("extract", "in.jsonl", "--fail-fast", "--concurrency", 1)
    assert ended.code == 1
    assert [record["id"] for record in ended.records] == ["a0"]
    assert ended.lines[-1].startswith(f"quotes: in.jsonl line 2: --fail-fast ends the run: {complaint}")


def test_a_program_can_watch_a_run_and_hears_neither_texts_nor_keys(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(5)
    shell.environment["QUOTES_API_KEY"] = KEY
    endpoint.answer = one_refused
    done = shell.run(*model(endpoint, "-o", "out.jsonl", "--log-json", "log.jsonl", "--concurrency", 1))
    assert done.code == 1
    log = shell.folder / "log.jsonl"
    heard = events(log)
    assert heard[0]["event"] == "run"
    assert heard[0]["options"]["model"] == "tiny"
    articles = {event["id"]: event for event in heard if event["event"] == "article"}
    assert sorted(articles) == [f"a{n}" for n in range(5)]
    assert (articles["a3"]["status"], articles["a3"]["chunks_failed"]) == ("failed", 1)
    assert articles["a0"]["seconds"] > 0
    (problem,) = [event for event in heard if event["event"] == "problem"]
    assert (problem["article"], problem["chunk"], problem["kind"]) == ("a3", 0, "refusal")
    tries = [event for event in heard if event["event"] == "try"]
    assert len(tries) == len(endpoint.bodies)
    end = heard[-1]
    assert (end["event"], end["articles"], end["failed"], end["asked"]) == ("end", 5, 1, 5)
    assert (end["spent"]["prompt_tokens"], end["exit_code"]) == (50, 1)
    written = log.read_text()
    assert KEY not in written
    assert "tide" not in written
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    shell.run(*model(endpoint, "-o", "out.jsonl", "--log-json", "log.jsonl"))
    assert [event["event"] for event in events(log)].count("run") == 2


def test_events_go_to_standard_error_too_and_a_full_disk_does_not_end_the_run(shell: Shell) -> None:
    shell.articles(2)
    done = shell.run("extract", "in.jsonl", "-q", "--log-json", "-")
    assert [json.loads(line)["event"] for line in done.lines] == ["run", "article", "article", "end"]
    full = shell.run("extract", "in.jsonl", "-q", "--log-json", "/dev/full")
    assert full.code == 0
    assert full.lines == ["quotes: /dev/full: events cannot be written: No space left on device (the run goes on)"]
    assert full.out == done.out


def test_a_log_is_never_an_input_or_the_output(shell: Shell) -> None:
    shell.articles(1)
    for log in ("in.jsonl", "out.jsonl"):
        done = shell.run("extract", "in.jsonl", "-o", "out.jsonl", "--log-json", log)
        assert done.code == 2
        assert done.lines[-1].startswith(f"quotes: {log}: is an input too and would be replaced")


@pytest.mark.parametrize("log", ["out.jsonl.part", "cache.sqlite", "cache.sqlite-wal", "./sub/../cache.sqlite-lock"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_log_is_no_file_of_the_run_itself(shell: Shell, endpoint: Loopback, log: str, more: tuple[str, ...]) -> None:
    shell.articles(1)
    (shell.folder / "sub").mkdir()
    places = ("-o", "out.jsonl", "--cache", "cache.sqlite", "--log-json", log)
    done = shell.run(*model(endpoint, *places, *more))
    assert (done.code, done.lines) == (
        2,
        [f"quotes: {log}: is a file of the run itself (choose another --log-json)"],
    )
    assert sorted(path.name for path in shell.folder.iterdir()) == ["in.jsonl", "sub"]
    assert endpoint.bodies == []


def test_a_log_is_not_appended_to_what_is_none(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(1)
    config = shell.write("quotes.toml", "[profiles.tiny]\nmodel = 'tiny'\n")
    held = config.read_bytes()
    done = shell.run(*model(endpoint, "--config", "quotes.toml", "--profile", "tiny", "--log-json", "quotes.toml"))
    assert (done.code, done.out) == (2, b"")
    assert done.lines == ["quotes: quotes.toml: this file holds no events of quotes (choose another --log-json)"]
    assert config.read_bytes() == held


def test_journal_and_cache_are_their_owners_alone_and_the_output_is_as_the_mask_says(
    shell: Shell, endpoint: Loopback
) -> None:
    shell.articles(200)
    interrupted(shell, endpoint, "--cache", "cache.sqlite")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in shell.folder.iterdir() if path.is_file()}
    assert modes["out.jsonl.part"] == modes["cache.sqlite"] == 0o600
    assert shell.run(*model(endpoint, "-o", "out.jsonl", "--cache", "cache.sqlite"), umask=0o027).code == 0
    assert stat.S_IMODE((shell.folder / "out.jsonl").stat().st_mode) == 0o640


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_a_session_end_a_run_in_good_order(
    shell: Shell, endpoint: Loopback, number: signal.Signals
) -> None:
    shell.articles(200)
    endpoint.delay = 0.02
    started = shell.start(*model(endpoint, "-o", "out.jsonl"))
    endpoint.wait_for(25)
    started.send_signal(number)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert err.decode().splitlines()[-1] == "quotes: interrupted; the same command goes on from here"


def test_a_run_that_is_to_outlive_its_terminal_does(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(40)
    endpoint.delay = 0.02
    deaf = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    started = shell.start(*model(endpoint), preexec_fn=deaf)
    endpoint.wait_for(10)
    started.send_signal(signal.SIGHUP)
    out, _ = started.communicate(timeout=60)
    assert started.returncode == 0
    assert len(out.splitlines()) == 40


def test_a_reader_that_has_had_enough_ends_a_run_with_a_model_quietly(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(400)
    endpoint.delay = 0.01
    process = shell.start(*model(endpoint))
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 0
    assert len(endpoint.bodies) < 400
    assert "rror" not in err
    assert "roken" not in err


def test_nobody_listening_on_standard_error_is_no_reason_to_end(shell: Shell) -> None:
    shell.articles(30)
    shell.write("bad.jsonl", "{\n" * 50)
    process = shell.start("extract", "bad.jsonl", "in.jsonl", "-o", "out.jsonl")
    assert process.stderr is not None
    process.stderr.close()
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(events(shell.folder / "out.jsonl")) == 30


def limited(shell: Shell, size: int, *arguments: object) -> Done:
    """The command with no file allowed to grow beyond *size* bytes."""
    program = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); sys.argv[0] = 'quotes';"
        "from quotes.cli import main; main()"
    )
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, cwd=shell.folder, env=shell.environment, capture_output=True, text=True)
    return Done(done.returncode, done.stdout.encode(), done.stderr)


@pytest.mark.parametrize("cache", ["cache.sqlite", "replies"])
def test_short_of_disk_for_the_cache_what_is_stored_is_kept_and_the_same_command_goes_on(
    shell: Shell, endpoint: Loopback, cache: str
) -> None:
    shell.articles(150)
    command = model(endpoint, "-o", "out.jsonl", "--cache", cache)
    full = limited(shell, 150_000 if cache == "cache.sqlite" else 3_000, *command)
    assert full.code == 4, full.err
    assert f"quotes: {cache}" in full.lines[-1]
    assert "cannot be written" in full.lines[-1]
    assert not (shell.folder / "out.jsonl").exists()
    if cache == "cache.sqlite":
        assert shell.run("cache", "verify", cache).code == 0
    again = shell.run(*command)
    assert again.code == 0, again.err
    assert [record["id"] for record in events(shell.folder / "out.jsonl")] == [f"a{n}" for n in range(150)]


def peak(shell: Shell, *arguments: object) -> float:
    """The most memory of the command, in MB."""
    program = (
        "import atexit, resource, sys; sys.argv[0] = 'quotes';"
        "atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr));"
        "from quotes.cli import main; main()"
    )
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=shell.folder, env=shell.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1]) / 1024


def test_memory_does_not_grow_with_the_number_of_articles(shell: Shell) -> None:
    shell.articles(1_000, "few.jsonl")
    shell.articles(20_000, "many.jsonl")
    few = peak(shell, "extract", "few.jsonl", "-q", "--no-text")
    many = peak(shell, "extract", "many.jsonl", "-q", "--no-text")
    assert many < few + 15
