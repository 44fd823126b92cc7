"""Names: the roster of an article, every person and organisation it prints by name, found by code alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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


_Key = tuple[str, ...]
"""What the forms of one name have in common."""


def _cluster(text: str, printed: Sequence[Printed], lexicon: Lexicon) -> tuple[Name, ...]:
    clusters: dict[_Key, list[Printed]] = defaultdict(list)
    short: list[tuple[Printed, str]] = []
    for one in _certain(printed, text):
        plain = plain_parts(one.parts, lexicon)
        if len(plain) > 1:
            clusters[_key(one.parts, plain, lexicon)].append(one)
        else:
            short.append((one, plain[0]))
    _merge_initials(clusters)
    long = _LongNames(clusters, lexicon)
    for one, word in short:
        clusters[long.meant_by(one, word) or (word,)].append(one)
    entries = sorted(clusters.values(), key=_first_place)
    return tuple([_entry(text, index, members, lexicon) for index, members in enumerate(entries)])


def _first_place(members: list[Printed]) -> Span:
    return members[0].whole if len(members) == 1 else min([one.whole for one in members])


def _certain(printed: Sequence[Printed], text: str) -> Iterator[Printed]:
    """Without the words that are capitalised only because they open a sentence."""
    surely = {part for one in printed if one.sure for part in one.parts}
    counts = Counter([one.parts[0] for one in printed if not one.sure])
    likely = {
        one.parts[0]
        for one in printed
        if not one.sure and one.parts[0] not in surely and (one.spoken or counts[one.parts[0]] > 1)
    }
    names = likely - _also_in_small_letters(likely, text[:_LOOKED_AT])
    for one in printed:
        word = one.parts[0]
        if one.sure or word in surely or (word in names and (one.spoken or counts[word] > 1)):
            yield one


_LOOKED_AT = 200_000  # characters
_FEW = 20  # words that are sooner searched for one by one than among all words of a text
_LETTERS = re.compile(r"\w+")


def _also_in_small_letters(words: Set[str], text: str) -> set[str]:
    """Those of *words* that *text* prints in small letters too."""
    if len(words) <= _FEW:
        return {word for word in words if _prints(text, word.lower())}
    printed = set(_LETTERS.findall(text))
    lows = {word: word.lower() for word in words}
    likely = {word for word, low in lows.items() if printed.issuperset(_LETTERS.findall(low))}
    return {word for word in likely if lows[word] in printed or _prints(text, lows[word])}


def _prints(text: str, word: str) -> bool:
    """Whether *word* stands in *text* with a border of a word at either end."""
    at = text.find(word)
    while at >= 0:
        if _is_border(text, at) and _is_border(text, at + len(word)):
            return True
        at = text.find(word, at + 1)
    return False


def _is_border(text: str, at: int) -> bool:
    return _is_letter(text[at - 1 : at]) != _is_letter(text[at : at + 1])


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


def _key(parts: Sequence[str], plain: Sequence[str], lexicon: Lexicon) -> _Key:
    """Equal for the forms of one long name: initials and middle names between first and last do not count."""
    if not lexicon.members("org_words").isdisjoint([part.lower() for part in parts]):
        return (plain[0], plain[-1], " ".join(plain))
    first = plain[0][:2] if _INITIALS.fullmatch(plain[0]) else plain[0]
    return (first, plain[-1], *_suffixes(parts, lexicon))


def _suffixes(parts: Sequence[str], lexicon: Lexicon) -> list[str]:
    return [part.lower().rstrip(".") for part in parts[1:] if lexicon.has("suffixes", part.lower())]


_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")


def _merge_initials(clusters: dict[_Key, list[Printed]]) -> None:
    """Give the forms with an initial first (J. T. Marlow) to the one long name that it can begin (Joan T. Marlow)."""
    initials = [key for key in clusters if len(key[0]) == 2 and _INITIALS.fullmatch(key[0])]
    if not initials:
        return
    long: dict[_Key, list[_Key]] = defaultdict(list)
    for key in clusters:
        if not _INITIALS.fullmatch(key[0]):
            long[key[0][0], *key[1:]].append(key)
    for key in initials:
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


class _LongNames:
    """The names of more than one word, found by a single one: a surname, a given name or the first letters."""

    def __init__(self, clusters: Mapping[_Key, list[Printed]], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._by_last: dict[str, list[_Key]] = defaultdict(list)
        self._by_first: dict[str, list[_Key]] = defaultdict(list)
        self._acronyms: dict[str, list[_Key]] = defaultdict(list)
        self._weight = {key: len(members) for key, members in clusters.items()}
        self._genders = {key: _gender([one.title for one in members], lexicon) for key, members in clusters.items()}
        for key, members in clusters.items():
            self._by_last[key[1]].append(key)
            self._by_first[key[0]].append(key)
            self._acronyms["".join([part[0] for part in members[0].parts if part[0].isupper()])].append(key)

    def meant_by(self, one: Printed, word: str) -> _Key | None:
        """The long name that *one*, of which *word* is all but what follows a surname, is a short form of."""
        fitting = self._by_last.get(word) or ([] if one.title else self._by_first.get(word)) or []
        if len(one.parts) > 1 and fitting:  # Marlow, Jr.
            suffix = tuple(_suffixes(one.parts, self._lexicon))
            fitting = [key for key in fitting[:MOST_NAMESAKES] if key[2:] == suffix] or fitting
        fitting = fitting or (self._acronyms.get(word.replace(".", ""), []) if word.isupper() else [])
        return self._chosen(fitting, _gender([one.title], self._lexicon)) if fitting else None

    def _chosen(self, keys: Sequence[_Key], gender: str) -> _Key | None:
        """Of the names with a title that fits the most frequent, else of those with none."""
        genders = self._genders
        fitting = [key for key in keys[:MOST_NAMESAKES] if not (gender and genders[key] and genders[key] != gender)]
        return max(fitting, key=lambda key: (bool(gender and genders[key] == gender), self._weight[key]), default=None)


def _entry(text: str, index: int, members: list[Printed], lexicon: Lexicon) -> Name:
    fullest = members[0] if len(members) == 1 else max(members, key=_fullness)
    full = fullest.core if len(fullest.parts) > 1 else fullest.whole
    mentions = tuple(sorted([one.whole for one in members]))
    return Name(index, full, full.of(text), mentions, _kind(members, fullest, lexicon))


def _fullness(one: Printed) -> tuple[bool, int, bool, int]:
    return not _INITIALS.fullmatch(one.parts[0]), len(one.parts), bool(one.title), -one.core.start


def _kind(members: Sequence[Printed], fullest: Printed, lexicon: Lexicon) -> SpeakerKind:
    for one in members:
        if one.title and lexicon.has("person_titles", one.title):
            return "person"
    if len(fullest.parts) == 1:
        return _kind_of_word(fullest.parts[0], lexicon)
    lows = [part.lower() for part in fullest.parts]
    if not lexicon.members("org_words").isdisjoint(lows) or _ends_like_organization(lows, lexicon):
        return "organization"
    if lexicon.has("places", lows[0]):
        return "unknown"
    return "person" if len(lows) <= 4 else "unknown"


def _kind_of_word(word: str, lexicon: Lexicon) -> SpeakerKind:
    classes = lexicon.classes_of(word.lower())
    if "org_words" in classes:
        return "organization"
    acronym = "places" not in classes and word.isupper() and 2 <= len(word.replace(".", "")) <= 6
    return "organization" if acronym else "unknown"


def _ends_like_organization(lows: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the last of several words is a noun that is no surname: Star Navigation."""
    return lows[-1].endswith(lexicon.endings.get("org_endings", ("\0",)))
