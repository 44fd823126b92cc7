"""Nested quotations: what somebody is quoted as quoting, where a cue beside it says so: “He told me ‘run’.”"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from quotes.model import Span
from quotes.text.cues import Lexicon
from quotes.text.names import Name
from quotes.text.rules.case import Found, cases_of
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.patterns import apply_patterns
from quotes.text.rules.phrases import Subject
from quotes.text.rules.units import Unit, mentioned, read_unit
from quotes.text.rules.wordclasses import (
    ANONYMOUS,
    ARTICLES,
    DETERMINERS,
    DOCUMENTS,
    GROUPS,
    ORGANIZATIONS,
    THAT,
    TITLES,
    WHICH,
    YOU_IT,
    vocabulary_of,
)

if TYPE_CHECKING:
    from quotes.text.quotations import Quotation

WINDOW = 200
"""Code points on either side of a nested quotation in which its cue is looked for."""

_BORDER = re.compile(r"[.?!…][\"'”’»]?\s+")


def find_nested(
    text: str, quotations: Sequence[Quotation], roster: Sequence[Name], lexicon: Lexicon
) -> Iterator[tuple[Unit, Found]]:
    """The attributions of the quotations of *text* that stand inside others, each with the unit it was found in."""
    mentions = mentioned(roster)
    for quotation in quotations:
        if quotation.parent is None or quotation.inner.start >= quotation.inner.end:
            continue
        unit = read_unit(
            text,
            _around(text, quotation, quotations[quotation.parent]),
            [quotation],
            mentions,
            vocabulary_of(lexicon.language),
        )
        found = _attributed(unit, quotation.index, lexicon)
        if found is not None:
            yield unit, found


def _around(text: str, quotation: Quotation, parent: Quotation) -> Span:
    """The sentence of the nested quotation inside its parent, WINDOW wide at most."""
    start = max(parent.inner.start, quotation.outer.start - WINDOW)
    for border in _BORDER.finditer(text, start, quotation.outer.start):
        start = border.end()
    end = min(parent.inner.end, quotation.outer.end + WINDOW)
    border_after = _BORDER.search(text, quotation.outer.end, end)
    return Span(start, border_after.start() if border_after else end)


def _attributed(unit: Unit, index: int, lexicon: Lexicon) -> Found | None:
    place = unit.quotes.index(index)
    for case in cases_of(unit, lexicon):
        beside = case.complement.start == place and case.complement.frame == "quote"
        found = apply_patterns(case) if beside or case.last < place + 6 else None
        if found is None or found.subject is None or case.left.negated or case.rates["quote"] < 0.8:
            continue
        if not _can_speak(case.grammar, found.subject):
            continue
        if beside or found.pattern in {"quote_subject_cue", "quote_cue_subject"}:
            return Found("nested", found.cue, found.subject, ((place, place + 1),))
    return None


_HEADS = GROUPS | ANONYMOUS | TITLES | ORGANIZATIONS | DOCUMENTS


def _can_speak(grammar: Grammar, subject: Subject) -> bool:
    """Whether the words are sure to name somebody; speech is too loose for a guess ("he's kind of like 'wow'")."""
    if subject.how == "noun":
        return grammar.is_in(subject.first, ARTICLES) or grammar.is_in(subject.last - 1, _HEADS)
    return subject.how == "name" or not grammar.is_in(subject.first, YOU_IT | DETERMINERS | THAT | WHICH)
