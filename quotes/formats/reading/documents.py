"""Word documents (.docx): the text of the body, a paragraph a paragraph, without what was struck out."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from quotes.errors import InputError
from quotes.formats.reading.trees import local_name, xml_events
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from quotes.formats.reading.source import Source

MOST_MEMBERS: Final = 5_000
MOST_BYTES: Final = 64_000_000
MOST_TOTAL: Final = 1_000_000_000
MOST_RATIO: Final = 250
SMALL: Final = 1_000_000
"""Bounds on what a document unpacks to: files in it, bytes of one that is read, bytes of all as they are stated, and
how many times the packed size one that is read may swell to, where it is not small anyway."""

_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, KeyError)

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How Word's older files begin, and the wrapping of those with a password."""
_BODY: Final = "word/document.xml"
_PROPERTIES: Final = "docProps/core.xml"
_WORDS: Final = frozenset(
    {
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
        "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
    }
)
_NAMED: Final = {
    **dict.fromkeys(("title", "subject", "description", "keywords", "language", "created", "modified")),
    "creator": "author",
}
_UNREAD: Final = frozenset({"moveFrom", "del", "Fallback"})
"""What is not read: what was struck out or moved from here, and the second form of what is there already."""
_SIGNS: Final = {"tab": "\t", "cr": "\n", "noBreakHyphen": "\N{NON-BREAKING HYPHEN}", "softHyphen": "\N{SOFT HYPHEN}"}


def read_docx(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """The one article of the document in *stream*; its title, author and other properties are metadata.

    Paragraphs, those of tables and text boxes too, have a blank line between; notes, headers and footers are left.

    Raises:
        InputError: it is no such document, damaged, encrypted, empty of text, or swells beyond all bounds.
    """
    if stream.read(len(_OLE)) == _OLE:
        what = "an older Word file, or one with a password"
        raise InputError(what, where=source.where, remedy="save it as .docx, without a password")
    try:
        with zipfile.ZipFile(stream) as archive:
            _refuse_bomb(archive, source.where)
            with _opened(archive, _BODY, source.where) as body:
                text = "\n\n".join(_paragraphs(body, source.where))
            metadata = {}
            if _PROPERTIES in archive.namelist():
                with _opened(archive, _PROPERTIES, source.where) as properties:
                    metadata = _metadata(properties, source.where)
    except _DAMAGE as error:
        raise InputError(f"damaged: {error}", where=source.where, remedy="save it as .docx again") from None
    if not text:
        raise InputError("the document holds no text", where=source.where, remedy="is it a scan? give its text")
    yield Article(source.name, text, metadata, source.where)


def _refuse_bomb(archive: zipfile.ZipFile, where: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_TOTAL:
        what = f"unpacks to more than {MOST_MEMBERS:,} files or {MOST_TOTAL:,} bytes, as no article does"
        raise InputError(what, where=where, remedy="do not trust this file")


def _opened(archive: zipfile.ZipFile, name: str, where: str) -> IO[bytes]:
    """The file *name* of *archive*; reading beyond its stated size, or with a wrong checksum, is a BadZipFile."""
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise InputError("no Word document: it holds no text of one", where=where, remedy="save it as .docx") from None
    if member.flag_bits & 1:
        raise InputError("is encrypted", where=where, remedy="save it without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("is packed in an unusual way", where=where, remedy="save it as .docx again")
    if member.file_size > MOST_BYTES or member.file_size > max(member.compress_size * MOST_RATIO, SMALL):
        what = f"its text unpacks from {member.compress_size:,} to {member.file_size:,} bytes, as no article does"
        raise InputError(what, where=where, remedy="do not trust this file")
    return archive.open(member)


def _paragraphs(stream: IO[bytes], where: str) -> Iterator[str]:
    """The paragraphs of a body that hold text, each where it ends: one in a text box before the one that holds it."""
    begun: list[list[str]] = []
    unread = 0
    for event, element in xml_events(stream, where, "Word document"):
        name = local_name(element)
        if name in _UNREAD:
            unread += 1 if event == "start" else -1
        elif not unread and _is_words(element):
            if name == "p" and event == "start":
                begun.append([])
            elif name == "p":
                if words := "".join(begun.pop()).strip():
                    yield words
            elif event == "end" and begun:
                begun[-1].append(_printed(name, element))
        if event == "end":
            element.clear()


def _is_words(element: Element) -> bool:
    return element.tag.partition("}")[0] + "}" in _WORDS


def _printed(name: str, element: Element) -> str:
    if name == "t":
        return element.text or ""
    if name == "br":
        kinds = (value for key, value in element.attrib.items() if key.rpartition("}")[2] == "type")
        return "\n" if next(kinds, "textWrapping") == "textWrapping" else ""
    # A tab stop, which is no tab, says where it is.
    return "" if element.attrib else _SIGNS.get(name, "")


def _metadata(stream: IO[bytes], where: str) -> dict[str, str]:
    found = {}
    for event, element in xml_events(stream, where, "Word document"):
        name = local_name(element)
        words = " ".join((element.text or "").split())
        if event == "end" and words and name in _NAMED:
            found[_NAMED[name] or name] = words
    return found
