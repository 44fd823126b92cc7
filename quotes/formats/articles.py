"""Articles from files, folders, patterns and standard input: each read when its turn comes, or one error."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Self

from quotes.errors import DuplicateId, InputError
from quotes.formats import bounds
from quotes.formats.decoding import marked_encoding
from quotes.formats.finding import files_in, files_matching, fixed_part, is_address, is_pattern, unreadable
from quotes.formats.provenance import is_product, is_review
from quotes.formats.reading import READERS, SUFFIXES, USUAL, Fields, Found, Source, suffix_of
from quotes.formats.reading.lines import read_json_lines
from quotes.formats.reading.tables import read_table
from quotes.formats.rows import HEADINGS
from quotes.formats.spilling import SpillingMap
from quotes.formats.table import counted
from quotes.formats.writing import kind_of
from quotes.record import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

STDIN: Final = "-"
STDIN_NAME: Final = "standard input"
STDIN_ID: Final = "stdin"

_START: Final = 4096
"""Bytes of standard input that are looked at."""
_RECORDS: Final = tuple(mark.join((*columns[:5], "")) for columns in HEADINGS for mark in ",\t")
"""How a table of records begins."""


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
    number. Of two articles with one id the first is kept: the second is an error, or where its text is the same counted
    in a remark. *on_note* hears remarks that belong to no article. *leave_out* names files that are no input though a
    folder or pattern holds them, such as the output. Neither are reports there, nor reviews, gold from reviews and
    records as tables. *stdin* stands in for standard input.

    Raises:
        OutputError: there are many articles, and the folder for temporary files, where their ids then are, is full.
    """
    on_note = on_note or _unheard
    reading = _Reading(stdin or sys.stdin.buffer, on_note, {path.resolve() for path in leave_out}, fields)
    with Firsts() as firsts:
        for found in reading.all(inputs):
            if isinstance(found, InputError):
                yield found
                continue
            met = firsts.meet(found.id, found.sha256, found.source)
            if met is None:
                yield found
            elif isinstance(met, DuplicateId):
                yield met
        if firsts.remark:
            on_note(firsts.remark)


def find_articles(
    inputs: Sequence[str | Path], *, on_note: Callable[[str], None] | None = None, leave_out: Collection[Path] = ()
) -> Iterator[ArticleFile | InputError]:
    """The files that `read_articles` would read of *inputs*, in the same order, for `read_file`. None may be ``-``."""
    reading = _Reading(sys.stdin.buffer, on_note or _unheard, {path.resolve() for path in leave_out}, USUAL)
    for given in inputs:
        yield from reading.files(given)


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """A file of articles: its *path*, and the *name* that their ids begin with, with its suffix."""

    path: Path
    name: str


class Firsts:
    """Of articles with one id the first. Use it in a ``with``: of many ids some lie in a file.

    Raises:
        OutputError: the folder for temporary files is full.
    """

    def __init__(self) -> None:
        self._places = SpillingMap[str]()
        self._again = 0

    def meet(self, name: str, sha256: str, source: str) -> Literal["again"] | DuplicateId | None:
        """``None`` where the article of the id *name* is the first. Another one has the same text, or is an error."""
        met = self._places.get(name)
        if met is None:
            self._places.put(name, sha256 + source)
            return None
        if met.startswith(sha256):
            self._again += 1
            return "again"
        what = f"the id “{shortened(name)}” is already that of {met[len(sha256) :]}, with another text"
        return DuplicateId(what, where=source, remedy="the first is kept; give each article an id of its own")

    @property
    def remark(self) -> str:
        """How many articles were met again, for people; empty where none were."""
        if not self._again:
            return ""
        return (
            f"{counted(self._again, 'article')} {'was' if self._again == 1 else 'were'} met again, with the same text"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._places.close()


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
            if str(given) == STDIN:
                yield from self._from_stdin()
                continue
            for found in self.files(given):
                if isinstance(found, InputError):
                    yield found
                else:
                    yield from read_file(found, self._fields)

    def files(self, given: str | Path) -> Iterator[ArticleFile | InputError]:
        """The files that *given* means."""
        path = Path(given)
        if is_address(str(given)) and not os.path.lexists(given):
            remedy = "save the page, or pipe it in, and give that"
            yield InputError("an address: nothing is fetched from the network", where=str(given), remedy=remedy)
        elif path.is_dir():
            yield from self._from_several(files_in(path), path, f"{path}", "folder")
        elif is_pattern(str(given)):
            yield from self._from_several(files_matching(str(given)), fixed_part(str(given)), str(given), "pattern")
        else:
            yield ArticleFile(path, path.name)

    def _from_several(
        self, files: Iterator[Path | InputError], base: Path, where: str, what: str
    ) -> Iterator[ArticleFile | InputError]:
        read = others = made = 0
        for found in files:
            if isinstance(found, InputError):
                read += 1
                yield found
            elif self._is_unwanted(found):
                continue
            elif is_product(found):
                made += 1
            elif suffix_of(found.name) not in READERS or not os.path.isfile(found):
                others += 1
            else:
                read += 1
                yield ArticleFile(found, found.relative_to(base).as_posix())
        if not read:
            yield _nothing_in(where, what, others, made)
            return
        if made:
            self._on_note(f"{where}: {counted(made, 'file')} left out, written by quotes: {_MADE}")
        if others:
            self._on_note(f"{where}: {counted(others, 'file')} left out, not {_KNOWN}")

    def _is_unwanted(self, path: Path) -> bool:
        return bool(self._unwanted) and Path(os.path.realpath(path)) in self._unwanted

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


def read_file(file: ArticleFile, fields: Fields = USUAL) -> Iterator[Found]:
    """The articles of *file*, or why there are none."""
    path, suffix = file.path, suffix_of(file.path.name)
    try:
        if suffix not in READERS:
            yield _unknown(path, suffix)
            return
        if suffix in (".jsonl", ".ndjson") and path.is_file() and is_review(path):
            yield InputError("holds a review, no articles", where=str(path), remedy="name the records it is of")
            return
    except OSError as error:
        yield unreadable(error, str(path))
        return
    yield from read_opened(lambda: path.open("rb"), file.name, str(path), fields)


def read_opened(opened: Callable[[], BinaryIO], name: str, where: str, fields: Fields = USUAL) -> Iterator[Found]:
    """As `read_file` the articles of what *opened* opens, called *where* in messages; *name* has a known suffix."""
    suffix = suffix_of(name)
    try:
        with opened() as stream:
            yield from READERS[suffix](stream, Source(_printable(name[: len(name) - len(suffix)]), where, fields))
    except FileNotFoundError:
        yield _missing(where)
    except OSError as error:
        yield unreadable(error, where)
    except InputError as error:
        yield error


_KNOWN: Final = ", ".join(suffix for suffix in SUFFIXES if not suffix.endswith(".gz"))
_MADE: Final = "reports, reviews, gold from reviews, tables of records"


def _nothing_in(where: str, what: str, others: int, made: int) -> InputError:
    """That the folder or pattern *where* gives no articles, only *others* and what quotes has *made*."""
    if made:
        found = f"the {what} holds no articles, only {counted(made, 'file')} written by quotes"
        found += f" and {counted(others, 'file')} of other kinds" if others else ""
    elif others:
        found = f"the {what} holds no articles, only {counted(others, 'file')} of other kinds"
    elif what == "folder":
        found = "the folder is empty"
    else:
        return InputError("the pattern matches no file", where=where, remedy="check the path")
    return InputError(found, where=where, remedy=f"articles are {_KNOWN}")


def _unknown(path: Path, suffix: str) -> InputError:
    if not path.exists():
        return _missing(str(path))
    kind = f"a {suffix} file" if suffix else "a file without a suffix"
    way = "or pipe its text in as -" if kind_of(path) is None else "records become articles as .jsonl: quotes convert"
    remedy = f"known kinds are {_KNOWN}; {way}"
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
    while data := stream.readline(bounds.LONGEST_LINE + 1):
        head.append(data)
        if data.strip() or sum(map(len, head)) > bounds.LONGEST_LINE:
            break
    start = b"".join(head)
    if not marked_encoding(start) and start.lstrip().startswith(b"{"):
        yield from read_json_lines(chain(head, bounds.bounded_lines(stream)), source)
        return
    start += stream.read(_START) + stream.readline(bounds.LONGEST_LINE + 1)
    suffix = _suffix_told(start, source.fields)
    if suffix == ".csv":
        yield from read_table(chain(io.BytesIO(start), bounds.bounded_lines(stream)), source)
        return
    # One more than the readers take: they say what is too large.
    data = start + stream.read(max(bounds.LONGEST_LINE + 1 - len(start), 0))
    yield from READERS[suffix](io.BytesIO(data), source)


def _suffix_told(data: bytes, fields: Fields) -> str:
    """The suffix of the format that the start of *data* shows: plain text where it shows none, as CSV shows none.

    Only where a field of the text is named, which plain text has not, or our own records begin, it is a table.
    """
    encoding, length = marked_encoding(data) or ("utf-8", 0)
    start = data[length : length + _START].decode(encoding, "ignore").lstrip().lower()
    if start.startswith("{"):
        return ".jsonl"
    if start.startswith(("<!doctype html", "<html")) or (start.startswith("<?xml") and "<html" in start):
        return ".html"
    if start.startswith(("<?xml", "<rss", "<feed", "<rdf:")):
        return ".xml"
    if start.startswith(_RECORDS):
        return ".csv"
    return ".txt" if fields.text is None else ".csv"
