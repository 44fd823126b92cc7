"""Sinks: where finished records go, and in which order: straight on in input order, or by way of a journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from quotes.formats import AtomicText
from quotes.model import Article, Extraction, Status
from quotes.run.journal import Journal

Rendered = TypeVar("Rendered")


class Sink(Protocol):
    """Takes the record of every article, numbered in input order, as they finish."""

    def resume(self, index: int, article: Article) -> Status | None:
        """The status of *article* where an earlier run has finished it, else ``None``."""
        ...

    def put(self, index: int, extraction: Extraction) -> None:
        """Take one record. Raises OutputError where it cannot be kept."""
        ...

    def finish(self) -> None:
        """Every article has been put: complete the output."""
        ...

    def abandon(self) -> None:
        """The run ends early: keep what has been put."""
        ...


class InOrder(Generic[Rendered]):
    """Hands records on in input order, each as soon as those before it are there.

    *render* is called when a record arrives, *emit* with what it made when its turn has come: what waits
    is small.
    """

    def __init__(self, render: Callable[[Extraction], Rendered], emit: Callable[[Rendered], None]) -> None:
        self._render = render
        self._emit = emit
        self._waiting: dict[int, Rendered] = {}
        self._next = 0

    def resume(self, index: int, article: Article) -> Status | None:  # noqa: ARG002
        """Nothing is kept from one run to the next."""
        return None

    def put(self, index: int, extraction: Extraction) -> None:
        """Hand on *extraction* and those that waited for it, or let it wait."""
        self._waiting[index] = self._render(extraction)
        while self._next in self._waiting:
            self._emit(self._waiting.pop(self._next))
            self._next += 1

    def finish(self) -> None:
        """Hand on whatever waits, in order."""
        for index in sorted(self._waiting):
            self._emit(self._waiting.pop(index))

    def abandon(self) -> None:
        """As at the end: what is done is paid for, even if an article before it is missing."""
        self.finish()


class Journaled:
    """Writes *out* in one piece at the end; until then each record stands in the journal beside it."""

    def __init__(self, out: Path, journal: Journal, render: Callable[[Extraction], str]) -> None:
        self._out = out
        self._journal = journal
        self._render = render

    def resume(self, index: int, article: Article) -> Status | None:
        """What the journal says of *article*."""
        return self._journal.resume(index, article)

    def put(self, index: int, extraction: Extraction) -> None:
        """Append the record to the journal."""
        self._journal.append(index, self._render(extraction))

    def finish(self) -> None:
        """Write the output in input order, put it in place whole, and remove the journal."""
        with AtomicText(self._out) as stream:
            for line in self._journal.lines():
                stream.write(line + "\n")
        self._journal.remove()

    def abandon(self) -> None:
        """Keep the journal: the same command goes on from it."""
        self._journal.close()
