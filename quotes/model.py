"""The values everything else passes around: articles, spans, quotes, and the outcome of one article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from quotes.exchange import Usage

QuoteType = Literal["direct", "indirect", "mixed"]
SpeakerKind = Literal["person", "organization", "document", "group", "anonymous", "unknown"]
SkipReason = Literal["scare", "title", "term", "other"]
Confidence = Literal["high", "medium", "low"]
AttributorName = Literal["model", "rules"]
Status = Literal["complete", "partial", "failed"]


class Span(NamedTuple):
    """Half-open offsets ``[start, end)`` in Unicode code points into an article's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of *text* this span covers."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """Whether *other* lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end


Spans = tuple[Span, ...]


def merged(pieces: Iterable[Span]) -> Spans:
    """*pieces* in text order, overlapping ones joined."""
    result: list[Span] = []
    for piece in sorted(pieces):
        if result and piece.start < result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, piece.end))
        else:
            result.append(piece)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Article:
    """One text to read.

    *text* is the decoded text with a leading byte-order mark dropped and nothing else changed; all spans
    count into it. *source* says where it came from in messages to people (``news/0731.txt``,
    ``in.jsonl line 7``) and is never written to a record. *notes* are remarks of the reader, such as a
    guessed encoding.
    """

    id: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hex digest of the text in UTF-8: tells whether a record belongs to this very text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Speaker:
    """The source of a quote: where it is mentioned, and the fullest form of its name the article prints.

    *mention* is empty where no speaker is printed; *name* and *name_span* are then ``None``.
    ``name`` is always ``text[name_span]``.
    """

    mention: Spans = ()
    name: str | None = None
    name_span: Span | None = None
    kind: SpeakerKind = "unknown"


NOBODY = Speaker()


@dataclass(frozen=True, slots=True)
class Attribution:
    """Content, cue and speaker tied together by one attributor, every part already a span of the text."""

    content: Spans
    cue: Spans = ()
    speaker: Speaker = NOBODY


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote of the record. Its pieces of *content* stand in text order and do not overlap.

    *chunk* and *key* name the request whose reply it came from; both are ``None`` for a quote that only
    the rules found.
    """

    type: QuoteType
    content: Spans
    cue: Spans
    speaker: Speaker
    confidence: Confidence
    by: tuple[AttributorName, ...]
    chunk: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A quotation that is no quote, and why."""

    span: Span
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A quotation nobody could class, and what stood in the way."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a reply that did not stand the check against the text. *item* is JSON as it was answered."""

    item: Any
    reason: str


@dataclass(frozen=True, slots=True)
class ChunkError:
    """A chunk that could not be done. *kind* is a stable word for programs, *message* one line for people."""

    chunk: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """The outcome of one article: every quotation of it is in *quotes*, *skipped* or *unresolved*."""

    article: Article
    status: Status
    quotes: tuple[Quote, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    errors: tuple[ChunkError, ...] = ()
    model: str | None = None
    prompt: str | None = None
    usage: Usage = Usage()

    def quote_text(self, quote: Quote) -> str:
        """The words of *quote*, its pieces joined with `` … ``. For reading: the spans are the truth."""
        return " … ".join(piece.of(self.article.text) for piece in quote.content)
