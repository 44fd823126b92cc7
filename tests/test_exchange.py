"""Keys: whatever of a body was made once and is shared, the key is that of the whole body as canonical JSON."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.cache.entry import digest, dumps
from quotes.cache.folding import fold, unfold
from quotes.exchange import KEY_VERSION, Request, Written, canonical_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\x7f\u2028…😀'), max_size=6)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=9,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)


def _some_written(value: Any, draw: st.DataObject) -> Any:
    """*value* with some of its objects, at any depth, as such that are written once."""
    if isinstance(value, list):
        return [_some_written(item, draw) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _some_written(item, draw) for name, item in value.items()}
    return Written(inner) if draw.draw(st.booleans()) else inner


@given(body=OBJECTS, label=TEXT, trial=st.integers(0, 3), data=st.data())
def test_a_key_is_that_of_the_whole_body(body: dict[str, Any], label: str, trial: int, data: st.DataObject) -> None:
    sent = {"version": KEY_VERSION, "endpoint": label, "body": body, "trial": trial}
    expected = hashlib.sha256(canonical_json(sent)).hexdigest()
    made = _some_written(body, data)
    assert Request(made, label, trial).key == expected
    assert canonical_json(made) == canonical_json(body)


@given(value=st.dictionaries(st.text(max_size=4), JSON | st.text(max_size=4), max_size=4))
def test_what_is_written_once_is_written_as_ever(value: dict[str, Any]) -> None:
    written = Written(value)
    assert written == value
    assert written.plain == json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert written.canonical == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert written.digest == digest(value)
    assert dumps(written) == dumps(value)


@given(texts=st.lists(TEXT, min_size=1, max_size=3), schema=OBJECTS)
def test_a_body_of_shared_parts_is_folded_as_any(texts: list[str], schema: dict[str, Any]) -> None:
    messages = [{"role": "user", "content": text} for text in texts]
    form = {"type": "json_schema", "json_schema": {"name": "quotes", "schema": schema}}
    shared_form = {"type": "json_schema", "json_schema": {"name": "quotes", "schema": Written(schema)}}
    plain = {"messages": messages, "response_format": form}
    shared = {"messages": [*map(Written, messages[:-1]), messages[-1]], "response_format": shared_form}
    assert fold(shared) == fold(plain)
    folded, parts = fold(shared)
    assert unfold(folded, parts.__getitem__) == plain


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value)), dict])
def test_a_copy_may_be_changed_and_the_shared_object_may_not(copied: Any) -> None:
    shared = Written({"role": "user"})
    other = copied(shared)
    other["role"] = "system"
    assert type(other) is dict
    assert shared == {"role": "user"}
    with pytest.raises(TypeError, match="change a copy"):
        shared["role"] = "system"
    with pytest.raises(TypeError, match="change a copy"):
        shared |= {"role": "system"}
