"""Groups of rows of Parquet: which of them are too much to be read, and how many rows at a time, as the file states it.

A small file can say of a value that it is enormous, or say an enormous value many times.
"""

from __future__ import annotations

from typing import Any, Final

SMALL: Final = 64_000_000
MOST_RATIO: Final = 250
"""Bytes that a column may unpack to in any case, and how many times its packed size beyond that."""
BATCH_BYTES: Final = 4_000_000
"""What is read at a time, in bytes as the file states them."""

_USUAL_RATIO: Final = 50
"""From how many times its packed size on a column may hold a long value that many rows share: each row that is read has
a copy of its own."""


def swollen(group: Any, longest: int) -> str | None:
    """Why *group*, the metadata of a group of rows, is not to be read; ``None`` where it is.

    Its rows may take *longest* bytes each, on average.
    """
    each = group.total_byte_size // max(group.num_rows, 1)
    if each > longest:
        return f"its rows take {each:,} bytes each, as no article does"
    for column in map(group.column, range(group.num_columns)):
        size, packed = column.total_uncompressed_size, column.total_compressed_size
        if size > max(packed * MOST_RATIO, SMALL):
            name = column.path_in_schema
            return f"the column “{name}” unpacks from {packed:,} to {size:,} bytes, as no article does"
    return None


def rows_at_a_time(group: Any, most: int) -> int:
    """How many rows of *group*, *most* at the most, are read at a time."""
    for column in map(group.column, range(group.num_columns)):
        size, packed = column.total_uncompressed_size, column.total_compressed_size
        if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page and size > packed * _USUAL_RATIO:
            most = min(most, max(SMALL // size, 1))
    each: int = max(group.total_byte_size // max(group.num_rows, 1), 1)
    return min(max(BATCH_BYTES // each, 1), most)
