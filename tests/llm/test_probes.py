"""Probes: what answers give away, apart from any endpoint."""

from __future__ import annotations

import pytest

from quotes.errors import ConnectionFailed, EndpointUnusable, FormRefused, RequestFailed
from quotes.exchange import Reply, Usage
from quotes.llm.outcomes import Retry
from quotes.llm.probes import (
    Attempt,
    caching_finding,
    concurrency_finding,
    context_in,
    limit_finding,
    meant,
    models_in,
    rung_finding,
)
from quotes.prompting.dialect import Rung


def replied(content: str = "red", tokens: int = 2, cached: int = 0, seconds: float = 1.0) -> Attempt:
    return Attempt(Reply(content, usage=Usage(1, 100, tokens, cached)), {"content": content}, {}, seconds)


@pytest.mark.parametrize(
    ("rung", "content", "word"),
    [
        ("strict", '{"colour": "green"}', "enforced"),
        ("strict", '{"colour": "red"}', "loose"),
        ("strict", '"green"', "ignored"),
        ("schema", "", "ignored"),
        ("tool", "red", "ignored"),
        ("object", '```json\n{"colour": "green"}\n```', "ignored"),
        ("prompt", '```json\n{"colour": "green"}\n```', "followed"),
        ("prompt", '{"colour": "red"}', "ignored"),
    ],
)
def test_an_answer_gives_away_what_a_rung_does(rung: Rung, content: str, word: str) -> None:
    assert rung_finding(rung, replied(content)).word == word


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (FormRefused("refuses the parameter max_tokens", part="max_tokens"), "refused"),
        (RequestFailed("the endpoint refused the request (status 400)"), "refused"),
        (Reply("", outcome="schema_refused"), "refused"),
        (ConnectionFailed("the connection broke"), "failed"),
        (EndpointUnusable("the quota is exhausted"), "failed"),
        (Retry("status 503"), "failed"),
    ],
)
def test_a_refusal_is_told_from_a_failure(verdict: Reply, word: str) -> None:
    assert limit_finding("max_tokens", Attempt(verdict)).word == word


def test_a_limit_holds_or_does_not() -> None:
    assert limit_finding("max_tokens", replied("one, two", tokens=8)).word == "held"
    assert limit_finding("max_tokens", replied("one, two", tokens=90)).word == "ignored"
    assert limit_finding("max_tokens", replied("one, two, " * 20, tokens=0)).word == "ignored"


def test_more_at_once_is_better_only_while_it_gains_something() -> None:
    def level(size: int, seconds: float) -> tuple[list[Attempt], float]:
        return [replied()] * size, seconds

    assert concurrency_finding([level(1, 1.0), level(4, 1.0), level(8, 1.0)]).word == "8"
    assert concurrency_finding([level(1, 1.0), level(4, 1.0), level(8, 2.0)]).word == "4"
    assert concurrency_finding([level(1, 1.0), level(4, 4.0)]).word == "1"
    refused = [replied()] * 3 + [Attempt(Retry("status 429: too many"))]
    found = concurrency_finding([level(1, 1.0), (refused, 1.0)])
    assert (found.word, found.detail) == ("1", "1: 1.0/s, 1 of 4 at once failed: status 429: too many")


def test_a_prefix_is_known_again_by_the_tokens_or_by_the_time() -> None:
    assert caching_finding(replied(), replied(cached=90)).word == "told"
    assert caching_finding(replied(seconds=2.0), replied(seconds=0.4)).word == "faster"
    assert caching_finding(replied(seconds=0.02), replied(seconds=0.004)).word == "none"


def test_lists_of_models_are_read_in_every_shape() -> None:
    assert models_in({"data": [{"id": "a"}, {"name": "b"}, 3]}) == ["a"]
    assert models_in([{"id": "a"}]) == ["a"]
    assert models_in("nonsense") == models_in(None) == models_in({"data": None}) == []
    assert context_in({"data": [{"id": "a", "context_length": 9000}]}, "a") == 9000
    assert context_in({"data": [{"id": "a", "meta": {"n_ctx": 4096}}]}, "a") == 4096
    assert context_in({"data": [{"id": "a", "meta": None}]}, "a") is None


def test_a_model_is_meant_by_what_looks_like_it() -> None:
    names = ["vendor/m-large", "vendor/m-small"]
    assert meant("M-Large", names) == "vendor/m-large"
    assert meant("vendor/m-smal", names) == "vendor/m-small"
    assert meant("zzz", names) is None
