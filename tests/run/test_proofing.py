"""Proofs of prompt packs: shipped ones are sound, and every fault planted in a copy is found and placed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quotes.errors import PackError
from quotes.model import Article
from quotes.prompting import packaged_packs
from quotes.run.planning import plan
from quotes.run.proofing import SAMPLE, Proof, asked_settings, first_requests, proof, tokens_by_part
from quotes.run.settings import Settings

_SHIPPED = Path(__file__).parents[2] / "prompts"


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_SHIPPED / "news", tmp_path / "mine"))


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_SHIPPED / "judge", tmp_path / "mine"))


def _edit(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change a file of the pack, given as JSON, as its first line's JSON, or as text."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    if name == "examples.jsonl":
        first, *rest = text.splitlines()
        text = "\n".join([json.dumps(change(json.loads(first)), ensure_ascii=False), *rest]) + "\n"
    else:
        text = json.dumps(change(json.loads(text))) if name.endswith(".json") else change(text)
    path.write_text(text, encoding="utf-8")


def _lines(found: Proof, level: str) -> list[str]:
    return [str(finding) for finding in found.findings if finding.level == level]


@pytest.mark.parametrize("name", packaged_packs())
def test_a_shipped_pack_is_sound(name: str) -> None:
    found = proof(name)
    assert (found.findings, found.exit_code) == ((), 0)
    assert found.pack is not None


@pytest.mark.parametrize("name", packaged_packs())
def test_a_copy_of_a_shipped_pack_is_sound(tmp_path: Path, name: str) -> None:
    assert proof(str(shutil.copytree(_SHIPPED / name, tmp_path / "mine"))).findings == ()


def _answer(example: dict[str, Any], key: str, number: int, **fields: Any) -> dict[str, Any]:
    example["answer"][key][number].update(fields)
    return example


_EXAMPLE_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a cue that is not printed": (
        lambda example: _answer(example, "attributions", 0, cue="sayd"),
        "example 1: the cue 'sayd' is not printed in sentence 4",
    ),
    "a speaker that is not printed": (
        lambda example: _answer(example, "attributions", 0, speaker="Mayor Krel"),
        "the speaker 'Mayor Krel' is not printed",
    ),
    "a clause that is not printed": (
        lambda example: _answer(example, "attributions", 1, said=["that the … in June"]),
        "the clause 'that the … in June' is not printed",
    ),
    "a mark that does not exist": (
        lambda example: _answer(example, "attributions", 0, said=[2, 3, 4, 44]),
        "there is no mark 44",
    ),
    "a sentence that does not exist": (
        lambda example: _answer(example, "attributions", 0, at=77),
        "there is no sentence 77",
    ),
    "a name beyond the roster": (
        lambda example: _answer(example, "attributions", 0, who={"person": 9}),
        "there is no name 9 in its roster",
    ),
    "a name that is not printed": (
        lambda example: _answer(example, "attributions", 0, who={"person": "Ida Kreel"}),
        "the name 'Ida Kreel' is not printed",
    ),
    "a roster of another text": (
        lambda example: example | {"roster": [*example["roster"], "Mara Oduya"]},
        "its roster has names that its text does not print: Mara Oduya",
    ),
    "a mark left unanswered": (
        lambda example: example["answer"]["not_quotes"].pop(0) and example,
        "mark 1 (“Low Tide”) is left unanswered",
    ),
    "a mark answered in two ways": (
        lambda example: _answer(example, "not_quotes", 0, mark=2),
        "is in not_quotes and in an attribution",
    ),
    "a mark given to two": (
        lambda example: _answer(example, "attributions", 5, said=[2]),
        "is given to 2 attributions",
    ),
    "words of another text": (
        lambda example: example | {"text": "It rained. Nobody said a word."},
        "there is no sentence 4",
    ),
}


@pytest.mark.parametrize("name", _EXAMPLE_FAULTS)
def test_a_fault_planted_in_an_example_is_found(news: Path, name: str) -> None:
    change, complaint = _EXAMPLE_FAULTS[name]
    _edit(news, "examples.jsonl", change)
    found = proof(str(news))
    assert found.exit_code == 1
    assert any(complaint in line and line.startswith("examples.jsonl: example 1: ") for line in _lines(found, "fault"))


_TEMPLATE_FAULTS = {
    "a variable that is not always reached": (
        "user.md",
        lambda text: text + "{% if not lines %}{{ titel }}{% endif %}",
        "user.md: titel: no such variable",
    ),
    "a text that is not shown": (
        "user.md",
        lambda text: text.replace("[{{ line.number }}] {{ line.text }}", "[{{ line.number }}]"),
        "user.md: sentence 1: is not shown as it is",
    ),
    "a sentence without its number": (
        "user.md",
        lambda text: text.replace("[{{ line.number }}] {{ line.text }}", "- {{ line.text }}"),
        "user.md: sentence 1: is shown without its number",
    ),
    "a template that breaks without names": (
        "user.md",
        lambda text: "{{ roster[0] }}\n" + text,
        "user.md: without ",
    ),
    "a repair that does not say what is wrong": (
        "repair.md",
        lambda _text: "Try again.",
        "repair.md: problems: is not used",
    ),
    "instructions that are empty": ("system.md", lambda _text: " \n", "system.md: is empty"),
}


@pytest.mark.parametrize("name", _TEMPLATE_FAULTS)
def test_a_fault_planted_in_a_template_is_found(news: Path, name: str) -> None:
    file, change, complaint = _TEMPLATE_FAULTS[name]
    _edit(news, file, change)
    found = proof(str(news))
    assert found.exit_code == 1
    assert any(line.startswith(complaint) for line in _lines(found, "fault"))


_WARNINGS = {
    "a key of the head that means nothing": ("pack.toml", lambda text: 'verison = "2"\n' + text, "pack.toml: verison"),
    "instructions longer than a chunk": ("system.md", lambda text: text * 3, "system.md: warning: about 2,793 tokens"),
    "instructions that look like a template": ("system.md", lambda text: text + "{{ names }}", "are no template"),
    "names that are not shown": (
        "user.md",
        lambda text: text.replace("roster", "before"),
        "user.md: roster: warning: is not used",
    ),
    "a key that is not required": (
        "response.schema.json",
        lambda schema: schema | {"properties": schema["properties"] | {"note": {"type": "string"}}},
        "response.schema.json: $: warning: not every key is required: note",
    ),
    "a trust that was measured with other instructions": (
        "system.md",
        lambda text: text + "\nBe brief.",
        "trust.json: warning: was measured with a shipped pack",
    ),
    "replies cut shorter than an example": (
        "pack.toml",
        lambda text: text.replace("2048", "50"),
        "examples.jsonl: example 1: warning: its answer is about",
    ),
}


@pytest.mark.parametrize("name", _WARNINGS)
def test_what_may_be_meant_is_a_warning_and_no_fault(news: Path, name: str) -> None:
    file, change, complaint = _WARNINGS[name]
    _edit(news, file, change)
    found = proof(str(news))
    assert found.exit_code == 0
    assert any(complaint in line for line in _lines(found, "warning"))


def test_all_that_makes_a_pack_of_no_use_is_told_at_once(news: Path) -> None:
    (news / "pack.toml").write_text('task = "attribute"\n[options]\nchunks = 3\nchunk_tokens = "many"\n', "utf-8")
    (news / "user.md").write_text("{% for line in lines %}", "utf-8")
    (news / "repair.md").unlink()
    (news / "examples.jsonl").write_text('{\n{"text": "x"}\n{"text": "x", "roster": [], "answer": {}}\n', "utf-8")
    found = proof(str(news))
    assert (found.exit_code, found.pack) == (2, None)
    lines = _lines(found, "unusable")
    for complaint in (
        "pack.toml: option chunks = 3",
        "pack.toml: option chunk_tokens = 'many'",
        "user.md: the template is broken",
        "lacks repair.md",
        "examples.jsonl: line 1 is not JSON",
        "examples.jsonl: line 2 lacks text, roster or answer",
        "the answer of example 1 breaks the schema",
    ):
        assert any(complaint in line for line in lines), complaint


def test_a_pack_that_is_not_there_is_an_error() -> None:
    with pytest.raises(PackError, match="no such prompt pack"):
        proof("nowhere/mine")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda example: example | {"sentence": "Nobody said it."}, "no words stand in [brackets]"),
        (lambda example: example | {"source": "Mara Oduya"}, "the source 'Mara Oduya' is not printed"),
    ],
)
def test_a_fault_planted_in_an_example_of_a_judge_is_found(
    judge: Path, change: Callable[[dict[str, Any]], Any], complaint: str
) -> None:
    _edit(judge, "examples.jsonl", change)
    found = proof(str(judge))
    assert found.exit_code == 1
    assert any(complaint in line for line in _lines(found, "fault"))


def test_a_judge_that_is_shown_only_one_answer_is_warned_of(judge: Path) -> None:
    lines = (judge / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if json.loads(line)["answer"]["said"] == "yes"]
    (judge / "examples.jsonl").write_text("\n".join(kept), encoding="utf-8")
    assert any("every answer is yes" in line for line in _lines(proof(str(judge)), "warning"))


def test_a_trust_that_cannot_be_read_is_a_fault(news: Path) -> None:
    (news / "trust.json").write_text('{"tiny": {"keep": 7}}', encoding="utf-8")
    assert any(line.startswith("trust.json: tiny: ") for line in _lines(proof(str(news)), "fault"))


def test_what_is_shown_is_what_a_dry_run_counts(tmp_path: Path) -> None:
    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", chunk_tokens=60, cache_mode="off")
    planned = plan(settings, {}, [SAMPLE])
    prompt = asked_settings(settings, {})
    requests = first_requests(prompt, SAMPLE, None, cascade=False)
    parts = [tokens_by_part(prompt, request) for request in requests]
    assert len(requests) == planned.requests > 1
    assert sum(sum(part.values()) - part["schema"] for part in parts) == planned.tokens_in


def test_an_article_without_a_quotation_proves_a_pack_too(news: Path) -> None:
    assert proof(str(news), Article("empty", "")).findings == ()
