"""How long an endpoint asks to be left alone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.llm.headers import LONGEST_WAIT, duration, retry_after

NOON = 1_792_670_400.0  # Unix time of "Thu, 22 Oct 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Thu, 22 Oct 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 22 Oct 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf", "x-ratelimit-reset-requests": "4s"}, 4),
        ({"retry-after": "3600"}, LONGEST_WAIT),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({"x-ratelimit-reset-tokens": "6m0s"}, LONGEST_WAIT),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "7.66s"}, 7.66),
        ({"x-ratelimit-reset-tokens": "9s", "x-ratelimit-remaining-tokens": "500"}, None),
        ({"x-ratelimit-reset-requests": "2s", "x-ratelimit-remaining-requests": "0"}, 2),
        ({"anthropic-ratelimit-tokens-reset": "2026-10-22T12:00:20Z"}, 20),
        ({"anthropic-ratelimit-tokens-reset": "2026-10-22T14:00:20+02:00"}, 20),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "11"}, 11),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "11"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1792670413"}, 13),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1792670413000"}, 13),
    ],
)
def test_the_headers_say_how_long(headers: dict[str, str], seconds: float | None):
    assert retry_after(headers, NOON) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h2m3s", 3723),
        ("2m59.56s", 179.56),
        ("12", 12),
        ("1d", 86400),
        ("", None),
        (None, None),
        ("5 apples", None),
        ("s", None),
    ],
)
def test_durations_as_servers_write_them(text: str | None, seconds: float | None):
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


NAMES = ["retry-after", "retry-after-ms", "x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"]
VALUES = st.one_of(
    st.text(st.characters(codec="ascii"), max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["1h", "9e9s", "1e400"]),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first use of characters builds a table
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_header_makes_a_wait_that_is_not_between_nothing_and_a_minute(headers: dict[str, str]):
    wait = retry_after(headers, NOON)
    assert wait is None or 0 <= wait <= LONGEST_WAIT
