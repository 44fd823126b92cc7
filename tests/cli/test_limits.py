"""``--max-tokens-total`` and ``--max-cost``: a limit ends the command before it is passed, and a higher one goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.loopback import Answer, Loopback, dismiss_all_marks
from tests.cli.processes import Shell

CONFIG = """
[profiles.priced]
model = "tiny"
base_url = "{url}"

[prices.tiny]
input = 2000.0
output = 4000.0
currency = "EUR"
"""
TOKENS_IN, TOKENS_OUT = 900, 100
COST = (TOKENS_IN * 2000 + TOKENS_OUT * 4000) / 1_000_000
ARTICLES = 24


def telling(body: dict[str, Any]) -> Answer:
    """A sound reply that says it took a thousand tokens."""
    status, kind, text = dismiss_all_marks(body)
    usage = {"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT, "total_tokens": TOKENS_IN + TOKENS_OUT}
    return status, kind, json.dumps(json.loads(text) | {"usage": usage})


def command(*arguments: object) -> tuple[object, ...]:
    shared = ("--config", "quotes.toml", "-o", "out.jsonl", "--cache", "cache.sqlite", "--max-output-tokens", 200)
    return "extract", "in.jsonl", *shared, *arguments


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("option", "lower", "higher", "used"),
    [("--max-tokens-total", 20_000, 200_000, TOKENS_IN + TOKENS_OUT), ("--max-cost", 50, 500, COST)],
)
@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_limit_ends_the_command_and_a_higher_one_goes_on(
    shell: Shell, endpoint: Loopback, option: str, lower: int, higher: int, used: float, concurrency: int
) -> None:
    shell.articles(ARTICLES)
    shell.write("quotes.toml", CONFIG.format(url=endpoint.url))
    endpoint.answer = telling
    shared = command("--concurrency", concurrency, "--log-json", "log.jsonl")
    first = shell.run(*shared, option, lower)
    sent = len(endpoint.bodies)
    assert first.code == 4, first.err
    assert 0 < sent * used <= lower
    (why,) = (line for line in first.lines if "are spent" in line)
    assert f"raise {option}; the same command then goes on where this one stopped" in why
    kept = (shell.folder / "out.jsonl.part").read_text(encoding="utf-8").count('"status": "complete"')
    assert sent - kept in range(concurrency)  # the last reply may have come and not been written when the run ended
    assert not (shell.folder / "out.jsonl").exists()
    (summary,) = (line for line in first.lines if line.startswith("quotes: ") and "requests (" in line)
    assert f"{sent} requests ({sent * TOKENS_IN:,} tokens in, {sent * TOKENS_OUT:,} out" in summary
    end = events(shell.folder / "log.jsonl")[-1]
    assert (end["event"], end["error"], end["exit_code"], end["complete"]) == ("end", "BudgetSpent", 4, False)
    assert (end["articles"], end["asked"] - sent, end["cost"]) == (kept, 0, pytest.approx(sent * COST))

    again = shell.run(*shared, option, higher)
    assert again.code == 0, again.err
    assert len(endpoint.bodies) == len(set(endpoint.keys)) == ARTICLES
    assert "from the journal" in again.lines[-1]
    records = events(shell.folder / "out.jsonl")
    assert [record["id"] for record in records] == [f"a{n}" for n in range(ARTICLES)]
    assert {record["status"] for record in records} == {"complete"}


def test_a_limit_that_the_first_request_might_pass_sends_nothing(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(2)
    shell.write("quotes.toml", CONFIG.format(url=endpoint.url))
    for option in ("--max-tokens-total", "--max-cost"):
        done = shell.run(*command(option, 0))
        assert done.code == 4, done.err
        assert f"raise {option}" in done.err
        assert not any("request" in line for line in done.lines if line.startswith("quotes: 0 articles"))
    assert endpoint.bodies == []


def test_what_the_cache_has_is_within_any_limit(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    shell.write("quotes.toml", CONFIG.format(url=endpoint.url))
    first = shell.run(*command())
    assert first.code == 0, first.err
    again = shell.run(*command("--overwrite", "--max-tokens-total", 0, "--max-cost", 0))
    assert again.code == 0, again.err
    assert len(endpoint.bodies) == 3
