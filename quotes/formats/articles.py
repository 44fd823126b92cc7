"""Articles from files, folders and standard input: each is read when its turn comes, or becomes one error."""

from __future__ import annotations

import io
import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from quotes.errors import DuplicateId, InputError
from quotes.formats.decoding import decode, marked_encoding
from quotes.formats.jsonlines import Line, kind_of, parse_object, read_lines, refuse_half_characters
from quotes.formats.spilling import SpillingMap
from quotes.model import Article
from quotes.record import VERSION, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

PLAIN = (".txt", ".md")
JSON_LINES = (".jsonl", ".ndjson")
SUFFIXES = (*PLAIN, *JSON_LINES)
"""The endings of file names that can be read, whatever their case."""

STDIN = "-"
STDIN_NAME = "standard input"
STDIN_ID = "stdin"

Found = Article | InputError


def read_articles(
    inputs: Sequence[str | Path],
    *,
    stdin: BinaryIO | None = None,
    on_note: Callable[[str], None] | None = None,
    leave_out: Collection[Path] = (),
) -> Iterator[Found]:
    """The articles of *inputs* (files, folders, ``-``) in order; what cannot be read is an error in its place.

    Files are read one at a time, JSON Lines one line at a time. An article's id is the one its line gives,
    else the path in the folder that was given (the stem of a file that was given) without suffix, and for
    a line ``:`` and its number. Of two articles with one id the first is kept. *on_note* hears remarks that
    belong to no article. *leave_out* names files that are no input though a folder holds them, such as
    the output. *stdin* stands in for standard input.

    Raises:
        OutputError: there are many articles, and the folder for temporary files, where their ids then are, is full.
    """
    places = SpillingMap[str]()
    try:
        for found in _all(
            inputs, stdin or sys.stdin.buffer, on_note or _unheard, {path.resolve() for path in leave_out}
        ):
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


def _all(
    inputs: Sequence[str | Path], stdin: BinaryIO, on_note: Callable[[str], None], unwanted: Collection[Path]
) -> Iterator[Found]:
    stdin_is_read = False
    for given in inputs:
        path = Path(given)
        if str(given) != STDIN:
            yield from _from_folder(path, on_note, unwanted) if path.is_dir() else _from_file(path, path.stem)
        elif stdin_is_read:
            yield InputError("given twice", where=STDIN_NAME, remedy="give - once")
        else:
            stdin_is_read = True
            yield from _from_stdin(stdin)


def _from_folder(folder: Path, on_note: Callable[[str], None], unwanted: Collection[Path]) -> Iterator[Found]:
    read = others = 0
    for found in _walk(folder):
        if isinstance(found, InputError):
            read += 1
            yield found
        elif found.suffix.lower() not in SUFFIXES or not os.path.isfile(found):
            others += 1
        elif not unwanted or found.resolve() not in unwanted:
            read += 1
            yield from _from_file(found, found.relative_to(folder).with_suffix("").as_posix())
    known = ", ".join(SUFFIXES)
    if not read:
        what = (
            f"the folder holds no articles, only {_files(others)} of other kinds" if others else "the folder is empty"
        )
        yield InputError(what, where=str(folder), remedy=f"articles are {known}")
    elif others:
        on_note(f"{folder}: {_files(others)} left out, not {known}")


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def _walk(folder: Path) -> Iterator[Path | InputError]:
    """All that is in *folder* and the folders below, by name, without what is hidden; links to folders are left."""
    below: list[Iterator[Path | InputError]] = [_shown(folder)]
    while below:
        found = next(below[-1], None)
        if found is None:
            below.pop()
        elif isinstance(found, Path) and os.path.isdir(found) and not os.path.islink(found):
            below.append(_shown(found))
        else:
            yield found


def _shown(folder: Path) -> Iterator[Path | InputError]:
    """What is in *folder* by name, without what is hidden. Of a hundred thousand files only the names are held."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        yield _unreadable(error, str(folder))
        return
    for name in names:
        yield folder / name


def _from_file(path: Path, name: str) -> Iterator[Found]:
    suffix, where = path.suffix.lower(), str(path)
    try:
        if suffix in PLAIN:
            yield _plain(path.read_bytes(), _printable(name), where)
        elif suffix in JSON_LINES:
            with path.open("rb") as stream:
                yield from _from_lines(stream, _printable(name), where)
        elif path.exists():
            kind = f"a {suffix} file" if suffix else "a file without a suffix"
            remedy = f"known kinds are {', '.join(SUFFIXES)}; or pipe its text in as -"
            yield InputError(f"{kind} is not one that can be read", where=where, remedy=remedy)
        else:
            yield InputError("no such file or folder", where=where, remedy="check the path")
    except FileNotFoundError:
        yield InputError("no such file or folder", where=where, remedy="check the path")
    except OSError as error:
        yield _unreadable(error, where)
    except InputError as error:
        yield error


def _printable(name: str) -> str:
    """*name* as an id: bytes of a file name that are no UTF-8 are written out as ``\\xe9``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _unreadable(error: OSError, where: str) -> InputError:
    return InputError(f"cannot be read: {error.strerror or error}", where=where, remedy="check its permissions")


def _from_stdin(stream: BinaryIO) -> Iterator[Found]:
    head: list[bytes] = []
    for data in stream:
        head.append(data)
        if data.strip():
            break
    start = b"".join(head)
    try:
        if marked_encoding(start) or not start.lstrip().startswith(b"{"):
            article = _plain(start + stream.read(), STDIN_ID, STDIN_NAME)
            if not article.text.lstrip().startswith("{"):
                yield article
                return
            head, stream = [], io.BytesIO(article.text.encode())
        yield from _from_lines(chain(head, stream), STDIN_ID, STDIN_NAME)
    except InputError as error:
        yield error
    except OSError as error:
        yield _unreadable(error, STDIN_NAME)


def _plain(data: bytes, name: str, where: str) -> Article:
    text, note = decode(data, where)
    return Article(name, text, source=where, notes=(note,) if note else ())


def _from_lines(stream: Iterable[bytes], name: str, where: str) -> Iterator[Found]:
    for line in read_lines(stream, where):
        if isinstance(line, InputError):
            yield line
            continue
        try:
            yield _from_line(line, name)
        except InputError as error:
            yield error


def _from_line(line: Line, name: str) -> Article:
    value = parse_object(line.text, line.where)
    refuse_half_characters(value, line.text, line.where)
    text, given_id = value.pop("text", None), value.pop("id", None)
    if not isinstance(text, str):
        what = 'no "text"' if text is None else f'"text" is a JSON {kind_of(text)}, no string'
        raise InputError(what, where=line.where, remedy='a line is {"id": "…", "text": "…"}')
    if given_id is not None and (isinstance(given_id, bool) or not isinstance(given_id, str | int)):
        what = f'"id" is a JSON {kind_of(given_id)}, no string'
        raise InputError(what, where=line.where, remedy='a line is {"id": "…", "text": "…"}')
    if "\0" in text:
        what = f'"text" holds a NUL character at {text.index(chr(0))}'
        raise InputError(what, where=line.where, remedy="remove it")
    article_id = f"{name}:{line.number}" if given_id in (None, "") else str(given_id)
    notes = (line.note,) if line.note else ()
    return Article(article_id, text, _metadata(value), line.where, notes)


def _metadata(rest: dict[str, Any]) -> dict[str, Any]:
    """What else a line says about its article. A record of an earlier run is only asked for the article's own."""
    if rest.get("schema") != VERSION:
        return rest
    metadata = rest.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
