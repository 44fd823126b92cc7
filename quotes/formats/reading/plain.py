"""Plain text and Markdown: the whole file is one article, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from quotes.formats.decoding import decode
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quotes.formats.reading.source import Source


def read_plain(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """The one article of *stream*.

    Raises:
        InputError: its bytes are no text.
    """
    text, note = decode(stream.read(), source.where)
    yield Article(source.name, text, source=source.where, notes=(note,) if note else ())
