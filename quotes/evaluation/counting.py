"""Counting: the judgement of an article as whole numbers that add up over articles, and need no article any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain, islice
from operator import add, attrgetter
from typing import Any, Final, TypeVar, cast, get_args

from quotes.evaluation.annotation import Annotation
from quotes.evaluation.judging import Judged, Judgement, judge, speaker_right
from quotes.model import Confidence, QuoteType, SpeakerKind

Part = TypeVar("Part")
Label = TypeVar("Label", bound=str)

GROUPS: Final[dict[str, frozenset[QuoteType]]] = {
    "direct": frozenset(("direct",)),
    "direct+mixed": frozenset(("direct", "mixed")),
    "all": frozenset(("direct", "mixed", "indirect")),
    "mixed": frozenset(("mixed",)),
    "indirect": frozenset(("indirect",)),
}
"""The groups of quotes that have figures of their own, and the types in each."""

KINDS: Final[tuple[SpeakerKind, ...]] = get_args(SpeakerKind)
CONFIDENCES: Final[tuple[Confidence, ...]] = get_args(Confidence)

_LEAST_WORDS: Final = 4
"""Quotations of fewer words do not count for coverage: most are titles and terms."""


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What was counted for one group of types.

    *exact*, *half* and *most* are the gold quotes of the group that were found by each matching, the *spurious* ones
    the predictions of the group's own types that found nothing: one that found a gold quote of another type is neither.
    *joint* counts the half matches with the right speaker. Words are those of all contents together, gold quotes of
    other types left out. *speaker_asked* are half matches whose gold quote has a speaker, *named_asked* those known by
    more than a pronoun.
    """

    gold: int = 0
    exact: int = 0
    exact_spurious: int = 0
    half: int = 0
    half_spurious: int = 0
    most: int = 0
    most_spurious: int = 0
    joint: int = 0
    words_shared: int = 0
    words_predicted: int = 0
    words_gold: int = 0
    speaker_right: int = 0
    speaker_asked: int = 0
    named_right: int = 0
    named_asked: int = 0


@dataclass(frozen=True, slots=True)
class CoverageCounts:
    """Quotations of at least four words, and how many of them some predicted and some gold content touches."""

    quotations: int = 0
    predicted: int = 0
    gold: int = 0


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Predictions that bear one label: how many, how many of them found a gold quote, and with its speaker."""

    predicted: int = 0
    content_right: int = 0
    joint_right: int = 0


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """All that was counted in one article, or in several added up.

    *groups* are keyed as :data:`GROUPS`; *kinds* and *confidences* count the predictions by what their records say,
    those without a label nowhere. *predicted* counts the predictions with at least one word.
    """

    articles: int = 0
    predicted: int = 0
    coverage: CoverageCounts = CoverageCounts()
    groups: dict[str, GroupCounts] = field(default_factory=lambda: dict.fromkeys(GROUPS, GroupCounts()))
    kinds: dict[SpeakerKind, LabelCounts] = field(default_factory=lambda: dict.fromkeys(KINDS, LabelCounts()))
    confidences: dict[Confidence, LabelCounts] = field(
        default_factory=lambda: dict.fromkeys(CONFIDENCES, LabelCounts())
    )

    def __add__(self, other: ArticleCounts) -> ArticleCounts:
        return ArticleCounts.of_row(map(add, self.row(), other.row()))

    def row(self) -> tuple[int, ...]:
        """All numbers in a fixed order, for whoever adds up many."""
        labelled = chain(self.kinds.values(), self.confidences.values())
        return (
            self.articles,
            self.predicted,
            *_COVERAGE(self.coverage),
            *chain.from_iterable(map(_GROUP, self.groups.values())),
            *chain.from_iterable(map(_LABEL, labelled)),
        )

    @classmethod
    def of_row(cls, numbers: Iterable[int]) -> ArticleCounts:
        """The way back from :meth:`row`."""
        left = iter(numbers)
        return cls(
            next(left),
            next(left),
            _take(CoverageCounts, left),
            {name: _take(GroupCounts, left) for name in GROUPS},
            {kind: _take(LabelCounts, left) for kind in KINDS},
            {level: _take(LabelCounts, left) for level in CONFIDENCES},
        )


def _getter(kind: type[Any]) -> Callable[[Any], tuple[int, ...]]:
    return attrgetter(*(part.name for part in fields(kind)))


_COVERAGE, _GROUP, _LABEL = map(_getter, (CoverageCounts, GroupCounts, LabelCounts))


def _take(kind: Callable[..., Part], left: Iterator[int]) -> Part:
    return kind(*islice(left, len(fields(cast("type[Any]", kind)))))


def counts_of(text: str, gold_quotes: Iterable[Annotation], predicted_quotes: Iterable[Annotation]) -> ArticleCounts:
    """What *predicted_quotes* count for against the *gold_quotes* of the same *text*."""
    return counts_in(judge(text, gold_quotes, predicted_quotes))


def counts_in(judgement: Judgement) -> ArticleCounts:
    """*judgement* in numbers."""
    right = {
        column: speaker_right(judgement.gold[row], judgement.predicted[column])
        for row, column in judgement.half.items()
    }
    by_kind = _by_label(KINDS, judgement.predicted, right, lambda annotation: annotation.kind)
    by_confidence = _by_label(CONFIDENCES, judgement.predicted, right, lambda annotation: annotation.confidence)
    return ArticleCounts(
        articles=1,
        predicted=len(judgement.predicted),
        coverage=_coverage(judgement),
        groups={name: _group(judgement, types, right) for name, types in GROUPS.items()},
        kinds=by_kind,
        confidences=by_confidence,
    )


def _coverage(judgement: Judgement) -> CoverageCounts:
    words = judgement.words
    predicted, gold = _union(judgement.predicted), _union(judgement.gold)
    long = [touched for span in words.quoted if len(touched := words.touched((span,))) >= _LEAST_WORDS]
    return CoverageCounts(
        len(long),
        sum(not touched.isdisjoint(predicted) for touched in long),
        sum(not touched.isdisjoint(gold) for touched in long),
    )


def _group(judgement: Judgement, types: frozenset[QuoteType], right: Mapping[int, bool]) -> GroupCounts:
    """*judgement* for the quotes of *types*. *right* says of the predictions matched by half whose speaker is."""
    rows = [row for row, quote in enumerate(judgement.gold) if quote.type in types]
    own = {column for column, quote in enumerate(judgement.predicted) if quote.type in types}
    half = [row for row in rows if row in judgement.half]
    asked = [row for row in half if judgement.gold[row].annotation.has_speaker]
    named = [row for row in asked if not judgement.gold[row].by_pronoun]

    def count_right(among: list[int]) -> int:
        return sum(right[judgement.half[row]] for row in among)

    wanted = _union(judgement.gold[row] for row in rows)
    others = _union(quote for quote in judgement.gold if quote.type not in types) - wanted
    shown = own | {judgement.half[row] for row in half}
    had = _union(judgement.predicted[column] for column in shown) - others
    return GroupCounts(
        gold=len(rows),
        exact=sum(row in judgement.exact for row in rows),
        exact_spurious=len(own - set(judgement.exact.values())),
        half=len(half),
        half_spurious=len(own - set(judgement.half.values())),
        most=sum(row in judgement.most for row in rows),
        most_spurious=len(own - set(judgement.most.values())),
        joint=count_right(half),
        words_shared=len(wanted & had),
        words_predicted=len(had),
        words_gold=len(wanted),
        speaker_right=count_right(asked),
        speaker_asked=len(asked),
        named_right=count_right(named),
        named_asked=len(named),
    )


def _by_label(
    labels: Iterable[Label],
    predicted: Sequence[Judged],
    right: Mapping[int, bool],
    label_of: Callable[[Annotation], Label | None],
) -> dict[Label, LabelCounts]:
    """The predictions counted by label. *right* knows those that found a gold quote, and whether its speaker too."""
    columns: dict[Label, list[int]] = {label: [] for label in labels}
    for column, quote in enumerate(predicted):
        label = label_of(quote.annotation)
        if label is not None:
            columns[label].append(column)
    return {
        label: LabelCounts(len(own), sum(at in right for at in own), sum(right.get(at, False) for at in own))
        for label, own in columns.items()
    }


def _union(quotes: Iterable[Judged]) -> frozenset[int]:
    return frozenset().union(*(quote.words for quote in quotes))
