"""Assembly: from settings to what does the work, an engine and the backend its requests go to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quotes._version import __version__
from quotes.cache import Cached, Counts, Store, default_cache_path, open_store
from quotes.errors import PackError
from quotes.exchange import Backend, Reply, Request, Tell, canonical_json, ignore
from quotes.extraction import Engine
from quotes.extraction.trust import Trust, trust_in, trust_to_json
from quotes.llm.address import shown_url
from quotes.llm.ledger import Ledger, Spending
from quotes.prompting import PromptSettings
from quotes.prompting.dialect import Dialect, newest_last
from quotes.record import VERSION
from quotes.run.connecting import connect, ledger_of, localized
from quotes.run.descent import Descent, Vouched
from quotes.run.manifest import dialects_in, manifest_of, with_dialects
from quotes.run.questions import DEFAULT_PACKS, prompt_settings
from quotes.run.settings import Asked, Asking, Settings, decide_asking, refuse_contradictions, replay_source

if TYPE_CHECKING:
    from quotes.llm.entrance import Entrance


@dataclass(slots=True)
class Assembly:
    """What a run works with. *fingerprint* is equal for two runs whose records of an article are equal; it is made of
    *options*, all that shapes a record.

    *notes* are lines for people: who attributes, and which host gets the text. *dialects* are those in which the store
    may hold answers, the current one the last.
    """

    engine: Engine
    backend: Backend
    fingerprint: str
    notes: tuple[str, ...]
    _cached: Cached | None = None
    _store: Store | None = None
    _manifest: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    _ledger: Ledger = field(default_factory=Ledger)
    dialects: tuple[Dialect, ...] = ()
    _vouched: Vouched = Vouched()
    _descent: Descent | None = None
    _written: tuple[Dialect, ...] = ()
    _replayable: bool | None = None
    _metered: bool = False

    @property
    def counts(self) -> Counts:
        """How many replies came from the cache and how many were asked for, so far."""
        counts = self._cached.counts if self._cached else Counts()
        if not self._metered:
            return counts
        spending = self.spending  # what waited for its turn when the run ended was never sent
        return replace(counts, asked=spending.tries - spending.retries)

    @property
    def asks(self) -> bool:
        """Whether an endpoint is asked for what no store has."""
        return self._cached is not None and not self._vouched.replaying

    @property
    def spending(self) -> Spending:
        """What the requests of this run have used so far, and what that cost."""
        return self._ledger.spending

    @property
    def store(self) -> Store | None:
        """Where replies are kept; ``None`` for the rules, and with a cache that is off."""
        return self._store

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What a replay of the store must know of this run; empty in a replay itself."""
        return self._manifest_beside(self._manifest) if self._manifest is not None else {}

    def _manifest_beside(self, others: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a replay must know of this run, with what *others* says of other endpoints."""
        prompt = self.engine.prompt
        return {**(self._manifest or {}), **(with_dialects(others, prompt, self.dialects) if prompt else {})}

    def take_up(self, manifest: Mapping[str, Any]) -> None:
        """Ask in the dialect that a store's *manifest* knows from an earlier run, before anything is asked.

        Raises:
            CacheError: the manifest is damaged.
        """
        prompt = self.engine.prompt
        known = dialects_in(manifest, prompt) if prompt else ()
        if prompt is None or not known:
            return
        dialect = prompt.dialect.taught(known[-1])
        self.engine = replace(self.engine, prompt=replace(prompt, dialect=dialect))
        self.dialects = newest_last((*known, dialect.learned))
        self._vouched = replace(self._vouched, recorded=True)

    def adapting(self, note: Callable[[str], None] = lambda _line: None) -> Descent:
        """Who finds the form in which the endpoint is asked, one for all of the run. People hear of it by *note*."""
        if self._descent is None:
            peek = self._cached.peek if self._cached is not None else lambda _request: None
            self._descent = Descent(self, self._vouched, note, peek)
        return self._descent

    def relay(self, backend: Backend) -> None:
        """Ask by way of *backend*, and leave it to whoever is behind that to write into the store."""
        self.backend, self._manifest = backend, None

    def learn(self, dialects: tuple[Dialect, ...]) -> None:
        """Know the *dialects* in which another process of this run has asked, too."""
        self.dialects = newest_last((*dialects, *self.dialects) if self._descent else (*self.dialects, *dialects))

    def note_in_store(self) -> None:
        """Write into the store what a replay must know. To be called once an article is done; it does nothing as long
        as the run has added nothing to a store that can be replayed already, which a mistyped model must not spoil, nor
        where the dialect stays."""
        if self._store is None or self._manifest is None or self._written == self.dialects:
            return
        if not self.counts.stored and self._replayable is None:
            self._replayable = "model" in self._store.manifest()
        if not self.counts.stored and self._replayable:
            return
        self._store.merge_manifest(self._manifest_beside(self._store.manifest()))
        self._written = self.dialects


class NoBackend:
    """The backend of the rules, which ask nobody."""

    async def complete(self, request: Request) -> Reply:
        """Never called: the rules yield no request."""
        raise AssertionError(f"the rules ask nobody, and yet {request.article} chunk {request.chunk} was asked")

    async def aclose(self) -> None:
        """Nothing is open."""


def assemble(
    settings: Settings, environ: Mapping[str, str], tell: Tell = ignore, entrance: Entrance | None = None
) -> Assembly:
    """Everything a run needs, opened. Close it with ``backend.aclose()``.

    Nothing is sent and no client is imported before the first request that no cache answers. *tell* hears of every
    request that is sent. *entrance* says when, where others ask the endpoint too, and counts what all of them spend.

    Raises:
        UsageError: the options contradict each other, or name a pack or cache that cannot be used.
    """
    refuse_contradictions(settings)
    settings = localized(settings)
    source = replay_source(settings)
    store = open_store(source, create=False) if source is not None else None
    try:
        manifest = store.manifest() if store else {}
        asking = decide_asking(settings, environ, manifest)
        if asking is None:
            return _rules(settings)
        prompt = prompt_settings(settings, asking, manifest)
        store = store or _open(asking)
        ledger = ledger_of(settings)
        live = connect(settings, asking.base_url, environ, ledger, tell, entrance) if asking.base_url else None
        return _model(settings, asking, prompt, store, manifest, live, ledger, metered=entrance is None)
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
    settings = localized(settings)
    source = replay_source(settings)
    store = open_store(source, create=False) if source is not None else None
    try:
        manifest = store.manifest() if store else {}
    finally:
        if store is not None:
            store.close()
    asking = decide_asking(settings, environ, manifest)
    if asking is not None:
        _trust(prompt_settings(settings, asking, manifest), settings.prompt)


def _rules(settings: Settings) -> Assembly:
    note = () if settings.backend else ("no model named: using the built-in rules (name one with --model)",)
    shape = _shape(settings, None)
    return Assembly(Engine(None, settings.lang), NoBackend(), _fingerprint(shape), note, options=shape)


def _model(
    settings: Settings,
    asking: Asking,
    prompt: PromptSettings,
    store: Store | None,
    recorded: Mapping[str, Any],
    live: Backend | None,
    ledger: Ledger,
    *,
    metered: bool,
) -> Assembly:
    trust = _trust(prompt, settings.prompt)
    shape = _shape(settings, prompt, asking.backend, trust)
    cached = Cached(store, live, asking.mode)
    assembly = Assembly(
        Engine(
            prompt,
            settings.lang,
            cascade=asking.backend == "cascade",
            trust=trust,
            second_opinion=settings.second_opinion is not False,
        ),
        cached,
        _fingerprint(shape),
        _notes(settings, asking, prompt, recorded),
        cached,
        store,
        _manifest(settings, asking, prompt, store) if asking.mode in ("auto", "refresh") else None,
        shape,
        ledger,
        (prompt.dialect.learned,),
        Vouched(replaying=asking.mode == "replay"),
        _metered=metered and live is not None,
    )
    if store is not None and asking.mode in ("auto", "replay"):
        assembly.take_up(store.manifest())
    return assembly


def _manifest(settings: Settings, asking: Asking, prompt: PromptSettings, store: Store | None) -> dict[str, Any]:
    said = manifest_of(asking.backend, settings.prompt or DEFAULT_PACKS[asking.backend], prompt)
    known = store.manifest() if store is not None else {}
    return {**{name: known[name] for name in ("dialects",) if name in known}, **said}


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


def _notes(settings: Settings, asking: Asking, prompt: PromptSettings, recorded: Mapping[str, Any]) -> tuple[str, ...]:
    if settings.local is not None:
        return (f"the text stays on this machine (model {prompt.model})",)
    if asking.base_url is not None:
        return (f"the text goes to {urlsplit(shown_url(asking.base_url)).netloc} (model {prompt.model})",)
    then, now = recorded.get("prompt_id"), prompt.pack.id
    if then is not None and then != now:
        return (f"the prompt pack has changed since this was recorded ({then}, now {now})",)
    return ()


def _fingerprint(shape: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(shape)).hexdigest()


def _shape(
    settings: Settings, prompt: PromptSettings | None, backend: Asked | None = None, trust: Trust | None = None
) -> dict[str, Any]:
    """Everything that shapes a record, beside the article itself."""
    shape: dict[str, Any] = {
        "version": [VERSION, __version__],
        "language": settings.lang,
        "with_text": settings.with_text,
        "types": sorted(settings.types),
        "speaker": settings.speaker,
        "min_confidence": settings.min_confidence,
        "backend": backend or "rules",
    }
    if prompt is not None:
        plain = (field.name for field in fields(prompt) if field.name not in ("pack", "dialect"))
        shape |= {name: getattr(prompt, name) for name in plain}
        asked = prompt.dialect.to_json()
        shape |= {"structured" if name == "rung" else name: asked[name] for name in asked if name != "fixed"}
        shape |= {"pack": prompt.pack.id, "digest": prompt.pack.digest}
        shape |= {"trust": trust_to_json(trust) if trust else None}
        shape |= {"second_opinion": False} if settings.second_opinion is False else {}
    return shape
