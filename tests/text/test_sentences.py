"""Sentences: where they end, and where a full stop ends nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.text.paragraphs import find_paragraphs
from quotes.text.quotations import find_quotations
from quotes.text.sentences import find_sentences
from tests.strategies import articles

unhurried = settings(deadline=None)


def sentences(text: str, language: str | None = "en") -> list[str]:
    found = find_sentences(text, find_paragraphs(text), find_quotations(text), language)
    return [sentence.of(text) for sentence in found]


@pytest.mark.parametrize(
    "text",
    [
        "Rep. J.T. Marlow (D-N.Y.) met Sen. Holt and Dr. St. Ames.",
        "Lt. Gov. Mara K. Ruiz of the U.S. Senate spoke at 5 p.m. Monday.",
        "It rose 3.5 percent on Jan. 5 to $1.2 million, No. 4 in Europe.",
        "“Why?” he asked.",
        "“Why now?” Mara Ruiz asked.",
        "“Enough!” the mayor of Salt Bay said.",
        "“We left. We ran. We hid,” she said.",
        "“Never again.” — Mara Ruiz",
        "They [the board] … lied and … Roy knew.",
        "“We left, she said. Then nobody came.",
        "1. Salt and bread",
        "Visit salt.example.org or pier.js today.",
    ],
)
def test_what_belongs_together_is_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("“No,” said Roy.", "“Never. Not now.”"),
        ("“We left.”", "The bus came late."),
        ("She lives in the U.S.", "The others left."),
        ("He came at 5 p.m.", "“Too late,” she said."),
        ("He said no.", "Ruiz said yes."),
        ("He sat.", "Ruiz stood."),
        ("Why now?", "Because we can."),
        ("It cost £4!", "Nobody paid."),
        ("We waited...", "Nobody came."),
        ("(He left in May.)", "Nobody came."),
        ("It was 2010.", "Nobody came."),
        ("“Why?” she asked.", "Roy knew."),
        ("He called it “over.”", "Then he left."),
        ("هل تعرف؟", "نعم نعرف."),
    ],
)
def test_a_sentence_ends_here(first: str, second: str) -> None:
    assert sentences(f"{first} {second}") == [first, second]
    assert sentences(f"{first}\n{second}") == [first, second]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Am 3. Mai kam Dr. Meier z. B. nach Salzau.", 1),
        ("de", "Er kam am 3. Mai 2011. Danach ging er.", 2),
        ("de", "„Nein. Nie“, sagte er. „Ja.“", 2),
        ("fr", "M. Ruiz est venu. « Non », dit-il.", 2),
        ("fr", "« Pourquoi ? » demande Mme. Holt.", 1),
        ("es", "El Sr. Ruiz llegó. «No», dijo.", 2),
    ],
)
def test_other_languages_have_their_own_abbreviations(language: str, text: str, expected: int) -> None:
    assert len(sentences(text, language)) == expected


def test_wide_stops_end_sentences_without_a_space() -> None:
    assert sentences("终わり。次へ！「無理だ。」と彼は言った。はい。") == [
        "终わり。",
        "次へ！",
        "「無理だ。」と彼は言った。",
        "はい。",
    ]


@unhurried
@given(articles, st.sampled_from([None, "en", "de", "fr", "es", "xx"]))
def test_sentences_cover_all_that_is_printed(text: str, language: str | None) -> None:
    paragraphs = find_paragraphs(text)
    found = find_sentences(text, paragraphs, find_quotations(text), language)
    position = 0
    for sentence in found:
        assert not text[position : sentence.start].strip()
        assert sentence.of(text) == sentence.of(text).strip() != ""
        assert any(paragraph.covers(sentence) for paragraph in paragraphs)
        position = sentence.end
    assert not text[position:].strip()


@unhurried
@given(articles)
def test_no_sentence_ends_inside_a_quotation(text: str) -> None:
    quotations = find_quotations(text)
    for sentence in find_sentences(text, find_paragraphs(text), quotations):
        for quotation in quotations:
            assert not quotation.outer.start < sentence.end < quotation.outer.end
            assert not quotation.outer.start < sentence.start < quotation.outer.end
