"""Connecting: from settings to the live endpoint, with the key that may go there."""

from __future__ import annotations

from collections.abc import Mapping

from quotes.errors import UsageError
from quotes.exchange import Backend
from quotes.llm.address import api_key_for
from quotes.run.settings import Settings


def connect(settings: Settings, base_url: str, environ: Mapping[str, str]) -> Backend:
    """The endpoint at *base_url* as *settings* want it used. Nothing is sent and no client is imported yet.

    Raises:
        UsageError: the variable named for the key holds none, or the address or key is none.
    """
    from quotes.llm import LiveEndpoint

    key = _key(settings, base_url, environ)
    if settings.timeout is None:
        return LiveEndpoint(base_url, key, concurrency=settings.window)
    return LiveEndpoint(base_url, key, concurrency=settings.window, timeout=settings.timeout)


def _key(settings: Settings, base_url: str, environ: Mapping[str, str]) -> str | None:
    if settings.api_key_env is None:
        return api_key_for(base_url, environ)
    key = environ.get(settings.api_key_env)
    if not key:
        raise UsageError(
            "this environment variable is not set", where=settings.api_key_env, remedy="put the key into it"
        )
    return key
