"""Printed names: where an article prints a name, with its titles, initials and particles, one place at a time."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from quotes.model import Span
from quotes.text.cues import Lexicon


@dataclass(frozen=True, slots=True)
class Printed:
    """One place that prints a name: *whole* with its title, *core* without; *parts* are the words of the core.

    *sure* is a name that does more than open a sentence, *spoken* one with a verb of saying behind it.
    """

    whole: Span
    core: Span
    parts: tuple[str, ...]
    title: str
    sure: bool
    spoken: bool


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A capitalised word, and what may stand between two words of one name."""
    upper = "".join(chr(c) for c in range(min(sys.maxunicode, 0x52F)) if chr(c).isupper())
    w = r"[\w\u0300-\u036f]"  # a decomposed accent is part of its word
    word = rf"(?:[{upper}]\.)+(?!{w})|[{upper}]{w}*(?:[-’'&][{upper}a-z]{w}*)*\.?|(?<![\w-])al-[{upper}]{w}+"
    links = r"of the|for the|of|for|and|on|della|[a-zé]{1,3}(?: [a-zé]{1,3})?"
    between = rf"[ \u00a0]+(?:(?:{links}) )?(?=[{upper}]|al-[{upper}])|, (?=Jr|Sr)"
    return re.compile(rf"(?<!\w)(?:{word})"), re.compile(between)


def find_printed(text: str, sentences: Sequence[Span], lexicon: Lexicon) -> Iterator[Printed]:
    """The names in *sentences* of *text*, left to right; some of them may only open a sentence."""
    for sentence in sentences:
        first = True
        for words in _runs(text, sentence, lexicon):
            opening = first and not any(c.isalnum() for c in text[sentence.start : words[0].start])
            opening = opening or text[max(0, words[0].start - 1) : words[0].start] in tuple("“\"„«'‘")
            first = False
            yield from _name_of(text, words, opening, lexicon)


def _runs(text: str, sentence: Span, lexicon: Lexicon) -> Iterator[list[Span]]:
    """The capitalised words of *sentence* that stand together as one name might."""
    word, between = _patterns()
    run: list[Span] = []
    for match in word.finditer(text, sentence.start, sentence.end):
        span = _without_stop(text, Span(*match.span()), lexicon)
        if run and not _joined(text, run, span, between, lexicon):
            yield run
            run = []
        run.append(span)
        if _possessive(text, span) or len(run) >= 12:
            yield [*run[:-1], _bare(text, span)]
            run = []
    if run:
        yield run


def _without_stop(text: str, span: Span, lexicon: Lexicon) -> Span:
    word = span.of(text)
    if not word.endswith(".") or len(word) <= 2 or "." in word[:-1]:
        return span
    low = word.lower()
    kept = any(lexicon.has(category, low) for category in ("titles", "suffixes", "org_words", "places"))
    return span if kept else Span(span.start, span.end - 1)


def _possessive(text: str, span: Span) -> bool:
    return span.of(text)[-2:] in {"'s", "’s"} or text[span.end : span.end + 2] in {"' ", "’ "}


def _bare(text: str, span: Span) -> Span:
    return Span(span.start, span.end - 2) if span.of(text)[-2:] in {"'s", "’s"} and len(span.of(text)) > 2 else span


def _joined(text: str, run: list[Span], span: Span, between: re.Pattern[str], lexicon: Lexicon) -> bool:
    gap = text[run[-1].end : span.start]
    match = between.match(text, run[-1].end) if len(gap) <= 12 else None
    if match is None or match.end() != span.start:
        return False
    link = gap.strip(" \u00a0,").lower()
    if not link:
        return True
    if _is_noun(run[-1].of(text).lower(), lexicon):
        return False
    of_office = lexicon.has("of", link) and lexicon.has("offices", span.of(text).lower())
    if of_office and lexicon.has("titles", run[-1].of(text).lower()):
        return True
    if lexicon.has("particles", link) or all(lexicon.has("particles", part) for part in link.split()):
        return True
    heads = [word.of(text).lower() for word in run]
    organised = any(lexicon.has("org_words", head) for head in heads)
    parts = link.split()
    plain = len(parts) == 1 or not lexicon.has("and", parts[0])
    return organised and plain and all(lexicon.has("linking", part) for part in parts)


def _is_noun(low: str, lexicon: Lexicon) -> bool:
    """Whether a word, where nouns are capitalised too, is one by its ending or its meaning: Äußerung, Angaben."""
    return lexicon.has("source_nouns", low) or low.endswith(lexicon.endings.get("noun_endings", ("\0",)))


def _name_of(text: str, words: list[Span], opening: bool, lexicon: Lexicon) -> Iterator[Printed]:
    lows = [span.of(text).lower().replace("’", "'") for span in words]
    start = 0
    while start < len(words) and _no_name_start(lows, start, opening, lexicon):
        start += 1
    stop = len(words)
    while stop > start and (lexicon.has("calendar", lows[stop - 1]) or lexicon.has("common", lows[stop - 1])):
        stop -= 1
    words, lows, opening = words[start:stop], lows[start:stop], opening and start == 0
    titled = _inner_title(lows, lexicon)
    while titled < len(words) - 1 and _is_title(lows, titled, lexicon):
        titled += 1
    parts = tuple(span.of(text) for span in words[titled:])
    if not parts or not _is_name(lows[titled:], parts, lexicon):
        return
    whole, core = Span(words[0].start, words[-1].end), Span(words[titled].start, words[-1].end)
    title = lows[titled - 1] if titled else ""
    if titled and lexicon.has("demonyms", lows[0]):
        whole = Span(words[next((i for i in range(titled) if lexicon.has("titles", lows[i])), titled)].start, whole.end)
    spoken = _NEXT_WORD.match(text, whole.end)
    yield Printed(
        whole,
        core,
        parts,
        title,
        sure=not opening or len(parts) > 1 or bool(title),
        spoken=spoken is not None and (spoken.group(1),) in lexicon.cues,
    )


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
    if any(lexicon.has("org_words", low) for low in lows[at + 1 :]):
        return False
    if at and lexicon.has("given_titles", lows[at]) and lexicon.has("person_titles", lows[at - 1]):
        return len(plain_parts(lows[at:], lexicon)) > 2  # Gov. Dean Holt, but Mr. Dean Ada Holt
    office = at > 0 and lexicon.has("offices", lows[at]) and lexicon.has("titles", lows[at - 1])
    return office or lexicon.has("titles", lows[at]) or lexicon.has("demonyms", lows[at])


_NEXT_WORD = re.compile(r",? ([a-zß-ÿ]+)")


def _no_name_start(lows: list[str], at: int, opening: bool, lexicon: Lexicon) -> bool:
    low = lows[at]
    if lexicon.has("common", low) or lexicon.has("calendar", low):
        return not (lexicon.has("titles", low) and at + 1 < len(lows))
    return opening and at == 0 and len(lows) > 1 and low.endswith(tuple(lexicon.words.get("adverb_endings", ("\0",))))


def _is_name(lows: Sequence[str], parts: Sequence[str], lexicon: Lexicon) -> bool:
    if len(parts) == 1:
        low = lows[0].rstrip(".")
        return len(low) > 1 and lexicon.classes.get(lows[0], frozenset()).isdisjoint(_NO_NAME)
    return not all(lexicon.has("demonyms", low) or lexicon.has("titles", low) for low in lows)


_NO_NAME = frozenset(
    {
        "titles",
        "demonyms",
        "org_words",
        "calendar",
        "common",
        "suffixes",
        "groups",
        "anonymous",
        "documents",
        "organizations",
    }
)


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
    return [part for part in parts if not lexicon.has("suffixes", part.lower())] or list(parts)
