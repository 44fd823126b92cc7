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
_STOP = "[.!?…‼⁇⁈⁉؟۔।]"
_WIDE_STOP = "[。！？｡]"
_CLOSERS = f"[{_MARKS})\\]}}»›」』）】〉》*_]*"
# The pattern starts with one class for both kinds of stop: only so it is searched for without trying every place.
_END = re.compile(
    f"{_STOP[:-1]}{_WIDE_STOP[1:]}"
    f"(?:(?<={_STOP}){_STOP}*(?P<closers>{_CLOSERS})(?=\\s|$)|(?<={_WIDE_STOP}){_WIDE_STOP}*(?P<after>{_CLOSERS}))"
)
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
        end = match.end()
        if match.lastgroup == "after":
            end = _wide_end(text, match, outer)
        elif end == paragraph.end or outer.around(end) or not _breaks(text, start, match, paragraph.end, stops):
            continue
        if start < end < paragraph.end:
            yield end
            start = end


def _wide_end(text: str, match: re.Match[str], outer: _OuterQuotations) -> int:
    """Where the sentence with the wide stop in *match* ends; 0 where it goes on."""
    stop, end = match.span("after")
    inside = outer.around(stop)
    if outer.around(end):  # the mark after the stop opens what comes next
        return 0 if inside else stop
    # A closing mark is followed by the rest of the sentence, as in 「無理だ。」と彼は言った。
    following = text[end : end + 1]
    goes_on = _has_mark(match["after"]) and not following.isspace() and following not in _WIDE_OPENERS
    return 0 if goes_on else end


def _breaks(text: str, start: int, match: re.Match[str], limit: int, stops: Stops) -> bool:
    """Whether the sentence that began at *start* ends with the stop in *match*."""
    first, end = match.span()
    low = max(start, first - _LONGEST_WORD)
    before = text[low:first]
    if end == first + 1 and text[first] == "." and text[end + 1 : end + 2].isupper():
        # Nearly always: "word. Word".
        last = before[before.rfind(" ") + 1 :]
        if last.isalpha() and len(last) > 1 and stops.are_silent_on(last):
            return True
    following = _NEXT.match(text, end, min(limit, end + _LONGEST_WORD))
    opened, word = following.groups() if following else ("", "")
    closers = match["closers"]
    if word[:1].islower() or (_has_mark(closers) and _is_carried_on(text, match, limit, stops)):
        return False
    starts = word.lower() in stops.starters or not _DOUBLE.isdisjoint(opened)
    stop = text[first : match.start("closers")]
    if stop != ".":
        # Between spaces, dots stand for words left out.
        return starts or stop.strip(".…") != "" or not text[first - 1].isspace()
    last_word = _LAST_WORD.search(before)
    if last_word is None:
        return True
    if last_word.group().isdigit():
        return _number_ends(last_word.group(), word, stops) and low + last_word.start() > start
    return _word_ends(last_word.group(), word, stops, starts=starts)


_DOUBLE = frozenset(DOUBLE_MARKS)
_ANY_MARK = frozenset(DOUBLE_MARKS + SINGLE_MARKS)


def _has_mark(characters: str) -> bool:
    return not _ANY_MARK.isdisjoint(characters)


def _is_carried_on(text: str, match: re.Match[str], limit: int, stops: Stops) -> bool:
    """Whether the words after a quotation say whose it is: ``“Why?” Mara Ruiz asked.``, ``“Never.” — Mara Ruiz``."""
    after = text[match.end() : min(limit, match.end() + _LONGEST_SUBJECT)]
    if after.lstrip()[:1] in _DASHES:
        return True
    if text[match.start() : match.start("closers")] == ".":  # a comma would stand there
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
