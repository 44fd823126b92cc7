"""Questions: from settings to all that shapes the requests to a model, beside the articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, cast

from quotes.errors import PackError
from quotes.llm.address import endpoint_label
from quotes.prompting import (
    CASCADE_PACK,
    DEFAULT_PACK,
    JUDGE_PACK,
    PromptPack,
    PromptSettings,
    SchemaStyle,
    Task,
    load_pack,
)
from quotes.prompting.dialect import Breakpoints, Dialect
from quotes.run.manifest import NUMBERS, asked_dialect, number, recorded
from quotes.run.settings import Asked, Asking, Settings

_LOCAL: Final = "local"
_AZURE: Final = ".openai.azure.com"
_OPENAI: Final = "api.openai.com"
DEFAULT_PACKS: Final[Mapping[Asked, str]] = {"model": DEFAULT_PACK, "judge": JUDGE_PACK, "cascade": CASCADE_PACK}
_TASKS: Final[Mapping[Asked, Task]] = {"model": "attribute", "judge": "judge", "cascade": "attribute"}


def prompt_settings(settings: Settings, asking: Asking, manifest: Mapping[str, Any]) -> PromptSettings:
    """What was said, else what the replayed store was recorded with, else what the pack says, else the default.

    Raises:
        PackError: there is no such pack, or it is for another backend.
        CacheError: *manifest* is damaged.
        UsageError: what is to be added to a body would replace a part of it.
    """
    pack = _pack(settings.prompt or recorded(manifest, "prompt", str), asking)
    label = endpoint_label(asking.base_url) if asking.base_url else recorded(manifest, "endpoint", str) or _LOCAL
    known = recorded(manifest, "settings", dict) or {}
    defaults = {field.name: field.default for field in fields(PromptSettings)}
    chosen: dict[str, Any] = {}
    for name in NUMBERS:
        said = getattr(settings, name)
        usual = number(known, name) if name in known else pack.options.get(name, defaults[name])
        chosen[name] = usual if said is None else said
    if settings.no_temperature:
        chosen["temperature"] = None
    return PromptSettings(
        model=asking.model,
        label=label,
        pack=pack,
        schema_style=_style(settings, known, label),
        dialect=_dialect(settings, asked_dialect(known), label),
        **chosen,
    )


def _dialect(settings: Settings, known: Dialect, label: str) -> Dialect:
    """How the endpoint is to be asked as long as it refuses nothing: what was said, else what is *known* of it."""
    endpoint = settings.endpoint
    said: dict[str, Any] = {
        "limit_parameter": endpoint.limit_parameter,
        "seed": endpoint.seed,
        "reasoning_effort": endpoint.reasoning_effort,
        "extra_body": endpoint.extra_body or None,
        "breakpoints": _breakpoints(label) if endpoint.cache_breakpoints else None,
    }
    if settings.structured == "auto":
        said |= {"rung": "strict", "fixed": False}
    elif settings.structured is not None:
        said |= {"rung": settings.structured, "fixed": True}
    return replace(known, **{name: value for name, value in said.items() if value is not None})


def _breakpoints(label: str) -> Breakpoints:
    return "prompt_cache_breakpoint" if label == _OPENAI or label.endswith(_AZURE) else "cache_control"


def _pack(said: str | None, asking: Asking) -> PromptPack:
    name = said or DEFAULT_PACKS[asking.backend]
    pack = load_pack(name)
    if pack.task != _TASKS[asking.backend]:
        other = next(backend for backend, task in _TASKS.items() if task == pack.task)
        raise PackError(
            f"the pack is for --backend {other}, not for {asking.backend}",
            where=name,
            remedy=f"name another one with --prompt, or give --backend {other}",
        )
    return pack


def _style(settings: Settings, known: Mapping[str, Any], label: str) -> SchemaStyle:
    said = settings.schema or recorded(known, "schema", str) or "auto"
    if said in ("static", "tight"):
        return cast(SchemaStyle, said)
    return "tight" if label == _LOCAL else "static"
