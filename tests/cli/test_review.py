"""``quotes review`` as a process: what it prints, how it ends, and what it refuses in one line."""

from __future__ import annotations

import json
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
    ],
    ids=["stdin", "missing", "export", "gold=out", "gold=sidecar", "gold=foreign", "gold=nowhere", "no records"],
)
def test_what_cannot_be_reviewed_is_told_in_a_line(
    shell: Shell, out: Path, arguments: list[str], code: int, told: str
) -> None:
    done = shell.run("review", *arguments, "--no-open")
    assert done.code == code
    assert told in done.lines[-1]
    assert done.out == b""


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
