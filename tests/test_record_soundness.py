"""The quick check of a record: what it calls sound the validator does too, and it has no doubt about what we write."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quotes.model import Extraction
from quotes.record import record_schema, to_json
from quotes.record.soundness import quick_check
from tests.formats import made
from tests.formats.samples import sample

quick = quick_check(record_schema())
validator = Draft202012Validator(record_schema())
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.0,
    1.5,
    "",
    "person",
    "x",
    [],
    [0],
    [0, 1],
    [0, True],
    [[0, 1]],
    [[0, 1.0]],
    {},
    {"a": 1},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within *value*, as the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


RECORD = json.loads(json.dumps(to_json(sample())))
PLACES = [place for place in places(RECORD) if place]


@given(made.extractions)
def test_no_record_of_ours_is_doubted(extraction: Extraction) -> None:
    assert quick(json.loads(json.dumps(to_json(extraction))))
    assert quick(json.loads(json.dumps(to_json(extraction, with_text=False))))


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([*ODD, "drop", "add", "twice"])), max_size=2))
def test_what_it_calls_sound_is_sound(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    value = copy.deepcopy(RECORD)
    for path, change in changes:
        try:
            changed(value, path, copy.deepcopy(change))
        except (KeyError, IndexError, TypeError, AttributeError):  # the other change has taken the place away
            continue
    assert not quick(value) or validator.is_valid(value)


def changed(value: Any, path: tuple[Any, ...], change: Any) -> None:
    *above, last = path
    for key in above:
        value = value[key]
    if change == "drop":
        del value[last]
    elif change == "add":
        value[last]["more"] = 1
    elif change == "twice":
        value[last] = value[last] * 2
    else:
        value[last] = change


@pytest.mark.parametrize("value", [None, [], "x", 1, {}])
def test_what_is_no_record_is_not_called_one(value: object) -> None:
    assert not quick(value)


def test_a_schema_it_does_not_understand_is_refused() -> None:
    with pytest.raises(ValueError, match="oneOf, which is not known here"):
        quick_check({"type": "object", "properties": {"a": {"oneOf": []}}})
