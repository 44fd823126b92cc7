"""Indirect speech that goes on: sentences in the subjunctive of report, whose speaker an earlier one named.

Er kündigte Einschnitte an. Diese seien hart, aber nötig.
"""

from __future__ import annotations

from quotes.model import Span
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.page import Draft, Page
from quotes.text.rules.phrases import Subject
from quotes.text.rules.subjects import first_subject
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import (
    ADVERBS,
    AUXILIARIES,
    CLAUSAL,
    COMMON,
    HEARSAY,
    HEARSAY_ENDS,
    IMPERSONAL,
    REPORTING,
    REPORTING_WEAKLY,
    SUBORDINATES,
    THAT,
    WH,
)

PATTERN = "indirect"


def report_on(page: Page, unit: Unit, before: Unit | None, last: Draft | None) -> tuple[Draft | None, Draft | None]:
    """What a sentence without a cue reports: (a new draft, if it needs one; the draft that is now the last).

    It goes on with the content found *last* in its paragraph, or else is by the subject of the sentence *before*
    it. Sentences that go on with one another are one content. A language whose lexicon lists no subjunctive has none.
    """
    if "reporting" not in page.lexicon.words or before is None or before.paragraph != unit.paragraph:
        return None, None
    grammar = Grammar(unit, page.lexicon)
    if last is not None and last.paragraph != unit.paragraph:
        last = None
    if not _reports(grammar, weakly=last is not None):
        return None, None
    span = unit.cover(0, _last_word(unit) + 1)
    held = [index for index in unit.quotes if index >= 0]
    if last is not None and last.pattern == PATTERN:
        page.owned.update(held)
        last.content[-1] = Span(last.content[-1].start, span.end)
        last.quoted = last.quoted or bool(held)
        return None, last
    if last is not None:
        speaker = last.speaker
    else:
        subject = _topic(Grammar(before, page.lexicon))
        if subject is None:
            return None, None
        speaker = page.speaker(before, subject)
    page.owned.update(held)
    draft = Draft(PATTERN, [span], (), speaker, quoted=bool(held), paragraph=unit.paragraph)
    return draft, draft


def _topic(grammar: Grammar) -> Subject | None:
    """Whom the sentence is about, where that can be somebody who speaks."""
    subject = first_subject(grammar, len(grammar.unit))
    if subject is None or grammar.is_in(subject.first, IMPERSONAL):
        return None
    alone = subject.last == subject.first + 1 and subject.how == "noun"
    return None if alone and grammar.is_in(subject.first, COMMON | ADVERBS) else subject


def _reports(grammar: Grammar, *, weakly: bool) -> bool:
    """Whether the main verb stands in the subjunctive of report; *weakly* takes forms that have other uses too."""
    unit = grammar.unit
    classes = REPORTING | REPORTING_WEAKLY if weakly else REPORTING
    for i in range(len(unit)):
        if unit.quotes[i] >= 0 or not unit.words[i].islower():
            continue
        if grammar.is_in(i, classes):
            return i > 0 and _is_main(grammar, i)
        if weakly and grammar.is_in(i, HEARSAY) and _is_main(grammar, i):
            return grammar.is_in(_last_word(unit), HEARSAY_ENDS)
        if (grammar.is_in(i, AUXILIARIES) or grammar.is_cue(i)) and _is_main(grammar, i):
            return False
    return False


def _last_word(unit: Unit) -> int:
    """The place of the last word or quotation, 0 where there is none."""
    end = len(unit) - 1
    while end > 0 and unit.quotes[end] < 0 and not unit.lows[end][0].isalnum():
        end -= 1
    return end


def _is_main(grammar: Grammar, verb: int) -> bool:
    """Whether the finite verb at *verb* is that of the main clause: no comma before it opened another one."""
    i = verb
    while grammar.is_adverb(i - 1):
        i -= 1
    if grammar.unit.low(i - 1) == ",":
        return True
    commas = any(grammar.unit.lows[k] == "," for k in range(verb))
    return not commas and not grammar.is_in(0, CLAUSAL | THAT | WH | SUBORDINATES)
