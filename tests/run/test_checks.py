"""Records looked at in several processes: the same findings as in one, whatever a process does."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from quotes.errors import QuotesError
from quotes.formats.parts import StoredValue
from quotes.formats.verification import Look, look_at_each, verify
from quotes.model import Article
from quotes.run import Settings
from quotes.run.checks import looking
from quotes.run.working import Worker

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def lines() -> list[str]:
    articles = enumerate(Article(f"a{n}", '"We tried," Ida Krell said.') for n in range(80))
    with Worker(Settings(backend="rules"), {}) as worker:
        return [done.line for done in worker.run(articles)]


def test_what_is_found_is_the_same_in_the_same_order(tmp_path: Path, lines: list[str]) -> None:
    def found(path: Path, *inputs: Path, look: Look) -> list[str]:
        problems: list[str] = []
        unreadable: list[QuotesError] = []
        tally = verify(path, inputs, on_problem=problems.append, on_unreadable=unreadable.append, look=look)
        return [*problems, *map(str, unreadable), str(tally)]

    sound, bad, bare, texts = (tmp_path / f"{name}.jsonl" for name in ("sound", "bad", "bare", "texts"))
    sound.write_text("\n".join(lines) + "\n")
    wrong = lines[4].replace("Ida Krell", "Ida Kress", 1)
    bad.write_text("\n".join([*lines[:50], lines[3], "{", wrong, *lines[50:]]) + "\n")
    records = [json.loads(line) for line in lines]
    texts.write_text("".join(json.dumps({"id": one["id"], "text": one["text"]}) + "\n" for one in records))
    for one in records:
        del one["text"]
    bare.write_text("".join(json.dumps(one) + "\n" for one in records))
    for given in ((sound,), (bad,), (bad, texts), (bare, texts)):
        alone = found(*given, look=look_at_each)
        assert found(*given, look=looking(2)) == alone
        assert (len(alone) > 1) == (given[0] == bad)


def test_records_are_looked_at_here_where_a_process_talks_nonsense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    values = [StoredValue(json.loads(line), f"line {n}") for n, line in enumerate(lines)]
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho hello; exec cat\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    assert list(looking(2)(values)) == list(look_at_each(values))
