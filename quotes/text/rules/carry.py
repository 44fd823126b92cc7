"""Carrying on: quotations that stand alone and belong to what was said, announced or named before them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotes.model import Speaker
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.page import Draft, Page
from quotes.text.rules.phrases import Subject
from quotes.text.rules.uncued import introduction, last_named
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import TITLES

SHORTEST_CARRIED = 30
"""Code points a quotation must have that carries on from the paragraph before: shorter ones may be headings."""

LONGEST_CUE_UNIT = 14
"""Words of a sentence that is nothing but the cue of the quotation before it."""

SHORTEST_PULLED = 3
"""Words a pull quote has at least."""


def take_up(
    page: Page, unit: Unit, before: Unit | None, last: Draft | None, spoken: Draft | None
) -> tuple[Draft | None, Draft | None]:
    """What a unit of nothing but quotations belongs to: (a new draft, if it needs one; the draft that is now the last).

    It is announced by a colon, or carries on the content found *last*, or is by the person the sentence before it
    names, or goes on with what was *spoken* last in its paragraph.
    """
    fresh = [index for index in unit.quotes if index >= 0 and index not in page.owned]
    if not fresh:
        return None, last
    if before is not None:
        announced = introduction(before, page.lexicon)
        if announced is not None:
            subject, (first, end) = announced
            cue = (before.cover(first, end),) if first < end else ()
            draft = page.draft_alone("introduced", unit, before, subject, cue)
            return draft, draft
    if last is not None and _goes_on(last, unit):
        last.content.extend(page.pieces_of(fresh))
        last.paragraph = unit.paragraph
        return None, last
    if before is not None and before.paragraph == unit.paragraph:
        named = last_named(before, page.lexicon)
        if named is not None:
            draft = page.draft_alone("orphan", unit, before, named, ())
            return draft, draft
        if spoken is not None and spoken.paragraph == unit.paragraph:
            spoken.content.extend(page.pieces_of(fresh))
            return None, spoken
    return None, last


def _goes_on(last: Draft, unit: Unit) -> bool:
    if unit.paragraph == last.paragraph:
        return True
    return last.quoted and unit.paragraph == last.paragraph + 1 and unit.span.end - unit.span.start > SHORTEST_CARRIED


def said_after(page: Page, unit: Unit, before: Unit | None) -> Draft | None:
    """“It is over.” Ruiz said. The quotation *before* ended its sentence, so its cue stands in one of its own."""
    if before is None or not before.only_quotes() or before.paragraph != unit.paragraph or len(unit) > LONGEST_CUE_UNIT:
        return None
    if all(index in page.owned for index in before.quotes if index >= 0):
        return None
    for case in page.cases.of(unit):
        subject = case.left.subject
        if subject is not None and subject.first == 0 and case.complement.frame == "end" and case.rates["quote"] >= 0.7:
            return page.draft_alone("said_after", before, unit, subject, (unit.cover(case.first, case.last),))
    return None


def is_signature(page: Page, unit: Unit | None, before: Unit) -> bool:
    """Whether *unit* does nothing but name the one the quotation *before* it is by: — Mara Ruiz, mayor."""
    return unit is not None and unit.paragraph == before.paragraph + 1 and _signer(page, unit) is not None


def _signer(page: Page, unit: Unit) -> Subject | None:
    """The name of a line of few words that begins with it: behind a dash, or in capitals."""
    grammar = Grammar(unit, page.lexicon)
    first = 1 if grammar.is_dash(0) else 0
    end = first
    while grammar.is_name(end) or grammar.is_in(end, TITLES):
        end += 1
    if end == first or len(unit) > LONGEST_CUE_UNIT or not (first or all(word.isupper() for word in unit.words[:end])):
        return None
    closed = end == len(unit) or unit.lows[end] in {",", "(", ".", "—", "–", "-"}
    return Subject(first, end, "name") if closed else None


def sign(page: Page, unit: Unit, before: Unit | None) -> Draft | None:
    """“No more.” ¶ — Mara Ruiz, mayor: the quotation *before* by the name a line signs it with."""
    if before is None or not before.only_quotes() or before.paragraph == unit.paragraph:
        return None
    if all(index in page.owned for index in before.quotes if index >= 0):
        return None
    signer = _signer(page, unit)
    return None if signer is None else page.draft_alone("signed", before, unit, signer, ())


def pull_quotes(page: Page, units: Sequence[Unit], drafts: Sequence[Draft]) -> list[Draft]:
    """Quotations that stand alone and repeat the words of an attributed one: by the same speaker."""
    alone = [unit for unit in units if unit.only_quotes()]
    if not alone:
        return []
    said: dict[str, Speaker] = {}
    for draft in drafts:
        for piece in draft.content:
            words = _words(piece.of(page.text)) if piece.end - piece.start < 1000 else ""
            if words.count(" ") + 1 >= SHORTEST_PULLED:
                said.setdefault(words, draft.speaker)
    pulled = []
    for unit in alone:
        for i, index in enumerate(unit.quotes):
            if index < 0 or index in page.owned:
                continue
            speaker = said.get(_words(page.quotations[index].inner.of(page.text)))
            if speaker is not None:
                content = list(page.pieces_of([unit.quotes[i]]))
                pulled.append(Draft("pull_quote", content, (), speaker, quoted=True, paragraph=unit.paragraph))
    return pulled


def _words(printed: str) -> str:
    return " ".join(_WORD.findall(printed.lower()))


_WORD = re.compile(r"\w+")
