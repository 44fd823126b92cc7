"""Reading in portions: the files of a run's inputs, in runs of some of them, each to be read on any machine.

What a portion holds comes out as from a run in one process: the same ids, the same errors in the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from quotes.errors import InputError
from quotes.formats.articles import ArticleFile, find_articles, read_file, read_opened
from quotes.formats.reading import READERS, SUFFIXES, Fields, Found, suffix_of
from quotes.formats.table import counted
from quotes.run.cluster.places import Stored, is_uri, local_path, stored_files

_PORTION_BYTES: Final = 64_000_000
_PORTION_FILES: Final = 500
"""What a portion of several files holds at most."""

Item: TypeAlias = ArticleFile | Stored | InputError
Portion: TypeAlias = tuple[Item, ...]
"""Files that follow each other in the input, and what is wrong with others between them."""


def items_of(inputs: Sequence[str], on_note: Callable[[str], None], leave_out: Collection[Path] = ()) -> Iterator[Item]:
    """The files that *inputs* mean, in the order in which a run in one process reads them. None may be ``-``."""
    for given in inputs:
        path = local_path(given)
        if path is None:
            yield from _stored(given, on_note)
        else:
            yield from find_articles([str(path)], on_note=on_note, leave_out=leave_out)


def portions_of(items: Iterator[Item]) -> Iterator[Portion]:
    """*items* in portions: each file that is large is one of its own."""
    portion: list[Item] = []
    size = 0
    for item in items:
        own = _size(item)
        if portion and (size + own > _PORTION_BYTES or len(portion) >= _PORTION_FILES):
            yield tuple(portion)
            portion, size = [], 0
        portion.append(item)
        size += own
    if portion:
        yield tuple(portion)


def read_portion(portion: Portion, fields: Fields) -> Iterator[Found]:
    """The articles of *portion*, what cannot be read as an error in its place."""
    for item in portion:
        if isinstance(item, InputError):
            yield item
        elif isinstance(item, ArticleFile):
            yield from read_file(item, fields)
        else:
            yield from read_opened(item.open, item.name, item.uri, fields)


def _size(item: Item) -> int:
    if isinstance(item, InputError):
        return 0
    if isinstance(item, Stored):
        return item.size
    try:
        return item.path.stat().st_size
    except OSError:
        return 0  # that it is gone is told where it is read


def _stored(given: str, on_note: Callable[[str], None]) -> Iterator[Item]:
    """The files of an object storage that *given* means."""
    read = others = 0
    try:
        for file in stored_files(given):
            if suffix_of(file.name) in READERS:
                read += 1
                yield file
            else:
                others += 1
    except InputError as error:
        yield error
        return
    known = ", ".join(suffix for suffix in SUFFIXES if not suffix.endswith(".gz"))
    if not read:
        what = f"holds no articles, only {counted(others, 'file')} of other kinds" if others else "there is no file"
        yield InputError(what, where=given, remedy=f"articles are {known}")
    elif others:
        on_note(f"{given}: {counted(others, 'file')} left out, not {known}")


def refuse_unshared(inputs: Sequence[str]) -> str | None:
    """The first of *inputs* that another machine may not see."""
    return next((given for given in inputs if not is_uri(given)), None)
