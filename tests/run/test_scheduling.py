"""Scheduling: the window stays full and bounded, trouble stays where it belongs, and stopping is clean."""

from __future__ import annotations

import asyncio
import errno
import gc
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from quotes.errors import CacheError, ConnectionFailed, EndpointUnusable, OutputError, ReplayMiss, RequestFailed
from quotes.exchange import Reply, Request
from quotes.model import Article, ChunkError, Extraction
from quotes.run import drive, run_articles

Exchange = Generator[Request, Reply, str]


@dataclass
class Work:
    """Asks *questions*, each a list of requests that follow one another."""

    article: Article
    questions: Sequence[Sequence[str]]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return self._exchanges

    def __post_init__(self) -> None:
        self._exchanges = tuple(self._ask(question) for question in self.questions)

    def _ask(self, steps: Sequence[str]) -> Exchange:
        heard = []
        for step in steps:
            try:
                heard.append((yield Request({"ask": step}, "here", article=self.article.id)).content)
            except RequestFailed as failure:
                heard.append(f"failed: {failure.what}")
        return " ".join(heard)

    def finish(self, answers: Sequence[str]) -> Extraction:
        return Extraction(self.article, "complete", model=" | ".join(answers))


@dataclass
class Backend:
    """Answers with the question, some turns of the loop later; *trouble* may raise instead."""

    trouble: Callable[[Request], None] = lambda _request: None
    turns: int = 3
    under_way: int = 0
    most: int = 0
    asked: list[str] = field(default_factory=list)

    async def complete(self, request: Request) -> Reply:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.asked.append(request.body["ask"])
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
            self.trouble(request)
            return Reply(request.body["ask"])
        finally:
            self.under_way -= 1

    async def aclose(self) -> None: ...


class Run:
    """One run over *works*, by article id; keeps what was reported."""

    def __init__(self, works: Mapping[str, Sequence[Sequence[str]]], backend: Backend) -> None:
        self.works = works
        self.backend = backend
        self.done: dict[int, Extraction] = {}
        self.opened: list[str] = []
        self.open_now = 0
        self.most_open = 0

    def articles(self) -> Iterator[Article]:
        for name in self.works:
            yield Article(name, f"text of {name}")

    def open_work(self, index: int, article: Article) -> Work | None:
        self.opened.append(article.id)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        return Work(article, self.works[article.id])

    def on_done(self, index: int, extraction: Extraction) -> None:
        assert index not in self.done
        self.open_now -= 1
        self.done[index] = extraction

    def fail(self, article: Article, error: ChunkError) -> Extraction:
        return Extraction(article, "failed", errors=(error,))

    def go(self, concurrency: int = 4) -> dict[int, Extraction]:
        asyncio.run(
            run_articles(
                self.articles(),
                self.open_work,
                self.backend,
                concurrency=concurrency,
                on_done=self.on_done,
                fail=self.fail,
            )
        )
        return self.done


def raise_for(ask: str, error: Exception) -> Callable[[Request], None]:
    def trouble(request: Request) -> None:
        if request.body["ask"] == ask:
            raise error

    return trouble


def many(count: int) -> dict[str, list[list[str]]]:
    return {f"a{n}": [[f"{n}.0", f"{n}.1"], [f"{n}.2"]] for n in range(count)}


@pytest.fixture(autouse=True)
def _nothing_is_left_over() -> Iterator[None]:
    yield
    gc.collect()  # an exception nobody retrieved becomes a warning here, and warnings are errors


def test_the_answers_come_in_the_order_of_the_exchanges_whatever_the_order_of_the_replies() -> None:
    done = Run(many(3), Backend()).go()
    assert [done[n].model for n in range(3)] == ["0.0 0.1 | 0.2", "1.0 1.1 | 1.2", "2.0 2.1 | 2.2"]


@pytest.mark.parametrize("concurrency", [1, 2, 7])
def test_the_window_is_full_and_never_overfull(concurrency: int) -> None:
    backend = Backend()
    Run(many(40), backend).go(concurrency)
    assert backend.most == concurrency
    assert len(backend.asked) == len(set(backend.asked)) == 120


def test_no_more_articles_are_open_than_requests_may_be_under_way() -> None:
    run = Run(many(60), Backend())
    run.go(5)
    assert run.most_open <= 6  # five under way, and the one just opened


def test_one_slow_article_holds_up_none_of_the_others() -> None:
    class Slow(Backend):
        async def complete(self, request: Request) -> Reply:
            if request.article == "a0":
                while len(run.done) < 29:
                    await asyncio.sleep(0)
            return await super().complete(request)

    run = Run(many(30), Slow())
    assert len(run.go(3)) == 30
    assert list(run.done)[-1] == 0


def test_articles_that_ask_nothing_are_done_and_let_the_others_breathe() -> None:
    works: dict[str, Sequence[Sequence[str]]] = {"asks": [["one", "two"]]}
    works |= {f"silent{n}": [] if n % 2 else [[]] for n in range(50)}
    run = Run(works, Backend())
    assert len(run.go(2)) == 51
    assert list(run.done)[-1] != 0  # the asking one was done before the silent ones were through


def test_an_article_that_needs_nothing_is_not_reported() -> None:
    run = Run(many(4), Backend())
    original = run.open_work
    run.open_work = lambda index, article: None if index % 2 else original(index, article)  # type: ignore[method-assign]
    assert sorted(run.go()) == [0, 2]


def test_a_failed_request_is_told_to_the_exchange_which_goes_on() -> None:
    done = Run(many(2), Backend(raise_for("0.0", ConnectionFailed("lost")))).go()
    assert done[0].model == "failed: lost 0.1 | 0.2"
    assert done[1].status == "complete"


def test_an_unforeseen_error_is_that_articles_own() -> None:
    done = Run(many(6), Backend(raise_for("2.1", KeyError("oops")))).go()
    assert [done[n].status for n in range(6)] == ["complete", "complete", "failed", "complete", "complete", "complete"]
    assert done[2].errors == (ChunkError(0, "internal", "KeyError: 'oops'"),)


def test_a_damaged_cache_entry_is_that_articles_own() -> None:
    done = Run(many(3), Backend(raise_for("1.0", CacheError("is damaged")))).go()
    assert [done[n].status for n in range(3)] == ["complete", "failed", "complete"]
    assert done[1].errors[0].kind == "cache"


def test_an_error_on_opening_or_finishing_is_that_articles_own() -> None:
    class Unfinished(Work):
        def finish(self, answers: Sequence[str]) -> Extraction:
            raise RecursionError("too deep")

    def open_work(index: int, article: Article) -> Work | None:
        if index == 1:
            raise ValueError("unreadable")
        return (Unfinished if index == 2 else Work)(article, [[f"{index}"]])

    run = Run(many(4), Backend())
    run.open_work = open_work  # type: ignore[method-assign]
    done = run.go()
    assert [done[n].status for n in range(4)] == ["complete", "failed", "failed", "complete"]


def test_an_article_that_cannot_even_fail_still_has_a_record() -> None:
    def fail(article: Article, error: ChunkError) -> Extraction:
        raise MemoryError

    run = Run(many(2), Backend(raise_for("0.2", KeyError("oops"))))
    run.fail = fail  # type: ignore[method-assign]
    assert run.go()[0].errors[0].message == "KeyError: 'oops'"


@pytest.mark.parametrize("error", [EndpointUnusable("wrong key"), ReplayMiss("none"), OutputError("full")])
def test_what_concerns_all_articles_stops_the_run_and_keeps_what_is_done(error: Exception) -> None:
    run = Run(many(50), Backend(raise_for("20.0", error)))
    with pytest.raises(type(error)):
        run.go()
    assert 15 <= len(run.done) < 30
    assert run.backend.under_way == 0


def test_a_full_disk_met_below_stops_the_run_as_an_output_error() -> None:
    run = Run(many(50), Backend(raise_for("20.0", OSError(errno.ENOSPC, "No space left on device", "/cache"))))
    with pytest.raises(OutputError, match="/cache: No space left on device"):
        run.go()


def test_an_error_of_the_sink_stops_the_run() -> None:
    run = Run(many(10), Backend())

    def on_done(index: int, extraction: Extraction) -> None:
        raise OutputError("full")

    run.on_done = on_done  # type: ignore[method-assign]
    with pytest.raises(OutputError):
        run.go()


def test_of_several_errors_at_once_the_gravest_is_raised() -> None:
    def trouble(request: Request) -> None:
        raise EndpointUnusable("gone") if request.body["ask"] == "1.0" else ReplayMiss("none")

    with pytest.raises(EndpointUnusable):
        Run(many(10), Backend(trouble)).go()


def test_an_interrupt_cancels_what_is_under_way_and_keeps_what_is_done() -> None:
    run = Run(many(50), Backend())

    async def interrupted() -> None:
        task = asyncio.ensure_future(
            run_articles(run.articles(), run.open_work, run.backend, concurrency=4, on_done=run.on_done, fail=run.fail)
        )
        while len(run.done) < 10:
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert 10 <= len(run.done) < 50
    assert run.backend.under_way == 0


def test_driving_returns_what_the_generator_returns_and_closes_it_on_an_error() -> None:
    closed = []

    def exchange() -> Exchange:
        try:
            reply = yield Request({"ask": "first"}, "here")
            return reply.content
        finally:
            closed.append(True)

    assert asyncio.run(drive(exchange(), Backend())) == "first"
    with pytest.raises(ReplayMiss):
        asyncio.run(drive(exchange(), Backend(raise_for("first", ReplayMiss("none")))))
    assert closed == [True, True]
