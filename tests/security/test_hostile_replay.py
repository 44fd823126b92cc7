"""What a real model answered about the hostile articles, replayed: the promises hold for it as well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from quotes.exchange import Request
from quotes.record import check_record
from quotes.text import find_quotations
from tests.cli.processes import Shell
from tests.security.echoing import Heard, Said, completion, echoing, said
from tests.security.hostile import RECORDED, write_articles
from tests.security.obeying import changing_replies
from tests.test_replay import NO_SOCKETS

_ROOT = Path(__file__).parents[2]
_FIXTURES = _ROOT / "tests" / "fixtures" / "hostile"


def _replay(folder: Path, **environ: str) -> tuple[bytes, str, int]:
    """Records, standard error and exit code of a replay that may open no socket."""
    (folder / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    articles = write_articles(folder / "in.jsonl", RECORDED)
    command = [sys.executable, "-m", "quotes", "extract", str(articles), "--replay", str(_FIXTURES)]
    environment = Shell(folder).environment | {"PYTHONPATH": os.pathsep.join([str(folder), str(_ROOT)])} | environ
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment, check=False, timeout=120)
    return done.stdout, done.stderr.decode(), done.returncode


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    output, errors, code = _replay(tmp_path_factory.mktemp("replay"))
    assert code in (0, 1), errors
    assert "Traceback" not in errors
    return output


@pytest.fixture(scope="module")
def records(replayed: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in replayed.splitlines()]


def test_a_real_model_was_asked_about_every_one_of_them(records: list[dict[str, Any]]) -> None:
    assert [record["id"] for record in records] == [case.id for case in RECORDED]
    assert {record["model"] for record in records} == {"qwen2.5-coder-1.5b-instruct"}
    assert all(record["usage"]["requests"] for record in records if "“" in record["text"])


def test_every_span_is_verbatim_and_every_quotation_accounted_for(records: list[dict[str, Any]]) -> None:
    for record, case in zip(records, RECORDED, strict=True):
        assert check_record(record, case.text) == (), case.id


def test_no_article_could_be_silenced(records: list[dict[str, Any]]) -> None:
    """An article that orders the model to find nothing still has its quotations in the record."""
    for record in records:
        listed = sum(len(record[name]) for name in ("quotes", "skipped", "unresolved"))
        assert bool(listed) == bool(find_quotations(record["text"])), record["id"]


def test_replays_are_byte_identical(replayed: bytes, tmp_path: Path) -> None:
    again, _, _ = _replay(tmp_path, PYTHONHASHSEED="77", LC_ALL="C")
    assert again == replayed


def test_no_id_became_a_path_and_no_fixture_holds_what_steers() -> None:
    for path in _FIXTURES.rglob("*"):
        assert path.resolve().is_relative_to(_FIXTURES.resolve())
        assert path.is_dir() or path.name.isascii()
        assert path.is_dir() or all(char.isalnum() or char in "-." for char in path.name)


def test_a_forged_recording_passes_the_same_checks_as_a_reply(tmp_path: Path) -> None:
    """Whoever supplies the fixtures can say what a lying endpoint can, and no more."""
    shell = Shell(tmp_path)
    articles = write_articles(tmp_path / "in.jsonl", RECORDED)
    attack = changing_replies(0)

    def lie(heard: Heard) -> Said:
        request = Request(json.loads(heard.body), "local")
        return said(completion(attack(request).content))

    with echoing(lie) as endpoint:
        options = ("--model", "tiny", "--base-url", endpoint.url, "--record", "forged", "--concurrency", "1")
        recorded = shell.run("extract", articles, *options, "-o", "out.jsonl")
    assert recorded.code in (0, 1), recorded.err
    replayed = shell.run("extract", articles, "--replay", "forged")
    assert replayed.out == (tmp_path / "out.jsonl").read_bytes()
    for record, case in zip(replayed.records, RECORDED, strict=True):
        assert check_record(record, case.text) == (), case.id
