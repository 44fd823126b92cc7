"""Cues: the words that attribute, how often each does in which surroundings, and where a sentence prints them.

The lexicons are data beside this package's code: ``lexicon/<language>/cues.tsv`` and ``words.txt``. The
English cues were counted (``scripts/count_cues.py``), the others were written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pkgutil import get_data
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from quotes.text.rules.units import Unit

Frame = Literal["quote", "that", "to", "wh", "plain", "end"]
"""What a cue stands next to: a quotation on either side; "that", "to" or "whether" and its like on its right;
other words there; or the end of its clause."""

FRAMES: tuple[Frame, ...] = ("quote", "that", "to", "wh", "plain", "end")

LONGEST_CUE = 3
"""Words."""

NEAR = 7
"""Words between a quotation and a cue on its right that still stand next to each other."""


_NONE: frozenset[str] = frozenset()

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

_RARE: dict[str, float] = {"quote": 0.8, "that": 0.8, "to": 0.3, "wh": 0.5, "plain": 0.35, "end": 0.35}
"""What is assumed of a verb of saying that was not counted."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues and the function words of one language.

    *cues* maps the words of a cue, lower case, to its precision (0 to 1) in each frame. *words* maps the
    name of a word class to its members, *classes* a word to the classes it is in, *endings* the
    name of a word class to its members as ``str.endswith`` takes them, *spelled_titles* a short title to its long form.
    *no_names* are the words that, standing alone, are no name even with a capital.
    """

    language: str
    cues: Mapping[tuple[str, ...], Mapping[str, float]]
    words: Mapping[str, frozenset[str]]
    classes: Mapping[str, frozenset[str]]
    endings: Mapping[str, tuple[str, ...]]
    firsts: frozenset[str]
    spelled_titles: Mapping[str, str]
    no_names: frozenset[str]

    def classes_of(self, word: str) -> frozenset[str]:
        """The word classes that *word*, lower case, belongs to."""
        return self.classes.get(word, _NONE)

    def members(self, category: str) -> frozenset[str]:
        """The words, lower case, of the word class *category*."""
        return self.words.get(category, _NONE)

    def has(self, category: str, word: str) -> bool:
        """Whether *word*, lower case, belongs to the word class *category*."""
        return category in self.classes.get(word, _NONE)


@lru_cache(maxsize=8)
def load_lexicon(language: str) -> Lexicon:
    """The lexicon of *language* (``en``, ``de``, ``fr``, ``es``); English for one that has none."""
    try:
        words = _read_words(_shipped(language, "words.txt"))
    except FileNotFoundError:
        return load_lexicon("en")
    cues: dict[tuple[str, ...], dict[str, float]] = {}
    cues.update(((word,), _RARE) for word in words.get("speech", ()))
    cues.update(_read_cues(_shipped(language, "cues.tsv")))
    named: dict[str, list[str]] = {}
    for name, members in words.items():
        for word in members:
            named.setdefault(word, []).append(name)
    classes = {word: frozenset(names) for word, names in named.items()}
    endings = {name: tuple(sorted(words[name])) for name in words if name.endswith("_endings")}
    spelled = dict(pair.split(" ", 1) for pair in words.get("spelled_titles", ()))
    no_names = frozenset(word for word, found in classes.items() if not found.isdisjoint(_NO_NAME))
    return Lexicon(language, cues, words, classes, endings, frozenset(cue[0] for cue in cues), spelled, no_names)


def _shipped(language: str, name: str) -> str:
    return (get_data("quotes.text", f"lexicon/{language}/{name}") or b"").decode()


def _read_cues(table: str) -> dict[tuple[str, ...], dict[str, float]]:
    lines = [line for line in table.splitlines() if line.strip() and not line.startswith("#")]
    header = lines[0].split("\t")
    cues: dict[tuple[str, ...], dict[str, float]] = {}
    for line in lines[1:]:
        row = dict(zip(header, line.split("\t"), strict=True))
        cues[tuple(row["cue"].split())] = {frame: int(row[frame]) / 100 for frame in FRAMES}
    return cues


def _read_words(listing: str) -> dict[str, frozenset[str]]:
    classes: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in listing.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            current = classes.setdefault(line[1:-1], set())
        elif line and not line.startswith("#"):
            current.update(word.replace("_", " ") for word in line.split())
    return {name: frozenset(members) for name, members in classes.items()}


def find_cues(unit: Unit, lexicon: Lexicon) -> Iterator[tuple[int, int, Mapping[str, float]]]:
    """Where cues stand in *unit*, left to right, the longest at each place: first word, past the last, precisions."""
    firsts, lows, cues = lexicon.firsts, unit.lows, lexicon.cues
    if firsts.isdisjoint(lows):
        return
    after = 0
    for i in [i for i, low in enumerate(lows) if low in firsts]:
        if i < after:
            continue
        for last in range(min(i + LONGEST_CUE, len(lows)), i, -1):
            rates = cues.get(lows[i:last])
            if rates is not None:
                yield i, last, rates
                after = last
                break


def frame_of(unit: Unit, first: int, last: int, lexicon: Lexicon) -> Frame:
    """What the cue at *first* up to *last* stands next to."""
    after = unit.low(last)
    if _quote_follows(unit, last) or quote_before(unit, first) is not None:
        return "quote"
    if lexicon.has("that", after):
        return "that"
    if lexicon.has("to", after):
        return "to"
    if lexicon.has("wh", after):
        return "wh"
    return "plain" if after[:1].isalnum() or (after in "$£€@#" and after) else "end"


def _quote_follows(unit: Unit, last: int) -> bool:
    return unit.is_quote(last) or (unit.low(last) in {",", ":", "-", "—", "–", "--"} and unit.is_quote(last + 1))


def quote_before(unit: Unit, first: int) -> int | None:
    """The position of the quotation the cue at *first* follows, with no more than a subject between them."""
    for k in range(first - 1, max(-1, first - NEAR - 2), -1):
        if unit.is_quote(k):
            return k
        if unit.low(k) in {";", ":", "("} or (unit.low(k) == "," and not unit.is_quote(k - 1)):
            return None
    return None
