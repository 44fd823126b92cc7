"""What can be asked about a store."""

from pathlib import Path

import pytest
from sample_calls import a_reply, a_request

from quotes.cache import Entry, Store, inspection, open_store
from quotes.errors import UsageError
from quotes.exchange import Usage


def filled(place: Path, *calls: tuple[str, str]) -> Store:
    store = open_store(place)
    for text, content in calls:
        store.put(Entry(a_request(text, article=text), a_reply(content)))
    return store


def test_info_counts(place: Path):
    store = filled(place, ("a", "1"), ("b", "2"))
    store.put(Entry(a_request("a", chunk=1, article="a", seed=1), a_reply("", outcome="truncated", model=None)))
    store.merge_manifest({"model": "sample-1b"})
    found = inspection.info(store)
    assert (found.entries, found.articles, found.kind) == (3, 2, store.kind)
    assert found.usage == Usage(3, 120, 21, 9)
    assert found.models == {"sample-1b": 1, "sample-1b-q4": 2}
    assert found.outcomes == {"complete": 2, "truncated": 1}
    assert found.manifest["model"] == "sample-1b"
    assert found.size > 1000


def test_rows_say_what_each_call_was(place: Path):
    (row,) = inspection.rows(filled(place, ("a", "1")))
    assert (row.article, row.chunk, row.model, row.outcome) == ("a", 0, "sample-1b-q4", "complete")
    assert (row.prompt_tokens, row.completion_tokens) == (40, 7)
    assert row.key.startswith(row.key8)


def test_an_entry_is_shown_by_the_beginning_of_its_key(place: Path):
    store = filled(place, ("a", "1"))
    (key,) = store.keys()
    assert inspection.show(store, key[:6]).reply.content == "1"
    assert inspection.show(store, f" {key.upper()} ").key == key


@pytest.mark.parametrize("prefix", ["", "zzzz", "0" * 64])
def test_a_prefix_that_fits_nothing_is_wrong_usage(place: Path, prefix: str):
    with pytest.raises(UsageError, match="no key begins with"):
        inspection.show(filled(place, ("a", "1")), prefix)


def test_a_prefix_that_fits_several_is_wrong_usage(place: Path):
    store = filled(place, *((str(number), "") for number in range(17)))
    doubled = next(d for d in "0123456789abcdef" if len(list(store.keys(d))) > 1)
    with pytest.raises(UsageError, match="give more digits"):
        inspection.show(store, doubled)


def test_two_entries_are_compared_in_request_and_reply():
    first, second = Entry(a_request("a"), a_reply("1\n2")), Entry(a_request("b"), a_reply("1\n3"))
    assert inspection.diff(first, second) == ("messages[3] (user): 'a' → 'b'", "reply.content: line 2 '2' → '3'")
    assert inspection.diff(first, first) == ()


def test_two_stores_are_compared_whatever_their_kind(tmp_path: Path):
    first = filled(tmp_path / "one.sqlite", ("both", "1"), ("changed", "old"), ("gone", ""))
    second = filled(tmp_path / "two", ("both", "1"), ("changed", "new"), ("come", ""))
    found = inspection.diff_stores(first, second)
    assert [row.article for row in found.only_first] == ["gone"]
    assert [row.article for row in found.only_second] == ["come"]
    assert [(change.article, change.differences) for change in found.changed] == [
        ("changed", ("reply.content: 'old' → 'new'",))
    ]
    assert found
    assert not inspection.diff_stores(first, first)
