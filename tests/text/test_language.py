"""The language of a text, guessed from its function words."""

from __future__ import annotations

import pytest

from quotes.text.language import guess_language, is_of_other_script


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The harbour has been closed to all ships, and nobody could say when it would open."),
        ("de", "Der Hafen ist seit dem Sturm für alle Schiffe gesperrt, und niemand wollte sagen, wie lange."),
        ("fr", "Le port est fermé à tous les navires depuis la tempête, et personne n'a voulu dire pour combien."),
        ("es", "El puerto está cerrado para todos los barcos desde la tormenta y nadie quiso decir por cuánto."),
        ("en", ""),
        ("en", "12 + 30 = 42"),
        ("en", "無理だと彼は言った。"),
        ("en", "שלום אמרה רותי"),
    ],
)
def test_the_function_words_tell(language: str, text: str) -> None:
    assert guess_language(text) == language


def test_only_the_head_of_a_long_text_is_looked_at() -> None:
    assert guess_language("Der Hafen ist und bleibt zu. " * 1000 + "the of and to " * 100_000) == "de"


@pytest.mark.parametrize(
    "text",
    [
        "قالت إيدا كريل: «لا».",
        "שלום אמרה רותי",
        "«Όχι», είπε η Ίντα Κρελ.",
        "「無理だ」とイダは言った。",
        "“不行，”伊达说。",
        "«Нет», — сказала Ида Крелль в порту ABC.",
        "Нет. " * 10_000 + "the of and to " * 10_000,
    ],
)
def test_another_script_is_told_by_most_of_the_letters(text: str) -> None:
    assert is_of_other_script(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 + 30 = 42 … “”",
        "The harbour has been closed.",
        "„Schöne Grüße“, sagte Łucja Đorđević.",
        "El señor Peña dijo: «Nº 1ª».",
        "Nga “Thế à”, Nguyễn Thị Hoa nói.",
        "The word Нет means no.",
        "ab Дж",
    ],
)
def test_the_latin_script_is_told_whatever_stands_on_its_letters(text: str) -> None:
    assert not is_of_other_script(text)
