"""Cues: the lexicons as data, and where a sentence prints a cue."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from quotes.text import read
from quotes.text.cues import FRAMES, find_cues, frame_of, load_lexicon
from quotes.text.rules.units import Unit, split_units

LANGUAGES = ["en", "de", "fr", "es"]


def unit_of(text: str, language: str = "en") -> Unit:
    reading = read(text, language)
    return next(iter(split_units(reading)))


def frames(text: str) -> dict[str, str]:
    unit, lexicon = unit_of(text), load_lexicon("en")
    return {unit.words[first]: frame_of(unit, first, last, lexicon) for first, last, _ in find_cues(unit, lexicon)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lexicon_holds_short_cues_and_no_sentence(language: str) -> None:
    table = (files("quotes.text") / "lexicon" / language / "cues.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        cue = line.split("\t")[0]
        assert line.startswith("#") or len(cue.split()) <= 3
        assert line.startswith("#") or re.fullmatch(r"[a-zà-ÿß'’ -]+", cue)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_precision_of_a_cue_is_a_share(language: str) -> None:
    for rates in load_lexicon(language).cues.values():
        assert set(rates) == set(FRAMES)
        assert all(0 <= rate <= 1 for rate in rates.values())


def test_every_counted_cue_was_seen_in_five_articles() -> None:
    table = (files("quotes.text") / "lexicon" / "en" / "cues.tsv").read_text(encoding="utf-8")
    counted = [line.split("\t") for line in table.splitlines() if not line.startswith(("#", "cue"))]
    assert len(counted) > 300
    assert all(int(row[1]) >= 5 for row in counted)


def test_a_language_without_a_lexicon_gets_the_english_one() -> None:
    assert load_lexicon("xx").language == "en"


def test_the_longest_cue_at_a_place_is_found() -> None:
    unit = unit_of("Rents doubled, according to Ng.")
    assert [unit.words[first:last] for first, last, _ in find_cues(unit, load_lexicon("en"))] == [("according", "to")]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Ruiz said that it rained.", "that"),
        ("Ruiz said it rained.", "plain"),
        ("Ruiz promised to go.", "to"),
        ("Ruiz asked whether it rained.", "wh"),
        ('Ruiz said: "It rained."', "quote"),
        ('"It rained," the mayor said.', "quote"),
        ("It rained, Ruiz said.", "end"),
    ],
)
def test_a_cue_knows_what_it_stands_next_to(text: str, frame: str) -> None:
    assert list(frames(text).values())[-1] == frame


def test_words_inside_quotation_marks_are_no_cues() -> None:
    assert frames('"He said that" is a title.') == {}
