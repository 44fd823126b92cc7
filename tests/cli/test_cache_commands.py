"""``quotes cache``: looking into what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.loopback import Loopback, completion
from tests.cli.processes import Shell


@pytest.fixture
def replies(shell: Shell, endpoint: Loopback) -> Path:
    shell.articles(3)
    done = shell.run("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--record", "replies")
    assert done.code == 0, done.err
    return shell.folder / "replies"


def test_a_recording_can_be_counted_listed_shown_compared_and_checked(
    shell: Shell, endpoint: Loopback, replies: Path
) -> None:
    info = shell.run("cache", "info", "replies").out.decode()
    assert "3 for 3 articles" in info
    assert "tiny" in info
    assert "news" in info

    listed = shell.run("cache", "list", "replies").out.decode().splitlines()
    assert len(listed) == 3
    assert shell.run("cache", "list", "replies", "--article", "a1").out.decode().count("\n") == 1
    keys = [line.split()[0] for line in listed]

    shown = json.loads(shell.run("cache", "show", keys[0], "--cache", "replies").out)
    assert shown["key"].startswith(keys[0])
    assert shown["request"]["model"] == "tiny"

    between = shell.run("cache", "diff", keys[0], keys[1], "--cache", "replies")
    assert between.code == 1
    assert b"messages" in between.out

    shutil.copytree(replies, shell.folder / "other")
    assert shell.run("cache", "diff", "replies", "other").code == 0
    assert shell.run("cache", "verify", "replies").code == 0
    assert shell.run("extract", "in.jsonl", "--cache", "other", "--cache-mode", "replay").code == 0

    file = next((shell.folder / "other").glob("a1-*.json"))
    file.write_text(file.read_text().replace("tiny", "huge", 1))
    damaged = shell.run("cache", "verify", "other")
    assert damaged.code == 1
    assert file.name in damaged.err


def test_refreshing_asks_everything_again_and_the_difference_shows(
    shell: Shell, endpoint: Loopback, replies: Path
) -> None:
    shutil.copytree(replies, shell.folder / "before")
    endpoint.answer = lambda _body: completion({"attributions": [], "not_quotes": [{"mark": 1, "as": "scare"}]})
    common = ("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url)
    done = shell.run(*common, "--record", "replies", "--cache-mode", "refresh")
    assert done.code == 0, done.err
    assert len(endpoint.bodies) == 6
    difference = shell.run("cache", "diff", "before", "replies")
    assert difference.code == 1
    assert difference.out.decode().count("~ ") == 3


@pytest.mark.parametrize(
    "arguments", [("info", "missing"), ("list", "missing"), ("verify", "missing"), ("show", "ab", "--cache", "missing")]
)
def test_a_cache_that_is_not_there_is_one_line_and_not_made(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run("cache", *arguments)
    assert done.code == 2
    assert len(done.lines) == 1
    assert not (shell.folder / "missing").exists()
