"""Driving: an article has so much time, and what came back in it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import pytest

from quotes.errors import DeadlinePassed, FormRefused, ReplayMiss, RequestFailed
from quotes.exchange import Reply, Request
from quotes.model import Article, ChunkError, Extraction
from quotes.run import run_articles

Exchange = Generator[Request, Reply, str]


@dataclass
class Work:
    """Asks *questions*, each alone, in the form *form*."""

    article: Article
    questions: Sequence[Sequence[str]]
    form: str = "old"

    def __post_init__(self) -> None:
        self.exchanges: tuple[Exchange, ...] = tuple(self._ask(steps) for steps in self.questions)

    def _ask(self, steps: Sequence[str]) -> Exchange:
        heard = []
        for step in steps:
            try:
                heard.append((yield Request({"ask": step, "form": self.form}, "here")).content)
            except RequestFailed as failure:
                heard.append(failure.kind)
        return " ".join(heard)

    def finish(self, answers: Sequence[str]) -> Extraction:
        return Extraction(self.article, "complete", model=" | ".join(answers))


@dataclass
class Backend:
    """Answers at once, but never what begins with ``never``, and refuses the old form of what begins with ``no``."""

    asked: list[str] = field(default_factory=list)

    async def complete(self, request: Request) -> Reply:
        ask, form = request.body["ask"], request.body["form"]
        self.asked.append(f"{ask} {form}")
        if ask.startswith("never"):
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if ask.startswith("no") and form == "old":
            raise FormRefused("refuses the old form")
        if ask.startswith("broken"):
            raise TimeoutError("of its own")
        return Reply(f"{ask} {form}")

    async def aclose(self) -> None: ...


@dataclass
class Store(Backend):
    """Has what begins with ``had`` at hand, and nobody to ask for what begins with ``miss``."""

    def stored(self, request: Request) -> Reply | None:
        ask = request.body["ask"]
        if ask.startswith("miss"):
            raise ReplayMiss(ask)
        return Reply(ask) if ask.startswith("had") else None


@dataclass
class Anew:
    """Opens an article again in the new form, where the old one is refused."""

    questions: Sequence[Sequence[str]]
    several: bool = False
    refusals: int = 0

    def heard(self, work: Work, reply: Reply) -> None: ...

    def refused(self, work: Work, error: FormRefused) -> Work:
        self.refusals += 1
        return Work(work.article, self.questions, "new")

    def missed(self, work: Work) -> None: ...

    def renewed(self, work: Work) -> None: ...


def go(
    *questions: Sequence[str], timeout: float | None = None, concurrency: int = 4, kind: type[Backend] = Backend
) -> tuple[str, Backend, Anew]:
    backend, adapting, done = kind(), Anew(questions), list[Extraction]()

    async def main() -> None:
        await run_articles(
            [Article("a", "text")],
            lambda _index, article: Work(article, questions),
            backend,
            concurrency=concurrency,
            on_done=lambda _index, extraction: done.append(extraction),
            fail=lambda article, error: Extraction(article, "failed", errors=(error,)),
            adapting=adapting,
            article_timeout=timeout,
        )

    asyncio.run(main())
    (only,) = done
    assert only.model is not None, only.errors
    return only.model, backend, adapting


def test_when_its_time_is_up_what_was_answered_is_kept_and_nothing_more_is_asked() -> None:
    said, backend, _ = go(["one"], ["two", "never", "after"], ["never too"], timeout=0.05)
    assert said == "one old | two old deadline deadline | deadline"
    assert "after old" not in backend.asked


def test_one_worker_after_the_other_has_the_same_time() -> None:
    said, backend, _ = go(["never"], ["late"], timeout=0.05, concurrency=1)
    assert said == "deadline | deadline"
    assert backend.asked == ["never old"]


def test_an_article_that_is_done_in_time_does_not_notice() -> None:
    assert go(["one", "two"], timeout=60.0)[0] == "one old two old"


def test_what_is_at_hand_is_had_whatever_the_time() -> None:
    said, backend, _ = go(
        ["never", "had one", "late", "had two"], ["had three"], timeout=0.05, concurrency=1, kind=Store
    )
    assert said == "deadline had one deadline had two | had three"
    assert backend.asked == ["never old"]
    with pytest.raises(ReplayMiss):
        go(["never", "missing"], timeout=0.05, kind=Store)


def test_the_deadline_says_how_long_and_what_to_do() -> None:
    errors: list[RequestFailed] = []

    def exchange() -> Exchange:
        try:
            yield Request({"ask": "never", "form": "old"}, "here")
        except RequestFailed as error:
            errors.append(error)
        return ""

    class Once(Work):
        def _ask(self, steps: Sequence[str]) -> Exchange:
            return exchange()

    asyncio.run(
        run_articles(
            [Article("a", "")],
            lambda _index, article: Once(article, [["x"]]),
            Backend(),
            concurrency=1,
            on_done=lambda _index, _extraction: None,
            fail=lambda article, error: Extraction(article, "failed", errors=(error,)),
            article_timeout=0.01,
        )
    )
    (error,) = errors
    assert isinstance(error, DeadlinePassed)
    assert str(error) == "the 0.01 s for this article were over (raise --article-timeout)"


def test_a_timeout_that_is_not_ours_is_an_error_of_that_article() -> None:
    done: list[ChunkError] = []

    def fail(article: Article, error: ChunkError) -> Extraction:
        done.append(error)
        return Extraction(article, "failed", errors=(error,))

    asyncio.run(
        run_articles(
            [Article("a", "")],
            lambda _index, article: Work(article, [["broken"]]),
            Backend(),
            concurrency=1,
            on_done=lambda _index, _extraction: None,
            fail=fail,
            article_timeout=60.0,
        )
    )
    assert done == [ChunkError(0, "internal", "TimeoutError: of its own")]


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_a_refused_article_is_opened_anew_once_and_nothing_of_the_old_form_is_kept(concurrency: int) -> None:
    said, backend, adapting = go(["yes", "then"], ["no"], ["no too", "then too"], concurrency=concurrency)
    assert said == "yes new then new | no new | no too new then too new"
    assert adapting.refusals == 1
    assert "then too old" not in backend.asked


def test_an_article_opened_anew_has_no_more_time_than_before() -> None:
    assert go(["no", "never"], ["yes"], timeout=0.05)[0] == "no new deadline | yes new"
