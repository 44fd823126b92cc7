"""Progress on a terminal: one live line on standard error that makes room for everything else that is printed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from quotes.formats.table import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from quotes.run import Summary

_EVERY: Final = 0.1  # seconds between two looks of the line


class Progress:
    """A spinner with the figures of the run so far. A context manager; the line vanishes at the end."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._began = time.monotonic()
        self._shown = ""
        self._live = Live(
            get_renderable=self._line, console=self._console, refresh_per_second=1 / _EVERY, transient=True
        )

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def update(self, summary: Summary) -> None:
        """Show the figures of *summary*."""
        trouble = summary.partial + summary.failed + summary.unread + summary.duplicates
        parts = [counted(summary.articles, "article"), counted(summary.quotes, "quote")]
        if trouble:
            parts.append(f"{trouble:,} with problems")
        if summary.asked:
            parts.append(counted(summary.asked, "request"))
        if summary.cached:
            parts.append(f"{summary.cached:,} from the cache")
        if summary.cost:
            parts.append(f"{summary.cost:,.4f} {summary.currency}")
        self._shown = ", ".join(parts)

    def say(self, line: str) -> None:
        """Print *line* above the live one."""
        self._console.print(Text(line), soft_wrap=True)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while something is printed to the same terminal by another way."""
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def _line(self) -> RenderableType:
        seconds = int(time.monotonic() - self._began)
        return Text(f"{seconds // 60}:{seconds % 60:02d}  {self._shown or 'reading'}", style="dim", no_wrap=True)
