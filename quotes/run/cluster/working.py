"""The worker of a cluster: an actor that turns the articles of one part after another into records and writes them.

Parts overlap in it, so that its requests never run out at the end of one. It is made anew wherever it is killed, and
what it had begun is done again: from the cache, which has all that was answered.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import threading
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from quotes.cache import Counts
from quotes.errors import QuotesError
from quotes.model import Article
from quotes.run.assembly import assemble
from quotes.run.cluster.entrance import SharedEntrance
from quotes.run.cluster.limits import Heard, Message
from quotes.run.cluster.parts import Parts
from quotes.run.cluster.survey import Batch
from quotes.run.settings import Settings
from quotes.run.working import Done, Worker
from quotes.text.language import is_of_other_script

AT_ONCE: Final = 2
"""Parts that a worker has under way."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a run is told: how to work, where the records go, who keeps the *limits* (an actor, ``None``
    where nobody is asked), and in which *folder* paths begin. It holds keys (in *environ*) and is shown nowhere."""

    settings: Settings
    environ: Mapping[str, str]
    parts: Parts
    folder: str
    limits: Any = None

    def __repr__(self) -> str:
        return "Task(…)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one *part*: of its articles (their lines left out), and beside. *counts* are of the worker's whole
    *life* so far, *unread_scripts* names the articles whose script the rules do not read."""

    part: int
    articles: tuple[Done, ...]
    notes: tuple[str, ...]
    unread_scripts: tuple[str, ...]
    life: str
    counts: Counts


class PartWorker:
    """The actor. It is called by several threads, each with one part; the work is done in the loop of another."""

    def __init__(self, task: Task) -> None:
        """Begin a life; nothing is opened before the first part."""
        enter(task.folder)
        os.environ.update({name: value for name, value in task.environ.items() if of_the_database(name)})
        self._task = task
        self._life = uuid.uuid4().hex
        self._worker: Worker | None = None
        self._entrance: SharedEntrance | None = None
        self._notes: list[str] = []
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        """What came of the one part of *batch*, or the error that ends the run, both packed."""
        found = pickle.loads(batch["batch"][0])
        outcome = found if isinstance(found, QuotesError) else self._outcome(found)
        return {"outcome": [pickle.dumps(outcome)]}

    def _outcome(self, batch: Batch) -> Outcome | QuotesError:
        try:
            done = asyncio.run_coroutine_threadsafe(self._work(batch), self._loop).result()
            self._task.parts.write(batch.part, [each.line for each in done])
        except QuotesError as error:
            return error
        except Exception as error:  # to be told where people hear it
            return QuotesError(f"a worker has failed: {type(error).__name__}: {error}", where=f"part {batch.part}")
        notes, self._notes = self._notes, []
        assert self._worker is not None
        return Outcome(
            batch.part,
            tuple(replace(each, line="") for each in done),
            tuple(notes),
            tuple(_unread(batch.articles, self._worker)),
            self._life,
            self._worker.counts,
        )

    async def _work(self, batch: Batch) -> list[Done]:
        if self._worker is None:
            self._worker = self._made()
        done: list[Done] = []
        try:
            await self._worker.work(enumerate(batch.articles), done.append)
        finally:
            if self._entrance is not None:
                await self._entrance.said()  # so that who hears of this part has heard of its requests
        return sorted(done, key=lambda each: each.index)

    def _made(self) -> Worker:
        task = self._task
        if task.limits is not None:
            self._entrance = SharedEntrance(_Line(task.limits, _own_name(), self._life))
        assembly = assemble(task.settings, task.environ, entrance=self._entrance)
        return Worker(task.settings, task.environ, assembly=assembly, note=self._notes.append)


@dataclass(frozen=True, slots=True)
class _Line:
    """The way to the actor that keeps the limits."""

    actor: Any
    worker: str
    life: str

    def tell(self, messages: Sequence[Message]) -> Awaitable[None]:
        told: Awaitable[None] = self.actor.tell.remote(self.worker, self.life, messages)
        return told

    def hear(self) -> Awaitable[Heard]:
        heard: Awaitable[Heard] = self.actor.hear.remote(self.worker, self.life)
        return heard


def _own_name() -> str:
    """The name of this actor, which it keeps when it is made anew."""
    from quotes.extras import load

    return str(load("ray", "ray", "--engine ray").get_runtime_context().get_actor_id())


def _unread(articles: Sequence[Article], worker: Worker) -> list[str]:
    if worker.assembly.engine.prompt is not None:
        return []
    return [article.source or article.id for article in articles if is_of_other_script(article.text)]


def of_the_database(variable: str) -> bool:
    """Whether the *variable* of the environment is one by which PostgreSQL's own library is told, as ``PGPASSWORD``."""
    return variable.startswith("PG") and variable.isupper()


def enter(folder: str) -> None:
    """Let paths begin in *folder*, where this machine has it."""
    if os.path.isdir(folder):
        os.chdir(folder)
