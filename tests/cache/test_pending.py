"""Requests that wait for somebody else's reply, kept beside the replies of both stores."""

import json
import sqlite3
from pathlib import Path

import pytest
from sample_calls import a_reply, a_request

from quotes.cache import Entry, inspection, open_store
from quotes.errors import CacheError
from quotes.exchange import Request

REQUESTS = [a_request(f"Text {number}.\n\u2028{number}", article=f"a{number}", chunk=number) for number in range(4)]
MANIFEST = {"model": "sample-1b", "settings": {"temperature": 0}}


def test_what_is_remembered_is_there_whole_in_a_later_opening(place: Path):
    store = open_store(place)
    store.pending.remember(REQUESTS, MANIFEST)
    store.close()
    later = open_store(place, create=False)
    for request in REQUESTS:
        waiting = later.pending.get(request.key)
        assert waiting is not None
        assert (waiting.request, waiting.manifest) == (request, MANIFEST)
    assert list(later.pending.keys()) == sorted(request.key for request in REQUESTS)
    later.close()


def test_a_store_nothing_was_exported_from_has_nothing_pending(place: Path):
    store = open_store(place)
    store.pending.forget([REQUESTS[0].key])
    assert list(store.pending.keys()) == []
    assert store.pending.get(REQUESTS[0].key) is None
    store.close()


def test_remembering_again_and_forgetting_twice_change_nothing(place: Path):
    store = open_store(place)
    for _ in range(2):
        store.pending.remember(REQUESTS, MANIFEST)
    for _ in range(2):
        store.pending.forget(request.key for request in REQUESTS[:3])
    assert list(store.pending.keys()) == [REQUESTS[3].key]
    store.close()


def test_endpoint_and_trial_are_kept(place: Path):
    store, other = open_store(place), Request(REQUESTS[0].body, "far.example", 5, "a0", 1)
    store.pending.remember([other], {})
    waiting = store.pending.get(other.key)
    assert waiting is not None
    assert waiting.request == other
    store.close()


def test_pending_requests_are_no_entries_and_disturb_none(place: Path):
    store, entry = open_store(place), Entry(REQUESTS[0], a_reply())
    store.put(entry)
    store.pending.remember(REQUESTS, MANIFEST)
    store.put(Entry(REQUESTS[1], a_reply()))
    assert list(store.keys()) == sorted(request.key for request in REQUESTS[:2])
    assert store.get(REQUESTS[2].key) is None
    assert inspection.verify(store) == ()
    store.close()


def test_the_folder_of_pending_requests_goes_with_the_last_of_them(tmp_path: Path):
    store = open_store(tmp_path / "recorded")
    store.pending.remember(REQUESTS, MANIFEST)
    store.pending.forget([request.key for request in REQUESTS])
    assert [path.name for path in (tmp_path / "recorded").iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("key", ["../manifest", "manifest", "", "/etc/hostname", "A" * 64])
def test_a_key_from_outside_reaches_no_other_file(place: Path, key: str):
    store = open_store(place)
    store.pending.remember(REQUESTS, MANIFEST)
    assert store.pending.get(key) is None
    store.close()


def test_damage_is_found_and_named(tmp_path: Path):
    key = REQUESTS[0].key
    for place in (tmp_path / "recorded", tmp_path / "replies.sqlite"):
        store = open_store(place)
        store.pending.remember(REQUESTS, MANIFEST)
        store.close()
    file = tmp_path / "recorded" / "pending" / f"{key}.json"
    fields = json.loads(file.read_text())
    fields["request"]["label"] = "elsewhere"
    file.write_text(json.dumps(fields))
    with sqlite3.connect(tmp_path / "replies.sqlite") as connection:
        connection.execute("UPDATE pending SET request = replace(request, 'local', 'elsewhere')")
    connection.close()
    for place in (tmp_path / "recorded", tmp_path / "replies.sqlite"):
        store = open_store(place)
        with pytest.raises(CacheError, match=f"pending request {key[:8]}: it does not give its key"):
            store.pending.get(key)
        store.close()
    file.write_text("[")
    with pytest.raises(CacheError, match="it is no pending request"):
        open_store(tmp_path / "recorded").pending.get(key)
