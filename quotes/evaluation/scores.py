"""Scores: from counts to the figures people compare, in the shape that the judge of the gold corpora writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from quotes.evaluation.counting import ArticleCounts, GroupCounts, LabelCounts

Report = dict[str, Any]
"""Counts (whole numbers) and figures (shares of 0 to 1, ``None`` where nothing was there to count), nested."""

HEADLINE: Final = ("direct", "direct+mixed", "all")
"""The groups that stand at the top of a report."""

_DIGITS: Final = 4


def report_of(counts: ArticleCounts) -> Report:
    """Every figure of *counts*, unrounded.

    Precision, recall and F1 are 0 where nothing was predicted or annotated; accuracies and the other shares are then
    ``None``.
    """
    groups = {name: _group(group) for name, group in counts.groups.items()}
    coverage = counts.coverage
    return {
        "articles": counts.articles,
        "predicted_quotes": counts.predicted,
        **{name: groups[name] for name in HEADLINE},
        "quoted_span_coverage": {
            "spans": coverage.quotations,
            "coverage": _share(coverage.predicted, coverage.quotations),
            "gold_coverage": _share(coverage.gold, coverage.quotations),
        },
        "by_type": {name: groups[name] for name in ("direct", "mixed", "indirect")},
        "by_speaker_kind": _labelled(counts.kinds, counts.predicted),
        "by_confidence": _labelled(counts.confidences, counts.predicted),
    }


def rounded(report: Any) -> Any:
    """*report* with its figures to four digits."""
    if isinstance(report, dict):
        return {name: rounded(value) for name, value in report.items()}
    return round(report, _DIGITS) + 0.0 if isinstance(report, float) else report  # + 0.0: no -0.0


def flat(report: Report, above: str = "") -> Iterator[tuple[str, float | None]]:
    """The figures of *report*, without its counts, each with its place: ``all/joint/f1``."""
    for name, value in report.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}/")
        elif not isinstance(value, int):
            yield above + name, value


def _group(group: GroupCounts) -> Report:
    gold = group.gold
    return {
        "gold_quotes": gold,
        "exact": _triple(group.exact, group.exact + group.exact_spurious, gold),
        "overlap_0.5": _triple(group.half, group.half + group.half_spurious, gold),
        "overlap_0.8": _triple(group.most, group.most + group.most_spurious, gold),
        "token": _triple(group.words_shared, group.words_predicted, group.words_gold),
        "speaker_accuracy": _share(group.speaker_right, group.speaker_asked),
        "speaker_accuracy_n": group.speaker_asked,
        "speaker_accuracy_nonpronoun": _share(group.named_right, group.named_asked),
        "joint": _triple(group.joint, group.half + group.half_spurious, gold),
    }


def _triple(right: int, predicted: int, gold: int) -> dict[str, float]:
    """Precision, recall and their harmonic mean."""
    p = right / predicted if predicted else 0.0
    r = right / gold if gold else 0.0
    return {"p": p, "r": r, "f1": 2 * p * r / (p + r) if right else 0.0}


def _labelled(counts: Mapping[Any, LabelCounts], predicted: int) -> Report:
    return {
        label: {
            "predicted": one.predicted,
            "share": _share(one.predicted, predicted),
            "content_precision": _share(one.content_right, one.predicted),
            "joint_precision": _share(one.joint_right, one.predicted),
        }
        for label, one in counts.items()
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
