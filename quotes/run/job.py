"""A job: articles in, records into a sink, counted; the one place where input, engine, backend and output meet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from quotes._version import __version__
from quotes.errors import DuplicateId, InputError, QuotesError
from quotes.exchange import Tell, ignore
from quotes.model import Article, ChunkError, Extraction
from quotes.prompting.dialect import Dialect
from quotes.run.assembly import Assembly
from quotes.run.garbage import seldom_collected
from quotes.run.options import flat
from quotes.run.scheduling import Numbered, run_numbered
from quotes.run.selection import select
from quotes.run.settings import Settings
from quotes.run.sinks import Sink
from quotes.run.summary import Summary
from quotes.run.telling import FAIL_FAST, FailedChunks, mended_note, not_complete, unread_note
from quotes.run.working import Done
from quotes.text.language import is_of_other_script

if TYPE_CHECKING:
    from quotes.run.crew import Crew

_LONG: Final = 50_000
"""Characters of an article that is done in another process, where requests would have to wait for it meanwhile."""
_OFTEN: Final = 0.05
"""Seconds between two counts of requests and tokens for who follows the progress."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears about a run: *note* remarks, *problem* errors of one input or article, *progress* every record, *tell*
    every event."""

    note: Callable[[str], None] = lambda _line: None
    problem: Callable[[str], None] = lambda _line: None
    progress: Callable[[Summary], None] = lambda _summary: None
    tell: Tell = ignore


class Job:
    """One run. *articles* are read lazily; what cannot be read is reported and counted, the others go on."""

    def __init__(
        self,
        settings: Settings,
        assembly: Assembly,
        articles: Iterable[Article | InputError],
        sink: Sink,
        listener: Listener | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*environ* is what *assembly* was made with; without it nothing is done in other processes. *clock* gives
        seconds."""
        self.summary = Summary()
        self._settings = settings
        self._assembly = assembly
        self._articles = articles
        self._sink = sink
        self._listener = listener or Listener()
        self._failed_chunks = FailedChunks(self._listener.problem)
        self._other_scripts = 0
        self._first_of_them = ""
        self._main: asyncio.Task[None] | None = None
        self._crew = _crew(settings, assembly, environ, self)
        self._lends = self._crew is not None and settings.processes == 1
        self._interrupted = False
        self._ending: QuotesError | None = None
        self._clock = clock
        self._began = clock()
        self._counted = self._began
        self._opened: dict[int, float] = {}

    def run(self) -> Summary:
        """Do everything, to the sink's end.

        Raises:
            QuotesError: what ends a run for all articles; the sink keeps what is done, the summary says how much.
            KeyboardInterrupt: as above.
        """
        limits = {"concurrency": self._settings.window, "limit": self._settings.limit}
        self._listener.tell("run", {"version": __version__, "options": flat(self._assembly.options), **limits})
        try:
            with seldom_collected():
                self._run_to_end()
            self._sink.finish()
        except BaseException as error:
            self.summary.codes.add(_code_of(error))
            self._listener.tell("end", {**self.summary.figures, "error": type(error).__name__})
            self._sink.abandon()
            raise
        self.summary.complete = True
        self._listener.tell("end", self.summary.figures)
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
            if self._ending is not None:
                raise self._ending from None
            raise

    async def _run(self) -> None:
        self._main = asyncio.current_task()
        try:
            await self._do_all()
        except BaseException:
            if self._crew is not None:
                self._crew.kill()
            raise
        finally:
            if self._crew is not None:
                await self._crew.aclose()
            self._count_requests()
            self._tell_mended()
            self._tell_scripts()
            await self._assembly.backend.aclose()

    async def _do_all(self) -> None:
        articles = self._to_do()
        if self._crew is not None and self._settings.processes > 1:
            await self._crew.run(articles)
            return
        await self._do_here(articles)

    async def _do_here(self, articles: Iterable[Numbered]) -> None:
        adapting = self._assembly.adapting(self._listener.note)
        await run_numbered(
            articles,
            lambda _index, article: adapting.open(article),
            self._assembly.backend,
            concurrency=self._settings.window,
            on_done=self._done,
            fail=self._assembly.engine.fail,
            adapting=adapting,
            article_timeout=self._settings.article_timeout,
        )

    async def _do_apart(self, crew: Crew, index: int, article: Article) -> None:
        """Do *article* in another process; here where there can be none, which nobody has asked for."""
        from quotes.run.seat import Unstarted

        try:
            await crew.do(index, article)
        except Unstarted as error:
            self._lends = False
            self._listener.note(f"{error.what}: what is long is done in this one")
            await self._do_here([(index, article)])

    def _to_do(self) -> Iterator[Numbered]:
        """The articles that no earlier run has finished, long ones in the care of another process."""
        for index, article in enumerate(islice(self._readable(), self._settings.limit)):
            if self._resumed(index, article):
                yield None
                continue
            self._opened[index] = self._clock()
            if self._assembly.engine.prompt is None and is_of_other_script(article.text):
                self._other_scripts += 1
                self._first_of_them = self._first_of_them or _name(article)
            apart = self._crew if self._lends and len(article.text) > _LONG else None
            yield partial(self._do_apart, apart, index, article) if apart else (index, article)

    def _readable(self) -> Iterator[Article]:
        for found in self._articles:
            if isinstance(found, InputError):
                self._pass_over(found)
                if self._ending is not None:
                    return
                continue
            for note in (*found.notes, *(() if found.text.strip() else ("the article is empty",))):
                self._listener.note(f"{found.source or found.id}: {note}")
            yield found

    def _pass_over(self, error: InputError) -> None:
        """Count an input that gives no article."""
        if isinstance(error, DuplicateId):
            self.summary.duplicates += 1
        else:
            self.summary.unread += 1
        what = {"kind": type(error).__name__, "where": error.where, "what": error.what}
        self._listener.tell("problem", what)
        if self._settings.fail_fast:
            self._end_with(QuotesError(FAIL_FAST + error.what, where=error.where, remedy=error.remedy))
        else:
            self._listener.problem(str(error))

    def _resumed(self, index: int, article: Article) -> bool:
        """Whether an earlier run has finished *article*; then it is counted."""
        status = self._sink.resume(index, article)
        if status is None:
            return False
        self.summary.count(status)
        self.summary.resumed += 1
        if status != "complete" and self._settings.fail_fast:
            what = f"{FAIL_FAST}an earlier one found the article {status}"
            self._end_with(QuotesError(what, where=_name(article), remedy="leave it out to go on"))
        self._listener.progress(self.summary)
        return True

    def _done(self, index: int, extraction: Extraction) -> None:
        chosen = select(extraction, self._settings)
        self._sink.put(index, chosen)
        self._count(Done.of(index, chosen, ""))

    def take(self, done: Done) -> None:
        """What came of an article in another process."""
        if self._ending is None:
            self._sink.put_line(done.index, done.line)
            self._count(done)

    def give_up(self, index: int, article: Article, error: ChunkError) -> None:
        """An article that no process outlives."""
        if self._ending is None:
            self._done(index, self._assembly.engine.fail(article, error))

    def learn(self, dialects: tuple[Dialect, ...]) -> None:
        """The forms in which another process has asked the endpoint."""
        self._assembly.learn(dialects)

    def note(self, line: str) -> None:
        """A remark of another process, for people."""
        self._listener.note(line)

    def _count(self, done: Done) -> None:
        self._assembly.note_in_store()
        self.summary.count(done.status)
        self.summary.quotes += done.quotes
        self.summary.usage += done.usage
        if self._clock() - self._counted >= _OFTEN:
            self._count_requests()
        self._tell_done(done, self._clock() - self._opened.pop(done.index, self._clock()))
        if done.status != "complete" and self._settings.fail_fast:
            self._end_with(not_complete(done))
        else:
            self._failed_chunks.tell(done)
        self._listener.progress(self.summary)

    def _end_with(self, error: QuotesError) -> None:
        """End the run with *error*, and give up what is in flight."""
        if self._ending is None and self._main is not None:
            self._ending = error
            self._main.cancel()

    def _tell_done(self, done: Done, seconds: float) -> None:
        if self._listener.tell is ignore:
            return
        for error in done.errors:
            self._listener.tell("problem", {"kind": error.kind, "article": done.id, "chunk": error.chunk})
        failed = len({error.chunk for error in done.errors})
        said = {"id": done.id, "status": done.status, "quotes": done.quotes, "chunks_failed": failed}
        self._listener.tell("article", {**said, "replies": done.usage.requests, "seconds": round(seconds, 3)})

    def _tell_mended(self) -> None:
        if mended := self._assembly.counts.mended:
            self._listener.note(mended_note(mended))

    def _tell_scripts(self) -> None:
        """Say once which articles the rules have looked through in vain: their records do not tell."""
        if number := self._other_scripts:
            self._listener.note(unread_note(number, self._first_of_them))

    def _count_requests(self) -> None:
        counts = self._assembly.counts
        for more in self._crew.counts if self._crew is not None else ():
            counts = replace(counts, hits=counts.hits + more.hits, recalled=counts.recalled + more.recalled)
        self.summary.count_requests(counts, self._assembly.spending)
        self._counted = self._clock()
        self.summary.seconds = self._counted - self._began


def _name(article: Article) -> str:
    return article.source or article.id


def _crew(settings: Settings, assembly: Assembly, environ: Mapping[str, str] | None, job: Job) -> Crew | None:
    """Other processes for the run, where there are to be some, or one might have to take long articles off it."""
    if environ is None or (settings.processes == 1 and not assembly.asks):
        return None
    from quotes.run.crew import Crew

    most = min(settings.processes, settings.window) if assembly.asks else settings.processes
    return Crew(settings, environ, job, most, assembly.backend if assembly.asks else None)


def _code_of(error: BaseException) -> int:
    if isinstance(error, QuotesError):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        return 0  # the reader has had enough
    return 130 if isinstance(error, KeyboardInterrupt) else 4 if isinstance(error, OSError) else 1
