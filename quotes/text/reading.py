"""A reading: everything known about an article without asking a model, gathered once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quotes.text.language import guess_language
from quotes.text.names import Name, find_names
from quotes.text.paragraphs import find_paragraphs
from quotes.text.quotations import Quotation, find_quotations
from quotes.text.sentences import find_sentences

if TYPE_CHECKING:
    from quotes.model import Spans


@dataclass(frozen=True, slots=True)
class Reading:
    """*text* and what stands in it. All offsets count into *text*; every tuple is in text order."""

    text: str
    language: str
    paragraphs: Spans
    sentences: Spans
    quotations: tuple[Quotation, ...]
    roster: tuple[Name, ...]
    worked_out: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What follows from all this and was asked for before, such as the words of its sentences, kept by name."""

    def sentence_at(self, offset: int) -> int:
        """Index of the last sentence that starts at or before *offset*; 0 before the first one."""
        return _last_at(self.sentences, offset)

    def paragraph_at(self, offset: int) -> int:
        """Index of the last paragraph that starts at or before *offset*; 0 before the first one."""
        return _last_at(self.paragraphs, offset)

    def quotation_at(self, offset: int) -> Quotation | None:
        """The innermost quotation whose outer span holds *offset*."""
        index = bisect_right(self.quotations, offset, key=lambda quotation: quotation.outer.start) - 1
        found = self.quotations[index] if index >= 0 else None
        while found is not None and offset >= found.outer.end:
            found = None if found.parent is None else self.quotations[found.parent]
        return found


def _last_at(spans: Spans, offset: int) -> int:
    return max(bisect_right(spans, offset, key=lambda span: span.start) - 1, 0)


def read(text: str, language: str | None = None) -> Reading:
    """Read *text*, in *language* or the one it seems to be written in. Pure, and linear in its length."""
    language = language or guess_language(text)
    paragraphs = find_paragraphs(text)
    quotations = find_quotations(text, paragraphs)
    sentences = find_sentences(text, paragraphs, quotations, language)
    roster = find_names(text, sentences, language)
    return Reading(text, language, paragraphs, sentences, quotations, roster)
