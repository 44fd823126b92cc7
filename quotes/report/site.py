"""The report of any number of articles: one page, or an index with a folder of pages, none too large to open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from quotes.errors import UsageError
from quotes.formats.output import STDOUT, AtomicText, check_writable
from quotes.report.article import title_of
from quotes.report.counting import Counts
from quotes.report.document import Item, report_page
from quotes.report.entries import Entry, Shards, entry_of, row_of, words_of
from quotes.report.folder import ReportFolder, clear, folder_of, remove_older
from quotes.report.index import ROWS, Contents, index_page, list_name, list_page, page_name
from quotes.report.packing import estimate, packs
from quotes.report.undisturbed import undisturbed

_MOST_LARGE: Final = 20
_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the parts of a report may be.

    Up to *articles* that together take about *alone* bytes are one page. More are packed into pages of about *packed*
    bytes; no file has more than *most*, unless it is the page of one article.
    """

    articles: int = 200
    alone: int = 6_000_000
    packed: int = 600_000
    most: int = 1_000_000


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class LargePage:
    """A page over the limit, because its one article is: the *id* of that, the file and its size in bytes."""

    id: str
    path: Path
    size: int


@dataclass(slots=True)
class ReportOutcome:
    """What was written: *path* to open, *pages* of *articles* with *quotes*, in *folder* unless it is one page.

    *large* are the first pages over the limit, *larges* is their number.
    """

    path: Path
    articles: int = 0
    quotes: int = 0
    pages: int = 0
    folder: Path | None = None
    larges: int = 0
    large: list[LargePage] = field(default_factory=list)


def write_report(
    records: Iterable[Item], out: str | Path, *, title: str = "Quotes", limits: Limits = LIMITS
) -> ReportOutcome:
    """Write the report of *records*, each with its article's text, to *out*, in their order.

    Few articles are one page that needs no other file; of more *out* is the index, and ``NAME_files`` beside it holds
    the rest. Memory does not grow with their number. It is there as a whole or not at all, an older report of
    the same name replaced.

    Raises:
        OutputError: the disk is full, writing is not allowed, or what is in the way is no report.
        UsageError: *out* is standard output or a device, and the report more than one page.
    """
    out = Path(out)
    if out.is_symlink():
        # The pages lie beside the index itself, not beside a link to it.
        out = out.resolve()
    with undisturbed():
        check_writable(out)
        clear(out)
    found = iter(records)
    first, complete = _first(found, limits)
    if complete:
        return _one_page(first, out, title)
    if str(out) == STDOUT or (out.exists() and not out.is_file()):
        what = f"a report of more than {limits.articles} articles is an index with a folder of pages"
        raise UsageError(what, where=str(out), remedy="name a file with -o")
    site = _Site(out, title, limits)
    try:
        return site.write(chain(first, found))
    finally:
        site.counts.close()


def _first(items: Iterator[Item], limits: Limits) -> tuple[list[Item], bool]:
    """The first of *items*, and whether these are all and few enough for one page."""
    taken: list[Item] = []
    together = 0
    for item in items:
        taken.append(item)
        together += estimate(item)
        if len(taken) > limits.articles or (len(taken) > 1 and together > limits.alone):
            return taken, False
    return taken, True


def _one_page(items: Sequence[Item], out: Path, title: str) -> ReportOutcome:
    written = report_page(items, title=title)
    with undisturbed():
        with AtomicText(out) as stream:
            stream.write(written)
        if str(out) != STDOUT:
            remove_older(out)
    return ReportOutcome(out, len(items), sum(len(record.value["quotes"]) for record, _ in items), 1)


class _Site:
    """A report of many pages while it is written."""

    def __init__(self, out: Path, title: str, limits: Limits) -> None:
        self.counts = Counts()
        self._out = out
        self._title = title
        self._limits = limits
        self._index = "../" + _address(out.name)
        self._folder = ReportFolder(out)
        self._outcome = ReportOutcome(out, folder=folder_of(out))
        self._rows = Shards("s", self._folder.write, limits.most // 2)
        self._words = Shards("w", self._folder.write, limits.most // 2)
        self._head: list[Entry] = []
        self._listed: list[Entry] = []
        self._lists: list[int] = []

    def write(self, items: Iterable[Item]) -> ReportOutcome:
        """Write the pages of *items*, the lists, the files to search in, and the index, which takes its place last."""
        with self._folder as folder:
            for pack, last in _marked(packs(items, estimate, self._limits.packed)):
                self._write_page(pack, last=last)
            self._write_list(last=True)
            self._rows.flush()
            self._words.flush()
            folder.publish(index_page(self._contents()))
        totals = self.counts.totals
        self._outcome.articles, self._outcome.quotes = totals.articles, totals.quotes
        return self._outcome

    def _write_page(self, items: Sequence[Item], *, last: bool) -> None:
        """Write the page of *items*, or two of their halves where it would be too large."""
        number = self._outcome.pages + 1
        first = self.counts.articles + 1
        until = first + len(items) - 1
        written = report_page(
            items,
            title=f"{self._title}: articles {first:,}–{until:,}"
            if until > first
            else f"{self._title}: article {first:,}",
            first=first,
            ways=self._ways(number, last=last),
        )
        size = len(written.encode("utf-8", "backslashreplace"))
        if size > self._limits.most and len(items) > 1:
            half = len(items) // 2
            self._write_page(items[:half], last=False)
            self._write_page(items[half:], last=last)
            return
        name = page_name(number)
        self._folder.write(name, written)
        self._outcome.pages = number
        if size > self._limits.most:
            self._note_large(items[0], name, size)
        for record, _ in items:
            self._enter(record.value, number)

    def _ways(self, number: int, *, last: bool) -> dict[str, str]:
        before = {"Previous": page_name(number - 1)} if number > 1 else {}
        return before | {"All articles": self._index} | ({} if last else {"Next": page_name(number + 1)})

    def _note_large(self, item: Item, name: str, size: int) -> None:
        self._outcome.larges += 1
        if len(self._outcome.large) < _MOST_LARGE:
            folder = folder_of(self._out)
            self._outcome.large.append(LargePage(item[0].extraction.article.id, folder / name, size))

    def _enter(self, record: Mapping[str, Any], page: int) -> None:
        self.counts.add(record)
        number = self.counts.articles
        entry = entry_of(record, title_of(record), number, page)
        self._rows.add(number, row_of(entry))
        for piece in words_of(record):
            self._words.add(number, [number, piece])
        if len(self._head) < ROWS:
            self._head.append(entry)
        if len(self._listed) == _LISTED:
            self._write_list(last=False)
        self._listed.append(entry)

    def _write_list(self, *, last: bool) -> None:
        number = len(self._lists) + 1
        previous = list_name(number - 1) if number > 1 else None
        following = None if last else list_name(number + 1)
        self._folder.write(list_name(number), list_page(self._title, self._listed, self._index, previous, following))
        self._lists.append(self._listed[0].number)
        self._listed = []

    def _contents(self) -> Contents:
        firsts = {"s": self._rows.firsts, "w": self._words.firsts}
        folder = _address(folder_of(self._out).name) + "/"
        return Contents(self._title, folder, self.counts, firsts, self._lists, self._head, self._limits.most // 4)


def _marked(things: Iterable[list[Item]]) -> Iterator[tuple[list[Item], bool]]:
    """*things*, each with whether it is the last."""
    before: list[Item] | None = None
    for thing in things:
        if before is not None:
            yield before, False
        before = thing
    if before is not None:
        yield before, True


def _address(name: str) -> str:
    """The file *name* as a relative address, whatever bytes it is made of."""
    return quote(os.fsencode(name))
