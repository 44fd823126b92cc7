"""Names: the roster of an article, every person and organisation it prints by name, found by code alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quotes.model import Span, Spans, SpeakerKind
from quotes.text.cues import Lexicon, load_lexicon
from quotes.text.printed import Printed, find_printed, plain_parts, without_nouns


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


def find_names(text: str, sentences: Sequence[Span], language: str) -> tuple[Name, ...]:
    """The roster of *text*, in order of first mention; spans are code-point offsets.

    Capitalised words are gathered to names with their titles, initials and particles, and forms of one name
    ("Mayor Mara Ruiz", "Ms. Ruiz", "Ruiz") to one entry. A capitalised word that only starts a sentence is
    no name. In German, where every noun is capitalised, a single word counts only with a title, as an
    acronym, or as the surname of a longer name. Linear in the length of *text*.
    """
    lexicon = load_lexicon(language)
    printed = list(find_printed(text, sentences, lexicon))
    if language == "de":
        printed = list(without_nouns(printed))
    return _cluster(text, printed, lexicon)


def _cluster(text: str, printed: Sequence[Printed], lexicon: Lexicon) -> tuple[Name, ...]:
    printed = list(_certain(printed, text))
    clusters: dict[tuple[str, ...], list[Printed]] = defaultdict(list)
    for one in printed:
        if len(plain_parts(one.parts, lexicon)) > 1:
            clusters[_key(one.parts, lexicon)].append(one)
    _merge_initials(clusters)
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
        plain = plain_parts(one.parts, lexicon)
        if len(plain) == 1:
            word = plain[0]
            fitting = by_last.get(word) or ([] if one.title else by_first.get(word)) or []
            if len(one.parts) > 1:  # Marlow, Jr.
                suffix = _key(one.parts, lexicon)[2:]
                fitting = [key for key in fitting[:MOST_NAMESAKES] if key[2:] == suffix] or fitting
            fitting = fitting or (acronyms.get(word.replace(".", ""), []) if word.isupper() else [])
            clusters[_choose(fitting, weight, genders, _gender([one.title], lexicon)) or (word,)].append(one)
    entries = sorted(clusters.values(), key=lambda members: min(one.whole for one in members))
    return tuple(_entry(text, index, members, lexicon) for index, members in enumerate(entries))


def _certain(printed: Sequence[Printed], text: str) -> Iterator[Printed]:
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


def _key(parts: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Equal for the forms of one long name: initials and middle names between first and last do not count."""
    suffix = [part.lower().rstrip(".") for part in parts[1:] if lexicon.has("suffixes", part.lower())]
    plain = plain_parts(parts, lexicon)
    if any(lexicon.has("org_words", part.lower()) for part in parts):
        return (*plain[:1], plain[-1], " ".join(plain))
    first = plain[0][:2] if _INITIALS.fullmatch(plain[0]) else plain[0]
    return (first, plain[-1], *suffix)


_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")


def _merge_initials(clusters: dict[tuple[str, ...], list[Printed]]) -> None:
    """Give the forms with an initial first (J. T. Marlow) to the one long name that it can begin (Joan T. Marlow)."""
    long: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for key in clusters:
        if not _INITIALS.fullmatch(key[0]):
            long[key[0][0], *key[1:]].append(key)
    for key in [key for key in clusters if len(key[0]) == 2 and _INITIALS.fullmatch(key[0])]:
        fitting = long[key[0][0], *key[1:]]
        if len(fitting) == 1 and len(_seconds(clusters[key]) | _seconds(clusters[fitting[0]])) < 2:
            clusters[fitting[0]] += clusters.pop(key)


def _seconds(members: Iterable[Printed]) -> set[str]:
    """The second initials that *members* print: T for J. T. Marlow, J.T. Marlow and Joan T. Marlow."""
    given = ("".join(one.parts[:-1]) for one in members)
    return {match.group(1) for match in map(_SECOND.match, given) if match}


_SECOND = re.compile(r"(?:[^\W\d_]\.|[^\W\d_][\w'’-]+?)([^\W\d_])\.")


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


def _entry(text: str, index: int, members: list[Printed], lexicon: Lexicon) -> Name:
    def rank(one: Printed) -> tuple[bool, int, bool, int]:
        return not _INITIALS.fullmatch(one.parts[0]), len(one.parts), bool(one.title), -one.core.start

    fullest = max(members, key=rank)
    full = fullest.core if len(fullest.parts) > 1 else fullest.whole
    mentions = tuple(sorted(one.whole for one in members))
    return Name(index, full, full.of(text), mentions, _kind(members, fullest, lexicon))


def _kind(members: Sequence[Printed], fullest: Printed, lexicon: Lexicon) -> SpeakerKind:
    if any(one.title and lexicon.has("person_titles", one.title) for one in members):
        return "person"
    lows = [part.lower() for part in fullest.parts]
    if any(lexicon.has("org_words", low) for low in lows) or _ends_like_organization(lows, lexicon):
        return "organization"
    if lexicon.has("places", lows[0]):
        return "unknown"
    if len(lows) == 1:
        word = fullest.parts[0]
        return "organization" if word.isupper() and 2 <= len(word.replace(".", "")) <= 6 else "unknown"
    return "person" if len(lows) <= 4 else "unknown"


def _ends_like_organization(lows: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the last of several words is a noun that is no surname: Star Navigation."""
    return len(lows) > 1 and lows[-1].endswith(lexicon.endings.get("org_endings", ("\0",)))
