"""HTML in: the article of a page, its metadata, its encoding, and pages that are none or too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from quotes.formats.reading import pages
from tests.formats.reading.making import PAGE, PAGE_TEXT, found, the_article, the_error, told, write

WORDS = "<p>The ferry will run at night, the harbour board said on Monday, and it will be free of charge.</p>"


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>"


@pytest.mark.parametrize("name", ["pier.html", "pier.htm", "pier.HTML"])
def test_a_page_is_its_article_with_a_blank_line_between_paragraphs(tmp_path: Path, name: str) -> None:
    article = the_article(write(tmp_path / name, PAGE))
    assert (article.id, article.text, article.notes) == ("pier", PAGE_TEXT, ())


def test_what_the_page_says_of_itself_is_metadata_whatever_the_clock_says(tmp_path: Path) -> None:
    assert the_article(write(tmp_path / "a.html", PAGE)).metadata == {
        "title": "Pier to close",
        "author": "Ida Krell",
        "date": "2031-05-04",
        "url": "https://courier.example/pier",
        "sitename": "Tidewater Courier",
    }


def test_a_page_read_twice_is_the_same_article(tmp_path: Path) -> None:
    path = write(tmp_path / "a.html", PAGE)
    assert found(path) == found(path)


@pytest.mark.parametrize("data", [PAGE.encode(), b"\n " + PAGE.encode(), PAGE.encode("utf-16")])
def test_a_page_on_standard_input_is_known_by_its_start(data: bytes) -> None:
    article = the_article("-", stdin=data)
    assert (article.id, article.text) == ("stdin", PAGE_TEXT)


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", ""),
        ("utf-16", ""),
        ("utf-8-sig", '<meta charset="koi8-r">'),
        ("cp1252", '<meta charset="iso-8859-1">'),
        ("cp1252", '<meta charset="utf-9">'),
        ("cp1251", "<meta charset=windows-1251>"),
        ("cp1250", '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1250">'),
        ("gb18030", '<meta charset="gb2312">'),
        ("shift_jis", '<meta charset="Shift_JIS">'),
    ],
)
def test_the_encoding_is_that_of_the_mark_else_that_the_page_declares(tmp_path: Path, encoding: str, head: str) -> None:
    said = {"cp1251": "«Нет», — сказала Мара Одуя.", "cp1250": "„Nie”, powiedziała Łucja Żak."}.get(encoding, "")
    said = said or (
        "彼女は「無理だ」と言った。" if encoding in ("shift_jis", "gb18030") else "« Fini », dit-elle à Vélizan."
    )
    path = write(tmp_path / "a.html", page(f"<p>{said}</p>{WORDS}", head).encode(encoding))
    assert the_article(path).text.startswith(said)


def test_a_declaration_that_the_bytes_belie_is_remarked_upon(tmp_path: Path) -> None:
    body = "<p>« Fini », dit-elle à Vélizan.</p>" + WORDS
    latin = the_article(write(tmp_path / "a.html", page(body, "<meta charset=utf-8>").encode("cp1252")))
    utf8 = the_article(write(tmp_path / "b.html", page(body, "<meta charset=shift_jis>").encode()))
    assert latin.text == utf8.text
    assert latin.notes == ("read as Windows-1252 (Latin-1): it is not UTF-8, though it says so",)
    assert utf8.notes == ("read as UTF-8: it says shift_jis, which it is not",)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no article text found in the page"),
        (b"words", "no article text found"),
        (b"<html><body><script>alert(1)</script></body></html>", "no article text found"),
        (b"<html>\0</html>", "holds a NUL character at 6"),
        (b"<html>\x81", "undecodable"),
        (page("<span>w</span>" * 10_001).encode(), "too large for one article: too many elements side by side"),
        (page("<p><i>w</i></p>" * 50_000).encode(), "too large for one article: too many elements side by side"),
        (page("<div><p><i>w</i>" * 50_000).encode(), "nested deeper than 255 levels"),
        (page("<div>" * 100_000).encode(), "nested deeper than 255 levels"),
        (page("<!--" * 100_000).encode(), "no article text found"),
        (page("<a href='" * 20_000).encode(), ""),
    ],
)
def test_a_page_that_is_none_or_too_much_is_one_error_at_once(tmp_path: Path, data: bytes, complaint: str) -> None:
    [outcome] = found(write(tmp_path / "a.html", data))
    assert complaint in str(outcome)


def test_a_page_of_50_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path / "a.html", b"<p>" + b"no end here. " * 3_850_000)
    assert the_error(path).startswith(f"{path}: the page is too large for one article: more than 10,000,000 bytes")


def test_a_page_of_few_bytes_that_are_many_in_utf_8_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.html", page("無" * 3_400_000).encode("utf-16"))
    assert "more than 10,000,000 bytes in UTF-8" in the_error(path)


def test_what_the_parser_would_drop_is_never_dropped_in_silence(tmp_path: Path) -> None:
    for deep in (200, 250, 251, 252, 253, 300):
        [outcome] = found(write(tmp_path / "a.html", page("<b>" * deep + "deep" + "</b>" * deep + WORDS)))
        assert "free of charge" in getattr(outcome, "text", "") or "nested deeper than 255 levels" in str(outcome)


def test_a_report_of_our_own_is_no_article(tmp_path: Path) -> None:
    head = '<meta charset="utf-8"><meta name="generator" content="quotes 9.9">'
    assert "one that quotes has written, and no article" in the_error(write(tmp_path / "a.html", page(WORDS, head)))


def test_pages_of_many_elements_are_refused_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_ELEMENTS", 100)
    assert "more than 100 elements" in the_error(write(tmp_path / "a.html", page("<div><p>w</p></div>" * 60)))


def test_without_the_extra_each_page_is_an_error_with_the_remedy_and_all_else_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "trafilatura", None)
    for name in ("a.html", "b.txt", "c.htm"):
        write(tmp_path / name, PAGE)
    needs = 'HTML needs trafilatura, which is not installed (pip install "quotes[html]")'
    assert told(found(tmp_path)) == [f"{tmp_path / 'a.html'}: {needs}", "b", f"{tmp_path / 'c.htm'}: {needs}"]


def test_an_extra_that_is_broken_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = write(tmp_path / "lib" / "trafilatura.py", 'raise ImportError("half of it is missing")')
    monkeypatch.delitem(__import__("sys").modules, "trafilatura", raising=False)
    monkeypatch.syspath_prepend(broken.parent)
    complaint = the_error(write(tmp_path / "a.html", PAGE))
    assert "which is installed but broken: half of it is missing (pip install --upgrade" in complaint
