"""The recordings of a run: where its fixtures are, which extractors are open over them, and what was used of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotes.testing.ledger import Ledger

if TYPE_CHECKING:
    from quotes.testing.extractor import FixtureExtractor


class Recordings:
    """The fixtures in the folder *root*, a folder for each name, as the tests of one process use them.

    *said* are options to record with, where a test says nothing else.
    """

    def __init__(self, root: Path, said: Mapping[str, Any], *, recording: bool) -> None:
        self.root = root
        self.recording = recording
        self.ledger = Ledger()
        self.notes: set[str] = set()
        self._said = said
        self._open: dict[str, FixtureExtractor] = {}

    def extractor(self, name: str, options: Mapping[str, Any]) -> FixtureExtractor:
        """The extractor over the fixtures *name*: one for all tests with the same *options*, so that a recording asks
        for each reply once.

        Raises:
            UsageError: the options cannot be meant, or nothing is recorded there.
        """
        from quotes.testing.extractor import FixtureExtractor

        told = f"{name} {sorted(options.items())}"
        if told not in self._open:
            said = {**self._said, **options} if self.recording else options
            note = partial(self.ledger.use, name)
            self._open[told] = FixtureExtractor(self.root / name, said, recording=self.recording, note=note)
            if self.recording:
                self.notes.update(f"{name}: {line}" for line in self._open[told].notes)
        return self._open[told]

    def close(self) -> None:
        """Close every extractor."""
        while self._open:
            self._open.popitem()[1].close()
