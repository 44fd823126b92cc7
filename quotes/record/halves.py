"""Halves of surrogate pairs: no characters, and nothing that UTF-8 has, but an escape in JSON can name one."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def may_hold_halves(line: str) -> bool:
    """Whether the JSON in *line* may hold half a surrogate pair, as an escape. A whole pair looks the same."""
    return bool(_ESCAPE.search(line))


def holds_halves(text: str) -> bool:
    """Whether *text* holds half a surrogate pair."""
    try:
        text.encode("utf-8")  # twenty times as fast as looking for one
    except UnicodeEncodeError:
        return True
    return False


def halves_escaped(text: str) -> str:
    """*text*, which is JSON, with every half of a surrogate pair as its escape."""
    return _HALF.sub(lambda found: f"\\u{ord(found.group()):04x}", text) if holds_halves(text) else text


def halves_replaced(text: str) -> str:
    """*text* with a replacement character for every half of a surrogate pair, so that UTF-8 can hold it."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text) if holds_halves(text) else text
