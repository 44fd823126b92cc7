"""``quotes eval --calibrate``: how far a model was right, written into the trust file of a pack and read there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.loopback import Answer, Loopback, completion, dismiss_all_marks, failure, judgement
from tests.cli.processes import Done, Shell

PACKS = Path(__file__).parents[2] / "prompts"
TEXT = "“We tried,” Oduya said. Brandt promised to reopen the ferry. Vega wants the tide."
GOLD = [
    {"content": [[1, 10]], "cue": [[18, 22]], "speaker": [[12, 17]]},
    {"content": [[40, 59]], "cue": [[31, 39]], "speaker": [[24, 30]]},
]
ONE_PACK = (
    "--calibrate: the trust file is that of one pack, asked in one way "
    "(name one --backend and one --prompt, beside the rules)"
)
OTHER = {"cases": {"alone": [30, 20]}, "keep": 0.5}


def attributes(_body: dict[str, Any]) -> Answer:
    """The first quotation with its speaker, and one of nothing anybody annotated."""
    first = {"at": 1, "cue": "said", "speaker": "Oduya", "who": {"person": "Oduya"}, "said": [1]}
    third = {"at": 3, "cue": "wants", "speaker": "Vega", "who": {"person": "Vega"}, "said": ["the tide"]}
    return completion({"attributions": [first, third], "not_quotes": []})


@pytest.fixture
def ready(shell: Shell, endpoint: Loopback) -> Shell:
    """A shell with two annotated articles, and an endpoint that attributes."""
    lines = (json.dumps({"id": f"a{n}", "text": f"{TEXT} It rained on day {n}.", "quotes": GOLD}) for n in range(2))
    shell.write("gold.jsonl", "\n".join(lines) + "\n")
    endpoint.answer = attributes
    return shell


def calibrate(shell: Shell, endpoint: Loopback, *arguments: object, to: str = "trust.json") -> Done:
    options = ("--base-url", endpoint.url, "--json", "--resamples", 0, "--calibrate", to, "-q")
    return shell.run("eval", "gold.jsonl", *(arguments or ("--model", "tiny")), *options)


def trust_of(shell: Shell, name: str = "trust.json") -> dict[str, Any]:
    table: dict[str, Any] = json.loads((shell.folder / name).read_text(encoding="utf-8"))
    return table


def test_the_cases_of_a_model_are_counted(ready: Shell, endpoint: Loopback) -> None:
    done = calibrate(ready, endpoint)
    assert (done.code, done.err) == (0, "")
    entry = trust_of(ready)["tiny"]
    cases: dict[str, list[int]] = {}
    for case, (seen, right) in entry["cases"].items():
        name = case.partition("/")[0]
        cases[name] = [a + b for a, b in zip(cases.get(name, [0, 0]), (seen, right), strict=True)]
    assert cases == {"agree": [2, 2], "alone": [2, 0], "unseen": [2, 2]}
    assert 0 < entry["keep"] < 1


def test_the_same_again_writes_the_same_and_leaves_the_entries_of_other_models(
    ready: Shell, endpoint: Loopback
) -> None:
    ready.write("trust.json", json.dumps({"other": OTHER, "tiny": OTHER}))
    calibrate(ready, endpoint)
    first = (ready.folder / "trust.json").read_bytes()
    assert trust_of(ready)["other"] == OTHER
    assert trust_of(ready)["tiny"] != OTHER
    calibrate(ready, endpoint)
    assert (ready.folder / "trust.json").read_bytes() == first
    calibrate(ready, endpoint, "--model", "tiny", "--model", "another")
    table = trust_of(ready)
    assert table.keys() == {"another", "other", "tiny"}
    assert table["another"] == table["tiny"]


@pytest.mark.parametrize("before", [None, {"tiny": OTHER}])
def test_nothing_is_written_where_an_article_failed(ready: Shell, endpoint: Loopback, before: Any) -> None:
    if before is not None:
        ready.write("trust.json", json.dumps(before))
    refuse = failure(400, "bad", "no such thing")
    endpoint.answer = lambda body: (refuse if "day 1" in body["messages"][-1]["content"] else attributes)(body)
    done = calibrate(ready, endpoint)
    assert done.code == 1
    assert done.lines[-1] == (
        "quotes: trust.json: nothing was written for tiny: 1 article failed, wholly or in part "
        "(mend that, then run it again)"
    )
    assert json.loads(done.out)["systems"]
    assert (trust_of(ready) if before else (ready.folder / "trust.json").exists()) == (before or False)


def test_nothing_is_written_where_nothing_was_found(ready: Shell, endpoint: Loopback) -> None:
    endpoint.answer = dismiss_all_marks
    ready.write("gold.jsonl", json.dumps({"id": "a", "text": "It rained on the pier.", "quotes": []}) + "\n")
    done = calibrate(ready, endpoint)
    assert done.code == 1
    (line,) = done.lines
    assert line == (
        "quotes: trust.json: nothing was written for tiny: nothing was found that could be counted "
        "(give more gold, or another model)"
    )
    assert not (ready.folder / "trust.json").exists()


@pytest.mark.parametrize("backend", ["judge", "cascade"])
def test_every_backend_that_asks_can_be_calibrated_beside_the_rules(
    ready: Shell, endpoint: Loopback, backend: str
) -> None:
    endpoint.answer = judgement if backend == "judge" else attributes
    done = calibrate(ready, endpoint, "--backend", "rules", "--backend", backend, "--model", "tiny")
    assert (done.code, done.err) == (0, "")
    assert trust_of(ready).keys() == {"tiny"}
    assert ("cases" in trust_of(ready)["tiny"]) is (backend == "cascade")


def test_a_replay_calibrates_the_model_it_was_recorded_with(ready: Shell, endpoint: Loopback) -> None:
    recorded = ready.run("extract", "gold.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--record", "replies")
    assert recorded.code == 0, recorded.err
    done = ready.run("eval", "gold.jsonl", "--replay", "replies", "--calibrate", "trust.json", "-q", "--json")
    assert done.code == 0, done.err
    live = calibrate(ready, endpoint, to="live.json")
    assert live.code == 0, live.err
    assert trust_of(ready) == trust_of(ready, "live.json")


def test_a_pack_with_it_decides_what_is_kept_and_how_sure_it_is_said_to_be(ready: Shell, endpoint: Loopback) -> None:
    mine = Path(shutil.copytree(PACKS / "news", ready.folder / "mine"))
    options = ("--model", "tiny", "--base-url", endpoint.url, "--prompt", "mine", "--cache", "c.sqlite")

    def quotes(**entry: Any) -> dict[str, str]:
        (mine / "trust.json").write_text(json.dumps({"tiny": entry}), encoding="utf-8")
        done = ready.run("extract", "gold.jsonl", *options)
        assert done.code == 0, done.err
        return {quote["text"]: quote["confidence"] for quote in done.records[0]["quotes"]}

    cases = {"agree": [100, 98], "alone": [100, 70], "unseen": [100, 2]}
    assert quotes(cases=cases, keep=0.5) == {"We tried,": "high", "the tide": "medium"}
    asked = len(endpoint.bodies)
    assert quotes(cases={**cases, "alone": [100, 10]}, keep=0.5) == {"We tried,": "high"}
    assert len(endpoint.bodies) == asked  # how far it is believed is in no request


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "3", '{"tiny": 3}', '{"tiny": {"cases": {"alone": [1, 2]}}}', "[" * 100_000, '{"tiny": {"x": 1}}'],
)
def test_a_pack_whose_trust_file_is_broken_is_one_clear_error(ready: Shell, endpoint: Loopback, content: str) -> None:
    shutil.copytree(PACKS / "news", ready.folder / "mine")
    ready.write("mine/trust.json", content)
    done = ready.run("extract", "gold.jsonl", "--model", "tiny", "--base-url", endpoint.url, "--prompt", "mine")
    assert (done.code, done.out, len(done.lines)) == (2, b"", 1)
    assert "mine" in done.lines[0]
    assert "trust.json" in done.lines[0]
    assert endpoint.bodies == []


@pytest.mark.parametrize("content", ["{", "[]", '"no table"', '{"tiny": 3}', "\xff", "[" * 100_000])
def test_a_broken_file_is_told_before_any_work_and_stays(ready: Shell, endpoint: Loopback, content: str) -> None:
    (ready.folder / "trust.json").write_bytes(content.encode("latin-1"))
    done = calibrate(ready, endpoint)
    assert (done.code, done.out) == (1, b"")
    (line,) = done.lines
    assert line.startswith(("quotes: trust.json: is no ", "quotes: trust.json: is nested "))
    assert line.endswith("(name another file with --calibrate)")
    assert endpoint.bodies == []
    assert (ready.folder / "trust.json").read_bytes() == content.encode("latin-1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("gold.jsonl", "--calibrate", "trust.json"),
            "--calibrate: files of records do not show what was left out (name a model with --model)",
        ),
        (
            ("--backend", "rules", "--calibrate", "trust.json"),
            "--calibrate: there is nobody to be believed but the rules (name a model with --model)",
        ),
        (
            ("--model", "tiny", "--calibrate", "gold.jsonl"),
            "gold.jsonl: is an input too and would be replaced (name another file with --calibrate)",
        ),
        (("--model", "tiny", "--calibrate", "-"), "--calibrate: standard output has the figures (name a file)"),
        (
            ("--model", "tiny", "--calibrate", "no/trust.json"),
            "no/trust.json: cannot be written: No such file or directory (create its folder first)",
        ),
        (
            ("--model", "tiny", "--backend", "model", "--backend", "judge", "--calibrate", "trust.json"),
            ONE_PACK,
        ),
        (
            ("--model", "tiny", "--prompt", "news", "--prompt", "mine", "--calibrate", "trust.json"),
            ONE_PACK,
        ),
    ],
)
def test_what_cannot_be_calibrated_is_refused_before_any_work(
    ready: Shell, arguments: tuple[str, ...], message: str
) -> None:
    done = ready.run("eval", "gold.jsonl", *arguments)
    assert (done.code, done.out) == (4 if "cannot be written" in message else 2, b"")
    assert done.lines == [f"quotes: {message}"]
    assert not (ready.folder / "trust.json").exists()
