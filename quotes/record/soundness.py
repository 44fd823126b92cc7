"""Whether a value is as a JSON Schema says: a quick yes for the many that are, so that only doubts cost a validator.

The validator of `jsonschema` says what is wrong, and takes a hundred times as long: over a file of a hundred megabytes
that is a minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Check: TypeAlias = Callable[[Any], bool]

_TYPES: Final[Mapping[str, type]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "null": type(None),
}
_SAID: Final = frozenset({"$schema", "$id", "title", "description"})
"""Keywords that check nothing."""
_OF_ARRAYS: Final = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_OF_OBJECTS: Final = frozenset({"properties", "required", "additionalProperties"})


def quick_check(schema: Mapping[str, Any]) -> Check:
    """A function that says whether a value is sound under *schema*: where it says yes it is, else it may still be.

    Raises:
        ValueError: *schema* has a keyword that is not known here.
    """
    checks = [_types(schema["type"])] if "type" in schema else []
    checks += [make(schema[keyword]) for keyword, make in _SIMPLE.items() if keyword in schema]
    if not _OF_ARRAYS.isdisjoint(schema):
        checks.append(_array(schema))
    if not _OF_OBJECTS.isdisjoint(schema):
        checks.append(_object(schema))
    unknown = set(schema) - _SAID - _OF_ARRAYS - _OF_OBJECTS - set(_SIMPLE) - {"type"}
    if unknown:
        raise ValueError(f"the schema says {', '.join(sorted(unknown))}, which is not known here")
    if len(checks) == 1:
        return checks[0]
    return lambda value: all(check(value) for check in checks)


def _types(names: str | list[str]) -> Check:
    types = frozenset(_TYPES[name] for name in ([names] if isinstance(names, str) else names))
    return lambda value: type(value) in types


def _const(wanted: Any) -> Check:
    return lambda value: type(value) is type(wanted) and value == wanted


def _enum(wanted: list[str]) -> Check:
    choices = frozenset(wanted)
    return lambda value: type(value) is str and value in choices


def _minimum(least: int) -> Check:
    return lambda value: value is None or value >= least


def _least_length(least: int) -> Check:
    return lambda value: value is None or len(value) >= least


def _pattern(pattern: str) -> Check:
    found = re.compile(pattern).search
    return lambda value: found(value) is not None


_SIMPLE: Final[Mapping[str, Callable[[Any], Check]]] = {
    "const": _const,
    "enum": _enum,
    "minimum": _minimum,
    "minLength": _least_length,
    "pattern": _pattern,
}
"""Keywords of one value; those below need its type beside them, which is checked first."""


def _array(schema: Mapping[str, Any]) -> Check:
    item = quick_check(schema["items"]) if schema.get("items") else None
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    unique = schema.get("uniqueItems", False)

    def check(value: Any) -> bool:
        if value is None:
            return True
        if not least <= len(value) <= most or (item and not all(map(item, value))):
            return False
        return not unique or len(set(value)) == len(value)

    return check


def _object(schema: Mapping[str, Any]) -> Check:
    parts = {name: quick_check(part) for name, part in schema["properties"].items() if set(part) - _SAID}
    known = frozenset(schema["properties"])
    required = frozenset(schema.get("required", ()))
    open_to_others = schema.get("additionalProperties", True) is True

    def check(value: Any) -> bool:
        names = value.keys()
        if not (required <= names and (open_to_others or names <= known)):
            return False
        return all(part(value[name]) for name, part in parts.items() if name in value)

    return check
