"""``quotes cache``: looking into what was recorded."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import open_store
from tests.cli.loopback import Answer, Loopback, completion, dismiss_all_marks
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


def test_entries_are_copied_out_and_taken_in_and_a_replay_of_the_copy_gives_the_same(
    shell: Shell, endpoint: Loopback, replies: Path
) -> None:
    out = shell.run("cache", "export", "copy.sqlite", "--cache", "replies")
    assert (out.code, out.out) == (0, b"")
    assert out.lines == ["quotes: 3 entries copied, 0 already there"]
    into = shell.run("cache", "import", "copy.sqlite")
    assert into.code == 0, into.err
    assert stat.S_IMODE((shell.folder / "copy.sqlite").stat().st_mode) == 0o600
    again = shell.run("cache", "import", "replies")
    assert again.lines == ["quotes: 0 entries copied, 3 already there"]
    first = shell.run("extract", "in.jsonl", "--replay", "replies")
    second = shell.run("extract", "in.jsonl", "--cache", "copy.sqlite", "--cache-mode", "replay")
    own = shell.run("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url)
    assert first.out == second.out == own.out
    assert len(endpoint.bodies) == 3


def test_what_could_not_be_copied_is_told_and_the_exit_code_says_so(shell: Shell, replies: Path) -> None:
    shutil.copytree(replies, shell.folder / "other")
    reply = next(replies.glob("a1-*.json"))
    sound = reply.read_text()
    reply.write_text(reply.read_text().replace("term", "title", 1))
    done = shell.run("cache", "import", "replies", "--cache", "into.sqlite")
    assert done.code == 1
    assert reply.name in done.lines[0]
    assert done.lines[1] == "quotes: 2 entries copied, 0 already there, 1 damaged, passed over"
    reply.write_text(sound)
    forge(reply)
    clash = shell.run("cache", "export", "other", "--cache", "replies")
    assert clash.code == 1
    assert clash.lines[0].startswith("quotes: other: keeps another reply to a1 chunk 0 (quotes cache show ")
    assert clash.lines[1] == "quotes: 0 entries copied, 2 already there, 1 there with another reply, which is kept"


def test_pruning_shows_first_then_drops_what_was_said(shell: Shell, endpoint: Loopback, replies: Path) -> None:
    shell.run("cache", "export", "copy.sqlite", "--cache", "replies")
    for cache in ("replies", "copy.sqlite"):
        shown = shell.run("cache", "prune", cache, "--model", "tiny", "--article", "a1", "--dry-run")
        assert shown.code == 0
        assert shown.out.count(b"\n") == 1
        assert b"a1 chunk 0" in shown.out
        assert shown.lines == ["quotes: 1 entry would go"]
        done = shell.run("cache", "prune", cache, "--model", "tiny", "--article", "a1")
        assert (done.code, done.out) == (0, b"")
        assert re.fullmatch(r"quotes: 1 entry dropped, 2 left; [\d,]+ bytes before, [\d,]+ after", done.lines[0])
        assert shell.run("cache", "verify", cache).code == 0
        assert len(shell.run("cache", "list", cache).out.splitlines()) == 2
    refused = shell.run("cache", "prune", "replies")
    assert refused.code == 2
    assert "--model, --endpoint, --article and --outcome" in refused.err


def test_what_is_damaged_is_asked_for_again_and_said_once(shell: Shell, endpoint: Loopback, replies: Path) -> None:
    for file in replies.glob("a[01]-*.json"):
        file.write_text(file.read_text().replace("term", "title", 1))
    replayed = shell.run("extract", "in.jsonl", "--replay", "replies")
    assert replayed.code == 1
    assert "is damaged" in replayed.err
    assert "record again" in replayed.err
    common = ("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--record", "replies")
    mended = shell.run(*common)
    assert mended.code == 0
    assert mended.err.count("2 damaged replies of the cache asked for again and stored anew") == 1
    assert len(endpoint.bodies) == 5
    assert "damaged" not in shell.run(*common).err
    assert len(endpoint.bodies) == 5


def test_the_words_of_a_forged_reply_reach_no_quote(shell: Shell, endpoint: Loopback) -> None:
    """Its key and checksum are right and it fits the schema, so it is taken for a reply, and grounded like one."""
    shell.articles(1)
    common = ("extract", "in.jsonl", "--model", "tiny", "--schema", "static")
    record = (*common, "--base-url", endpoint.url, "--record", "replies")
    assert shell.run(*record).code == 0
    who = {"person": "Otto Brandt"}
    invented = {"at": 1, "cue": "vowed", "speaker": "Otto Brandt", "who": who, "said": ["We will … the sea"]}
    altered = {"at": 1, "cue": "said", "speaker": "Ida Krell", "who": {"person": 1}, "said": ["The tide … low again"]}
    content = json.dumps({"attributions": [invented, altered], "not_quotes": [{"mark": 9, "as": "term"}]})
    forge(next((shell.folder / "replies").glob("a0-*.json")), content)
    assert shell.run("cache", "verify", "replies").code == 0
    endpoint.answer = lambda _body: completion(content)  # to what is asked about it
    shell.run(*record)
    done = shell.run(*common, "--replay", "replies")
    assert done.code in (0, 1), done.err
    (found,) = done.records
    assert len(found["rejected"]) >= 2
    for word in ("Brandt", "vowed", "sea", "low"):
        assert word not in json.dumps([found["quotes"], found["skipped"], found["unresolved"]])
    shell.write("out.jsonl", done.out.decode())
    assert shell.run("verify", "out.jsonl", "in.jsonl").code == 0


@pytest.mark.parametrize("cache", ["replies.sqlite", "recorded"])
def test_a_full_disk_ends_a_run_clearly_and_the_same_command_goes_on(
    shell: Shell, endpoint: Loopback, cache: str
) -> None:
    """A limit on the size of files stands for the disk: of a folder no entry fits, of a database the first few."""
    limit = 60_000 if cache.endswith("sqlite") else 1_500
    shell.articles(40)
    command = ("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--cache", cache, "-q")

    def fill_up() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    full = shell.run(*command, preexec_fn=fill_up)
    assert full.code == 4, full.err
    assert len(full.lines) == 1
    assert "cannot be written" in full.err
    assert "free space" in full.err
    assert shell.run("cache", "verify", cache).err == "quotes: sound\n"
    paid, stored = len(endpoint.bodies), len(shell.run("cache", "list", cache).out.splitlines())
    rest = shell.run(*command)
    assert rest.code == 0, rest.err
    assert len(rest.records) == 40
    assert len(endpoint.bodies) - paid == 40 - stored
    assert shell.run("cache", "verify", cache).code == 0


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_every_file_of_a_cache_is_for_its_owner_alone_whatever_the_umask(
    shell: Shell, endpoint: Loopback, umask: int
) -> None:
    shell.articles(2)
    kept: dict[str, int] = {}

    def look(body: dict[str, Any]) -> Answer:  # while it runs, with SQLite's companions and the locks
        for path in shell.folder.rglob("*"):
            kept[path.name] = stat.S_IMODE(path.stat().st_mode) | (path.is_dir() << 15)
        return dismiss_all_marks(body)

    endpoint.answer = look
    for cache in ("new/replies.sqlite", "new/recorded"):
        command = ("extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--cache", cache)
        assert shell.run(*command, preexec_fn=lambda: os.umask(umask)).code == 0
    shell.run("cache", "export", "new/copy", "--cache", "new/recorded", preexec_fn=lambda: os.umask(umask))
    look(endpoint.bodies[0])
    made = {name: mode for name, mode in kept.items() if name not in ("in.jsonl", "new", "home", "cache")}
    assert {"replies.sqlite", "replies.sqlite-wal", "replies.sqlite-shm", "replies.sqlite-lock"} < made.keys()
    assert {"recorded", ".lock", "shared", "manifest.json", "copy"} < made.keys()
    assert {name: oct(mode) for name, mode in made.items() if mode not in (0o600, 0o700 | 1 << 15)} == {}


def forge(file: Path, content: str = '{"attributions": [], "not_quotes": []}') -> None:
    """Give the recorded reply in *file* another content, and the checksum that goes with it."""
    store = open_store(file.parent, create=False)
    entry = next(each for each in store.entries() if each.key[:8] in file.name)
    store.put(replace(entry, reply=replace(entry.reply, content=content)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("info", "missing"),
        ("list", "missing"),
        ("verify", "missing"),
        ("show", "ab", "--cache", "missing"),
        ("prune", "missing", "--model", "tiny"),
        ("import", "missing"),
        ("export", "there.sqlite", "--cache", "missing"),
    ],
)
def test_a_cache_that_is_not_there_is_one_line_and_not_made(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run("cache", *arguments)
    assert done.code == 2
    assert len(done.lines) == 1
    assert not (shell.folder / "missing").exists()
