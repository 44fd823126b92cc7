"""What a test is given: an extractor that answers from the folder of its fixtures or, recording, fills it.

Nothing heavy is imported before the first text: pytest loads this wherever the package is installed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quotes.errors import QuotesError
    from quotes.model import Article, Extraction
    from quotes.testing.extractor import FixtureExtractor

_SHOWN = 8  # differences, one a line


class QuotesReplay:
    """The fixture ``quotes_replay``: extracts as a `quotes.Extractor` does, with the replies in *folder*.

    *name* is what the marker says. Where *recording* (``--quotes-record``) the replies are asked for and kept; else one
    that is not there fails the test, and neither a key nor a network is used.
    """

    def __init__(
        self, name: str, folder: Path, *, test: str, recording: bool, open_extractor: Callable[[], FixtureExtractor]
    ) -> None:
        self.name = name
        self.folder = folder
        self.recording = recording
        self._test = test
        self._open = open_extractor

    def extract(self, text: str | Article, *, id: str | None = None) -> Extraction:  # noqa: A002
        """Who said what in *text*. Its id, after which its files are named, is *name* unless it is given."""
        __tracebackhide__ = True
        from quotes.errors import QuotesError

        try:
            return self._open().extract(text, id=self.name if id is None else id)
        except QuotesError as error:
            failure = error
        raise self._failure(failure)

    async def aextract(self, text: str | Article, *, id: str | None = None) -> Extraction:  # noqa: A002
        """As `extract`, without blocking the event loop of the test."""
        __tracebackhide__ = True
        from quotes.errors import QuotesError

        try:
            return await self._open().aextract(text, id=self.name if id is None else id)
        except QuotesError as error:
            failure = error
        raise self._failure(failure)

    def _failure(self, error: QuotesError) -> BaseException:
        """What fails the test, and leaves nothing of this package in its traceback."""
        import pytest

        if self.recording:
            return pytest.fail.Exception(f"cannot be recorded: {error}")
        again = f"record it: pytest --quotes-record {shlex.quote(self._test)}"
        return pytest.fail.Exception("\n".join([*self._complaint(error), again]))

    def _complaint(self, error: QuotesError) -> list[str]:
        """What is wrong, in lines: of a missing reply what is recorded instead."""
        from quotes.testing.extractor import Missed

        if not self.folder.is_dir():
            return [f"no fixtures are recorded in {self.folder}"]
        if not isinstance(error, Missed):
            return [str(error)]
        lines = [f"no reply is recorded in {self.folder} for chunk {error.chunk} of {error.article!r}"]
        if error.nearest:
            lines.append(f"the nearest, {error.nearest}, differs (recorded → asked):")
            lines += [f"  {difference}" for difference in error.differences[:_SHOWN]]
            if len(error.differences) > _SHOWN:
                lines.append(f"  and {len(error.differences) - _SHOWN} more")
        return lines
