"""The seam between an article and whoever attributes its quotations: a set of exchanges, each ending in findings."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from quotes.exchange import Reply, Request, Usage
from quotes.extraction.ownership import owned
from quotes.model import Attribution, AttributorName, ChunkError, Rejected, SkipReason, Spans
from quotes.text import Reading, RuleFindings, attribute_by_rules


@dataclass(frozen=True, slots=True)
class Found:
    """An attribution, who made it, and the chunk and key of the request it came from, if one was made.

    What the rules found or proposed has a *pattern*; a proposal also the *rate* (0 to 1) of its cue's precision,
    and where a model judged it the *odds* of its yes (natural logarithm).
    """

    attribution: Attribution
    by: AttributorName
    chunk: int | None = None
    key: str | None = None
    pattern: str | None = None
    rate: float | None = None
    odds: float | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What one exchange came to.

    *skipped* and *open* are keyed by the index of the quotation: the first by what it is, the second by why
    nobody could class it. A quotation in neither, and in no content, was not asked about. *unheard* are the sentences
    about which a model could not be asked.
    """

    by: AttributorName
    found: tuple[Found, ...] = ()
    skipped: Mapping[int, SkipReason] = field(default_factory=dict)
    open: Mapping[int, str] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    errors: tuple[ChunkError, ...] = ()
    usage: Usage = Usage()
    unheard: Spans = ()

    def __add__(self, other: Findings) -> Findings:
        return together((self, other), self.by)


def together(findings: Sequence[Findings], by: AttributorName) -> Findings:
    """All *findings* as one of *by*; of two that class a quotation the later holds."""
    return Findings(
        by,
        tuple([found for one in findings for found in one.found]),
        {index: reason for one in findings for index, reason in one.skipped.items()},
        {index: reason for one in findings for index, reason in one.open.items()},
        tuple([item for one in findings for item in one.rejected]),
        tuple([error for one in findings for error in one.errors]),
        sum([one.usage for one in findings], Usage()),
        tuple([sentence for one in findings for sentence in one.unheard]),
    )


Exchange: TypeAlias = Generator[Request, Reply, Findings]
"""Yields requests and is sent their replies, or has `RequestFailed` thrown in. Does no I/O itself."""


class Attributor(Protocol):
    """Anything that says who said what in an article that has been read."""

    def exchanges(self, reading: Reading, article: str) -> tuple[Exchange, ...]:
        """Independent exchanges that together cover the article named *article*; they may run side by side."""
        ...


class RulesAttributor:
    """Attribution by explicit patterns: no request, always the same findings."""

    def exchanges(self, reading: Reading, article: str) -> tuple[Exchange, ...]:  # noqa: ARG002
        """One exchange that ends without a request."""
        return (told(rules_findings(reading)),)


def told(findings: Findings) -> Exchange:
    """An exchange that asks nobody and ends in *findings*."""
    yield from ()
    return findings


def rules_findings(reading: Reading) -> Findings:
    """What the rules find in an article; quotations they say nothing about are open."""
    return as_findings(reading, attribute_by_rules(reading))


def as_findings(reading: Reading, rules: RuleFindings) -> Findings:
    """What *rules* say about *reading*, each quotation in one class."""
    by_span = {quotation.outer: quotation.index for quotation in reading.quotations}
    skipped = {by_span[item.span]: item.reason for item in rules.skipped if item.span in by_span}
    covered = [piece for attribution in rules.attributions for piece in attribution.content]
    return Findings(
        "rules",
        tuple(
            Found(attribution, "rules", pattern=pattern)
            for attribution, pattern in zip(rules.attributions, rules.patterns, strict=True)
        ),
        skipped,
        dict.fromkeys(
            set(range(len(reading.quotations))) - skipped.keys() - owned(reading.quotations, covered), "no rule fits"
        ),
    )
