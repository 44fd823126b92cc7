"""How an endpoint is named, and which key may be sent to it."""

import pytest

from quotes.errors import UsageError
from quotes.llm import api_key_for, endpoint_label
from quotes.llm.address import checked_url, is_openai, shown_url


@pytest.mark.parametrize(
    ("url", "label"),
    [
        (None, "api.openai.com"),
        ("https://api.openai.com/v1", "api.openai.com"),
        ("https://API.Example:443/v1", "api.example"),
        ("http://api.example:80", "api.example"),
        ("https://api.example:8443/v1", "api.example:8443"),
        ("https://user:password@api.example/v1?key=secret#top", "api.example"),
        ("http://127.0.0.1:8080/v1", "local"),
        ("http://127.8.9.1/v1", "local"),
        ("http://localhost:1234/v1", "local"),
        ("http://LOCALHOST./v1", "local"),
        ("http://models.localhost/v1", "local"),
        ("http://[::1]:8080/v1", "local"),
        ("http://[::ffff:127.0.0.1]/v1", "local"),
        ("http://[2001:db8::1]:8080/v1", "[2001:db8::1]:8080"),
        ("http://192.168.0.7:8000/v1", "192.168.0.7:8000"),
        ("http://localhost.example/v1", "localhost.example"),
        ("http://127.0.0.1.example/v1", "127.0.0.1.example"),
    ],
)
def test_an_endpoint_is_named_by_its_host(url: str | None, label: str):
    assert endpoint_label(url) == label


@pytest.mark.parametrize(
    "url", ["localhost:8080", "ftp://x/v1", "http:///v1", "http://[::1", "http://x:99999/v1", "/v1"]
)
def test_what_is_no_address_is_wrong_usage(url: str):
    with pytest.raises(UsageError):
        endpoint_label(url)


def test_a_url_is_shown_without_password_and_query():
    assert shown_url("https://user:pw@api.example:8443/v1?key=k#f") == "https://api.example:8443/v1"
    assert shown_url("http://[::1]:80/v1") == "http://[::1]:80/v1"


@pytest.mark.parametrize(
    "query", ["api-key=canary", "key=canary", "x=1&token=canary", "sig=canary", "code=canary", "KEY"]
)
def test_a_key_in_the_query_of_a_url_is_wrong_usage_and_says_where_it_belongs(query: str):
    with pytest.raises(UsageError, match=r"holds a key in its query .*QUOTES_API_KEY.*header_env") as caught:
        checked_url(f"https://api.example/v1?{query}")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("rest", ["?api-version=2026-01-01", "#part"])
def test_a_query_is_no_part_of_a_base_url(rest: str):
    with pytest.raises(UsageError, match="api_version") as caught:
        checked_url(f"https://api.example/v1{rest}")
    assert rest not in str(caught.value)


BOTH = {"QUOTES_API_KEY": "own", "OPENAI_API_KEY": "openai"}
OPENAI = {"OPENAI_API_KEY": "openai"}


@pytest.mark.parametrize(
    ("url", "environ", "key"),
    [
        (None, OPENAI, "openai"),
        (None, BOTH, "own"),
        ("https://eu.api.openai.com/v1", OPENAI, "openai"),
        ("https://mine.openai.azure.com/openai/v1", OPENAI, "openai"),
        ("https://api.example/v1", OPENAI, None),
        ("https://evilopenai.com/v1", OPENAI, None),
        ("https://openai.com.evil.example/v1", OPENAI, None),
        ("https://api.example/v1", BOTH, "own"),
        ("https://api.example/v1", OPENAI | {"OPENAI_BASE_URL": "https://api.example/v1/"}, "openai"),
        ("http://127.0.0.1:8080/v1", OPENAI, None),
        ("http://127.0.0.1:8080/v1", BOTH, "own"),
        (None, {"OPENAI_API_KEY": ""}, None),
        (None, {}, None),
    ],
)
def test_a_key_goes_only_where_it_belongs(url: str | None, environ: dict[str, str], key: str | None):
    assert api_key_for(url, environ) == key


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://desk.openai.azure.com", False),
        ("https://openai.com.example/v1", False),
        ("https://myopenai.com/v1", False),
        ("http://127.0.0.1:8080/v1", False),
    ],
)
def test_openais_own_addresses_are_known(url: str | None, is_theirs: bool):
    assert is_openai(url) is is_theirs
