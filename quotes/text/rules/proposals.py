"""Proposals: attributions that a pattern would make if it believed the cue, for somebody who can judge them.

The rules keep only what was right often enough when it was counted. What they leave aside is offered here, with the
precision of its cue, so that a model can say yes or no to it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from quotes.model import Attribution, Span
from quotes.text.cues import FRAMES, Lexicon, load_lexicon
from quotes.text.reading import Reading
from quotes.text.rules.attribute import RuleFindings
from quotes.text.rules.case import Case, Cases, Found, cases_in
from quotes.text.rules.cast import cast_of
from quotes.text.rules.clauses import clause_end
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.page import Page
from quotes.text.rules.patterns import apply_patterns
from quotes.text.rules.phrases import right_of
from quotes.text.rules.subjects import first_subject
from quotes.text.rules.units import Unit, split_units
from quotes.text.rules.wordclasses import ADVERBS, AUXILIARIES

_LEAST_RATE = 0.2
"""Precision of a cue, in its frame, from which an attribution by it is worth a question."""

_CERTAIN: dict[str, float] = dict.fromkeys(FRAMES, 1.0)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An attribution the rules did not make. *pattern* is the one that would have, *rate* the precision (0 to 1) of
    its cue in that place, 0 where the cue is in no lexicon."""

    attribution: Attribution
    pattern: str
    rate: float


def find_proposals(reading: Reading, findings: RuleFindings) -> tuple[Proposal, ...]:
    """What the patterns would make of *reading* beside *findings*, in text order.

    Those are cues too weak to be believed, and the quotations that no cue of the lexicon stands by. A cue inside the
    content of another one is left out, and one that is negated.
    """
    lexicon = load_lexicon(reading.language)
    units = split_units(reading)
    cast = cast_of(reading.text, reading.roster, units, lexicon)
    cases = cases_in(reading)
    page = Page(reading.text, reading.quotations, lexicon, cases, cast, {})
    taken = _Taken(findings)
    proposals: list[Proposal] = []
    for unit in units:
        for found, rate in (*_weak(unit, cases, taken), *_uncued(unit, lexicon, taken, reading)):
            page.owned.clear()
            draft = page.draft(unit, found)
            if draft.content:
                attribution = Attribution(tuple(draft.content), draft.cue, draft.speaker)
                proposals.append(Proposal(attribution, found.pattern, rate))
    return tuple(sorted(proposals, key=lambda proposal: (proposal.attribution.content, proposal.attribution.cue)))


class _Taken:
    """The cues and contents of what was found."""

    def __init__(self, findings: RuleFindings) -> None:
        self.cues = frozenset(cue for attribution in findings.attributions for cue in attribution.cue)
        pieces = sorted(piece for attribution in findings.attributions for piece in attribution.content)
        self._starts = [piece.start for piece in pieces]
        self._reach = list(accumulate((piece.end for piece in pieces), max))

    def holds(self, span: Span) -> bool:
        """Whether *span* lies in what the contents cover from where one of them begins."""
        before = bisect_right(self._starts, span.start)
        return before > 0 and span.end <= self._reach[before - 1]


def _weak(unit: Unit, cases: Cases, taken: _Taken) -> list[tuple[Found, float]]:
    """What the patterns make of the cues of *unit* that nothing was found by, were they all certain."""
    found = []
    for case in cases.of(unit):
        rate = case.rates[case.complement.frame]
        cue = unit.cover(case.first, case.last)
        if cue in taken.cues or case.left.negated or taken.holds(cue):
            continue
        one = apply_patterns(_believed(case))
        if one is not None and (rate >= _LEAST_RATE or _holds_quotation(unit, one)):
            found.append((one, rate))
    return found


def _believed(case: Case) -> Case:
    return replace(case, rates=_CERTAIN)


def _holds_quotation(unit: Unit, found: Found) -> bool:
    return any(unit.is_quote(i) for first, last in found.pieces for i in range(first, last))


def _uncued(unit: Unit, lexicon: Lexicon, taken: _Taken, reading: Reading) -> Iterator[tuple[Found, float]]:
    """For the quotations of *unit* in no content: the subject and verb before them, or behind them."""
    grammar = Grammar(unit, lexicon)
    for i, index in enumerate(unit.quotes):
        if index >= 0 and not taken.holds(reading.quotations[index].inner):
            for one in (_verb_before(grammar, i), _verb_behind(grammar, i)):
                if one is not None:
                    yield one, 0.0


def _verb_before(grammar: Grammar, i: int) -> Found | None:
    """The choir had shrugged at a “minor” draught in its hall."""
    subject = first_subject(grammar, i)
    if subject is None:
        return None
    verb = _past_auxiliaries(grammar, subject.last, i)
    if verb >= i or not grammar.is_open(verb):
        return None
    stop = clause_end(grammar, verb + 1, frozenset())
    return Found("subject_verb_quote", (verb, verb + 1), subject, ((verb + 1, stop),)) if stop > i else None


def _past_auxiliaries(grammar: Grammar, start: int, stop: int) -> int:
    while start < stop and (grammar.is_in(start, AUXILIARIES | ADVERBS) or grammar.is_adverb(start)):
        start += 1
    return start


def _verb_behind(grammar: Grammar, i: int) -> Found | None:
    """“No,” puts it the deputy mayor."""
    verb = i + 2 if grammar.unit.low(i + 1) == "," else i + 1
    subject = right_of(grammar, verb + 1) if grammar.is_open(verb) else None
    return Found("quote_verb_subject", (verb, verb + 1), subject, ((i, i + 1),)) if subject is not None else None
