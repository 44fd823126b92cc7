"""Folding: a run's record and a reviewer's decisions as one reviewed article.

The decisions were made on this or an earlier run over the same text. A quote of the run and a decision belong together
where the content is equal, first that of the decision's target, then that of what the reviewer made of it; a run that
has both has one quote there. What a person has accepted, corrected, added or passed stays, also where this run has
nothing there. What nobody has seen is open, also in an article that was called done.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quotes.model import (
    NOBODY,
    Article,
    Extraction,
    Quote,
    Skipped,
    Span,
    Spans,
    Speaker,
    Unresolved,
)
from quotes.review.decisions import Choice, Decided, Decision, Left, Passed, Standing, Target, Verdict, decided
from quotes.text import Covered, Quotation, classify, find_quotations

_OPEN = Standing()

_STANDS: Final = ("accepted", "passed")
"""The verdicts of a person's that make a quote."""

_UNRESOLVED_THEN: Final = "left unresolved by the reviewer"


@dataclass(frozen=True, slots=True)
class Item:
    """One quote under review: what the run found, if it did, and what is decided about it.

    *target* is its lasting name; *choice* what it is now.
    """

    target: Target
    verdict: Verdict
    choice: Choice
    found: Quote | None
    added: bool
    note: str

    @property
    def kept(self) -> bool:
        """Whether an earlier run found it and this one did not: it stands because a person said so."""
        return self.found is None and not self.added

    @property
    def changed(self) -> bool:
        """Whether a person has made something else of what the run found."""
        return self.found is not None and self.choice != choice_of(self.found)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An article under review, *found* being what the run had.

    *items* stand in text order, rejected ones among them. *skipped* and *unresolved* hold every quotation of the text
    that belongs to no quote but rejected ones; *passed* are the unresolved ones with which it was called done.
    """

    found: Extraction
    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    unresolved: tuple[Unresolved, ...]
    decided: Decided

    @property
    def article(self) -> Article:
        """The article itself."""
        return self.found.article

    @property
    def passed(self) -> tuple[Span, ...]:
        """The unresolved quotations that the article was called done with: nobody has to class them any more."""
        return tuple(one.span for one in self.unresolved if one.span in self.decided.unclassed)

    @property
    def open(self) -> int:
        """How much a person has still to decide: quotes, and quotations nobody has classed."""
        return sum(item.verdict == "open" for item in self.items) + len(self.unresolved) - len(self.passed)

    @property
    def done(self) -> bool:
        """Whether it is called done, and nothing has come up since."""
        return self.decided.done and self.open == 0

    @property
    def is_reviewed(self) -> bool:
        """Whether it counts as gold: looked at, by the quote or as a whole, and nothing of it open."""
        return self.decided.undoable > 0 and self.open == 0

    @property
    def standing(self) -> tuple[Item, ...]:
        """The items that are quotes: all but the rejected ones."""
        return tuple(item for item in self.items if item.verdict != "rejected")

    def done_now(self) -> Decision:
        """The decision that calls it done as it stands."""
        waiting = (item for item in self.items if item.verdict in ("open", "passed"))
        left = [Left(one.span, one.reason) for one in self.skipped]
        left += [Left(one.span) for one in self.unresolved]
        return Decision("done", passed=tuple(Passed(item.target, item.choice) for item in waiting), left=tuple(left))

    def extraction(self, quotations: Sequence[Quotation]) -> Extraction:
        """The run's record with what is decided in place of what was found: without rejected quotes, and sound.

        What a person stands for is ``high`` and also by that person. Types are those of the quotation marks, as a
        record promises; one that was said against them is in the gold.
        """
        text = self.article.text
        quotes = tuple(_record_quote(item, text, quotations) for item in self.standing)
        return replace(self.found, quotes=quotes, skipped=self.skipped, unresolved=self.unresolved)

    def shown(self, quotations: Sequence[Quotation]) -> Extraction:
        """The record as the page shows it: all items, rejected ones too, as sure as the run was of them."""
        quotes = tuple(quote_of(item, self.article.text, quotations) for item in self.items)
        return replace(self.found, quotes=quotes, skipped=self.skipped, unresolved=self.unresolved)

    def looks_like(self, other: Reviewed) -> bool:
        """Whether :meth:`shown` is the same of both, which are of one run: at most verdicts and notes differ."""
        return (self.skipped, self.unresolved) == (other.skipped, other.unresolved) and [
            (item.target, item.choice) for item in self.items
        ] == [(item.target, item.choice) for item in other.items]


def fold(found: Extraction, decisions: Iterable[Decision], quotations: Sequence[Quotation] | None = None) -> Reviewed:
    """*found* as the *decisions* on its text leave it. *quotations* are those of the text, where they are known."""
    text = found.article.text
    known = find_quotations(text) if quotations is None else quotations
    now = decided(decisions)
    items = tuple(sorted(_items(found, now.standings), key=lambda item: item.choice.content))
    contents = [item.choice.content for item in items if item.verdict != "rejected"]
    skipped, unresolved = _accounts(found, contents, now, known)
    return Reviewed(found, items, skipped, unresolved, now)


def choice_of(quote: Quote) -> Choice:
    """What *quote* is as the run has it, its type left to the quotation marks."""
    speaker = quote.speaker
    return Choice(quote.content, quote.cue, speaker.mention, speaker.name_span, speaker.kind)


def quote_of(item: Item, text: str, quotations: Sequence[Quotation]) -> Quote:
    """*item* as a quote with what the run says of it. One that only a person has is ``high`` and by that person."""
    choice = item.choice
    name = None if choice.name_span is None else choice.name_span.of(text)
    speaker = Speaker(choice.mention, name, choice.name_span, choice.kind) if choice.mention else NOBODY
    return Quote(
        choice.type or classify(text, choice.content, quotations),
        choice.content,
        choice.cue,
        speaker,
        item.found.confidence if item.found else "high",
        item.found.by if item.found else ("person",),
        item.found.chunk if item.found else None,
        item.found.key if item.found else None,
    )


def _record_quote(item: Item, text: str, quotations: Sequence[Quotation]) -> Quote:
    quote = quote_of(replace(item, choice=replace(item.choice, type=None)), text, quotations)
    if item.verdict not in _STANDS and item.found is not None:
        return quote
    found_by = tuple(one for one in quote.by if one != "person")
    return replace(quote, confidence="high", by=(*found_by, "person"))


def _items(found: Extraction, standings: Mapping[Target, Standing]) -> Iterator[Item]:
    left = dict(standings)
    for target, quote in _matched(found.quotes, left):
        standing = left.pop(target, _OPEN)
        yield Item(target, standing.verdict, standing.choice or choice_of(quote), quote, standing.added, standing.note)
    for target, standing in left.items():
        if standing.choice is not None and (standing.added or standing.verdict in _STANDS):
            yield Item(target, standing.verdict, standing.choice, None, standing.added, standing.note)


def _matched(quotes: Sequence[Quote], standings: Mapping[Target, Standing]) -> Iterator[tuple[Target, Quote]]:
    """Each of *quotes* with the name under which it is decided, but those that another one has become."""
    seen: Counter[Spans] = Counter()
    targets = []
    for quote in quotes:
        targets.append(Target(quote.content, seen[quote.content]))
        seen[quote.content] += 1
    here = set(targets)
    free: dict[Spans, list[Target]] = defaultdict(list)
    become: Counter[Spans] = Counter()
    for target, standing in sorted(standings.items(), reverse=True, key=lambda one: one[0]):
        if standing.choice is None:
            continue
        content = standing.choice.content
        if target not in here:
            free[content].append(target)
        elif standing.verdict in _STANDS and content != target.content:
            become[content] += 1
    for quote, target in zip(quotes, targets, strict=True):
        if target in standings:
            yield target, quote
        elif become[quote.content]:
            become[quote.content] -= 1
        elif free[quote.content]:
            yield free[quote.content].pop(), quote
        else:
            yield target, quote


def _accounts(
    found: Extraction, contents: Sequence[Spans], now: Decided, quotations: Sequence[Quotation]
) -> tuple[tuple[Skipped, ...], tuple[Unresolved, ...]]:
    """The quotations outside all *contents*, each in one class: a person's, the run's, or ``other`` once rejected."""
    classes = {one.span: one.reason for one in found.skipped if one.span not in now.unclassed} | dict(now.classes)
    unresolved_then = dict.fromkeys(now.unclassed, _UNRESOLVED_THEN) | {
        one.span: one.reason for one in found.unresolved
    }
    covered = Covered((piece for content in contents for piece in content), quotations)
    skipped, unresolved = [], []
    for quotation in quotations:
        outer = quotation.outer
        if quotation.index in covered.origins:
            continue
        reason = classes.get(outer)
        if reason is not None:
            skipped.append(Skipped(outer, reason))
        elif outer in unresolved_then:
            if not covered.reaches_over(quotation):
                unresolved.append(Unresolved(outer, unresolved_then[outer]))
        elif not covered.overlaps(quotation):
            skipped.append(Skipped(outer, "other"))
    return tuple(skipped), tuple(unresolved)
