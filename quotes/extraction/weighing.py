"""Weighing: what a model and the rules found in an article, side by side, each with its case and how far it holds.

A case says who found a quote and whether the other bears it out; how often that is right was measured (`trust`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quotes.extraction.agreement import same_speaker, similarity
from quotes.extraction.attributors import Found
from quotes.extraction.places import ByPlace
from quotes.extraction.trust import UNCHECKED, Trust
from quotes.model import AttributorName, QuoteType, Spans
from quotes.text import precision_of

SAME_CONTENT = 0.5
CLOSE = 0.9
"""Share of the words in common (Jaccard) from which two contents are the same, but for an edge."""

STRONG = 0.85
FAIR = 0.7
"""Precision of a pattern from which what it finds counts as strong, or at least as fair, beside what a model says."""

Kinds = Callable[[Spans], QuoteType]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Something found, its *case*, the precision (0 to 1) that has, and who stands *by* it.

    Of those with the same *question* (both name a speaker for the same words) only one can hold. *prior* is the
    precision of the pattern where only that and a judge's odds decide, ``None`` where the case does.
    """

    found: Found
    case: str
    precision: float
    by: tuple[AttributorName, ...]
    question: int
    prior: float | None = None

    def under(self, trust: Trust) -> Weighed:
        """The same under another *trust*."""
        if self.prior is None:
            return replace(self, precision=trust.precision(self.case))
        odds, proposed = self.found.odds, self.found.rate is not None
        precision = self.prior if odds is None else trust.judged(self.prior, odds, proposed=proposed)
        return replace(self, precision=precision)


def weigh_model(
    model: Sequence[Found],
    rules: Sequence[Found],
    denied: Iterable[Found],
    kinds: Kinds,
    trust: Trust,
    silent: Iterable[Found] = (),
) -> tuple[Weighed, ...]:
    """What a *model* and the *rules* found. Those of the rules in *denied* hold a quotation the model takes for none,
    those in *silent* one it said nothing about.

    Both found the same words with the same speaker: ``agree``; with other borders: ``agree-model`` and ``agree-rules``,
    once as each has it; with another speaker: ``differ-model`` and ``differ-rules``. Only the model found it:
    ``alone``; only the rules: ``unseen``, ``denied`` or ``silent``. All by type of quote, and beside what the rules
    found by how strong its pattern is.
    """
    places: ByPlace[int] = ByPlace()
    for number, item in enumerate(rules):
        places.add(item.attribution.content, number)
    weighed: list[Weighed] = []
    met: set[int] = set()
    for question, item in enumerate(model):
        rival = _rival(item, rules, places)
        if rival is not None:
            met.add(rival)
        weighed += _against(item, None if rival is None else rules[rival], kinds, trust, question)
    names = {id(item): "silent" for item in silent} | {id(item): "denied" for item in denied}
    for number, item in enumerate(rules):
        if number not in met:
            case = f"{names.get(id(item), 'unseen')}/{_strength(item, kinds)}"
            weighed.append(Weighed(item, case, trust.precision(case), ("rules",), len(model) + number))
    return tuple(weighed)


def weigh_unchecked(model: Iterable[Found], kinds: Kinds, trust: Trust) -> tuple[Weighed, ...]:
    """What a *model* found, as sure as all that it finds of that type was measured to be: no rules were asked."""
    weighed = []
    for question, item in enumerate(model):
        case = f"{UNCHECKED}/{kinds(item.attribution.content)}"
        weighed.append(Weighed(item, case, trust.precision(case), ("model",), question))
    return tuple(weighed)


def _rival(item: Found, rules: Sequence[Found], places: ByPlace[int]) -> int | None:
    """The number of what the *rules* found with the words of *item*, if they did."""
    near = places.touching(item.attribution.content)
    best = max(near, key=lambda number: similarity(item.attribution, rules[number].attribution), default=None)
    if best is None or similarity(item.attribution, rules[best].attribution) < SAME_CONTENT:
        return None
    return best


def _against(item: Found, rival: Found | None, kinds: Kinds, trust: Trust, question: int) -> Iterator[Weighed]:
    kind = kinds(item.attribution.content)
    if rival is None:
        case = f"alone/{kind}"
        yield Weighed(item, case, trust.precision(case), ("model",), question)
        return
    agreed = same_speaker(item.attribution.speaker, rival.attribution.speaker)
    if agreed and similarity(item.attribution, rival.attribution) >= CLOSE:
        case = f"agree/{kind}"
        yield Weighed(item, case, trust.precision(case), ("model", "rules"), question)
        return
    strength = _strength(rival, kinds)
    borne_out = replace(rival, chunk=item.chunk, key=item.key) if agreed else rival
    both: tuple[AttributorName, ...] = ("model", "rules")
    for side, name in ((item, "model"), (borne_out, "rules")):
        case = f"{'agree' if agreed else 'differ'}-{name}/{strength}"
        yield Weighed(side, case, trust.precision(case), both if agreed else (side.by,), question)


def _strength(item: Found, kinds: Kinds) -> str:
    """The end of a case for what the rules found: type of the quote, and how strong the pattern is."""
    kind = kinds(item.attribution.content)
    precision = precision_of(item.pattern or "", kind)
    return f"{kind}/{'strong' if precision >= STRONG else 'fair' if precision >= FAIR else 'weak'}"


def weigh_rules(found: Iterable[Found], kinds: Kinds, trust: Trust) -> tuple[Weighed, ...]:
    """What the rules *found* and proposed, by the precision of the pattern, and what a judge said of it if asked."""
    weighed = []
    for question, item in enumerate(found):
        kind = kinds(item.attribution.content)
        prior = precision_of(item.pattern or "", kind, item.rate)
        by: tuple[AttributorName, ...] = ("model", "rules") if item.odds is not None and item.odds > 0 else ("rules",)
        one = Weighed(item, f"{item.pattern}/{kind}", prior, by, question, prior)
        weighed.append(one if item.odds is None else one.under(trust))
    return tuple(weighed)


def choose(weighed: Iterable[Weighed], keep: float) -> tuple[Weighed, ...]:
    """Those that hold: of each question the likeliest, if it is at least as likely as *keep*, and none that repeats
    the words of a likelier one.

    What the rules found and nobody was asked about holds, and comes first; what they only proposed does not. Where
    two have found the words, the quote holds even if neither speaker is likely: it says so by its confidence. So does
    what a model found where no rules were asked: its word is all that was asked for.
    """
    best: dict[int, Weighed] = {}
    for item in weighed:
        if item.question not in best or item.precision > best[item.question].precision:
            best[item.question] = item
    kept: list[Weighed] = []
    places: ByPlace[Weighed] = ByPlace()
    for item in sorted(best.values(), key=lambda item: (not _is_unasked(item), -item.precision)):
        if _holds(item, keep) and not _is_repeated(item, places.touching(item.found.attribution.content)):
            kept.append(item)
            places.add(item.found.attribution.content, item)
    return tuple(kept)


def _is_unasked(item: Weighed) -> bool:
    return item.prior is not None and item.found.odds is None


def _holds(item: Weighed, keep: float) -> bool:
    if _is_unasked(item):
        return item.found.rate is None
    return item.precision >= keep or item.case.startswith(("differ-", UNCHECKED))


def _is_repeated(item: Weighed, others: Iterable[Weighed]) -> bool:
    """Whether *item* has the words of another one. Of one and the same side they nest by intent, but for proposals."""
    return any(
        similarity(item.found.attribution, other.found.attribution) >= SAME_CONTENT
        and (item.found.by != other.found.by or item.found.rate is not None or other.found.rate is not None)
        for other in others
    )
