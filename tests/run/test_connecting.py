"""Connecting: what a profile says of an endpoint is what that endpoint gets to see."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import pytest

from quotes.errors import BudgetSpent, UsageError
from quotes.exchange import Request, ignore
from quotes.llm.ledger import Ledger, Prices
from quotes.run.connecting import connect, ledger_of
from quotes.run.settings import Endpoint, Settings
from tests.llm.scripted_server import ScriptedServer, good, serving

REQUEST = Request({"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 50}, "local")


def ask(server: ScriptedServer, settings: Settings, environ: dict[str, str] | None = None) -> Ledger:
    """Have *server* answer once, as *settings* want it asked."""
    ledger = ledger_of(settings)

    async def once() -> None:
        backend = connect(settings, server.url, environ or {}, ledger, ignore)
        try:
            await backend.complete(REQUEST)
        finally:
            await backend.aclose()

    asyncio.run(once())
    return ledger


def test_headers_of_a_profile_are_sent_and_those_of_the_environment_are_not() -> None:
    endpoint = Endpoint(headers={"X-Team": "desk"}, header_env={"X-Pass": "DESK_PASS"})
    with serving(good()) as server:
        ask(server, Settings(endpoint=endpoint), {"DESK_PASS": "open sesame", "QUOTES_API_KEY": "k-1", "OTHER": "x"})
        (headers,) = server.headers
    assert (headers["x-team"], headers["x-pass"], headers["authorization"]) == ("desk", "open sesame", "Bearer k-1")


def test_an_azure_deployment_is_called_by_its_path_version_and_header() -> None:
    settings = Settings(endpoint=Endpoint(api_version="2024-10-21", deployment="big-1"), api_key_env="AZURE_KEY")
    with serving(good()) as server:
        ask(server, settings, {"AZURE_KEY": "k-2"})
        (headers,), (path,) = server.headers, server.paths
    assert path == "/v1/openai/deployments/big-1/chat/completions?api-version=2024-10-21"
    assert headers["api-key"] == "k-2"
    assert "authorization" not in headers


def test_what_was_used_stands_in_the_ledger_with_its_price() -> None:
    endpoint = Endpoint(price_input=2.0, price_output=8.0)
    with serving(good()) as server:
        spending = ask(server, Settings(endpoint=endpoint)).spending
    assert (spending.usage.requests, spending.tries, spending.retries) == (1, 1, 0)
    assert spending.cost == pytest.approx((40 * 2.0 + 7 * 8.0) / 1e6)


def test_a_limit_is_kept_before_anything_is_sent() -> None:
    with serving(good()) as server:
        with pytest.raises(BudgetSpent):
            ask(server, Settings(max_tokens_total=40))
        assert server.bodies == []


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        ({"api_key_env": "DESK_KEY"}, "DESK_KEY"),
        ({"endpoint": Endpoint(header_env={"X-Pass": "DESK_PASS"})}, "DESK_PASS"),
    ],
)
def test_a_variable_that_is_not_set_is_named(said: dict[str, Any], variable: str) -> None:
    with pytest.raises(UsageError, match=f"{variable}: this environment variable is not set"):
        connect(Settings(**said), "http://127.0.0.1:9/v1", {}, Ledger(), ignore)


def test_a_key_given_for_the_name_of_its_variable_is_not_shown() -> None:
    with pytest.raises(UsageError) as refused:
        connect(Settings(api_key_env="sk-canary-123"), "http://127.0.0.1:9/v1", {}, Ledger(), ignore)
    assert "canary" not in str(refused.value)
    assert str(refused.value).startswith("--api-key-env: ")


def test_cached_tokens_cost_as_others_where_no_price_is_given_for_them() -> None:
    ledger = ledger_of(Settings(endpoint=Endpoint(price_input=2.0, price_output=8.0, currency="EUR")))
    assert ledger.prices == Prices(2.0, 2.0, 8.0, "EUR")
    assert ledger_of(Settings()).prices is None


def test_a_limit_on_cost_needs_prices() -> None:
    with pytest.raises(UsageError, match="prices"):
        ledger_of(Settings(max_cost=1.0))


def test_the_environment_of_this_process_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "QUOTES_API_KEY", "k-3")
    with serving(good()) as server:
        ask(server, Settings())
        (headers,) = server.headers
    assert "k-3" not in str(headers)


def test_the_transport_that_is_asked_for_moves_the_bytes() -> None:
    with serving(good()) as server:
        ask(server, Settings(transport="aiohttp"))
        ask(server, Settings(transport="httpx"))
    assert len(server.bodies) == 2
    assert server.headers[0] == server.headers[1]


def test_a_transport_that_is_not_installed_is_told_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with serving(good()) as server:
        with pytest.raises(UsageError, match=r'^--transport aiohttp needs aiohttp, .*pip install "quotes\[aiohttp\]"'):
            ask(server, Settings(transport="aiohttp"))
        ask(server, Settings())
    assert len(server.bodies) == 1
