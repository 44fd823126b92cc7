"""Cast: who is on stage in an article: the names outside quotation marks in order, their genders and titles."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from quotes.text.cues import Lexicon
from quotes.text.names import Name
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import FEMALE, GENDERED, MALE, NAME

LOOK_BACK = 40
"""Mentions a pronoun or title looks back over."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name outside quotation marks: its first code point, the number of its sentence, its roster entry."""

    place: int
    unit: int
    entry: int


@dataclass(frozen=True, slots=True)
class Cast:
    """*mentions* in text order; what the text tells of them: *genders* ("male", "female") by roster entry, and by the
    words of a title, lower case, who was given it where."""

    roster: Sequence[Name]
    mentions: tuple[Mention, ...]
    places: tuple[int, ...]
    genders: Mapping[int, str]
    titles: Mapping[str, tuple[Mention, ...]]

    def antecedent(self, place: int, gender: str) -> Name | None:
        """The person a pronoun of *gender* at *place* stands for: of the nearest sentence with one, the first named.

        A name whose gender the text tells goes before one it does not tell; one of the other gender never fits.
        """
        at = bisect_left(self.places, place)
        fitting: list[Mention] = []
        for mention in reversed(self.mentions[max(0, at - LOOK_BACK) : at]):
            if fitting and fitting[-1].unit != mention.unit:
                break
            if self._may_be(mention.entry, gender):
                fitting.append(mention)
        if not fitting:
            return None
        told = [mention for mention in fitting if self.genders.get(mention.entry) == gender]
        return self.roster[(told or fitting)[-1].entry]

    def _may_be(self, entry: int, gender: str) -> bool:
        known = self.genders.get(entry)
        return known == gender or (known is None and self.roster[entry].kind == "person")

    def titled(self, place: int, title: str, *, plain: bool = True) -> Name | None:
        """Whom the article gave *title* last before *place* ("the mayor" → Mayor Mara Ruiz); ``None`` for nobody.

        A mention that is not *plain* says which one is meant ("the Oakdale mayor"), so it needs a title of one bearer.
        """
        bearers = self.titles.get(title, ())
        if not plain and len({mention.entry for mention in bearers}) > 1:
            return None
        at = bisect_left(bearers, place, key=lambda mention: mention.place)
        return self.roster[bearers[at - 1].entry] if at else None


def cast_of(text: str, roster: Sequence[Name], units: Iterable[Unit], lexicon: Lexicon) -> Cast:
    """Everything the resolution of speakers looks up, gathered once for an article."""
    found: list[Mention] = []
    votes: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        if unit.seen & NAME:
            found.extend(_mentions(unit, number))
            if unit.seen & _GENDERS:
                _vote_on(votes, unit, roster)
    mentions = tuple(found)
    titles: dict[str, list[Mention]] = {}
    for mention in mentions:
        for title in _titles_at(text, roster[mention.entry], mention.place, lexicon):
            titles.setdefault(title, []).append(mention)
    places = tuple(mention.place for mention in mentions)
    genders = {
        entry: "male" if male > female else "female" for entry, (male, female) in votes.items() if male != female
    }
    return Cast(roster, mentions, places, genders, {title: tuple(bearers) for title, bearers in titles.items()})


def _mentions(unit: Unit, number: int) -> Iterator[Mention]:
    previous = -1
    for i, entry in enumerate(unit.names):
        if entry >= 0 and entry != previous:
            yield Mention(unit.places[0][i], number, entry)
        previous = entry


def _titles_at(text: str, name: Name, place: int, lexicon: Lexicon) -> Iterator[str]:
    """The titles printed with a mention at *place*: in it, or in the appositive behind it (Mara Ruiz, the mayor)."""
    if name.kind not in {"person", "unknown"}:
        return
    at = bisect_left(name.mentions, (place, 0))
    if at == len(name.mentions) or name.mentions[at].start != place:
        return
    mention = name.mentions[at]
    aside = _ASIDE.match(text, mention.end)
    words = mention.of(text).split()[:-1] + (aside.group(1).split() if aside else [])
    for word in words:
        low = word.lower().strip(".")
        if lexicon.has("titles", low) or lexicon.has("anonymous", low):
            yield lexicon.spelled_titles.get(low, low)


_ASIDE = re.compile(r", ((?:the|a|an|der|die|das|le|la|el|une?|una?) [\w’' -]{1,40})")


def _vote_on(votes: dict[int, list[int]], unit: Unit, roster: Sequence[Name]) -> None:
    """Genders are told by the titles of a name, and by the pronouns of the sentences that name one person alone."""
    names, bits = unit.names, unit.bits
    named = {entry for entry in names if entry >= 0 and roster[entry].kind in {"person", "unknown"}}
    for i, word in enumerate(bits):
        if word & _GENDERS:
            for place in (i, i + 1):
                if place < len(names) and names[place] in named:
                    _vote(votes, names[place], word, 5)
    if len(named) == 1:
        entry = next(iter(named))
        for word in bits[names.index(entry) :]:
            if word & _GENDERS and word & GENDERED:
                _vote(votes, entry, word, 1)


_GENDERS = MALE | FEMALE


def _vote(votes: dict[int, list[int]], entry: int, word: int, weight: int) -> None:
    for position, gender in enumerate((MALE, FEMALE)):
        if word & gender:
            votes.setdefault(entry, [0, 0])[position] += weight
