"""Annotations: what scoring needs to know of a quote, whether a person marked it or a program found it."""

from __future__ import annotations

from dataclasses import dataclass

from quotes.model import Confidence, Quote, Spans, SpeakerKind


@dataclass(frozen=True, slots=True)
class Annotation:
    """One quote of a gold file or of a prediction.

    Spans are code-point offsets into the article's text. *speaker* is where the source is mentioned, *name* what it
    is called; a quote without a speaker has neither. *kind* and *confidence* are what a record says; gold says
    neither. The type is not here: scoring recomputes it from the text.
    """

    content: Spans
    speaker: Spans = ()
    name: str | None = None
    cue: Spans = ()
    kind: SpeakerKind | None = None
    confidence: Confidence | None = None

    @property
    def has_speaker(self) -> bool:
        """Whether anybody is said to be the source."""
        return bool(self.name or self.speaker)


def annotation_of(quote: Quote) -> Annotation:
    """*quote* of a record as scoring sees it."""
    speaker = quote.speaker
    return Annotation(quote.content, speaker.mention, speaker.name, quote.cue, speaker.kind, quote.confidence)
