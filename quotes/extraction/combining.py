"""Combining: of all that a model and the rules found in one article, what its record holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from quotes.extraction.agreement import similarity
from quotes.extraction.attributors import Findings, Found
from quotes.extraction.conversation import SILENCE
from quotes.extraction.ownership import carry_on
from quotes.extraction.places import ByPlace
from quotes.extraction.trust import Trust
from quotes.extraction.weighing import SAME_CONTENT, Weighed, choose, weigh_model, weigh_rules, weigh_unchecked
from quotes.model import NOBODY, QuoteType, SkipReason, Span, Spans, merged
from quotes.text import Quotation, Reading, classify

DOUBTED = "what was found for it is too doubtful"
"""Why a quotation is open for which something was found that is not believed."""


@dataclass(frozen=True, slots=True)
class Combined:
    """What holds of an article: *kept*, in no order, and the quotations by index that are *skipped* or still *open*."""

    kept: tuple[Weighed, ...]
    skipped: Mapping[int, SkipReason]
    open: Mapping[int, str]


@dataclass(frozen=True)
class Combination:
    """What was found in *reading*: by whoever was asked, and by the *rules*.

    Where a model is not *compared* with those, *rules* is empty and all that it found holds as it stands. Of a cascade,
    *settled* is what the rules are sure of, whatever a model makes of it, and *asked* are the lines it was shown;
    ``None`` for all of them.
    """

    reading: Reading
    findings: Findings
    rules: Findings
    trust: Trust
    settled: tuple[Found, ...] = ()
    asked: Spans | None = None
    compared: bool = True
    _kinds: dict[Spans, QuoteType] = field(default_factory=dict, init=False, repr=False, compare=False)

    def combined(self) -> Combined:
        """What holds, as far as *trust* goes."""
        return self._of_model() if self.findings.by == "model" else self._of_rules()

    def weighed(self) -> tuple[Weighed, ...]:
        """Everything found with its case, whether it holds or not: what calibration counts."""
        if self.findings.by == "model":
            return (*self._weighed_model, *self._settled, *self._weighed_nobodys)
        return weigh_rules(self.findings.found, self.kind, self.trust)

    def _of_rules(self) -> Combined:
        kept = choose(self.weighed(), self.trust.keep)
        left = self._owned_by_all(self.findings.found) - self._owned_by_all(item.found for item in kept)
        return Combined(kept, self.findings.skipped, {**dict.fromkeys(left, DOUBTED), **self.findings.open})

    def _of_model(self) -> Combined:
        findings = self.findings
        kept = [*self._settled, *choose(self._weighed_model, self.trust.keep)]
        covered = self._owned_by_all(item.found for item in kept if item.found.by == "model")
        unsaid = self._unsaid - covered
        fitted = [fit for item in kept if (fit := self._fitted(item, covered, unsaid)) is not None]
        taken = covered | self._owned_by_all(item.found for item in fitted)
        for nobody in self._weighed_nobodys:
            item = nobody.found
            content = tuple(piece for piece in item.attribution.content if not self._owned_by((piece,)) & taken)
            if content and nobody.precision >= self.trust.keep:
                fitted.append(
                    replace(nobody, found=replace(item, attribution=replace(item.attribution, content=content)))
                )
                taken |= self._owned_by(content)
        unasked = self._unasked()
        by_rules = {i: why for i, why in self.rules.skipped.items() if i in unsaid & findings.open.keys() | unasked}
        left = self._owned_by_all((*findings.found, *self.rules.found)) - taken
        return Combined(
            tuple(fitted), {**findings.skipped, **by_rules}, {**dict.fromkeys(left, DOUBTED), **findings.open}
        )

    def _unasked(self) -> set[int]:
        """The quotations no model was asked about: those that do not open in a line it was shown."""
        if self.asked is None:
            return set()
        shown: ByPlace[int] = ByPlace()
        shown.add(self.asked, 0)
        opening = ((q.index, Span(q.outer.start, q.outer.start + 1)) for q in self.reading.quotations)
        return {index for index, mark in opening if not shown.touching([mark])}

    def _fitted(self, item: Weighed, covered: set[int], unsaid: set[int]) -> Weighed | None:
        """*item*, or what is left of it where it is of the rules alone: a model's word on a quotation comes first."""
        if item.found.by == "model":
            return item
        mine = self._owned_by(item.found.attribution.content)
        if not mine & covered:
            return item
        if not mine & unsaid:
            return None
        content = merged(self.reading.quotations[i].inner for i in mine & unsaid)
        return replace(item, found=replace(item.found, attribution=replace(item.found.attribution, content=content)))

    @cached_property
    def _weighed_model(self) -> tuple[Weighed, ...]:
        if not self.compared:
            return weigh_unchecked(self._named, self.kind, self.trust)
        sure = {id(item) for item in self.settled}
        heard = [item for item in self.rules.found if id(item) not in sure and not self._is_unheard(item)]
        said_none = self.findings.skipped.keys() - self._owned_by_all(self._named)
        denied = [item for item in heard if self._owned_by(item.attribution.content) & said_none]
        silent = [item for item in heard if self._owned_by(item.attribution.content) & self._unsaid]
        return weigh_model(self._named, heard, denied, self.kind, self.trust, silent)

    @cached_property
    def _weighed_nobodys(self) -> tuple[Weighed, ...]:
        first = len(self.findings.found) + len(self.rules.found)
        weighed = []
        for question, item in enumerate(self._nobodys, first):
            case = f"nobody/{self.kind(item.attribution.content)}"
            weighed.append(Weighed(item, case, self.trust.precision(case), ("model",), question))
        return tuple(weighed)

    @cached_property
    def _settled(self) -> tuple[Weighed, ...]:
        """What the rules are sure of; its questions are not those of the others."""
        settled = weigh_rules(self.settled, self.kind, self.trust)
        return tuple(replace(item, question=-1 - item.question) for item in settled)

    def _repeats_settled(self, item: Found) -> bool:
        """Whether *item* has a cue or a quotation of what is settled, or its words."""
        near = self._settled_places.touching((*item.attribution.content, *item.attribution.cue))
        quoted = self._owned_by(item.attribution.content) & self._settled_quotations
        return bool(quoted) or any(
            similarity(item.attribution, other.attribution) >= SAME_CONTENT
            or any(a.overlaps(b) for a in item.attribution.cue for b in other.attribution.cue)
            for other in near
        )

    @cached_property
    def _settled_quotations(self) -> set[int]:
        return self._owned_by_all(self.settled)

    @cached_property
    def _settled_places(self) -> ByPlace[Found]:
        places: ByPlace[Found] = ByPlace()
        for item in self.settled:
            places.add((*item.attribution.content, *item.attribution.cue), item)
        return places

    def _is_unheard(self, item: Found) -> bool:
        """Whether a model could not be asked about what the rules found there."""
        mine = self._owned_by(item.attribution.content)
        places = (*item.attribution.content, *item.attribution.cue)
        return bool(mine & self._failed) or (not mine and bool(self._unheard.touching(places)))

    @cached_property
    def _failed(self) -> set[int]:
        """The quotations that a model was asked about in vain."""
        return {i for i, why in self.findings.open.items() if why != SILENCE}

    @cached_property
    def _unheard(self) -> ByPlace[int]:
        places: ByPlace[int] = ByPlace()
        for sentence in self.findings.unheard:
            places.add([sentence], 0)
        return places

    @cached_property
    def _named(self) -> tuple[Found, ...]:
        """What a model found that has a cue or a speaker, with the quotations carried on."""
        named = [item for item in self.findings.found if not _is_nobodys(item) and not self._repeats_settled(item)]
        return carry_on([q for q in self.reading.quotations if q.index not in self._settled_quotations], named)

    @cached_property
    def _nobodys(self) -> Sequence[Found]:
        return [item for item in self.findings.found if _is_nobodys(item) and not self._repeats_settled(item)]

    @cached_property
    def _unsaid(self) -> set[int]:
        """The quotations a model met with silence, or took for quotes of nobody: the rules may have a word on them."""
        silent = {i for i, why in self.findings.open.items() if why == SILENCE}
        return silent | self._owned_by_all(self._nobodys)

    def kind(self, content: Spans) -> QuoteType:
        """The type of a quote of *content*, looked up in the text once: it is asked for again and again."""
        kind = self._kinds.get(content)
        if kind is None:
            kind = self._kinds[content] = classify(self.reading.text, content, self._outermost)
        return kind

    @cached_property
    def _outermost(self) -> tuple[Quotation, ...]:
        """The quotations in no other: those inside tell nothing of a type, and one may hold thousands."""
        return tuple([quotation for quotation in self.reading.quotations if quotation.parent is None])

    def _owned_by_all(self, found: Iterable[Found]) -> set[int]:
        return self._owned_by(tuple(piece for item in found for piece in item.attribution.content))

    def _owned_by(self, content: Spans) -> set[int]:
        return set(self._places.touching(content))

    @cached_property
    def _places(self) -> ByPlace[int]:
        places: ByPlace[int] = ByPlace()
        for quotation in self.reading.quotations:
            places.add([quotation.inner], quotation.index)
        return places


def _is_nobodys(item: Found) -> bool:
    return not item.attribution.cue and item.attribution.speaker == NOBODY
