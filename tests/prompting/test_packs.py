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


def test_a_folder_of_the_same_name_does_not_hide_a_shipped_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "news").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_pack("news").name == "news"
