"""Head words of names."""

from __future__ import annotations

import pytest

from quotes.evaluation.heads import head_word


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mayor Mara Ruiz", "ruiz"),
        ("Ms. Ruiz", "ruiz"),
        ("Ruiz’s", "ruiz"),
        ("the Joneses'", "joneses"),
        ("Tom Brandt Jr.", "brandt"),
        ("a spokeswoman for the port", "spokeswoman"),
        ("Ida Krell, the harbour master", "krell"),
        ("Ida Krell (left)", "krell"),
        ("one resident", "resident"),
        ("She", None),
        ("the mayor", None),
        ("", None),
        ("…", None),
    ],
)
def test_the_head_word_is_the_last_one_before_what_only_describes(name: str, expected: str | None) -> None:
    assert head_word(name) == expected
