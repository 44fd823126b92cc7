"""Names: the roster an article prints, gathered from every form of a name."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings

from quotes.text import attribute_by_rules, read
from tests.strategies import articles

unhurried = settings(deadline=None)


def roster(text: str, language: str = "en") -> dict[str, list[str]]:
    """The names of *text*, each with its mentions as printed."""
    return {name.name: [mention.of(text) for mention in name.mentions] for name in read(text, language).roster}


def kinds(text: str, language: str = "en") -> dict[str, str]:
    return {name.name: name.kind for name in read(text, language).roster}


def test_all_forms_of_a_name_are_one_entry() -> None:
    text = "Mayor Mara Ruiz spoke. Later Ms. Ruiz left. A guard saw Ruiz go."
    assert roster(text) == {"Mara Ruiz": ["Mayor Mara Ruiz", "Ms. Ruiz", "Ruiz"]}


def test_the_fullest_form_may_come_later() -> None:
    assert list(roster("On Monday Ruiz spoke. It was Mara Ruiz's first speech.")) == ["Mara Ruiz"]


def test_a_surname_alone_keeps_its_title() -> None:
    assert list(roster("We saw Ms. Ruiz there.")) == ["Ms. Ruiz"]


def test_a_given_name_belongs_to_the_full_name() -> None:
    assert roster("We met Mara Ruiz. Then Mara left.") == {"Mara Ruiz": ["Mara Ruiz", "Mara"]}


def test_initials_and_middle_names_make_no_second_entry() -> None:
    assert len(roster("It was Dana Q. Holt. Everyone knew Dana Holt.")) == 1


@pytest.mark.parametrize("short", ["J. T. Marlow", "J.T. Marlow", "J. Marlow"])
def test_an_initial_stands_for_the_one_given_name_it_can_begin(short: str) -> None:
    assert roster(f"It was {short}. Everyone knew Joan T. Marlow.") == {"Joan T. Marlow": [short, "Joan T. Marlow"]}


@pytest.mark.parametrize("others", ["Joan R. Marlow", "Joan Marlow and Jack Marlow", "Ada Marlow"])
def test_an_initial_that_fits_nobody_or_several_stands_for_itself(others: str) -> None:
    assert "J. T. Marlow" in roster(f"It was J. T. Marlow. Everyone knew {others}.")


def test_what_follows_a_surname_makes_no_second_entry() -> None:
    text = "We met Ada Marlow, Jr. Then Marlow, Jr., left, and Marlow came back."
    assert roster(text) == {"Ada Marlow, Jr.": ["Ada Marlow, Jr.", "Marlow, Jr.", "Marlow"]}


def test_a_title_that_is_a_given_name_too_is_one_behind_another_title() -> None:
    assert list(roster("We met Gov. Dean Holt.")) == ["Dean Holt"]
    assert list(roster("We met Dean Mara Ruiz.")) == ["Mara Ruiz"]


@pytest.mark.parametrize("title", ["Chief of Staff", "Secretary of State"])
def test_a_title_may_have_an_office(title: str) -> None:
    assert roster(f"We met {title} Ida Krell.") == {"Ida Krell": [f"{title} Ida Krell"]}


def test_what_stands_before_a_title_is_no_part_of_the_name() -> None:
    assert roster("We met Oakdale Mayor Mara Ruiz.") == {"Mara Ruiz": ["Oakdale Mayor Mara Ruiz"]}


def test_words_that_are_no_surname_make_an_organisation() -> None:
    text = "We asked the Harbour Survey, then Star Navigation, but not Mara Ruiz."
    assert kinds(text) == {"Harbour Survey": "organization", "Star Navigation": "organization", "Mara Ruiz": "person"}


def test_two_people_of_one_surname_stay_apart() -> None:
    text = "We met Mr. Adam Ruiz and Mrs. Mara Ruiz. Later Mrs. Ruiz spoke."
    assert roster(text)["Mara Ruiz"] == ["Mrs. Mara Ruiz", "Mrs. Ruiz"]


def test_a_possessive_is_no_part_of_a_name() -> None:
    assert roster("It was Ruiz's plan and the Holts’ house.")["Ruiz"] == ["Ruiz"]


def test_particles_and_hyphens_belong_to_a_name() -> None:
    text = "We met Ludo van der Berg, Noor al-Sayed and Ann Smith-Lowe."
    assert list(roster(text)) == ["Ludo van der Berg", "Noor al-Sayed", "Ann Smith-Lowe"]


def test_the_words_of_an_organisation_stay_together() -> None:
    text = "He works at the University of Oakdale and the Harbour Workers Union."
    assert kinds(text) == {"University of Oakdale": "organization", "Harbour Workers Union": "organization"}


def test_an_acronym_belongs_to_the_words_it_shortens() -> None:
    text = "He leads the Oakdale Quay Party. We like the OQP."
    assert roster(text) == {"Oakdale Quay Party": ["Oakdale Quay Party", "OQP"]}


@pytest.mark.parametrize("text", ["Then it rained.", "However, nobody came.", "On Monday, in June, it froze."])
def test_words_that_open_a_sentence_are_no_names(text: str) -> None:
    assert roster(text) == {}


def test_an_unknown_word_that_opens_a_sentence_is_a_name_only_where_it_speaks() -> None:
    assert list(roster("Oduya said no.")) == ["Oduya"]
    assert roster("Rents doubled.") == {}


def test_a_word_the_article_prints_small_is_no_name() -> None:
    assert roster("Bakers said no. The bakers went home.") == {}


def test_a_title_makes_a_person() -> None:
    assert kinds("We met Sen. Ann Lee.") == {"Ann Lee": "person"}


def test_german_nouns_are_no_names() -> None:
    text = "Die Regierung will den Hafen schließen. Anna Meier sagte, Meier habe das Geld. Herr Kolb schwieg."
    assert list(roster(text, "de")) == ["Anna Meier", "Herr Kolb"]


@unhurried
@given(articles)
def test_every_name_is_printed_where_it_says(text: str) -> None:
    found = read(text, "en").roster
    assert [name.index for name in found] == list(range(len(found)))
    for name in found:
        assert name.name == name.full.of(text)
        assert name.mentions
        assert list(name.mentions) == sorted(name.mentions)
        assert any(mention.covers(name.full) for mention in name.mentions)


@pytest.mark.parametrize("count", [3, 60])
def test_a_word_also_printed_in_small_letters_is_no_name_however_many_there_are(count: int) -> None:
    openers = [f"Ka{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(count)]
    text = "".join(f"{opener} left. {opener} slept. " for opener in openers)
    common, within = openers[0], openers[1]
    text += f"A {common.lower()} rests, and {within.lower()}s do. Über-Alda left. Über-Alda slept, über-alda."
    assert list(roster(text)) == openers[1:]


def test_namesakes_without_number_are_clustered_in_linear_time() -> None:
    def seconds(count: int) -> float:
        text = " ".join(f"Ab{'abcdefghij'[i % 10]}{i // 10 * 'x'} Smith met Smith." for i in range(count))
        begun = time.process_time()
        read(text, "en")
        return (time.process_time() - begun) / len(text)

    assert min(seconds(400) / seconds(40) for _ in range(3)) < 4


def test_a_name_with_decomposed_accents_is_whole() -> None:
    text = unicodedata.normalize("NFD", "René Müller met José Peña. “Non,” said René Müller.")
    found = [name.name for name in read(text, "en").roster]
    assert found == [unicodedata.normalize("NFD", name) for name in ("René Müller", "José Peña")]
    (attribution,) = attribute_by_rules(read(text, "en")).attributions
    assert attribution.speaker.name == unicodedata.normalize("NFD", "René Müller")
