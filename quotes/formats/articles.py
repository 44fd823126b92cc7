"""Articles from files, folders, patterns and standard input: each read when its turn comes, or one error."""

from __future__ import annotations

import io
import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from quotes.errors import DuplicateId, InputError
from quotes.formats.decoding import marked_encoding
from quotes.formats.finding import files_in, files_matching, fixed_part, is_pattern, unreadable
from quotes.formats.reading import READERS, SUFFIXES, USUAL, Fields, Found, Source, suffix_of
from quotes.formats.reading.lines import read_json_lines
from quotes.formats.spilling import SpillingMap
from quotes.record import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from quotes.model import Article

STDIN: Final = "-"
STDIN_NAME: Final = "standard input"
STDIN_ID: Final = "stdin"

_START: Final = 4096
"""Bytes of standard input that are looked at."""


def read_articles(
    inputs: Sequence[str | Path],
    *,
    stdin: BinaryIO | None = None,
    on_note: Callable[[str], None] | None = None,
    leave_out: Collection[Path] = (),
    fields: Fields = USUAL,
) -> Iterator[Found]:
    """The articles of *inputs* (files, folders, patterns, ``-``) in order; what cannot be read is an error there.

    The ending of a file's name tells its format, see `SUFFIXES`; standard input is told from its start. Files are read
    one at a time, those that hold many articles (JSON Lines, tables, feeds) one article at a time.

    An article's id is the one its line, row or entry gives, as *fields* says which that is; else the path in the
    folder that was given (the stem of a file that was given) without suffix, and for a line or row ``:`` and its
    number. Of two articles with one id the first is kept. *on_note* hears remarks that belong to no article.
    *leave_out* names files that are no input though a folder or pattern holds them, such as the output. *stdin*
    stands in for standard input.

    Raises:
        OutputError: there are many articles, and the folder for temporary files, where their ids then are, is full.
    """
    places = SpillingMap[str]()
    reading = _Reading(stdin or sys.stdin.buffer, on_note or _unheard, {path.resolve() for path in leave_out}, fields)
    try:
        for found in reading.all(inputs):
            yield found if isinstance(found, InputError) else _unless_met(found, places)
    finally:
        places.close()


def _unless_met(article: Article, places: SpillingMap[str]) -> Found:
    """*article*, noted in *places*, or the error that its id is there already."""
    place = places.get(article.id)
    if place is None:
        places.put(article.id, article.source)
        return article
    what = f"the id “{shortened(article.id)}” is already that of {place}"
    return DuplicateId(what, where=article.source, remedy="the first is kept; give each article an id of its own")


def _unheard(_note: str) -> None:
    return


class _Reading:
    """What `read_articles` was told, and the ways it goes."""

    def __init__(
        self, stdin: BinaryIO, on_note: Callable[[str], None], unwanted: Collection[Path], fields: Fields
    ) -> None:
        self._stdin: BinaryIO | None = stdin
        self._on_note = on_note
        self._unwanted = unwanted
        self._fields = fields

    def all(self, inputs: Sequence[str | Path]) -> Iterator[Found]:
        """What *inputs* hold, ids met twice included."""
        for given in inputs:
            path = Path(given)
            if str(given) == STDIN:
                yield from self._from_stdin()
            elif path.is_dir():
                yield from self._from_several(files_in(path), path, f"{path}", "folder")
            elif is_pattern(str(given)):
                yield from self._from_several(files_matching(str(given)), fixed_part(str(given)), str(given), "pattern")
            else:
                yield from self._from_file(path, path.name)

    def _from_several(self, files: Iterator[Path | InputError], base: Path, where: str, what: str) -> Iterator[Found]:
        read = others = 0
        for found in files:
            if isinstance(found, InputError):
                read += 1
                yield found
            elif suffix_of(found.name) not in READERS or not os.path.isfile(found):
                others += 1
            elif not self._unwanted or found.resolve() not in self._unwanted:
                read += 1
                yield from self._from_file(found, found.relative_to(base).as_posix())
        if not read:
            yield _nothing_in(where, what, others)
        elif others:
            self._on_note(f"{where}: {_files(others)} left out, not {_KNOWN}")

    def _from_file(self, path: Path, name: str) -> Iterator[Found]:
        where, suffix = str(path), suffix_of(path.name)
        try:
            if suffix not in READERS:
                yield _unknown(path, suffix)
                return
            source = Source(_printable(name[: len(name) - len(suffix)]), where, self._fields)
            with path.open("rb") as stream:
                yield from READERS[suffix](stream, source)
        except FileNotFoundError:
            yield _missing(where)
        except OSError as error:
            yield unreadable(error, where)
        except InputError as error:
            yield error

    def _from_stdin(self) -> Iterator[Found]:
        stream, self._stdin = self._stdin, None
        if stream is None:
            yield InputError("given twice", where=STDIN_NAME, remedy="give - once")
            return
        try:
            yield from _told_from_start(stream, Source(STDIN_ID, STDIN_NAME, self._fields))
        except InputError as error:
            yield error
        except OSError as error:
            yield unreadable(error, STDIN_NAME)


_KNOWN: Final = ", ".join(suffix for suffix in SUFFIXES if not suffix.endswith(".gz"))


def _nothing_in(where: str, what: str, others: int) -> InputError:
    """That the folder or pattern *where* gives no articles, only *others*."""
    if others:
        found = f"the {what} holds no articles, only {_files(others)} of other kinds"
    elif what == "folder":
        found = "the folder is empty"
    else:
        return InputError("no such file, and as a pattern it matches none", where=where, remedy="check the path")
    return InputError(found, where=where, remedy=f"articles are {_KNOWN}")


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def _unknown(path: Path, suffix: str) -> InputError:
    if not path.exists():
        return _missing(str(path))
    kind = f"a {suffix} file" if suffix else "a file without a suffix"
    remedy = f"known kinds are {_KNOWN}; or pipe its text in as -"
    return InputError(f"{kind} is not one that can be read", where=str(path), remedy=remedy)


def _missing(where: str) -> InputError:
    return InputError("no such file or folder", where=where, remedy="check the path")


def _printable(name: str) -> str:
    """*name* as an id: bytes of a file name that are no UTF-8 are written out as ``\\xe9``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


# ------------------------------------------------------------------ standard input


def _told_from_start(stream: BinaryIO, source: Source) -> Iterator[Found]:
    """What *stream* holds, of the format that its start shows. JSON Lines are read as they come."""
    head: list[bytes] = []
    for data in stream:
        head.append(data)
        if data.strip():
            break
    start = b"".join(head)
    if not marked_encoding(start) and start.lstrip().startswith(b"{"):
        yield from read_json_lines(chain(head, stream), source)
        return
    data = start + stream.read()
    yield from READERS[_suffix_told(data, source.fields)](io.BytesIO(data), source)


def _suffix_told(data: bytes, fields: Fields) -> str:
    """The suffix of the format that the start of *data* shows: plain text where it shows none, as CSV shows none.

    Only where a field of the text is named, which plain text has not, it is a table.
    """
    encoding, length = marked_encoding(data) or ("utf-8", 0)
    start = data[length : length + _START].decode(encoding, "ignore").lstrip().lower()
    if start.startswith("{"):
        return ".jsonl"
    if start.startswith(("<!doctype html", "<html")) or (start.startswith("<?xml") and "<html" in start):
        return ".html"
    if start.startswith(("<?xml", "<rss", "<feed", "<rdf:")):
        return ".xml"
    return ".txt" if fields.text is None else ".csv"
