"""The file of reviewed records: all of a run's, with the decisions applied, in whatever format its name means.

It is only ever made from the records and the decisions on them, so it can be written at any time, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from quotes.formats import kind_of, write_records
from quotes.review.desk import Desk
from quotes.review.folding import Reviewed

MOST_LIVE: Final = 4_000_000
"""Characters of records up to which the file is written anew with every change, which then takes a moment."""

_SLOW: Final = ("parquet", "db")


class ReviewedFile:
    """The records at *path* as the review of *desk* leaves them.

    *is_live* says whether it is to be written after every change. If not, at the end of the review: a large file would
    keep the reviewer waiting, and it can be written from the decisions whenever it is wanted.
    """

    def __init__(self, path: Path, desk: Desk) -> None:
        self.path = path
        self.is_live = desk.characters <= MOST_LIVE and kind_of(path) not in _SLOW
        self._desk = desk
        self._lines = dict(desk.lines()) if self.is_live else {}

    def write(self) -> None:
        """Bring the file up to what is decided.

        Raises:
            OutputError: it cannot be written; what stood there stands.
            UsageError: the library for its format is not installed.
            RecordError: a number of a record is too large for its format.
        """
        write_records(self.path, self._all())

    def take(self, changed: Mapping[int, Reviewed]) -> None:
        """Take in how the articles *changed* stand now."""
        if self.is_live:
            self._lines |= {number: self._desk.line_of(number, reviewed) for number, reviewed in changed.items()}

    def _all(self) -> Iterator[str]:
        return iter(self._lines.values()) if self.is_live else (line for _, line in self._desk.lines())
