"""Settings: whether a model is asked, which one and where, decided from values alone."""

from __future__ import annotations

from typing import Any

import pytest

from quotes.errors import CacheError, UsageError
from quotes.llm import api_key_for
from quotes.run.settings import KEY_VARIABLE, Asking, Settings, decide_asking, refuse_contradictions, replay_source

URL = "http://127.0.0.1:8080/v1"


def decided(
    environ: dict[str, str] | None = None, manifest: dict[str, Any] | None = None, **said: Any
) -> Asking | None:
    settings = Settings(**said)
    refuse_contradictions(settings)
    return decide_asking(settings, environ or {}, manifest)


def test_only_a_model_that_attributes_by_itself_can_do_without_a_second_opinion() -> None:
    assert decided(model="m", second_opinion=False) is not None
    assert decided(replay="a", second_opinion=False, manifest={"model": "m"}) is not None
    with pytest.raises(UsageError, match="--backend cascade: --no-second-opinion means something only with"):
        decided(replay="a", second_opinion=False, manifest={"model": "m", "backend": "cascade"})
    with pytest.raises(UsageError, match="--no-second-opinion: no model is named"):
        decided(second_opinion=False)


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": "k"}, {"QUOTES_API_KEY": "k"}, {"QUOTES_BASE_URL": URL}])
def test_where_no_model_is_named_the_rules_are_used(environ: dict[str, str]) -> None:
    assert decided(environ) is None


def test_a_named_model_is_asked_at_openai_unless_told_otherwise() -> None:
    asking = decided(model="m")
    assert asking is not None
    assert (asking.model, asking.base_url, asking.mode) == ("m", "https://api.openai.com/v1", "auto")
    assert asking.default_store


def test_options_come_before_the_environment() -> None:
    environ = {"QUOTES_MODEL": "other", "QUOTES_BASE_URL": "http://elsewhere/v1"}
    asking = decided(environ, model="m", base_url=URL)
    assert asking is not None
    assert (asking.model, asking.base_url) == ("m", URL)
    assert decided(environ) is not None
    assert decided(environ, backend="rules") is None


def test_a_replay_needs_no_other_option_and_asks_nobody() -> None:
    ways: tuple[dict[str, Any], ...] = ({"replay": "dir"}, {"cache": "dir", "cache_mode": "replay"})
    for said in ways:
        asking = decided({"QUOTES_MODEL": "other", "QUOTES_BASE_URL": URL}, {"model": "recorded"}, **said)
        assert asking == Asking(model="recorded", base_url=None, store="dir", default_store=False, mode="replay")


def test_a_replay_of_a_store_without_a_model_must_be_told_one() -> None:
    with pytest.raises(UsageError, match="no model is named"):
        decided(replay="dir")
    assert decided(replay="dir", model="m") is not None


@pytest.mark.parametrize(
    ("said", "recorded", "backend"),
    [
        (None, None, "model"),
        (None, "judge", "judge"),
        ("model", "judge", "model"),
        ("judge", None, "judge"),
        ("judge", "model", "judge"),
        ("cascade", None, "cascade"),
        (None, "cascade", "cascade"),
        ("model", "cascade", "model"),
    ],
)
def test_what_a_model_is_asked_for_is_said_or_recorded(said: Any, recorded: Any, backend: str) -> None:
    manifest = {"model": "m"} if recorded is None else {"model": "m", "backend": recorded}
    asking = decided({}, manifest, replay="dir", backend=said)
    assert asking is not None
    assert asking.backend == backend


@pytest.mark.parametrize("recorded", ["rules", "oracle", 3, ["judge"]])
def test_a_recorded_backend_that_is_none_is_refused(recorded: Any) -> None:
    with pytest.raises(CacheError, match="backend is not known"):
        decided({}, {"model": "m", "backend": recorded}, replay="dir")


def test_the_manifest_is_read_only_from_what_is_replayed() -> None:
    assert replay_source(Settings(replay="dir")) == "dir"
    assert replay_source(Settings(cache="c.sqlite", cache_mode="replay")) == "c.sqlite"
    assert replay_source(Settings(cache="c.sqlite")) is None
    assert replay_source(Settings(record="dir")) is None


def test_recording_is_a_cache_in_a_folder() -> None:
    asking = decided(model="m", record="dir")
    assert asking is not None
    assert (asking.store, asking.mode) == ("dir", "auto")
    assert decided(model="m", record="dir", cache_mode="refresh").mode == "refresh"  # type: ignore[union-attr]


def test_a_cache_that_is_off_is_nowhere() -> None:
    asking = decided(model="m", cache_mode="off")
    assert asking is not None
    assert (asking.store, asking.default_store) == (None, False)


@pytest.mark.parametrize(
    "said",
    [
        {"record": "a", "cache": "b"},
        {"replay": "a", "cache": "b"},
        {"record": "a", "replay": "a"},
        {"replay": "a", "base_url": URL},
        {"replay": "a", "cache_mode": "refresh"},
        {"record": "a", "cache_mode": "off"},
        {"cache": "a", "cache_mode": "off"},
        {"backend": "rules", "model": "m"},
        {"backend": "rules", "replay": "a"},
        {"backend": "rules", "temperature": 0.5},
        {"backend": "judge", "model": "m", "chunk_tokens": 300},
        {"backend": "judge", "model": "m", "schema": "tight"},
        {"backend": "judge", "model": "m", "second_opinion": False},
        {"backend": "cascade", "model": "m", "second_opinion": False},
        {"backend": "rules", "second_opinion": False},
        {"backend": "cascade", "replay": "a", "base_url": URL},
        {"backend": "cascade", "record": "a", "replay": "b"},
        {"temperature": 0.5, "no_temperature": True},
    ],
)
def test_options_that_cannot_both_be_meant_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        refuse_contradictions(Settings(**said))


@pytest.mark.parametrize(
    "said",
    [
        {"backend": "model"},
        {"backend": "judge"},
        {"backend": "cascade"},
        {"base_url": URL},
        {"record": "a"},
        {"cache_mode": "refresh"},
        {"api_key_env": "K"},
        {"prompt": "news"},
        {"max_cost": 1.0},
        {"structured": "tool"},
    ],
)
def test_options_that_plainly_mean_a_model_do_not_fall_back_to_the_rules(said: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no model is named"):
        decided(**said)


def test_what_shapes_a_chunk_may_be_said_of_a_cascade() -> None:
    asking = decided(model="m", backend="cascade", chunk_tokens=300, context_tokens=0, schema="tight")
    assert asking is not None
    assert asking.backend == "cascade"


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError) as refused:
        decided(model="m", base_url="http://me:hunter2@host/v1")
    assert "hunter2" not in str(refused.value)


def test_the_variable_of_our_own_key_is_the_one_that_is_read() -> None:
    assert api_key_for(URL, {KEY_VARIABLE: "k"}) == "k"
