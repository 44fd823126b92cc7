"""Counts of articles, and that they add up."""

from __future__ import annotations

from hypothesis import given

from quotes.evaluation import Annotation, ArticleCounts, counts_of
from quotes.evaluation.counting import CoverageCounts, LabelCounts
from tests.evaluation.samples import TEXT, judged_articles, mark

Judgeable = tuple[str, list[Annotation], list[Annotation]]

TRIED = mark(TEXT, "We tried hard enough", by="Ida Krell", kind="person", confidence="high")
HOLD = mark(TEXT, "that the old pier would hold until June", by="She", kind="unknown", confidence="low")


def test_a_quote_counts_in_every_group_of_its_type() -> None:
    counts = counts_of(TEXT, [TRIED, HOLD], [TRIED])
    assert {name: group.gold for name, group in counts.groups.items()} == {
        "direct": 1,
        "direct+mixed": 1,
        "all": 2,
        "mixed": 0,
        "indirect": 1,
    }
    assert counts.groups["all"].joint == 1
    assert counts.groups["indirect"].half == 0


def test_a_prediction_that_found_a_quote_of_another_type_is_neither_right_nor_spurious() -> None:
    text = "Ida Krell said the pier would “hold until June”."
    gold = mark(text, "the pier would “hold until June”", by="Ida Krell")
    counts = counts_of(text, [gold], [mark(text, "hold until June", by="Ida Krell")])
    assert (counts.groups["direct"].half, counts.groups["direct"].half_spurious) == (0, 0)
    assert counts.groups["direct"].exact_spurious == 1
    assert counts.groups["mixed"].half == 1


def test_pronouns_are_asked_for_but_are_no_names() -> None:
    group = counts_of(TEXT, [TRIED, HOLD], [TRIED, HOLD]).groups["all"]
    assert (group.speaker_asked, group.named_asked) == (2, 1)


def test_only_quotations_of_four_words_count_for_coverage() -> None:
    text = TEXT + "“Not this,” she said. “Nor any of these words,” she wrote."
    assert counts_of(text, [TRIED], []).coverage == CoverageCounts(quotations=2, predicted=0, gold=1)


def test_predictions_are_counted_by_what_their_records_say() -> None:
    counts = counts_of(TEXT, [TRIED], [TRIED, HOLD])
    assert counts.kinds["person"] == LabelCounts(1, 1, 1)
    assert counts.kinds["unknown"] == LabelCounts(1, 0, 0)
    assert counts.confidences["low"] == LabelCounts(1, 0, 0)
    assert counts.confidences["medium"] == LabelCounts()


@given(article=judged_articles())
def test_a_row_of_numbers_holds_all_of_the_counts(article: Judgeable) -> None:
    counts = counts_of(*article)
    assert ArticleCounts.of_row(counts.row()) == counts
    assert counts + ArticleCounts() == counts
    assert (counts + counts).groups["all"].gold == 2 * counts.groups["all"].gold


@given(article=judged_articles())
def test_no_count_is_larger_than_what_it_is_part_of(article: Judgeable) -> None:
    counts = counts_of(*article)
    for group in counts.groups.values():
        assert 0 <= group.most <= group.half <= group.gold
        assert group.exact <= group.gold
        assert group.joint <= group.half
        assert group.words_shared <= min(group.words_predicted, group.words_gold)
        assert group.named_right <= group.speaker_right <= group.speaker_asked <= group.half
        assert group.named_right <= group.named_asked <= group.speaker_asked
    assert counts.groups["all"].half + counts.groups["all"].half_spurious == counts.predicted
