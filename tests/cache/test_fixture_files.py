"""The files of a fixture folder, as a reviewer reads them."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_calls import SCHEMA, a_reply, a_request

from quotes.cache import Entry, open_store
from quotes.cache.fixtures import slug
from quotes.errors import CacheError

ANY_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\u2028\u2029\x85\x00\ufeff\u202e⟦"))
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.json"))}


def test_a_file_is_named_after_article_chunk_and_key(tmp_path: Path):
    entry = Entry(a_request(article="News/Élan 7.txt", chunk=2), a_reply())
    open_store(tmp_path).put(entry)
    assert (tmp_path / f"news-elan-7-txt-2-{entry.key[:8]}.json").exists()


def test_texts_are_lines_and_shared_parts_stand_once(tmp_path: Path):
    store = open_store(tmp_path)
    for number in range(3):
        store.put(Entry(a_request(f"One {number}.\r\nTwo.\n"), a_reply('{\n "quotes": []\n}')))
    call = json.loads(next(tmp_path.glob("news-*")).read_text())
    assert call["request"]["body"]["messages"][-1]["content"]["$lines"][1:] == ["Two.", ""]
    assert call["reply"]["content"]["$lines"] == ["{", ' "quotes": []', "}"]
    shared = [json.loads(file.read_text()) for file in (tmp_path / "shared").iterdir()]
    assert len(shared) == 4  # three messages before the last, and the schema
    assert SCHEMA in shared
    assert {"$lines": ["Point at quotes.", "Never retype them.", ""]} in shared


def test_the_same_entries_give_the_same_bytes_in_any_order(tmp_path: Path):
    entries = [Entry(a_request(f"Text {n}", chunk=n), a_reply()) for n in range(5)]
    for folder, order in (("one", entries), ("two", entries[::-1] + entries)):
        store = open_store(tmp_path / folder)
        for entry in order:
            store.put(entry)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_a_clash_of_names_takes_more_of_the_key(tmp_path: Path):
    store = open_store(tmp_path)
    first, second = Entry(a_request("first"), a_reply("1")), Entry(a_request("second"), a_reply("2"))
    store.put(second)
    # What would stand there if the two keys began alike:
    taken = tmp_path / f"news-0001-0-{first.key[:8]}.json"
    next(tmp_path.glob("news-*")).rename(taken)
    store = open_store(tmp_path)
    store.put(first)
    assert (tmp_path / f"news-0001-0-{first.key[:16]}.json").exists()
    assert store.get(first.key) == first
    assert taken.exists()


def test_a_file_added_by_another_process_is_found(tmp_path: Path):
    here, there = open_store(tmp_path), open_store(tmp_path)
    entry = Entry(a_request(), a_reply())
    assert here.get(entry.key) is None
    there.put(entry)
    assert here.get(entry.key) == entry


def test_a_file_removed_by_another_process_is_no_damage(tmp_path: Path):
    store, entry = open_store(tmp_path), Entry(a_request(), a_reply())
    store.put(entry)
    next(tmp_path.glob("news-*")).unlink()
    assert store.get(entry.key) is None


def test_an_entry_recorded_anew_for_another_article_moves_its_file(tmp_path: Path):
    store = open_store(tmp_path)
    store.put(Entry(a_request(article="old"), a_reply()))
    store.put(Entry(a_request(article="new"), a_reply()))
    assert [entry.request.article for entry in store.entries()] == ["new"]


def test_half_a_surrogate_pair_in_an_answer_is_kept(tmp_path: Path):
    entry = Entry(a_request(), a_reply("half \ud83d."))
    open_store(tmp_path).put(entry)
    assert open_store(tmp_path).get(entry.key) == entry


def test_invisible_direction_marks_are_shown_to_the_reviewer(tmp_path: Path):
    open_store(tmp_path).put(Entry(a_request("\u202egpj.exe\u2028"), a_reply()))
    text = next(tmp_path.glob("news-*")).read_text(encoding="utf-8")
    assert "\\u202egpj.exe\\u2028" in text


def test_a_folder_without_manifest_is_not_replayed(tmp_path: Path):
    with pytest.raises(CacheError, match="no folder of fixtures"):
        open_store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


@given(text=ANY_TEXT, system=ANY_TEXT, content=ANY_TEXT, article=ANY_TEXT)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_survives_both_stores_exactly(text: str, system: str, content: str, article: str):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    entry = Entry(a_request(article=article, messages=messages), a_reply(content))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("folder", "a.sqlite"):
            store = open_store(Path(folder) / name)
            store.put(entry)
            store.close()
            again = open_store(Path(folder) / name, create=False)
            assert again.get(entry.key) == entry
            assert list(again.verify()) == []
            again.close()


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first use of characters builds a table
@given(ANY_TEXT)
def test_a_slug_is_a_safe_and_short_file_name(article: str):
    name = slug(article)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
