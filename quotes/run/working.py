"""Working: one process's share of a run, apart from where articles come from and where records go."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from quotes.cache import Counts
from quotes.exchange import Tell, Usage, ignore
from quotes.llm.ledger import Spending
from quotes.model import ChunkError, Extraction, Status
from quotes.record import dumps
from quotes.run.assembly import Assembly, assemble
from quotes.run.scheduling import Numbered, run_numbered
from quotes.run.selection import select
from quotes.run.settings import Settings


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one article: plain and small, so that it goes from process to process.

    *index* is its position in the input and *line* its record as JSON, without a line end. *where* names it to people
    (its source, else its id). *reason* says why it is not complete, where it is not.
    """

    index: int
    line: str
    status: Status
    quotes: int
    usage: Usage
    errors: tuple[ChunkError, ...] = ()
    id: str = ""
    where: str = ""
    reason: str = ""

    @classmethod
    def of(cls, index: int, extraction: Extraction, line: str) -> Done:
        """What came of the article number *index*: *extraction*, whose record is *line*."""
        article = extraction.article
        return cls(
            index,
            line,
            extraction.status,
            len(extraction.quotes),
            extraction.usage,
            extraction.errors,
            article.id,
            article.source or article.id,
            _reason(extraction),
        )


class Worker:
    """Turns articles into records, with an engine and a backend of its own. Close it, or use it in a ``with``.

    It belongs to one thread and, for `work`, to one event loop.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        note: Callable[[str], None] = lambda _line: None,
        tell: Tell = ignore,
        assembly: Assembly | None = None,
    ) -> None:
        """*note* hears remarks for people, such as that the endpoint has to be asked in another form; *tell* hears
        events. *assembly* is what to work with, by default what *settings* and *environ* say.

        Raises:
            UsageError: the options contradict each other, or name a pack or cache that cannot be used.
        """
        self.settings = settings
        self.assembly = assembly or assemble(settings, environ, tell)
        self._note = note
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def counts(self) -> Counts:
        """How many replies came from the cache and how many were asked for, so far."""
        return self.assembly.counts

    @property
    def spending(self) -> Spending:
        """What the requests have used so far, and what that cost."""
        return self.assembly.spending

    async def work(self, articles: Iterable[Numbered], take: Callable[[Done], None]) -> None:
        """Do *articles*, each with its number, and hand what came of each to *take* as it is finished.

        They are read when a request of the next one can be sent.

        Raises:
            QuotesError: what would end the run for all articles; *take* has had what was finished before.
        """
        adapting = self.assembly.adapting(self._note)
        await run_numbered(
            articles,
            lambda _index, article: adapting.open(article),
            self.assembly.backend,
            concurrency=self.settings.window,
            on_done=lambda index, extraction: take(self.done(index, extraction)),
            fail=self.assembly.engine.fail,
            adapting=adapting,
            article_timeout=self.settings.article_timeout,
        )

    def done(self, index: int, extraction: Extraction) -> Done:
        """*extraction*, of the article number *index*, with the quotes that are asked for alone, as a line."""
        chosen = select(extraction, self.settings)
        self.assembly.note_in_store()
        return Done.of(index, chosen, dumps(chosen, with_text=self.settings.with_text))

    def run(self, articles: Iterable[Numbered]) -> Iterator[Done]:
        """As `work`, for a caller without an event loop: what came of each article as it is finished.

        Nothing goes on between two of them: take them without delay.

        Raises:
            QuotesError: what would end the run for all articles, after what was finished before it.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        taken: deque[Done] = deque()
        news = asyncio.Event()

        def take(done: Done) -> None:
            taken.append(done)
            news.set()

        task = self._loop.create_task(self.work(articles, take))
        task.add_done_callback(lambda _task: news.set())
        try:
            while not task.done():
                self._loop.run_until_complete(news.wait())
                news.clear()
                while taken:
                    yield taken.popleft()
            task.result()
        finally:
            if task.cancel():
                self._loop.run_until_complete(asyncio.wait([task]))

    async def aclose(self) -> None:
        """Close the backend, on the event loop of `work`."""
        await self.assembly.backend.aclose()

    def close(self) -> None:
        """Close the backend and the loop of `run`."""
        loop, self._loop = self._loop or asyncio.new_event_loop(), None
        try:
            loop.run_until_complete(self.aclose())
        finally:
            loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _reason(extraction: Extraction) -> str:
    """Why the record is not complete; empty where it is."""
    if extraction.status == "complete":
        return ""
    reasons = [f"chunk {error.chunk}: {error.message}" for error in extraction.errors]
    reasons += [item.reason for item in extraction.unresolved]
    return reasons[0] if reasons else ""
