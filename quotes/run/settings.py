"""Settings: what a run was asked to do, and the pure decisions about what that means. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

from quotes.errors import CacheError, UsageError
from quotes.formats.reading import Fields
from quotes.llm.address import OPENAI_URL, checked_url
from quotes.llm.transport import Transport
from quotes.model import Confidence, QuoteType

CacheMode = Literal["auto", "replay", "refresh", "off"]
SchemaMode = Literal["static", "tight", "auto"]
Structured = Literal["auto", "strict", "schema", "tool", "object", "prompt"]
"""How an answer's form is asked for: the rungs of the capability ladder, or (auto) the highest that is taken."""
BackendName = Literal["rules", "model", "judge", "cascade"]
Asked = Literal["model", "judge", "cascade"]
"""What a model is asked for: to attribute by itself, to judge what the rules propose, or to attribute what they leave
open."""

DEFAULT_CONCURRENCY: Final = 8

KEY_VARIABLE: Final = "QUOTES_API_KEY"
"""The variable of the environment whose key goes wherever the user points (see `quotes.llm.address`)."""

_FOR_MODELS: Final = (
    "model",
    "base_url",
    "api_key_env",
    "prompt",
    "cache",
    "cache_mode",
    "record",
    "replay",
    "chunk_tokens",
    "context_tokens",
    "max_output_tokens",
    "temperature",
    "no_temperature",
    "schema",
    "structured",
    "timeout",
    "article_timeout",
    "rpm",
    "tpm",
    "max_cost",
    "max_tokens_total",
    "local",
    "transport",
    "second_opinion",
)
FOR_CHUNKS: Final = ("chunk_tokens", "context_tokens", "schema")
"""Options that shape the question about a chunk, and mean nothing where single proposals are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What a profile of ``quotes.toml`` says of an endpoint beside what the options say.

    *headers* are sent as they are; *header_env* names, for each header, the environment variable that holds its value.
    *api_version* and *deployment* are Azure's. *extra_body* is added to every request's body, as is *seed* and
    *reasoning_effort* where given. *limit_parameter* is what the bound on output tokens is called there;
    *cache_breakpoints* marks the fixed part of a prompt for caches that want it marked. *price_input*, *price_cached*
    and *price_output* are per million tokens in *currency*.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    header_env: Mapping[str, str] = field(default_factory=dict)
    api_version: str | None = None
    deployment: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    reasoning_effort: str | None = None
    seed: int | None = None
    limit_parameter: Literal["max_tokens", "max_completion_tokens"] | None = None
    cache_breakpoints: bool = False
    price_input: float | None = None
    price_cached: float | None = None
    price_output: float | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of one run as they were given; ``None`` is what was not said.

    *cache*, *record* and *replay* are paths; *timeout* is in seconds a request; *limit* counts articles.
    *no_temperature* leaves the temperature to the model. *api_key_env* names the environment variable that holds
    the key, so that no key stands in a command line. *concurrency* is the most requests under way at a time.

    *config* is the file whose *profile* stands in for what was not said; *endpoint* is what it says beside. *local* is
    the path of a model to be served by this very process. *article_timeout* is in seconds; *rpm* and *tpm* are requests
    and tokens a minute; *max_tokens_total* and *max_cost* bound what this run may ask for; *fail_fast* ends it with the
    first article that is not complete. *jobs* is the number of processes that do the work. *text_field* and *id_field*
    name the fields of the input that hold those. *transport* is what moves the bytes, ``httpx`` where not said.
    Without a *second_opinion* a model that attributes by itself is not compared with the rules.
    """

    backend: BackendName | None = None
    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    prompt: str | None = None
    cache: str | None = None
    cache_mode: CacheMode | None = None
    record: str | None = None
    replay: str | None = None
    concurrency: int | None = None
    structured: Structured | None = None
    config: str | None = None
    profile: str | None = None
    endpoint: Endpoint = Endpoint()
    local: str | None = None
    article_timeout: float | None = None
    rpm: int | None = None
    tpm: int | None = None
    transport: Transport | None = None
    second_opinion: bool | None = None
    max_cost: float | None = None
    max_tokens_total: int | None = None
    fail_fast: bool = False
    chunk_tokens: int | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    no_temperature: bool | None = None
    schema: SchemaMode | None = None
    timeout: float | None = None
    lang: str | None = None
    limit: int | None = None
    jobs: int | None = None
    with_text: bool = True
    types: tuple[QuoteType, ...] = ()
    speaker: str | None = None
    min_confidence: Confidence | None = None
    text_field: str | None = None
    id_field: str | None = None

    @property
    def fields(self) -> Fields:
        """Which fields of the input hold the text and the id."""
        return Fields(self.text_field, self.id_field)

    @property
    def window(self) -> int:
        """The most requests under way at the same time."""
        return DEFAULT_CONCURRENCY if self.concurrency is None else self.concurrency

    @property
    def processes(self) -> int:
        """How many processes do the work; 1 means that it is done in this one."""
        return self.jobs or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a model is asked, and for what (*backend*). *store* is where replies are kept (``None``: nowhere, or the
    default place when *default_store*), *base_url* where they come from (``None`` in a replay)."""

    model: str
    base_url: str | None
    store: str | None
    default_store: bool
    mode: CacheMode
    backend: Asked = "model"


def replay_source(settings: Settings) -> str | None:
    """The store whose manifest stands in for options that were not given: the one a replay reads."""
    if settings.replay is not None:
        return settings.replay
    return settings.cache if settings.cache_mode == "replay" else None


def called_url(settings: Settings, environ: Mapping[str, str]) -> str:
    """The address of the endpoint that is called: the one said, else that of *environ*, else OpenAI's."""
    return settings.base_url or environ.get("QUOTES_BASE_URL", "").strip() or OPENAI_URL


def decide_asking(
    settings: Settings, environ: Mapping[str, str], manifest: Mapping[str, Any] | None = None
) -> Asking | None:
    """Which model to ask, where and with which cache; ``None`` where the rules are to be used.

    A model is asked only where one is named: by an option, by ``QUOTES_MODEL``, or by the *manifest* of the
    store that is replayed. A key lying in *environ* decides nothing.

    Raises:
        UsageError: the options ask for a model without naming one, or the base URL is none.
        CacheError: *manifest* is damaged.
    """
    if settings.backend == "rules":
        return None
    mode = _mode(settings)
    model = settings.model or (manifest or {}).get("model") or environ.get("QUOTES_MODEL", "").strip() or None
    if model is None:
        _refuse_missing_model(settings)
        return None
    base_url = None
    if mode != "replay":
        base_url = checked_url(called_url(settings, environ))
    store = settings.replay or settings.record or settings.cache
    return Asking(
        model=str(model),
        base_url=base_url,
        store=None if mode == "off" else store,
        default_store=store is None and mode != "off",
        mode=mode,
        backend=_backend(settings, manifest or {}),
    )


def _backend(settings: Settings, manifest: Mapping[str, Any]) -> Asked:
    """What was said, else what the replayed store was recorded with, else to attribute."""
    said = settings.backend or manifest.get("backend") or "model"
    if said not in get_args(Asked):
        raise CacheError(
            "the manifest's backend is not known", where="replay", remedy="record again, or name one with --backend"
        )
    if settings.second_opinion is not None and said != "model":
        raise _meaningless("second_opinion", settings, said, "--backend model")
    return cast(Asked, said)


def _mode(settings: Settings) -> CacheMode:
    if settings.replay is not None:
        return "replay"
    return settings.cache_mode or "auto"


def refuse_contradictions(settings: Settings) -> None:
    """Refuse options that cannot both be meant.

    Raises:
        UsageError: two of them contradict each other.
    """
    useless = {
        "rules": (_FOR_MODELS, "a model"),
        "judge": ((*FOR_CHUNKS, "second_opinion"), "--backend model"),
        "cascade": (("second_opinion",), "--backend model"),
    }
    names, meant = useless.get(settings.backend or "", ((), ""))
    for name in names:
        if getattr(settings, name) is not None:
            raise _meaningless(name, settings, settings.backend or "", meant)
    for one, other, why in _clashes(settings):
        if getattr(settings, one) is not None and getattr(settings, other) is not None:
            raise UsageError(
                f"{_option(one)} and {_option(other)} contradict each other: {why}", remedy="leave one out"
            )


def _clashes(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """The pairs of options that cannot both be given, and why."""
    yield "record", "cache", "it names the folder already"
    yield "replay", "cache", "it names the folder already"
    yield "record", "replay", "record first, then replay"
    yield "temperature", "no_temperature", "one sends it, the other does not"
    yield "replay", "base_url", "a replay asks no endpoint"
    yield "replay", "api_key_env", "a replay asks no endpoint"
    yield "local", "base_url", "one serves a model here, the other asks an endpoint"
    yield "local", "replay", "a replay asks no model"
    yield "local", "api_key_env", "a model on this machine needs no key"
    if settings.cache_mode in ("auto", "refresh", "off"):
        yield "replay", "cache_mode", "a replay only reads"
    if settings.cache_mode in ("replay", "off"):
        yield "record", "cache_mode", "recording stores every reply"
    if settings.cache_mode == "replay":
        yield "base_url", "cache_mode", "a replay asks no endpoint"
        yield "local", "cache_mode", "a replay asks no model"
    if settings.cache_mode == "off":
        yield "cache", "cache_mode", "a cache that is off is no cache"


def _refuse_missing_model(settings: Settings) -> None:
    """Refuse a run that plainly means a model and names none, instead of taking the rules in silence."""
    if settings.backend is not None:
        where = f"--backend {settings.backend}"
        raise UsageError("no model is named", where=where, remedy="name one with --model or QUOTES_MODEL")
    for name in _FOR_MODELS:
        if getattr(settings, name) is not None:
            where = _option(name, getattr(settings, name))
            raise UsageError("no model is named", where=where, remedy="name one with --model or QUOTES_MODEL")


def _meaningless(name: str, settings: Settings, backend: str, meant: str) -> UsageError:
    option = _option(name, getattr(settings, name))
    remedy = "leave one of the two out"
    return UsageError(f"{option} means something only with {meant}", where=f"--backend {backend}", remedy=remedy)


def _option(name: str, value: object = None) -> str:
    return ("--no-" if value is False else "--") + name.replace("_", "-")
