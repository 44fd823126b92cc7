"""The script that counts how often patterns are right: a table that the rules read, from annotated articles alone."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "count_patterns.py"
TEXT = "“No deal,” said Mara Ruiz. Dean Holt said that rents would rise."


@pytest.fixture(scope="module")
def counting() -> ModuleType:
    spec = importlib.util.spec_from_file_location("count_patterns", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["count_patterns"] = module
    spec.loader.exec_module(module)
    return module


def quote(content: str, speaker: str) -> dict[str, Any]:
    return {"content": [span(content)], "speaker": [span(speaker)]}


def span(words: str) -> list[int]:
    return [TEXT.index(words), TEXT.index(words) + len(words)]


def test_each_pattern_is_counted_with_its_words_and_its_speaker(counting: ModuleType) -> None:
    gold = [quote("No deal,", "Mara Ruiz"), quote("that rents would rise", "Mara Ruiz")]
    rows = counting.count([{"text": TEXT, "quotes": gold}] * 3)
    assert rows["quote_cue_subject", "direct", "-"] == (3, 3, 3)
    assert rows["cue_that", "indirect", "-"] == (3, 3, 0)


def test_the_table_is_written_for_people(counting: ModuleType, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"text": TEXT, "quotes": [quote("No deal,", "Mara Ruiz")]}), encoding="utf-8")
    assert counting.main([str(gold), str(tmp_path / "patterns.tsv")]) == 0
    lines = (tmp_path / "patterns.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[1].split("\t") == ["pattern", "type", "band", "seen", "content", "right"]
    assert "quote_cue_subject\tdirect\t-\t1\t1\t1" in lines
