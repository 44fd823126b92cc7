"""What the schema of a pack refers to: itself alone, so that checking an answer opens no file and no connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERRING: Final = ("$ref", "$dynamicRef")
_NAMING: Final = ("$anchor", "$dynamicAnchor")
_REFUSED: Final = {
    "$id": "gives itself another address",
    "$recursiveRef": "is of another dialect",
    "$vocabulary": "is of another dialect",
}


def outside_reference(schema: Any) -> str | None:
    """What of *schema* leads, or could lead, out of it, or nowhere within it; ``None`` if nothing does."""
    anchors = {value for name, value in _strings(schema) if name in _NAMING}
    for name, value in _strings(schema):
        if name in _REFUSED:
            return f"{name} {_REFUSED[name]}: {value}"
        if name == "$schema" and value.rstrip("#") != DIALECT:
            return f"$schema is another dialect than {DIALECT}: {value}"
        if name in _REFERRING and not value.startswith("#"):
            return f"{name} leads out of it: {value}"
        if name in _REFERRING and not _leads_somewhere(schema, value[1:], anchors):
            return f"{name} leads nowhere: {value}"
    return None


def _strings(schema: Any) -> Iterator[tuple[str, str]]:
    """Every key with a string for its value, at any depth.

    Also where it stands in data, as within an ``enum``: to a schema that is refused for it nothing is lost.
    """
    below = [schema]
    while below:
        node = below.pop()
        if isinstance(node, Mapping):
            yield from ((name, value) for name, value in node.items() if isinstance(value, str))
            below.extend(node.values())
        elif isinstance(node, list):
            below.extend(node)


def _leads_somewhere(schema: Any, fragment: str, anchors: set[str]) -> bool:
    """Whether *fragment* (without its ``#``) is one of *anchors*, or a JSON pointer to a part of *schema*."""
    if not fragment.startswith("/"):
        return not fragment or fragment in anchors
    node = schema
    for part in unquote(fragment)[1:].split("/"):
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            return False
    return isinstance(node, Mapping | bool)
