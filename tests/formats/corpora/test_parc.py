"""PARC 3: attributions below the words of trees."""

from __future__ import annotations

import pytest

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldArticle
from quotes.formats.corpora.parc import read_parc
from tests.formats.corpora.annotated import FIXTURES, words

DATA = (FIXTURES / "parc/train/99/wsj_9901.xml").read_bytes()
RAW = (FIXTURES / "parc-text/wsj_9901").read_text(encoding="utf-8")


def one(word: str) -> bytes:
    return f"<root><SENTENCE><S>{word}</S></SENTENCE></root>".encode()


def test_the_text_is_made_of_the_words_and_nested_attributions_are_quotes() -> None:
    text, quotes, empty = read_parc(DATA, None, "w")
    assert text == "“Rates fell,” Ida Krell said.\n\nThe bank (of Tarnside) said Krell thinks rates “may rise”."
    assert words(GoldArticle("", "", text, quotes)) == [
        (["Rates fell"], ["said"], ["Ida Krell"]),
        (["Krell thinks rates “may rise”"], ["said"], ["The bank (of Tarnside)"]),
        (["rates “may rise”"], ["thinks"], ["Krell"]),
    ]
    assert empty == 0


def test_with_the_raw_text_every_word_is_looked_up_in_it() -> None:
    text, quotes, _ = read_parc(DATA, RAW, "w")
    assert text == RAW
    assert words(GoldArticle("", "", text, quotes))[1] == (
        ['Krell thinks rates "may rise"'],
        ["said"],
        ["The bank (of Tarnside)"],
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<root><SENTENCE>", "w line 1: no XML: no element found at character 17 (name a file of PARC 3)"),
        (b"<root/>", "w: holds no WORD in a SENTENCE (name a file of PARC 3)"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><root/>', "w: declares entities, which PARC has not (name a file of PARC 3)"),
        (one("<WORD/>"), "w: word 1 has no text (name a file of PARC 3)"),
        (
            one('<WORD text="a"><attribution id="n"><attributionRole roleValue="victim"/></attribution></WORD>'),
            "w: attribution n: its role is “victim” (roles are content, cue, source)",
        ),
    ],
)
def test_what_is_not_parc_is_one_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_parc(data, None, "w")
    assert str(caught.value) == message


def test_another_raw_text_is_an_error() -> None:
    with pytest.raises(InputError, match="token 2, “Rates”, is not what the text goes on with: “Taxes"):
        read_parc(DATA, RAW.replace("Rates", "Taxes"), "w")


def test_without_offsets_white_space_is_as_in_print() -> None:
    assert read_parc(one('<WORD text="Yes"/><WORD text=","/><WORD text="he"/>'), None, "w")[0] == "Yes, he"
