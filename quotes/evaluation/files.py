"""Files to score: gold and predictions read from JSON Lines, each quote checked against the text it counts into.

Both may hold records of this program or the barer gold form: id, text, and quotes with content and speaker as spans.
Nothing is skipped here: a measure of half a file is a wrong measure, so the first fault ends the reading.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast, get_args

from quotes.errors import DuplicateId, InputError, QuotesError, RecordError
from quotes.evaluation.annotation import Annotation
from quotes.formats import kind_of, read_values
from quotes.formats.folders import is_folder_of_parts
from quotes.formats.jsonlines import parse_object, read_lines, refuse_half_characters
from quotes.model import Article, Confidence, Span, Spans, SpeakerKind
from quotes.record import shortened

STDIN: Final = "-"

_KINDS: Final = get_args(SpeakerKind)
_CONFIDENCES: Final = get_args(Confidence)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article and the quotes a person has found in it."""

    article: Article
    quotes: tuple[Annotation, ...]


Predictions = Mapping[str, Sequence[Annotation]]
"""The quotes predicted for each article, by its id. An article without an entry has none."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line: its JSON, and its place for messages."""

    value: Mapping[str, Any]
    where: str

    @property
    def id(self) -> str:
        return cast("str", self.value["id"])


def read_gold(path: str, stdin: BinaryIO | None = None) -> tuple[GoldArticle, ...]:
    """The articles of the file *path* (``-``: standard input) with their gold quotes.

    Raises:
        QuotesError: it cannot be read, or a line is no article with text and quotes, or comes twice.
    """
    articles = []
    for entry in _entries(path, stdin):
        text = entry.value.get("text")
        if not isinstance(text, str):
            raise RecordError("gold needs its text", where=entry.where, remedy="write the article as “text”")
        article = Article(entry.id, text, source=entry.where)
        _check_hash(entry, article)
        articles.append(GoldArticle(article, _annotations(entry, text)))
    if not articles:
        raise RecordError("holds no article", where=_shown(path), remedy="one JSON object a line")
    return tuple(articles)


def read_predictions(path: str, gold: Iterable[GoldArticle], stdin: BinaryIO | None = None) -> Predictions:
    """The predictions of the file *path* (``-``: standard input) for articles of *gold*.

    Raises:
        QuotesError: it cannot be read, or a line is no record, comes twice, or is of an article or text not in gold.
    """
    articles = {one.article.id: one.article for one in gold}
    predictions = {}
    for entry in _entries(path, stdin):
        article = articles.get(entry.id)
        if article is None:
            what = f"gold has no article “{shortened(entry.id)}”"
            raise RecordError(what, where=entry.where, remedy="predict the articles of the gold file only")
        if entry.value.get("text", article.text) != article.text:
            raise _other_text(entry)
        _check_hash(entry, article)
        predictions[entry.id] = _annotations(entry, article.text)
    return predictions


def _entries(path: str, stdin: BinaryIO | None) -> Iterator[_Entry]:
    seen: dict[str, str] = {}
    in_lines = path == STDIN or (kind_of(path) in (None, "jsonl") and not is_folder_of_parts(path))
    for entry in _in_lines(path, stdin) if in_lines else _in_records(path):
        if not isinstance(entry.value.get("id"), str):
            raise _fault(entry, "id", entry.value.get("id"), "a string")
        if entry.id in seen:
            what = f"the id “{shortened(entry.id)}” stands in {seen[entry.id]} already"
            raise DuplicateId(what, where=entry.where, remedy="one line an article")
        seen[entry.id] = entry.where
        yield entry


def _in_records(path: str) -> Iterator[_Entry]:
    """The records of a file in another format than JSON Lines."""
    for found in read_values(path):
        if isinstance(found, RecordError):
            raise found
        yield _Entry(found.value, found.where)


def _in_lines(path: str, stdin: BinaryIO | None) -> Iterator[_Entry]:
    with _opened(path, stdin) as stream:
        for line in read_lines(stream, _shown(path)):
            if isinstance(line, InputError):
                raise line
            if line.note:
                raise RecordError("not UTF-8", where=line.where, remedy="write it as UTF-8")
            value = parse_object(line.text, line.where)
            refuse_half_characters(value, line.text, line.where)
            yield _Entry(value, line.where)


@contextmanager
def _opened(path: str, stdin: BinaryIO | None) -> Iterator[Iterable[bytes]]:
    if path == STDIN:
        yield stdin or sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except FileNotFoundError:
        raise RecordError("no such file", where=path, remedy="check the path") from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RecordError(what, where=path, remedy="name a file that may be read") from None


def _shown(path: str) -> str:
    return "standard input" if path == STDIN else path


def _check_hash(entry: _Entry, article: Article) -> None:
    if entry.value.get("sha256") not in (None, article.sha256):
        raise _other_text(entry)


def _other_text(entry: _Entry) -> QuotesError:
    what = f"article “{shortened(entry.id)}”: its text is not that of gold"
    return RecordError(what, where=entry.where, remedy="extract from the very text of the gold file")


def _annotations(entry: _Entry, text: str) -> tuple[Annotation, ...]:
    quotes = entry.value.get("quotes")
    if not isinstance(quotes, list):
        raise _fault(entry, "quotes", quotes, "a list")
    return tuple(_annotation(entry, f"quotes[{number}]", quote, len(text)) for number, quote in enumerate(quotes))


def _annotation(entry: _Entry, place: str, quote: object, length: int) -> Annotation:
    if not isinstance(quote, dict):
        raise _fault(entry, place, quote, "an object")
    if "content" not in quote:
        raise _fault(entry, f"{place}.content", None, "a list of [start, end]")
    name = quote.get("speaker_name")
    if not isinstance(name, str | None):
        raise _fault(entry, f"{place}.speaker_name", name, "a string")
    return Annotation(
        content=_spans(entry, f"{place}.content", quote["content"], length),
        speaker=_spans(entry, f"{place}.speaker", quote.get("speaker"), length),
        name=name,
        cue=_spans(entry, f"{place}.cue", quote.get("cue"), length),
        kind=_one_of(_KINDS, entry, f"{place}.speaker_kind", quote.get("speaker_kind")),
        confidence=_one_of(_CONFIDENCES, entry, f"{place}.confidence", quote.get("confidence")),
    )


def _spans(entry: _Entry, place: str, value: object, length: int) -> Spans:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _fault(entry, place, value, "a list of [start, end]")
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(offset) is int for offset in pair)):
            raise _fault(entry, place, pair, "a pair [start, end] of whole numbers")
        if not 0 <= pair[0] <= pair[1] <= length:
            what = f"{place}: {pair} is not within the text of {length} characters"
            raise RecordError(what, where=entry.where, remedy="spans are code-point offsets into the text, half-open")
    return tuple(Span(start, end) for start, end in value)


def _one_of(choices: tuple[Found, ...], entry: _Entry, place: str, value: Any) -> Found | None:
    if value is not None and value not in choices:
        raise _fault(entry, place, value, f"one of {', '.join(map(str, choices))}")
    return cast("Found | None", value)


def _fault(entry: _Entry, place: str, value: object, wanted: str) -> QuotesError:
    what = f"{place}: is missing" if value is None else f"{place}: {shortened(value)} is not {wanted}"
    return RecordError(what, where=entry.where, remedy=f"{wanted} is needed")
