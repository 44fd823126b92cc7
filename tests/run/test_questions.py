"""Questions: what is said of an endpoint shapes what is asked, is recorded, and tells two runs apart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import open_store
from quotes.errors import CacheError, UsageError
from quotes.prompting.dialect import Dialect
from quotes.run.assembly import Assembly, assemble
from quotes.run.settings import Endpoint, Settings

URL = "http://127.0.0.1:9/v1"
SAID = Endpoint(
    extra_body={"provider": {"order": ["one"]}},
    reasoning_effort="low",
    seed=7,
    limit_parameter="max_completion_tokens",
    cache_breakpoints=True,
)
MEANT = Dialect(
    limit_parameter="max_completion_tokens",
    seed=7,
    reasoning_effort="low",
    extra_body={"provider": {"order": ["one"]}},
    breakpoints="cache_control",
)


def assembled(folder: Path, **said: Any) -> Assembly:
    where = {} if "replay" in said else {"base_url": URL, "cache": str(folder / "rec"), "model": "tiny"}
    assembly = assemble(Settings(**(where | said)), {})
    asyncio.run(assembly.backend.aclose())
    return assembly


def dialect(assembly: Assembly) -> Dialect:
    assert assembly.engine.prompt is not None
    return assembly.engine.prompt.dialect


def remember(folder: Path, **fields: Any) -> str:
    store = open_store(folder / "rec")
    store.merge_manifest(fields)
    store.close()
    return str(folder / "rec")


def test_what_a_profile_says_of_an_endpoint_is_how_it_is_asked(tmp_path: Path) -> None:
    assert dialect(assembled(tmp_path)) == Dialect()
    assert dialect(assembled(tmp_path, endpoint=SAID)) == MEANT


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        ("https://api.openai.com/v1", "prompt_cache_breakpoint"),
        ("https://desk.openai.azure.com/openai", "prompt_cache_breakpoint"),
        ("https://router.example/v1", "cache_control"),
    ],
)
def test_the_mark_for_a_prompt_cache_is_the_endpoints_own(tmp_path: Path, url: str, mark: str) -> None:
    made = assembled(tmp_path, endpoint=Endpoint(cache_breakpoints=True), base_url=url)
    assert dialect(made).breakpoints == mark


def test_a_replay_asks_as_was_recorded_and_is_the_same_run(tmp_path: Path) -> None:
    recording = assembled(tmp_path, endpoint=SAID, structured="tool")
    replay = assembled(tmp_path, replay=remember(tmp_path, **recording.manifest))
    assert dialect(replay) == dialect(recording) == Dialect("tool", fixed=True, **_plain(MEANT))
    assert replay.fingerprint == recording.fingerprint
    assert dialect(assembled(tmp_path, replay=str(tmp_path / "rec"), structured="auto")).rung == "strict"


def _plain(one: Dialect) -> dict[str, Any]:
    return {
        name: getattr(one, name)
        for name in ("limit_parameter", "seed", "reasoning_effort", "extra_body", "breakpoints")
    }


def test_runs_that_ask_differently_are_told_apart_and_what_was_found_out_is_no_difference(tmp_path: Path) -> None:
    plain = assembled(tmp_path)
    others = [assembled(tmp_path, endpoint=SAID), assembled(tmp_path, structured="prompt")]
    assert len({plain.fingerprint, *(other.fingerprint for other in others)}) == 3
    assert others[1].options["structured"] == "prompt"
    remember(tmp_path, dialects={"local tiny news": [{"rung": "tool"}]})
    later = assembled(tmp_path)
    assert dialect(later).rung == "tool"
    assert later.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("said", "rung"),
    [({}, "tool"), ({"structured": "schema"}, "schema"), ({"cache_mode": "refresh"}, "strict")],
)
def test_a_run_begins_where_another_one_ended_unless_it_is_told_otherwise(tmp_path: Path, said: Any, rung: str) -> None:
    remember(tmp_path, dialects={"local tiny news": [{}, {"rung": "tool", "omitted": ["seed"]}]})
    found = dialect(assembled(tmp_path, endpoint=Endpoint(seed=3), **said))
    assert found.rung == rung
    assert ("seed" in found.omitted) == (said != {"cache_mode": "refresh"})


def test_another_endpoint_model_or_pack_begins_anew(tmp_path: Path) -> None:
    remember(tmp_path, dialects={"local tiny news": [{"rung": "tool"}]})
    others = [{"model": "other"}, {"base_url": "https://models.example/v1"}, {"backend": "judge"}]
    assert [dialect(assembled(tmp_path, **other)).rung for other in others] == ["strict"] * 3
    manifest = assembled(tmp_path, model="other").manifest
    assert set(manifest["dialects"]) == {"local tiny news", "local other news"}


@pytest.mark.parametrize(
    "fields",
    [
        {"dialects": []},
        {"dialects": {"local tiny news": {}}},
        {"dialects": {"local tiny news": [{"rung": 1}]}},
    ],
)
def test_a_damaged_manifest_is_told(tmp_path: Path, fields: Any) -> None:
    remember(tmp_path, **fields)
    with pytest.raises(CacheError, match="dialects is not of its kind"):
        assembled(tmp_path)


def test_a_damaged_dialect_of_a_replay_is_told(tmp_path: Path) -> None:
    place = remember(tmp_path, model="tiny", settings={"dialect": {"seed": "many"}})
    with pytest.raises(CacheError, match=r"settings\.dialect"):
        assembled(tmp_path, replay=place)


def test_what_would_replace_the_question_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"extra_body\.messages"):
        assembled(tmp_path, endpoint=Endpoint(extra_body={"messages": []}))
