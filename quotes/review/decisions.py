"""Decisions: what a reviewer did to one article, one after the other, and what of it is in force.

Nothing here knows a record: a decision names its quote by the spans of its content, so that it holds for any run over
the same text. Undoing is a decision too, and so outlives the page, the server and the machine. Calling an article done
says what it passes: of what a later run finds beside that, nobody has said anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from quotes.model import QuoteType, SkipReason, Span, Spans, SpeakerKind
from quotes.record import content_faults

Deed = Literal["accept", "edit", "add", "reject", "reopen", "note", "class", "done", "undone", "undo", "redo"]
Verdict = Literal["open", "accepted", "passed", "rejected"]
"""What is said of a quote; ``passed``: nothing of its own, but its article was called done with it as it stands."""

ABOUT_QUOTES: Final = frozenset({"accept", "edit", "add", "reject", "reopen", "note"})
"""The deeds that name a quote."""

WITH_CHOICE: Final = frozenset({"accept", "edit", "add"})
"""The deeds that say what the quote is."""


class Target(NamedTuple):
    """The quote a decision is about: the content it had when it was found or added.

    *nth* tells quotes of equal content apart, from 0 in the order of the record.
    """

    content: Spans
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What a quote is, as a person has it: all but the words, which are those of the text.

    *type* is ``None`` where the quotation marks say it, else what the reviewer says against them.
    """

    content: Spans
    cue: Spans = ()
    mention: Spans = ()
    name_span: Span | None = None
    kind: SpeakerKind = "unknown"
    type: QuoteType | None = None


class Passed(NamedTuple):
    """A quote that was still open when its article was called done, as it stood then."""

    target: Target
    choice: Choice


class Left(NamedTuple):
    """A quotation that belonged to no quote when its article was called done. Without a *reason* it was unresolved."""

    span: Span
    reason: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing done to one article. Which fields it has follows from *do*; see :mod:`quotes.review.form`.

    *passed* and *left* are what “done” covers beside what was decided before.
    """

    do: Deed
    target: Target | None = None
    choice: Choice | None = None
    note: str = ""
    span: Span | None = None
    reason: SkipReason | None = None
    passed: tuple[Passed, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is decided about one quote. Without a *choice* it is as the run has it."""

    verdict: Verdict = "open"
    choice: Choice | None = None
    note: str = ""
    added: bool = False


_OPEN: Final = Standing()


@dataclass(frozen=True, slots=True)
class Decided:
    """What is in force for an article.

    *classes* are the quotations that a person has classed, *unclassed* those that were left without a class when the
    article was called done. *done* is whether it was, and not taken back; a later run may yet have more. *revision*
    counts all decisions ever made on it, those undone and their undoing included: it grows with each. *undoable* and
    *redoable* count those that can be taken back and those that can be taken up again; *last* is the one an undo takes
    back, *next* the one a redo takes up.
    """

    standings: Mapping[Target, Standing]
    classes: Mapping[Span, SkipReason]
    unclassed: frozenset[Span]
    done: bool
    revision: int
    undoable: int
    redoable: int
    last: Decision | None
    next: Decision | None


def decided(decisions: Iterable[Decision]) -> Decided:
    """What is in force after *decisions*. The same decisions give the same, whatever else has happened."""
    made: list[Decision] = []
    taken_back: list[Decision] = []
    revision = 0
    for decision in decisions:
        revision += 1
        if decision.do == "undo":
            if made:
                taken_back.append(made.pop())
        elif decision.do == "redo":
            if taken_back:
                made.append(taken_back.pop())
        else:
            made.append(decision)
            taken_back.clear()
    now = _Tally()
    for decision in made:
        now.take(decision)
    return Decided(
        MappingProxyType(now.all_standings()),
        MappingProxyType(now.all_classes()),
        frozenset(span for span, reason in now.left.items() if reason is None and span not in now.classes),
        now.done,
        revision,
        len(made),
        len(taken_back),
        made[-1] if made else None,
        taken_back[-1] if taken_back else None,
    )


class _Tally:
    """What is in force so far; what a “done” passed is kept apart, since “undone” takes back no more than that."""

    def __init__(self) -> None:
        self.standings: dict[Target, Standing] = {}
        self.classes: dict[Span, SkipReason] = {}
        self.passed: dict[Target, Choice] = {}
        self.left: dict[Span, SkipReason | None] = {}
        self.done = False

    def take(self, decision: Decision) -> None:
        if decision.do in ("done", "undone"):
            self.done = decision.do == "done"
            self.passed = dict(decision.passed)
            self.left = dict(decision.left)
        elif decision.span is not None and decision.reason is not None:
            self.classes[decision.span] = decision.reason
        elif decision.target is not None:
            before = self.standings.get(decision.target, _OPEN)
            self.standings[decision.target] = _after(before, decision)
            if decision.do != "note":
                self.passed.pop(decision.target, None)

    def all_standings(self) -> dict[Target, Standing]:
        passed = {
            target: replace(self.standings.get(target, _OPEN), verdict="passed", choice=choice)
            for target, choice in self.passed.items()
        }
        return self.standings | passed

    def all_classes(self) -> dict[Span, SkipReason]:
        return {span: reason for span, reason in self.left.items() if reason is not None} | self.classes


def _after(before: Standing, decision: Decision) -> Standing:
    if decision.do == "note":
        return replace(before, note=decision.note)
    if decision.do == "reject":
        return replace(before, verdict="rejected")
    if decision.do == "reopen":
        return replace(before, verdict="open", choice=before.choice if before.added else None)
    return replace(before, verdict="accepted", choice=decision.choice, added=before.added or decision.do == "add")


def faults(decision: Decision, text: str) -> Iterator[str]:
    """What in *decision* does not fit *text*: spans outside it, content that is empty, out of order or not trimmed."""
    if decision.target is not None:
        yield from _outside("target", decision.target.content, text)
    if decision.span is not None:
        yield from _outside("span", (decision.span,), text)
    if decision.choice is not None:
        yield from _faults_of(decision.choice, text)
    for passed in decision.passed:
        yield from _outside("target", passed.target.content, text)
        yield from _faults_of(passed.choice, text)
    yield from _outside("span", tuple(left.span for left in decision.left), text)


def _faults_of(choice: Choice, text: str) -> Iterator[str]:
    names = () if choice.name_span is None else (choice.name_span,)
    parts = {"content": choice.content, "cue": choice.cue, "speaker": choice.mention, "name": names}
    outside = [fault for part, spans in parts.items() for fault in _outside(part, spans, text)]
    yield from outside
    if not outside:
        yield from content_faults(choice.content, text) if choice.content else ("content: is empty",)
    if choice.name_span is not None and not choice.mention:
        yield "name: a speaker that is printed nowhere has none"


def trimmed(span: Span, text: str) -> Span | None:
    """*span* without white space at its ends and within *text*; ``None`` where nothing is left of it."""
    start, end = max(span.start, 0), min(span.end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def tidy(spans: Sequence[Span], text: str) -> Spans:
    """*spans* trimmed and in text order, those that touch or overlap joined, as a person who marks them means it."""
    result: list[Span] = []
    for span in sorted(found for one in spans if (found := trimmed(one, text))):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def _outside(part: str, spans: Spans, text: str) -> Iterator[str]:
    for span in spans:
        if not 0 <= span.start < span.end <= len(text):
            yield f"{part}: {list(span)} is not within the text of {len(text):,} characters"
