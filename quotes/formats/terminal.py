"""The way to a terminal: what an article says is shown as text and can neither colour, move nor hide anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, directional overrides and embeddings (which reorder what stands beside them) and halves of characters.
_UNSAFE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PICTURES = 0x2400


def visible(text: str) -> str:
    r"""*text* as it can be shown: line ends as ``\n``, control characters as their pictures (``␛``), tabs as they are.

    Characters that turn the direction of the text around them become ``�``; right-to-left letters stay.
    """
    return _UNSAFE.sub(_picture, _LINE_END.sub("\n", text))


def on_one_line(text: str) -> str:
    """*text* with every stretch of white space as one blank, as a table cell needs it."""
    return " ".join(visible(text).split())


def visible_json(written: str) -> str:
    """The JSON *written*, with what JSON leaves as it is although it steers a terminal in escapes: the same value."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(_PICTURES + code)
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def console(stream: TextIO, width: int | None = None) -> Console:
    """A rich console on *stream* that reads no markup; colours only on a terminal, and not where NO_COLOR says so."""
    from rich.console import Console

    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def is_coloured(to: Console) -> bool:
    """Whether colours are seen on *to*: it is a terminal that has them, and nobody wants none."""
    return to.is_terminal and to.color_system is not None and not to.no_color
