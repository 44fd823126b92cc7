"""The recorded run on the sample articles, replayed as a process that may open no socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from quotes.record import check_record

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures" / "seeds"
ARTICLES = sorted(str(path) for path in (ROOT / "seeds").glob("*.txt"))

NO_SOCKETS = """
import asyncio.selector_events, socket

def refuse(*_args, **_kwargs):
    raise AssertionError("a replay opened a socket")

socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
"""


def replay(tmp_path: Path, *options: str, **environ: str) -> tuple[bytes, str, int]:
    """Records, standard error and exit code of a replay; it may open no socket and finds no key."""
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    command = [sys.executable, "-m", "quotes", "extract", *ARTICLES, "--replay", str(FIXTURES), *options]
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": path, **environ}
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=clean, check=False, timeout=120)
    return done.stdout, done.stderr.decode(), done.returncode


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    output, errors, code = replay(tmp_path_factory.mktemp("replay"))
    assert code in (0, 1), errors
    return [json.loads(line) for line in output.splitlines()]


def test_every_sample_article_has_a_record_by_the_recorded_model(recorded: list[dict[str, object]]) -> None:
    assert [record["id"] for record in recorded] == [Path(name).stem for name in ARTICLES]
    assert {record["model"] for record in recorded} == {"qwen2.5-coder-1.5b-instruct"}
    assert all(record["quotes"] for record in recorded)


def test_every_span_is_verbatim_and_every_quotation_accounted_for(recorded: list[dict[str, object]]) -> None:
    for record, name in zip(recorded, ARTICLES, strict=True):
        text = Path(name).read_bytes().decode("utf-8")
        assert check_record(record, text) == (), record["id"]


def test_replays_are_byte_identical_at_any_concurrency_and_hash_seed(tmp_path: Path) -> None:
    one = replay(tmp_path, "--concurrency", "1", PYTHONHASHSEED="1")
    many = replay(tmp_path, "--concurrency", "16", PYTHONHASHSEED="77", LC_ALL="C")
    assert one[0] == many[0]
    assert one[0]


def test_a_key_in_the_environment_changes_nothing_and_goes_nowhere(tmp_path: Path) -> None:
    secret = "sk-lying-about-in-the-environment"
    plain = replay(tmp_path)
    keyed = replay(tmp_path, OPENAI_API_KEY=secret, QUOTES_API_KEY=secret)
    assert keyed[0] == plain[0]
    assert secret not in keyed[1]


def test_another_model_is_a_miss_that_names_the_nearest_request_and_the_difference(tmp_path: Path) -> None:
    output, errors, code = replay(tmp_path, "--model", "some-other-model")
    assert code == 3
    assert output == b""
    assert "some-other-model" in errors
    assert "qwen2.5-coder-1.5b-instruct" in errors
    assert "Traceback" not in errors


def test_the_fixtures_hold_no_header_no_key_and_no_clock() -> None:
    for path in FIXTURES.rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        for word in ("authorization", "Bearer", "api_key", "cookie", "x-request-id", '"created"', "chatcmpl"):
            assert word not in text, (path.name, word)
