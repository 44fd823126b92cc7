"""Records for a report, each with the text it was made of, read one after the other from any number of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from quotes.errors import QuotesError, RecordError
from quotes.formats import StoredRecord, read_each_once
from quotes.formats.originals import Originals, text_of
from quotes.formats.reading import USUAL, Fields
from quotes.model import Article
from quotes.report.document import Item


def read_items(
    paths: Sequence[str | Path],
    inputs: Sequence[str | Path] = (),
    *,
    on_problem: Callable[[QuotesError], None],
    fields: Fields = USUAL,
) -> Iterator[Item]:
    """The records of the files *paths* (``-``: standard input) in order, with their texts.

    Where originals are given as *inputs* the texts are theirs, else the records' own; ``None`` where a record has none,
    or the original is missing or another text. *on_problem* hears of these originals, of lines that are no records,
    and of a second record of an article, which is left out.

    Raises:
        RecordError: there is no such file of records, or it cannot be read.
    """
    originals = Originals(inputs, on_problem, fields) if inputs else None
    for record in read_each_once(paths, "shown", on_problem=on_problem):
        yield record, _text(record, originals, on_problem)


def _text(record: StoredRecord, originals: Originals | None, on_problem: Callable[[QuotesError], None]) -> str | None:
    if originals is None and not record.has_text:
        return None
    try:
        text = text_of(record, originals)
    except RecordError as error:
        on_problem(error)
        return None
    if Article("", text).sha256 == record.value["sha256"]:
        return text
    what = f"article {record.extraction.article.id}: its text is not the one the record was made of"
    on_problem(RecordError(what, where=record.where, remedy="its quotes are listed; quotes verify says what is amiss"))
    return None
