"""Frames: quotes as a table of pandas, for those who count and plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, get_args

from quotes.extras import load
from quotes.model import Confidence, Extraction, Quote, QuoteType, SpeakerKind

if TYPE_CHECKING:
    import pandas

_WORDS: Final = "words"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "type": get_args(QuoteType),
    "speaker_kind": get_args(SpeakerKind),
    "confidence": get_args(Confidence)[::-1],  # from low to high
}
_COLUMNS: Final[dict[str, str]] = {
    "article": _WORDS,
    "quote": "int64",
    "type": "category",
    "text": _WORDS,
    "speaker_name": _WORDS,
    "speaker_text": _WORDS,
    "speaker_kind": "category",
    "cue_text": _WORDS,
    "confidence": "category",
    "by": _WORDS,
    "start": "int64",
    "end": "int64",
    "content": "object",
    "cue": "object",
    "speaker": "object",
    "chunk": "Int64",
    "key": _WORDS,
}
"""The columns in their order, each with its kind of value."""


def to_pandas(extractions: Iterable[Extraction]) -> pandas.DataFrame:
    """All quotes of *extractions* as one table: a row a quote, in their order, the columns named as in the record.

    ``article`` is the id of the article, ``quote`` counts from 1 within it. ``start`` and ``end`` are the code points
    at which the content begins and ends; ``content``, ``cue`` and ``speaker`` are lists of the spans of all pieces.
    ``confidence`` is ordered, so that ``frame.confidence >= "medium"`` means something. Without any quote there are the
    same columns. Half a surrogate pair, which no table can hold, is shown as its escape.

    Raises:
        UsageError: pandas is not installed.
    """
    library = load("pandas", "pandas", "a table of quotes")
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for row in _rows(extractions):
        for values, value in zip(columns.values(), row, strict=True):
            values.append(value)
    series = {name: _series(library, name, values) for name, values in columns.items()}
    frame: pandas.DataFrame = library.DataFrame(series)
    return frame


def _rows(extractions: Iterable[Extraction]) -> Iterator[tuple[Any, ...]]:
    """The values of every quote, in the order of the columns."""
    for extraction in extractions:
        for number, quote in enumerate(extraction.quotes, start=1):
            yield _row(extraction.article.id, number, quote)


def _row(article: str, number: int, quote: Quote) -> tuple[Any, ...]:
    speaker = quote.speaker
    return (
        article,
        number,
        quote.type,
        quote.text,
        speaker.name,
        quote.speaker_text,
        speaker.kind,
        quote.cue_text,
        quote.confidence,
        " ".join(quote.by),
        quote.content[0].start,
        quote.content[-1].end,
        [tuple(piece) for piece in quote.content],
        [tuple(piece) for piece in quote.cue],
        [tuple(piece) for piece in speaker.mention],
        quote.chunk,
        quote.key,
    )


def _series(library: Any, name: str, values: list[Any]) -> Any:
    kind = _COLUMNS[name]
    if kind == "category":
        known = library.CategoricalDtype(_CHOICES[name], ordered=name == "confidence")
        return library.Series(values, dtype=known)
    if kind == _WORDS:
        # What pandas 3 makes of strings by itself; before, "str" was another thing.
        dtype = "str" if int(library.__version__.partition(".")[0]) >= 3 else "string"
        return library.Series([None if value is None else _sound(value) for value in values], dtype=dtype)
    return library.Series(values, dtype=kind)


def _sound(words: str) -> str:
    return words.encode("utf-8", "backslashreplace").decode("utf-8")
