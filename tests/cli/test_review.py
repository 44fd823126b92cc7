"""``quotes review`` as a process: what it prints, how it ends, and what it refuses in one line."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quotes import Article, extract
from quotes.record import dumps
from quotes.review.folding import fold
from quotes.review.sidecar import Sidecar
from tests.cli.processes import Shell


@pytest.fixture
def out(shell: Shell) -> Path:
    """What ``quotes extract`` writes of the two articles in ``in.jsonl``."""
    articles = map(json.loads, shell.articles(2).read_text(encoding="utf-8").splitlines())
    runs = [extract(Article(one["id"], one["text"], {"page": one["page"]})) for one in articles]
    return shell.write("quotes.jsonl", "".join(f"{dumps(run)}\n" for run in runs))


@contextmanager
def running(shell: Shell, *arguments: object) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The review under way and its address."""
    process = shell.start("review", *arguments, "--no-open")
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.communicate()


def ask(address: str, path: str, command: dict[str, Any] | None = None) -> Any:
    place, _, token = address.partition("/?token=")
    port = place.rpartition(":")[2]
    headers = {"Cookie": f"quotes-review-{port}={token}", "Content-Type": "application/json"}
    data = None if command is None else json.dumps(command).encode()
    with urllib.request.urlopen(urllib.request.Request(place + path, data, headers), timeout=30) as answer:
        return json.load(answer)


def sidecar_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.review.jsonl")


def ended(process: subprocess.Popen[bytes], by: int) -> tuple[int, str]:
    process.send_signal(by)
    _, err = process.communicate(timeout=30)
    assert b"Traceback" not in err
    return process.returncode, err.decode()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_quietly_and_all_is_saved(shell: Shell, out: Path, by: int) -> None:
    with running(shell, out, "--gold", "gold.jsonl") as (process, address):
        ask(address, "/api/articles/1", {"revision": 0, "do": "done"})
        code, err = ended(process, by)
    assert code == 0
    assert err.splitlines()[-2:] == [
        f"quotes: 1 of 2 quotes reviewed, kept in {out}.review.jsonl",
        "quotes: 1 reviewed article in gold.jsonl",
    ]
    assert json.loads((shell.folder / "gold.jsonl").read_text())["id"] == "a0"


def test_it_serves_this_machine_only_and_nobody_without_the_token(shell: Shell, out: Path) -> None:
    with running(shell, out) as (_, address):
        assert address.startswith("http://127.0.0.1:")
        place = address.partition("?")[0]
        for headers in ({}, {"Host": "rebound.example"}, {"Origin": "http://elsewhere.example"}):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(urllib.request.Request(place + "api/articles", headers=headers), timeout=30)


def test_what_was_decided_is_there_the_next_time_and_after_another_run(shell: Shell, out: Path) -> None:
    with running(shell, out) as (process, address):
        (item,) = ask(address, "/api/articles/2")["items"]
        ask(address, "/api/articles/2", {"revision": 0, "do": "reject", "target": item["target"]})
        process.kill()
    with (out.parent / f"{out.name}.review.jsonl").open("ab") as sidecar:
        sidecar.write(b'{"article": "half')
    assert shell.run("extract", "in.jsonl", "-o", out, "--overwrite").code == 0
    with running(shell, out) as (process, address):
        assert ask(address, "/api/articles/2")["items"][0]["verdict"] == "rejected"
        _, err = ended(process, signal.SIGINT)
    assert "half-written line" in err


def test_gold_without_a_page_is_scored(shell: Shell, out: Path) -> None:
    with running(shell, out) as (_, address):
        for number in (1, 2):
            ask(address, f"/api/articles/{number}", {"revision": 0, "do": "done"})
        done = shell.run("review", out, "--gold", "gold.jsonl", "--export")
    assert (done.code, done.lines) == (0, ["quotes: 2 reviewed articles in gold.jsonl"])
    scored = shell.run("eval", "gold.jsonl", out, "--json")
    assert scored.code == 0
    assert json.loads(scored.out)


def test_reviewed_records_reach_the_figures(shell: Shell, out: Path) -> None:
    with running(shell, out, "-o", "live.jsonl") as (process, address):
        (item,) = ask(address, "/api/articles/1")["items"]
        ask(address, "/api/articles/1", {"revision": 0, "do": "reject", "target": item["target"]})
        assert ask(address, "/api/articles/2", {"revision": 0, "do": "done"})["problem"] is None
        live = (shell.folder / "live.jsonl").read_bytes()
        for name in ("reviewed.jsonl", "reviewed.csv", "reviewed.db"):
            done = shell.run("review", out, "-o", name, "--export")
            assert (done.code, done.lines) == (0, [f"quotes: 2 articles as reviewed in {name}"])
            assert shell.run("verify", name).code == 0
        _, err = ended(process, signal.SIGINT)
    assert err.splitlines()[-1] == "quotes: 2 articles as reviewed in live.jsonl"
    assert (shell.folder / "live.jsonl").read_bytes() == live == (shell.folder / "reviewed.jsonl").read_bytes()
    assert shell.run("convert", "reviewed.db", "-", "--to", "jsonl").out == live
    first, second = map(json.loads, live.splitlines())
    assert (first["quotes"], [one["as"] for one in first["skipped"]]) == ([], ["other"])
    assert second["quotes"][0]["by"][-1] == "person"
    assert json.loads(shell.run("speakers", "reviewed.jsonl", "--json").out)["totals"]["quotes"] == 1


def test_two_reviews_write_one_file_of_gold(shell: Shell, out: Path) -> None:
    other = shell.write("other.jsonl", dumps(extract(Article("other", "“We tried,” Ida Krell said."))) + "\n")
    for records in (out, other):
        with running(shell, records, "--gold", "gold.jsonl") as (process, address):
            ask(address, "/api/articles/1", {"revision": 0, "do": "done"})
            _, err = ended(process, signal.SIGINT)
    assert err.splitlines()[-1] == "quotes: 1 reviewed article in gold.jsonl, beside 1 by other reviews"
    ids = [json.loads(line)["id"] for line in (shell.folder / "gold.jsonl").read_text().splitlines()]
    assert ids == ["a0", "other"]


def test_exports_at_one_time_lose_nothing(shell: Shell) -> None:
    outs = []
    for name in "abcdef":
        run = extract(Article(name, f"“We tried,” Ida Krell said. {name}"))
        outs.append(shell.write(f"{name}.jsonl", dumps(run) + "\n"))
        with Sidecar.open(outs[-1]) as sidecar:
            sidecar.append(run.article, fold(run, ()).done_now())
    exports = [shell.start("review", one, "--gold", "gold.jsonl", "--export") for one in outs]
    assert [(one.communicate(timeout=60), one.returncode)[1] for one in exports] == [0] * 6
    ids = [json.loads(line)["id"] for line in (shell.folder / "gold.jsonl").read_text().splitlines()]
    assert sorted(ids) == list("abcdef")


def test_a_look_that_decides_nothing_leaves_nothing(shell: Shell, out: Path) -> None:
    with running(shell, out) as (process, address):
        ask(address, "/api/articles/1")
        assert sidecar_of(out).exists()
        code, err = ended(process, signal.SIGINT)
    assert (code, err.splitlines()[-1]) == (0, "quotes: 0 of 2 quotes reviewed")
    assert not sidecar_of(out).exists()


def test_no_mistake_of_a_client_shows_on_the_terminal(shell: Shell, out: Path) -> None:
    with running(shell, out) as (process, address):
        for path, command in (
            ("/api/articles/1", {"revision": 0, "do": ["x"]}),
            ("/api/articles/" + "9" * 5000, {"revision": 0, "do": "done"}),
        ):
            with pytest.raises(urllib.error.HTTPError, match="4"):
                ask(address, path, command)
        ask(address, "/api/articles?start=" + "9" * 5000)
        _, err = ended(process, signal.SIGINT)
    assert len(err.splitlines()) == 2


def test_a_browser_is_started_with_an_address_that_opens_once(shell: Shell, out: Path) -> None:
    script = '#!/bin/sh\nprintf "%s" "$1" > opened.part && mv opened.part opened\n'
    browser = shell.write("browser", script)
    browser.chmod(0o755)
    shell.environment |= {"BROWSER": f"{browser} %s"}
    ours, theirs = pty.openpty()
    process = shell.start("review", out, stderr=theirs)
    try:
        assert process.stdout is not None
        printed = process.stdout.readline().decode().strip()
        os.read(ours, 1)  # what is said after the browser was started
        opened = (shell.folder / "opened").read_text()
        assert "?ticket=" in opened
        assert "?token=" in printed
        assert urllib.request.urlopen(opened, timeout=30).status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(opened, timeout=30)
        assert urllib.request.urlopen(printed, timeout=30).status == 200
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
        os.close(theirs)


def test_a_second_review_of_the_same_file_is_refused(shell: Shell, out: Path) -> None:
    with running(shell, out):
        done = shell.run("review", out, "--no-open")
    assert (done.code, done.out) == (2, b"")
    assert done.lines == [f"quotes: {out}: another review of it is running (use that one, or end it first)"]


def test_a_port_in_use_is_told(shell: Shell, out: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = shell.run("review", out, "--no-open", "--port", other.getsockname()[1])
    assert done.code == 2
    assert "cannot be used: Address already in use (choose another --port" in done.err
    assert not Path(f"{out}.review.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["-"], 2, "a review needs a file"),
        (["none.jsonl"], 1, "none.jsonl: no such file"),
        (["quotes.jsonl", "--export"], 2, "--export writes gold"),
        (["quotes.jsonl", "--gold", "quotes.jsonl"], 2, "would be replaced"),
        (["quotes.jsonl", "--gold", "quotes.jsonl.review.jsonl"], 2, "would be replaced"),
        (["quotes.jsonl", "--gold", "in.jsonl"], 2, "lines that no review has written"),
        (["quotes.jsonl", "--gold", "none/gold.jsonl"], 4, "create its folder first"),
        (["in.jsonl"], 1, "holds no record to review"),
        (["quotes.jsonl", "-o", "quotes.jsonl"], 2, "would be replaced"),
        (["quotes.jsonl", "-o", "quotes.jsonl.review.jsonl", "--overwrite"], 2, "would be replaced"),
        (["quotes.jsonl", "-o", "in.jsonl"], 2, "holds no records of quotes"),
        (["quotes.jsonl", "-o", "reviewed.html"], 2, ".html is no format that is written here"),
        (["quotes.jsonl", "-o", "-"], 2, "which a stream cannot take back"),
    ],
    ids=[
        *("stdin", "missing", "export", "gold=out", "gold=sidecar", "gold=foreign", "gold=nowhere", "no records"),
        *("output=out", "output=sidecar", "output=foreign", "output=page", "output=stdout"),
    ],
)
def test_what_cannot_be_reviewed_is_told_in_a_line(
    shell: Shell, out: Path, arguments: list[str], code: int, told: str
) -> None:
    done = shell.run("review", *arguments, "--no-open")
    assert done.code == code
    assert told in done.lines[-1]
    assert done.out == b""
    assert list(shell.folder.glob("*.review.jsonl")) == []


def test_a_place_that_cannot_keep_decisions_is_told(shell: Shell, out: Path) -> None:
    Path(f"{out}.review.jsonl").mkdir()
    done = shell.run("review", out, "--no-open")
    assert (done.code, len(done.lines)) == (4, 1)
    assert "copy them to a folder that can be written" in done.err


def test_damaged_lines_are_told_and_the_others_reviewed(shell: Shell, out: Path) -> None:
    with out.open("a") as stream:
        stream.write("nonsense\n")
    with running(shell, out) as (process, address):
        assert ask(address, "/api/articles")["count"] == 2
        code, err = ended(process, signal.SIGINT)
    assert code == 1
    assert "line 3: not JSON" in err


def test_without_the_extra_it_says_how_to_get_it(shell: Shell, out: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['starlette'] = None\n"
        f"sys.argv[1:] = ['review', {str(out)!r}]\n"
        "from quotes.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=shell.environment, capture_output=True, text=True)
    assert done.returncode == 2
    told = 'quotes: the review page needs starlette, which is not installed (pip install "quotes[review]")\n'
    assert done.stderr == told
