"""Judging one article: which predicted quote found which gold quote, and whether it names the right speaker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from quotes.evaluation.annotation import Annotation
from quotes.evaluation.heads import head_word
from quotes.evaluation.matching import best_matching
from quotes.evaluation.words import Words, words_of
from quotes.model import QuoteType

HALF: Final = 0.5
MOST: Final = 0.8


@dataclass(frozen=True, slots=True)
class Judged:
    """One annotation on the words of its article. *index* is its place among those given.

    *words* are the numbers of the words its content touches, *speaker_words* those of its mention, *heads* the head
    words by which its speaker can be known again.
    """

    index: int
    annotation: Annotation
    type: QuoteType
    words: frozenset[int]
    speaker_words: frozenset[int]
    heads: frozenset[str]

    @property
    def by_pronoun(self) -> bool:
        """Whether a speaker is there, and nothing but pronouns to know it by."""
        return self.annotation.has_speaker and not self.heads


@dataclass(frozen=True, slots=True)
class Pair:
    """What became of one predicted quote. *gold* is the place of the gold quote it found, ``None`` where it found none.

    *overlap* is the share of their words that both have (Jaccard), at least .5 where one was found, else 0. *type* is
    ``None`` for a quote without a single word, which scoring leaves out.
    """

    type: QuoteType | None
    gold: int | None = None
    overlap: float = 0.0
    speaker_right: bool = False

    @property
    def content_right(self) -> bool:
        """Whether it found a gold quote."""
        return self.gold is not None

    @property
    def joint_right(self) -> bool:
        """Whether it found a gold quote and has its speaker, or like it none."""
        return self.gold is not None and self.speaker_right


@dataclass(frozen=True, slots=True)
class Judgement:
    """One article judged. The matchings lead from places in *gold* to places in *predicted*.

    *half* and *most* match quotes that share .5 and .8 of their words, *exact* those with the very same words;
    *overlaps* are the shares of all pairs that have a word in common.
    """

    words: Words
    gold: tuple[Judged, ...]
    predicted: tuple[Judged, ...]
    overlaps: dict[tuple[int, int], float]
    exact: dict[int, int]
    half: dict[int, int]
    most: dict[int, int]


def pairs(text: str, gold_quotes: Iterable[Annotation], predicted_quotes: Iterable[Annotation]) -> tuple[Pair, ...]:
    """What became of each of *predicted_quotes*, in their order, against the *gold_quotes* of the same *text*."""
    predicted = tuple(predicted_quotes)
    judgement = judge(text, gold_quotes, predicted)
    result = [Pair(None)] * len(predicted)
    for quote in judgement.predicted:
        result[quote.index] = Pair(quote.type)
    for row, column in judgement.half.items():
        gold, found = judgement.gold[row], judgement.predicted[column]
        overlap = judgement.overlaps[row, column]
        result[found.index] = Pair(found.type, gold.index, overlap, speaker_right(gold, found))
    return tuple(result)


class OneByOne:
    """The predicted quotes of one article judged each by itself, against the gold quotes that are not taken yet."""

    def __init__(self, text: str, gold_quotes: Iterable[Annotation], predicted_quotes: Iterable[Annotation]) -> None:
        words = words_of(text)
        self._gold = _judged(gold_quotes, text, words)
        self._predicted = {quote.index: quote for quote in _judged(predicted_quotes, text, words)}
        self._near: defaultdict[int, dict[int, float]] = defaultdict(dict)
        predicted = tuple(self._predicted.values())
        for (row, column), share in _overlaps(self._gold, predicted).items():
            if share >= HALF:
                self._near[predicted[column].index][row] = share
        self._taken: set[int] = set()

    def pair(self, index: int) -> Pair:
        """What becomes of the predicted quote at place *index*, as `pairs` has it of that one and what is not taken."""
        found = self._predicted.get(index)
        if found is None:
            return Pair(None)
        near = {row: share for row, share in self._near[index].items() if self._gold[row].index not in self._taken}
        for row in best_matching({(row, 0): share for row, share in near.items()}):
            gold = self._gold[row]
            return Pair(found.type, gold.index, near[row], speaker_right(gold, found))
        return Pair(found.type)

    def take(self, gold: int) -> None:
        """Leave the gold quote at place *gold* out from now on."""
        self._taken.add(gold)


def judge(text: str, gold_quotes: Iterable[Annotation], predicted_quotes: Iterable[Annotation]) -> Judgement:
    """*predicted_quotes* matched with the *gold_quotes* of the same *text*. Quotes without a word are left out."""
    words = words_of(text)
    gold, predicted = _judged(gold_quotes, text, words), _judged(predicted_quotes, text, words)
    overlaps = _overlaps(gold, predicted)
    return Judgement(
        words=words,
        gold=gold,
        predicted=predicted,
        overlaps=overlaps,
        exact=_exact(gold, predicted),
        half=best_matching({pair: share for pair, share in overlaps.items() if share >= HALF}),
        most=best_matching({pair: share for pair, share in overlaps.items() if share >= MOST}),
    )


def speaker_right(gold: Judged, found: Judged) -> bool:
    """Whether the two have the same speaker: a word of the mentions in common, or a head word of the names.

    Where gold has no speaker, only no speaker is right.
    """
    if not gold.annotation.has_speaker:
        return not found.annotation.has_speaker
    return not (gold.speaker_words.isdisjoint(found.speaker_words) and gold.heads.isdisjoint(found.heads))


def _judged(annotations: Iterable[Annotation], text: str, words: Words) -> tuple[Judged, ...]:
    result = []
    for index, annotation in enumerate(annotations):
        touched = words.touched(annotation.content)
        if touched:
            names = [annotation.name or "", *(text[start:end] for start, end in annotation.speaker)]
            heads = frozenset(head for head in map(head_word, names) if head)
            speaker = words.touched(annotation.speaker)
            result.append(Judged(index, annotation, words.type_of(touched), touched, speaker, heads))
    return tuple(result)


def _overlaps(gold: Sequence[Judged], predicted: Sequence[Judged]) -> dict[tuple[int, int], float]:
    """The Jaccard share of every pair with a word in common, found by way of the words instead of all pairs."""
    having = defaultdict(list)
    for column, quote in enumerate(predicted):
        for word in quote.words:
            having[word].append(column)
    result = {}
    for row, quote in enumerate(gold):
        shared = Counter(column for word in quote.words for column in having.get(word, ()))
        for column, both in shared.items():
            result[row, column] = both / (len(quote.words) + len(predicted[column].words) - both)
    return result


def _exact(gold: Sequence[Judged], predicted: Sequence[Judged]) -> dict[int, int]:
    """Quotes of the very same words, first to first where several are alike."""
    waiting = defaultdict(list)
    for column in reversed(range(len(predicted))):
        waiting[predicted[column].words].append(column)
    return {row: waiting[quote.words].pop() for row, quote in enumerate(gold) if waiting.get(quote.words)}
