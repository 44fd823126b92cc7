"""Forms of a name: what is the same, and its last word."""

from __future__ import annotations

import pytest

from quotes.text.forms import count_words, folded, last_word


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Mara Ruiz", "ruiz"),
        ("Dean Holt, Jr.", "holt"),
        ("Ida Krell's", "krell"),
        ("Holt’s office", "office"),
        ("Ann Smith-Lowe", "lowe"),
        ("Jr.", "jr"),
        ("…", ""),
    ],
)
def test_the_last_word_of_a_name(name: str, word: str) -> None:
    assert last_word(name) == word


def test_case_white_space_apostrophes_and_composition_make_no_other_name() -> None:
    assert folded("The O’Dell\nCafe\u0301") == folded("the O'Dell Café")


def test_hyphens_and_apostrophes_are_within_words() -> None:
    assert count_words("We don't – we can’t – re-open … in 2031.") == 7
