"""A record between two formats: what a reader gives, its keys in the order people read them, its canonical line."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from quotes.errors import RecordError
from quotes.record import halves_escaped, halves_replaced, may_hold_halves, record_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

AGAIN: Final = "write it again with quotes convert or quotes extract"
"""What to do about a file of records that is damaged."""


class StoredValue(NamedTuple):
    """The JSON of one record, unchecked, its keys in any order. *where* names file and place in messages."""

    value: Mapping[str, Any]
    where: str


FoundValue = StoredValue | RecordError


def canonical(value: Mapping[str, Any]) -> dict[str, Any]:
    """*value*, a sound record, with its keys in the order of the schema; metadata and rejected items stay as they are.

    >>> list(canonical({"quotes": [], "id": "a", "schema": "quotes/1"}))
    ['schema', 'id', 'quotes']
    """
    record: dict[str, Any] = _ordered(value, _order())
    return record


def canonical_line(value: Mapping[str, Any]) -> str:
    """The one line of JSON that the record *value* is written as, whatever format it comes from."""
    return json_cell(canonical(value))


def holds_half_characters(line: str) -> bool:
    """Whether the record in *line* may hold half a surrogate pair, which only JSON can carry, as an escape."""
    return may_hold_halves(line)


def storable(value: Any) -> Any:
    """*value* with every half of a surrogate pair replaced: for formats whose strings are UTF-8."""
    return json.loads(halves_replaced(json.dumps(value, ensure_ascii=False)))


def json_cell(value: Any) -> str:
    """*value* as one line of JSON, halves of surrogate pairs as escapes."""
    return halves_escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _ordered(value: Any, order: Any) -> Any:
    if isinstance(order, dict):
        return {
            key: value[key] if inner is None else _ordered(value[key], inner)
            for key, inner in order.items()
            if key in value
        }
    return [_ordered(item, order[0]) for item in value]


@cache
def _order() -> dict[str, Any]:
    """The keys of a record in their order: of a list of objects a list with theirs, of other values ``None``."""
    order: dict[str, Any] = _order_of(record_schema())
    return order


def _order_of(schema: Mapping[str, Any]) -> Any:
    if "properties" in schema:
        return {key: _order_of(inner) for key, inner in schema["properties"].items()}
    inner = _order_of(schema["items"]) if "items" in schema else None
    return None if inner is None else [inner]
