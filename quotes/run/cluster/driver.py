"""The driver: one run on many machines, from its inputs to its parts, told and counted as a run in one process is."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from quotes._version import __version__
from quotes.cache import Counts, default_cache_path
from quotes.errors import DuplicateId, InputError, QuotesError, UsageError
from quotes.exchange import Usage
from quotes.llm.ledger import Spending
from quotes.run.assembly import Assembly
from quotes.run.batch import HEARD
from quotes.run.cluster.limits import SharedLimits
from quotes.run.cluster.parts import Parts
from quotes.run.cluster.places import is_uri
from quotes.run.cluster.reading import items_of, portions_of
from quotes.run.cluster.runtime import Runtime, running
from quotes.run.cluster.survey import Plan, plan_of
from quotes.run.cluster.working import Outcome, Task, of_the_database
from quotes.run.connecting import ledger_of
from quotes.run.job import Listener
from quotes.run.options import flat
from quotes.run.settings import KEY_VARIABLE, Settings
from quotes.run.summary import Summary
from quotes.run.telling import FAIL_FAST, FailedChunks, mended_note, not_complete, unread_note
from quotes.run.working import Done

_SHARED: Final = "every machine has to reach it"
_VARIABLES: Final = (KEY_VARIABLE, "OPENAI_API_KEY", "OPENAI_BASE_URL", *HEARD)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a run takes place: the *address* of a Ray cluster (``None``: this machine alone), and how many *workers*
    there are (``None``: as many as it has cores)."""

    address: str | None = None
    workers: int | None = None


def refuse_unfit(settings: Settings, inputs: Sequence[str]) -> None:
    """Refuse what a run on many machines cannot do.

    Raises:
        UsageError: it is asked for.
    """
    if "-" in inputs:
        raise UsageError("standard input cannot be read by many machines", where="-", remedy="name files or folders")
    if settings.local is not None:
        remedy = "serve it, and give --base-url"
        raise UsageError("a model within the command is not shared by many workers", where="--local", remedy=remedy)
    if settings.cache_mode in ("off", "refresh"):
        what = "a worker that is replaced would ask and pay again, without a cache to go on from"
        remedy = "leave it out, or name a new --cache"
        raise UsageError(what, where=f"--cache-mode {settings.cache_mode}", remedy=remedy)


class ClusterJob:
    """One run of *inputs* into *parts*. *assembly* tells what would be asked, and asks nothing.

    *leave_out* is no input though a folder of inputs holds it; *overwrite* replaces whatever the parts lie on.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        assembly: Assembly,
        inputs: Sequence[str],
        parts: Parts,
        cluster: Cluster,
        listener: Listener | None = None,
        *,
        leave_out: Collection[Path] = (),
        overwrite: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*clock* gives seconds."""
        self.summary = Summary()
        self._settings = settings
        self._environ = environ
        self._assembly = assembly
        self._inputs = inputs
        self._parts = parts
        self._cluster = cluster
        self._listener = listener or Listener()
        self._leave_out = leave_out
        self._overwrite = overwrite
        self._clock = clock
        self._began = clock()
        self._failed_chunks = FailedChunks(self._listener.problem)
        self._notes: set[str] = set()
        self._unread: list[str] = []
        self._counts: dict[str, Counts] = {}

    def run(self) -> Summary:
        """Do everything, to the last part.

        Raises:
            QuotesError: what ends the run for all articles; the parts that are there are whole.
            KeyboardInterrupt: as above.
        """
        limits = {"concurrency": self._settings.window, "limit": self._settings.limit}
        self._listener.tell("run", {"version": __version__, "options": flat(self._assembly.options), **limits})
        try:
            with running(self._cluster.address, self._cluster.workers) as runtime:
                self._run_on(runtime)
        except BaseException as error:
            self.summary.codes.add(error.exit_code if isinstance(error, QuotesError) else 130)
            self._end(error)
            raise
        self.summary.complete = True
        self._end(None)
        return self.summary

    def interrupt(self) -> None:
        """End the run as Ctrl-C does. Raises KeyboardInterrupt."""
        raise KeyboardInterrupt

    def _end(self, error: BaseException | None) -> None:
        self.summary.seconds = self._clock() - self._began
        named = {"error": type(error).__name__} if error is not None else {}
        self._listener.tell("end", {**self.summary.figures, **named})

    def _run_on(self, runtime: Runtime) -> None:
        if not runtime.is_local:
            self._refuse_unshared()
        folder = os.getcwd()
        items = items_of(self._inputs, self._listener.note, self._leave_out)
        surveyed = runtime.surveyed(portions_of(items), self._settings.fields, folder)
        plan = plan_of(
            surveyed,
            workers=runtime.workers,
            limit=self._settings.limit,
            on_error=self._pass_over,
            on_note=self._listener.note,
        )
        shape = self._assembly.options
        self._parts.begin(plan.parts, plan.articles, self._assembly.fingerprint, shape, overwrite=self._overwrite)
        keeper = runtime.keeper(SharedLimits, *self._limits()) if self._assembly.asks else None
        task = Task(self._settled(), _relevant(self._environ, self._settings), self._parts, folder, keeper)
        try:
            self._work(runtime, plan, task)
        finally:
            spending = runtime.last_word(keeper.close.remote()) if keeper is not None else None
            if spending is not None:
                self._count(spending)
            self._tell_in_the_end()
        self._parts.finish({**self.summary.figures, "complete": True})

    def _settled(self) -> Settings:
        """The settings with what depends on where a process runs said outright."""
        settings = self._settings
        if self._assembly.engine.prompt is None or settings.cache or settings.record or settings.replay:
            return settings
        return replace(settings, cache=str(default_cache_path()))

    def _limits(self) -> tuple[object, ...]:
        return self._settings.window, self._settings.rpm, self._settings.tpm, ledger_of(self._settings)

    def _work(self, runtime: Runtime, plan: Plan, task: Task) -> None:
        if not plan.shares:
            return
        with closing(_unpacked(runtime.outcomes(plan.shares, self._settings.fields, task))) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, QuotesError):
                    raise outcome
                self._take(outcome)
                if task.limits is not None:
                    self._count(runtime.ray.get(task.limits.spending.remote()))
                else:
                    self._count(None)
                self._listener.progress(self.summary)

    def _take(self, outcome: Outcome) -> None:
        for note in outcome.notes:
            if note not in self._notes:
                self._notes.add(note)
                self._listener.note(note)
        before = self._counts.get(outcome.life, Counts())
        if outcome.counts.hits + outcome.counts.asked >= before.hits + before.asked:
            self._counts[outcome.life] = outcome.counts
        self._unread += outcome.unread_scripts
        for done in outcome.articles:
            self._take_article(done)

    def _take_article(self, done: Done) -> None:
        self.summary.count(done.status)
        self.summary.quotes += done.quotes
        self.summary.usage += done.usage
        for error in done.errors:
            self._listener.tell("problem", {"kind": error.kind, "article": done.id, "chunk": error.chunk})
        told = {"id": done.id, "status": done.status, "quotes": done.quotes}
        failed = len({error.chunk for error in done.errors})
        self._listener.tell("article", {**told, "chunks_failed": failed, "replies": done.usage.requests})
        if done.status != "complete" and self._settings.fail_fast:
            raise not_complete(done)
        self._failed_chunks.tell(done)

    def _pass_over(self, error: InputError) -> None:
        """Count an input that gives no article."""
        if isinstance(error, DuplicateId):
            self.summary.duplicates += 1
        else:
            self.summary.unread += 1
        what = {"kind": type(error).__name__, "where": error.where, "what": error.what}
        self._listener.tell("problem", what)
        if self._settings.fail_fast:
            raise QuotesError(FAIL_FAST + error.what, where=error.where, remedy=error.remedy)
        self._listener.problem(str(error))

    def _count(self, spending: Spending | None) -> None:
        """Note what all workers have asked for and found, as far as they have told."""
        known = self._counts.values()
        recalled = sum((counts.recalled for counts in known), Usage())
        hits, mended = (sum(getattr(counts, name) for counts in known) for name in ("hits", "mended"))
        asked = spending.tries - spending.retries if spending is not None else 0
        counts = Counts(hits=hits, asked=asked, mended=mended, recalled=recalled)
        self.summary.count_requests(counts, spending or self._assembly.spending)
        self.summary.seconds = self._clock() - self._began

    def _tell_in_the_end(self) -> None:
        mended = sum(counts.mended for counts in self._counts.values())
        if mended:
            self._listener.note(mended_note(mended))
        if number := len(self._unread):
            self._listener.note(unread_note(number, self._unread[0]))

    def _refuse_unshared(self) -> None:
        """Refuse what only this machine has, where there are others.

        Raises:
            UsageError: something is.
        """
        for place in (*self._inputs, self._parts.folder):
            if not is_uri(place):
                remedy = "name an object storage such as s3://…, or a folder that all machines have as file:///…"
                raise UsageError(f"lies on this machine, and {_SHARED}", where=place, remedy=remedy)
        settings = self._settings
        stores = {"--record": settings.record, "--replay": settings.replay, "--cache": settings.cache}
        said = {option: place for option, place in stores.items() if place is not None} or {"--cache": ""}
        for option, place in said.items():
            if self._assembly.engine.prompt is not None and not is_uri(place):
                raise UsageError(f"the cache lies on this machine, and {_SHARED}", where=option, remedy=_POSTGRES)


_POSTGRES: Final = "give --cache postgresql://… for a cache that all of them share"


def _unpacked(packed: Iterator[bytes]) -> Generator[Outcome | QuotesError, None, None]:
    for outcome in packed:
        yield pickle.loads(outcome)


def _relevant(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What of *environ* a worker looks at."""
    names = {*_VARIABLES, *settings.endpoint.header_env.values(), *filter(of_the_database, environ)}
    if settings.api_key_env is not None:
        names.add(settings.api_key_env)
    return {name: environ[name] for name in sorted(names) if name in environ}
