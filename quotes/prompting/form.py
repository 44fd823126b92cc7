"""The form of an answer: of most values that have it that is told at once, and `jsonschema` decides about the rest.

Its validator takes twenty times as long, and more time to be imported than all else a short run does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from quotes.prompting.references import DIALECT

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

_Check: TypeAlias = Callable[[Any], bool]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),  # 1.0 is an integer too: it is left to jsonschema
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_ALL: Final = frozenset(one for types in _TYPES.values() for one in types)
_SCALARS: Final = frozenset({str, int, bool, type(None)})


class Form:
    """A JSON Schema (2020-12) that answers are held to. Nothing it refers to is ever fetched."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._is_surely_valid = _quick(schema)

    @property
    def is_plain(self) -> bool:
        """Whether it says nothing but what is known here: so it refers to nothing, and does not go round in circles."""
        return self._is_surely_valid is not None

    @property
    def fault(self) -> str | None:
        """Why the schema is no JSON Schema; ``None`` where it is one.

        Raises:
            RecursionError: it is nested too deeply to tell.
        """
        if self._is_surely_valid is not None:  # what `_quick` makes a check of is sound
            return None
        from jsonschema import SchemaError

        try:
            _ = self._validator
        except SchemaError as error:
            return str(error.message)
        return None

    def problem(self, value: Any) -> ValidationError | None:
        """The first thing in which *value*, which is JSON, breaks the schema; ``None`` where it keeps to it.

        Raises:
            RecursionError: *value* is nested too deeply, or the schema refers to itself without an end.
        """
        if self._is_surely_valid is not None and self._is_surely_valid(value):
            return None
        return next(iter(self._validator.iter_errors(value)), None)

    @cached_property
    def _validator(self) -> Validator:
        return build_validator(self._schema)


def build_validator(schema: Mapping[str, Any]) -> Validator:
    """A validator for *schema*: build it once, it costs ten times a validation. It never fetches what is referred to.

    Raises:
        jsonschema.SchemaError: *schema* is no JSON Schema.
    """
    from jsonschema import Draft202012Validator
    from referencing import Registry

    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=Registry())


class _NotKnownError(Exception):
    """A schema says something that is not known here, or in a way in which no schema says it."""


def _quick(schema: Any) -> _Check | None:
    """Whether a value is surely as *schema* says: no means that it may still be. ``None`` where that cannot be told."""
    try:
        return _checked(schema)
    except (_NotKnownError, RecursionError):
        return None


def _checked(schema: Any) -> _Check:
    """A check of values by their type: it answers no for every type that JSON has not."""
    _demand(isinstance(schema, dict) and schema.keys() <= _KNOWN)
    for keyword in _SAID & schema.keys():
        _demand(isinstance(schema[keyword], str))
    _demand(schema.get("$schema", DIALECT).rstrip("#") == DIALECT)
    types = _allowed(schema["type"]) if "type" in schema else _ALL
    checks: dict[type, list[_Check]] = {one: [] for one in types}
    for keyword, (of_types, make) in _KEYWORDS.items():
        if keyword in schema:
            check = make(schema[keyword])
            for one in of_types & types:
                checks[one].append(check)
    if not _OF_OBJECTS.isdisjoint(schema):
        check = _object(schema)
        if dict in checks:
            checks[dict].append(check)
    return _by_type({one: _all_of(parts) for one, parts in checks.items()})


def _by_type(checks: Mapping[type, _Check | None]) -> _Check:
    if len(checks) == 1:
        ((only, check),) = checks.items()
        return (lambda value: type(value) is only and check(value)) if check else (lambda value: type(value) is only)
    if not any(checks.values()):
        allowed = frozenset(checks)
        return lambda value: type(value) in allowed

    def holds(value: Any) -> bool:
        kind = type(value)
        return kind in checks and ((check := checks[kind]) is None or check(value))

    return holds


def _all_of(checks: list[_Check]) -> _Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda value: all(check(value) for check in checks)


def _allowed(names: Any) -> frozenset[type]:
    names = [names] if isinstance(names, str) else names
    _demand(isinstance(names, list) and bool(names) and all(isinstance(name, str) for name in names))
    _demand(len(set(names)) == len(names) and set(names) <= _TYPES.keys())
    return frozenset(one for name in names for one in _TYPES[name])


def _enum(values: Any) -> _Check:
    _demand(isinstance(values, list))
    choices = frozenset((type(value), value) for value in values if type(value) in _SCALARS)
    return lambda value: type(value) in _SCALARS and (type(value), value) in choices


def _any_of(schemas: Any) -> _Check:
    _demand(isinstance(schemas, list) and bool(schemas))
    checks = [_checked(schema) for schema in schemas]
    return lambda value: any(check(value) for check in checks)


def _items(schema: Any) -> _Check:
    check = _checked(schema)
    return lambda value: all(map(check, value))


def _least(bound: Any) -> _Check:
    _demand(type(bound) in (int, float))
    return lambda value: bool(value >= bound)


def _most(bound: Any) -> _Check:
    _demand(type(bound) in (int, float))
    return lambda value: bool(value <= bound)


def _no_shorter(bound: Any) -> _Check:
    _demand(type(bound) is int and bound >= 0)
    return lambda value: len(value) >= bound


def _no_longer(bound: Any) -> _Check:
    _demand(type(bound) is int and bound >= 0)
    return lambda value: len(value) <= bound


def _object(schema: Mapping[str, Any]) -> _Check:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    _demand(isinstance(properties, dict) and isinstance(required, list))
    _demand(all(isinstance(name, str) for name in required) and len(set(required)) == len(required))
    _demand(isinstance(schema.get("additionalProperties", True), bool))
    parts = {name: _checked(part) for name, part in properties.items()}
    needed = frozenset(required)
    closed = schema.get("additionalProperties") is False

    def holds(value: Mapping[str, Any]) -> bool:
        if not value.keys() >= needed:
            return False
        for name, one in value.items():
            if (check := parts.get(name)) is None:
                if closed:
                    return False
            elif not check(one):
                return False
        return True

    return holds


def _demand(holds: bool) -> None:
    if not holds:
        raise _NotKnownError


_NUMBERS: Final = frozenset((int, float))
_KEYWORDS: Final[Mapping[str, tuple[frozenset[type], Callable[[Any], _Check]]]] = {
    "enum": (_ALL, _enum),
    "anyOf": (_ALL, _any_of),
    "items": (frozenset({list}), _items),
    "minItems": (frozenset({list}), _no_shorter),
    "maxItems": (frozenset({list}), _no_longer),
    "minLength": (frozenset({str}), _no_shorter),
    "maxLength": (frozenset({str}), _no_longer),
    "minimum": (_NUMBERS, _least),
    "maximum": (_NUMBERS, _most),
}
"""The types whose values a keyword is about, and what makes a check of what it says."""
_OF_OBJECTS: Final = frozenset({"properties", "required", "additionalProperties"})
_SAID: Final = frozenset({"$schema", "title", "description"})
"""Keywords that check nothing."""
_KNOWN: Final = _KEYWORDS.keys() | _OF_OBJECTS | _SAID | {"type"}
