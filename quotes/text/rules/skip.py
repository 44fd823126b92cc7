"""Quotations that are no quotes: words at a distance, titles of works, terms and nicknames, told by form and place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quotes.model import SkipReason
from quotes.text.cues import Lexicon
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import COMMON, NAMING, ON_IN, TITLES, WORKS

if TYPE_CHECKING:
    from quotes.text.quotations import Quotation

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")

SHORT = 4
"""Words up to which a quotation without a cue is taken for none."""


LONGEST_TITLE = 12
"""Words."""


LONGEST_NICKNAME = 3
"""Words."""


def skip_reason(unit: Unit, i: int, text: str, quotation: Quotation, lexicon: Lexicon) -> SkipReason | None:
    """Why the quotation at *i* of *unit*, which no pattern attributed, is none; ``None`` where that is open."""
    inner = quotation.inner.of(text)
    words = _WORD.findall(inner)
    if not words or unit.only_quotes():
        return None
    grammar = Grammar(unit, lexicon)
    if grammar.is_in(i - 1, NAMING) or (len(words) <= LONGEST_NICKNAME and _is_inside_name(grammar, i)):
        return "term"
    if grammar.is_in(i - 1, WORKS) or (_is_title(words, lexicon) and (_is_long_title(words) or not _ends(inner))):
        return "title" if len(words) > 1 or grammar.is_in(i - 1, WORKS | ON_IN) else "scare"
    return "scare" if len(words) <= SHORT and not _ends(inner) else None


def _is_inside_name(grammar: Grammar, i: int) -> bool:
    """Whether the quotation stands between the words of a name: Robert “Bob” Lane."""
    capitals = 0 < i < len(grammar.unit) - 1 and all(grammar.unit.words[k][:1].isupper() for k in (i - 1, i + 1))
    return capitals and not grammar.is_in(i - 1, COMMON | TITLES) and grammar.is_name(i + 1)


def _ends(inner: str) -> bool:
    """Whether the words end as a sentence or its first half does."""
    return inner.rstrip()[-1:] in {",", ".", "!", "?"}


def _is_long_title(words: list[str]) -> bool:
    """Whether so many words have a capital that they are a title even where punctuation follows inside the marks."""
    return len(words) <= LONGEST_TITLE and sum(word[:1].isupper() and len(word) > 3 for word in words) >= 2


def _is_title(words: list[str], lexicon: Lexicon) -> bool:
    return (
        len(words) <= LONGEST_TITLE
        and words[0][:1].isupper()
        and all(
            word[:1].isupper() or word[:1].isdigit() or len(word) <= 4 or lexicon.has("prepositions", word)
            for word in words
        )
        and any(word[:1].isupper() for word in words[1:] or words)
    )
