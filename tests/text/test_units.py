"""Units: the words of a sentence, what each tells by itself, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.text import read
from quotes.text.cues import load_lexicon
from quotes.text.rules import wordclasses
from quotes.text.rules.units import Unit, split_units
from quotes.text.rules.wordclasses import (
    ADVERB,
    ADVERBS,
    CLASSES,
    CUE,
    MOST_REMEMBERED,
    NAME,
    NOUN,
    OPEN,
    PRONOUNS,
    QUOTATION,
    QUOTE,
    STOP,
    THAT,
    Vocabulary,
)
from tests.strategies import articles

LANGUAGES = ["en", "de", "fr", "es"]


def units_of(text: str, language: str = "en") -> list[Unit]:
    return list(split_units(read(text, language)))


def bits_of(text: str, language: str = "en") -> dict[str, int]:
    unit = units_of(text, language)[0]
    return dict(zip(unit.words, unit.bits, strict=True))


@given(articles, st.sampled_from(LANGUAGES))
def test_every_word_stands_where_it_is_said_to_and_no_letter_is_left_out(text: str, language: str) -> None:
    for unit in units_of(text, language):
        at = unit.span.start
        for word, bits, start, end in zip(unit.words, unit.bits, *unit.places, strict=True):
            assert word == (QUOTE if bits & QUOTATION else text[start:end])
            left_out = text[at:start].strip()
            assert left_out == "" or (left_out in {"-", "-t", "-t-"} and word.lower() in {"il", "ils", "elle", "elles"})
            at = end


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Mr. Krell of the U.S. said so.", "en", "Mr. Krell of the U.S. said so ."),
        ("It cost 3.5%, at 12:30 p.m. today.", "en", "It cost 3.5% , at 12:30 p.m. today ."),
        ("«Non», affirme-t-il, dit-elle.", "fr", f"{QUOTE} , affirme il , dit elle ."),
    ],
)
def test_a_full_stop_belongs_to_its_abbreviation_and_a_hyphen_to_its_pronoun(
    text: str, language: str, words: str
) -> None:
    assert " ".join(units_of(text, language)[0].words) == words


def test_what_is_asked_twice_about_a_reading_is_read_once() -> None:
    reading = read("“No,” Ida Krell said. “Yes,” Dean Holt said.", "en")
    assert all(one is other for one, other in zip(split_units(reading), split_units(reading), strict=True))


def test_a_constant_is_named_as_its_word_class() -> None:
    assert {name: getattr(wordclasses, name.upper()) for name in CLASSES} == CLASSES
    assert len(set(CLASSES.values())) == len(CLASSES)
    assert set(CLASSES) <= {name for language in LANGUAGES for name in load_lexicon(language).words}


def test_the_bits_of_a_word_tell_its_classes_and_its_form() -> None:
    bits = bits_of("Then he quirkily said that “no” plumber, Ida Krell, came.")
    assert bits["that"] & THAT
    assert not bits["that"] & OPEN
    assert bits["he"] & PRONOUNS
    assert bits["said"] & CUE
    assert bits["plumber"] & NOUN
    assert not bits["plumber"] & NAME
    assert bits["Krell"] & NAME
    assert bits[QUOTE] & QUOTATION
    assert bits[QUOTE] & STOP
    assert not bits[","] & STOP
    assert bits["quirkily"] & ADVERB
    assert not bits["quirkily"] & ADVERBS


def test_a_vocabulary_forgets_before_it_grows_without_end() -> None:
    vocabulary = Vocabulary(load_lexicon("en"))
    for number in range(MOST_REMEMBERED + 10):
        vocabulary[f"word{number}"]
    assert len(vocabulary) <= MOST_REMEMBERED
    assert vocabulary["Said"][0] == "said"
