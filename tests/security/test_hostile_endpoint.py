"""An endpoint that means harm to whoever reads what it says: its names and messages steer no terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.processes import Done, Shell
from tests.security.echoing import Behaviour, Echoing, Heard, Said, completion, echoing, said
from tests.security.promises import STEERING

_EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e[red]x[/red]\r\n=1+1 $(id) <b>\u2066"
_ANSWER = '{"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}'


def _names(heard: Heard) -> Said:
    if heard.method == "GET":
        return said({"data": [{"id": _EVIL}, {"id": "tiny"}, {"id": f"tiny{_EVIL}"}], "object": "list"})
    more = {"model": f"tiny{_EVIL}", "system_fingerprint": _EVIL, "service_tier": _EVIL}
    return said(completion(_ANSWER, **more), headers={"x-ratelimit-limit-requests": "1e9;[31m"})


def _words(_heard: Heard) -> Said:
    return said(completion(f'{{"attributions": [], "not_quotes": [{{"mark": "{_EVIL}", "as": "x"}}]}} {_EVIL}'))


def _refusal(_heard: Heard) -> Said:
    return said(completion("", message={"content": None, "refusal": _EVIL}))


def _complaint(_heard: Heard) -> Said:
    return said({"error": {"message": _EVIL, "code": _EVIL, "type": _EVIL, "param": _EVIL}}, 400)


def _page(_heard: Heard) -> Said:
    return Said(200, f"<html>{_EVIL}".encode(), {"Content-Type": "text/html"})


BEHAVIOURS: dict[str, Behaviour] = {
    "names": _names,
    "words": _words,
    "refusal": _refusal,
    "complaint": _complaint,
    "page": _page,
}
each_behaviour = pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=list(BEHAVIOURS))


@pytest.fixture
def endpoint() -> Iterator[Echoing]:
    with echoing(_names) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    article = {"id": f"a{_EVIL}", "text": "“High tide,” Ida Krell said."}
    shell.write("in.jsonl", json.dumps(article) + "\n")
    return shell


def _shown(done: Done) -> str:
    told = done.out.decode() + done.err
    assert STEERING.search(told) is None, STEERING.search(told)
    return told


@each_behaviour
def test_what_a_run_tells_of_it_steers_nothing(shell: Shell, endpoint: Echoing, behaviour: Behaviour) -> None:
    endpoint.behaviour = behaviour
    options = ("--model", "tiny", "--base-url", endpoint.url, "-o", "out.jsonl", "--log-json", "-")
    _shown(shell.run("extract", "in.jsonl", *options))
    assert endpoint.heard
    if (shell.folder / "out.jsonl").exists():
        _shown(shell.run("show", "out.jsonl"))
        _shown(shell.run("show", "out.jsonl", f"a{_EVIL}"))
        _shown(shell.run("verify", "out.jsonl"))


@each_behaviour
def test_what_the_doctor_tells_of_it_steers_nothing(shell: Shell, endpoint: Echoing, behaviour: Behaviour) -> None:
    endpoint.behaviour = behaviour
    address = ("--base-url", endpoint.url)
    _shown(shell.run("doctor", *address))
    _shown(shell.run("doctor", *address, "--model", "tiny"))
    json.loads(shell.run("doctor", *address, "--json").out or b"{}")


@pytest.mark.parametrize("name", ["names", "words", "refusal"])
def test_what_a_cache_of_its_replies_tells_steers_nothing(shell: Shell, endpoint: Echoing, name: str) -> None:
    endpoint.behaviour = BEHAVIOURS[name]
    options = ("--model", "tiny", "--base-url", endpoint.url, "--cache")
    _shown(shell.run("extract", "in.jsonl", *options, "one", "-o", "one.jsonl"))
    _shown(shell.run("extract", "in.jsonl", *options, "two", "-o", "two.jsonl", "--chunk-tokens", "300"))
    for command in (["info", "one"], ["list", "one"], ["verify", "one"], ["diff", "one", "two"], ["prune", "--help"]):
        _shown(shell.run("cache", *command))
    keys = [line.split()[0] for line in shell.run("cache", "list", "one").out.decode().splitlines()]
    assert keys
    for key in keys:
        shown = _shown(shell.run("cache", "show", key, "--cache", "one"))
        assert json.loads(shown)["key"].startswith(key)
    _shown(shell.run("cache", "diff", keys[0], keys[-1], "--cache", "one"))
