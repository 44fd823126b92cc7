"""Gold from a review: the line of an article that a person is through with, in the form that ``quotes eval`` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quotes.formats.corpora.gold import GoldArticle, GoldQuote, gold_to_json
from quotes.review.folding import Item, Reviewed
from quotes.review.form import SCHEMA, Origin

MARK: Final = "review"
"""The field by which a line of gold is known for one that a review has written and may replace."""

_ORIGIN: Final = "of"


@dataclass(frozen=True, slots=True)
class GoldLine:
    """One line of gold from a review: of which article and text, by which review, and as *text* without a line end."""

    id: str
    sha256: str
    key: str
    text: str


def gold_line_of(reviewed: Reviewed, origin: Origin) -> GoldLine:
    """The line of *reviewed*, a review of *origin*.

    Types are those of the quotation marks, which is also what a score judges by, but for those a reviewer has set.
    Beside the fields of gold there are the ``sha256`` of the text, its ``metadata``, the quotations that are no quotes
    as ``skipped``, and the reviewer's notes. No words of one speaker are in it twice.
    """
    article = reviewed.article
    items = sorted(reviewed.standing, key=lambda item: (item.choice.content, item.choice.cue, item.choice.mention))
    text = article.text
    items = list(_once(items, text))
    extra: dict[str, Any] = {MARK: SCHEMA, _ORIGIN: origin._asdict(), "sha256": article.sha256}
    extra["metadata"] = dict(article.metadata)
    extra["skipped"] = [{"span": list(one.span), "as": one.reason} for one in reviewed.skipped]
    quotes = tuple(_quote(item, text) for item in items)
    value = gold_to_json(GoldArticle(article.id, "", text, quotes, extra=extra))
    for quote, item in zip(value["quotes"], items, strict=True):
        if item.choice.type is not None:
            quote["type"] = item.choice.type
        if item.note:
            quote["note"] = item.note
    return GoldLine(article.id, article.sha256, origin.key, json.dumps(value, ensure_ascii=False))


def gold_line_from(value: Mapping[str, Any], text: str) -> GoldLine | None:
    """The line *text* that holds *value*; ``None`` where no review has written it."""
    if MARK not in value:
        return None
    origin = value.get(_ORIGIN)
    key = origin.get("key") if isinstance(origin, Mapping) else ""
    return GoldLine(str(value.get("id")), str(value.get("sha256")), str(key or ""), text)


def _once(items: Iterable[Item], text: str) -> Iterator[Item]:
    """*items* without those whose words another one gives to the same speaker."""
    seen = set()
    for item in items:
        choice = item.choice
        speaker = choice.mention if choice.name_span is None else choice.name_span.of(text)
        if (choice.content, speaker) not in seen:
            seen.add((choice.content, speaker))
            yield item


def _quote(item: Item, text: str) -> GoldQuote:
    choice = item.choice
    name = None if choice.name_span is None else choice.name_span.of(text)
    return GoldQuote(choice.content, choice.cue, choice.mention, name, choice.name_span, choice.kind)
