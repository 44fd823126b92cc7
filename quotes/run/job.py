"""A job: articles in, records into a sink, counted; the one place where input, engine, backend and output meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from quotes.errors import InputError, QuotesError, exit_code_of
from quotes.exchange import Usage
from quotes.extraction import Work
from quotes.model import Article, Extraction, Status
from quotes.run.assembly import Assembly
from quotes.run.scheduling import run_articles
from quotes.run.selection import select
from quotes.run.settings import Settings
from quotes.run.sinks import Sink

_PROBLEMS_TOLD = 20


@dataclass(slots=True)
class Summary:
    """What came of a run so far.

    *articles* are all that have a record, *resumed* those of them whose record an earlier run made; their
    quotes and tokens are not counted again. *unread* are inputs that gave no article. *usage* holds what the
    replies cost when they were made, *asked* how many were made in this run, *cached* how many were at hand.
    """

    articles: int = 0
    resumed: int = 0
    quotes: int = 0
    partial: int = 0
    failed: int = 0
    unread: int = 0
    asked: int = 0
    cached: int = 0
    usage: Usage = Usage()
    complete: bool = False
    codes: set[int] = field(default_factory=set)

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an article failed, is partial, or could not be read; above that as the errors say."""
        return exit_code_of(self.codes | ({1} if self.partial or self.failed or self.unread else set()))

    def count(self, status: Status) -> None:
        """Note one more article of *status*."""
        self.articles += 1
        self.partial += status == "partial"
        self.failed += status == "failed"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears about a run: *note* remarks, *problem* errors of one input or article, *progress* every record."""

    note: Callable[[str], None] = lambda _line: None
    problem: Callable[[str], None] = lambda _line: None
    progress: Callable[[Summary], None] = lambda _summary: None


class Job:
    """One run. *articles* are read lazily; what cannot be read is reported and counted, the others go on."""

    def __init__(
        self,
        settings: Settings,
        assembly: Assembly,
        articles: Iterable[Article | InputError],
        sink: Sink,
        listener: Listener | None = None,
    ) -> None:
        self.summary = Summary()
        self._settings = settings
        self._assembly = assembly
        self._articles = articles
        self._sink = sink
        self._listener = listener or Listener()
        self._told = 0
        self._main: asyncio.Task[None] | None = None
        self._interrupted = False

    def run(self) -> Summary:
        """Do everything, to the sink's end.

        Raises:
            QuotesError: what ends a run for all articles; the sink keeps what is done, the summary says how much.
            KeyboardInterrupt: as above.
        """
        try:
            self._run_to_end()
            self._sink.finish()
        except BaseException as error:
            self.summary.codes.add(_code_of(error))
            self._sink.abandon()
            raise
        self.summary.complete = True
        return self.summary

    def interrupt(self) -> None:
        """End the run as Ctrl-C does, for a handler of another signal: what is in flight is given up in good order.

        Raises:
            KeyboardInterrupt: nothing is in flight, or that was asked for before.
        """
        if self._main is None or self._main.done() or self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        self._main.cancel()
        self._main.get_loop().call_soon_threadsafe(lambda: None)  # a loop that waits for the network does not look up

    def _run_to_end(self) -> None:
        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            if self._interrupted:
                raise KeyboardInterrupt from None
            raise

    async def _run(self) -> None:
        self._main = asyncio.current_task()
        try:
            await run_articles(
                islice(self._readable(), self._settings.limit),
                self._open,
                self._assembly.backend,
                concurrency=self._settings.window,
                on_done=self._done,
                fail=self._assembly.engine.fail,
            )
        finally:
            self._count_requests()
            await self._assembly.backend.aclose()

    def _readable(self) -> Iterator[Article]:
        for found in self._articles:
            if isinstance(found, InputError):
                self.summary.unread += 1
                self._listener.problem(str(found))
                continue
            for note in found.notes:
                self._listener.note(f"{found.source or found.id}: {note}")
            yield found

    def _open(self, index: int, article: Article) -> Work | None:
        status = self._sink.resume(index, article)
        if status is None:
            return self._assembly.engine.open(article)
        self.summary.count(status)
        self.summary.resumed += 1
        self._listener.progress(self.summary)
        return None

    def _done(self, index: int, extraction: Extraction) -> None:
        chosen = select(extraction, self._settings)
        self._sink.put(index, chosen)
        self._assembly.note_in_store()
        self.summary.count(extraction.status)
        self.summary.quotes += len(chosen.quotes)
        self.summary.usage += extraction.usage
        self._count_requests()
        self._tell_errors(extraction)
        self._listener.progress(self.summary)

    def _tell_errors(self, extraction: Extraction) -> None:
        name = extraction.article.source or extraction.article.id
        for error in extraction.errors:
            self._told += 1
            if self._told <= _PROBLEMS_TOLD:
                self._listener.problem(f"{name}: chunk {error.chunk}: {error.message}")
            elif self._told == _PROBLEMS_TOLD + 1:
                self._listener.problem("more chunks failed: the records say which")

    def _count_requests(self) -> None:
        counts = self._assembly.counts
        self.summary.asked, self.summary.cached = counts.asked, counts.hits


def _code_of(error: BaseException) -> int:
    if isinstance(error, QuotesError):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        return 0  # the reader has had enough
    return 130 if isinstance(error, KeyboardInterrupt) else 4 if isinstance(error, OSError) else 1
