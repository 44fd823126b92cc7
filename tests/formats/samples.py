"""An article with its record, for the tests of what shows and checks records."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from quotes.model import (
    Article,
    ChunkError,
    Extraction,
    Quote,
    Rejected,
    Skipped,
    Span,
    Speaker,
    Unresolved,
)
from quotes.record import dumps

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "“We tried,” Mara Oduya said, “and we failed.”\r\n\r\nThe “free” bus runs. She sang “Tide”."


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def span(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def sample(name: str = "news/7", text: str = TEXT) -> Extraction:
    oduya = Speaker((span("Mara Oduya"),), "Mara Oduya", span("Mara Oduya"), "person")
    tried = (span("We tried,"), span("and we failed."))
    return Extraction(
        Article(name, text),
        "partial",
        quotes=(Quote("direct", tried, (span("said"),), oduya, "high", ("rules",)),),
        skipped=(Skipped(span("“free”"), "scare"),),
        unresolved=(Unresolved(span("“Tide”"), "no answer"),),
        rejected=(Rejected({"cue": "sang"}, "no such sentence"),),
        errors=(ChunkError(1, "connection", "no answer came"),),
    )


def write_records(path: Path, *extractions: Extraction, with_text: bool = True) -> Path:
    path.write_text("".join(dumps(one, with_text=with_text) + "\n" for one in extractions), encoding="utf-8")
    return path
