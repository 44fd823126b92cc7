"""Descent: a run that finds out what an endpoint takes, and one that knows it, make the same records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.cache import Cached, open_store
from quotes.cache.selection import Selection
from quotes.errors import FormRefused
from quotes.exchange import Reply, Request, Usage
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import PromptSettings
from quotes.prompting.dialect import Dialect, newest_last
from quotes.run import Assembly, Job, Listener, Settings, Summary
from quotes.run.batch import Export
from quotes.run.descent import Vouched
from quotes.run.manifest import dialects_in, manifest_of
from quotes.run.output import file_sink
from tests.run.worlds import JUDGING, STORES, Model, World, prompt, records, worlds

RUNGS = ("strict", "schema", "tool", "object", "prompt")
Refusal = str | None


def rung_of(body: Any) -> str:
    form = body.get("response_format", {})
    if "tools" in body:
        return "tool"
    if form.get("type") == "json_schema":
        return "strict" if form["json_schema"].get("strict") else "schema"
    return "object" if form else "prompt"


@dataclass
class Fussy(Model):
    """Refuses what *refuses* names of a request: its schema, as an endpoint says it, or a parameter."""

    refuses: Callable[[Request], Refusal] = lambda _request: None
    bodies: list[Any] = field(default_factory=list)

    async def complete(self, request: Request) -> Reply:
        self.bodies.append(request.body)
        for _ in range((len(self.bodies) * 7 + self.seed) % 5):
            await asyncio.sleep(0)
        part = self.refuses(request)
        if part == "schema":
            return Reply("", "schema_refused", usage=Usage(1), detail="no such form")
        if part is not None:
            raise FormRefused(f"refuses the parameter {part}", where="there", part=part)
        return await super().complete(request)


def taking(lowest: str, *parts: str) -> Callable[[Request], Refusal]:
    """An endpoint that takes nothing above the rung *lowest*, and none of *parts*."""

    def refuses(request: Request) -> Refusal:
        part = next((part for part in parts if part in request.body), None)
        return part or ("schema" if RUNGS.index(rung_of(request.body)) < RUNGS.index(lowest) else None)

    return refuses


def now_and_then(share: int) -> Callable[[Request], Refusal]:
    """An endpoint that refuses the schema of one request in *share*, always of the same ones."""
    return lambda request: "schema" if int(request.key, 16) % share == 0 and "response_format" in request.body else None


@dataclass
class Outcome:
    written: list[bytes]
    summary: Summary
    notes: list[str]
    assembly: Assembly


def go(
    world: World,
    place: Path,
    inner: Model | None,
    *,
    concurrency: int = 3,
    asking: PromptSettings | None = None,
    resumed: Path | None = None,
) -> Outcome:
    """One run as `quotes.run.assembly` puts it together; a replay where *inner* is ``None``."""
    asked = asking or prompt()
    store = open_store(place)
    known = dialects_in(store.manifest(), asked)
    first = asked.dialect.taught(known[-1]) if known else asked.dialect
    cached = Cached(store, inner, "auto" if inner else "replay")
    assembly = Assembly(
        Engine(prompt(**{**vars(asked), "dialect": first}), "en"),
        cached,
        "fingerprint",
        (),
        cached,
        store,
        manifest_of("model", "news", asked) if inner else None,
        dialects=newest_last((*known, first.learned)),
        _vouched=Vouched(bool(known), replaying=inner is None),
    )
    notes: list[str] = []
    with TemporaryDirectory() as folder:
        out = resumed or Path(folder) / "out.jsonl"
        options = Settings(concurrency=concurrency)
        sink = file_sink(str(out), options, assembly.fingerprint)
        summary = Job(options, assembly, world.articles, sink, Listener(note=notes.append)).run()
        return Outcome(records(out), summary, notes, assembly)


parts = st.lists(st.sampled_from(["max_tokens", "max_completion_tokens", "temperature"]), unique=True).map(tuple)
ways = st.sampled_from([{}, {"schema_style": "tight"}, {"pack": JUDGING, "max_output_tokens": 16}])


@given(worlds(), st.sampled_from(STORES), st.sampled_from(RUNGS), parts, ways)
@settings(max_examples=25)
def test_a_run_that_finds_the_form_out_and_one_that_knows_it_make_the_same_records(
    world: World, store: str, lowest: str, refused: tuple[str, ...], way: dict[str, Any]
) -> None:
    refuses = taking(lowest, *refused)
    asking = prompt(**way)
    with TemporaryDirectory() as name:
        folder = Path(name)
        written = []
        for concurrency in (1, 3, 16):
            place = folder / f"{concurrency}-{store}"
            found = go(world, place, Fussy(world, concurrency, refuses=refuses), concurrency=concurrency, asking=asking)
            warm = Fussy(world, refuses=refuses)
            written += [found.written, go(world, place, warm, concurrency=4, asking=asking).written]
            assert warm.bodies == []
            replay = go(world, place, None, concurrency=17 - concurrency, asking=asking)
            assert replay.summary.asked == 0
            written.append(replay.written)
        known = Fussy(world, refuses=refuses)
        written.append(go(world, folder / f"known-{store}", known, asking=knowing(asking, found.assembly)).written)
        assert all(refuses(Request(body, "local")) is None for body in known.bodies)
        assert all(one == written[0] for one in written)


def knowing(asking: PromptSettings, assembly: Assembly) -> PromptSettings:
    """*asking* in the dialect that a run has found out."""
    assert assembly.engine.prompt is not None
    return prompt(**{**vars(asking), "dialect": assembly.engine.prompt.dialect})


@given(worlds(most=3), st.sampled_from(STORES), st.integers(2, 6), st.sampled_from([1, 3, 16]))
@settings(max_examples=40)
def test_a_refusal_that_comes_once_is_one_articles_and_is_replayed_as_it_was(
    world: World, store: str, share: int, concurrency: int
) -> None:
    with TemporaryDirectory() as name:
        place = Path(name) / store
        found = go(world, place, Fussy(world, 5, refuses=now_and_then(share)), concurrency=concurrency)
        assert go(world, place, None, concurrency=1).written == found.written
        assert go(world, place, None, concurrency=16).written == found.written


WORLD = World(
    tuple(Article(f"a{n}", f'The tide of day {n} was "high" again, Ida Krell said.') for n in range(12)),
    {f"a{n}": (Reply('{"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}', usage=Usage(1, 9, 1)),)
     for n in range(12)},
)  # fmt: skip


def test_requests_refused_at_once_step_down_one_rung_and_people_are_told_once(tmp_path: Path) -> None:
    model = Fussy(WORLD, refuses=taking("schema"))
    found = go(WORLD, tmp_path / "c.sqlite", model, concurrency=8)
    asked = [rung_of(body) for body in model.bodies]
    assert asked.count("strict") <= 8
    assert asked.count("schema") == 12
    assert len(asked) == asked.count("strict") + 12
    assert found.notes == [
        "local: the endpoint refuses the response schema: no such form: now asking with a schema that is not strict"
    ]
    assert found.summary.usage == Usage(12, 12 * 9, 12)
    assert found.assembly.dialects[-1] == Dialect("schema")


def test_the_store_remembers_and_the_next_run_asks_in_that_form_at_once(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    refuses = taking("tool", "max_tokens")
    found = go(World(WORLD.articles[:3], WORLD.replies), place, Fussy(WORLD, refuses=refuses))
    assert found.assembly.manifest["dialects"]["local some-model news"][-1] == {
        "omitted": ["max_tokens"],
        "rung": "tool",
    }
    model = Fussy(WORLD, refuses=refuses)
    go(WORLD, place, model)
    assert len(model.bodies) == 9
    assert {rung_of(body) for body in model.bodies} == {"tool"}


def test_an_endpoint_that_has_changed_under_the_store_is_found_out_after_a_few_articles(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    go(World(WORLD.articles[:1], WORLD.replies), place, Fussy(WORLD))
    model = Fussy(WORLD, refuses=taking("object"))
    found = go(WORLD, place, model, concurrency=1)
    assert found.summary.exit_code == 0
    assert found.assembly.dialects[-1].rung == "object"
    assert [rung_of(body) for body in model.bodies].count("strict") == 9


def refusing_after(answered: int, lowest: str) -> Callable[[Request], Refusal]:
    """An endpoint that takes *answered* requests in any form, and then none above the rung *lowest*."""
    seen: list[Request] = []

    def refuses(request: Request) -> Refusal:
        seen.append(request)
        return taking(lowest)(request) if len(seen) > answered else None

    return refuses


@given(worlds(), st.sampled_from(STORES), st.integers(0, 9), st.sampled_from(RUNGS), st.sampled_from([1, 3, 16]))
@settings(max_examples=25)
def test_a_form_given_up_in_mid_run_leaves_nothing_for_the_same_command_to_ask(
    world: World, store: str, answered: int, lowest: str, concurrency: int
) -> None:
    world = World(WORLD.articles + world.articles, {**WORLD.replies, **world.replies})
    with TemporaryDirectory() as name:
        place = Path(name) / store
        found = go(world, place, Fussy(world, 5, refuses=refusing_after(answered, lowest)), concurrency=concurrency)
        again = Fussy(world, refuses=taking(lowest))
        assert go(world, place, again, concurrency=4).written == found.written
        assert again.bodies == []
        assert go(world, place, None).written == found.written


def test_what_is_missing_of_a_form_given_up_is_asked_in_the_one_that_holds(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    world = World(tuple(Article(f"a{n}", f"{WORLD.articles[0].text} Day {n}.") for n in range(20)),
                  {f"a{n}": WORLD.replies["a0"] for n in range(20)})  # fmt: skip
    first = Fussy(world, refuses=refusing_after(4, "schema"))
    found = go(world, place, first, concurrency=1)
    assert found.assembly.dialects[-1] == Dialect("schema")
    store = open_store(place)
    store.delete([stored.place for stored in Selection(article="a0", outcome="complete").of(store)])
    store.close()
    again = Fussy(world, refuses=taking("schema"))
    assert go(world, place, again).written == found.written
    assert [rung_of(body) for body in again.bodies] == ["schema"]
    assert go(world, place, None).written == found.written


def test_where_no_form_is_left_the_run_ends_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(FormRefused, match="refuses the parameter messages"):
        go(WORLD, tmp_path / "c.sqlite", Fussy(WORLD, refuses=lambda _request: "messages"))


def test_a_form_that_was_said_is_kept(tmp_path: Path) -> None:
    model = Fussy(WORLD, refuses=taking("tool"))
    asking = prompt(dialect=Dialect("schema", fixed=True))
    with pytest.raises(FormRefused, match=r"leave out --structured"):
        go(WORLD, tmp_path / "c.sqlite", model, asking=asking)
    assert {rung_of(body) for body in model.bodies} == {"schema"}


def test_once_answered_an_article_for_which_no_form_is_left_fails_alone(tmp_path: Path) -> None:
    asking = prompt(dialect=Dialect("schema", fixed=True))
    model = Fussy(WORLD, refuses=lambda request: "schema" if request.article == "a5" else None)
    found = go(WORLD, tmp_path / "c.sqlite", model, concurrency=1, asking=asking)
    failed = [record for line in found.written if (record := json.loads(line))["status"] != "complete"]
    assert [record["id"] for record in failed] == ["a5"]
    assert failed[0]["errors"][0]["kind"] == "form"
    assert go(WORLD, tmp_path / "c.sqlite", None, asking=asking).written == found.written


def test_a_replay_of_a_run_that_came_to_nothing_says_the_same(tmp_path: Path) -> None:
    asking = prompt(dialect=Dialect("strict", fixed=True))
    for inner in (Fussy(WORLD, refuses=taking("schema")), None):
        with pytest.raises(FormRefused, match="refuses the response schema"):
            go(WORLD, tmp_path / "c.sqlite", inner, asking=asking)


def test_an_export_asks_again_in_the_next_form_what_came_back_refused(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    fixed = prompt(dialect=Dialect(fixed=True))
    with pytest.raises(FormRefused):
        go(WORLD, place, Fussy(WORLD, refuses=taking("prompt")), asking=fixed)
    refused = {entry.request.article for entry in open_store(place).entries()}
    rungs = {article: rung_of(body) for article, body in exported(place)}
    assert refused
    assert rungs == {one.id: "schema" if one.id in refused else "strict" for one in WORLD.articles}


def exported(place: Path) -> Iterator[tuple[str, Any]]:
    """The article and the body of each request that an export of all articles writes."""
    store = open_store(place)
    cached = Cached(store, Model(WORLD), "auto")
    assembly = Assembly(Engine(prompt(), "en"), cached, "", (), cached, store, manifest_of("model", "news", prompt()))
    lines: list[str] = []
    Export(Settings(), assembly, store, WORLD.articles, lines.append).run()
    for line in map(json.loads, lines):
        waiting = store.pending.get(line["custom_id"])
        assert waiting is not None
        yield waiting.request.article, line["body"]
    asyncio.run(cached.aclose())
