"""From bytes to text: which encoding a file is in, told from its bytes alone, and never by replacing any of them."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from quotes.errors import InputError

UTF8_REMEDY = "save it as UTF-8"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_SAMPLE = 1 << 16
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LETTER = re.compile(r"[^\W\d_]")

_HEAD = 4096
_DECLARED = re.compile(
    rb"""<(?:meta\b[^<>]{0,500}?\bcharset|\?xml\b[^<>]{0,500}?\bencoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I
)
_TEXT_ENCODINGS = re.compile(
    r"utf-8|utf-16|cp\d+|iso8859-\d+|koi8-[ru]|mac-\w+|big5|gb\w+|euc_\w+|shift_jis|iso2022_jp|ascii|tis-620"
)
_AS_BROWSERS_DO = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "utf-16": "utf-8"}


class Decoded(NamedTuple):
    """Text without its byte-order mark, and a remark where its encoding had to be guessed."""

    text: str
    note: str | None = None


def marked_encoding(data: bytes) -> tuple[str, int] | None:
    """The encoding that a byte-order mark at the start of *data* names, and the length of the mark in bytes."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), None)


def decode(data: bytes, where: str) -> Decoded:
    """The text of *data*: as its byte-order mark says, else UTF-8, else what its bytes leave no doubt about.

    That is UTF-16 whose NUL bytes all stand on one side, and Windows-1252 (which holds Latin-1's letters)
    where it gives letters and punctuation; both are remarked upon. Line ends are left as they are.

    Raises:
        InputError: the bytes are broken, hold NUL characters, or are no text.
    """
    marked = marked_encoding(data)
    if marked:
        return _checked(_strictly(data[marked[1] :], marked[0], where), where)
    if b"\0" in data:
        return _unmarked_utf16(data, where)
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _western(data, error.start, where)


def decode_markup(data: bytes, where: str) -> Decoded:
    """The text of the page *data*: as its byte-order mark says, else as it declares, else as :func:`decode` has it.

    A declaration (``<meta charset=…>``, ``<?xml encoding=…?>``, among the first 4,096 bytes) is taken as browsers take
    it: ``iso-8859-1`` is Windows-1252. One that its bytes belie is remarked upon.

    Raises:
        InputError: as :func:`decode` says.
    """
    declared = None if marked_encoding(data) else _declared_encoding(data)
    if declared in (None, "utf-8"):
        text, note = decode(data, where)
        return Decoded(text, f"{note}, though it says so" if declared and note else note)
    try:
        return _checked(data.decode(declared), where)
    except UnicodeDecodeError:
        text, note = decode(data, where)
        return Decoded(text, note or f"read as UTF-8: it says {declared}, which it is not")


def _declared_encoding(data: bytes) -> str | None:
    """The encoding that a page names in its head, as Python calls it; ``None`` where it names none, or none of text."""
    found = _DECLARED.search(data[:_HEAD])
    try:
        name = codecs.lookup(found[1].decode("ascii")).name if found else ""
    except (LookupError, UnicodeDecodeError):
        return None
    name = _AS_BROWSERS_DO.get(name, name)
    return name if _TEXT_ENCODINGS.fullmatch(name) else None


def _strictly(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        what = f"undecodable: its byte-order mark says {name}, which byte {error.start} is not"
        raise InputError(what, where=where, remedy=UTF8_REMEDY) from None


def _checked(text: str, where: str, note: str | None = None) -> Decoded:
    if "\0" in text:
        raise _nul(text.index("\0"), where)
    return Decoded(text, note)


def _nul(position: int, where: str) -> InputError:
    return InputError(f"holds a NUL character at {position}, so it is no text", where=where, remedy=UTF8_REMEDY)


def _unmarked_utf16(data: bytes, where: str) -> Decoded:
    sample = data[:_SAMPLE]
    high_first, low_first = sample[::2].count(0), sample[1::2].count(0)
    enough = max(len(sample) * 0.2, 4)
    if len(data) % 2 == 0 and max(high_first, low_first) >= enough and not min(high_first, low_first):
        encoding = "utf-16-le" if low_first else "utf-16-be"
        try:
            return _checked(data.decode(encoding), where, "read as UTF-16: it has no byte-order mark")
        except UnicodeDecodeError:
            pass
    raise _nul(data.index(b"\0"), where)


def _western(data: bytes, broken: int, where: str) -> Decoded:
    """Windows-1252, if *data*, which is not UTF-8 from the byte *broken* on, reads as a western language in it."""
    refused = InputError(f"undecodable: byte {broken} is not UTF-8", where=where, remedy=UTF8_REMEDY)
    if _mostly_utf8(data):
        raise refused
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise refused from None
    sample = text[:_SAMPLE] + text[max(broken - _SAMPLE // 2, 0) : broken + _SAMPLE // 2]
    letters = _LETTER.findall(sample)
    foreign = sum(letter > "\x7f" for letter in letters)
    if _CONTROL.search(text) or foreign > len(letters) / 2:
        raise refused
    return Decoded(text, "read as Windows-1252 (Latin-1): it is not UTF-8")


def _mostly_utf8(data: bytes) -> bool:
    """Whether *data* holds more whole UTF-8 sequences than bytes that fit none: then it is UTF-8, but damaged."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return beyond_ascii - damaged > damaged
