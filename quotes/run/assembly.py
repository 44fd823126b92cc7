"""Assembly: from settings to what does the work, an engine and the backend its requests go to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, cast
from urllib.parse import urlsplit

from quotes._version import __version__
from quotes.cache import Cached, Counts, Store, default_cache_path, open_store
from quotes.errors import CacheError, PackError
from quotes.exchange import Backend, Reply, Request, canonical_json
from quotes.extraction import Engine
from quotes.extraction.trust import Trust, trust_in, trust_to_json
from quotes.llm.address import endpoint_label, shown_url
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
from quotes.record import VERSION
from quotes.run.connecting import connect
from quotes.run.settings import (
    FOR_CHUNKS,
    Asked,
    Asking,
    Settings,
    decide_asking,
    refuse_contradictions,
    replay_source,
)

_LOCAL: Final = "local"
_NUMBERS: Final = ("chunk_tokens", "context_tokens", "max_output_tokens", "temperature")
_DEFAULT_PACKS: Final[Mapping[Asked, str]] = {"model": DEFAULT_PACK, "judge": JUDGE_PACK, "cascade": CASCADE_PACK}
_TASKS: Final[Mapping[Asked, Task]] = {"model": "attribute", "judge": "judge", "cascade": "attribute"}


@dataclass(slots=True)
class Assembly:
    """What a run works with. *fingerprint* is equal for two runs whose records of an article are equal.

    *notes* are lines for people: who attributes, and which host gets the text.
    """

    engine: Engine
    backend: Backend
    fingerprint: str
    notes: tuple[str, ...]
    _cached: Cached | None = None
    _store: Store | None = None
    _manifest: Mapping[str, Any] | None = None

    @property
    def counts(self) -> Counts:
        """How many replies came from the cache and how many were asked for, so far."""
        return self._cached.counts if self._cached else Counts()

    @property
    def store(self) -> Store | None:
        """Where replies are kept; ``None`` for the rules, and with a cache that is off."""
        return self._store

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What a replay of the store must know of this run; empty in a replay itself."""
        return self._manifest or {}

    def note_in_store(self) -> None:
        """Write into the store what a replay must know. To be called once an article is done: a run that fails
        at once, on a mistyped model, must not spoil a good store. Later calls do nothing, nor does one that has
        added nothing to a store that can be replayed already."""
        if self._store is None or self._manifest is None:
            return
        if self.counts.asked or "model" not in self._store.manifest():
            self._store.merge_manifest(self._manifest)
        self._manifest = None


class NoBackend:
    """The backend of the rules, which ask nobody."""

    async def complete(self, request: Request) -> Reply:
        """Never called: the rules yield no request."""
        raise AssertionError(f"the rules ask nobody, and yet {request.article} chunk {request.chunk} was asked")

    async def aclose(self) -> None:
        """Nothing is open."""


def assemble(settings: Settings, environ: Mapping[str, str]) -> Assembly:
    """Everything a run needs, opened. Close it with ``backend.aclose()``.

    Nothing is sent and no client is imported before the first request that no cache answers.

    Raises:
        UsageError: the options contradict each other, or name a pack or cache that cannot be used.
    """
    refuse_contradictions(settings)
    source = replay_source(settings)
    store = open_store(source, create=False) if source is not None else None
    try:
        manifest = store.manifest() if store else {}
        asking = decide_asking(settings, environ, manifest)
        if asking is None:
            return _rules(settings)
        prompt = _prompt_settings(settings, asking, manifest)
        store = store or _open(asking)
        return _model(settings, asking, prompt, store, manifest, environ)
    except BaseException:
        if store is not None:
            store.close()
        raise


def check_asking(settings: Settings, environ: Mapping[str, str]) -> None:
    """Make sure that the pack of a run is there, is for its backend, and that its trust file is sound.

    Nothing is kept open: for several runs to come, before the first of them.

    Raises:
        UsageError: as `assemble` would.
    """
    source = replay_source(settings)
    store = open_store(source, create=False) if source is not None else None
    try:
        manifest = store.manifest() if store else {}
    finally:
        if store is not None:
            store.close()
    asking = decide_asking(settings, environ, manifest)
    if asking is not None:
        _trust(_prompt_settings(settings, asking, manifest), settings.prompt)


def _rules(settings: Settings) -> Assembly:
    note = () if settings.backend else ("no model named: using the built-in rules (name one with --model)",)
    return Assembly(Engine(None, settings.lang), NoBackend(), _fingerprint(settings, None), note)


def _model(
    settings: Settings,
    asking: Asking,
    prompt: PromptSettings,
    store: Store | None,
    recorded: Mapping[str, Any],
    environ: Mapping[str, str],
) -> Assembly:
    trust = _trust(prompt, settings.prompt)
    cached = Cached(store, connect(settings, asking.base_url, environ) if asking.base_url else None, asking.mode)
    return Assembly(
        Engine(prompt, settings.lang, cascade=asking.backend == "cascade", trust=trust),
        cached,
        _fingerprint(settings, prompt, asking.backend, trust),
        _notes(asking, prompt, recorded),
        cached,
        store,
        _manifest(settings, asking, prompt) if asking.mode in ("auto", "refresh") else None,
    )


def _trust(prompt: PromptSettings, said: str | None) -> Trust:
    try:
        return trust_in(prompt.pack.trust, prompt.model, prompt.label)
    except ValueError as error:
        raise PackError(
            f"trust.json: {error}", where=said or prompt.pack.name, remedy="make it with quotes eval --calibrate"
        ) from None


def _open(asking: Asking) -> Store | None:
    if asking.default_store:
        return open_store(default_cache_path())
    return open_store(asking.store) if asking.store is not None else None


def _prompt_settings(settings: Settings, asking: Asking, manifest: Mapping[str, Any]) -> PromptSettings:
    """What was said, else what the replayed store was recorded with, else what the pack says, else the default."""
    pack = _pack(settings.prompt or _recorded(manifest, "prompt", str), asking)
    label = endpoint_label(asking.base_url) if asking.base_url else _recorded(manifest, "endpoint", str) or _LOCAL
    recorded = _recorded(manifest, "settings", dict) or {}
    defaults = {field.name: field.default for field in fields(PromptSettings)}
    chosen: dict[str, Any] = {}
    for name in _NUMBERS:
        said = getattr(settings, name)
        known = _number(recorded, name) if name in recorded else pack.options.get(name, defaults[name])
        chosen[name] = known if said is None else said
    if settings.no_temperature:
        chosen["temperature"] = None
    return PromptSettings(
        model=asking.model, label=label, pack=pack, schema_style=_style(settings, recorded, label), **chosen
    )


def _pack(said: str | None, asking: Asking) -> PromptPack:
    name = said or _DEFAULT_PACKS[asking.backend]
    pack = load_pack(name)
    if pack.task != _TASKS[asking.backend]:
        other = next(backend for backend, task in _TASKS.items() if task == pack.task)
        raise PackError(
            f"the pack is for --backend {other}, not for {asking.backend}",
            where=name,
            remedy=f"name another one with --prompt, or give --backend {other}",
        )
    return pack


def _style(settings: Settings, recorded: Mapping[str, Any], label: str) -> SchemaStyle:
    said = settings.schema or _recorded(recorded, "schema", str) or "auto"
    if said in ("static", "tight"):
        return cast(SchemaStyle, said)
    return "tight" if label == _LOCAL else "static"


def _manifest(settings: Settings, asking: Asking, prompt: PromptSettings) -> dict[str, Any]:
    shape = {**{name: getattr(prompt, name) for name in _NUMBERS}, "schema": prompt.schema_style}
    if asking.backend == "judge":
        shape = {name: value for name, value in shape.items() if name not in FOR_CHUNKS}
    return {
        "backend": asking.backend,
        "endpoint": prompt.label,
        "model": prompt.model,
        "prompt": settings.prompt or _DEFAULT_PACKS[asking.backend],
        "prompt_id": prompt.pack.id,
        "settings": shape,
    }


def _notes(asking: Asking, prompt: PromptSettings, recorded: Mapping[str, Any]) -> tuple[str, ...]:
    if asking.base_url is not None:
        return (f"the text goes to {urlsplit(shown_url(asking.base_url)).netloc} (model {prompt.model})",)
    then, now = recorded.get("prompt_id"), prompt.pack.id
    if then is not None and then != now:
        return (f"the prompt pack has changed since this was recorded ({then}, now {now})",)
    return ()


def _recorded(manifest: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = manifest.get(name)
    if value is not None and not isinstance(value, kind):
        raise _damaged(name)
    return value


def _number(recorded: Mapping[str, Any], name: str) -> int | float | None:
    value = recorded[name]
    if value is None and name == "temperature":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _damaged(f"settings.{name}")
    return value


def _damaged(name: str) -> CacheError:
    return CacheError(f"the manifest's {name} is not of its kind", where="replay", remedy="record again with --record")


def _fingerprint(
    settings: Settings, prompt: PromptSettings | None, backend: Asked | None = None, trust: Trust | None = None
) -> str:
    """A hash of everything that shapes a record, beside the article itself."""
    shape: dict[str, Any] = {
        "version": [VERSION, __version__],
        "language": settings.lang,
        "with_text": settings.with_text,
        "selection": [sorted(settings.types), settings.speaker, settings.min_confidence],
    }
    if prompt is not None:
        shape |= {field.name: getattr(prompt, field.name) for field in fields(prompt) if field.name != "pack"}
        shape |= {"pack": prompt.pack.digest, "backend": backend, "trust": trust_to_json(trust) if trust else None}
    return hashlib.sha256(canonical_json(shape)).hexdigest()
