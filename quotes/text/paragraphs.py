"""Paragraphs: the lines or blocks an article is made of, which no quotation mark pairs across."""

from __future__ import annotations

import re
from itertools import pairwise

from quotes.model import Span, Spans

_LINE = re.compile("[^\r\n\u2028\u2029]+")
_LINE_END = "(?>\r\n|[\r\n\u2028\u2029])"
_BLANK_LINE = re.compile(f"{_LINE_END}[ \t\u00a0]*{_LINE_END}")
_MAX_WIDTH = 120
_MIN_WIDTH = 40
_MIN_WRAPPED_LINES = 5
_WRAPPED_SHARE = 0.9
_ENDING_SHARE = 0.5
_ENDS = tuple(".!?…:\"'”’»“。」")
_LOOKED_AT = 2000  # lines that decide whether a text is wrapped


def find_paragraphs(text: str) -> Spans:
    """The paragraphs of *text* in order, without the white space around them; none is blank.

    A paragraph is a line, ended by ``\\n``, ``\\r\\n``, ``\\r``, U+2028 or U+2029. Only where the lines were
    evidently broken to a width, as in mail and plain-text books, is it the block between blank lines.
    """
    lines = [span for match in _LINE.finditer(text) if (span := _trimmed(text, *match.span())) is not None]
    return _blocks(text, lines) if _is_wrapped(text, lines) else tuple(lines)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    if text[start].isspace() or text[end - 1].isspace():
        line = text[start:end]
        bare = line.strip()
        if not bare:
            return None
        start += len(line) - len(line.lstrip())
        end = start + len(bare)
    return Span(start, end)


def _is_wrapped(text: str, lines: list[Span]) -> bool:
    """Whether lines stop where the next word had no room left, mostly in the middle of a sentence."""
    head = lines[:_LOOKED_AT]
    width = max((line.end - line.start for line in head), default=0)
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return False
    joined = full = ending = 0
    for line, following in pairwise(head):
        if _BLANK_LINE.search(text, line.end, following.start):
            continue
        joined += 1
        word = text[following.start : following.end].split(None, 1)[0]
        full += line.end - line.start + 1 + len(word) > width
        ending += text.endswith(_ENDS, line.start, line.end)
    return joined >= _MIN_WRAPPED_LINES and full >= _WRAPPED_SHARE * joined and ending <= _ENDING_SHARE * joined


def _blocks(text: str, lines: list[Span]) -> Spans:
    blocks = [lines[0]]
    for line in lines[1:]:
        if _BLANK_LINE.search(text, blocks[-1].end, line.start):
            blocks.append(line)
        else:
            blocks[-1] = Span(blocks[-1].start, line.end)
    return tuple(blocks)
