"""Config: what the profile of a ``quotes.toml`` stands in for, so that an endpoint is described once.

A file is read only where one is named, by ``--config`` or ``QUOTES_CONFIG``: one that merely lies in a folder could
send text and keys elsewhere.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import UsageError
from quotes.llm.address import OPENAI_URL, origin
from quotes.run.settings import FOR_CHUNKS, Endpoint, Settings, called_url, replay_source

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

CONFIG_VARIABLE: Final = "QUOTES_CONFIG"
_ENDPOINT: Final = frozenset(field.name for field in fields(Endpoint))
_OF_CONNECTION: Final = frozenset(
    {
        "base_url",
        "api_key_env",
        "rpm",
        "tpm",
        "timeout",
        "article_timeout",
        "max_cost",
        "max_tokens_total",
        "local",
        "transport",
    }
)
"""Options that mean nothing where no endpoint is asked."""

_CREDENTIALS: Final = ("api_key_env", "headers", "header_env")
_SECRET: Final = frozenset(_CREDENTIALS)
"""Where a key may stand, in its place or by mistake."""

_SAID_BY_FALSE: Final = frozenset({"second_opinion"})
"""Switches that are on where nothing is said."""

_EXCLUDES: Final[Mapping[str, tuple[str, ...]]] = {
    "cache": ("record", "replay"),
    "temperature": ("no_temperature",),
    "no_temperature": ("temperature",),
    "base_url": ("local",),
    "api_key_env": ("local",),
    "local": ("base_url",),
}
"""What of a profile gives way to which options of the command."""


def configured(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """*settings*, with what the profile they name says where they say nothing. Without a config they stay as they are.

    Raises:
        UsageError: the file cannot be read or used, the profile is not in it, or its key would go to another endpoint
            than its own.
    """
    named = settings.config or environ.get(CONFIG_VARIABLE, "").strip()
    if not named:
        if settings.profile is not None:
            remedy = f"name its file with --config or {CONFIG_VARIABLE}"
            raise UsageError("no config is named", where=f"--profile {settings.profile}", remedy=remedy)
        return settings
    if settings.backend == "rules":
        return settings
    config = _read(Path(named).expanduser())
    profile = _profile(config, settings.profile, named)
    _refuse_other_endpoint(profile, settings, environ, named)
    filled = _filled(settings, profile)
    if settings.config is None and settings.profile is None and not _names_model(filled, environ):
        return settings  # the environment's config is for whoever asks a model
    return replace(filled, endpoint=_endpoint(profile, config.get("prices", {}), filled, environ))


def _read(path: Path) -> dict[str, Any]:
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror or error}", where=str(path), remedy="check --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is no TOML: {error}", where=str(path), remedy="mend it there") from error
    _check(config, path)
    return config


def _check(config: Mapping[str, Any], path: Path) -> None:
    """Refuse a file that says something unknown, or known in a wrong form."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json.loads(resources.files("quotes").joinpath("schemas/config.schema.json").read_bytes())
    _refuse_no_number(config, path, ())
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path)
        raise UsageError(
            f"{place}: {_said(error)}" if place else _said(error), where=str(path), remedy="see docs/endpoints.md"
        )


def _refuse_no_number(value: Any, path: Path, place: tuple[str, ...]) -> None:
    """TOML knows infinity and NaN, which are no limit of anything and no JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{'.'.join(place)}: {value} is no number", where=str(path), remedy="see docs/endpoints.md")
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_no_number(inner, path, (*place, str(name)))


def _said(error: ValidationError) -> str:
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", ()))  # type: ignore[union-attr]
        unknown = next(name for name in error.instance if name not in known)  # type: ignore[union-attr]
        return f"there is no {unknown!r}{_meant(unknown, known)}"
    if error.validator == "pattern" or _SECRET & set(error.absolute_path):  # the message would show the value
        return "is written in another form"
    return str(error.message)


def _profile(config: Mapping[str, Any], wanted: str | None, path: str) -> dict[str, Any]:
    """The profile *wanted*, else the default one, else the only one."""
    profiles: dict[str, dict[str, Any]] = config.get("profiles", {})
    name = wanted or config.get("default") or (next(iter(profiles)) if len(profiles) == 1 else None)
    if name is None:
        if not profiles:
            return {}
        known = ", ".join(profiles)
        raise UsageError("several profiles and no default", where=path, remedy=f"name one with --profile: {known}")
    if name not in profiles:
        raise UsageError(
            f"there is no profile {name!r}{_meant(name, profiles)}",
            where=path,
            remedy=f"it has {', '.join(profiles) or 'none'}",
        )
    return dict(profiles[name])


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f", did you mean {close[0]!r}?" if close else ""


def _refuse_other_endpoint(
    profile: Mapping[str, Any], settings: Settings, environ: Mapping[str, str], path: str
) -> None:
    """A profile's key and headers are its endpoint's, OpenAI's where it names none: they never go to one that an option
    or the environment names."""
    if settings.local is not None or not any(profile.get(name) for name in _CREDENTIALS):
        return
    own = profile.get("base_url") or OPENAI_URL
    said = settings.base_url or profile.get("base_url") or called_url(settings, environ)
    if origin(own) != origin(said):
        raise UsageError(
            f"the key of the profile is for {origin(own)}, and {origin(said)} would be called",
            where=path,
            remedy="write base_url into the profile, or name another one",
        )


def _filled(settings: Settings, profile: Mapping[str, Any]) -> Settings:
    offline = settings.cache_mode == "replay" or replay_source(settings) is not None
    said: dict[str, Any] = {}
    for name, value in profile.items():
        if name in _ENDPOINT or name == "prices" or getattr(settings, name) is not None:
            continue
        if value is False and name not in _SAID_BY_FALSE:
            continue
        if name == "second_opinion" and settings.backend not in (None, "model"):
            continue
        if any(getattr(settings, other) is not None for other in _EXCLUDES.get(name, ())):
            continue
        if (offline and name in _OF_CONNECTION) or (settings.backend == "judge" and name in FOR_CHUNKS):
            continue
        if name == "cache" and settings.cache_mode == "off":
            continue
        said[name] = int(value) if isinstance(value, float) and value.is_integer() else value
    return replace(settings, **said)


def _names_model(settings: Settings, environ: Mapping[str, str]) -> bool:
    asked = (settings.backend, settings.model, settings.local, replay_source(settings))
    return any(said is not None for said in asked) or bool(environ.get("QUOTES_MODEL", "").strip())


def _endpoint(
    profile: Mapping[str, Any], prices: Mapping[str, Any], settings: Settings, environ: Mapping[str, str]
) -> Endpoint:
    said = {name: value for name, value in profile.items() if name in _ENDPOINT}
    model = settings.model or environ.get("QUOTES_MODEL", "").strip()
    price = profile.get("prices") or prices.get(model) or {}
    for name, value in price.items():
        said["currency" if name == "currency" else f"price_{name}"] = value
    return Endpoint(**said)
