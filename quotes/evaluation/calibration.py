"""Calibration: how often what a model and the rules found was right, case by case, and what that makes to be believed.

Counted on gold, kept in the prompt pack (``trust.json``), used by `quotes.extraction.trust`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quotes.evaluation.annotation import Annotation
from quotes.evaluation.judging import OneByOne
from quotes.extraction.trust import Judging, Trust
from quotes.extraction.weighing import Weighed, choose

_KEEPS: Final = tuple(step / 20 for step in range(4, 13))
_RIDGE: Final = 2.0
_STEPS: Final = 40
_FEWEST_VERDICTS: Final = 30
_LEAST, _MOST = 0.005, 0.995

_Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing found, and whether it was *right*: half of its words annotated, with that speaker, not twice."""

    item: Weighed
    right: bool


@dataclass(frozen=True, slots=True)
class CheckedArticle:
    """All that was found in an article, checked, and how many quotes its gold has."""

    checked: tuple[Checked, ...]
    gold: int

    @property
    def teaches(self) -> bool:
        """Whether it says anything about the model: a case, or a verdict."""
        return any(one.item.prior is None or one.item.found.odds is not None for one in self.checked)


def check(text: str, gold: Sequence[Annotation], weighed: Iterable[Weighed]) -> CheckedArticle:
    """*weighed*, as found in *text*, against its *gold* quotes: the likeliest first, each gold quote found once."""
    found = tuple(weighed)
    questions: dict[int, list[int]] = {}
    for number, item in enumerate(found):
        questions.setdefault(item.question, []).append(number)
    judged = OneByOne(text, gold, map(_annotation, found))
    checked = []
    for numbers in sorted(questions.values(), key=lambda numbers: -max(found[number].precision for number in numbers)):
        met = None
        for number in numbers:
            pair = judged.pair(number)
            checked.append(Checked(found[number], pair.joint_right))
            met = met if pair.gold is None else pair.gold
        if met is not None:
            judged.take(met)
    return CheckedArticle(tuple(checked), len(gold))


def calibrated(articles: Sequence[CheckedArticle]) -> Trust:
    """What *articles* teach: counts by case, the weight of a judge's word, and below what nothing is kept.

    The weight is fitted by logistic regression (Newton's method, with a ridge towards believing the rules alone); it
    stays out where fewer than 30 verdicts are there. What is kept is what gives the best joint F1 on *articles*.
    """
    seen: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for one in (one for article in articles for one in article.checked):
        if one.item.prior is None:
            seen[one.item.case] += 1
            right[one.item.case] += one.right
    cases = {case: (count, right[case]) for case, count in seen.items()}
    trust = Trust(cases, _judging(articles, proposed=False), _judging(articles, proposed=True))
    return replace(trust, keep=max(_KEEPS, key=lambda keep: (_joint(articles, trust, keep), -keep)))


def _judging(articles: Iterable[CheckedArticle], *, proposed: bool) -> Judging:
    """The weight of a judge's word on what the rules found, or only *proposed*."""
    rows: list[_Row] = []
    labels: list[bool] = []
    for one in (one for article in articles for one in article.checked):
        found, prior = one.item.found, one.item.prior
        if prior is not None and found.odds is not None and (found.rate is not None) is proposed:
            bounded = min(max(prior, _LEAST), _MOST)
            rows.append((1.0, math.log(bounded / (1 - bounded)), found.odds))
            labels.append(one.right)
    return _fitted(rows, labels) if len(rows) >= _FEWEST_VERDICTS else Judging()


def _annotation(item: Weighed) -> Annotation:
    attribution = item.found.attribution
    return Annotation(attribution.content, attribution.speaker.mention, attribution.speaker.name)


def _joint(articles: Iterable[CheckedArticle], trust: Trust, keep: float) -> float:
    """About the joint F1 over all quotes if what reaches *keep* were kept."""
    found = expected = hits = 0
    for article in articles:
        right = {_name(one.item): one.right for one in article.checked}
        kept = choose((one.item.under(trust) for one in article.checked), keep)
        found += len(kept)
        expected += article.gold
        hits += sum(right[_name(item)] for item in kept)
    return 2 * hits / (found + expected) if found + expected else 0.0


def _name(item: Weighed) -> tuple[int, str]:
    """What tells *item* from all others of its article. Its find does not: one may rival two others."""
    return item.question, item.case


def _fitted(rows: Sequence[_Row], labels: Sequence[bool]) -> Judging:
    weights = [0.0, 1.0, 0.0]
    start = tuple(weights)
    for _ in range(_STEPS):
        gradient = [_RIDGE * (start[i] - weights[i]) for i in range(3)]
        curvature = [[_RIDGE * (i == j) for j in range(3)] for i in range(3)]
        for row, label in zip(rows, labels, strict=True):
            likely = _logistic(sum(w * x for w, x in zip(weights, row, strict=True)))
            for i in range(3):
                gradient[i] += (label - likely) * row[i]
                for j in range(3):
                    curvature[i][j] += likely * (1 - likely) * row[i] * row[j]
        step = _solved(curvature, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    return Judging(*(round(weight, 3) for weight in weights))


def _logistic(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _solved(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """The solution of a small linear system with a positive definite *matrix*, by elimination."""
    size = len(vector)
    rows = [[*matrix[i], vector[i]] for i in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    result = [0.0] * size
    for i in _backwards(size):
        known = sum(rows[i][j] * result[j] for j in range(i + 1, size))
        result[i] = (rows[i][size] - known) / rows[i][i]
    return result


def _backwards(size: int) -> Iterator[int]:
    return reversed(range(size))
