"""Scheduling: many articles over one backend in a sliding window, apart because only here does time pass."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from quotes.errors import CacheError, OutputError, QuotesError, RequestFailed
from quotes.exchange import Backend, Reply, Request
from quotes.model import Article, ChunkError, Extraction

Answer = TypeVar("Answer")

_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


class Work(Protocol[Answer]):
    """One opened article: conversations that do not depend on each other, and what is made of their answers."""

    @property
    def exchanges(self) -> Sequence[Generator[Request, Reply, Answer]]:
        """The conversations. None of them where nothing has to be asked."""
        ...

    def finish(self, answers: Sequence[Answer], /) -> Extraction:
        """The record, from the answers in the order of *exchanges*."""
        ...


async def drive(exchange: Generator[Request, Reply, Answer], backend: Backend) -> Answer:
    """Lead one conversation to its end, and return what the generator returns.

    A :class:`RequestFailed` is thrown into the generator, which may go on; every other error of the backend
    closes the generator and is raised here.
    """
    try:
        request = next(exchange)
        while True:
            try:
                reply = await backend.complete(request)
            except RequestFailed as failure:
                request = exchange.throw(failure)
            else:
                request = exchange.send(reply)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    finally:
        exchange.close()


async def run_articles(
    articles: Iterable[Article],
    open_work: Callable[[int, Article], Work[Answer] | None],
    backend: Backend,
    *,
    concurrency: int,
    on_done: Callable[[int, Extraction], None],
    fail: Callable[[Article, ChunkError], Extraction],
) -> None:
    """Run *articles*, at most *concurrency* requests in flight over all of them, and report each as it is done.

    An article is opened when a request of it can be sent, never earlier, so at most *concurrency* articles
    are in memory, however many there are. *open_work* returns ``None`` for an article that needs nothing (it
    stands in the journal). *on_done* gets the article's position and its record, in the order of finishing.

    What goes wrong in one article, unexpected errors too, becomes the record *fail* makes of it. An error that concerns
    all of them (the endpoint, a replay miss, the output, an interrupt) cancels what is in flight and is raised;
    what *on_done* has been given stays done.
    """
    window = _Window(open_work, on_done, fail)
    tasks = window.tasks(articles)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(window.serve(tasks, backend))
    except BaseExceptionGroup as failures:
        raise _gravest(failures) from None
    finally:
        tasks.close()


@dataclass(slots=True)
class _Opened(Generic[Answer]):
    """An article under way. *closed* once its record is handed over."""

    index: int
    article: Article
    work: Work[Answer]
    answers: dict[int, Answer] = field(default_factory=dict)
    closed: bool = False


@dataclass(slots=True)
class _Task(Generic[Answer]):
    opened: _Opened[Answer]
    position: int
    exchange: Generator[Request, Reply, Answer]


class _Window(Generic[Answer]):
    """The state all workers share: one lazy stream of tasks. A worker does one task at a time."""

    def __init__(
        self,
        open_work: Callable[[int, Article], Work[Answer] | None],
        on_done: Callable[[int, Extraction], None],
        fail: Callable[[Article, ChunkError], Extraction],
    ) -> None:
        self._open_work = open_work
        self._on_done = on_done
        self._fail_article = fail

    def tasks(self, articles: Iterable[Article]) -> Generator[_Task[Answer] | None, None, None]:
        """Every conversation of every article, articles opened when they are reached.

        ``None`` stands for an article that is done when it is opened.
        """
        for index, article in enumerate(articles):
            opened = self._open(index, article)
            if opened is None:
                yield None
                continue
            for position, exchange in enumerate(opened.work.exchanges):
                if opened.closed:
                    break
                yield _Task(opened, position, exchange)

    async def serve(self, tasks: Iterator[_Task[Answer] | None], backend: Backend) -> None:
        for task in tasks:
            if task is not None:
                await self._do(task, backend)
            await asyncio.sleep(0)  # a task that asked nothing has not let the others breathe, nor an interrupt in

    async def _do(self, task: _Task[Answer], backend: Backend) -> None:
        opened = task.opened
        try:
            answer = await drive(task.exchange, backend)
        except Exception as error:  # contained: one article's failure is its own
            _raise_if_fatal(error)
            self._fail(opened, task.position, error)
            return
        opened.answers[task.position] = answer
        self._finish_if_complete(opened)

    def _open(self, index: int, article: Article) -> _Opened[Answer] | None:
        try:
            work = self._open_work(index, article)
        except Exception as error:
            _raise_if_fatal(error)
            self._on_done(index, self._failed(article, 0, error))
            return None
        if work is None:
            return None
        opened = _Opened(index, article, work)
        self._finish_if_complete(opened)
        return None if opened.closed else opened

    def _finish_if_complete(self, opened: _Opened[Answer]) -> None:
        if opened.closed or len(opened.answers) < len(opened.work.exchanges):
            return
        try:
            extraction = opened.work.finish([opened.answers[position] for position in sorted(opened.answers)])
        except Exception as error:
            self._fail(opened, 0, error)
            return
        opened.closed = True
        self._on_done(opened.index, extraction)

    def _fail(self, opened: _Opened[Answer], chunk: int, error: Exception) -> None:
        if not opened.closed:
            opened.closed = True
            self._on_done(opened.index, self._failed(opened.article, chunk, error))

    def _failed(self, article: Article, chunk: int, error: Exception) -> Extraction:
        what = _chunk_error(chunk, error)
        try:
            return self._fail_article(article, what)
        except Exception:  # what ended the article may well end this too
            return Extraction(article, "failed", errors=(what,))


def _chunk_error(chunk: int, error: Exception) -> ChunkError:
    """*error*, which nobody foresaw, as a record shows it."""
    kind = error.kind if isinstance(error, RequestFailed) else "cache" if isinstance(error, CacheError) else "internal"
    what = str(error) if isinstance(error, QuotesError) else f"{type(error).__name__}: {error}"
    return ChunkError(chunk, kind, " ".join(what.split()))


def _raise_if_fatal(error: Exception) -> None:
    """Raise *error* again where every other article would meet it too. A damaged cache entry is one article's."""
    if isinstance(error, QuotesError) and error.exit_code > 1 and not isinstance(error, CacheError):
        raise error
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        raise OutputError(str(error.strerror), where=str(error.filename or "")) from error


def _gravest(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error of a group to show: several workers often meet the same one at the same time."""
    leaves = list(_leaves(failures))
    return max(leaves, key=lambda error: error.exit_code if isinstance(error, QuotesError) else 0)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
