"""Submitting and collecting: whatever is cut short and whenever, each request is paid once and no reply is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.cache import Cached, open_store
from quotes.errors import CacheError, EndpointUnusable
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.llm.retrying import RetryPolicy
from quotes.llm.service import BatchService
from quotes.model import Article
from quotes.run import Assembly, Listener, Settings
from quotes.run.collection import Cancellation, Collected, Collection
from quotes.run.submission import Limits, Submission, Submitted
from quotes.run.submitted import BusyError, Part, Submissions, alone_with, digest_of, state_path
from tests.llm.batch_server import Batch, BatchServer, Fault, complaint, serving
from tests.run.worlds import Model, World, prompt, records, run, worlds

PAIRS = Limits(2)
QUICK = RetryPolicy(tries=3, first_wait=0.001, longest_wait=0.002, opening_wait=0.001)
NOTHING = '{"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}'
ARTICLES = tuple(
    Article(f"a{number}", f'The tide of day {number} was "high" again, Ida Krell said.') for number in range(5)
)


class Killed(BaseException):
    """The process ends here."""


class Mortal(Submissions):
    """A state whose process is killed at its *life*-th write, before it or after it."""

    def __init__(self, path: Path, life: int | None, *, written: bool) -> None:
        super().__init__(path)
        self.life, self.written = life, written

    def _write(self) -> None:
        if self.life is None:
            return super()._write()
        self.life -= 1
        if self.life < 0 and not self.written:
            raise Killed
        super()._write()
        if self.life < 0:
            raise Killed
        return None


class Bench:
    """One cache, its state, and a server that answers for *world*."""

    def __init__(self, folder: Path, server: BatchServer, articles: Sequence[Article] = ARTICLES) -> None:
        self.place, self.server, self.articles = folder / "replies.sqlite", server, articles
        self.state = state_path(self.place)
        self.said: list[str] = []
        self.slept: list[float] = []
        self.service = BatchService(
            server.url, None, policy=QUICK, timeout=5.0, sleep=lambda _seconds: None, uniform=min
        )
        self.clock = 1_900_000_100.0

    def submit(self, life: int | None = None, *, written: bool = True, limits: Limits = PAIRS) -> Submitted:
        store = open_store(self.place)
        cached = Cached(store, Model(World((), {})))
        assembly = Assembly(Engine(prompt(), "en"), cached, "", (), cached, store, {"model": "some-model"})
        listener = Listener(self.said.append, self.said.append)
        try:
            work = Submission(
                Settings(),
                assembly,
                store,
                Mortal(self.state, life, written=written),
                self.service,
                "local",
                self.articles,
                listener,
                limits,
                now=lambda: self.clock,
                sleep=self.slept.append,
            )
            return work.run()
        finally:
            asyncio.run(cached.aclose())

    def collect(self, life: int | None = None, *, written: bool = True) -> Collected:
        store = open_store(self.place)
        listener = Listener(self.said.append, self.said.append)
        try:
            state = Mortal(self.state, life, written=written)
            return Collection(store, state, self.service, "local", listener, {}).run()
        finally:
            store.close()

    def cancel(self, *, drop: bool = False) -> int:
        state = Submissions(self.state)
        work = Cancellation(state, self.service, Listener(self.said.append, self.said.append))
        work.run(state.under_way("local"), drop=drop)
        return work.troubled

    def until_ended(self) -> Collected:
        done = Collected()
        while True:
            done += self.collect()
            if not done.goes_on:
                return done

    def parts(self) -> list[Part]:
        return Submissions(self.state).parts

    def pending(self) -> list[str]:
        store = open_store(self.place)
        try:
            return list(store.pending.keys())
        finally:
            store.close()


def completion(content: str) -> tuple[int, Any]:
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return 200, {"model": "some-model", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serving(lambda _body: completion(NOTHING)) as server:
        found = Bench(tmp_path, server)
        yield found
        found.service.close()


crashes = st.lists(st.tuples(st.integers(0, 14), st.booleans()), max_size=5)
losses = st.lists(
    st.sampled_from([Fault(500), Fault(500, done=True), Fault(cut=True), Fault(done=True, cut=True), Fault(429)]),
    max_size=5,
)


@given(crashes, losses, losses)
@settings(max_examples=15)
def test_whatever_is_cut_short_each_part_becomes_one_batch(
    killed: list[tuple[int, bool]], creating: list[Fault], uploading: list[Fault]
) -> None:
    with TemporaryDirectory() as name, serving(lambda _body: completion(NOTHING)) as server:
        bench = Bench(Path(name), server)
        server.fault("POST /v1/batches", *creating)
        server.fault("POST /v1/files", *uploading)
        for life, written in killed:
            with suppress(Killed):
                bench.submit(life, written=written)
        for _ in range(3):  # what was refused beyond all tries is taken up by the next
            done = bench.submit()
        assert done.exit_code == 0
        assert len(server.asked()) == len(set(server.asked())) == len(ARTICLES)
        assert {part.batch for part in bench.parts()} == set(server.batches)
        assert sorted(key for part in bench.parts() for key in part.keys) == sorted(server.asked())
        assert (bench.until_ended().stored, bench.pending()) == (len(ARTICLES), [])
        assert len(server.batches) == len(bench.parts())
        bench.service.close()


def _served(reply: Reply) -> tuple[int, Any]:
    """*reply* as the endpoint words it."""
    if reply.outcome == "context_overflow":
        return 400, {"error": {"message": "no", "code": "context_length_exceeded"}}
    message = {"role": "assistant", "content": reply.content}
    if reply.outcome == "refusal":
        message["refusal"] = "no"
    finish = {"truncated": "length", "content_filter": "content_filter"}.get(reply.outcome, "stop")
    usage = {"prompt_tokens": reply.usage.prompt_tokens, "completion_tokens": reply.usage.completion_tokens}
    return 200, {"model": reply.model, "choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def _quotes(line: bytes) -> dict[str, Any]:
    """A record without the words of a refusal and the tokens it cost, which the Batch API words otherwise."""
    return {key: value for key, value in json.loads(line).items() if key not in ("errors", "usage")}


@given(worlds(most=3), st.lists(st.sampled_from(["completed", "expired", "failed", "cancelled"]), max_size=6), crashes)
@settings(max_examples=6)
def test_rounds_of_submitting_and_collecting_give_the_records_of_a_live_run(
    world: World, endings: list[str], killed: list[tuple[int, bool]]
) -> None:
    with TemporaryDirectory() as name, serving(lambda _body: (500, {})) as server:
        folder = Path(name)
        bench = Bench(folder, server, world.articles)
        answered: list[str] = []

        def answer(body: dict[str, Any]) -> tuple[int, Any]:
            key = Request(body, "local").key
            store = open_store(bench.place, create=False)
            waiting = store.pending.get(key)
            store.close()
            assert waiting is not None
            answered.append(key)
            return _served(world.reply(waiting.request))

        def ends(batch: Batch) -> None:
            if endings:
                batch.ending, batch.unfinished = endings.pop(), set(range(0, len(batch.lines), 2))

        server.answer, server.ends = answer, ends
        for _ in range(60):
            life, written = killed.pop() if killed else (None, True)
            with suppress(Killed):
                bench.submit(life, written=written)
                bench.collect(life, written=written)
            done = bench.submit()
            bench.until_ended()
            if not (done.created or done.found or done.exported.under_way):
                break
        else:
            raise AssertionError("it never ends")
        assert len(answered) == len(set(answered))
        bench.service.close()
        run(world.articles, folder / "live.jsonl", folder / "live.sqlite", Model(world))
        summary = run(world.articles, folder / "replayed.jsonl", bench.place, None)
        assert summary.asked == 0
        replayed, lived = records(folder / "replayed.jsonl"), records(folder / "live.jsonl")
        assert [_quotes(line) for line in replayed] == [_quotes(line) for line in lived]


def test_what_is_under_way_is_left_out_and_what_is_new_is_not(bench: Bench) -> None:
    bench.articles = ARTICLES[:2]
    assert len(bench.submit().created) == 1
    bench.articles = ARTICLES
    done = bench.submit()
    assert (done.exported.requests, done.exported.under_way, done.exported.others) == (3, 2, 0)
    assert [part.requests for part in done.created] == [2, 1]
    assert bench.submit().exported.requests == 0
    assert len(server_keys(bench)) == 5


def server_keys(bench: Bench) -> set[str]:
    asked = bench.server.asked()
    assert len(asked) == len(set(asked))
    return set(asked)


def test_parts_keep_to_the_limits_of_lines_and_bytes(bench: Bench) -> None:
    assert [part.requests for part in bench.submit(limits=Limits(4)).created] == [4, 1]
    size = bench.parts()[0].size // 4
    bench.cancel(drop=True)
    assert [part.requests for part in bench.submit(limits=Limits(size=3 * size + 5)).created] == [3, 2]
    assert [data.count(b"\n") for _, data in bench.server.files.values()] == [4, 1, 3, 2]
    assert all(len(data) <= 4 * size + 8 for _, data in bench.server.files.values())


def test_a_request_that_no_batch_can_hold_is_told_and_the_others_go(bench: Bench) -> None:
    bench.submit(limits=Limits(1))
    size = max(part.size for part in bench.parts())
    bench.cancel(drop=True)
    bench.articles = (ARTICLES[0], Article("long", "A day at the sea. " * 10 + ARTICLES[0].text), ARTICLES[1])
    done = bench.submit(limits=Limits(size=size))
    assert (done.refused > 0, done.exit_code, len(done.created)) == (True, 1, 2)
    assert any("a batch may have" in line and "--part-bytes" in line for line in bench.said)


def test_a_part_that_is_refused_is_told_and_the_others_go(bench: Bench) -> None:
    bench.server.fault("POST /v1/files", complaint(400, "Invalid file format"))
    done = bench.submit()
    assert (done.refused, len(done.created), done.exit_code) == (2, 2, 1)
    assert bench.said[0].startswith("part 1, 2 requests: ")
    assert "Invalid file format" in bench.said[0]
    assert bench.submit().refused == 0
    assert len(server_keys(bench)) == 5


def test_a_service_that_is_unusable_ends_it_and_nothing_is_lost(bench: Bench) -> None:
    bench.server.fault("POST /v1/files", Fault(429), complaint(429, "no credit", "insufficient_quota"))
    with pytest.raises(EndpointUnusable, match="quota"):
        bench.submit()
    assert len(bench.submit().created) == 3
    assert len(server_keys(bench)) == 5


def test_a_file_that_went_up_before_the_process_was_killed_is_used(bench: Bench) -> None:
    with pytest.raises(Killed):
        bench.submit(1, written=False)  # the upload is not written down
    assert len(bench.server.files) == 1
    bench.submit()
    assert len(bench.server.files) == 3


def test_a_batch_that_comes_into_being_late_is_waited_for(bench: Bench) -> None:
    bench.server.fault("POST /v1/batches", Fault(cut=True))
    assert bench.submit(limits=Limits()).refused == 5
    (part,) = bench.parts()
    assert (part.status, part.is_unclear) == ("unclear", True)
    assert bench.collect().unclear == 1
    made = {"input_file_id": part.file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    bench.server.late.append(lambda: bench.server.make_batch(made))  # after the next list is sent
    done = bench.submit(limits=Limits())
    assert bench.slept == [5.0]
    assert ([part.batch for part in done.found], done.created) == (["batch_0001"], [])
    assert len(server_keys(bench)) == 5


def test_a_batch_that_never_came_into_being_is_asked_for_again(bench: Bench) -> None:
    bench.server.fault("POST /v1/batches", Fault(cut=True))
    bench.submit(limits=Limits())
    bench.clock += 60
    done = bench.submit(limits=Limits(2))
    assert (bench.slept, len(done.created)) == ([], 3)
    assert len(server_keys(bench)) == 5


def test_while_it_cannot_be_told_what_was_made_nothing_is_made(bench: Bench) -> None:
    bench.server.fault("POST /v1/batches", Fault(done=True, cut=True))
    bench.server.fault("GET /v1/batches", Fault(404), *[Fault(500)] * QUICK.tries)
    bench.server.without = set()
    assert bench.submit(limits=Limits()).refused == 5
    bench.server.without = {"GET /v1/batches"}
    with pytest.raises(EndpointUnusable, match="lists no batches"):
        bench.submit(limits=Limits())
    bench.server.without = set()
    assert len(bench.submit(limits=Limits()).found) == 1
    assert len(server_keys(bench)) == 5


def test_a_batch_that_cannot_be_read_is_never_made_twice(bench: Bench) -> None:
    bench.server.ends = lambda batch: batch.shown.update(status="VALIDATING")
    for _ in range(3):
        with pytest.raises(EndpointUnusable, match="made a batch that cannot be read"):
            bench.submit(limits=Limits())
        bench.clock += 60
    assert len(bench.server.batches) == 1
    assert bench.server.calls.count("POST /v1/batches") == 1


def test_a_list_that_lags_makes_no_second_batch(bench: Bench) -> None:
    bench.server.fault("POST /v1/batches", Fault(502, done=True))
    bench.server.fault("GET /v1/batches", *[Fault(200, {"object": "list", "data": [], "has_more": False})] * 2)
    assert bench.submit(limits=Limits()).refused == 5
    assert any("cannot be told whether the batch was made" in line for line in bench.said)
    assert len(bench.submit(limits=Limits()).found) == 1
    assert len(server_keys(bench)) == 5


def test_without_the_file_of_parts_the_batches_are_found_again(bench: Bench) -> None:
    bench.submit()
    bench.state.unlink()
    done = bench.submit()
    assert (len(done.created), len(done.found)) == (0, 3)
    assert bench.until_ended().stored == 5
    assert len(server_keys(bench)) == 5


def test_of_a_batch_cut_short_the_answers_are_kept_and_the_rest_is_asked_again(bench: Bench) -> None:
    for ending in ("expired", "cancelled"):
        bench.server.ends = lambda batch, ending=ending: _cut_short(batch, ending)  # type: ignore[misc]
        bench.submit(limits=Limits())
        done = bench.until_ended()
        assert (done.open > 0, done.exit_code) == (True, 1)
        assert len(bench.pending()) == done.open
    bench.server.ends = lambda _batch: None
    bench.submit()
    assert (bench.until_ended().exit_code, bench.pending()) == (0, [])
    assert len(bench.server.bodies) == 5
    assert any("no answer to a0 chunk 0: batch_expired" in line for line in bench.said)


def _cut_short(batch: Batch, ending: str) -> None:
    batch.ending, batch.unfinished = ending, {0, 2}


def test_items_that_failed_stay_pending_and_are_told_but_not_all_of_fifty_thousand(bench: Bench) -> None:
    bench.articles = [Article(f"b{number}", f'Day {number} was "wet", Ida Krell said.') for number in range(30)]
    limited = {"error": {"message": "Rate limit reached"}}
    bench.server.answer = lambda body: (429, limited) if "Day 1" in json.dumps(body) else completion(NOTHING)
    bench.submit(limits=Limits())
    done = bench.until_ended()
    assert (done.stored, done.open, len(bench.pending())) == (19, 11, 11)
    told = [line for line in bench.said if "Rate limit reached" in line]
    assert len(told) == 10
    assert told[0].startswith("batch batch_0001, file-")
    assert "1 more of this kind" in bench.said


def test_a_batch_that_fails_its_validation_says_which_line_and_why(bench: Bench) -> None:
    bench.server.ends = lambda batch: setattr(batch, "ending", "failed")
    bench.submit(limits=Limits())
    done = bench.until_ended()
    assert (done.ended, done.open, done.exit_code) == (1, 5, 1)
    assert "batch batch_0001 line 2 (a1 chunk 0): invalid_request: the second line is odd" in bench.said
    bench.server.ends = lambda _batch: None
    assert len(bench.submit(limits=Limits()).created) == 1  # a failed one of the same requests is no obstacle
    assert bench.until_ended().exit_code == 0


def test_collecting_twice_or_after_a_kill_is_harmless(bench: Bench) -> None:
    bench.submit()
    for number in range(12):
        with suppress(Killed):
            bench.collect(number, written=bool(number % 2))
    assert bench.collect().exit_code == 0
    assert (bench.pending(), bench.collect().ended) == ([], 0)
    assert [path.name for path in bench.place.parent.iterdir() if "replies" in path.name and path.is_dir()] == []


def test_one_batch_that_cannot_be_fetched_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.submit()
    del bench.server.batches["batch_0001"]
    bench.server.fault("GET /v1/files/ID/content", *[Fault(503)] * QUICK.tries)
    found = [bench.collect() for _ in range(3)]
    assert (found[-1].stored, found[-1].unheard, found[-1].lost) == (1, 1, 1)
    assert "cancel --drop" in bench.said[-2] + bench.said[-3]
    later = bench.collect()
    assert (later.stored, later.lost, later.exit_code) == (2, 1, 1)
    assert bench.cancel(drop=True) == 0
    assert [part.status for part in bench.parts()] == ["dropped", "completed", "completed"]
    assert len(bench.submit().created) == 1


def test_replies_to_forgotten_requests_are_taken_with_the_requests_from_the_service(bench: Bench) -> None:
    bench.submit()
    store = open_store(bench.place)
    store.pending.forget(list(store.pending.keys()))
    store.close()
    done = bench.until_ended()
    assert (done.stored, done.exit_code) == (5, 0)


def test_cancelling_keeps_what_was_answered(bench: Bench) -> None:
    bench.submit(limits=Limits())
    assert bench.cancel() == 0
    done = bench.until_ended()
    assert (done.stored, done.open) == (2, 3)
    assert bench.cancel() == 0
    bench.submit()
    bench.until_ended()
    assert len(bench.server.bodies) == 5
    assert bench.pending() == []


def test_batches_elsewhere_are_left_alone(bench: Bench) -> None:
    bench.submit()
    state = Submissions(bench.state)
    state.put(*(replace(part, endpoint="batches.example") for part in state.parts))
    assert bench.collect().exit_code == 0
    assert state.under_way("local") == []


def test_the_file_of_parts_is_for_its_owner_and_holds_no_text_and_is_whole_or_not_there(bench: Bench) -> None:
    bench.submit()
    assert bench.state.stat().st_mode & 0o777 == 0o600
    text = bench.state.read_text()
    assert "Krell" not in text
    assert "127.0.0.1" not in text
    assert [path.name for path in bench.state.parent.iterdir() if ".tmp" in path.name] == []
    bench.until_ended()
    assert all(part.keys == () for part in bench.parts())


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"version": 1}', '{"version": 9, "parts": []}', '{"version": 1, "parts": [5]}', "\x00"],
)
def test_a_damaged_file_of_parts_is_told(tmp_path: Path, damage: str) -> None:
    place = tmp_path / "c.sqlite.batches.json"
    place.write_text(damage)
    with pytest.raises(CacheError, match=r"c\.sqlite\.batches\.json"):
        Submissions(place)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("batch", "../../x"),
        ("keys", ["k"]),
        ("number", "1"),
        ("closed", 1),
        ("sent", "now"),
        ("file", 7),
        ("size", None),
    ],
)
def test_a_part_with_an_odd_field_is_damage(bench: Bench, name: str, odd: Any) -> None:
    bench.submit(limits=Limits())
    shown = json.loads(bench.state.read_text())
    shown["parts"][0][name] = odd
    bench.state.write_text(json.dumps(shown))
    with pytest.raises(CacheError, match="is damaged"):
        bench.parts()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    place = tmp_path / "new" / "c.batches.json"
    with alone_with(place) as state:
        assert state.parts == []
        with pytest.raises(BusyError, match="another quotes batch command"), alone_with(place):
            raise AssertionError
    with alone_with(place):
        pass
    assert list(place.parent.iterdir()) == []


@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), unique=True, max_size=5), st.randoms())
def test_a_digest_tells_which_requests_in_whatever_order(keys: list[str], order: Any) -> None:
    shuffled = list(keys)
    order.shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(keys)
    assert len(digest_of(keys)) == 32
    assert not keys or digest_of(keys[1:]) != digest_of(keys)
