"""Copying entries between stores of any kind: all of them, checked, and never one in place of another."""

from __future__ import annotations

import json
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_calls import a_reply, a_request
from test_mending import DAMAGES, damaged
from test_processes import start

from quotes.cache import Entry, Store, inspection, open_store
from quotes.cache.selection import Selection
from quotes.cache.transfer import Transfer, copy_entries
from quotes.errors import UsageError

KINDS = ["replies.sqlite", "recorded"]
ENTRIES = [Entry(a_request(f"Text {n}.\r\n", article=f"a{n}"), a_reply(f'{{"n": {n}}}')) for n in range(5)]
MANIFEST = {"model": "sample-1b", "endpoint": "local", "settings": {"temperature": 0}}


def filled(place: Path, *entries: Entry, manifest: dict[str, object] = MANIFEST) -> Store:
    store = open_store(place)
    for entry in entries or ENTRIES:
        store.put(entry)
    store.merge_manifest(manifest)
    return store


def copied(source: Store, target: Store, **chosen: str) -> tuple[Transfer, list[str]]:
    told: list[str] = []
    return copy_entries(source, target, Selection(**chosen), told.append), told


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / "other" / request.param


def test_everything_comes_over_with_the_manifest_and_again_changes_nothing(place: Path, other: Path):
    source, target = filled(place), open_store(other)
    assert copied(source, target) == (Transfer(copied=5), [])
    assert sorted(target.keys()) == sorted(entry.key for entry in ENTRIES)
    assert [target.get(entry.key) for entry in ENTRIES] == ENTRIES
    assert {name: target.manifest()[name] for name in MANIFEST} == MANIFEST
    assert inspection.verify(target) == ()
    again, told = copied(source, target)
    assert (again, told, again.exit_code) == (Transfer(there=5), [], 0)
    assert not inspection.diff_stores(source, target)


def test_a_selection_copies_what_it_means(place: Path, other: Path):
    source, target = filled(place), open_store(other)
    assert copied(source, target, article="a3")[0] == Transfer(copied=1)
    assert [entry.request.article for entry in target.entries()] == ["a3"]


def test_another_reply_to_the_same_request_is_told_and_the_one_there_stays(place: Path, other: Path):
    source, target = filled(place), filled(other, Entry(ENTRIES[1].request, a_reply("mine")))
    done, (line,) = copied(source, target)
    assert (done.copied, done.another, done.exit_code) == (4, 1, 1)
    assert "a1 chunk 0" in line
    entry = target.get(ENTRIES[1].key)
    assert entry is not None
    assert entry.reply == a_reply("mine")


def test_a_manifest_that_contradicts_is_kept_whole_and_the_fields_are_named(place: Path, other: Path):
    source = filled(place)
    target = filled(other, ENTRIES[0], manifest={"model": "other-7b", "endpoint": "local"})
    done, _ = copied(source, target)
    assert done.kept == ("model (other-7b, not sample-1b)",)
    assert "settings" not in target.manifest()
    assert done.exit_code == 0


def test_damaged_entries_are_told_and_passed_over(place: Path, other: Path):
    source = filled(place)
    source.close()
    if place.is_dir():
        next(place.glob("a2-0-*")).write_text("{")
    else:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("UPDATE replies SET reply = '{' WHERE key = ?", (ENTRIES[2].key,))
    done, (line,) = copied(open_store(place), target := open_store(other))
    assert (done.copied, done.damaged, done.exit_code) == (4, 1, 1)
    assert "is damaged" in line
    assert inspection.verify(target) == ()


def test_a_damaged_entry_in_the_target_is_mended_by_a_sound_one(place: Path, other: Path):
    filled(other).close()
    if other.is_dir():
        next(other.glob("a2-0-*")).write_text("{")
    else:
        with closing(sqlite3.connect(other)) as connection, connection:
            connection.execute("UPDATE replies SET reply = '{' WHERE key = ?", (ENTRIES[2].key,))
    done, told = copied(filled(place), target := open_store(other))
    assert (done, told) == (Transfer(copied=1, there=4), [])
    assert inspection.verify(target) == ()


def test_a_store_is_not_copied_into_itself(place: Path):
    store = filled(place)
    with pytest.raises(UsageError, match="into itself"):
        copied(store, open_store(place.parent / "." / place.name))


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path):
    source = filled(tmp_path / "replies.sqlite")
    copied(source, open_store(tmp_path / "out"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert modes == {0o600}


@settings(max_examples=60)
@given(st.data())
def test_a_forged_or_damaged_file_never_becomes_an_entry(data: st.DataObject):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "recorded"
        filled(place, *ENTRIES[:3]).close()
        files = sorted(file for file in place.rglob("*.json") if file.name != "manifest.json")
        for file in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=3)):
            file.write_bytes(damaged(file.read_bytes(), data.draw(DAMAGES)))
        target = open_store(Path(folder) / "into.sqlite")
        done, told = copied(open_store(place, create=False), target)
        assert done.copied + done.damaged == 3
        assert len(told) == done.damaged
        for entry in target.entries():  # and each is sound
            assert entry in ENTRIES
        target.close()


def test_a_false_name_for_a_reply_is_seen(tmp_path: Path):
    """The checksum is right for the content, but the key is another request's."""
    place = tmp_path / "recorded"
    filled(place, *ENTRIES[:2]).close()
    first, second = (next(place.glob(f"a{number}-0-*")) for number in range(2))
    forged = json.loads(first.read_text()) | {"key": json.loads(second.read_text())["key"]}
    second.write_text(json.dumps(forged))
    done, _ = copied(open_store(place), target := open_store(tmp_path / "into.sqlite"))
    assert (done.copied, done.damaged) == (1, 1)
    assert target.get(ENTRIES[1].key) is None


def test_killed_in_the_middle_it_goes_on_where_it_stood(place: Path, other: Path):
    source = filled(place)
    for number in range(100, 400):
        source.put(Entry(a_request(f"Text {number}", article=f"a{number}"), a_reply()))
    source.close()
    code = """
    from quotes.cache.selection import Selection
    from quotes.cache.transfer import copy_entries
    print("ready", flush=True)
    copy_entries(open_store(place), open_store(Path(sys.argv[2])), Selection(), print)
    """
    process = start(code, place, other)
    assert process.stdout is not None
    process.stdout.readline()
    while not other.exists():
        assert process.poll() is None
    process.kill()
    process.communicate()
    target = open_store(other)
    before = len(list(target.entries()))
    done, told = copied(open_store(place), target)
    assert (done.copied, done.there, told) == (305 - before, before, [])
    assert [problem for problem in inspection.verify(target) if "interrupted" not in problem.what] == []
