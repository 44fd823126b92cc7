"""Counting files of records: the one place of this package that reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from quotes.errors import InputError, UsageError
from quotes.formats import read_each_once
from quotes.formats.decoding import decode
from quotes.speakers.aliases import NO_ALIASES, Aliases, parse_aliases
from quotes.speakers.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quotes.errors import QuotesError
    from quotes.speakers.tally import By


def count_speakers(
    paths: Sequence[str | Path],
    by: Sequence[By] = ("speaker",),
    aliases: str | Path | None = None,
    *,
    on_problem: Callable[[QuotesError], None],
) -> Tally:
    """The tally of all records in the files *paths* (``-``: standard input), under the names of the file *aliases*.

    *on_problem* hears of lines that are no records and of a second record of an article, which is not counted.

    Raises:
        RecordError: there is no such file of records, or it cannot be read.
        UsageError: the alias file is missing or broken.
    """
    tally = Tally(by, read_aliases(aliases) if aliases is not None else NO_ALIASES)
    for record in read_each_once(paths, "counted", on_problem=on_problem):
        tally.add(record.value)
    return tally


def read_aliases(path: str | Path) -> Aliases:
    """The aliases of the file *path*.

    Raises:
        UsageError: it is missing, cannot be read, or is broken; where it is broken the message names the line.
    """
    try:
        text = decode(Path(path).read_bytes(), str(path)).text
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        remedy = "name a file of aliases; --suggest-aliases writes a draft of one"
        raise UsageError(what, where=str(path), remedy=remedy) from None
    except InputError as error:
        raise UsageError(error.what, where=error.where, remedy=error.remedy) from None
    return parse_aliases(text, str(path))
