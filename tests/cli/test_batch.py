"""``quotes batch``: requests out, replies in, in rounds, without a network and without a key."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import Entry, open_store
from tests.cli.loopback import Loopback
from tests.cli.processes import Done, Shell
from tests.test_replay import ARTICLES, FIXTURES, NO_SOCKETS

NOTHING = {"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}
MODEL = ("--model", "tiny")


@pytest.fixture
def offline(shell: Shell) -> Shell:
    """A shell whose processes may open no socket."""
    shell.write("sitecustomize.py", NO_SOCKETS)
    shell.environment["PYTHONPATH"] = f"{shell.folder}:{shell.environment['PYTHONPATH']}"
    return shell


def lines_of(shell: Shell, name: str = "requests.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shell.folder / name).read_text(encoding="utf-8").splitlines()]


def answer(shell: Shell, *requests: dict[str, Any], name: str = "replies.jsonl", content: Any = NOTHING) -> Path:
    lines = (json.dumps({"custom_id": request["custom_id"], "content": content}) for request in requests)
    return shell.write(name, "\n".join(lines) + "\n")


def export(shell: Shell, *options: object, inputs: str = "in.jsonl") -> Done:
    return shell.run("batch", "export", inputs, "-o", "requests.jsonl", *MODEL, *options)


def recorded_options() -> list[str]:
    """The options the sample articles were recorded with."""
    manifest = json.loads((FIXTURES / "manifest.json").read_text())
    options = ["--model", manifest["model"], "--prompt", manifest["prompt"], "--base-url", "http://localhost:9/v1"]
    for name, value in manifest["settings"].items():
        options += [f"--{name.replace('_', '-')}", str(value)]
    return options


def as_batch_line(entry: Entry) -> str:
    reply, usage = entry.reply, entry.reply.usage
    counted = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
    choice = {"message": {"role": "assistant", "content": reply.content}, "finish_reason": reply.finish_reason}
    body = {"model": reply.model, "system_fingerprint": reply.fingerprint, "choices": [choice], "usage": counted}
    return json.dumps({"custom_id": entry.key, "response": {"status_code": 200, "body": body}, "error": None})


def test_the_recorded_replies_taken_in_rounds_give_the_records_of_a_replay(offline: Shell) -> None:
    recorded = open_store(FIXTURES, create=False)
    options = ["--cache", "recorded", *recorded_options()]
    rounds = []
    while len(rounds) < 10:
        done = offline.run("batch", "export", *ARTICLES, "-o", "requests.jsonl", *options)
        assert done.code == 0, done.err
        found = [recorded.get(line["custom_id"]) for line in lines_of(offline)]
        if not found:
            break
        assert None not in found
        rounds.append(len(found))
        lines = [as_batch_line(entry) + "\n" for entry in reversed(found) if entry]
        offline.write("some.jsonl", "".join(lines[::2]))
        offline.write("others.jsonl", "".join(lines[1::2]))
        assert offline.run("batch", "import", "some.jsonl", "others.jsonl", "--cache", "recorded").code == 0
    assert len(rounds) > 1
    assert rounds[0] >= len(ARTICLES)
    assert "nothing left to ask" in done.err
    assert (offline.folder / "requests.jsonl").read_bytes() == b""

    expected = offline.run("extract", *ARTICLES, "--replay", FIXTURES)
    replayed = offline.run("extract", *ARTICLES, *options)
    assert (replayed.out, replayed.code) == (expected.out, expected.code)
    held = {file.name: file.read_bytes() for file in FIXTURES.rglob("*.json") if file.name != "manifest.json"}
    now = {file.name: file.read_bytes() for file in (offline.folder / "recorded").rglob("*.json")}
    del now["manifest.json"]
    assert now.items() <= held.items()


def test_a_line_is_what_the_batch_api_takes_and_what_extract_would_send(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(2)
    assert export(shell, "--base-url", endpoint.url, "--cache", "c.sqlite").code == 0
    assert endpoint.bodies == []
    lines = lines_of(shell)
    assert [set(line) for line in lines] == [{"custom_id", "method", "url", "body"}] * 2
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
    assert all(len(line["custom_id"]) <= 64 for line in lines)  # as long as the Batch API allows
    done = shell.run("extract", "in.jsonl", *MODEL, "--base-url", endpoint.url, "--cache", "d.sqlite")
    assert done.code == 0, done.err
    assert sorted(endpoint.keys) == sorted(line["custom_id"] for line in lines)
    assert sorted(map(json.dumps, endpoint.bodies)) == sorted(json.dumps(line["body"]) for line in lines)


def test_what_is_missing_is_still_asked_of_the_endpoint_and_named_by_a_replay(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    export(shell, "--base-url", endpoint.url, "--cache", "c.sqlite")
    answer(shell, *lines_of(shell)[:2])
    assert shell.run("batch", "import", "replies.jsonl", "--cache", "c.sqlite").code == 0
    missed = shell.run("extract", "in.jsonl", "--cache", "c.sqlite", "--cache-mode", "replay")
    assert missed.code == 3
    assert "a2: chunk 0" in missed.err
    done = shell.run("extract", "in.jsonl", *MODEL, "--base-url", endpoint.url, "--cache", "c.sqlite")
    assert done.code == 0, done.err
    assert endpoint.keys == [lines_of(shell)[2]["custom_id"]]


def test_figures_and_the_next_step_are_told(offline: Shell) -> None:
    offline.articles(3)
    done = export(offline)
    assert done.out == b""
    assert done.lines[0].startswith("quotes: 3 articles, 3 requests, 0 answered already, about ")
    assert "quotes batch import" in done.lines[1]
    answer(offline, *lines_of(offline)[1:])
    took = offline.run("batch", "import", "replies.jsonl")
    assert took.lines[0] == "quotes: 2 replies stored, 0 already there, 1 still pending"
    assert "quotes batch export" in took.lines[1]
    again = export(offline)
    assert again.lines[0].startswith("quotes: 3 articles, 1 request (1 of them exported before), 2 answered already")
    assert export(offline, "-q").err == ""


def test_standard_output_and_standard_input_make_a_pipe(offline: Shell) -> None:
    offline.articles(2)
    out = offline.run("batch", "export", "in.jsonl", "-o", "-", *MODEL, "--cache", "c.sqlite").out
    assert offline.run("batch", "export", "in.jsonl", *MODEL, "--cache", "c.sqlite").out == out
    replies = answer(offline, *(json.loads(line) for line in out.splitlines())).read_bytes()
    took = offline.run("batch", "import", "-", "--cache", "c.sqlite", stdin=replies)
    assert (took.code, took.out) == (0, b"")
    assert "2 replies stored" in took.err


def test_what_cannot_be_taken_is_named_by_file_and_line_and_ends_with_1(offline: Shell) -> None:
    offline.articles(2)
    export(offline, "--cache", "c.sqlite")
    first, _ = lines_of(offline)
    good = answer(offline, first).read_text()
    offline.write("replies.jsonl", '{"custom_id": \n' + good + json.dumps({"custom_id": "f" * 64, "content": ""}))
    done = offline.run("batch", "import", "replies.jsonl", "none.jsonl", "--cache", "c.sqlite")
    assert done.code == 1
    assert [line.split(":")[1].strip() for line in done.lines[:3]] == [
        "replies.jsonl line 1",
        "replies.jsonl line 3",
        "none.jsonl",
    ]
    assert "1 reply stored, 0 already there, 3 not taken (1 malformed, 1 unknown, 1 unreadable)" in done.lines[3]
    again = offline.run("batch", "import", "replies.jsonl", "--cache", "c.sqlite", "-q")
    assert (again.code, len(again.lines)) == (1, 2)


def test_another_machine_takes_replies_with_the_requests(offline: Shell) -> None:
    offline.articles(2)
    export(offline, "--cache", "c.sqlite", "--base-url", "https://models.example/v1")
    answer(offline, *lines_of(offline))
    common = ("batch", "import", "replies.jsonl", "--requests", "requests.jsonl", "--cache", "d.sqlite")
    refused = offline.run(*common)
    assert refused.code == 1
    assert "--base-url of the export" in refused.err
    assert offline.run(*common, "--base-url", "https://models.example/v1").code == 0
    options = ("--base-url", "https://models.example/v1", "--cache", "d.sqlite")
    assert offline.run("extract", "in.jsonl", *MODEL, *options).code == 0


def test_no_key_is_read_or_stored(offline: Shell) -> None:
    secret = "sk-lying-about-in-the-environment"
    offline.environment |= {"QUOTES_API_KEY": secret, "OPENAI_API_KEY": secret}
    offline.articles(1)
    done = export(offline, "--cache", "recorded")
    answer(offline, *lines_of(offline), content=f"I know {secret}")
    took = offline.run("batch", "import", "replies.jsonl", "--cache", "recorded")
    assert (done.code, took.code) == (0, 0)
    (offline.folder / "replies.jsonl").unlink()
    for path in offline.folder.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path
    assert secret not in done.err + took.err


def test_an_export_that_fails_leaves_the_output_as_it_was(offline: Shell) -> None:
    offline.articles(1)
    kept = offline.write("requests.jsonl", "kept\n")
    offline.write("c.sqlite", "no database at all")
    assert export(offline, "--cache", "c.sqlite").code == 2
    assert kept.read_text() == "kept\n"
    done = offline.run("batch", "export", "in.jsonl", "-o", "in.jsonl", *MODEL)
    assert done.code == 2
    assert "is an input too" in done.err
    assert not list(offline.folder.glob(".*.tmp"))


@pytest.mark.parametrize("options", [(), ("--backend", "rules")])
def test_without_a_model_there_is_nothing_to_export(offline: Shell, options: tuple[str, ...]) -> None:
    offline.articles(1)
    done = offline.run("batch", "export", "in.jsonl", *options)
    assert (done.code, done.out) == (2, b"")
    assert "no model is named" in done.err
    assert len(done.lines) == 1


def test_an_import_into_no_cache_is_one_line_and_makes_none(offline: Shell) -> None:
    offline.write("replies.jsonl", "{}")
    done = offline.run("batch", "import", "replies.jsonl", "--cache", "c.sqlite")
    assert (done.code, len(done.lines)) == (2, 1)
    assert not (offline.folder / "c.sqlite").exists()


@pytest.mark.parametrize("cache", ["c.sqlite", "recorded"])
def test_pending_requests_can_be_forgotten(offline: Shell, cache: str) -> None:
    offline.articles(2)
    export(offline, "--cache", cache, "--temperature", "1")
    answer(offline, *lines_of(offline))
    assert "2 requests of other exports pending too" in export(offline, "--cache", cache).err
    shutil.copy(offline.folder / "requests.jsonl", offline.folder / "wanted.jsonl")
    done = offline.run("batch", "forget", "--cache", cache)
    assert (done.code, done.err) == (0, "quotes: 4 requests forgotten\n")
    assert offline.run("batch", "import", "replies.jsonl", "--cache", cache).code == 1
    assert "2 requests, 0 answered" in export(offline, "--cache", cache).err
    assert lines_of(offline) == lines_of(offline, "wanted.jsonl")


def test_a_file_of_somebody_elses_is_not_replaced_by_an_export(shell: Shell) -> None:
    shell.articles(1)
    precious = shell.write("customers.jsonl", '{"name": "Ida Krell"}\n')
    refused = shell.run("batch", "export", "in.jsonl", "-o", "customers.jsonl", "--model", "m", "--cache", "c.sqlite")
    assert refused.code == 2
    assert "holds no requests of a batch and would be replaced" in refused.err
    assert precious.read_text(encoding="utf-8") == '{"name": "Ida Krell"}\n'
