"""The strict subset: shipped schemas are in it, and what is not is placed."""

from __future__ import annotations

from typing import Any

import pytest

from quotes.prompting import load_pack, packaged_packs
from quotes.prompting.strictness import MOST_ENUM_VALUES, MOST_LEVELS, MOST_PROPERTIES, strict_faults


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = _object(a=schema)
    return schema


@pytest.mark.parametrize("name", packaged_packs())
def test_a_shipped_schema_is_strict(name: str) -> None:
    assert list(strict_faults(load_pack(name).schema)) == []


@pytest.mark.parametrize(
    ("schema", "place", "what"),
    [
        ({"type": "array", "items": {"type": "string"}}, "$", "the root is no object"),
        (_object() | {"anyOf": [_object()]}, "$", "the root is an anyOf"),
        (True, "$", "the root is no object"),
        (_object(a=_object(b={"type": "string"}) | {"required": []}), "$.properties.a", "not every key is required: b"),
        (_object(a={"type": "object", "properties": {}}), "$.properties.a", "additionalProperties is not false"),
        (_object(a={"allOf": [{"type": "string"}]}), "$.properties.a", "allOf is refused"),
        (_object(a={"type": "string", "not": {"const": "x"}}), "$.properties.a", "not is refused"),
        (_object() | {"patternProperties": {}}, "$", "patternProperties is refused"),
        (_object(a={"type": "string", "minLength": 1}), "$.properties.a", "minLength is no keyword it knows"),
        (_object(a={"type": "array"}), "$.properties.a", "items is missing"),
        (_object(a={}), "$.properties.a", "says nothing of its form"),
        (
            _object(a={"anyOf": [_object(b={"type": "string"}), _object(b={"type": "integer"})]}),
            "$.properties.a",
            "several objects of its anyOf begin with the key b",
        ),
        (_nested(MOST_LEVELS + 1), "$", "11 levels of objects are more than 10"),
        (
            _object(a={"type": "integer", "enum": list(range(MOST_ENUM_VALUES + 1))}),
            "$",
            "1,001 enum values are more than 1,000",
        ),
        (
            _object(a={"type": "string", "enum": [f"{number:060}" for number in range(251)]}),
            "$.properties.a",
            "15,060 characters in one enum are more than 15,000",
        ),
        (
            _object(**{f"p{number}": {"type": "string"} for number in range(MOST_PROPERTIES + 1)}),
            "$",
            "5,001 properties are more than 5,000",
        ),
        (
            _object(a={"$ref": "#/$defs/x"}) | {"$defs": {"x": {"type": "object", "additionalProperties": True}}},
            "$.$defs.x",
            "additionalProperties is not false",
        ),
    ],
)
def test_what_is_refused_is_placed(schema: Any, place: str, what: str) -> None:
    assert (place, what) in [(one, said.partition(" (")[0]) for one, said in strict_faults(schema)]


def test_the_limits_themselves_are_taken() -> None:
    assert list(strict_faults(_nested(MOST_LEVELS))) == []
    assert list(strict_faults(_object(a={"type": "integer", "enum": list(range(MOST_ENUM_VALUES))}))) == []


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = _object(a={"anyOf": [{"$ref": "#"}, {"type": "null"}]}, b={"type": "array", "items": {"$ref": "#"}})
    assert list(strict_faults(schema)) == []
