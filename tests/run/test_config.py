"""Config: a profile stands in for what was not said, and its key never goes to another endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quotes.errors import UsageError
from quotes.run.config import configured
from quotes.run.settings import Endpoint, Settings, decide_asking, refuse_contradictions

WHOLE = """
default = "desk"

[profiles.desk]
model = "m-large"
base_url = "https://models.example/v1"
api_key_env = "DESK_KEY"
headers = { "X-Team" = "desk" }
header_env = { "X-Pass" = "DESK_PASS" }
extra_body = { provider = { order = ["a", "b"], allow_fallbacks = false } }
reasoning_effort = "low"
seed = 7
temperature = 0.5
concurrency = 16
rpm = 300
structured = "tool"
cache = "desk.sqlite"
chunk_tokens = 500

[profiles.azure]
model = "big"
base_url = "https://here.openai.azure.com"
api_version = "2024-10-21"
deployment = "big-1"

[profiles.azure.prices]
input = 3
output = 9
currency = "EUR"

[prices."m-large"]
input = 2.0
cached = 0.5
output = 8.0
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "quotes.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return str(path)


def filled(config: str, environ: dict[str, str] | None = None, **said: Any) -> Settings:
    settings = configured(Settings(config=config, **said), environ or {})
    refuse_contradictions(settings)
    return settings


def test_without_a_config_nothing_changes() -> None:
    settings = Settings(model="m")
    assert configured(settings, {}) is settings


def test_a_config_in_the_folder_is_not_read_unless_it_is_named(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(config).parent)
    assert configured(Settings(), {}) == Settings()
    assert configured(Settings(), {"QUOTES_CONFIG": "quotes.toml"}).model == "m-large"


def test_the_default_profile_stands_in_for_what_was_not_said(config: str) -> None:
    found = filled(config)
    assert (found.model, found.base_url, found.api_key_env) == ("m-large", "https://models.example/v1", "DESK_KEY")
    assert (found.window, found.rpm, found.structured, found.cache) == (16, 300, "tool", "desk.sqlite")
    assert found.endpoint == Endpoint(
        headers={"X-Team": "desk"},
        header_env={"X-Pass": "DESK_PASS"},
        extra_body={"provider": {"order": ["a", "b"], "allow_fallbacks": False}},
        reasoning_effort="low",
        seed=7,
        price_input=2.0,
        price_cached=0.5,
        price_output=8.0,
    )


def test_the_config_of_the_environment_is_no_reason_to_ask_a_model(tmp_path: Path) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text("[profiles.a]\nbase_url = 'https://models.example/v1'", encoding="utf-8")
    environ = {"QUOTES_CONFIG": str(path)}
    assert configured(Settings(), environ) == Settings()
    assert configured(Settings(model="m"), environ).base_url == "https://models.example/v1"
    with pytest.raises(UsageError, match="no model is named"):
        decide_asking(configured(Settings(config=str(path)), {}), {})


def test_what_was_said_comes_before_the_profile(config: str) -> None:
    found = filled(config, model="other", concurrency=2, temperature=1.0, rpm=9)
    assert (found.model, found.window, found.temperature, found.rpm) == ("other", 2, 1.0, 9)
    assert found.endpoint.price_input is None


def test_a_profile_comes_before_the_environment_but_prices_follow_the_model_that_is_asked(config: str) -> None:
    assert filled(config, {"QUOTES_MODEL": "other"}).model == "m-large"


def test_a_profile_may_be_named_and_have_prices_of_its_own(config: str) -> None:
    found = filled(config, profile="azure")
    assert (found.endpoint.deployment, found.endpoint.api_version) == ("big-1", "2024-10-21")
    assert (found.endpoint.price_input, found.endpoint.price_cached, found.endpoint.currency) == (3, None, "EUR")


@pytest.mark.parametrize(
    "said",
    [
        {"replay": "replies/"},
        {"cache": "c.sqlite", "cache_mode": "replay"},
        {"record": "replies/"},
        {"cache_mode": "off"},
        {"no_temperature": True},
        {"backend": "judge"},
        {"local": "model.gguf"},
    ],
)
def test_a_profile_gives_way_where_it_would_contradict_an_option(config: str, said: dict[str, Any]) -> None:
    found = filled(config, **said)
    assert all(getattr(found, name) == value for name, value in said.items())


def test_a_profile_may_do_without_a_second_opinion_unless_an_option_asks_for_more(tmp_path: Path) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text("[profiles.a]\nmodel = 'm'\nsecond_opinion = false", encoding="utf-8")
    assert filled(str(path)).second_opinion is False
    assert filled(str(path), second_opinion=True).second_opinion is True
    assert filled(str(path), backend="judge").second_opinion is None


def test_the_rules_read_no_config() -> None:
    settings = Settings(backend="rules", config="nowhere.toml")
    assert configured(settings, {}) is settings


def test_the_key_of_a_profile_goes_to_no_other_endpoint(config: str) -> None:
    for other in ("https://other.example/v1", "http://models.example/v1", "https://models.example:8443/v1"):
        with pytest.raises(UsageError, match=r"the key of the profile is for https://models\.example:443, and http"):
            filled(config, base_url=other)
    assert filled(config, base_url="https://models.example/v2").base_url == "https://models.example/v2"
    assert filled(config, profile="azure", base_url="https://other.example").base_url == "https://other.example"


def test_the_key_of_a_profile_without_an_address_is_openais(tmp_path: Path) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text("[profiles.a]\nmodel = 'm'\napi_key_env = 'DESK_KEY'", encoding="utf-8")
    assert filled(str(path)).api_key_env == "DESK_KEY"
    with pytest.raises(UsageError, match=r"https://api\.openai\.com:443, and http://127\.0\.0\.1:9 would be called"):
        filled(str(path), {"QUOTES_BASE_URL": "http://127.0.0.1:9/v1"})


def test_whole_numbers_may_be_written_with_a_point(tmp_path: Path) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text("[profiles.a]\nmodel = 'm'\nconcurrency = 4.0\ntimeout = 2.5", encoding="utf-8")
    found = filled(str(path))
    assert (repr(found.window), found.timeout) == ("4", 2.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("profiles = 3", "profiles: 3 is not of type 'object'"),
        ("[profiles.a]\nmodle = 'm'", "profiles.a: there is no 'modle', did you mean 'model'?"),
        ("[profiles.a]\nrpm = 'many'", "profiles.a.rpm: 'many' is not of type 'integer'"),
        ("[profiles.a]\n[profiles.b]", "several profiles and no default (name one with --profile: a, b)"),
        ("default = 'c'\n[profiles.a]", "there is no profile 'c'"),
        ("[profiles", "is no TOML"),
        ("[prices.m]\ninput = 1", "prices.m: 'output' is a required property"),
        ("[profiles.a]\napi_key = 'sk-1'", "profiles.a: there is no 'api_key', did you mean 'api_key_env'?"),
        ("[profiles.a]\napi_key_env = 'sk-canary-1'", "profiles.a.api_key_env: is written in another form"),
        ("[profiles.a]\nheaders = 'Bearer canary'", "profiles.a.headers: is written in another form"),
        ("[profiles.a]\nheaders = {'X-Key' = ['canary']}", "profiles.a.headers.X-Key: is written in another form"),
        ("[profiles.a]\ntimeout = nan", "profiles.a.timeout: nan is no number"),
        ("[profiles.a]\nextra_body = {weight = inf}", "profiles.a.extra_body.weight: inf is no number"),
        ("[profiles.a.extra_body]\nuntil = 2026-01-01", "profiles.a.extra_body.until: datetime.date"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "quotes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        configured(Settings(config=str(path)), {})
    assert message in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_config_that_is_not_there_and_a_profile_without_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        configured(Settings(config=str(tmp_path / "none.toml")), {})
    with pytest.raises(UsageError, match="no config is named"):
        configured(Settings(profile="desk"), {})
