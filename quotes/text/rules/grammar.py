"""Grammar: what kind of word stands at a place of a unit, told by closed word classes alone, without a parser."""

from __future__ import annotations

from dataclasses import dataclass

from quotes.text.cues import Lexicon
from quotes.text.rules.units import Unit

_STOPS = frozenset({";", ":", "(", ")", "[", "]", "—", "–", "--", "-", ".", "?", "!", "…", "/", "|"})
_DASHES = frozenset({"—", "–", "--", "-"})


@dataclass(frozen=True, slots=True)
class Grammar:
    """Questions about single words of *unit*; positions beyond its ends are answered with no."""

    unit: Unit
    lexicon: Lexicon

    def is_in(self, i: int, *classes: str) -> bool:
        """Whether the word at *i* belongs to one of the word *classes*."""
        lows = self.unit.lows
        found = self.lexicon.classes.get(lows[i]) if 0 <= i < len(lows) else None
        return found is not None and not found.isdisjoint(classes)

    def ends_like(self, i: int, endings: str) -> bool:
        """Whether the word at *i* ends as the word class *endings* lists it ("ing", "ed")."""
        return self.unit.low(i).endswith(self.lexicon.endings.get(endings, ("\0",)))

    def is_name(self, i: int) -> bool:
        """Whether the word at *i* is part of a name."""
        return 0 <= i < len(self.unit) and self.unit.names[i] >= 0

    def is_adverb(self, i: int) -> bool:
        """Whether the word at *i* may stand between a subject and its verb."""
        if self.is_in(i, "adverbs"):
            return True
        if not self.ends_like(i, "adverb_endings") or self.is_in(i, "nouns_like_adverbs"):
            return False
        return len(self.unit.lows[i]) > 4 and self.unit.words[i].islower()

    def is_cue(self, i: int) -> bool:
        """Whether a word at *i* attributes by itself, at least before "that" or next to a quotation."""
        rates = self.lexicon.cues.get((self.unit.low(i),))
        return rates is not None and max(rates["that"], rates["quote"]) >= 0.6 and self.unit.words[i].islower()

    def is_stop(self, i: int) -> bool:
        """Whether the place at *i* ends a clause: punctuation other than a comma, a quotation, or beyond the unit."""
        return not 0 <= i < len(self.unit) or self.unit.quotes[i] >= 0 or self.unit.lows[i] in _STOPS

    def is_dash(self, i: int) -> bool:
        """Whether a dash stands at *i*."""
        return self.unit.low(i) in _DASHES

    def is_noun(self, i: int) -> bool:
        """Whether the word at *i* can only be told to be a content word: part of a name, a noun, an adjective."""
        if self.is_name(i):
            return True
        if not self.is_open(i) or (self.lexicon.has("capital_nouns", "yes") and not self._is_german_noun(i)):
            return False
        if not self.is_cue(i) or self.is_in(i - 1, "determiners") or self.unit.low(i - 1).endswith(("'s", "s'")):
            return True
        return self.is_cue(i + 1) and self.is_in(i, "documents", "organizations", "groups", "anonymous", "titles")

    def _is_german_noun(self, i: int) -> bool:
        """Whether the word at *i* has a capital (39-Jährige too), or stands before one as an adjective does."""
        words = self.unit.words
        return (
            words[i].rpartition("-")[2][:1].isupper()
            or words[i][:1].isupper()
            or (i + 1 < len(words) and words[i + 1][:1].isupper() and self.is_open(i + 1))
        )

    def is_open(self, i: int) -> bool:
        """Whether the word at *i* is of no closed class: a noun, a verb, an adjective, a name."""
        if self.is_stop(i) or not (self.unit.lows[i][0].isalnum() or self.unit.lows[i][0] == "@"):
            return False
        closed = ("pronouns", "auxiliaries", "prepositions", "conjunctions", "determiners", "adverbs", "to", "days")
        return self.is_name(i) or not (self.is_in(i, *closed) or self.is_adverb(i))

    def is_boundary(self, i: int) -> bool:
        """Whether a clause begins or ends at *i*: a stop, a comma or a conjunction."""
        return self.is_stop(i) or self.unit.low(i) == "," or self.is_in(i, "conjunctions")
