"""Log-probabilities in both stores, and entries from before there were any."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_calls import a_reply, a_request

from quotes.cache import Entry, open_store
from quotes.cache.entry import DamageError, checksum, reply_from_json, reply_to_json
from quotes.cache.inspection import diff
from quotes.exchange import Logprobs

WEIGHED: Logprobs = ((('{"said": "', -0.0053),), (("yes", -0.2276), ("no", -1.61)))

TOKENS = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\u2028\ud83d\x00")), max_size=4)
LOGPROBS = st.lists(
    st.dictionaries(TOKENS, st.floats(-9999, 0).map(lambda value: round(value, 4) + 0.0), max_size=4).map(
        lambda token: tuple(token.items())
    ),
    max_size=5,
).map(tuple)


@given(LOGPROBS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_log_probabilities_survive_both_stores_exactly(logprobs: Logprobs) -> None:
    entry = Entry(a_request(), a_reply(logprobs=logprobs))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("folder", "a.sqlite"):
            store = open_store(Path(folder) / name)
            store.put(entry)
            store.close()
            again = open_store(Path(folder) / name, create=False)
            assert again.get(entry.key) == entry
            assert list(again.verify()) == []
            again.close()


def test_an_entry_from_before_there_were_any_keeps_its_checksum() -> None:
    entry = Entry(a_request(), a_reply())
    fields = reply_to_json(entry.reply)
    assert list(fields) == ["content", "outcome", "finish_reason", "model", "fingerprint", "usage", "detail"]
    stored = json.dumps(
        [entry.key, entry.request.article, entry.request.chunk, fields], sort_keys=True, separators=(",", ":")
    )
    assert checksum(entry) == hashlib.sha256(stored.encode("ascii")).hexdigest()
    assert reply_from_json(fields) == entry.reply


def test_they_are_read_line_by_line_in_a_fixture(tmp_path: Path) -> None:
    open_store(tmp_path).put(Entry(a_request(), a_reply(logprobs=WEIGHED)))
    text = next(tmp_path.glob("news-*")).read_text(encoding="utf-8")
    assert '\n        "yes": -0.2276,\n        "no": -1.61\n' in text


def test_a_changed_one_is_damage(tmp_path: Path) -> None:
    store, entry = open_store(tmp_path), Entry(a_request(), a_reply(logprobs=WEIGHED))
    store.put(entry)
    file = next(tmp_path.glob("news-*"))
    file.write_text(file.read_text(encoding="utf-8").replace("-0.2276", "-0.2277"), encoding="utf-8")
    assert [problem.what for problem in store.verify()] == ["is damaged: the reply does not fit its checksum"]


@pytest.mark.parametrize(
    "value",
    [None, {}, "yes", [[["yes", -0.1]]], [{"yes": "-1"}], [{"yes": True}], [{"yes": 0.5}], [{"no": -(10**400)}]],
)
def test_what_is_none_is_damage(value: Any) -> None:
    fields = reply_to_json(a_reply()) | {"logprobs": value}
    with pytest.raises(DamageError, match="logprob"):
        reply_from_json(fields)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_number_that_json_has_not_is_damage(value: float) -> None:
    with pytest.raises(DamageError, match="something else than log-probabilities"):
        reply_from_json(reply_to_json(a_reply()) | {"logprobs": [{"yes": value}]})


def test_two_entries_that_differ_in_them_alone_differ() -> None:
    plain, weighed = Entry(a_request(), a_reply()), Entry(a_request(), a_reply(logprobs=WEIGHED))
    (difference,) = diff(plain, weighed)
    assert difference.startswith("reply.logprobs: None → ")
