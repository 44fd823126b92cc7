"""The strict subset: what of a JSON Schema endpoints refuse that enforce one token by token.

The rules and limits are those that OpenAI documents for Structured Outputs (its guide, section "Supported schemas");
other endpoints with ``strict`` ask for the same or less. Where a schema is refused a run goes down to a looser form, so
that nothing here keeps a pack from being used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MOST_PROPERTIES: Final = 5_000
MOST_LEVELS: Final = 10
MOST_ENUM_VALUES: Final = 1_000
MOST_CHARACTERS: Final = 120_000
"""Characters of all names of properties and definitions, and of all values of ``enum`` and ``const``, together."""
LARGE_ENUM: Final = 250
"""Values of one ``enum`` beyond which its strings have a limit of their own."""
MOST_ENUM_CHARACTERS: Final = 15_000

_REFUSED: Final = frozenset(
    ("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties")
)
_TAKEN: Final = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const", "$ref", "$defs"),
        *("definitions", "description", "title", "pattern", "format", "multipleOf", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
    }
)


@dataclass(slots=True)
class _Size:
    """What all parts of a schema come to together."""

    properties: int = 0
    enum_values: int = 0
    characters: int = 0
    seen: set[int] = field(default_factory=set)


def strict_faults(schema: Any) -> Iterator[tuple[str, str]]:
    """What of *schema* strict endpoints refuse, each with its place as ``$.properties.name``, the root's first."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        yield "$", "the root is no object"
    if isinstance(schema, Mapping) and "anyOf" in schema:
        yield "$", "the root is an anyOf"
    size = _Size()
    yield from _faults(schema, schema, "$", size)
    for count, most, what in (
        (size.properties, MOST_PROPERTIES, "properties"),
        (_levels(schema, schema, {}), MOST_LEVELS, "levels of objects"),
        (size.enum_values, MOST_ENUM_VALUES, "enum values"),
        (size.characters, MOST_CHARACTERS, "characters of names and enum values"),
    ):
        if count > most:
            yield "$", f"{count:,} {what} are more than {most:,}"


def _levels(root: Any, node: Any, known: dict[int, int]) -> int:
    """How many objects of *node* stand within each other; one that holds itself counts once."""
    if not isinstance(node, Mapping):
        return 0
    if id(node) not in known:
        known[id(node)] = 0
        below = (part for name, part in _below(root, node) if not name.startswith(("$defs", "definitions")))
        known[id(node)] = _is_a("object", node) + max((_levels(root, part, known) for part in below), default=0)
    return known[id(node)]


def _faults(root: Any, node: Any, place: str, size: _Size) -> Iterator[tuple[str, str]]:
    if not isinstance(node, Mapping):
        yield place, "says nothing of its form"
        return
    if id(node) in size.seen:
        return
    size.seen.add(id(node))
    for keyword in node:
        if keyword in _REFUSED:
            yield place, f"{keyword} is refused"
        elif keyword not in _TAKEN:
            yield place, f"{keyword} is no keyword it knows"
    if not node.keys() & {"type", "$ref", "anyOf", "enum", "const"}:
        yield place, "says nothing of its form"
    yield from _object_faults(node, place, size)
    yield from _value_faults(node, place, size)
    for name, below in _below(root, node):
        yield from _faults(root, below, f"{place}.{name}", size)


def _is_a(kind: str, node: Mapping[str, Any]) -> bool:
    said = node.get("type")
    return said == kind or (isinstance(said, list) and kind in said)


def _object_faults(node: Mapping[str, Any], place: str, size: _Size) -> Iterator[tuple[str, str]]:
    properties = node.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    size.properties += len(properties)
    size.characters += sum(map(len, properties))
    if _is_a("object", node) or properties:
        if node.get("additionalProperties") is not False:
            yield place, "additionalProperties is not false"
        if optional := [name for name in properties if name not in node.get("required", ())]:
            yield place, f"not every key is required: {', '.join(optional)}"
    if _is_a("array", node) and "items" not in node:
        yield place, "items is missing"


def _value_faults(node: Mapping[str, Any], place: str, size: _Size) -> Iterator[tuple[str, str]]:
    values = node.get("enum")
    values = values if isinstance(values, Sequence) else ()
    size.enum_values += len(values)
    size.characters += (characters := sum(len(value) for value in values if isinstance(value, str)))
    size.characters += len(node["const"]) if isinstance(node.get("const"), str) else 0
    if len(values) > LARGE_ENUM and characters > MOST_ENUM_CHARACTERS:
        yield place, f"{characters:,} characters in one enum are more than {MOST_ENUM_CHARACTERS:,}"
    firsts = [next(iter(variant["properties"]), None) for variant in _variants(node)]
    if twice := sorted({str(first) for first in firsts if first is not None and firsts.count(first) > 1}):
        yield place, f"several objects of its anyOf begin with the key {twice[0]}"


def _variants(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    variants = node.get("anyOf")
    variants = variants if isinstance(variants, list) else []
    return [one for one in variants if isinstance(one, Mapping) and isinstance(one.get("properties"), Mapping)]


def _below(root: Any, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parts of *node*, each with the way to it; what it refers to is a part too."""
    for keyword in ("$defs", "definitions", "properties"):
        if isinstance(parts := node.get(keyword), Mapping):
            yield from ((f"{keyword}.{name}", part) for name, part in parts.items())
    if "items" in node:
        yield "items", node["items"]
    if isinstance(variants := node.get("anyOf"), list):
        yield from ((f"anyOf[{number}]", variant) for number, variant in enumerate(variants))
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target = root
        for step in reference[2:].split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
        if isinstance(target, Mapping):
            yield "$ref", target
