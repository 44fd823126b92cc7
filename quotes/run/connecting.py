"""Connecting: from settings to the live endpoint, with the key, the headers and the limits that are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypedDict

from quotes.errors import UsageError
from quotes.exchange import Backend, Tell
from quotes.extras import load
from quotes.llm.address import api_key_for
from quotes.llm.ledger import Ledger, Prices
from quotes.llm.transport import KeyHeader
from quotes.run.settings import Endpoint, Settings, called_url

if TYPE_CHECKING:
    from quotes.llm.calling import Caller
    from quotes.llm.entrance import Entrance
    from quotes.llm.service import BatchService

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds one try of a request may take."""

_VARIABLE: Final = re.compile("[A-Z_][A-Z0-9_]*")
_SLOTS: Final = 2
_MOST_SLOTS: Final = 8
_LEAST_CONTEXT: Final = 8192
_FIXED: Final = 2048
_CHUNK, _CONTEXT, _OUTPUT = 1200, 200, 2048


def localized(settings: Settings) -> Settings:
    """*settings* with the name and the address of the model that ``local`` names, if it names one.

    Nothing is loaded.

    Raises:
        UsageError: there is no such model, or no engine for it.
    """
    if settings.local is None:
        return settings
    from quotes.llm.local import LOCAL_URL, checked_model, model_name

    name = model_name(checked_model(settings.local), settings.model)
    return replace(settings, model=name, base_url=LOCAL_URL)


def ledger_of(settings: Settings) -> Ledger:
    """An empty ledger with the prices and limits that *settings* give.

    Raises:
        UsageError: a limit on cost is given without prices.
    """
    endpoint, prices = settings.endpoint, None
    if endpoint.price_input is not None and endpoint.price_output is not None:
        cached = endpoint.price_input if endpoint.price_cached is None else endpoint.price_cached
        prices = Prices(endpoint.price_input, cached, endpoint.price_output, endpoint.currency)
    return Ledger(prices, settings.max_tokens_total, settings.max_cost)


def connect(
    settings: Settings,
    base_url: str,
    environ: Mapping[str, str],
    ledger: Ledger,
    tell: Tell,
    entrance: Entrance | None = None,
) -> Backend:
    """The endpoint at *base_url* as *settings* want it used. Nothing is sent and no client is imported yet.

    What is sent is written into *ledger*, what happens on the way told to *tell*. *entrance* stands in for *ledger* and
    for the limits that *settings* give, where others ask the endpoint too.

    Raises:
        UsageError: the variable named for the key or a header holds none, the address, key or header is none, or the
            transport is not installed.
    """
    if settings.local is not None:
        return _local(settings, settings.local, ledger, tell)
    url, key = _address(settings, base_url), _key(settings, base_url, environ)
    return _client(settings, url, key, environ, ledger, tell, entrance)


def connect_batches(settings: Settings, environ: Mapping[str, str]) -> tuple[BatchService, str]:
    """The Batch service that *settings* and *environ* name, and its address. Nothing is sent yet.

    Raises:
        UsageError: it is a local model's, or as `connect` says.
    """
    from quotes.llm.service import BatchService

    if settings.local is not None:
        remedy = "name the endpoint of a service; quotes extract asks a local model"
        raise UsageError("a local model has no Batch API", where="batch", remedy=remedy)
    base_url = called_url(settings, environ)
    url = base_url if settings.endpoint.deployment is None else f"{base_url.rstrip('/')}/openai"
    return BatchService(url, _key(settings, base_url, environ), **_way(settings, environ)), base_url


def _client(
    settings: Settings,
    url: str,
    key: str | None,
    environ: Mapping[str, str],
    ledger: Ledger,
    tell: Tell,
    entrance: Entrance | None = None,
) -> Backend:
    from quotes.llm import LiveEndpoint

    if settings.transport == "aiohttp":
        load("aiohttp", "aiohttp", "--transport aiohttp")
    return LiveEndpoint(
        url,
        key,
        transport=settings.transport or "httpx",
        concurrency=settings.window,
        rpm=settings.rpm,
        tpm=settings.tpm,
        ledger=ledger,
        entrance=entrance,
        tell=tell,
        **_way(settings, environ),
    )


def caller(settings: Settings, base_url: str, environ: Mapping[str, str], timeout: float) -> Caller:
    """The endpoint at *base_url* for calls that block and are tried once, each within *timeout* seconds.

    Raises:
        UsageError: as `connect`.
    """
    from quotes.llm.calling import Caller
    from quotes.llm.retrying import RetryPolicy

    url, key = _address(settings, base_url), _key(settings, base_url, environ)
    return Caller(url, key, policy=RetryPolicy(), **_way(settings, environ, timeout))


@contextmanager
def local_caller(settings: Settings, timeout: float) -> Iterator[Caller]:
    """The model that *settings* name by a file and a name (see `localized`), served, as `caller` gives an endpoint.

    Raises:
        EndpointUnusable: the model cannot be loaded.
    """
    from quotes.llm.calling import Caller
    from quotes.llm.local import Served, checked_model
    from quotes.llm.retrying import RetryPolicy

    path = settings.local or ""
    served = Served.start(checked_model(path), settings.model or path, _slots(settings), _context(settings))
    try:
        alone = replace(settings, endpoint=Endpoint())
        call = Caller(served.url, served.key, policy=RetryPolicy(), **_way(alone, {}, timeout))
        try:
            yield call
        finally:
            call.close()
    finally:
        served.stop()


class _Way(TypedDict):
    """How any client of an endpoint reaches it."""

    timeout: float
    headers: Mapping[str, str]
    query: Mapping[str, str]
    key_header: KeyHeader


def _way(settings: Settings, environ: Mapping[str, str], timeout: float = DEFAULT_TIMEOUT) -> _Way:
    """*timeout* is in seconds, for where none is said. Azure is known by its version or deployment."""
    endpoint = settings.endpoint
    azure = endpoint.api_version is not None or endpoint.deployment is not None
    return {
        "timeout": timeout if settings.timeout is None else settings.timeout,
        "headers": {**endpoint.headers, **_secret_headers(endpoint.header_env, environ)},
        "query": {} if endpoint.api_version is None else {"api-version": endpoint.api_version},
        "key_header": "api-key" if azure else "authorization",
    }


def _address(settings: Settings, base_url: str) -> str:
    """*base_url*, with Azure's path to the deployment where one is named."""
    deployment = settings.endpoint.deployment
    return base_url if deployment is None else f"{base_url.rstrip('/')}/openai/deployments/{deployment}"


def _secret_headers(named: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for header, variable in named.items():
        value = environ.get(variable)
        if not value:
            raise UsageError("this environment variable is not set", where=variable, remedy=f"header {header} needs it")
        found[header] = value
    return found


def _local(settings: Settings, path: str, ledger: Ledger, tell: Tell) -> Backend:
    from quotes.llm.local import LocalEngine, checked_model

    slots = _slots(settings)
    alone = replace(settings, concurrency=slots, endpoint=Endpoint(), rpm=None, tpm=None)

    def client(base_url: str, key: str) -> Backend:
        return _client(alone, base_url, key, {}, ledger, tell)

    name = settings.model or path
    return LocalEngine(checked_model(path), name, client, slots=slots, context=_context(settings))


def _slots(settings: Settings) -> int:
    return min(settings.concurrency or _SLOTS, _MOST_SLOTS)


def _context(settings: Settings) -> int:
    """Tokens for instructions, a chunk with its context, an answer, and the repair, which shows that answer again."""
    before = _CONTEXT if settings.context_tokens is None else settings.context_tokens
    chunk = (settings.chunk_tokens or _CHUNK) + before
    return max(_LEAST_CONTEXT, _FIXED + 2 * (chunk + (settings.max_output_tokens or _OUTPUT)))


def _key(settings: Settings, base_url: str, environ: Mapping[str, str]) -> str | None:
    if settings.api_key_env is None:
        return api_key_for(base_url, environ)
    key = environ.get(settings.api_key_env)
    if not key:
        # A name in another form may be the key itself, given in the place of its variable's name.
        where = settings.api_key_env if _VARIABLE.fullmatch(settings.api_key_env) else "--api-key-env"
        raise UsageError("this environment variable is not set", where=where, remedy="put the key into it")
    return key
