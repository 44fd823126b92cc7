"""Records as one JSON array, a record a line: written and read as a stream, however the array is laid out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TextIO

from quotes.errors import InputError, RecordError
from quotes.formats.bounds import LONGEST_LINE
from quotes.formats.jsonlines import parse_object
from quotes.formats.parts import AGAIN, FoundValue, StoredValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE: Final = 1 << 18
"""Characters that are read at a time."""
_NEAR: Final = 16
"""Within how many characters of the end of what was read a fault may come from that end."""
_SPACE = re.compile(r"[ \t\r\n]*")


def array_pieces(lines: Iterable[str]) -> Iterator[str]:
    """The array of the records in *lines*, in pieces: a bracket, a record a line, a bracket."""
    before = "[\n"
    for line in lines:
        yield before + line
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def read_array(stream: TextIO, where: str) -> Iterator[FoundValue]:
    """The records of the JSON array in *stream*. What is no JSON ends it: after that nothing has a place.

    A stream that begins with an object is read as objects one after the other, as in JSON Lines.
    """
    source = _Source(stream)
    in_array = source.takes("[")
    number = 0
    while not (in_array and source.takes("]")) and (in_array or source.character()):
        number += 1
        place = f"{where} record {number}"
        try:
            text = source.element(place) if number == 1 or not in_array or source.takes(",") else None
        except RecordError as error:
            yield error
            return
        if text is None:
            yield _damaged(source, place)
            return
        try:
            yield StoredValue(parse_object(text, place), place)
        except InputError as error:
            yield RecordError(error.what, where=place, remedy=AGAIN)
    if source.character():
        yield RecordError("goes on after the end of the array", where=where, remedy=AGAIN)


def _damaged(source: _Source, place: str) -> RecordError:
    what = "no comma before it" if source.character() else "the file ends before the end of the array"
    return RecordError(what, where=place, remedy=AGAIN)


class _Source:
    """Text that is read on as it is needed, and forgotten as it is taken."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0

    def character(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def takes(self, character: str) -> bool:
        """Whether *character* comes next, white space apart; it is then passed."""
        if self.character() != character:
            return False
        self._at += 1
        return True

    def element(self, where: str) -> str:
        """The source of the JSON value that comes next. Raises RecordError where there is none."""
        self.character()
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                from_the_end = error.msg.startswith("Unterminated") or error.pos > len(self._text) - _NEAR
                if not from_the_end or len(self._text) - self._at > LONGEST_LINE:
                    raise _no_json(error.msg, where) from None
                if not self._more():
                    what = "cut off in the middle: the file ends within this record"
                    raise RecordError(what, where=where, remedy=AGAIN) from None
            except (ValueError, RecursionError) as error:
                what = "it nests too deep" if isinstance(error, RecursionError) else str(error)
                raise _no_json(what, where) from None
            else:
                taken = self._text[self._at : end]
                self._at = end
                return taken

    def _more(self) -> bool:
        # Twice what is there: a long record is not tried again and again.
        rest = self._text[self._at :]
        piece = self._stream.read(max(_PIECE, len(rest)))
        self._text, self._at = rest + piece, 0
        return bool(piece)


def _no_json(what: str, where: str) -> RecordError:
    return RecordError(f"not JSON: {what}", where=where, remedy=AGAIN)
