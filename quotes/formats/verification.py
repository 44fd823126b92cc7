"""A file of records against the texts: every promise of every record, as problems and a closing count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from quotes.errors import QuotesError, RecordError
from quotes.formats.mistaken import Further, HoldsNoRecord, told_apart
from quotes.formats.originals import Originals, text_of
from quotes.formats.parts import FoundValue, StoredValue
from quotes.formats.reading import USUAL, Fields
from quotes.formats.records import read_values, stored_record
from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line
from quotes.record import check_extraction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from quotes.model import Quote


@dataclass(slots=True)
class Tally:
    """What has been checked so far, and how many problems there were."""

    records: int = 0
    quotes: int = 0
    spans: int = 0
    problems: int = 0

    def __str__(self) -> str:
        seen = f"{counted(self.records, 'record')}, {counted(self.quotes, 'quote')}, {counted(self.spans, 'span')}"
        if self.problems:
            return f"{seen}: {counted(self.problems, 'problem')}"
        return f"{seen}: every word as printed, every quotation accounted for"


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that was looked at: *faults* are what of its promises it breaks against the text it holds, ``None``
    where it holds none."""

    found: StoredValue
    id: str
    quotes: int
    spans: int
    faults: tuple[str, ...] | None


Look: TypeAlias = "Callable[[Iterable[FoundValue]], Iterator[Seen | RecordError]]"
"""Looks at records, in their order."""


def look_at(found: FoundValue) -> Seen | RecordError:
    """What there is to say of one record by itself."""
    if isinstance(found, RecordError):
        return found
    try:
        record = stored_record(found.value, found.where)
    except RecordError as error:
        return error
    extraction = record.extraction
    text = extraction.article.text
    return Seen(
        found,
        extraction.article.id,
        len(extraction.quotes),
        sum(_spans(quote) for quote in extraction.quotes),
        check_extraction(extraction, found.value, text) if record.has_text else None,
    )


def look_at_each(values: Iterable[FoundValue]) -> Iterator[Seen | RecordError]:
    """As `look_at`, one after the other."""
    return map(look_at, values)


def verify(
    path: str | Path,
    inputs: Sequence[str | Path],
    *,
    on_problem: Callable[[str], None],
    on_unreadable: Callable[[QuotesError], None],
    fields: Fields = USUAL,
    look: Look = look_at_each,
) -> Tally:
    """Check the records of the file *path* against the articles of *inputs*, or without these against their own text.

    *on_problem* hears each problem as one line, *on_unreadable* of inputs that cannot be read, which is no
    problem of the records. *fields* says where the inputs have text and id. *look* looks at the records.

    Raises:
        RecordError: there is no such file, it cannot be read, or holds no record.
    """
    tally = Tally()
    originals = Originals(inputs, on_unreadable, fields) if inputs else None
    met: set[str] = set()
    for seen in told_apart(look(read_values(path)), path):
        if isinstance(seen, HoldsNoRecord):
            raise seen
        if isinstance(seen, Further):
            tally.problems += seen.number - 1
        for problem in [str(seen)] if isinstance(seen, RecordError) else _problems(seen, originals, met):
            tally.problems += 1
            on_problem(on_one_line(problem))
        if isinstance(seen, Seen):
            tally.records += 1
            tally.quotes += seen.quotes
            tally.spans += seen.spans
    return tally


def _problems(seen: Seen, originals: Originals | None, met: set[str]) -> list[str]:
    where = seen.found.where
    if seen.id in met:
        return [f"{where}: article {seen.id}: a second record of it"]
    met.add(seen.id)
    try:
        faults = _faults(seen, originals)
    except RecordError as error:
        return [str(error)]
    return [f"{where}: article {seen.id}: {fault}" for fault in faults]


def _faults(seen: Seen, originals: Originals | None) -> tuple[str, ...]:
    """What the record breaks against its original, or without *originals* against its own text."""
    if originals is None and seen.faults is not None:
        return seen.faults
    record = stored_record(seen.found.value, seen.found.where)
    text = text_of(record, originals)
    if seen.faults is not None and text == record.extraction.article.text:
        return seen.faults
    return check_extraction(record.extraction, record.value, text)


def _spans(quote: Quote) -> int:
    return len(quote.content) + len(quote.cue) + len(quote.speaker.mention) + (quote.speaker.name_span is not None)
