"""Grammar: what kind of word stands at a place of a unit, told by closed word classes alone, without a parser."""

from __future__ import annotations

from quotes.text.cues import Lexicon
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import (
    ADVERB,
    ANONYMOUS,
    COMMA,
    CONJUNCTIONS,
    CUE,
    DASH,
    DETERMINERS,
    DOCUMENTS,
    GROUPS,
    NAME,
    NOUN,
    OPEN,
    ORGANIZATIONS,
    STOP,
    TITLES,
)

_BOUNDARY = STOP | COMMA | CONJUNCTIONS
_SPEAKERS = DOCUMENTS | ORGANIZATIONS | GROUPS | ANONYMOUS | TITLES


class Grammar:
    """Questions about single words of *unit*; positions beyond its ends are answered with no.

    *bits* are those of its words; *end* is past its last word.
    """

    __slots__ = ("bits", "end", "lexicon", "unit")

    def __init__(self, unit: Unit, lexicon: Lexicon) -> None:
        self.unit = unit
        self.lexicon = lexicon
        self.bits = unit.bits
        self.end = len(unit.bits)

    def is_in(self, i: int, classes: int) -> bool:
        """Whether the word at *i* has one of the bits *classes*: is of a word class, or of a form (`wordclasses`)."""
        return 0 <= i < self.end and self.bits[i] & classes != 0

    def at(self, i: int) -> int:
        """The bits of the word at *i*, to ask several questions of; none beyond the ends."""
        return self.bits[i] if 0 <= i < self.end else 0

    def is_name(self, i: int) -> bool:
        """Whether the word at *i* is part of a name."""
        return 0 <= i < self.end and self.bits[i] & NAME != 0

    def is_adverb(self, i: int) -> bool:
        """Whether the word at *i* may stand between a subject and its verb."""
        return 0 <= i < self.end and self.bits[i] & ADVERB != 0

    def is_cue(self, i: int) -> bool:
        """Whether a word at *i* attributes by itself, at least before "that" or next to a quotation."""
        return 0 <= i < self.end and self.bits[i] & CUE != 0

    def is_stop(self, i: int) -> bool:
        """Whether the place at *i* ends a clause: punctuation other than a comma, a quotation, or beyond the unit."""
        return not 0 <= i < self.end or self.bits[i] & STOP != 0

    def is_dash(self, i: int) -> bool:
        """Whether a dash stands at *i*."""
        return 0 <= i < self.end and self.bits[i] & DASH != 0

    def is_open(self, i: int) -> bool:
        """Whether the word at *i* is of no closed class: a noun, a verb, an adjective, a name."""
        return 0 <= i < self.end and self.bits[i] & OPEN != 0

    def is_noun(self, i: int) -> bool:
        """Whether the word at *i* can only be told to be a content word: part of a name, a noun, an adjective."""
        bits = self.bits[i] if 0 <= i < self.end else 0
        if bits & NOUN:
            return True
        if not bits & OPEN or (self.lexicon.has("capital_nouns", "yes") and not self._is_german_noun(i)):
            return False
        if not bits & CUE or self.is_in(i - 1, DETERMINERS) or self.unit.low(i - 1).endswith(("'s", "s'")):
            return True
        return bits & _SPEAKERS != 0 and self.is_cue(i + 1)

    def _is_german_noun(self, i: int) -> bool:
        """Whether the word at *i* has a capital (39-Jährige too), or stands before one as an adjective does."""
        words = self.unit.words
        return (
            words[i].rpartition("-")[2][:1].isupper()
            or words[i][:1].isupper()
            or (i + 1 < len(words) and words[i + 1][:1].isupper() and self.is_open(i + 1))
        )

    def is_boundary(self, i: int) -> bool:
        """Whether a clause begins or ends at *i*: a stop, a comma or a conjunction."""
        return not 0 <= i < self.end or self.bits[i] & _BOUNDARY != 0
