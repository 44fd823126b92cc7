"""The values everything else passes around: articles, spans, quotes, and the outcome of one article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from quotes.exchange import Usage

if TYPE_CHECKING:
    import pandas

QuoteType = Literal["direct", "indirect", "mixed"]
SpeakerKind = Literal["person", "organization", "document", "group", "anonymous", "unknown"]
SkipReason = Literal["scare", "title", "term", "other"]
Confidence = Literal["high", "medium", "low"]
AttributorName = Literal["model", "rules", "person"]
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

JOINT = " … "


def words_of(spans: Spans, text: str) -> str:
    """The words of *spans* as a record repeats them, the pieces joined with `` … ``. For reading: the spans are the
    truth."""
    return JOINT.join([span.of(text) for span in spans])


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


class Words(NamedTuple):
    """The words of the parts of a quote, as a record repeats them: all there is where it leaves its text out."""

    content: str
    cue: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote of the record. Its pieces of *content* stand in text order and do not overlap.

    *chunk* and *key* name the request whose reply it came from; both are ``None`` for a quote that only
    the rules found. *within* is the text that its spans count into, or, of a record without its text, the words
    themselves: an `Extraction` sees to it, and it is no part of what makes two quotes equal.
    """

    type: QuoteType
    content: Spans
    cue: Spans
    speaker: Speaker
    confidence: Confidence
    by: tuple[AttributorName, ...]
    chunk: int | None = None
    key: str | None = None
    within: str | Words = field(default="", repr=False, compare=False)

    @property
    def text(self) -> str:
        """What was said, its pieces joined with `` … ``; empty for a quote that belongs to no extraction."""
        return self.within.content if isinstance(self.within, Words) else words_of(self.content, self.within)

    @property
    def cue_text(self) -> str:
        """The words that attribute it; empty where there are none."""
        return self.within.cue if isinstance(self.within, Words) else words_of(self.cue, self.within)

    @property
    def speaker_text(self) -> str:
        """Its speaker as mentioned there (“she”); empty where none is printed. The name is in *speaker*."""
        return self.within.speaker if isinstance(self.within, Words) else words_of(self.speaker.mention, self.within)

    def __str__(self) -> str:
        from quotes.formats.notebook import quote_line

        return quote_line(self)

    def _repr_html_(self) -> str:
        """The quote as a notebook shows it."""
        from quotes.formats.notebook import quote_html

        return quote_html(self)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """The quote as IPython prints it."""
        printer.text(str(self))


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

    def __post_init__(self) -> None:
        text = self.article.text
        if text and any(quote.within is not text for quote in self.quotes):
            bound = (quote if quote.within is text else replace(quote, within=text) for quote in self.quotes)
            object.__setattr__(self, "quotes", tuple(bound))

    def quote_text(self, quote: Quote) -> str:
        """The words of *quote*, which need not be one of this extraction, in its article."""
        return words_of(quote.content, self.article.text) if self.article.text else quote.text

    def to_pandas(self) -> pandas.DataFrame:
        """The quotes as a table, a row each, with the columns of `quotes.to_pandas`.

        Raises:
            UsageError: pandas is not installed.
        """
        from quotes.formats.frames import to_pandas

        return to_pandas([self])

    def __str__(self) -> str:
        from quotes.formats.notebook import extraction_lines

        return extraction_lines(self)

    def _repr_html_(self) -> str:
        """The article with its quotes as a notebook shows it."""
        from quotes.formats.notebook import extraction_html

        return extraction_html(self)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """The extraction as IPython prints it."""
        printer.text(str(self))
