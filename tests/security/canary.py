"""A key and a header's value that must never be met again, and the search for them in all that a run leaves behind."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

KEY = 'sk-9mVzT4bK2qXw7"J\\8fLd3RsYc6'
"""Printable, as keys have to be, with the two characters that JSON writes otherwise."""

HEADER = "Zp5Lw8Rt3Ny6Gh1Bv"
MASKED = f"{KEY[:7]}************{KEY[-4:]}"

_WINDOW = 6
_ESCAPE = re.compile(rb"\\+u00([0-9a-fA-F]{2})")


def _runs() -> Iterator[bytes]:
    """Every six letters in a row of the secrets: even a piece is too much."""
    for secret in (KEY, HEADER):
        for run in re.findall(rb"[A-Za-z0-9]+", secret.encode()):
            yield from (run[at : at + _WINDOW] for at in range(len(run) - _WINDOW + 1))


def _encoded() -> Iterator[bytes]:
    """The secrets in Base64, wherever they begin in what was encoded."""
    for secret in (KEY.encode(), HEADER.encode(), b"Bearer " + KEY.encode()):
        for ahead in range(3):
            yield base64.b64encode(b"x" * ahead + secret)[4 : len(secret) // 3 * 4]


_TRACES = (*_runs(), *_encoded(), MASKED.encode())


def traces_in(data: bytes) -> list[bytes]:
    """What of the secrets stands in *data*: plain, escaped as in JSON or in an address, or in Base64."""
    unescaped = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
    readings = (data, unescaped, urllib.parse.unquote_to_bytes(data))
    return [trace for trace in _TRACES if any(trace in reading for reading in readings)]


def assert_clean(folder: Path, *told: bytes | str) -> None:
    """Neither a file below *folder*, nor its name, nor what was *told* holds a trace of the secrets."""
    for words in told:
        data = words if isinstance(words, bytes) else words.encode()
        assert traces_in(data) == [], data
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert traces_in(str(path).encode() + path.read_bytes()) == [], path
