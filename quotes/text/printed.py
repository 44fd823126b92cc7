"""Printed names: where an article prints a name, with its titles, initials and particles, one place at a time."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from quotes.model import Span
from quotes.text.cues import Lexicon


class Printed(NamedTuple):
    """One place that prints a name: *whole* with its title, *core* without; *parts* are the words of the core.

    *sure* is a name that does more than open a sentence; one that may only open it is *spoken* with a verb of saying
    behind it.
    """

    whole: Span
    core: Span
    parts: tuple[str, ...]
    title: str
    sure: bool
    spoken: bool


_Word = tuple[int, int, str]
"""A capitalised word: start and end in the text, and its characters in lower case. There are many, so it is plain."""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A capitalised word, and what may stand between two words of one name."""
    upper = "".join(chr(c) for c in range(min(sys.maxunicode, 0x52F)) if chr(c).isupper())
    w = r"[\w\u0300-\u036f]"  # a decomposed accent is part of its word
    word = rf"\.(?:[{upper}]\.)*(?!{w})|{w}*(?:[-’'&][{upper}a-z]{w}*)*\.?"
    links = r"of the|for the|of|for|and|on|della|[a-zé]{1,3}(?: [a-zé]{1,3})?"
    between = rf"[ \u00a0]+(?:(?:{links}) )?(?=[{upper}]|al-[{upper}])|, (?=Jr|Sr)"
    # The pattern starts with the class of the first letter and looks back over it, because only so it is searched for
    # without trying every place.
    return re.compile(rf"[{upper}](?<!\w.)(?:{word})"), re.compile(between)


@cache
def _pattern_with_al() -> re.Pattern[str]:
    """A capitalised word, or one with the Arabic article before it."""
    plain = _patterns()[0].pattern
    upper = plain[: plain.index("]") + 1]
    return re.compile(rf"{plain}|(?<![\w-])al-{upper}[\w\u0300-\u036f]+")


def find_printed(text: str, sentences: Sequence[Span], lexicon: Lexicon) -> Iterator[Printed]:
    """The names in *sentences* of *text*, left to right; some of them may only open a sentence."""
    word = _pattern_with_al() if "al-" in text else _patterns()[0]
    for sentence in sentences:
        first = True
        for words in _runs(text, word.finditer(text, sentence.start, sentence.end), lexicon):
            start = words[0][0]
            if len(words) > 1 or words[0][2] not in lexicon.no_names:
                opening = first and (start == sentence.start or not _has_words(text[sentence.start : start]))
                name = _name_of(text, words, opening or text[start - 1 : start] in _OPENING, lexicon)
                if name is not None:
                    yield name
            first = False


_OPENING = frozenset("“\"„«'‘")
_LONGEST_GAP = 12  # characters
_LONGEST_RUN = 12  # words


def _has_words(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _runs(text: str, found: Iterable[re.Match[str]], lexicon: Lexicon) -> Iterator[list[_Word]]:
    """The capitalised words *found* in one sentence that stand together as one name might."""
    run: list[_Word] = []
    after = 0
    for match in found:
        start, end = match.span()
        low = match[0].lower()
        if low[-1] == ".":
            end, low = _without_stop(text, start, end, low, lexicon)
        if run and text[after:start] != " ":
            near = start - after <= _LONGEST_GAP
            if not (near and _joined(text, run, start, low, lexicon)):
                yield run
                run = []
        run.append((start, end, low))
        after = end
        possessive = low[-1] == "s" and text[end - 2 : end] in _POSSESSIVES
        if possessive or text[end : end + 2] in _GENITIVES or len(run) >= _LONGEST_RUN:
            yield [*run[:-1], _bare(text, run[-1])]
            run = []
    if run:
        yield run


_POSSESSIVES = frozenset({"'s", "’s"})
_GENITIVES = frozenset({"' ", "’ "})
_WITH_STOP = frozenset({"titles", "suffixes", "org_words", "places"})


def _without_stop(text: str, start: int, end: int, low: str, lexicon: Lexicon) -> tuple[int, str]:
    """The end of the word *low* with its full stop only where that belongs to it, and the word so."""
    if end - start <= 2 or "." in text[start : end - 1] or not lexicon.classes_of(low).isdisjoint(_WITH_STOP):
        return end, low
    return end - 1, text[start : end - 1].lower()


def _bare(text: str, word: _Word) -> _Word:
    start, end, _ = word
    if text[end - 2 : end] in _POSSESSIVES and end - start > 2:
        return start, end - 2, text[start : end - 2].lower()
    return word


def _joined(text: str, run: list[_Word], start: int, low: str, lexicon: Lexicon) -> bool:
    """Whether the word *low* at *start*, close behind the last one of *run*, continues the name."""
    after = run[-1][1]
    match = _patterns()[1].match(text, after)
    if match is None or match.end() != start:
        return False
    link = text[after:start].strip(" \u00a0,").lower()
    if not link:
        return True
    last = run[-1][2]
    if _is_noun(last, lexicon):
        return False
    if lexicon.has("of", link) and lexicon.has("offices", low) and lexicon.has("titles", last):
        return True
    parts = link.split()
    if lexicon.has("particles", link) or all(lexicon.has("particles", part) for part in parts):
        return True
    organised = not lexicon.members("org_words").isdisjoint([head for _, _, head in run])
    plain = len(parts) == 1 or not lexicon.has("and", parts[0])
    return organised and plain and all(lexicon.has("linking", part) for part in parts)


def _is_noun(low: str, lexicon: Lexicon) -> bool:
    """Whether a word, where nouns are capitalised too, is one by its ending or its meaning: Äußerung, Angaben."""
    return lexicon.has("source_nouns", low) or low.endswith(lexicon.endings.get("noun_endings", ("\0",)))


def _name_of(text: str, words: list[_Word], opening: bool, lexicon: Lexicon) -> Printed | None:
    lows = [low.replace("’", "'") for _, _, low in words]
    titled = 0
    if opening or not lexicon.classes.keys().isdisjoint(lows):
        first, last = _borders(lows, opening, lexicon)
        words, lows, opening = words[first:last], lows[first:last], opening and first == 0
        titled = _titles_of(lows, lexicon)
    if not words or not _is_name(lows[titled:], lexicon):
        return None
    core = Span(words[titled][0], words[-1][1])
    whole = Span(words[0][0], core.end) if titled else core
    if titled and lexicon.has("demonyms", lows[0]):
        whole = Span(words[next((i for i in range(titled) if lexicon.has("titles", lows[i])), titled)][0], core.end)
    parts = tuple([text[start:end] for start, end, _ in words[titled:]])
    sure = not opening or len(words) > 1
    spoken = not sure and _is_spoken(text, core.end, lexicon)
    return Printed(whole, core, parts, lows[titled - 1] if titled else "", sure, spoken)


def _borders(lows: list[str], opening: bool, lexicon: Lexicon) -> tuple[int, int]:
    """The first word of a run and past its last one, without those that belong to no name."""
    start, stop = 0, len(lows)
    while start < stop and _no_name_start(lows, start, opening, lexicon):
        start += 1
    while stop > start and not lexicon.classes_of(lows[stop - 1]).isdisjoint(_COMMON):
        stop -= 1
    return start, stop


_COMMON = frozenset({"common", "calendar"})


def _is_spoken(text: str, end: int, lexicon: Lexicon) -> bool:
    following = _NEXT_WORD.match(text, end)
    return following is not None and (following.group(1),) in lexicon.cues


def _titles_of(lows: Sequence[str], lexicon: Lexicon) -> int:
    """How many words of a run are titles, or stand before one."""
    titled = _inner_title(lows, lexicon)
    while titled < len(lows) - 1 and _is_title(lows, titled, lexicon):
        titled += 1
    return titled


def _inner_title(lows: Sequence[str], lexicon: Lexicon) -> int:
    """Past the last title inside a run that something else begins (Oakdale Mayor Mara Ruiz); 0 where none stands."""
    for at in range(len(lows) - 2, 0, -1):
        if lexicon.has("org_words", lows[at + 1]):
            break
        if lexicon.has("inner_titles", lows[at]):
            return at + 1
    return 0


def _is_title(lows: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """Whether the word at *at* of a run belongs to the titles before a name (Chief of *Staff* Ida Krell)."""
    if not lexicon.members("org_words").isdisjoint(lows[at + 1 :]):
        return False
    if at and lexicon.has("given_titles", lows[at]) and lexicon.has("person_titles", lows[at - 1]):
        return len(plain_parts(lows[at:], lexicon)) > 2  # Gov. Dean Holt, but Mr. Dean Ada Holt
    office = at > 0 and lexicon.has("offices", lows[at]) and lexicon.has("titles", lows[at - 1])
    return office or lexicon.has("titles", lows[at]) or lexicon.has("demonyms", lows[at])


_NEXT_WORD = re.compile(r",? ([a-zß-ÿ]+)")


def _no_name_start(lows: list[str], at: int, opening: bool, lexicon: Lexicon) -> bool:
    low = lows[at]
    if not lexicon.classes_of(low).isdisjoint(_COMMON):
        return not (lexicon.has("titles", low) and at + 1 < len(lows))
    return opening and at == 0 and len(lows) > 1 and low.endswith(lexicon.endings.get("adverb_endings", ("\0",)))


def _is_name(lows: Sequence[str], lexicon: Lexicon) -> bool:
    if len(lows) == 1:
        return lows[0] not in lexicon.no_names and len(lows[0].rstrip(".")) > 1
    return any(lexicon.classes_of(low).isdisjoint(_EPITHETS) for low in lows)


_EPITHETS = frozenset({"demonyms", "titles"})


def without_nouns(printed: Iterable[Printed]) -> Iterator[Printed]:
    """Of a language that capitalises its nouns: what can hardly be one."""
    everything = list(printed)
    surnames = {one.parts[-1] for one in everything if len(one.parts) > 1 or one.title}
    for one in everything:
        acronym = one.parts[0].isupper() and 2 <= len(one.parts[0]) <= 6
        if len(one.parts) > 1 or one.title or acronym or one.parts[0] in surnames:
            yield one


def plain_parts(parts: Sequence[str], lexicon: Lexicon) -> list[str]:
    """*parts* without what follows a surname: Jr., III."""
    if len(parts) == 1:
        return list(parts)
    return [part for part in parts if not lexicon.has("suffixes", part.lower())] or list(parts)
