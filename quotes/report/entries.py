"""Entries: what the index of a report knows of an article, and the files a browser loads to search them.

Pages opened from a disk may load nothing but scripts, so each file is a script that hands its JSON to the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from quotes.formats.terminal import on_one_line
from quotes.model import Status
from quotes.report.people import NOBODY, speaker_key

STATUSES: Final[tuple[Status, ...]] = get_args(Status)

_LONGEST_TITLE: Final = 300
_LONGEST_NAME: Final = 100
_MOST_SPEAKERS: Final = 60
_PIECE: Final = 20_000
"""Characters of quoted words that stand together: more of one article are another piece."""

_SHARD: Final = 300_000
"""Bytes of a file to be loaded: few files, and the first matches show soon."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in the index: its *number* in the report and the *page* it is on, both from 1."""

    number: int
    page: int
    id: str
    title: str
    status: str
    quotes: int
    unresolved: int
    speakers: tuple[str, ...]


def entry_of(record: Mapping[str, Any], title: str, number: int, page: int) -> Entry:
    """The entry of *record* (the JSON form), with names and titles of unbounded length cut."""
    names: dict[str, str] = {}
    for quote in record["quotes"]:
        if (key := speaker_key(quote)) != NOBODY and len(names) < _MOST_SPEAKERS:
            names.setdefault(key, on_one_line(quote["speaker_name"][: 2 * _LONGEST_NAME])[:_LONGEST_NAME])
    return Entry(
        number,
        page,
        on_one_line(record["id"])[:_LONGEST_TITLE],
        on_one_line(title)[:_LONGEST_TITLE],
        record["status"],
        len(record["quotes"]),
        len(record["unresolved"]),
        tuple(names.values()),
    )


def words_of(record: Mapping[str, Any]) -> Iterator[str]:
    """The quoted words of *record* (the JSON form) in pieces, to be searched."""
    words = "\n".join(on_one_line(quote["text"]) for quote in record["quotes"])
    yield from (words[at : at + _PIECE] for at in range(0, len(words), _PIECE))


class Shards:
    """Files of one *kind* (a letter) that fill one after the other; *write* takes a file's name and its content.

    *firsts* are the numbers of the articles the files begin with.
    """

    def __init__(self, kind: str, write: Callable[[str, str], object], most_bytes: int) -> None:
        self._kind = kind
        self._write = write
        self._most = min(_SHARD, most_bytes)
        self._rows: list[str] = []
        self._size = 0
        self.firsts: list[int] = []

    def add(self, number: int, row: Sequence[Any]) -> None:
        """Add the *row* of the article *number*."""
        written = _literal(row)
        size = len(written.encode("utf-8", "surrogatepass")) + 2
        if self._rows and self._size + size > self._most:
            self.flush()
        if not self._rows:
            self.firsts.append(number)
        self._rows.append(written)
        self._size += size

    def flush(self) -> None:
        """Write what has been added since the last file."""
        if not self._rows:
            return
        number = len(self.firsts)
        rows = ",\n".join(self._rows)
        self._write(f"{self._kind}{number:04}.js", f'quotesIndex.take("{self._kind}",{number},[\n{rows}\n]);\n')
        self._rows, self._size = [], 0


def row_of(entry: Entry) -> list[Any]:
    """*entry* as the script of the index reads it; a title that is the id again is 0."""
    title = 0 if entry.title == entry.id else entry.title
    status = STATUSES.index(entry.status)
    return [entry.page, entry.id, title, status, entry.quotes, entry.unresolved, list(entry.speakers)]


def _literal(row: Sequence[Any]) -> str:
    """*row* as a literal of JavaScript: JSON without the two line ends that older engines do not take in a string."""
    written = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("<", "\\u003c")
