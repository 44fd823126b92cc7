"""Sinks: where finished records go, and in which order: straight on in input order, or by way of a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, Protocol, TypeAlias, TypeVar

from quotes.errors import OutputError, RecordError
from quotes.formats import count_records, write_records
from quotes.model import Article, Extraction, Status
from quotes.run.journal import Journal

Rendered = TypeVar("Rendered")

Writer: TypeAlias = Callable[[Path, Iterable[str]], None]
"""Writes records, a line of JSON each without its line end, to a file that is there whole or not at all."""


class Sink(Protocol):
    """Takes the record of every article, numbered in input order, as they finish."""

    def resume(self, index: int, article: Article) -> Status | None:
        """The status of *article* where an earlier run has finished it, else ``None``."""
        ...

    def put(self, index: int, extraction: Extraction) -> None:
        """Take one record. Raises OutputError where it cannot be kept."""
        ...

    def put_line(self, index: int, line: str) -> None:
        """As `put`, of a record that is JSON already, without a line end."""
        ...

    def finish(self) -> None:
        """Every article has been put: complete the output."""
        ...

    def abandon(self) -> None:
        """The run ends early: keep what has been put."""
        ...


class Waiting(Protocol[Rendered]):
    """Where records wait for those before them, by number."""

    def put(self, key: int, value: Rendered, /) -> None:
        """Keep *value*."""
        ...

    def pop(self, key: int, /) -> Rendered | None:
        """What waits under *key*, which then does no more."""
        ...

    def ordered(self) -> list[int]:
        """The numbers of what waits, sorted."""
        ...

    def close(self) -> None:
        """Forget everything."""
        ...


class Held(Generic[Rendered]):
    """Records that wait in memory."""

    def __init__(self) -> None:
        self._held: dict[int, Rendered] = {}

    def put(self, key: int, value: Rendered) -> None:
        """Keep *value*."""
        self._held[key] = value

    def pop(self, key: int) -> Rendered | None:
        """What waits under *key*, which then does no more."""
        return self._held.pop(key, None)

    def ordered(self) -> list[int]:
        """The numbers of what waits, sorted."""
        return sorted(self._held)

    def close(self) -> None:
        """Forget everything."""
        self._held.clear()


class InOrder(Generic[Rendered]):
    """Hands records on in input order, each as soon as those before it are there.

    *render* is called when a record arrives, *emit* with what it made when its turn has come. What waits is kept in
    *waiting*: one slow article may hold up thousands.
    """

    def __init__(
        self,
        render: Callable[[Extraction], Rendered],
        emit: Callable[[Rendered], None],
        waiting: Waiting[Rendered] | None = None,
    ) -> None:
        self._render = render
        self._emit = emit
        self._waiting = waiting if waiting is not None else Held[Rendered]()
        self._next = 0

    def resume(self, index: int, article: Article) -> Status | None:  # noqa: ARG002
        """Nothing is kept from one run to the next."""
        return None

    def put(self, index: int, extraction: Extraction) -> None:
        """Hand on *extraction* and those that waited for it, or let it wait."""
        self._put(index, self._render(extraction))

    def put_line(self: InOrder[str], index: int, line: str) -> None:
        """As `put`, where records are handed on as JSON."""
        self._put(index, line)

    def _put(self, index: int, rendered: Rendered) -> None:
        if index != self._next:
            self._waiting.put(index, rendered)
            return
        found: Rendered | None = rendered
        while found is not None:
            self._emit(found)
            self._next += 1
            found = self._waiting.pop(self._next)

    def finish(self) -> None:
        """Hand on whatever waits, in order."""
        try:
            for index in self._waiting.ordered():
                found = self._waiting.pop(index)
                if found is not None:
                    self._emit(found)
        finally:
            self._waiting.close()

    def abandon(self) -> None:
        """As at the end: what is done is paid for, even if an article before it is missing."""
        self.finish()


class Journaled:
    """Writes *out* in one piece at the end; until then each record stands in the journal beside it."""

    def __init__(
        self,
        out: Path,
        journal: Journal,
        render: Callable[[Extraction], str],
        *,
        replaces: bool = False,
        write: Writer = write_records,
    ) -> None:
        """*replaces*: whatever stands in *out* may go. *write* puts it there, by default in the format of its name."""
        self._out = out
        self._write = write
        self._journal = journal
        self._render = render
        self._replaces = replaces

    def resume(self, index: int, article: Article) -> Status | None:
        """What the journal says of *article*."""
        return self._journal.resume(index, article)

    def put(self, index: int, extraction: Extraction) -> None:
        """Append the record to the journal."""
        self._journal.append(index, self._render(extraction))

    def put_line(self, index: int, line: str) -> None:
        """Append the record to the journal."""
        self._journal.append(index, line)

    def finish(self) -> None:
        """Write the output in input order, put it in place whole, and remove the journal.

        Raises:
            OutputError: it cannot be written, or fewer records would replace more.
        """
        if not self._replaces:
            self._refuse_fewer()
        self._write(self._out, self._journal.lines())
        self._journal.remove()

    def abandon(self) -> None:
        """Keep the journal: the same command goes on from it."""
        self._journal.close()

    def _refuse_fewer(self) -> None:
        """Leave an output alone that holds more than was made now: from a mistyped input, or from part of them."""
        there, made = self._records_there(), self._journal.count
        if there > made:
            self._journal.close()
            raise OutputError(
                f"holds {there:,} records and is left as it is: this run made {made:,}",
                where=str(self._out),
                remedy="choose another -o, or --overwrite to replace it",
            )

    def _records_there(self) -> int:
        if self._write is not write_records or not self._out.is_file() or not self._out.stat().st_size:
            return 0
        try:
            return count_records(self._out)
        except RecordError as error:
            self._journal.close()
            remedy = "choose another -o, or --overwrite to replace it"
            raise OutputError(error.what, where=str(self._out), remedy=remedy) from None
