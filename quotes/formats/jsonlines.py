"""JSON Lines: one object a line, read as a stream, each line either sound or one error that says where."""

from __future__ import annotations

import io
import json
import math
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from quotes.errors import InputError
from quotes.formats.bounds import bounded_lines, too_long
from quotes.formats.decoding import decode, marked_encoding
from quotes.record import holds_halves, may_hold_halves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_LEVELS = 200
"""How deep a line may nest: well within what reading and writing it again can take."""


class Line(NamedTuple):
    """One line that is not blank. *number* counts from 1; *whole* is false where the file ends without a line end."""

    number: int
    text: str
    where: str
    whole: bool
    note: str | None = None


def read_lines(stream: Iterable[bytes], where: str) -> Iterator[Line | InputError]:
    r"""The lines of *stream*, an iterable of byte lines that end with ``\n``, each decoded by itself.

    One that is longer than `LONGEST_LINE` is an error for itself. Only a byte-order mark can make it something other
    than UTF-8 as a whole; such a file is not streamed.
    """
    lines = bounded_lines(stream)
    first = next(lines, b"")
    marked = marked_encoding(first)
    try:
        if marked and marked[0] != "utf-8":
            whole = decode(b"".join(_all_of(chain([first], lines), where)), where).text
            first, lines = b"", iter(io.BytesIO(whole.encode()))
    except InputError as error:
        yield error
        return
    for number, data in enumerate(chain([first] if first else [], lines), start=1):
        place = f"{where} line {number}"
        try:
            _refuse_too_long(data, number, where)
            text, note = decode(data, place)
        except InputError as error:
            yield error
            continue
        if text and not text.isspace():
            yield Line(number, text.rstrip("\r\n"), place, data.endswith(b"\n"), note)


def _refuse_too_long(data: bytes, number: int, where: str) -> None:
    if what := too_long(data, number):
        raise InputError(what, where=where, remedy="one JSON object a line")


def _all_of(lines: Iterable[bytes], where: str) -> Iterator[bytes]:
    for number, data in enumerate(lines, start=1):
        _refuse_too_long(data, number, where)
        yield data


def parse_object(line: str, where: str) -> dict[str, Any]:
    """The JSON object that *line* holds.

    Raises:
        InputError: it is not JSON, no object, nests too deep, or holds a number that JSON has not (NaN,
            an infinity).
    """
    try:
        value = json.loads(line, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise _too_deep(where) from None
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}"
        raise InputError(what, where=where, remedy="one JSON object a line") from None
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=where, remedy="one JSON object a line") from None
    if not isinstance(value, dict):
        raise InputError(f"a JSON {kind_of(value)}, no object", where=where, remedy="one JSON object a line")
    if line.count("[") + line.count("{") > MOST_LEVELS and _deeper_than(MOST_LEVELS, value):
        raise _too_deep(where)
    return value


def refuse_half_characters(value: dict[str, Any], line: str, where: str) -> None:
    """Raise an :class:`InputError` where a string of *value*, read from *line*, holds half a surrogate pair."""
    if may_hold_halves(line) and holds_halves(json.dumps(value, ensure_ascii=False)):
        what = "holds half a surrogate pair, which is no character"
        raise InputError(what, where=where, remedy="write characters as UTF-8 or as whole pairs of escapes")


def kind_of(value: object) -> str:
    """What JSON calls *value*."""
    return _KINDS[type(value)]


_KINDS = {
    dict: "object",
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _too_deep(where: str) -> InputError:
    return InputError(f"nested deeper than {MOST_LEVELS} levels", where=where, remedy="flatten it")


def _deeper_than(levels: int, value: object) -> bool:
    inner = [value]
    for _ in range(levels):
        inner = [child for parent in inner for child in _children(parent)]
        if not inner:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
