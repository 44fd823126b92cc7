"""The manifest of a store: what it remembers of the run that filled it, so that a replay needs no other option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from quotes.errors import CacheError
from quotes.prompting import PromptSettings
from quotes.prompting.dialect import Dialect
from quotes.run.settings import FOR_CHUNKS, Asked

NUMBERS: Final = ("chunk_tokens", "context_tokens", "max_output_tokens", "temperature")
"""The numbers of `PromptSettings` that options set."""


def manifest_of(backend: Asked, pack: str, prompt: PromptSettings) -> dict[str, Any]:
    """What a replay must know of a run that asks as *prompt* says with the pack named *pack*."""
    shape = {**{name: getattr(prompt, name) for name in NUMBERS}, "schema": prompt.schema_style}
    if backend == "judge":
        shape = {name: value for name, value in shape.items() if name not in FOR_CHUNKS}
    if asked := prompt.dialect.to_json():
        shape["dialect"] = asked
    return {
        "backend": backend,
        "endpoint": prompt.label,
        "model": prompt.model,
        "prompt": pack,
        "prompt_id": prompt.pack.id,
        "settings": shape,
    }


def recorded(manifest: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """The value of *name*, ``None`` where it is not there.

    Raises:
        CacheError: it is not of *kind*.
    """
    value = manifest.get(name)
    if value is not None and not isinstance(value, kind):
        raise _damaged(name)
    return value


def number(settings: Mapping[str, Any], name: str) -> int | float | None:
    """The number *name* of the manifest's *settings*, which have it.

    Raises:
        CacheError: it is none.
    """
    value = settings[name]
    if value is None and name == "temperature":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _damaged(f"settings.{name}")
    return value


def asked_dialect(settings: Mapping[str, Any]) -> Dialect:
    """The dialect that the manifest's *settings* name: what was asked for, before any refusal.

    Raises:
        CacheError: it is none.
    """
    return _dialect(settings.get("dialect", {}), "settings.dialect")


def dialects_in(manifest: Mapping[str, Any], prompt: PromptSettings) -> tuple[Dialect, ...]:
    """What the refusals of the endpoint that *prompt* is for have taught, the latest last; empty if it is not known.

    Raises:
        CacheError: the manifest is damaged there.
    """
    found = (recorded(manifest, "dialects", dict) or {}).get(_key(prompt), [])
    if not isinstance(found, list):
        raise _damaged("dialects")
    return tuple(_dialect(one, "dialects") for one in found)


def with_dialects(manifest: Mapping[str, Any], prompt: PromptSettings, dialects: Iterable[Dialect]) -> dict[str, Any]:
    """The entry ``dialects`` of *manifest*, with those of the endpoint that *prompt* is for put in.

    It is keyed by endpoint, model and pack: another pack has another schema.
    """
    known = recorded(manifest, "dialects", dict) or {}
    return {"dialects": {**known, _key(prompt): [dialect.to_json() for dialect in dialects]}}


def _key(prompt: PromptSettings) -> str:
    return f"{prompt.label} {prompt.model} {prompt.pack.name}"


def _dialect(value: Any, name: str) -> Dialect:
    try:
        return Dialect.from_json(value)
    except ValueError:
        raise _damaged(name) from None


def _damaged(name: str) -> CacheError:
    return CacheError(f"the manifest's {name} is not of its kind", where="replay", remedy="record again with --record")
