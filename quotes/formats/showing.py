"""What of a file of records is shown: one article, or the list of all."""

from __future__ import annotations

import difflib
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

from quotes.errors import QuotesError, RecordError
from quotes.formats.articles import STDIN
from quotes.formats.display import print_article, print_list
from quotes.formats.mistaken import HoldsNoRecord
from quotes.formats.originals import Originals, text_of
from quotes.formats.reading import USUAL, Fields
from quotes.formats.records import StoredRecord, read_told
from quotes.model import Article
from quotes.record import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_MOST_SUGGESTED = 10_000


def show(
    path: str | Path,
    article_id: str | None,
    inputs: Sequence[str | Path],
    stream: TextIO,
    *,
    on_damaged: Callable[[QuotesError], None],
    fields: Fields = USUAL,
) -> None:
    """Print the article *article_id* of the file *path* to *stream*; without an id the only one, or the list of all.

    *inputs* are where originals are looked for, with text and id in *fields*. *on_damaged* hears of lines that are no
    records and of inputs that cannot be read.

    Raises:
        RecordError: no such file or article, no record in the file, or the original is another text.
    """
    records = _sound(path, article_id, on_damaged)
    first = list(islice(records, 2 if article_id is None else 1))
    if len(first) == 1:
        originals = Originals(inputs, on_damaged, fields) if inputs else None
        _show_one(first[0], originals, stream)
    elif first:
        print_list((record.value for record in chain(first, records)), stream)
    elif article_id is not None:
        raise _no_such_article(path, article_id)


def _sound(path: str | Path, only: str | None, on_damaged: Callable[[QuotesError], None]) -> Iterator[StoredRecord]:
    for record in read_told(path, only=only):
        if isinstance(record, HoldsNoRecord):
            raise record
        if isinstance(record, RecordError):
            on_damaged(record)
        else:
            yield record


def _show_one(record: StoredRecord, originals: Originals | None, stream: TextIO) -> None:
    text: str | None = None
    if originals or record.has_text:
        text = text_of(record, originals)
        if Article("", text).sha256 != record.value["sha256"]:
            who = record.extraction.article.id
            what = f"article {who}: its text is not the one the record was made of"
            raise RecordError(what, where=record.where, remedy="quotes verify says what no longer fits")
    print_article(record.value, text, stream)


def _no_such_article(path: str | Path, article_id: str) -> RecordError:
    known: list[Any] = []
    gone_by = str(path) == STDIN  # it cannot be read a second time
    for found in islice(read_told(path), 0 if gone_by else _MOST_SUGGESTED):
        if isinstance(found, HoldsNoRecord):
            return found
        if isinstance(found, StoredRecord):
            known.append(found.extraction.article.id)
    near = difflib.get_close_matches(article_id, known, n=1)
    remedy = f"did you mean {shortened(near[0])}?" if near else "without an id all are listed"
    return RecordError(f"no article “{shortened(article_id)}”", where=str(path), remedy=remedy)
