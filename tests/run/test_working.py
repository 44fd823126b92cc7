"""One process's share of a run: records with their numbers, and errors that go from process to process whole."""

from __future__ import annotations

import gc
import json
import pickle
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes import errors
from quotes.errors import FormRefused, QuotesError, ReplayMiss
from quotes.model import Article
from quotes.run import Settings
from quotes.run.cores import processes, usable_cores
from quotes.run.garbage import seldom_collected
from quotes.run.messages import portable
from quotes.run.working import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = '"We tried," Ida Krell said.'


def kinds(kind: type[QuotesError]) -> list[type[QuotesError]]:
    return [kind, *(more for below in kind.__subclasses__() for more in kinds(below))]


def test_what_comes_of_an_article_keeps_its_number_and_goes_to_another_process() -> None:
    with Worker(Settings(backend="rules", types=("direct",), with_text=False), {}) as worker:
        articles = [(7, Article("a", TEXT, source="a.txt")), (3, Article("b", ""))]
        done = list(worker.run(articles))
        again = list(worker.run(iter(articles)))
    assert again == done == pickle.loads(pickle.dumps(done))
    assert [(one.index, one.id, one.where, one.status, one.quotes) for one in done] == [
        (7, "a", "a.txt", "complete", 1),
        (3, "b", "b", "complete", 0),
    ]
    assert "text" not in json.loads(done[0].line)


def test_articles_are_read_as_they_are_done_and_a_run_may_be_left() -> None:
    read = []

    def endless() -> Iterator[tuple[int, Article]]:
        for number in count():
            read.append(number)
            yield number, Article(f"a{number}", TEXT)

    with Worker(Settings(backend="rules"), {}) as worker:
        run = worker.run(endless())
        assert [next(run).index for _ in range(3)] == [0, 1, 2]
        run.close()
        assert len(read) < 50
        assert [done.index for done in worker.run([(9, Article("z", TEXT))])] == [9]


def test_what_would_end_the_run_comes_after_what_was_done() -> None:
    def articles() -> Iterator[tuple[int, Article]]:
        yield 0, Article("a", TEXT)
        raise ReplayMiss("nothing there", where="a", remedy="record")

    with Worker(Settings(backend="rules", concurrency=1), {}) as worker:
        run = worker.run(articles())
        done = [next(run).index]
        with pytest.raises(ReplayMiss, match="nothing"):
            next(run)
    assert done == [0]


@given(st.sampled_from(kinds(QuotesError)), st.text(), st.text(), st.text())
def test_every_error_goes_to_another_process_whole(kind: type[QuotesError], what: str, where: str, remedy: str) -> None:
    if kind.__module__ != errors.__name__:
        return
    error = kind(what, where=where, remedy=remedy)
    if isinstance(error, FormRefused):
        error.part = what
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), vars(again), str(again)) == (kind, vars(error), str(error))
    assert portable(error) is error


def test_an_error_that_cannot_go_there_is_one_that_says_the_same() -> None:
    class Local(Exception): ...

    assert repr(portable(Local("lost"))) == "RuntimeError('Local: lost')"


def test_python_looks_for_cycles_as_before_once_the_run_is_over() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_zero_jobs_are_one_a_core_that_may_be_used() -> None:
    assert [processes(jobs) for jobs in (None, 1, 3, 0)] == [None, 1, 3, usable_cores()]
    assert usable_cores() >= 1
