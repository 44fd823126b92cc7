"""Options in words: what shaped the records of an unfinished run, kept so that another one can say what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from quotes.exchange import canonical_json

Flat: TypeAlias = dict[str, str | int | float | bool | None]

_NAMES: Final[Mapping[str, str]] = {
    "label": "endpoint",
    "schema_style": "schema",
    "with_text": "text",
    "types": "type",
    "pack": "prompt",
}
"""What people call it, where that is another word."""

_UNSAID: Final = frozenset({"digest"})
"""What another one says already: a pack's name ends in its hash."""

_MOST: Final = 60
"""Characters of a value that are shown."""


def flat(shape: Mapping[str, Any]) -> Flat:
    """*shape* with every value a scalar: lists of words are joined, whatever is deeper becomes a short hash."""
    return {_NAMES.get(name, name): _scalar(value) for name, value in shape.items() if name not in _UNSAID}


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two flat forms, each as ``model was gpt-a, now gpt-b``, in the order of *now*."""
    names = dict.fromkeys((*now, *then))
    return [
        f"{name} was {_shown(then.get(name))}, now {_shown(now.get(name))}"
        for name in names
        if then.get(name) != now.get(name)
    ]


def _scalar(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return " ".join(value) or None
    return hashlib.sha256(canonical_json(value)).hexdigest()[:8] if value else None


def _shown(value: Any) -> str:
    """*value* as it is said; a whole number without its point, for 0 and 0.0 are one temperature."""
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    words = " ".join(str(value).split())
    return words if len(words) <= _MOST else words[: _MOST - 1] + "…"
