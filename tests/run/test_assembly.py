"""Assembly: what a cascade is made of, how far its model is believed, and what makes two runs alike."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import open_store
from quotes.errors import PackError
from quotes.extraction.trust import UNMEASURED, Trust
from quotes.prompting import CASCADE_PACK, JUDGE_PACK
from quotes.run.assembly import Assembly, assemble
from quotes.run.settings import Settings

PACKS = Path(__file__).parents[2] / "prompts"
URL = "http://127.0.0.1:9/v1"


def assembled(folder: Path, **said: Any) -> Assembly:
    """What *said* comes to, with nothing left open."""
    where = {} if "replay" in said else {"base_url": URL, "cache": str(folder / "c.sqlite"), "model": "tiny"}
    assembly = assemble(Settings(**(where | said)), {})
    asyncio.run(assembly.backend.aclose())
    return assembly


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "cascade", tmp_path / "mine"))


def trusting(pack: Path, **table: Any) -> str:
    (pack / "trust.json").write_text(json.dumps(table), encoding="utf-8")
    return str(pack)


@pytest.mark.parametrize(("backend", "cascade"), [("model", False), ("judge", False), ("cascade", True)])
def test_only_a_cascade_is_one_and_its_manifest_says_so(tmp_path: Path, backend: Any, cascade: bool) -> None:
    assembly = assembled(tmp_path, backend=backend)
    assert assembly.engine.cascade is cascade
    assert assembly.manifest["backend"] == backend


def test_a_cascade_has_a_pack_of_its_own_and_takes_any_that_attributes(tmp_path: Path) -> None:
    prompt = assembled(tmp_path, backend="cascade").engine.prompt
    assert prompt is not None
    assert (prompt.pack.name, prompt.chunk_tokens) == (CASCADE_PACK, prompt.pack.options["chunk_tokens"])
    assert assembled(tmp_path, backend="cascade", prompt="news").engine.cascade
    with pytest.raises(PackError, match="the pack is for --backend judge, not for cascade"):
        assembled(tmp_path, backend="cascade", prompt=JUDGE_PACK)


def test_what_was_recorded_as_a_cascade_is_replayed_as_one(tmp_path: Path) -> None:
    recording = assembled(tmp_path, backend="cascade", cache=None, record=str(tmp_path / "replies"), chunk_tokens=300)
    store = open_store(tmp_path / "replies")
    store.merge_manifest(recording.manifest)
    store.close()
    replayed = assembled(tmp_path, replay=str(tmp_path / "replies"))
    assert replayed.engine.cascade
    assert replayed.engine.prompt is not None
    assert replayed.engine.prompt.chunk_tokens == 300
    assert replayed.fingerprint == recording.fingerprint
    assert not assembled(tmp_path, replay=str(tmp_path / "replies"), backend="model", prompt="news").engine.cascade


def test_a_model_is_believed_as_its_pack_says_else_as_a_model_of_its_place(tmp_path: Path, pack: Path) -> None:
    def trust(prompt: str, **said: Any) -> Trust:
        return assembled(tmp_path, backend="cascade", prompt=prompt, **said).engine.trust

    measured = trusting(pack, tiny={"keep": 0.1}, local={"keep": 0.2}, hosted={"keep": 0.3})
    assert trust(measured).keep == 0.1
    assert trust(measured, model="other").keep == 0.2
    assert trust(measured, model="other", base_url="https://models.example/v1").keep == 0.3
    assert trust(trusting(pack, other={"keep": 0.1})) == UNMEASURED


def test_runs_that_differ_in_who_is_asked_or_believed_are_not_alike(tmp_path: Path, pack: Path) -> None:
    def fingerprint(backend: Any, **table: Any) -> str:
        return assembled(tmp_path, backend=backend, prompt=trusting(pack, **table)).fingerprint

    alike = fingerprint("cascade", tiny={"keep": 0.1})
    assert fingerprint("cascade", tiny={"keep": 0.1}) == alike
    assert fingerprint("cascade", tiny={"keep": 0.2}) != alike
    assert fingerprint("model", tiny={"keep": 0.1}) != alike


def test_only_a_run_without_a_second_opinion_says_so_in_its_shape(tmp_path: Path) -> None:
    usual, said = (assembled(tmp_path, backend="model", prompt="news", second_opinion=said) for said in (None, True))
    without = assembled(tmp_path, backend="model", prompt="news", second_opinion=False)
    assert "second_opinion" not in usual.options
    assert said.fingerprint == usual.fingerprint != without.fingerprint
    assert (usual.engine.second_opinion, without.engine.second_opinion) == (True, False)


@pytest.mark.parametrize("entry", [{"cases": {"alone": [1, 2]}}, {"keep": "much"}, {"judging": {"odds": 1}}])
def test_a_broken_entry_names_the_pack_as_it_was_said(tmp_path: Path, pack: Path, entry: Any) -> None:
    with pytest.raises(PackError, match=r"mine: trust\.json: .*quotes eval --calibrate"):
        assembled(tmp_path, backend="cascade", prompt=trusting(pack, tiny=entry))
    assembled(tmp_path, backend="cascade", prompt=trusting(pack, other=entry))
