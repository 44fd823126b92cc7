"""The form of an answer: the quick yes agrees with jsonschema, whatever the schema and the value."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, SchemaError

from quotes.prompting import load_pack, packaged_packs
from quotes.prompting.form import Form

NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 1.0, -2.0, 1e300, float("nan")]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.sampled_from(["", "a", "said", "person", "😀"]))
NAMES = st.sampled_from(["at", "cue", "who"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas of the keywords that are known to the quick check, most of them sound."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=3, unique=True)),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans(),
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "enum": st.lists(VALUES, max_size=4),
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "minimum": st.integers(-2, 2),
            "maximum": st.one_of(st.integers(-2, 2), st.just(1.5)),
            "title": st.just("a title"),
        },
    )


SCHEMAS: st.SearchStrategy[Any] = st.recursive(st.just({}), _schemas, max_leaves=6)
KEYWORDS = (
    *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "minItems", "maxItems"),
    *("minLength", "maxLength", "minimum", "maximum", "title", "$schema"),
)
BAD = st.sampled_from([None, -1, "x", [], ["x", "x"], {"type": 3}, [1], 1.5, True])


@given(schema=SCHEMAS, value=VALUES)
@example(schema={"enum": [1]}, value=True)
@example(schema={"enum": [0]}, value=False)
@example(schema={"type": "integer"}, value=1.0)
@example(schema={"enum": [1.0]}, value=1)
def test_a_value_breaks_a_form_exactly_where_jsonschema_says_so(schema: dict[str, Any], value: Any) -> None:
    expected = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    found = Form(schema).problem(value)
    assert (found is None) == (expected is None)
    assert expected is None or (found is not None and found.message == expected.message)


@given(schema=SCHEMAS, keyword=st.sampled_from(KEYWORDS), bad=BAD)
def test_what_a_quick_check_is_made_of_is_a_json_schema(schema: dict[str, Any], keyword: str, bad: Any) -> None:
    form = Form({**schema, keyword: bad})
    expected = None
    try:
        Draft202012Validator.check_schema({**schema, keyword: bad})
    except SchemaError as error:
        expected = error.message
    assert form.fault == expected


@pytest.mark.parametrize("pack", packaged_packs())
def test_the_shipped_schemas_are_checked_without_jsonschema(pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("jsonschema", "referencing"):
        monkeypatch.setitem(sys.modules, module, None)
    shipped = load_pack(pack)
    assert shipped.form.fault is None
    for example_ in shipped.examples:
        assert shipped.form.problem(example_.answer) is None
    for judged in shipped.judged:
        assert shipped.form.problem(judged.answer) is None


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a field is missing": lambda item: item.pop("cue"),
    "a field too many": lambda item: item.update(more=1),
    "two kinds of speaker": lambda item: item["who"].update(group=1),
    "no kind of speaker": lambda item: item["who"].clear(),
    "a line in words": lambda item: item.update(at="one"),
    "a line in half": lambda item: item.update(at=1.5),
    "a line that is true": lambda item: item.update(at=True),
    "a piece that is nothing": lambda item: item["said"].append(None),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_answer_is_told_as_jsonschema_tells_it(spoil: Callable[[dict[str, Any]], Any]) -> None:
    pack = load_pack()
    item = {"at": 1, "cue": "said", "speaker": "she", "who": {"person": 1}, "said": [1, "the pier"]}
    answer = {"attributions": [copy.deepcopy(item), copy.deepcopy(item)], "not_quotes": []}
    assert pack.form.problem(answer) is None
    spoil(answer["attributions"][1])
    found = pack.form.problem(answer)
    expected = next(iter(Draft202012Validator(pack.schema).iter_errors(answer)))
    assert found is not None
    assert (found.json_path, found.message) == (expected.json_path, expected.message)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"type": "string", "pattern": "a"},
        {"items": True},
        {"$schema": "http://json-schema.org/draft-04/schema"},
    ],
)
def test_what_is_not_known_is_left_to_jsonschema(schema: dict[str, Any]) -> None:
    assert not Form(schema).is_plain
