"""Gold from a review: the articles a person is through with, in the form that ``quotes eval`` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from quotes.errors import InputError, RecordError, UsageError
from quotes.formats import AtomicText
from quotes.formats.corpora.gold import GoldArticle, GoldQuote, gold_to_json
from quotes.formats.jsonlines import parse_object, read_lines
from quotes.review.folding import Item, Reviewed
from quotes.review.form import SCHEMA

MARK: Final = "review"
"""The field by which a line of gold is known for one that a review has written and may replace."""


def gold_line_of(reviewed: Reviewed) -> str:
    """The line of *reviewed*, its line end included.

    Types are those of the quotation marks, which is also what a score judges by, but for those a reviewer has set.
    Beside the fields of gold there are the ``sha256`` of the text, its ``metadata``, the quotations that are no quotes
    as ``skipped``, and the reviewer's notes.
    """
    article = reviewed.article
    items = sorted(reviewed.standing, key=lambda item: (item.choice.content, item.choice.cue, item.choice.mention))
    text = article.text
    extra: dict[str, Any] = {MARK: SCHEMA, "sha256": article.sha256, "metadata": dict(article.metadata)}
    extra["skipped"] = [{"span": list(one.span), "as": one.reason} for one in reviewed.skipped]
    quotes = tuple(_quote(item, text) for item in items)
    value = gold_to_json(GoldArticle(article.id, "", text, quotes, extra=extra))
    for quote, item in zip(value["quotes"], items, strict=True):
        if item.choice.type is not None:
            quote["type"] = item.choice.type
        if item.note:
            quote["note"] = item.note
    return json.dumps(value, ensure_ascii=False) + "\n"


def write_gold(path: str | Path, lines: Iterable[str]) -> None:
    """Write *lines* of gold to *path*, whole or not at all.

    Raises:
        OutputError: it cannot be written; what stood there stands.
    """
    with AtomicText(path) as to:
        for line in lines:
            to.write(line)


def refuse_foreign_gold(path: str | Path) -> None:
    """Refuse to replace a file at *path* that holds anything but lines of a review: gold made by hand is dear.

    Raises:
        UsageError: it does.
    """
    remedy = "choose another --gold"
    try:
        with Path(path).open("rb") as stream:
            for line in read_lines(stream, str(path)):
                if isinstance(line, InputError) or MARK not in parse_object(line.text, line.where):
                    raise UsageError("holds lines that no review has written", where=str(path), remedy=remedy)
    except FileNotFoundError:
        return
    except InputError as error:
        raise UsageError("holds lines that no review has written", where=error.where, remedy=remedy) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=str(path), remedy=remedy) from None


def _quote(item: Item, text: str) -> GoldQuote:
    choice = item.choice
    name = None if choice.name_span is None else choice.name_span.of(text)
    return GoldQuote(choice.content, choice.cue, choice.mention, name, choice.name_span, choice.kind)
