"""Sentences: stretches a model or a rule can be pointed to, never broken inside a quotation or a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quotes.model import Span, Spans
from quotes.text.abbreviations import STOPS, Stops
from quotes.text.language import guess_language
from quotes.text.marks import DOUBLE_MARKS, SINGLE_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quotes.text.quotations import Quotation

_MARKS = re.escape(DOUBLE_MARKS + SINGLE_MARKS)
_CLOSERS = f"[{_MARKS})\\]}}»›」』）】〉》*_]*"
_END = re.compile(f"(?P<stop>[.!?…‼⁇⁈⁉؟۔।]+)(?P<closers>{_CLOSERS})(?=\\s|$)|(?P<wide>[。！？｡]+)(?P<after>{_CLOSERS})")
_LAST_WORD = re.compile(r"[^\s(\[{/—–" + _MARKS + r"]+$")
_NEXT = re.compile(rf"\s*(?P<open>[{_MARKS}(\[*_¿¡]*)\s*(?P<word>[\w'’.-]*)")
_TOKEN = re.compile(r"[\w'’.-]+|[^\w\s]")
_INITIALS = re.compile(r"(?:\w\.-?)*[^\W\d_]")
_DASHES = ("—", "–", "―", "-")
_WITHIN_NAMES = frozenset({"the", "a", "an", "of", "de", "von", "van", "der", "la"})
_WIDE_OPENERS = "「『“‘《（"
_LONGEST_WORD = 40  # characters
_LONGEST_SUBJECT = 60
_LONGEST_ORDINAL = 2  # digits


def find_sentences(
    text: str, paragraphs: Sequence[Span], quotations: Sequence[Quotation], language: str | None = None
) -> Spans:
    """The sentences of *text* in order; together they cover each paragraph except the white space between them.

    None ends inside one of *quotations*, after a title or an initial, or within an abbreviation or a number.
    *language* (guessed where it is not given) chooses the abbreviations.
    """
    stops = STOPS.get(language or guess_language(text), STOPS["en"])
    found: list[Span] = []
    closed = _OuterQuotations(quotations)
    for paragraph in paragraphs:
        start = paragraph.start
        for end in _ends(text, paragraph, closed, stops):
            found.append(Span(start, end))
            start = _skip_space(text, end, paragraph.end)
        if start < paragraph.end:
            found.append(Span(start, paragraph.end))
    return tuple(found)


def _skip_space(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


class _OuterQuotations:
    """Whether an offset lies inside a quotation, asked with offsets that only grow."""

    def __init__(self, quotations: Sequence[Quotation]) -> None:
        self._spans = [quotation.outer for quotation in quotations if quotation.parent is None]
        self._next = 0

    def around(self, offset: int) -> bool:
        while self._next < len(self._spans) and self._spans[self._next].end <= offset:
            self._next += 1
        return self._next < len(self._spans) and self._spans[self._next].start < offset


def _ends(text: str, paragraph: Span, outer: _OuterQuotations, stops: Stops) -> Iterator[int]:
    start = paragraph.start
    for match in _END.finditer(text, paragraph.start, paragraph.end):
        if match["wide"]:
            end = _wide_end(text, match, outer)
        else:
            end = match.end()
            if outer.around(end) or not _breaks(text, start, match, paragraph.end, stops):
                continue
        if start < end < paragraph.end:
            yield end
            start = end


def _wide_end(text: str, match: re.Match[str], outer: _OuterQuotations) -> int:
    """Where the sentence with the wide stop in *match* ends; 0 where it goes on."""
    stop, end = match.end("wide"), match.end()
    inside = outer.around(stop)
    if outer.around(end):  # the mark after the stop opens what comes next
        return 0 if inside else stop
    # A closing mark is followed by the rest of the sentence, as in 「無理だ。」と彼は言った。
    goes_on = (
        _has_mark(match["after"]) and not text[end : end + 1].isspace() and text[end : end + 1] not in _WIDE_OPENERS
    )
    return 0 if goes_on else end


def _breaks(text: str, start: int, match: re.Match[str], limit: int, stops: Stops) -> bool:
    """Whether the sentence that began at *start* ends with the stop in *match*."""
    following = _NEXT.match(text, match.end(), min(limit, match.end() + _LONGEST_WORD))
    opened, word = (following["open"], following["word"]) if following else ("", "")
    if word[:1].islower() or (_has_mark(match["closers"]) and _is_carried_on(text, match, limit, stops)):
        return False
    starts = word.lower() in stops.starters or any(mark in DOUBLE_MARKS for mark in opened)
    if match["stop"] != ".":
        # Between spaces, dots stand for words left out.
        return starts or match["stop"].strip(".…") != "" or not text[match.start() - 1].isspace()
    before = _LAST_WORD.search(text, max(start, match.start() - _LONGEST_WORD), match.start())
    if before is None:
        return True
    if before.group().isdigit():
        return _number_ends(before.group(), word, stops) and before.start() > start
    return _word_ends(before.group(), word, stops, starts=starts)


def _has_mark(characters: str) -> bool:
    return any(mark in DOUBLE_MARKS or mark in SINGLE_MARKS for mark in characters)


def _is_carried_on(text: str, match: re.Match[str], limit: int, stops: Stops) -> bool:
    """Whether the words after a quotation say whose it is: ``“Why?” Mara Ruiz asked.``, ``“Never.” — Mara Ruiz``."""
    after = text[match.end() : min(limit, match.end() + _LONGEST_SUBJECT)]
    if after.lstrip()[:1] in _DASHES:
        return True
    if match["stop"] == ".":  # a comma would stand there
        return False
    for token in _TOKEN.finditer(after):
        word = token.group()
        if word.lower().rstrip(".") in stops.speaking:
            return True
        if not word[0].isupper() and word.lower() not in _WITHIN_NAMES:
            return False
    return False


def _number_ends(number: str, following: str, stops: Stops) -> bool:
    return not stops.ordinals or len(number) > _LONGEST_ORDINAL or following.lower() in stops.starters


def _word_ends(word: str, following: str, stops: Stops, *, starts: bool) -> bool:
    """Whether the full stop after *word* ends a sentence, given the one that follows and whether that *starts* one."""
    word = word.lstrip("'’")
    low = word.lower()
    last = low.rpartition("-")[2]
    if low in stops.titles or last in stops.titles:
        return False
    if low in stops.numbered:
        return not following[:1].isdigit()
    if low in stops.abbreviations or word in stops.abbreviations or _INITIALS.fullmatch(word) or "." in word.strip("."):
        return starts
    return True
