"""``quotes doctor`` on endpoints of several characters: what each really does, and the options that suit it."""

from __future__ import annotations

import json
import socket
import tomllib
from typing import Any

import pytest

from quotes.run.doctor import examine
from quotes.run.settings import Settings
from tests.cli.characters import Character, serving
from tests.cli.processes import Done, Shell


def examined(shell: Shell, character: Character, *arguments: object) -> Done:
    return shell.run("doctor", "--base-url", character.url, *arguments)


def report_on(character: Character) -> dict[str, Any]:
    """What ``quotes doctor --json`` prints of *character*, without a process."""
    with serving(character):
        settings = Settings(base_url=character.url, model="tiny")
        report = examine(settings, {}, sleep=lambda _seconds: None).to_json()
    assert report["usable"]
    assert report["cost"]["requests"] == len(character.bodies) + 1
    assert report["cost"]["requests"] <= 30
    return report


RUNGS = {
    "strict": "enforced",
    "schema": "enforced",
    "tool": "enforced",
    "object": "loose",
    "prompt": "followed",
}


def row(out: str, name: str) -> str:
    """What the table says of *name*."""
    return next(line for line in out.splitlines() if line.startswith(f"{name}  ")).removeprefix(name).strip()


def words(report: dict[str, Any]) -> dict[str, str]:
    return {name: finding["found"] for name, finding in report["findings"].items()}


def test_an_endpoint_that_enforces_everything_needs_no_option(shell: Shell) -> None:
    character = Character(caches=True)
    with serving(character):
        done = examined(shell, character)
    assert done.code == 0, done.err
    out = done.out.decode()
    for rung, word in RUNGS.items():
        assert row(out, rung).startswith(word)
    assert row(out, "prompt cache").startswith("told")
    assert "quotes extract: " in out
    assert "--backend judge" in out
    assert f"{len(character.bodies) + 1} requests" in out
    assert done.err == ""


def test_its_json_says_the_same_and_the_profile_can_be_used(shell: Shell) -> None:
    with serving(Character()) as character:
        done = examined(shell, character, "--json")
    report = json.loads(done.out)
    assert words(report) == {
        "reachable": "yes",
        "model": "listed",
        "key": "accepted",
        "max_tokens": "held",
        "max_completion_tokens": "held",
        "temperature": "taken",
        "strict": "enforced",
        "schema": "enforced",
        "tool": "enforced",
        "object": "loose",
        "prompt": "followed",
        "logprobs": "given",
        "seed": "equal",
        "usage": "told",
        "concurrency": words(report)["concurrency"],
        "prompt_cache": "none",
        "context": "told",
    }
    assert report["findings"]["context"]["tokens"] == 4096
    assert report["findings"]["logprobs"]["alternatives"] == 5
    assert report["recommended"]["profile"]["local"]["model"] == "tiny"


def test_the_profile_it_prints_is_read_by_extract_and_by_itself(shell: Shell) -> None:
    character = Character(refuses=frozenset({"strict", "temperature"}), logprobs=False)
    with serving(character):
        printed = examined(shell, character).out.decode()
        snippet = printed[printed.index("[profiles.") :]
        profile = tomllib.loads(snippet)["profiles"]["local"]
        assert profile["structured"] == "schema"
        assert profile["no_temperature"] is True
        shell.write("quotes.toml", snippet)
        again = shell.run("doctor", "--config", "quotes.toml", "--json")
        assert again.code == 0, again.err
        asked = len(character.bodies)
        shell.articles(1)
        shell.run("extract", "in.jsonl", "--config", "quotes.toml")
    assert {rung_parts(body) for body in character.bodies[asked:]} == {("json_schema", False)}


def rung_parts(body: dict[str, Any]) -> tuple[str, bool]:
    form = body["response_format"]
    return form["type"], "temperature" in body or "strict" in form["json_schema"]


@pytest.mark.parametrize(
    ("character", "expected", "options"),
    [
        (
            Character(enforces=frozenset()),
            {"strict": "ignored", "schema": "ignored", "tool": "ignored", "object": "ignored", "prompt": "followed"},
            {"structured": "prompt"},
        ),
        (
            Character(enforces=frozenset({"object"}), refuses=frozenset({"tool", "strict"})),
            {"strict": "refused", "schema": "ignored", "tool": "refused", "object": "loose"},
            {"structured": "object"},
        ),
        (
            Character(enforces=frozenset({"tool"}), refuses=frozenset({"strict", "schema", "object"})),
            {"strict": "refused", "schema": "refused", "tool": "enforced", "object": "refused"},
            {"structured": "tool"},
        ),
        (
            Character(refuses=frozenset({"max_tokens"})),
            {"max_tokens": "refused", "max_completion_tokens": "held"},
            {},
        ),
        (
            Character(limits=frozenset({"max_tokens"})),
            {"max_tokens": "held", "max_completion_tokens": "ignored"},
            {},
        ),
        (Character(refuses=frozenset({"temperature"})), {"temperature": "refused"}, {"no_temperature": True}),
        (Character(refuses=frozenset({"logprobs"})), {"logprobs": "refused"}, {"backend": None}),
        (Character(logprobs=False), {"logprobs": "missing"}, {"backend": None}),
        (Character(refuses=frozenset({"seed"})), {"seed": "refused"}, {}),
        (Character(seeded=False), {"seed": "different"}, {}),
        (Character(usage=False), {"usage": "missing"}, {}),
        (Character(most_at_once=1, delay=0.1), {"concurrency": "1"}, {"concurrency": 1}),
        (Character(caches=True), {"prompt_cache": "told"}, {}),
        (Character(lists_models=False), {"model": "not told", "context": "not told"}, {}),
    ],
)
def test_what_an_endpoint_does_is_found_out(
    character: Character, expected: dict[str, str], options: dict[str, Any]
) -> None:
    report = report_on(character)
    assert {name: words(report)[name] for name in expected} == expected
    assert {name: report["recommended"]["options"].get(name) for name in options} == options


def test_answers_that_come_in_the_reasoning_are_found_there() -> None:
    report = report_on(Character(in_reasoning=True))
    assert words(report)["strict"] == "enforced"
    assert report["findings"]["strict"]["in_reasoning"]
    assert any("reasoning" in remark for remark in report["recommended"]["remarks"])


def test_a_name_of_the_limit_that_has_to_be_used_stands_in_the_profile() -> None:
    report = report_on(Character(refuses=frozenset({"max_tokens"})))
    assert report["recommended"]["profile"]["local"]["limit_parameter"] == "max_completion_tokens"


@pytest.mark.parametrize(
    ("character", "model", "message"),
    [
        (Character(key="sk-right-and-long"), "tiny", "refuses the key"),
        (Character(models=("m-large", "m-small")), "m-larg", "does not know the model 'm-larg'"),
        (Character(models=("m-large", "m-small")), None, "no model is named"),
        (Character(page=True), "tiny", "web page"),
        (Character(enforces=frozenset(), follows=False), "tiny", "no answer of the form"),
    ],
)
def test_what_cannot_be_used_ends_with_4_and_says_why(
    shell: Shell, character: Character, model: str | None, message: str
) -> None:
    shell.environment["QUOTES_API_KEY"] = "sk-wrong-and-long"
    with serving(character):
        done = examined(shell, character, "--json", *(("--model", model) if model else ()))
    assert done.code == 4
    assert message in done.lines[-1]
    report = json.loads(done.out)
    assert not report["usable"]
    assert message in report["problem"]
    assert report["recommended"] is None
    assert "sk-wrong" not in done.out.decode() + done.err


def test_a_mistyped_model_is_told_what_may_be_meant(shell: Shell) -> None:
    with serving(Character(models=("vendor/m-large", "vendor/m-small"))) as character:
        done = examined(shell, character, "--model", "m-larg")
    assert "m-larg is not in its list: did you mean 'vendor/m-large'?" in done.out.decode()


def test_nothing_listening_is_told(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = shell.run("doctor", "--base-url", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "--model", "tiny")
    assert done.code == 4
    assert "Connection refused" in done.lines[-1]
    assert "reachable" in done.out.decode()


def test_nothing_named_asks_nobody(shell: Shell) -> None:
    shell.environment["OPENAI_API_KEY"] = "sk-openai"
    done = shell.run("doctor")
    assert done.code == 2
    assert "no endpoint is named" in done.lines[-1]


def test_the_key_is_sent_and_shown_nowhere(shell: Shell) -> None:
    shell.environment["MY_KEY"] = "sk-very-secret"
    with serving(Character(key="sk-very-secret")) as character:
        done = examined(shell, character, "--api-key-env", "MY_KEY")
    assert done.code == 0, done.err
    assert set(character.keys) == {"sk-very-secret"}
    assert "sk-very-secret" not in done.out.decode() + done.err
    assert 'api_key_env = "MY_KEY"' in done.out.decode()


def test_an_endpoint_that_counts_how_many_at_once_is_not_pressed_further() -> None:
    report = report_on(Character(most_at_once=4, delay=0.1))
    assert words(report)["concurrency"] == "4"


def test_an_endpoint_that_turns_each_question_away_at_first_is_asked_no_more_than_30() -> None:
    character = Character(turns_away=1)
    found = words(report_on(character))
    assert {name: found[name] for name in RUNGS} == RUNGS
    assert (found["max_tokens"], found["logprobs"], found["prompt_cache"]) == ("held", "given", "none")
    assert len(character.bodies) == 29  # all questions, as the most requests at once are left out


@pytest.mark.parametrize("times", [2, 3, 1000])
def test_an_endpoint_that_goes_on_turning_questions_away_is_asked_no_more_than_30(times: int) -> None:
    with serving(Character(turns_away=times)) as character:
        settings = Settings(base_url=character.url, model="tiny")
        report = examine(settings, {}, sleep=lambda _seconds: None)
    assert report.problem is not None
    assert report.requests == len(character.bodies) + 1 <= 30


def test_a_list_of_models_that_is_too_large_hides_no_other_finding() -> None:
    report = report_on(Character(models=("tiny", "m" * 9_000_000)))
    assert words(report)["model"] == "not told"
    assert words(report)["strict"] == "enforced"
