"""How long a line may be: what is never closed, or never ends, is one error and does not fill the memory."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, AnyStr, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_LINE: Final = 1 << 28
"""Bytes (of text already decoded: characters) of a line, a cell, a plain text: an article is one, and every record
that can be written stays below it. What is packed has narrower bounds of its own."""


def bounded_lines(stream: Iterable[AnyStr]) -> Iterator[AnyStr]:
    """The lines of *stream* with their ends; of one that is longer than `LONGEST_LINE` that much and one more.

    The rest of such a line is passed over: whoever takes the lines refuses it (:func:`too_long`). What is no file has
    its lines already.
    """
    if not hasattr(stream, "readline"):
        yield from stream
        return
    file = cast("IO[AnyStr]", stream)
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        rest = line
        while len(rest) > LONGEST_LINE and rest[-1] not in ("\n", 10):
            rest = file.readline(LONGEST_LINE + 1)


def too_long(line: str | bytes, number: int) -> str | None:
    """What is wrong with *line*, the one of that *number*, where `bounded_lines` has cut it; else ``None``."""
    return f"line {number} is longer than {LONGEST_LINE:,} bytes" if len(line) > LONGEST_LINE else None
