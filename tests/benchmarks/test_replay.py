"""The benchmark of replays: what it replays is what a run recorded, and its bare loop brings home the same replies."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from benchmarks.articles import typical_articles, write_articles
from benchmarks.replay import Prepared, Style, bare_loop, measure, record, run_bare, run_job
from quotes.exchange import Request
from quotes.prompting import load_pack
from quotes.run import Settings

COUNT = 3


@pytest.mark.parametrize("style", ["static", "tight"])
def test_a_replay_and_the_bare_loop_write_the_same_records(tmp_path: Path, style: Style) -> None:
    cache, out = tmp_path / "replies.sqlite", tmp_path / "out.jsonl"
    articles = write_articles(tmp_path / "in.jsonl", COUNT)
    requests = record(cache, typical_articles(COUNT), style)
    assert run_job(Settings(replay=str(cache)), articles, out).cpu > 0
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in records] == [name for name, _ in typical_articles(COUNT)]
    assert sum(one["usage"]["requests"] for one in records) == requests >= COUNT
    assert all("model" in quote["by"] for one in records for quote in one["quotes"] if quote["key"])
    assert run_bare(cache, articles, out).cpu > 0
    assert out.with_suffix(".bare").read_bytes() == out.read_bytes()


def test_the_bare_loop_ends_where_an_answer_breaks_the_schema() -> None:
    cache = sqlite3.connect(":memory:")
    cache.execute("CREATE TABLE replies (key, reply)")
    body: dict[str, Any] = {"messages": []}
    cache.execute("INSERT INTO replies VALUES (?, ?)", (Request(body, "local").key, '{"content": "{}"}'))
    with pytest.raises(ValueError, match="breaks the schema"):
        bare_loop(cache, "local", Draft202012Validator(load_pack().schema), [Prepared([body], {})])
    cache.close()


def test_every_kind_of_work_has_its_figure(tmp_path: Path) -> None:
    figures = {figure.what: figure for figure in measure(tmp_path, COUNT, 1, ("static",))}
    assert list(figures) == ["replay, static", "bare loop, static", "replay, static, command", "rules"]
    assert all(figure.a_cpu_second > 0 for figure in figures.values())
    assert [what for what, figure in figures.items() if figure.of_bare] == ["replay, static", "replay, static, command"]
