"""``quotes extract --dry-run``: what would be asked, in figures that hold, without a trace of having been asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.loopback import Loopback
from tests.cli.processes import Shell

CONFIG = """
[profiles.priced]
model = "tiny"
base_url = "{url}"

[prices.tiny]
input = 2.0
output = 10.0
currency = "EUR"
"""


def model(endpoint: Loopback, *arguments: object) -> tuple[object, ...]:
    return "extract", "in.jsonl", "--model", "tiny", "--base-url", endpoint.url, *arguments


def figures(out: bytes) -> dict[str, str]:
    lines = out.decode().splitlines()
    return {"articles": lines[0]} | dict(line.split(":", 1) for line in lines[1:] if ":" in line)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_it_tells_what_a_run_then_asks_and_leaves_no_trace(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(12)
    before = files(shell.folder)
    planned = shell.run(*model(endpoint, "-o", "out.jsonl", "--dry-run"))
    assert planned.code == 0, planned.err
    assert files(shell.folder) == before
    assert endpoint.bodies == []
    told = figures(planned.out)
    assert told["articles"] == "12 articles, 12 chunks"
    assert told["requests"].strip() == "12"
    assert told["price"].strip().startswith("unknown")
    assert shell.run(*model(endpoint, "-o", "out.jsonl")).code == 0
    assert len(endpoint.bodies) == 12
    most = sum(body["max_tokens"] for body in endpoint.bodies)
    assert told["tokens out"].strip() == f"at most {most:,}"


@pytest.mark.parametrize("cache", ["cache.sqlite", "replies"])
def test_what_the_cache_has_is_not_asked(shell: Shell, endpoint: Loopback, cache: str) -> None:
    shell.articles(12)
    assert shell.run(*model(endpoint, "--limit", 5, "--cache", cache)).code == 0
    planned = shell.run(*model(endpoint, "--dry-run", "--cache", cache))
    assert figures(planned.out)["requests"].strip() == "7, 5 answered by the cache"
    again = shell.run(*model(endpoint, "--dry-run", "--cache", cache, "--cache-mode", "refresh"))
    assert figures(again.out)["requests"].strip() == "12"
    done = shell.run(*model(endpoint, "--dry-run", "--cache", cache, "--limit", 5))
    assert done.out.decode().splitlines()[-1] == "nothing left to ask: the cache has it all"
    assert len(endpoint.bodies) == 5


def test_a_replay_can_be_planned_too(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(4)
    assert shell.run(*model(endpoint, "--limit", 3, "--record", "replies")).code == 0
    planned = shell.run("extract", "in.jsonl", "--replay", "replies", "--dry-run")
    assert figures(planned.out)["requests"].strip() == "1, 3 answered by the cache"


def test_with_prices_it_tells_the_price_and_needs_no_key(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    shell.write("quotes.toml", CONFIG.format(url=endpoint.url))
    arguments = ("--config", "quotes.toml", "--profile", "priced", "--api-key-env", "NO_SUCH", "--dry-run")
    planned = shell.run("extract", "in.jsonl", *arguments, "--log-json", "log.jsonl")
    assert planned.code == 0, planned.err
    (plan,) = (json.loads(line) for line in (shell.folder / "log.jsonl").read_text().splitlines())
    assert (plan["event"], plan["requests"], plan["currency"]) == ("plan", 3, "EUR")
    assert plan["cost"] == pytest.approx((plan["tokens_in"] * 2 + plan["tokens_out"] * 10) / 1_000_000)
    assert figures(planned.out)["price"].strip().startswith(f"about {plan['cost']:,.4f} EUR")
    assert endpoint.bodies == []


def test_a_prompt_with_marks_for_caches_has_as_many_tokens_as_one_without(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    told = []
    for marks in ("true", "false"):
        shell.write(
            "quotes.toml", CONFIG.format(url=endpoint.url).replace("[prices", f"cache_breakpoints = {marks}\n[prices")
        )
        planned = shell.run("extract", "in.jsonl", "--config", "quotes.toml", "--profile", "priced", "--dry-run")
        assert planned.code == 0, planned.err
        told.append(figures(planned.out)["tokens in"])
    assert told[0] == told[1]


def test_a_damaged_reply_is_planned_as_one_to_ask_for_again(shell: Shell, endpoint: Loopback) -> None:
    shell.articles(3)
    assert shell.run(*model(endpoint, "--cache", "replies")).code == 0
    file = next((shell.folder / "replies").glob("a0-*.json"))
    file.write_text("no json")
    planned = shell.run(*model(endpoint, "--dry-run", "--cache", "replies"))
    assert figures(planned.out)["requests"].strip() == "1, 2 answered by the cache"


def test_equal_articles_are_asked_about_once(shell: Shell, endpoint: Loopback) -> None:
    lines = [json.dumps({"id": name, "text": 'The "tide" was high, Ida Krell said.'}) for name in "abc"]
    shell.write("in.jsonl", "\n".join(lines))
    planned = shell.run(*model(endpoint, "--dry-run"))
    assert figures(planned.out)["requests"].strip() == "1"
    shell.run(*model(endpoint))
    assert len(endpoint.bodies) == 1


def test_the_rules_ask_nothing_and_bad_inputs_are_told(shell: Shell) -> None:
    shell.articles(2)
    planned = shell.run("extract", "in.jsonl", "missing.txt", "--dry-run")
    assert planned.code == 1
    assert planned.out.decode().splitlines() == [
        "2 articles, 1 unreadable",
        "nothing to ask: the rules need no model",
    ]
    assert "missing.txt: no such file or folder" in planned.err


@pytest.mark.parametrize("arguments", [("--cache", "a", "--cache-mode", "off"), ("--prompt", "nosuch")])
def test_what_a_run_would_refuse_is_refused(shell: Shell, endpoint: Loopback, arguments: tuple[str, ...]) -> None:
    shell.articles(1)
    assert shell.run(*model(endpoint, "--dry-run", *arguments)).code == 2
