"""Names: the roster of an article, every person and organisation it prints by name, found by code alone."""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from quotes.model import Span, Spans, SpeakerKind
from quotes.text.cues import Lexicon, load_lexicon


@dataclass(frozen=True, slots=True)
class Name:
    """One entry of the roster.

    *full* is the fullest printed form without a title where more than a surname is printed, *name* its
    characters; *mentions* are all the places that print it, titles included, in text order.
    """

    index: int
    full: Span
    name: str
    mentions: Spans
    kind: SpeakerKind


@dataclass(frozen=True, slots=True)
class _Printed:
    """One place that prints a name: *whole* with its title, *core* without; *parts* are the words of the core.

    *sure* is a name that does more than open a sentence, *spoken* one with a verb of saying behind it.
    """

    whole: Span
    core: Span
    parts: tuple[str, ...]
    title: str
    sure: bool
    spoken: bool


def find_names(text: str, sentences: Sequence[Span], language: str) -> tuple[Name, ...]:
    """The roster of *text*, in order of first mention; spans are code-point offsets.

    Capitalised words are gathered to names with their titles, initials and particles, and forms of one name
    ("Mayor Mara Ruiz", "Ms. Ruiz", "Ruiz") to one entry. A capitalised word that only starts a sentence is
    no name. In German, where every noun is capitalised, a single word counts only with a title, as an
    acronym, or as the surname of a longer name. Linear in the length of *text*.
    """
    lexicon = load_lexicon(language)
    printed = list(_find_printed(text, sentences, lexicon))
    if language == "de":
        printed = list(_conservative(printed))
    return _cluster(text, printed, lexicon)


# ------------------------------------------------------------------ finding


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A capitalised word, and what may stand between two words of one name."""
    upper = "".join(chr(c) for c in range(min(sys.maxunicode, 0x52F)) if chr(c).isupper())
    w = r"[\w\u0300-\u036f]"  # a decomposed accent is part of its word
    word = rf"(?:[{upper}]\.)+(?!{w})|[{upper}]{w}*(?:[-’'&][{upper}a-z]{w}*)*\.?|(?<![\w-])al-[{upper}]{w}+"
    links = r"of the|for the|of|for|and|on|della|[a-zé]{1,3}(?: [a-zé]{1,3})?"
    between = rf"[ \u00a0]+(?:(?:{links}) )?(?=[{upper}]|al-[{upper}])|, (?=Jr|Sr)"
    return re.compile(rf"(?<!\w)(?:{word})"), re.compile(between)


def _find_printed(text: str, sentences: Sequence[Span], lexicon: Lexicon) -> Iterator[_Printed]:
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
    if all(lexicon.has("particles", part) for part in link.split()):
        return True
    heads = [word.of(text).lower() for word in run]
    organised = any(lexicon.has("org_words", head) for head in heads)
    parts = link.split()
    plain = len(parts) == 1 or not lexicon.has("and", parts[0])
    return organised and plain and all(lexicon.has("linking", part) for part in parts)


def _name_of(text: str, words: list[Span], opening: bool, lexicon: Lexicon) -> Iterator[_Printed]:
    lows = [span.of(text).lower().replace("’", "'") for span in words]
    start = 0
    while start < len(words) and _no_name_start(lows, start, opening, lexicon):
        start += 1
    stop = len(words)
    while stop > start and (lexicon.has("calendar", lows[stop - 1]) or lexicon.has("common", lows[stop - 1])):
        stop -= 1
    words, lows, opening = words[start:stop], lows[start:stop], opening and start == 0
    titled = 0
    while titled < len(words) - 1 and (lexicon.has("titles", lows[titled]) or lexicon.has("demonyms", lows[titled])):
        if any(lexicon.has("org_words", low) for low in lows[titled + 1 :]):
            break
        titled += 1
    parts = tuple(span.of(text) for span in words[titled:])
    if not parts or not _is_name(lows[titled:], parts, lexicon):
        return
    whole, core = Span(words[0].start, words[-1].end), Span(words[titled].start, words[-1].end)
    title = lows[titled - 1] if titled else ""
    if titled and lexicon.has("demonyms", lows[0]):
        whole = Span(words[next((i for i in range(titled) if lexicon.has("titles", lows[i])), titled)].start, whole.end)
    spoken = _NEXT_WORD.match(text, whole.end)
    yield _Printed(
        whole,
        core,
        parts,
        title,
        sure=not opening or len(parts) > 1 or bool(title),
        spoken=spoken is not None and (spoken.group(1),) in lexicon.cues,
    )


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


def _conservative(printed: Iterable[_Printed]) -> Iterator[_Printed]:
    """Of a language that capitalises its nouns: what can hardly be one."""
    everything = list(printed)
    surnames = {one.parts[-1] for one in everything if len(one.parts) > 1 or one.title}
    for one in everything:
        acronym = one.parts[0].isupper() and 2 <= len(one.parts[0]) <= 6
        if len(one.parts) > 1 or one.title or acronym or one.parts[0] in surnames:
            yield one


# --------------------------------------------------------------- clustering


def _cluster(text: str, printed: Sequence[_Printed], lexicon: Lexicon) -> tuple[Name, ...]:
    printed = list(_certain(printed, text))
    clusters: dict[tuple[str, ...], list[_Printed]] = defaultdict(list)
    for one in printed:
        if len(one.parts) > 1:
            clusters[_key(one.parts, lexicon)].append(one)
    by_last: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    acronyms: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key, members in clusters.items():
        by_last[key[1]].append(key)
        by_first[key[0]].append(key)
        acronyms["".join(part[0] for part in members[0].parts if part[0].isupper())].append(key)
    weight = Counter({key: len(members) for key, members in clusters.items()})
    genders = {key: _gender((one.title for one in members), lexicon) for key, members in clusters.items()}
    for one in printed:
        if len(one.parts) == 1:
            fitting = by_last.get(one.parts[0]) or ([] if one.title else by_first.get(one.parts[0])) or []
            fitting = fitting or (acronyms.get(one.parts[0].replace(".", ""), []) if one.parts[0].isupper() else [])
            clusters[_choose(fitting, weight, genders, _gender([one.title], lexicon)) or one.parts].append(one)
    entries = sorted(clusters.values(), key=lambda members: min(one.whole for one in members))
    return tuple(_entry(text, index, members, lexicon) for index, members in enumerate(entries))


def _certain(printed: Sequence[_Printed], text: str) -> Iterator[_Printed]:
    """Without the words that are capitalised only because they open a sentence."""
    surely = {part for one in printed if one.sure for part in one.parts}
    doubtful = {one.parts[0] for one in printed if not one.sure} - surely
    lower = (
        {word for word in doubtful if re.search(rf"\b{re.escape(word.lower())}\b", text[:200_000])}
        if doubtful
        else set()
    )
    counts = Counter(one.parts[0] for one in printed if not one.sure)
    for one in printed:
        known = one.sure or one.parts[0] in surely
        if known or (one.parts[0] not in lower and (counts[one.parts[0]] > 1 or one.spoken)):
            yield one


def _small_words(text: str) -> frozenset[str]:
    """The words that the beginning of *text*, up to a million code points, prints without a capital."""
    return frozenset(match.group() for match in _SMALL_WORD.finditer(text, 0, 1_000_000))


_SMALL_WORD = re.compile(r"(?<!\w)[a-zß-ÿ]+(?!\w)")


def _key(parts: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Equal for the forms of one long name: initials and middle names between first and last do not count."""
    suffix = [part.lower().rstrip(".") for part in parts[2:] if lexicon.has("suffixes", part.lower())]
    plain = [part for part in parts if not lexicon.has("suffixes", part.lower())] or list(parts)
    if any(lexicon.has("org_words", part.lower()) for part in parts):
        return (*plain[:1], plain[-1], " ".join(plain))
    return (plain[0], plain[-1], *suffix)


def _gender(titles: Iterable[str], lexicon: Lexicon) -> str:
    for title in titles:
        for gender in ("male", "female"):
            if title and lexicon.has(gender, title):
                return gender
    return ""


MOST_NAMESAKES = 50
"""Names of one surname that are told apart; it keeps the clustering linear."""


def _choose(
    keys: Sequence[tuple[str, ...]], weight: Counter[tuple[str, ...]], genders: dict[tuple[str, ...], str], gender: str
) -> tuple[str, ...] | None:
    fitting = [key for key in keys[:MOST_NAMESAKES] if not (gender and genders[key] and genders[key] != gender)]
    return max(fitting, key=lambda key: (bool(gender and genders[key] == gender), weight[key]), default=None)


def _entry(text: str, index: int, members: list[_Printed], lexicon: Lexicon) -> Name:
    fullest = max(members, key=lambda one: (len(one.parts), bool(one.title), -one.core.start))
    full = fullest.core if len(fullest.parts) > 1 else fullest.whole
    mentions = tuple(sorted(one.whole for one in members))
    return Name(index, full, full.of(text), mentions, _kind(members, fullest, lexicon))


def _kind(members: Sequence[_Printed], fullest: _Printed, lexicon: Lexicon) -> SpeakerKind:
    if any(one.title and lexicon.has("person_titles", one.title) for one in members):
        return "person"
    lows = [part.lower() for part in fullest.parts]
    if any(lexicon.has("org_words", low) for low in lows):
        return "organization"
    if lexicon.has("places", lows[0]):
        return "unknown"
    if len(lows) == 1:
        word = fullest.parts[0]
        return "organization" if word.isupper() and 2 <= len(word.replace(".", "")) <= 6 else "unknown"
    return "person" if len(lows) <= 4 else "unknown"
