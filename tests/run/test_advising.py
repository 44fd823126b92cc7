"""Advice: the options that what was found recommends, and a profile that can be read again."""

from __future__ import annotations

import tomllib

import pytest

from quotes.llm.probes import Finding
from quotes.run.advising import advise, best_rung, profile_name


def found(**words: str) -> list[Finding]:
    return [Finding(name, word) for name, word in words.items()]


@pytest.mark.parametrize(
    ("words", "rung"),
    [
        ({"strict": "enforced", "tool": "enforced"}, "strict"),
        ({"strict": "refused", "schema": "ignored", "tool": "enforced", "object": "loose"}, "tool"),
        ({"strict": "loose", "tool": "loose", "object": "loose", "prompt": "followed"}, "object"),
        ({"strict": "loose", "object": "ignored", "prompt": "followed"}, "strict"),
        ({"strict": "ignored", "prompt": "followed"}, "prompt"),
        ({"strict": "ignored", "prompt": "ignored"}, None),
    ],
)
def test_what_holds_a_model_to_the_schema_comes_first(words: dict[str, str], rung: str | None) -> None:
    assert best_rung(found(**words)) == rung


def test_the_options_are_those_that_differ_from_the_defaults() -> None:
    best = advise(found(strict="enforced", concurrency="8", logprobs="given"), "models.example", {})
    assert best is not None
    assert best.line == ""
    poor = advise(found(tool="enforced", temperature="refused", concurrency="4"), "models.example", {})
    assert poor is not None
    assert poor.line == "--structured tool --no-temperature --concurrency 4"
    assert advise(found(strict="ignored"), "local", {}) is None


def test_a_profile_can_be_read_again() -> None:
    endpoint = {"model": 'm "large" é', "base_url": "https://models.example/v1"}
    advice = advise(found(tool="enforced", max_tokens="refused", max_completion_tokens="held"), "x", endpoint)
    assert advice is not None
    assert tomllib.loads(advice.snippet("x")) == {
        "profiles": {"x": {**endpoint, "structured": "tool", "limit_parameter": "max_completion_tokens"}}
    }


@pytest.mark.parametrize(
    ("label", "name"),
    [("local", "local"), ("api.openai.com", "openai"), ("models.example:8443", "models"), ("[::2]", "endpoint")],
)
def test_a_profile_is_named_after_its_host(label: str, name: str) -> None:
    assert profile_name(label) == name
