"""Speakers on a page: who is one speaker over its articles, which colour one has in an article, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quotes.formats.terminal import on_one_line, visible
from quotes.text.forms import count_words, folded

HUES: Final = 10
SLOTS: Final = 3 * HUES
"""Colours of speakers: ten hues, each with three styles of its line. More speakers begin anew."""

NOBODY: Final = ""
"""The key of all quotes whose speaker is not named."""


def speaker_key(quote: Mapping[str, Any]) -> str:
    """What the speaker of *quote* (its JSON form) is told apart by: the name, case and typography apart.

    Empty where the article gives no name.
    """
    name = quote["speaker_name"]
    return NOBODY if name is None else visible(folded(name))


def slots_of(quotes: Sequence[Mapping[str, Any]]) -> list[int]:
    """The slot of each of the *quotes* of one article: 1 to ``SLOTS`` as their speakers come up, 0 without a name."""
    slots: dict[str, int] = {NOBODY: 0}
    for quote in quotes:
        slots.setdefault(speaker_key(quote), (len(slots) - 1) % SLOTS + 1)
    return [slots[speaker_key(quote)] for quote in quotes]


@dataclass(slots=True)
class Person:
    """A speaker with the counts of *quotes* and their *words*. *name* is the form printed most often."""

    key: str
    name: str = ""
    quotes: int = 0
    words: int = 0
    forms: Counter[str] = field(default_factory=Counter)


def people_of(quotes: Iterable[Mapping[str, Any]]) -> list[Person]:
    """The speakers of *quotes* (their JSON form), most quotes first; those without a name as one, at the end."""
    people: dict[str, Person] = {}
    for quote in quotes:
        key = speaker_key(quote)
        person = people.setdefault(key, Person(key))
        person.quotes += 1
        person.words += count_words(quote["text"])
        person.forms[on_one_line(quote["speaker_name"] or "")] += 1
    for person in people.values():
        person.name = max(person.forms, key=lambda form: (person.forms[form], form))
    return sorted(people.values(), key=lambda one: (one.key == NOBODY, -one.quotes, -one.words, one.key))
