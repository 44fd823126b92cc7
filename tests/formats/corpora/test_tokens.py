"""Tokens: laid out as print has them, and found again in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import InputError
from quotes.formats.corpora.tokens import align, lay_out, usual_gaps, written

some_tokens = st.lists(
    st.sampled_from(
        ["We", "tried", ",", ".", "``", "''", '"', "“", "”", "„", "-LRB-", "-RRB-", "n't", "'s", "1\\/2", "..."]
    )
    | st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1),
    min_size=1,
)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("“ We tried , ” Ruiz did n't say .", "“We tried,” Ruiz didn't say."),
        ('" Yes , " she said , " and no . "', '"Yes," she said, "and no."'),
        ("`` Yes , '' Ida Krell 's aide -LRB- 31 -RRB- said .", "“Yes,” Ida Krell's aide (31) said."),
        ("„ Wir bauen “ , rief sie .", "„Wir bauen“, rief sie."),
        ("» Ja « , rief sie .", "»Ja«, rief sie."),
        ("« Oui » , dit-elle .", "«Oui», dit-elle."),
    ],
)
def test_white_space_is_as_in_print(tokens: str, text: str) -> None:
    assert lay_out(tokens.split(), usual_gaps(tokens.split())).text == text


def test_a_paragraph_closes_what_was_open() -> None:
    tokens = ['"', "Yes", '"', "No"]
    assert lay_out(tokens, usual_gaps(tokens, {2})).text == '"Yes\n\n"No'


@given(some_tokens)
def test_every_token_stands_at_its_place(tokens: list[str]) -> None:
    laid = lay_out(tokens, usual_gaps(tokens))
    assert [place.of(laid.text) for place in laid.places] == [written(token) for token in tokens]


@given(some_tokens, st.data())
def test_tokens_are_found_again_whatever_the_white_space(tokens: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.sampled_from(["", " ", "\n\n", "\u00a0 "])) for _ in tokens]
    laid = lay_out(tokens, gaps)
    assert align(tokens, laid.text, "w").places == laid.places


@given(some_tokens, st.sets(st.integers(0, 40)))
def test_neighbouring_tokens_are_one_span_and_all_are_covered(tokens: list[str], chosen: set[int]) -> None:
    laid = lay_out(tokens, usual_gaps(tokens))
    chosen = {number for number in chosen if number < len(tokens)}
    spans = laid.spans(chosen)
    covered = {number for number, place in enumerate(laid.places) if any(span.covers(place) for span in spans)}
    assert covered == chosen
    assert len(spans) == sum(number - 1 not in chosen for number in chosen)


def test_one_full_stop_may_end_an_abbreviation_and_its_sentence() -> None:
    laid = align(["the", "U.S.", ".", "Holt"], "the U.S. Holt", "w")
    assert [place.of(laid.text) for place in laid.places] == ["the", "U.S.", ".", "Holt"]


def test_another_text_is_told_with_the_token_and_what_is_printed_there() -> None:
    with pytest.raises(InputError) as caught:
        align(["We", "tried"], "We failed", "w")
    remedy = "give the text that these tokens were made of"
    assert str(caught.value) == f"w: token 2, “tried”, is not what the text goes on with: “failed” ({remedy})"
