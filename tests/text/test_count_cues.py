"""The script that counts cues: a table that the lexicon reader takes, from annotated articles alone."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "count_cues.py"


@pytest.fixture(scope="module")
def counting() -> ModuleType:
    spec = importlib.util.spec_from_file_location("count_cues", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["count_cues"] = module
    spec.loader.exec_module(module)
    return module


def article(text: str, *cues: str) -> dict[str, Any]:
    return {"text": text, "quotes": [{"cue": [[text.index(cue), text.index(cue) + len(cue)]]} for cue in cues]}


def test_a_cue_needs_five_articles(counting: ModuleType) -> None:
    articles = [article("Ruiz murmured that it rained.", "murmured") for _ in range(5)]
    articles += [article("Ruiz cawed that it rained.", "cawed") for _ in range(4)]
    rows = counting.count(articles)
    assert [(cue, seen) for cue, seen, _ in rows] == [("murmured", 5)]


def test_precision_is_counted_by_frame(counting: ModuleType) -> None:
    articles = [article("Ruiz murmured that it rained. Holt murmured softly.", "murmured") for _ in range(40)]
    (_, _, rates), *_ = counting.count(articles)
    assert rates["that"] > 90
    assert rates["plain"] + rates["end"] < 20


def test_names_and_numbers_are_no_cues(counting: ModuleType) -> None:
    articles = [article("In the Ruiz memo of 2011 it rained.", "Ruiz memo of 2011") for _ in range(6)]
    assert [cue for cue, _, _ in counting.count(articles)] == ["memo"]


def test_words_in_ly_are_no_cues(counting: ModuleType) -> None:
    articles = [article("Ruiz flatly denied that it rained.", "flatly denied") for _ in range(6)]
    assert [cue for cue, _, _ in counting.count(articles)] == ["denied"]


def test_the_script_writes_a_table(counting: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, table = tmp_path / "gold.jsonl", tmp_path / "cues.tsv"
    line = json.dumps(article("Ruiz murmured that it rained.", "murmured"))
    gold.write_text("\n".join([line] * 5), encoding="utf-8")
    assert counting.main([str(gold), str(table)]) == 0
    assert table.read_text(encoding="utf-8").splitlines()[2].split("\t")[:2] == ["murmured", "5"]
    assert "1 cues from 5 articles" in capsys.readouterr().err


def test_the_script_says_how_it_is_called(counting: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert counting.main([]) == 2
    assert "GOLD.jsonl" in capsys.readouterr().err
