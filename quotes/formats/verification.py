"""A file of records against the texts: every promise of every record, as problems and a closing count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quotes.errors import QuotesError, RecordError
from quotes.formats.mistaken import Further, HoldsNoRecord
from quotes.formats.originals import Originals, text_of
from quotes.formats.reading import USUAL, Fields
from quotes.formats.records import StoredRecord, read_told
from quotes.formats.table import counted
from quotes.formats.terminal import on_one_line
from quotes.record import check_extraction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


def verify(
    path: str | Path,
    inputs: Sequence[str | Path],
    *,
    on_problem: Callable[[str], None],
    on_unreadable: Callable[[QuotesError], None],
    fields: Fields = USUAL,
) -> Tally:
    """Check the records of the file *path* against the articles of *inputs*, or without these against their own text.

    *on_problem* hears each problem as one line, *on_unreadable* of inputs that cannot be read, which is no
    problem of the records. *fields* says where the inputs have text and id.

    Raises:
        RecordError: there is no such file, it cannot be read, or holds no record.
    """
    tally = Tally()
    originals = Originals(inputs, on_unreadable, fields) if inputs else None
    seen: set[str] = set()
    for record in read_told(path):
        if isinstance(record, HoldsNoRecord):
            raise record
        if isinstance(record, Further):
            tally.problems += record.number - 1
        for problem in [str(record)] if isinstance(record, RecordError) else _problems(record, originals, seen):
            tally.problems += 1
            on_problem(on_one_line(problem))
        if isinstance(record, StoredRecord):
            tally.records += 1
            tally.quotes += len(record.extraction.quotes)
            tally.spans += sum(_spans(quote) for quote in record.extraction.quotes)
    return tally


def _problems(record: StoredRecord, originals: Originals | None, seen: set[str]) -> list[str]:
    who = record.extraction.article.id
    if who in seen:
        return [f"{record.where}: article {who}: a second record of it"]
    seen.add(who)
    try:
        text = text_of(record, originals)
    except RecordError as error:
        return [str(error)]
    return [
        f"{record.where}: article {who}: {fault}" for fault in check_extraction(record.extraction, record.value, text)
    ]


def _spans(quote: Quote) -> int:
    return len(quote.content) + len(quote.cue) + len(quote.speaker.mention) + (quote.speaker.name_span is not None)
