"""XML that somebody else has written, parsed as a stream and within bounds: no entities, and nothing is fetched."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from quotes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

MOST_LEVELS: Final = 200
MOST_ELEMENTS: Final = 2_000_000
MOST_BYTES: Final = 100_000_000
"""Bounds on what is read: how deep it nests, how much of it there is."""


class _Bounded:
    """*stream* up to `MOST_BYTES`."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream = stream
        self._where = where
        self._left = MOST_BYTES

    def read(self, size: int = -1, /) -> bytes:
        """The next *size* bytes."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(f"more than {MOST_BYTES:,} bytes", self._where)
        return data


def xml_events(stream: IO[bytes], where: str, kind: str) -> Iterator[tuple[str, Element]]:
    """``start`` and ``end`` of each element of *stream*, as ElementTree's ``iterparse`` tells them.

    *where* and *kind* (“feed”) are for messages. What was read before a fault is given before it is raised.

    Raises:
        InputError: it is no XML, damaged, declares entities, nests too deep, or is too large.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    level = elements = 0
    try:
        for event, element in iterparse(_Bounded(stream, where), events=("start", "end"), forbid_external=True):
            level += 1 if event == "start" else -1
            elements += event == "start"
            _refuse_unbounded(level, elements, where)
            yield event, element
    except DefusedXmlException:
        what = "declares entities of its own or asks for another file, which is not read"
        raise InputError(what, where=where, remedy="remove them from its DOCTYPE") from None
    except ParseError as error:
        line, column = error.position
        what = f"no XML from line {line}, character {column + 1} on: {str(error).partition(':')[0]}"
        raise InputError(what, where=where, remedy=f"is it a {kind}, and whole?") from None
    except (LookupError, UnicodeError, ValueError) as error:
        # An encoding that is not known, or one of several bytes, which the parser cannot be taught.
        raise InputError(f"undecodable XML: {error}", where=where, remedy="save it as UTF-8") from None


def _refuse_unbounded(level: int, elements: int, where: str) -> None:
    if level > MOST_LEVELS:
        raise InputError(f"nested deeper than {MOST_LEVELS} levels", where=where, remedy="flatten it")
    if elements > MOST_ELEMENTS:
        raise _too_large(f"more than {MOST_ELEMENTS:,} elements", where)


def _too_large(what: str, where: str) -> InputError:
    return InputError(f"too large: {what} of XML", where=where, remedy="split it")


def local_name(element: Element) -> str:
    """The name of *element* without its namespace."""
    return element.tag.rpartition("}")[2]
