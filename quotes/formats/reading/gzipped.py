"""Files packed with gzip, unpacked a line at a time: however much a small file swells to, little of it is held."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, BinaryIO

from quotes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quotes.formats.reading.source import Found, LineReader, Reader, Source

LONGEST_LINE = 64_000_000
"""Bytes that a line may have once it is unpacked."""


def unpacked(reader: LineReader) -> Reader:
    """The reader of files that hold, packed, what *reader* reads."""

    def read(stream: BinaryIO, source: Source) -> Iterator[Found]:
        return reader(_lines(stream, source.where), source)

    return read


def _lines(stream: BinaryIO, where: str) -> Iterator[bytes]:
    number = 1
    try:
        with gzip.open(stream) as inner:
            while line := inner.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    what = f"line {number} is longer than {LONGEST_LINE:,} bytes"
                    raise InputError(what, where=where, remedy="unpack it and look at it")
                yield line
                number += 1
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        what = f"damaged after line {number - 1}: {error}" if number > 1 else f"no gzip file: {error}"
        raise InputError(what, where=where, remedy="pack it again") from None
