"""Suggested aliases: what is joined, what is left apart, and that the draft can be read."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from quotes.model import SpeakerKind
from quotes.speakers import parse_aliases, suggest_aliases

UNKNOWN: SpeakerKind = "unknown"


def joined(*names: str, kind: SpeakerKind = "person") -> list[set[str]]:
    draft = tomllib.loads(suggest_aliases(dict.fromkeys(names, kind)))
    return [{entry["name"], *entry["aliases"]} for entry in draft.get("speaker", [])]


def test_titles_and_a_surname_alone_are_the_only_full_name() -> None:
    assert joined("Mara Ruiz", "Mayor Mara Ruiz", "Ms. Ruiz", "Ruiz", "Mara") == [
        {"Mara Ruiz", "Mayor Mara Ruiz", "Ms. Ruiz", "Ruiz", "Mara"}
    ]


def test_the_fullest_form_without_its_title_is_the_name() -> None:
    draft = tomllib.loads(suggest_aliases({"Mayor Mara Ruiz": "person", "Ruiz": "unknown", "Mara Ruiz": "person"}))
    assert draft["speaker"][0] == {"name": "Mara Ruiz", "kind": "person", "aliases": ["Mayor Mara Ruiz", "Ruiz"]}


def test_first_names_of_one_surname_are_left_apart_and_told() -> None:
    draft = suggest_aliases(dict.fromkeys(["Mara Ruiz", "Tomas Ruiz", "Ruiz"], "person"))
    assert tomllib.loads(draft) == {}
    assert '# one surname, different people? "Mara Ruiz" and "Tomas Ruiz": left apart' in draft
    assert '# "Ruiz" fits "Mara Ruiz" or "Tomas Ruiz": left apart' in draft


def test_initials_and_middle_names_fit_the_full_name() -> None:
    assert joined("Joan Tess Marlow", "Joan Marlow", "J. T. Marlow") == [
        {"Joan Tess Marlow", "Joan Marlow", "J. T. Marlow"}
    ]


def test_an_initial_of_two_people_is_left_apart() -> None:
    assert joined("Joan Marlow", "Jack Marlow", "J. Marlow") == []


def test_middle_names_against_each_other_are_two_people() -> None:
    assert joined("Joan Tess Marlow", "Joan Rae Marlow", "Joan Marlow") == []


def test_a_junior_is_nobody_else() -> None:
    assert joined("Dean Holt", "Dean Holt, Jr.", "Holt, Jr.") == [{"Dean Holt, Jr.", "Holt, Jr."}]


def test_a_given_name_that_is_a_title_too_is_kept() -> None:
    assert joined("Dean Holt", "Gov. Dean Holt", "Ida Holt") == [{"Dean Holt", "Gov. Dean Holt"}]


def test_an_acronym_is_the_only_organisation_it_fits() -> None:
    assert joined("Pellora Seismic Office", "the Pellora Seismic Office", "PSO", kind="organization") == [
        {"Pellora Seismic Office", "the Pellora Seismic Office", "PSO"}
    ]


def test_of_a_surname_alone_the_titles_may_not_differ() -> None:
    assert joined("Ms. Ruiz", "Ruiz") == [{"Ms. Ruiz", "Ruiz"}]
    assert joined("Ms. Ruiz", "Mr. Ruiz", "Ruiz") == []


def test_what_has_no_name_is_never_joined() -> None:
    assert joined("the mayor", "Mayor") == []
    assert joined("officials", "Officials of Ruiz", kind="group") == []
    assert joined("Ruiz supporters", "the Ruiz supporters", kind="group") == []


def test_the_campaign_of_a_person_is_not_the_person() -> None:
    names: dict[str, SpeakerKind] = {"Mara Ruiz": "person", "The Ruiz campaign": "organization", "Ruiz": "unknown"}
    draft = tomllib.loads(suggest_aliases(names))
    assert draft["speaker"] == [{"name": "Mara Ruiz", "kind": "person", "aliases": ["Ruiz"]}]


words = st.sampled_from(["Mara", "Joan", "J.", "Ruiz", "Holt", "Mr.", "Dean", "Jr.", "the", "Office", '\x7f"\\', "é\n"])


@given(st.dictionaries(st.lists(words, min_size=1, max_size=4).map(" ".join), st.sampled_from([UNKNOWN, "person"])))
def test_every_draft_can_be_read_and_has_each_form_once(names: dict[str, SpeakerKind]) -> None:
    draft = suggest_aliases(names)
    parse_aliases(draft, "draft")


first, last = st.sampled_from(["Mara", "Joan", "Tomas"]), st.sampled_from(["Ruiz", "Holt"])


@given(st.lists(st.tuples(first, last).map(" ".join), unique=True), st.lists(st.sampled_from(["Ruiz", "Mr. Holt"])))
def test_two_full_names_are_never_one_speaker(full: list[str], short: list[str]) -> None:
    assert all(len(cluster & set(full)) <= 1 for cluster in joined(*full, *short))
