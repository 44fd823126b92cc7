"""The desk: all articles of a run under review, in the order a person should look at them, one open at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from quotes.errors import QuotesError, RecordError
from quotes.formats import StoredRecord, read_records
from quotes.formats.originals import Originals, text_of
from quotes.formats.parts import canonical_line
from quotes.formats.spilling import SpillingMap
from quotes.formats.table import counted
from quotes.model import Article, Confidence, Quote, Span
from quotes.record import dumps, from_json
from quotes.report.article import title_of
from quotes.review.folding import Reviewed, fold
from quotes.review.sidecar import Decisions
from quotes.text import Reading, find_quotations, read

RANKS: Final[dict[Confidence, int]] = {"low": 0, "medium": 1, "high": 2}
"""What is looked at first, from 0; a quotation that nobody has classed comes with the lowest."""

_NOTHING_TO_DECIDE: Final = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an article is: *quotes* to decide, *open* of them, and whether it is called *done*, and *reviewed*."""

    quotes: int
    open: int
    done: bool
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in the list. *number* counts from 1 in the order of the file, *rank* is its lowest confidence.

    *has_text* is whether its record holds its text.
    """

    number: int
    id: str
    title: str
    rank: int
    doubtful: int
    progress: Progress
    has_text: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """An article with all that is needed to show and change it."""

    entry: Entry
    reviewed: Reviewed
    reading: Reading


class Desk:
    """The articles of a file of records, with what is decided on them. Texts are held in memory or a temporary file."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._lines = SpillingMap[int]()
        self._entries: dict[int, Entry] = {}
        self._by_text: dict[str, list[int]] = defaultdict(list)
        self._reading: tuple[int, StoredRecord, Reading] | None = None
        self.order: tuple[int, ...] = ()
        self.names: set[tuple[str, str]] = set()
        """The articles by id and hash of the text."""
        self.characters = 0
        """How long all records are together."""

    @classmethod
    def load(
        cls,
        out: str | Path,
        inputs: Sequence[str | Path],
        decisions: Decisions,
        on_problem: Callable[[QuotesError], None],
    ) -> Self:
        """The records of *out*, texts left out of them taken from *inputs*.

        *on_problem* hears of every record that cannot be reviewed, and of inputs that cannot be read.

        Raises:
            RecordError: *out* cannot be read, holds no record to review, or a decision does not fit its text.
        """
        desk = cls(decisions)
        originals = Originals(inputs, on_problem) if inputs else None
        textless = 0
        for record in read_records(out):
            if isinstance(record, RecordError):
                on_problem(record)
            elif originals is None and not record.has_text:
                textless += 1
            else:
                try:
                    desk._add(_with_text(record, originals), has_text=record.has_text)
                except RecordError as error:
                    on_problem(error)
        if textless:
            lacking = _textless(textless, str(out))
            if not desk._entries:
                raise lacking
            on_problem(lacking)
        if not desk._entries:
            raise RecordError(
                "holds no record to review", where=str(out), remedy="name a file that quotes extract wrote"
            )
        desk.order = tuple(sorted(desk._entries, key=lambda number: _urgency(desk._entries[number])))
        return desk

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def texts(self) -> Collection[str]:
        """The hashes of all texts."""
        return self._by_text.keys()

    @property
    def entries(self) -> Iterator[Entry]:
        """All articles, those first that are least sure."""
        return (self._entries[number] for number in self.order)

    def open(self, number: int) -> Opened | None:
        """The article with that *number*; ``None`` where there is none."""
        if number not in self._entries:
            return None
        record, reading = self._read(number)
        reviewed = fold(record.extraction, self._decisions.of(record.extraction.article), reading.quotations)
        return Opened(self._entries[number], reviewed, reading)

    def record(self, number: int) -> StoredRecord:
        """The record of the article *number*, with its text."""
        return self._read(number)[0]

    def refresh(self, number: int) -> Mapping[int, Reviewed]:
        """Count the progress of the article *number* anew, after a decision on it, and of all others with its text."""
        record, reading = self._read(number)
        article = record.extraction.article
        after = {}
        for one in self._by_text[article.sha256]:
            other = record if one == number else _unpacked(self._lines.get(one) or "")
            reviewed = fold(other.extraction, self._decisions.of(article), reading.quotations)
            self._entries[one] = replace(self._entries[one], progress=_progress(reviewed))
            after[one] = reviewed
        return after

    def after(self, number: int) -> int | None:
        """The next article with something open, in the order of the list and from its start again."""
        place = self.order.index(number) + 1 if number in self._entries else 0
        ahead = (*self.order[place:], *self.order[:place])
        return next((one for one in ahead if one != number and self._entries[one].progress.open), None)

    def reviewed(self) -> Iterator[tuple[int, Reviewed]]:
        """The articles that count as reviewed with their numbers, in the order of the file."""
        for number, entry in sorted(self._entries.items()):
            if entry.progress.reviewed and (opened := self.open(number)) is not None:
                yield number, opened.reviewed

    def lines(self) -> Iterator[tuple[int, str]]:
        """All records with what is decided on them, as canonical lines by their numbers, in the order of the file."""
        decided = {one for sha256 in self._decisions.by_text for one in self._by_text.get(sha256, ())}
        for number, entry in sorted(self._entries.items()):
            packed = self._lines.get(number) or ""
            if entry.has_text and number not in decided:
                yield number, packed.partition("\n")[2]
                continue
            extraction = _unpacked(packed).extraction
            yield number, self.line_of(number, fold(extraction, self._decisions.of(extraction.article)))

    def line_of(self, number: int, reviewed: Reviewed) -> str:
        """The record of the article *number* as *reviewed*, in its canonical form; without its text if it had none."""
        extraction = reviewed.extraction(find_quotations(reviewed.article.text))
        return dumps(extraction, with_text=self._entries[number].has_text)

    def names_said(self, article: Article) -> Iterator[str]:
        """The speakers that decisions on *article* have named, in the order they were made, those taken back too."""
        for decision in self._decisions.of(article):
            if decision.choice is not None and decision.choice.name_span is not None:
                yield decision.choice.name_span.of(article.text)

    def close(self) -> None:
        """Let go of the temporary file; a second call does nothing."""
        self._lines.close()

    def _add(self, record: StoredRecord, *, has_text: bool) -> None:
        number = len(self._entries) + 1
        extraction = record.extraction
        decisions = self._decisions.of(extraction.article)
        if decisions:
            progress = _progress(fold(extraction, decisions))
        else:
            count = len(extraction.quotes) + len(extraction.unresolved)
            progress = Progress(count, count, done=False, reviewed=False)
        ranks = [RANKS[quote.confidence] for quote in extraction.quotes] + [0] * len(extraction.unresolved)
        self._entries[number] = Entry(
            number,
            extraction.article.id,
            title_of(record.value),
            min(ranks, default=_NOTHING_TO_DECIDE),
            ranks.count(0),
            progress,
            has_text,
        )
        self._by_text[extraction.article.sha256].append(number)
        self.names.add((extraction.article.id, extraction.article.sha256))
        packed = _packed(record)
        self.characters += len(packed)
        self._lines.put(number, packed)

    def _read(self, number: int) -> tuple[StoredRecord, Reading]:
        if self._reading is None or self._reading[0] != number:
            record = _unpacked(self._lines.get(number) or "")
            self._reading = (number, record, read(record.extraction.article.text))
        return self._reading[1:]


def _urgency(entry: Entry) -> tuple[int, int, int]:
    return entry.rank, -entry.doubtful, entry.number


def _progress(reviewed: Reviewed) -> Progress:
    classed = {one.span for one in reviewed.found.unresolved} & {one.span for one in reviewed.skipped}
    count = len(reviewed.items) + len(reviewed.unresolved) + len(classed)
    return Progress(count, reviewed.open, reviewed.done, reviewed.is_reviewed)


def _with_text(record: StoredRecord, originals: Originals | None) -> StoredRecord:
    """*record* with its text in it, which must be the one it was made of."""
    text = text_of(record, originals) if not record.has_text else record.extraction.article.text
    before = record.extraction.article
    article = Article(before.id, text, before.metadata)
    if article.sha256 != record.value["sha256"]:
        what = f"article {article.id}: the record is of another text"
        raise RecordError(what, where=record.where, remedy="give the originals it was made of, or extract again")
    extraction = replace(record.extraction, article=article)
    for quote in extraction.quotes:
        if any(not 0 <= start < end <= len(text) for start, end in _spans_of(quote)):
            what = f"article {article.id}: a span is not within its text"
            raise RecordError(what, where=record.where, remedy="see quotes verify; extract again")
    return StoredRecord(extraction, {**record.value, "text": text}, record.where)


def _spans_of(quote: Quote) -> Iterator[Span]:
    names = () if quote.speaker.name_span is None else (quote.speaker.name_span,)
    yield from (*quote.content, *quote.cue, *quote.speaker.mention, *names)


def _textless(count: int, out: str) -> RecordError:
    what = f"{counted(count, 'record')} without text, which a review needs"
    return RecordError(what, where=out, remedy="give the articles that they were made of with --input")


def _packed(record: StoredRecord) -> str:
    """*record* as one text: where it stood, and below that its canonical line."""
    return f"{json.dumps(record.where)}\n{canonical_line(record.value)}"


def _unpacked(packed: str) -> StoredRecord:
    where, _, line = packed.partition("\n")
    value = json.loads(line)
    return StoredRecord(from_json(value), value, json.loads(where))
