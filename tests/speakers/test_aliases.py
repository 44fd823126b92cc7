"""The alias file: what it declares, and how its errors read."""

from __future__ import annotations

import pytest

from quotes.errors import UsageError
from quotes.speakers import parse_aliases

GOOD = """\
[[speaker]]
name = "Mara Ruiz"
kind = "person"
aliases = ["Ms. Ruiz", "Ruiz"]

[[speaker]]
name = "Dean Holt"
"""


def test_every_form_leads_to_its_speaker_whatever_its_case() -> None:
    aliases = parse_aliases(GOOD, "aliases.toml")
    assert [getattr(aliases.of(form), "name", None) for form in ("ms. ruiz", "Mara\nRuiz", "DEAN HOLT", "Krell")] == [
        "Mara Ruiz",
        "Mara Ruiz",
        "Dean Holt",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD + 'aliases = [\n  "Councilman Holt",\n  "ruiz",\n]\n',
            (
                "a.toml line 10: “ruiz” stands under “Mara Ruiz” already (a form belongs to one speaker; "
                "leave it out of one of them)"
            ),
        ),
        (
            GOOD + "aliases = [Holt]\n",
            "a.toml line 8: no TOML: Invalid value (names stand in quotation marks, lists in brackets)",
        ),
        (
            GOOD + 'alias = ["Holt"]\n',
            "a.toml line 6: “alias” is unknown here (known are name, aliases and kind)",
        ),
        (
            'speaker = "Mara Ruiz"\n',
            (
                "a.toml line 1: “speaker” is no list of speakers "
                '(an entry is [[speaker]], then name = "…" and aliases = ["…"])'
            ),
        ),
        (
            '\n[[speakers]]\nname = "Mara Ruiz"\n',
            (
                "a.toml line 2: “speakers” is no list of speakers "
                '(an entry is [[speaker]], then name = "…" and aliases = ["…"])'
            ),
        ),
        (
            '[[speaker]]\naliases = ["Ruiz"]\n',
            'a.toml line 1: a speaker without a name (an entry is [[speaker]], then name = "…" and aliases = ["…"])',
        ),
        (
            '[[speaker]]\nname = "Ruiz"\naliases = "Ms. Ruiz"\n',
            (
                "a.toml line 1: the aliases of “Ruiz” are no list of names "
                '(an entry is [[speaker]], then name = "…" and aliases = ["…"])'
            ),
        ),
        (
            '[[speaker]]\nname = "Ruiz"\nkind = "mayor"\n',
            (
                "a.toml line 1: the kind of “Ruiz” is none of ours (kinds are person, organization, document, group, "
                "anonymous, unknown)"
            ),
        ),
    ],
)
def test_a_broken_file_is_one_line_that_names_the_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_aliases(text, "a.toml")
    assert str(caught.value) == message


def test_a_form_twice_under_one_name_is_no_error() -> None:
    assert parse_aliases('[[speaker]]\nname = "Ruiz"\naliases = ["ruiz", "Ruiz"]\n', "a.toml").of("Ruiz")
