"""Attribution by rules: the patterns over a whole article, what goes on joined, the rest classed or left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from quotes.model import Attribution, Skipped, Span
from quotes.text.cues import Lexicon, load_lexicon
from quotes.text.rules.bracket import find_second, opened
from quotes.text.rules.carry import is_signature, pull_quotes, said_after, sign, take_up
from quotes.text.rules.case import Case, Found, cases_in
from quotes.text.rules.cast import cast_of
from quotes.text.rules.dialogue import Turn, find_turns
from quotes.text.rules.indirect import report_on
from quotes.text.rules.nested import find_nested
from quotes.text.rules.page import Draft, Page
from quotes.text.rules.patterns import apply_patterns
from quotes.text.rules.skip import skip_reason
from quotes.text.rules.uncued import find_uncued
from quotes.text.rules.units import Unit, split_units
from quotes.text.rules.wordclasses import CUE_START, QUOTATION
from quotes.text.rules.words import trimmed

if TYPE_CHECKING:
    from quotes.text.reading import Reading


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """What the rules say about an article.

    *patterns* runs parallel to *attributions* and names the pattern each came from. A quotation that
    is neither in an attribution nor in *skipped* is open.
    """

    attributions: tuple[Attribution, ...]
    skipped: tuple[Skipped, ...]
    patterns: tuple[str, ...]


def attribute_by_rules(reading: Reading) -> RuleFindings:
    """Who said what in *reading*, by explicit patterns alone.

    Deterministic, and linear in the length of the text. All spans are code-point offsets into ``reading.text``;
    the pieces of one content stand in order and do not overlap.
    """
    findings: RuleFindings | None = reading.worked_out.get("rules")
    if findings is None:
        findings = reading.worked_out["rules"] = _attribute(reading)
    return findings


def _attribute(reading: Reading) -> RuleFindings:
    lexicon = load_lexicon(reading.language)
    units = split_units(reading)
    page = Page(
        reading.text,
        reading.quotations,
        lexicon,
        cases_in(reading),
        cast_of(reading.text, reading.roster, units, lexicon),
        {q.continues: q.index for q in reading.quotations if q.continues is not None},
    )
    turns = {turn.paragraph: turn for turn in find_turns(reading.text, reading.paragraphs, reading.roster, lexicon)}
    drafts = [_turn_draft(page, turn) for turn in turns.values()]
    leftover: list[Unit] = []
    drafts += _drafts(page, (unit for unit in units if unit.paragraph not in turns) if turns else units, leftover)
    drafts += pull_quotes(page, leftover, drafts)
    nested = find_nested(reading.text, reading.quotations, reading.roster, lexicon)
    drafts += [draft for draft in (page.draft(unit, found) for unit, found in nested) if draft.content]
    drafts.sort(key=lambda draft: (draft.content[0], draft.cue))
    attributions = tuple(Attribution(tuple(draft.content), draft.cue, draft.speaker) for draft in drafts)
    skipped = tuple(_skipped(page, leftover, attributions))
    return RuleFindings(attributions, skipped, tuple(draft.pattern for draft in drafts))


def _turn_draft(page: Page, turn: Turn) -> Draft:
    cue = Span(turn.label.end, page.text.index(":", turn.label.end) + 1)
    return Draft(
        "turn", [turn.content], (trimmed(page.text, cue),), turn.speaker, quoted=False, paragraph=turn.paragraph
    )


def _drafts(page: Page, units: Iterable[Unit], leftover: list[Unit]) -> list[Draft]:
    """What is found in *units*; those with a quotation that nothing took when it was read are added to *leftover*."""
    drafts: list[Draft] = []
    last: Draft | None = None
    spoken: Draft | None = None
    before: Unit | None = None
    alone = False
    reporting = "reporting" in page.lexicon.words
    telling = -1 if page.lexicon.has("verb_second", "yes") else CUE_START | QUOTATION
    for unit, following in pairwise(chain(units, (None,))):
        if unit is None:
            break
        late: Draft | None = None
        if alone and before is not None:
            late = sign(page, unit, before) or said_after(page, unit, before)
        alone = unit.only_quotes()
        if late is not None:
            drafts.append(late)
            last = late
        elif alone:
            if not is_signature(page, following, unit):
                new, last = take_up(page, unit, before, last, spoken)
                drafts += [new] if new is not None else []
        else:
            found = _unit_drafts(page, unit) if unit.seen & telling else []
            drafts += found
            quoted = [draft for draft in found if draft.quoted]
            if found:
                last = quoted[-1] if quoted else found[-1]
            else:
                new, last = report_on(page, unit, before, last) if reporting else (None, None)
                drafts += [new] if new is not None else []
        if last is not None and last.quoted:
            spoken = last
        if unit.quoted and any(unit.quotes[i] not in page.owned for i in unit.quoted):
            leftover.append(unit)
        before = unit
    return drafts


def _unit_drafts(page: Page, unit: Unit) -> list[Draft]:
    """The drafts of one unit, left to right; what is wholly quoted takes its quotations before clauses around it do."""
    found = _found(page, unit)
    if not found:
        return []
    order = sorted(range(len(found)), key=lambda i: any(last - first > 1 for first, last in found[i].pieces))
    drafts = {i: page.draft(unit, found[i]) for i in order}
    return [drafts[i] for i in range(len(found)) if drafts[i].content]


def _found(page: Page, unit: Unit) -> list[Found]:
    """What the patterns find in *unit*, without the attributions inside the content of others that own no quotation."""
    found: list[tuple[Found, Case]] = []
    for case in page.cases.of(unit):
        one = apply_patterns(case)
        if one is None:
            continue
        if case.left.negated and one.pattern != "cue_plain":
            page.denied.update(unit.quotes[i] for first, last in one.pieces for i in range(first, last))
        elif not case.left.negated:
            found.append((one, case))
    kept = [
        one for one, case in found if not _is_swallowed(one, case, [other for other, _ in found if other is not one])
    ]
    if page.lexicon.has("verb_second", "yes"):
        kept = _with_second(unit, page.lexicon, kept)
    if any(unit.quotes[i] not in page.denied for i in unit.quoted):
        taken = {i for one in kept for first, last in one.pieces for i in range(first, last)}
        taken.update(i for i, index in enumerate(unit.quotes) if index in page.denied)
        kept.extend(find_uncued(unit, page.lexicon, frozenset(taken), kept))
    return kept


def _with_second(unit: Unit, lexicon: Lexicon, kept: list[Found]) -> list[Found]:
    """*kept* with what stands in verb brackets and source phrases, which tell more than the cue they share does."""
    second = find_second(unit, lexicon)
    outer = [one for one in second if not any(other is not one and _holds(other, one) for other in second)]
    rest = [
        one
        for one in kept
        if not any(_share(one.cue, other.cue) or _is_inside(one.cue, other.pieces) for other in outer)
    ]
    return [one for one in (opened(one, unit, lexicon) for one in rest) if one is not None] + outer


def _holds(outer: Found, inner: Found) -> bool:
    """Whether *inner* stands inside the content of *outer*; of two that stand in one another the first holds."""
    within = _is_inside(inner.cue, outer.pieces)
    return within and not (_is_inside(outer.cue, inner.pieces) and inner.cue < outer.cue)


def _is_inside(cue: tuple[int, int], pieces: Sequence[tuple[int, int]]) -> bool:
    return any(first <= cue[0] and cue[1] <= last for first, last in pieces)


def _share(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_swallowed(one: Found, case: Case, others: Sequence[Found]) -> bool:
    """Whether *one* stands inside the content of another.

    Annotators seldom mark those apart, so only a strong cue whose own quotation follows is kept: Diaz said Wu told
    her “stop”.
    """
    first, last = one.cue
    if not any(begin <= first and last <= end for other in others for begin, end in other.pieces):
        return False
    embedded = case.complement.frame == "quote" and case.rates["quote"] >= 0.9
    return not embedded or one.subject is None or one.subject.how == "pronoun"


def _skipped(page: Page, units: Sequence[Unit], attributions: Sequence[Attribution]) -> Iterator[Skipped]:
    covered = _covered(page, sorted(piece for attribution in attributions for piece in attribution.content))
    for unit in units:
        for i, index in enumerate(unit.quotes):
            if index < 0 or index in covered:
                continue
            reason = skip_reason(unit, i, page.text, page.quotations[index], page.lexicon)
            if index in page.denied:
                reason = "other"
            if reason is not None:
                yield Skipped(page.quotations[index].outer, reason)


def _covered(page: Page, pieces: Sequence[Span]) -> set[int]:
    """The quotations whose words lie inside one of *pieces*, sorted."""
    covered: set[int] = set()
    reach = at = 0
    for quotation in page.quotations:
        inner = trimmed(page.text, quotation.inner)
        while at < len(pieces) and pieces[at].start <= inner.start:
            reach = max(reach, pieces[at].end)
            at += 1
        if inner.end <= reach:
            covered.add(quotation.index)
    return covered
