"""Scheduling: many articles over one backend in a sliding window, apart because only here does time pass."""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from quotes.errors import CacheError, FormRefused, OutputError, QuotesError, ReplayMiss, RequestFailed
from quotes.exchange import Backend, Reply, Request
from quotes.model import Article, ChunkError, Extraction
from quotes.run.driving import AbandonedError, Adapting, Line, Opened, Underway, drive

_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})

Pause: TypeAlias = Callable[[], Awaitable[object]]
"""Called in the place of an article, and its result waited for."""

Numbered: TypeAlias = tuple[int, Article] | Pause | None
"""An article with its number; or something to wait for before the next one, ``None`` no longer than others take their
turn."""


async def run_articles(
    articles: Iterable[Article],
    open_work: Callable[[int, Article], Opened | None],
    backend: Backend,
    *,
    concurrency: int,
    on_done: Callable[[int, Extraction], None],
    fail: Callable[[Article, ChunkError], Extraction],
    adapting: Adapting[Opened] | None = None,
    article_timeout: float | None = None,
) -> None:
    """Run *articles*, at most *concurrency* requests in flight over all of them, and report each as it is done.

    An article is opened when a request of it can be sent, never earlier, so at most *concurrency* articles
    are in memory, however many there are. *open_work* returns ``None`` for an article that needs nothing (it
    stands in the journal). *on_done* gets the article's position and its record, in the order of finishing.

    Where the endpoint refuses the form of a request, *adapting* gives the article opened anew; what was answered in the
    old form is left. *article_timeout* is in seconds and counts from an article's first request that nobody has the
    reply to at hand, whatever it then waits for: once they are over each of its exchanges has `DeadlinePassed` thrown
    in where it waits, and so has every request that would have to be asked after.

    What goes wrong in one article, unexpected errors too, becomes the record *fail* makes of it. An error that concerns
    all of them (the endpoint, a replay miss, the output, an interrupt) cancels what is in flight and is raised;
    what *on_done* has been given stays done.
    """
    await run_numbered(
        enumerate(articles),
        open_work,
        backend,
        concurrency=concurrency,
        on_done=on_done,
        fail=fail,
        adapting=adapting,
        article_timeout=article_timeout,
    )


async def run_numbered(
    articles: Iterable[Numbered],
    open_work: Callable[[int, Article], Opened | None],
    backend: Backend,
    *,
    concurrency: int,
    on_done: Callable[[int, Extraction], None],
    fail: Callable[[Article, ChunkError], Extraction],
    adapting: Adapting[Opened] | None = None,
    article_timeout: float | None = None,
) -> None:
    """As `run_articles`, the articles with numbers of the caller's. What is waited for among them takes the place of
    one request."""
    window = _Window(open_work, on_done, fail, adapting, article_timeout)
    tasks = window.tasks(articles)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(window.serve(tasks, backend))
    except BaseExceptionGroup as failures:
        raise gravest(failures) from None
    finally:
        tasks.close()


@dataclass(slots=True)
class _Task(Generic[Opened]):
    opened: Underway[Opened]
    position: int
    exchange: Generator[Request, Reply, Any]


class _Window(Generic[Opened]):
    """The state all workers share: one lazy stream of tasks. A worker does one task at a time."""

    def __init__(
        self,
        open_work: Callable[[int, Article], Opened | None],
        on_done: Callable[[int, Extraction], None],
        fail: Callable[[Article, ChunkError], Extraction],
        adapting: Adapting[Opened] | None,
        timeout: float | None,
    ) -> None:
        self._open_work = open_work
        self._on_done = on_done
        self._fail_article = fail
        self._adapting = adapting
        self._timeout = timeout
        self._anew: deque[_Task[Opened]] = deque()

    def tasks(self, articles: Iterable[Numbered]) -> Generator[_Task[Opened] | Pause | None, None, None]:
        """Every conversation of every article, articles opened when they are reached, and what to wait for between.

        ``None`` stands for an article that is done when it is opened too.
        """
        for numbered in articles:
            if not isinstance(numbered, tuple):
                yield numbered
                continue
            opened = self._open(*numbered)
            if opened is None:
                yield None
                continue
            for task in _tasks_of(opened):
                if opened.closed:
                    break
                yield task

    async def serve(self, tasks: Iterator[_Task[Opened] | Pause | None], backend: Backend) -> None:
        while True:
            try:
                task = self._anew.popleft() if self._anew else next(tasks)
            except StopIteration:
                return
            if isinstance(task, _Task):
                if not task.opened.closed:
                    await self._do(task, backend)
            elif task is not None:
                await task()
            await asyncio.sleep(0)  # a task that asked nothing has not let the others breathe, nor an interrupt in

    async def _do(self, task: _Task[Opened], backend: Backend) -> None:
        opened = task.opened
        try:
            answer = await drive(task.exchange, Line(backend, opened, self._adapting, self._timeout))
        except AbandonedError:
            return
        except ReplayMiss as miss:
            if self._adapting is None or not self._adapting.several:
                raise
            opened.miss = opened.miss or miss
            opened.missing += 1
        except Exception as error:  # contained: one article's failure is its own
            self._trouble(task, error)
            return
        else:
            opened.answers[task.position] = answer
        self._finish_if_complete(opened)

    def _trouble(self, task: _Task[Opened], error: Exception) -> None:
        opened = task.opened
        if isinstance(error, FormRefused) and self._adapting is not None:
            work = None if opened.closed else self._adapting.refused(opened.work, error)
            if work is not None:
                self._open_anew(opened, work)
        else:
            _raise_if_fatal(error)
        self._fail(opened, task.position, error)

    def _open(self, index: int, article: Article) -> Underway[Opened] | None:
        try:
            work = self._open_work(index, article)
        except Exception as error:
            _raise_if_fatal(error)
            self._on_done(index, self._failed(article, 0, error))
            return None
        if work is None:
            return None
        opened = Underway(index, article, work)
        self._finish_if_complete(opened)
        return None if opened.closed else opened

    def _open_anew(self, opened: Underway[Opened], work: Opened) -> None:
        """Go on with *work* in the place of *opened*, before any article that has not begun."""
        opened.closed = True
        anew = Underway(opened.index, opened.article, work, until=opened.until, miss=opened.miss)
        self._anew.extend(_tasks_of(anew))
        self._finish_if_complete(anew)

    def _finish_if_complete(self, opened: Underway[Opened]) -> None:
        if opened.closed or len(opened.answers) + opened.missing < len(opened.work.exchanges):
            return
        other = self._otherwise(opened)
        if other is not None:
            self._open_anew(opened, other)
            return
        try:
            extraction = opened.work.finish([opened.answers[position] for position in sorted(opened.answers)])
        except Exception as error:
            self._fail(opened, 0, error)
            return
        opened.closed = True
        self._on_done(opened.index, extraction)

    def _otherwise(self, opened: Underway[Opened]) -> Opened | None:
        """The article opened anew, where what was heard of it is no longer what is asked, or is not all there.

        Only now, and not at the first miss: the same replay may hold that the endpoint refused another request of it.
        """
        if opened.missing:
            other = self._adapting.missed(opened.work) if self._adapting is not None else None
            if other is None:
                assert opened.miss is not None
                raise opened.miss
            return other
        return self._adapting.renewed(opened.work) if self._adapting is not None else None

    def _fail(self, opened: Underway[Opened], chunk: int, error: Exception) -> None:
        if not opened.closed:
            opened.closed = True
            self._on_done(opened.index, self._failed(opened.article, chunk, error))

    def _failed(self, article: Article, chunk: int, error: Exception) -> Extraction:
        what = _chunk_error(chunk, error)
        try:
            return self._fail_article(article, what)
        except Exception:  # what ended the article may well end this too
            return Extraction(article, "failed", errors=(what,))


def _tasks_of(opened: Underway[Opened]) -> Iterator[_Task[Opened]]:
    return (_Task(opened, position, exchange) for position, exchange in enumerate(opened.work.exchanges))


def _chunk_error(chunk: int, error: Exception) -> ChunkError:
    """*error*, which nobody foresaw, as a record shows it."""
    kind = "internal"
    if isinstance(error, RequestFailed):
        kind = error.kind
    elif isinstance(error, CacheError | FormRefused):
        kind = "cache" if isinstance(error, CacheError) else "form"
    what = str(error) if isinstance(error, QuotesError) else f"{type(error).__name__}: {error}"
    return ChunkError(chunk, kind, " ".join(what.split()))


def _raise_if_fatal(error: Exception) -> None:
    """Raise *error* again where every other article would meet it too. A damaged cache entry is one article's."""
    if isinstance(error, QuotesError) and error.exit_code > 1 and not isinstance(error, CacheError):
        raise error
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        raise OutputError(str(error.strerror), where=str(error.filename or "")) from error


def gravest(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error of a group to show: several workers often meet the same one at the same time."""
    leaves = list(_leaves(failures))
    return max(leaves, key=lambda error: error.exit_code if isinstance(error, QuotesError) else 0)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
