"""Records from one format into another, and what of our own a file holds: records, or gold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotes.errors import RecordError, UsageError
from quotes.formats.articles import STDIN
from quotes.formats.corpora.converting import Outcome
from quotes.formats.folders import is_folder_of_parts
from quotes.formats.parts import canonical_line
from quotes.formats.records import read_records, read_values
from quotes.formats.writing import KINDS, Kind, kind_of
from quotes.record import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def holds_records(path: Path, kind: Kind | None = None) -> bool:
    """Whether the file *path* (``-``: standard input) holds records, rather than gold or a corpus.

    Its first line tells; standard input, Parquet and databases are never anything else. *kind* is its format, by
    default as its name says.

    Raises:
        UsageError: the library for this format is not installed.
    """
    chosen = kind or kind_of(path)
    if str(path) == STDIN or chosen in ("parquet", "db") or is_folder_of_parts(path):
        return True
    if chosen is None or not path.is_file():
        return False
    try:
        first = next(read_values(path, kind=chosen), None)
    except RecordError:
        return False
    if first is None:
        return True
    return not isinstance(first, RecordError) and first.value.get("schema") == VERSION


def rewrite(
    path: Path,
    write: Callable[[Iterable[str]], Any],
    *,
    kind: Kind | None = None,
    with_text: bool = True,
    keep_going: bool = False,
    note: Callable[[str], None],
) -> Outcome:
    """Hand the records of the file *path* (``-``: standard input) to *write*, as lines of JSON, one at a time.

    *kind* is the format of *path*, by default as its name says. Without *with_text* the texts are left out. With
    *keep_going* damaged records are left out, and *note* hears of each.

    Raises:
        RecordError: there is no such file, or a record is damaged, and it is not to keep going.
        QuotesError: whatever *write* raises.
    """
    outcome = Outcome()

    def lines() -> Iterator[str]:
        for found in read_records(path, kind=kind):
            if isinstance(found, RecordError):
                if not keep_going:
                    raise found
                outcome.left_out += 1
                note(str(found))
                continue
            outcome.articles += 1
            outcome.quotes += len(found.extraction.quotes)
            yield canonical_line({key: part for key, part in found.value.items() if with_text or key != "text"})

    write(lines())
    return outcome


def record_kind(name: str | None) -> Kind | None:
    """*name*, as an option gives it, where it is a format of records."""
    return next((kind for kind in KINDS if kind == name), None)


def refuse_unknown_suffix(out: str, known: Iterable[str], what: str) -> None:
    """Refuse a file name *out* whose suffix is none of *known*, under which *what* (“gold”) is written.

    Raises:
        UsageError: it is not.
    """
    suffix = Path(out).suffix.lower()
    if out != STDIN and suffix and suffix not in known:
        raise UsageError(f"{what} is not written as {suffix}", where=out, remedy=f"known are {', '.join(known)}")
