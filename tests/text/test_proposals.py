"""What the rules would make of weak cues, for a model to judge; and the counted precision of patterns."""

from __future__ import annotations

import pytest
from hypothesis import given

from quotes.text import attribute_by_rules, find_proposals, precision_of, read
from tests.strategies import articles


def proposed(text: str) -> list[tuple[str, str, str]]:
    """Speaker, cue and content of each proposal."""
    reading = read(text, "en")
    return [
        (
            " ".join(span.of(text) for span in one.attribution.speaker.mention),
            " ".join(span.of(text) for span in one.attribution.cue),
            " … ".join(span.of(text) for span in one.attribution.content),
        )
        for one in find_proposals(reading, attribute_by_rules(reading))
    ]


def test_a_quotation_behind_an_unknown_verb_is_proposed_with_the_subject_as_its_speaker() -> None:
    text = "Mara Ruiz had fretted over the “minor” draught."
    assert ("Mara Ruiz", "fretted", "over the “minor” draught") in proposed(text)


def test_what_the_rules_found_is_not_proposed_again() -> None:
    assert proposed("“No deal,” said Mara Ruiz. Holt said that rents would rise.") == []


def test_a_negated_cue_is_not_proposed() -> None:
    assert proposed("Mara Ruiz did not favour lower rents.") == []


@given(articles)
def test_proposals_stand_in_the_text_and_beside_what_was_found(text: str) -> None:
    reading = read(text)
    findings = attribute_by_rules(reading)
    found = {cue for attribution in findings.attributions for cue in attribution.cue}
    for proposal in find_proposals(reading, findings):
        attribution = proposal.attribution
        assert attribution.content
        assert all(0 <= piece.start < piece.end <= len(text) for piece in attribution.content)
        assert found.isdisjoint(attribution.cue)
        assert 0 <= proposal.rate <= 1


@pytest.mark.parametrize("pattern", ["quote_subject_cue", "quote_cue_subject"])
def test_the_patterns_of_plain_quotes_are_counted_as_nearly_always_right(pattern: str) -> None:
    assert precision_of(pattern, "direct") > 0.93


def test_a_pattern_never_counted_is_believed_by_half_and_a_proposal_less() -> None:
    assert 0.4 < precision_of("no such pattern", "indirect") < 0.7
    assert precision_of("no such pattern", "indirect", 0.0) < 0.3
