"""The texts records were made of, found again by their ids among the inputs of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quotes.errors import InputError, RecordError
from quotes.formats.articles import read_articles
from quotes.formats.reading import USUAL, Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from quotes.formats.records import StoredRecord
    from quotes.model import Article


class Originals:
    """The articles of *inputs*, their text and id in *fields*, read as far as they are asked for.

    Asked in the order of the inputs, as records of a run stand, it holds one article at a time; in another
    order, those passed over. *on_error* hears of inputs that cannot be read.
    """

    def __init__(
        self, inputs: Sequence[str | Path], on_error: Callable[[InputError], None], fields: Fields = USUAL
    ) -> None:
        self._articles = read_articles(inputs, fields=fields)
        self._on_error = on_error
        self._passed_over: dict[str, Article] = {}

    def get(self, article_id: str) -> Article | None:
        """The article with that id; each can be had once."""
        if article_id in self._passed_over:
            return self._passed_over.pop(article_id)
        for found in self._articles:
            if isinstance(found, InputError):
                self._on_error(found)
            elif found.id == article_id:
                return found
            else:
                self._passed_over[found.id] = found
        return None


def text_of(record: StoredRecord, originals: Originals | None) -> str:
    """The text of *record*: the original's where there are *originals*, else the record's own.

    Raises:
        RecordError: it is in neither.
    """
    who = record.extraction.article.id
    if originals is None:
        if record.has_text:
            return record.extraction.article.text
        raise RecordError(f"article {who}: the record is without text", where=record.where, remedy="give the originals")
    original = originals.get(who)
    if original is None:
        remedy = "give the inputs as they were given to extract: ids depend on it"
        raise RecordError(f"article {who}: not among the originals", where=record.where, remedy=remedy)
    return original.text
