"""Attribution by rules: what must hold whatever the article."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.text import read
from quotes.text.rules import RuleFindings, attribute_by_rules
from tests.strategies import articles

unhurried = settings(deadline=None)
languages = st.sampled_from(["en", "de", "fr", "es", "ja"])


def findings(text: str, language: str) -> RuleFindings:
    return attribute_by_rules(read(text, language))


@unhurried
@given(articles, languages)
def test_every_span_lies_inside_the_text_and_is_not_empty(text: str, language: str) -> None:
    for one in findings(text, language).attributions:
        for span in (*one.content, *one.cue, *one.speaker.mention):
            assert 0 <= span.start < span.end <= len(text)


@unhurried
@given(articles, languages)
def test_the_pieces_of_a_content_stand_in_order_and_apart(text: str, language: str) -> None:
    for one in findings(text, language).attributions:
        assert one.content
        for before, after in zip(one.content, one.content[1:], strict=False):
            assert before.end <= after.start


@unhurried
@given(articles, languages)
def test_no_piece_has_white_space_around_it(text: str, language: str) -> None:
    for one in findings(text, language).attributions:
        assert all(piece.of(text) == piece.of(text).strip() for piece in one.content)


@unhurried
@given(articles, languages)
def test_a_name_is_printed_where_it_says(text: str, language: str) -> None:
    for one in findings(text, language).attributions:
        speaker = one.speaker
        assert (speaker.name is None) == (speaker.name_span is None)
        if speaker.name_span is not None:
            assert speaker.name == speaker.name_span.of(text)
        if not speaker.mention:
            assert speaker.name is None


@unhurried
@given(articles, languages)
def test_every_attribution_tells_its_pattern(text: str, language: str) -> None:
    found = findings(text, language)
    assert len(found.patterns) == len(found.attributions)
    assert all(found.patterns)


@unhurried
@given(articles, languages)
def test_a_quotation_is_attributed_or_skipped_never_both(text: str, language: str) -> None:
    found = findings(text, language)
    skipped = [one.span for one in found.skipped]
    assert len(skipped) == len(set(skipped))
    outers = {quotation.outer for quotation in read(text, language).quotations}
    assert set(skipped) <= outers
    wholly = {piece for one in found.attributions for piece in one.content}
    assert not any(span.covers(piece) for span in skipped for piece in wholly if piece.end - piece.start > 0)


@unhurried
@given(articles)
def test_the_same_text_gives_the_same_findings(text: str) -> None:
    assert findings(text, "en") == findings(text, "en")


def _pieces_per_second(make: Callable[[int], str], small: int) -> float:
    """How many times longer ten times the text takes, per code point."""
    times = []
    for size in (small, 10 * small):
        text = make(size)
        reading = read(text, "en")
        begun = time.process_time()
        attribute_by_rules(reading)
        times.append((time.process_time() - begun) / len(text))
    return times[1] / times[0]


@pytest.mark.parametrize(
    ("make", "small"),
    [
        (lambda n: 'Mayor Ruiz said that the bridge would hold, and Holt called it "safe". ' * n, 60),
        (lambda n: "word another the mayor said that " * n, 100),
        (lambda n: '"a" ' * n, 500),
        (lambda n: '"It rained," said Ruiz. ' * n, 100),
        (lambda n: "Ruiz, " * n, 500),
        (lambda n: "Q: Why?\nA: Because.\n" * n, 80),
        (lambda n: "“It went on and on for a very long while.\n" * n, 100),
        (lambda n: "“He said ‘run’ and I ran,” Vega said. " * n, 50),
        (lambda n: "x" * n, 20000),
    ],
)
def test_ten_times_the_text_takes_about_ten_times_as_long(make: Callable[[int], str], small: int) -> None:
    ratios = [_pieces_per_second(make, small) for _ in range(3)]
    assert min(ratios) < 3
