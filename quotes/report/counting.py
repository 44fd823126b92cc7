"""Counts for a report: totals, confidence and speakers over any number of records, in memory that does not grow."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from quotes.formats.spilling import SpillingMap
from quotes.formats.terminal import on_one_line
from quotes.model import QuoteType
from quotes.report.people import NOBODY, speaker_key
from quotes.text.forms import count_words

TYPES: Final[tuple[QuoteType, ...]] = get_args(QuoteType)

_MOST_PENDING: Final = 10_000
_MOST_FORMS: Final = 8
"""Of a name that is printed in more ways than this only the first ones compete to be shown."""


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """One speaker over all articles: *types* are the quotes by type, *articles* those in which it is quoted.

    *key* is that of :func:`quotes.report.people.speaker_key`, *name* the form printed most often.
    """

    key: str
    name: str
    kind: str
    types: Mapping[str, int]
    words: int
    articles: int

    @property
    def quotes(self) -> int:
        """The number of quotes, whatever their type."""
        return sum(self.types.values())


@dataclass(slots=True)
class Totals:
    """What all records hold together. *speakers* are names; *nameless* are quotes whose speaker has none."""

    articles: int = 0
    quotes: int = 0
    words: int = 0
    speakers: int = 0
    nameless: int = 0
    skipped: int = 0
    unresolved: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Sum:
    """What has been counted of one speaker so far, in a form that goes to a file and comes back."""

    types: Counter[str] = field(default_factory=Counter)
    words: int = 0
    articles: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    def add(self, other: _Sum) -> None:
        self.types.update(other.types)
        self.words += other.words
        self.articles += other.articles
        self.kinds.update(other.kinds)
        self.forms.update(other.forms)
        for form in list(self.forms)[_MOST_FORMS:]:
            del self.forms[form]

    def dumps(self) -> str:
        return json.dumps([self.types, self.words, self.articles, self.kinds, self.forms])

    @classmethod
    def loads(cls, written: str) -> _Sum:
        types, words, articles, kinds, forms = json.loads(written)
        return cls(Counter(types), words, articles, Counter(kinds), Counter(forms))

    def shown(self, key: str) -> SpeakerCount:
        # A kind that says something goes before "unknown"; of equal counts the one whose name comes last, always.
        kind = max(self.kinds, key=lambda kind: (kind != "unknown", self.kinds[kind], kind))
        name = max(self.forms, key=lambda form: (self.forms[form], form))
        return SpeakerCount(key, name, kind, {one: self.types[one] for one in TYPES}, self.words, self.articles)


class Counts:
    """Counts records, one after the other; the speakers of many lie in a temporary file. Close it.

    Raises:
        OutputError: the folder for temporary files is full; from every method.
    """

    def __init__(self) -> None:
        self.articles = 0
        self.confidence: Counter[tuple[str, str]] = Counter()
        """Quotes by confidence and type."""
        self._totals = Totals()
        self._pending: dict[str, _Sum] = {}
        self._stored = SpillingMap[str]()

    def add(self, record: Mapping[str, Any]) -> None:
        """Count *record*, the JSON form of a sound record."""
        here: dict[str, _Sum] = {}
        for quote in record["quotes"]:
            words = count_words(quote["text"])
            self._totals.words += words
            self.confidence[quote["confidence"], quote["type"]] += 1
            key = speaker_key(quote)
            if key == NOBODY:
                self._totals.nameless += 1
                continue
            kinds, forms = Counter([quote["speaker_kind"]]), Counter([on_one_line(quote["speaker_name"])])
            here.setdefault(key, _Sum(articles=1)).add(_Sum(Counter([quote["type"]]), words, 0, kinds, forms))
        for key, found in here.items():
            self._pending.setdefault(key, _Sum()).add(found)
        if len(self._pending) > _MOST_PENDING:
            self._store()
        self.articles += 1
        self._totals.articles = self.articles
        self._totals.quotes += len(record["quotes"])
        self._totals.skipped += len(record["skipped"])
        self._totals.unresolved += len(record["unresolved"])
        self._totals.statuses[record["status"]] += 1

    @property
    def totals(self) -> Totals:
        """What has been counted so far."""
        self._store()
        self._totals.speakers = len(self._stored)
        return self._totals

    def speakers(self, most: int) -> Sequence[SpeakerCount]:
        """The *most* quoted speakers: most quotes first, then most words, then by name."""
        self._store()
        return heapq.nsmallest(most, self._all(), key=lambda one: (-one.quotes, -one.words, one.name, one.key))

    def close(self) -> None:
        """Forget the speakers; a second call does nothing."""
        self._stored.close()

    def _all(self) -> Iterator[SpeakerCount]:
        return (_Sum.loads(written).shown(key) for key, written in self._stored.items())

    def _store(self) -> None:
        for key, more in self._pending.items():
            before = self._stored.pop(key)
            whole = _Sum() if before is None else _Sum.loads(before)
            whole.add(more)
            self._stored.put(key, whole.dumps())
        self._pending.clear()
