"""JSON Lines: each line is an article, or one error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quotes.errors import InputError
from quotes.formats.jsonlines import Line, parse_object, read_lines, refuse_half_characters
from quotes.formats.reading.picking import article_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quotes.formats.reading.source import Found, Source
    from quotes.model import Article


def read_json_lines(stream: Iterable[bytes], source: Source) -> Iterator[Found]:
    """The articles of *stream*, which is read a line at a time."""
    for line in read_lines(stream, source.where):
        if isinstance(line, InputError):
            yield line
            continue
        try:
            yield _article(line, source)
        except InputError as error:
            yield error


def _article(line: Line, source: Source) -> Article:
    value = parse_object(line.text, line.where)
    refuse_half_characters(value, line.text, line.where)
    return article_of(value, line.number, line.where, source, (line.note,) if line.note else ())
