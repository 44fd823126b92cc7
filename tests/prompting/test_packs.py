"""Prompt packs: shipped ones load, broken ones say what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from quotes.errors import PackError
from quotes.prompting import load_pack, packaged_packs

SHIPPED = Path(__file__).parents[2] / "prompts" / "news"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "mine"))


def test_every_shipped_pack_loads() -> None:
    assert "news" in packaged_packs()
    for name in packaged_packs():
        assert load_pack(name).id.startswith(name)


def test_a_copied_pack_is_found_by_its_folder_and_has_the_same_hash(copy: Path) -> None:
    assert load_pack(copy).digest == load_pack("news").digest


def test_an_edited_file_changes_the_hash(copy: Path) -> None:
    (copy / "system.md").write_text("Find quotes.", encoding="utf-8")
    assert load_pack(copy).digest != load_pack("news").digest


def test_line_ends_of_another_system_do_not_change_the_hash(copy: Path) -> None:
    text = (copy / "system.md").read_bytes()
    (copy / "system.md").write_bytes(text.replace(b"\n", b"\r\n"))
    assert load_pack(copy).digest == load_pack("news").digest


def test_an_unknown_pack_names_the_shipped_ones() -> None:
    with pytest.raises(PackError, match=r"nosuch: no such prompt pack .*news"):
        load_pack("nosuch")


@pytest.mark.parametrize("name", ["pack.toml", "system.md", "user.md", "repair.md", "examples.jsonl"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(PackError, match=name):
        load_pack(copy)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("pack.toml", "name = ", "not TOML"),
        ("pack.toml", "[options]\nchunk_tokens = 'many'", "chunk_tokens"),
        ("pack.toml", "[options]\nchunks = 3", "chunks"),
        ("pack.toml", "options = 3", "options is no table"),
        ("pack.toml", "[options]\nchunk_tokens = 1.5", "chunk_tokens"),
        ("pack.toml", "[options]\nchunk_tokens = inf", "chunk_tokens"),
        ("user.md", "{% for line in lines %}", "template is broken"),
        ("user.md", "{{ titel }}", "user.md: the template is broken"),
        ("user.md", "{% include 'x' %}", "user.md: the template is broken"),
        ("repair.md", "{{ ''.__class__.__mro__ }}", "repair.md: the template is broken"),
        ("examples.jsonl", '{"text": "", "roster": [], "answer": {}}', "line 1 lacks"),
        ("examples.jsonl", '{"text": 5, "roster": [], "answer": {}}', "line 1 lacks"),
        ("response.schema.json", "true", "does not require"),
        ("response.schema.json", "{", "not JSON"),
        ("response.schema.json", '{"type": "nothing"}', "no JSON Schema"),
        ("examples.jsonl", '{"text": "x"}', "line 1 lacks"),
        ("examples.jsonl", "{", "line 1 is not JSON"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(copy: Path, name: str, content: str, complaint: str) -> None:
    (copy / name).write_text(content, encoding="utf-8")
    with pytest.raises(PackError, match=complaint):
        load_pack(copy)


def test_how_far_a_model_is_believed_may_stand_beside_and_the_hash_tells_it(copy: Path) -> None:
    assert load_pack(copy).digest == load_pack("news").digest
    assert load_pack(copy).trust == load_pack("news").trust
    (copy / "trust.json").write_text('{"tiny": {"keep": 0.5}}', encoding="utf-8")
    assert load_pack(copy).trust == {"tiny": {"keep": 0.5}}
    other = load_pack(copy).digest
    (copy / "trust.json").unlink()
    assert load_pack(copy).trust == {}
    assert len({other, load_pack(copy).digest, load_pack("news").digest}) == 3


@pytest.mark.parametrize("content", ["{", "[]", "3", '{"tiny": 0.5}', "[" * 100_000, "9" * 5000])
def test_a_trust_file_that_is_no_table_of_models_is_named(copy: Path, content: str) -> None:
    (copy / "trust.json").write_text(content, encoding="utf-8")
    with pytest.raises(PackError, match=r"trust\.json is n(o|ested)"):
        load_pack(copy)


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED.parent / "judge", tmp_path / "mine"))


def test_a_judge_pack_has_examples_of_its_own_and_no_repair() -> None:
    pack = load_pack("judge")
    assert (pack.task, load_pack("news").task) == ("judge", "attribute")
    assert {example.answer["said"] for example in pack.judged} == {"yes", "no"}
    assert (pack.examples, pack.repair) == ((), "")


@pytest.mark.parametrize("name", ["pack.toml", "system.md", "user.md", "examples.jsonl", "response.schema.json"])
def test_a_missing_file_of_a_judge_pack_is_named(judge: Path, name: str) -> None:
    (judge / name).unlink()
    with pytest.raises(PackError, match=name):
        load_pack(judge)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("pack.toml", 'task = "guess"', "task = 'guess' is not known .use attribute or judge"),
        ("pack.toml", 'task = ["judge"]', "is not known"),
        ("pack.toml", 'task = "attribute"', "lacks repair.md"),
        ("pack.toml", 'task = "judge"\n[options]\nchunk_tokens = 300', "chunk_tokens"),
        ("user.md", "{{ lines }}", "user.md: the template is broken"),
        ("examples.jsonl", '{"sentence": "x", "answer": {"said": "yes"}}', "line 1 lacks sentence, source or answer"),
        ("examples.jsonl", '{"sentence": "x", "source": 3, "answer": {"said": "yes"}}', "line 1 lacks"),
        ("examples.jsonl", '{"sentence": "x", "source": "", "answer": {"said": "maybe"}}', "example 1 breaks"),
        ("response.schema.json", "true", "does not require said"),
        ("response.schema.json", '{"properties": {"said": {"enum": ["yes", "no"]}}}', "does not require said"),
        ("response.schema.json", '{"properties": {"said": {"enum": ["ja"]}}, "required": ["said"]}', "yes or no"),
    ],
)
def test_a_broken_judge_pack_is_named_with_what_is_wrong(judge: Path, name: str, content: str, complaint: str) -> None:
    (judge / name).write_text(content, encoding="utf-8")
    with pytest.raises(PackError, match=complaint):
        load_pack(judge)


def test_an_example_that_breaks_the_schema_is_refused(copy: Path) -> None:
    (copy / "examples.jsonl").write_text(
        json.dumps({"text": "“No,” he said.", "roster": [], "answer": {"attributions": []}}), encoding="utf-8"
    )
    with pytest.raises(PackError, match="example 1 breaks the schema"):
        load_pack(copy)


def test_a_schema_without_the_fields_that_are_read_is_refused(copy: Path) -> None:
    (copy / "response.schema.json").write_text('{"type": "object", "properties": {}}', encoding="utf-8")
    (copy / "examples.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(PackError, match="attributions"):
        load_pack(copy)


@pytest.mark.parametrize("who", [{"type": "integer"}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, {}, None])
def test_a_schema_that_does_not_key_who_by_its_kind_is_refused(copy: Path, who: object) -> None:
    schema = json.loads((copy / "response.schema.json").read_text(encoding="utf-8"))
    schema["properties"]["attributions"]["items"]["properties"]["who"] = who
    (copy / "response.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    with pytest.raises(PackError, match=r"response\.schema\.json"):
        load_pack(copy)


def test_a_folder_of_the_same_name_does_not_hide_a_shipped_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "news").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_pack("news").name == "news"
