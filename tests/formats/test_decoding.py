"""From bytes to text: what is read, what is read with a remark, and what is refused."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import InputError
from quotes.formats.decoding import decode

PROSE = "« C’est fini », a déclaré l’élue à Vélizan. Das Café schließt – für immer.\r\n"

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@given(texts.filter(lambda text: not text.startswith("\ufeff")))
def test_any_text_in_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode("utf-8"), "a.txt") == (text, None)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@given(text=texts)
def test_a_byte_order_mark_says_how_to_read_and_is_dropped(mark: bytes, encoding: str, text: str) -> None:
    assert decode(mark + text.encode(encoding), "a.txt") == (text, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read_with_a_remark(encoding: str) -> None:
    assert decode(PROSE.encode(encoding), "a.txt") == (PROSE, "read as UTF-16: it has no byte-order mark")


def test_windows_1252_is_read_with_a_remark() -> None:
    assert decode(PROSE.encode("cp1252"), "a.txt") == (PROSE, "read as Windows-1252 (Latin-1): it is not UTF-8")


def test_latin_1_is_read_with_a_remark() -> None:
    text = "Élise a dit « oui ». Größe: 5 µm"
    assert decode(text.encode("latin-1"), "a.txt") == (text, "read as Windows-1252 (Latin-1): it is not UTF-8")


def test_a_single_foreign_letter_at_the_end_of_a_long_file_is_read() -> None:
    text = "plain words. " * 50_000 + "caf\xe9"
    assert decode(text.encode("latin-1"), "a.txt").text == text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PROSE.encode("utf-8").replace("é".encode(), b"\xc3"), id="UTF-8 with damaged characters"),
        pytest.param("“Nein”, sagte sie – für immer".encode()[:-1] + b"\xe2\x80", id="UTF-8 cut within a character"),
        pytest.param("Она сказала нет".encode("cp1251"), id="Cyrillic in its own encoding"),
        pytest.param("「無理だ」と彼は言った。".encode("shift-jis"), id="Japanese in its own encoding"),
        pytest.param(b"plain\x81words", id="bytes without a letter in Windows-1252"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x01\x02\x03 some words", id="a picture"),
        pytest.param(codecs.BOM_UTF16_LE + b"a\x00b", id="UTF-16 cut within a character"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", id="UTF-16 with half a pair"),
        pytest.param(codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff", id="UTF-32 beyond Unicode"),
    ],
)
def test_what_is_undecodable_is_refused_with_place_and_remedy(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^a\.txt: undecodable: .*byte \d+ .*\(save it as UTF-8\)$"):
        decode(data, "a.txt")


def test_a_byte_order_mark_that_lies_is_refused_by_the_encoding_it_names() -> None:
    with pytest.raises(InputError, match=r"its byte-order mark says UTF-16, which"):
        decode(codecs.BOM_UTF16_BE + b"abc", "a.txt")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"some\0words", id="in ASCII"),
        pytest.param("né\0".encode(), id="in UTF-8"),
        pytest.param(b"n\xe9\0", id="in Latin-1"),
        pytest.param(codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le"), id="as a character of UTF-16"),
        pytest.param("words and \0 more".encode("utf-16-le"), id="as a character of UTF-16 without a mark"),
        pytest.param(bytes(64), id="nothing else"),
    ],
)
def test_nul_is_no_text(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^a\.txt: holds a NUL character at \d+"):
        decode(data, "a.txt")


def test_nothing_is_an_empty_text() -> None:
    assert decode(b"", "a.txt") == ("", None)


@given(st.binary(max_size=200))
def test_no_bytes_are_replaced_or_end_in_any_other_error(data: bytes) -> None:
    try:
        text, note = decode(data, "a.txt")
    except InputError:
        return
    encodings = ["cp1252"] if note and "1252" in note else ["utf-16-le", "utf-16-be"] if note else ["utf-8"]
    marks = [b""] if note else [b"", codecs.BOM_UTF8]
    plain = {mark + text.encode(encoding) for mark in marks for encoding in encodings}
    marked = {text.encode("utf-16"), codecs.BOM_UTF16_BE + text.encode("utf-16-be"), text.encode("utf-32")}
    assert data in plain | marked | {codecs.BOM_UTF32_BE + text.encode("utf-32-be")}
