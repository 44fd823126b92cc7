"""Folding: a request body without what it shares with others, so that instructions and schema are stored once.

Every message but the last (instructions, examples) and every schema become ``{"$shared": hash}``; the
last message's text becomes lines. Unfolding gives back an equal body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from quotes.cache.entry import DamageError, digest
from quotes.exchange import Written

SHARED = "$shared"
LINES = "$lines"
_SCHEMA_NAMES = ("schema", "parameters")
_REFERENCE = re.compile(r'"\$shared":\s*"(\w+)"')
_KEPT = 256  # shared parts in memory: a run whose schemas are made for each chunk has as many as it has chunks


class Parts(dict[str, Any]):
    """Shared parts by hash, those read last; the first of them makes room for one too many."""

    def __setitem__(self, name: str, value: Any) -> None:
        """Keep *value*."""
        if len(self) >= _KEPT:
            del self[next(iter(self))]
        super().__setitem__(name, value)


def fold(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """*body* with its shared parts replaced by their hashes, and those parts by hash."""
    shared: dict[str, Any] = {}

    def share(value: Any) -> dict[str, str]:
        name = _part_name(value)
        shared[name] = value
        return {SHARED: name}

    folded = dict(body)
    messages = folded.get("messages")
    if isinstance(messages, (list, tuple)) and messages:
        folded["messages"] = [_fold_content(message, share) for message in messages[:-1]]
        folded["messages"].append(_fold_content(messages[-1], lambda text: {LINES: lines_of(text)}))
    for place in ("response_format", "tools"):
        if place in folded:
            folded[place] = _fold_schemas(folded[place], share)
    return folded, shared


def unfold(folded: Any, load: Callable[[str], Any]) -> dict[str, Any]:
    """The body *folded* was made of; *load* gives the shared part of a hash.

    Raises:
        DamageError: *folded* is no folded body.
    """
    if not isinstance(folded, dict):
        raise DamageError("the request's body is no JSON object")
    body = dict(folded)
    if isinstance(body.get("messages"), list):
        body["messages"] = [_unfold_content(message, load) for message in body["messages"]]
    for place in ("response_format", "tools"):
        if place in body:
            body[place] = _unfold_schemas(body[place], load)
    return body


def is_name_of_part(name: str, value: Any) -> bool:
    """Whether *value*, as it was read, is the shared part that *name* stands for."""
    try:
        return _part_name(value) == name
    except (ValueError, RecursionError):  # it holds what no part does, as NaN
        return False


def parts_named_in(text: str) -> set[str]:
    """The hashes of the shared parts that the JSON in *text*, sound or not, refers to."""
    return set(_REFERENCE.findall(text))


def lines_of(text: str) -> list[str]:
    r"""*text* as lines for a reviewer's eye: cut at ``\n`` only, so that joining them gives *text* exactly."""
    return text.split("\n")


def text_of(lines: Any) -> str:
    """The text ``lines_of`` cut into *lines*.

    Raises:
        DamageError: *lines* is no list of texts.
    """
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise DamageError("a text is no list of lines")
    return "\n".join(lines)


def _part_name(value: Any) -> str:
    if isinstance(value, Written):
        return value.digest[:16]
    return _name_of_text(value) if isinstance(value, str) else digest(value)[:16]


@lru_cache(maxsize=_KEPT)
def _name_of_text(text: str) -> str:
    """Instructions and examples are the same objects in request after request."""
    return digest(text)[:16]


def _fold_content(message: Any, replace: Callable[[str], dict[str, Any]]) -> Any:
    if isinstance(message, Mapping) and isinstance(message.get("content"), str):
        return {**message, "content": replace(message["content"])}
    return message


def _unfold_content(message: Any, load: Callable[[str], Any]) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, dict):
        return message
    if content.keys() == {SHARED}:
        return {**message, "content": load(_name(content))}
    if content.keys() == {LINES}:
        return {**message, "content": text_of(content[LINES])}
    return message


def _fold_schemas(value: Any, share: Callable[[Any], dict[str, str]]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_fold_schemas(item, share) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: share(item) if name in _SCHEMA_NAMES and isinstance(item, Mapping) else _fold_schemas(item, share)
        for name, item in value.items()
    }


def _unfold_schemas(value: Any, load: Callable[[str], Any]) -> Any:
    if isinstance(value, list):
        return [_unfold_schemas(item, load) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {SHARED}:
        return load(_name(value))
    return {name: _unfold_schemas(item, load) for name, item in value.items()}


def _name(reference: Mapping[str, Any]) -> str:
    name = reference[SHARED]
    if not isinstance(name, str) or not name.isalnum():
        raise DamageError("a shared part is named by no hash")
    return name
