"""Both stores behind the one interface."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sample_calls import a_reply, a_request, body_of

from quotes.cache import Entry, default_cache_path, open_store
from quotes.errors import CacheError, OutputError, QuotesError
from quotes.exchange import KEY_VERSION, Outcome, Request


def test_what_was_put_is_got_back_by_a_later_opening(place: Path):
    entry = Entry(a_request(), a_reply())
    store = open_store(place)
    store.put(entry)
    store.close()
    assert open_store(place, create=False).get(entry.key) == entry


def test_an_unknown_key_gives_nothing(place: Path):
    assert open_store(place).get("0" * 64) is None


@pytest.mark.parametrize(
    "outcome", ["complete", "truncated", "refusal", "content_filter", "context_overflow", "schema_refused"]
)
def test_every_lasting_outcome_is_kept_as_it_is(place: Path, outcome: Outcome):
    entry = Entry(a_request(), a_reply("", outcome=outcome, detail="so it was", finish_reason=None, fingerprint="f1"))
    store = open_store(place)
    store.put(entry)
    assert store.get(entry.key) == entry


def test_putting_again_replaces(place: Path):
    store, request = open_store(place), a_request()
    store.put(Entry(request, a_reply("old")))
    store.put(Entry(request, a_reply("new")))
    assert [entry.reply.content for entry in store.entries()] == ["new"]


def test_the_same_body_under_another_trial_or_label_is_another_entry(place: Path):
    store, request = open_store(place), a_request()
    for other in (request, Request(request.body, "local", trial=1), Request(request.body, "api.example")):
        store.put(Entry(other, a_reply()))
    assert len(list(store.keys())) == 3


def test_entries_can_be_asked_for_by_article_and_chunk(place: Path):
    store = open_store(place)
    for article, chunk in (("b", 1), ("a", 0), ("b", 0), ("b!", 0)):
        store.put(Entry(a_request(f"{article} {chunk}", article=article, chunk=chunk), a_reply()))
    assert [(e.request.article, e.request.chunk) for e in store.entries("b")] == [("b", 0), ("b", 1)]
    assert [(e.request.article, e.request.chunk) for e in store.entries("b", 1)] == [("b", 1)]
    assert len(list(store.entries())) == 4


def test_keys_are_sorted_and_found_by_prefix(place: Path):
    store = open_store(place)
    entries = [Entry(a_request(str(number)), a_reply()) for number in range(20)]
    for entry in entries:
        store.put(entry)
    keys = sorted(entry.key for entry in entries)
    assert list(store.keys()) == keys
    assert list(store.keys(keys[3][:12])) == [keys[3]]
    assert list(store.keys(keys[3][:1])) == [key for key in keys if key[0] == keys[3][0]]


def test_the_manifest_keeps_what_is_merged_into_it(place: Path):
    store = open_store(place)
    store.merge_manifest({"model": "a", "settings": {"temperature": 0}})
    store.merge_manifest({"model": "b"})
    manifest = open_store(place).manifest()
    assert manifest["model"] == "b"
    assert manifest["settings"] == {"temperature": 0}
    assert manifest["key_version"] == KEY_VERSION


def test_every_file_is_for_its_owner_alone(place: Path):
    before = os.umask(0)
    try:
        store = open_store(place)
        store.put(Entry(a_request(), a_reply()))
        store.merge_manifest({"model": "a"})
        files = [file for file in place.parent.rglob("*") if file.is_file()]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    finally:
        os.umask(before)


def test_a_missing_store_is_refused_where_it_may_not_be_made(place: Path):
    with pytest.raises(CacheError, match="there is no such cache"):
        open_store(place, create=False)
    assert not place.exists()


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path):
    for name in ("notes.txt", "notes.sqlite"):
        file = tmp_path / name
        file.write_text("dear diary")
        with pytest.raises(CacheError, match="neither a SQLite cache nor a folder"):
            open_store(file)
        assert file.read_text() == "dear diary"


def test_an_existing_sqlite_cache_needs_no_suffix(tmp_path: Path):
    store = open_store(tmp_path / "a.db")
    store.put(Entry(a_request(), a_reply()))
    store.close()
    moved = (tmp_path / "a.db").rename(tmp_path / "cache-of-may")
    assert open_store(moved).kind == "sqlite"


def test_a_url_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CacheError, match="URL"):
        open_store("mysql://someone:secret@db/cache")
    assert list(tmp_path.iterdir()) == []


def test_a_store_below_a_file_is_one_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for name in ("file/a.sqlite", "file/folder"):
        with pytest.raises(CacheError, match=r"Not a directory|cannot be made") as caught:
            open_store(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_store_that_cannot_be_written_is_an_output_error(place: Path):
    store = open_store(place)
    store.put(Entry(a_request("first"), a_reply()))
    store.close()
    if place.is_dir():  # a file where the folder of shared parts belongs; root may write anywhere else
        for file in (place / "shared").iterdir():
            file.unlink()
        (place / "shared").rmdir()
        (place / "shared").write_text("")
        store = open_store(place)
    else:
        store._connection = _read_only(place)  # type: ignore[attr-defined]
    with pytest.raises(OutputError) as caught:
        store.put(Entry(a_request("second"), a_reply()))
    assert str(place) in str(caught.value)


def _read_only(place: Path):
    import sqlite3

    return sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True, isolation_level=None)


def test_the_default_place_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_path().name == "replies.sqlite"
    assert default_cache_path().parent.name == "quotes"


def test_any_body_comes_back_equal(place: Path):
    bodies = [
        {},
        {"messages": []},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "in parts"}]}]},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": []}, {"role": "user"}]},
        body_of(response_format={"type": "json_object", "schema": {"type": "object"}}),
        body_of(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]),
        body_of(extra={"deep": [1, 2.5, None, True, {"$lines": 3}]}),
    ]
    store = open_store(place)
    for body in bodies:
        store.put(Entry(Request(body, "local"), a_reply()))
    for body in bodies:
        entry = open_store(place).get(Request(body, "local").key)
        assert entry is not None
        assert entry.request.body == body


def test_an_article_id_that_is_no_file_name_is_stored_all_the_same(place: Path):
    store = open_store(place)
    names = ["../../etc/x", "", "Ünïcode/ß", "東京", "a" * 300, "CON", "a\nb", "half \ud800"]
    for name in names:
        store.put(Entry(replace(a_request(name.encode("utf-8", "replace").decode()), article=name), a_reply()))
    assert {entry.request.article for entry in store.entries()} == set(names)
    assert {entry.request.article for entry in store.entries("東京")} == {"東京"}


def test_a_fault_of_a_store_is_never_a_bare_exception(place: Path):
    store = open_store(place)
    store.close()
    if not place.is_dir():
        with pytest.raises(QuotesError):
            store.get("0" * 64)
