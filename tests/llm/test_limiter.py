"""Requests and tokens a minute: given limits hold in every minute, those of headers are learnt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import UsageError
from quotes.llm.limiter import MINUTE, Limiter

UNIX = 1_792_670_400.0  # 2026-10-22 12:00:00 UTC


def go(limiter: Limiter, tokens: int, now: float) -> float:
    """Wait for the turn of a request of so many *tokens* and take it; when that was."""
    for _ in range(100):
        wait = limiter.wait(tokens, now)
        if wait == 0.0:
            limiter.take(tokens, now)
            return now
        assert 0 < wait <= MINUTE + 1e-6
        now += wait
    raise AssertionError("waiting has no end")


def test_without_limits_nobody_waits():
    limiter = Limiter()
    for _ in range(1000):
        assert limiter.wait(10**9, 0.0) == 0.0
        limiter.take(10**9, 0.0)


@pytest.mark.parametrize("limits", [{"rpm": 0}, {"tpm": -5}])
def test_a_limit_below_one_is_wrong_usage(limits: dict[str, int]):
    with pytest.raises(UsageError):
        Limiter(**limits)


ASKED = st.lists(st.tuples(st.floats(0, 40), st.integers(0, 1500)), max_size=40)


@given(st.integers(1, 6), st.integers(1, 2000), ASKED)
def test_no_minute_holds_more_than_was_allowed(rpm: int, tpm: int, asked: list[tuple[float, int]]):
    limiter, now, went = Limiter(rpm, tpm), 0.0, []
    for later, tokens in asked:
        now = go(limiter, tokens, now + later)
        went.append((now, tokens))
    for begin, _ in went:
        within = [tokens for moment, tokens in went if begin <= moment < begin + MINUTE - 1e-3]
        assert len(within) <= rpm
        assert sum(within) <= tpm or len(within) == 1 or sum(within) - max(within) == 0  # one alone may be too large


def test_what_was_not_used_is_free_again():
    limiter = Limiter(tpm=1000)
    share = limiter.take(900, 0.0)
    assert limiter.wait(500, 1.0) == 59.0
    limiter.settle(share, 100)
    assert limiter.wait(500, 1.0) == 0.0


def test_a_request_larger_than_the_limit_goes_alone():
    limiter = Limiter(tpm=100)
    assert [go(limiter, 5000, 0.0), go(limiter, 5000, 0.0)] == [0.0, 60.0]


def told(headers: dict[str, str], **limits: int) -> Limiter:
    limiter = Limiter(**limits)
    share = limiter.take(10, 0.0)
    limiter.settle(share, 10)
    limiter.hear(share, headers, 0.0, UNIX)
    return limiter


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        (
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1m0s",
            },
            1.0,  # one comes back each second
        ),
        (
            {
                "x-ratelimit-limit-tokens": "6000",
                "x-ratelimit-remaining-tokens": "400",
                "x-ratelimit-reset-tokens": "56s",
            },
            1.0,  # 500 are wanted, and a hundred come back each second
        ),
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-10-22T12:00:25Z",
            },
            0.5,
        ),
        ({"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int((UNIX + 9) * 1000))}, 9.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "86400"}, 60.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "30"}, 0.0),
        ({"x-ratelimit-remaining-requests": "0"}, 0.0),
        ({"x-ratelimit-remaining-requests": "none", "x-ratelimit-reset-requests": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_what_the_headers_say_is_heeded_before_the_next_request_goes(headers: dict[str, str], wait: float):
    assert told(headers).wait(500, 0.0) == pytest.approx(wait)


def test_given_limits_go_before_those_of_headers():
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": "30"}
    assert told(headers, rpm=100).wait(1, 0.0) == 0.0
    assert told(headers, tpm=100).wait(1, 0.0) == 30.0


def test_requests_that_went_after_the_one_that_was_answered_count_against_what_is_left():
    limiter = Limiter()
    early, answered = limiter.take(1, 0.0), limiter.take(1, 1.0)
    later = limiter.take(1, 2.0)
    limiter.settle(answered, 1)
    headers = {"ratelimit-remaining": "2", "ratelimit-reset": "30"}
    limiter.hear(answered, headers, 3.0, UNIX)
    assert go(limiter, 1, 3.0) == 3.0  # two are left, and *later* has taken one
    assert limiter.wait(1, 3.0) == 30.0
    limiter.hear(early, {"ratelimit-remaining": "9", "ratelimit-reset": "30"}, 3.5, UNIX)  # older news
    assert limiter.wait(1, 3.5) == 29.5
    limiter.hear(later, {"ratelimit-remaining": "1", "ratelimit-reset": "20"}, 4.0, UNIX)


VALUES = st.one_of(st.text(st.characters(codec="ascii"), max_size=12), st.integers().map(str), st.floats().map(str))
NAMES = [
    *(
        f"x-ratelimit-{part}-{counted}"
        for part in ("limit", "remaining", "reset")
        for counted in ("requests", "tokens")
    ),
    *(f"ratelimit-{part}" for part in ("limit", "remaining", "reset")),
    *(f"anthropic-ratelimit-tokens-{part}" for part in ("limit", "remaining", "reset")),
]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.integers(0, 10**9))
def test_no_headers_make_anybody_wait_longer_than_a_minute(headers: dict[str, Any], tokens: int):
    assert 0.0 <= told(headers).wait(tokens, 0.0) <= MINUTE
