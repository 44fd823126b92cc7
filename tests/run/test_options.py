"""Options in words: what differs between two runs is named, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quotes.run.options import differences, flat

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False)
values = scalars | st.lists(st.text(max_size=3), max_size=3) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)
shapes = st.dictionaries(st.sampled_from(["model", "label", "pack", "types", "trust", "temperature"]), values)


def test_a_difference_is_said_in_the_words_of_the_options() -> None:
    then = {"model": "gpt-a", "label": "api.example.org", "types": [], "temperature": 0.0, "with_text": True}
    now = {"model": "gpt-a", "label": "local", "types": ["direct", "mixed"], "temperature": None, "with_text": False}
    assert differences(flat(then), flat(now)) == [
        "endpoint was api.example.org, now local",
        "type was not given, now direct mixed",
        "temperature was 0, now not given",
        "text was on, now off",
    ]


def test_what_only_one_of_them_has_is_a_difference_too() -> None:
    assert differences({"seed": 3}, {"effort": "low"}) == ["effort was not given, now low", "seed was 3, now not given"]


def test_a_long_value_is_cut_short() -> None:
    (told,) = differences({"speaker": "a" * 200}, {"speaker": "b"})
    assert len(told) < 100


@given(shapes)
def test_every_value_is_a_scalar_that_json_keeps(shape: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(flat(shape)))
    assert differences(kept, flat(shape)) == []
    assert not any(isinstance(value, list | dict) for value in kept.values())
