"""Word documents in: the text of the body and no other, properties as metadata, and archives that mean harm."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from quotes.formats.reading import documents
from tests.formats.reading.making import docx, found, paragraph, the_article, the_error, write


def test_a_document_is_its_paragraphs_with_a_blank_line_between(tmp_path: Path) -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('cell')}</w:tc></w:tr></w:tbl>"
    path = docx(
        tmp_path / "pier.docx", paragraph("“We ", "tried,” she said.") + paragraph() + table + paragraph("End.")
    )
    article = the_article(path)
    assert (article.id, article.text, article.metadata) == ("pier", "“We tried,” she said.\n\ncell\n\nEnd.", {})


RUN = "<w:r><w:t>around</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t></w:r></w:p>", "one\ntwo\tthree"),
        ('<w:p><w:r><w:t>one</w:t><w:br w:type="page"/><w:t>two</w:t></w:r></w:p>', "onetwo"),
        ('<w:p><w:pPr><w:tabs><w:tab w:pos="9"/></w:tabs></w:pPr><w:r><w:t>one</w:t></w:r></w:p>', "one"),
        (
            "<w:p><w:del><w:r><w:delText>no</w:delText></w:r></w:del><w:ins><w:r><w:t>yes</w:t></w:r></w:ins></w:p>",
            "yes",
        ),
        ("<w:p><w:moveFrom><w:r><w:t>no</w:t></w:r></w:moveFrom><w:r><w:t>yes</w:t></w:r></w:p>", "yes"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>1</w:t></w:r></w:p>", "1"),
        (
            f"<w:p><mc:Choice>{paragraph('box')}</mc:Choice><mc:Fallback>{paragraph('no')}</mc:Fallback>{RUN}</w:p>",
            "box\n\naround",
        ),
        (
            "<w:p><w:r><w:t xml:space='preserve'>e\u0301 🎉 &amp; </w:t></w:r><w:r><w:t>more</w:t></w:r></w:p>",
            "e\u0301 🎉 & more",
        ),
    ],
)
def test_what_is_printed_is_the_text(tmp_path: Path, body: str, text: str) -> None:
    assert the_article(docx(tmp_path / "a.docx", body)).text == text


def test_its_properties_are_metadata(tmp_path: Path) -> None:
    said = (
        "<dc:title>Pier to close</dc:title><dc:creator>Ida Krell</dc:creator><dc:subject/>"
        "<dcterms:created>2031-05-04T10:00:00Z</dcterms:created><lastModifiedBy>Dean Holt</lastModifiedBy>"
    )
    assert the_article(docx(tmp_path / "a.docx", paragraph("Words."), said)).metadata == {
        "title": "Pier to close",
        "author": "Ida Krell",
        "created": "2031-05-04T10:00:00Z",
    }


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "damaged: File is not a zip file"),
        (b"words", "damaged: File is not a zip file"),
        (b"PK\x05\x06" + bytes(18), "no Word document: it holds no text of one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an older Word file, or one with a password"),
    ],
)
def test_a_file_that_is_no_document_is_one_error(tmp_path: Path, data: bytes, complaint: str) -> None:
    assert complaint in the_error(write(tmp_path / "a.docx", data))


@pytest.mark.parametrize("body", ["", paragraph(" "), "<w:sectPr/>"])
def test_a_document_without_text_is_an_error(tmp_path: Path, body: str) -> None:
    assert "the document holds no text" in the_error(docx(tmp_path / "a.docx", body))


@pytest.mark.parametrize("body", ["<w:p>", "</w:p>", "&nbsp;", "<w:p>" * 5000])
def test_a_body_that_is_no_xml_is_an_error(tmp_path: Path, body: str) -> None:
    [outcome] = found(docx(tmp_path / "a.docx", body))
    assert "no XML from line" in str(outcome) or "nested deeper than 200 levels" in str(outcome)


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>')
    assert "declares entities of its own or asks for another file" in the_error(path)


# ---------------------------------------------------------------- archives that mean harm


def test_a_text_that_swells_beyond_all_ratio_is_not_unpacked(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("a" * 20_000_000))
    assert path.stat().st_size < 100_000
    assert "unpacks from" in the_error(path)
    assert "as no article does (do not trust this file)" in the_error(path)


def test_a_text_beyond_all_size_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 1000)
    assert "unpacks from" in the_error(docx(tmp_path / "a.docx", paragraph("words " * 1000)))


def test_an_archive_of_too_many_or_too_large_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = docx(tmp_path / "a.docx", paragraph("Words."), **{f"f{n}": bytes(1000) for n in range(20)})
    assert the_article(path).text == "Words."
    monkeypatch.setattr(documents, "MOST_TOTAL", 10_000)
    assert "unpacks to more than 5,000 files or 10,000 bytes" in the_error(path)
    monkeypatch.undo()
    monkeypatch.setattr(documents, "MOST_MEMBERS", 20)
    assert "unpacks to more than 20 files" in the_error(path)


def test_a_size_that_is_a_lie_is_found_out(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("a" * 20_000_000))
    with zipfile.ZipFile(path) as archive:
        stated = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(stated, (500_000).to_bytes(4, "little")))
    [outcome] = found(path)
    assert "damaged: " in str(outcome) or "no XML from line" in str(outcome)


def test_a_password_and_an_unusual_packing_are_told(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("Words."))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in the_error(write(tmp_path / "b.docx", bytes(data)))
    with zipfile.ZipFile(tmp_path / "c.docx", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "is packed in an unusual way" in the_error(tmp_path / "c.docx")
