"""Plain text and Markdown: the whole file is one article, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from quotes.errors import InputError
from quotes.formats import bounds
from quotes.formats.decoding import decode
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quotes.formats.reading.source import Source


def read_plain(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """The one article of *stream*.

    Raises:
        InputError: its bytes are no text, or too many.
    """
    data = stream.read(bounds.LONGEST_LINE + 1)
    if len(data) > bounds.LONGEST_LINE:
        what = f"too large for one article: more than {bounds.LONGEST_LINE:,} bytes"
        raise InputError(what, where=source.where, remedy="split it")
    text, note = decode(data, source.where)
    yield Article(source.name, text, source=source.where, notes=(note,) if note else ())
