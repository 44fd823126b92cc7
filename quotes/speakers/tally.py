"""The tally: quotes and words per speaker, kind, type or article, each count a range where speakers stayed open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal, get_args

from quotes.model import QuoteType, SpeakerKind
from quotes.speakers.aliases import NO_ALIASES, Alias, Aliases
from quotes.text.forms import count_words, folded, last_word, on_one_line, words_in

By = Literal["speaker", "kind", "type", "article"]
COLUMNS: tuple[By, ...] = get_args(By)

Key = tuple[str, ...]


@dataclass(slots=True)
class _Count:
    """*quotes* with *words*; of what is open also the quotations among them that may be no quotes at all."""

    quotes: int = 0
    words: int = 0
    quotations: int = 0

    def add(self, other: _Count) -> None:
        self.quotes += other.quotes
        self.words += other.words
        self.quotations += other.quotations


@dataclass(slots=True)
class Totals:
    """What all records hold together.

    *quotes* have a type each; of them *pronouns* have a speaker that is printed but resolved to no name, and
    *nobody* has none printed. *quotations* are unresolved ones: quotes, perhaps. *partial* are articles of
    which a part could not be done, *without_text* those whose record leaves the text out.
    """

    articles: int = 0
    quotes: int = 0
    words: int = 0
    pronouns: int = 0
    nobody: int = 0
    quotations: int = 0
    partial: int = 0
    without_text: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result.

    *values* are its speaker, kind, type and article as asked for, *kind* that of its speaker. *quotes* and
    *words* are certain, at least these; *quotes_at_most* and *words_at_most* hold what stayed open and may
    belong here. *share* and *share_at_most* (0 to 1) are of the quotes of all records, unresolved
    quotations included. *speakers* are the names quoted.
    """

    values: Mapping[By, str]
    kind: str
    quotes: int
    quotes_at_most: int
    words: int
    words_at_most: int
    articles: int
    speakers: int
    share: float
    share_at_most: float


@dataclass(frozen=True, slots=True)
class _Item:
    """A quote, or (*type* is ``None``) an unresolved quotation; *speaker* is its folded name, ``None`` while open."""

    words: int
    type: QuoteType | None = None
    speaker: str | None = None
    kind: SpeakerKind = "unknown"


@dataclass(slots=True)
class _Sure:
    count: _Count = field(default_factory=_Count)
    articles: int = 0
    speakers: set[str] = field(default_factory=set)


class Tally:
    """Counts records, one after the other, in memory that grows with the speakers and not with the records.

    Within an article a speaker is the name its record gives, the fullest printed form. Over articles equal
    names are one speaker, case and typography apart, and different ones are where *aliases* say so.

    An open quote (its speaker resolved to no name, or a quotation unresolved) may belong to every speaker
    whose last word its article prints: it raises their ``at_most`` and nobody's count. A record without
    text is asked for the words of its quotes and names instead.
    """

    def __init__(self, by: Sequence[By] = ("speaker",), aliases: Aliases = NO_ALIASES) -> None:
        self._by = tuple(one for one in dict.fromkeys(by) if one != "kind" or "speaker" not in by)
        self._rest = tuple(one for one in self._by if one != "speaker")
        self._aliases = aliases
        self._sure: dict[Key, _Sure] = defaultdict(_Sure)
        self._open: dict[Key, _Count] = defaultdict(_Count)
        self._open_aliases: dict[Key, _Count] = defaultdict(_Count)
        self._printed: dict[str, Counter[str]] = defaultdict(Counter)
        self._kinds: dict[str, Counter[SpeakerKind]] = defaultdict(Counter)
        self.totals = Totals()

    def add(self, record: Mapping[str, Any]) -> None:
        """Count *record*, the JSON form of a sound record."""
        open_here: dict[Key, _Count] = defaultdict(_Count)
        keys: set[Key] = set()
        speakers: set[str] = set()
        for item in self._items(record):
            if item.speaker is not None:
                speakers.add(item.speaker)
            count = _Count(1, item.words, int(item.type is None))
            values = [self._values(one, item, record["id"]) for one in self._rest]
            possible = list(product(*values))
            if len(possible) == 1 and ("speaker" not in self._by or item.speaker is not None) and item.type is not None:
                key = self._key(item.speaker or "", possible[0])
                keys.add(key)
                self._sure[key].count.add(count)
                self._sure[key].speakers.update([item.speaker] if item.speaker is not None else [])
            else:
                for rest in possible:
                    open_here[rest].add(count)
        for key in keys:
            self._sure[key].articles += 1
        self._leave_open(open_here, record, speakers)
        self._count_article(record)

    def rows(self) -> list[Row]:
        """A row for each value with at least one certain quote, the most quotes first, then by name."""
        rows = [self._row(key, sure) for key, sure in self._sure.items()]
        return sorted(rows, key=lambda row: (-row.quotes, -row.words, *(row.values[one] for one in self._by)))

    def names(self) -> dict[str, SpeakerKind]:
        """Every speaker's name, as printed most often, with its kind: what aliases can be suggested for."""
        return {self._shown(speaker): self._kind(speaker) for speaker in sorted(self._printed)}

    @property
    def by(self) -> tuple[By, ...]:
        """What the rows are told apart by, in the order of their columns."""
        return self._by

    # ------------------------------------------------------------ one record

    def _items(self, record: Mapping[str, Any]) -> Iterator[_Item]:
        for quote in record["quotes"]:
            name, kind, words = quote["speaker_name"], quote["speaker_kind"], count_words(quote["text"])
            speaker = None if name is None else self._speaker(name, kind)
            known = self._aliases.of(name) if name is not None else None
            yield _Item(words, quote["type"], speaker, known.kind if known and known.kind else kind)
        text = record.get("text")
        for unresolved in record["unresolved"]:
            start, end = unresolved["span"]
            # Without the text at most every second character can be a word of its own.
            yield _Item((end - start + 1) // 2 if text is None else count_words(text[start:end]))

    def _speaker(self, name: str, kind: SpeakerKind) -> str:
        known = self._aliases.of(name)
        shown = known.name if known else on_one_line(name)
        speaker = folded(shown)
        self._printed[speaker][shown] += 1
        self._kinds[speaker][known.kind if known and known.kind else kind] += 1
        return speaker

    def _values(self, one: By, item: _Item, article: str) -> tuple[str, ...]:
        """All that *item* may be in the column *one*."""
        if one == "article":
            return (article,)
        if one == "kind":
            certain = item.speaker is not None or item.kind != "unknown"
            return (item.kind,) if certain else get_args(SpeakerKind)
        return (item.type,) if item.type is not None else ("direct", "mixed")

    def _key(self, speaker: str, rest: Sequence[str]) -> Key:
        values = dict(zip(self._rest, rest, strict=True)) | {"speaker": speaker}
        return tuple(values[one] for one in self._by)

    def _leave_open(self, open_here: Mapping[Key, _Count], record: Mapping[str, Any], speakers: set[str]) -> None:
        if not open_here:
            return
        if "speaker" not in self._by:
            for rest, count in open_here.items():
                self._open[rest].add(count)
            return
        printed = _words_of(record) | frozenset(map(last_word, speakers))
        # By article only the speakers that it quotes have a row.
        asked = frozenset(map(last_word, speakers)) if "article" in self._by else printed
        for rest, count in open_here.items():
            for word in asked:
                self._open[(word, *rest)].add(count)
            for alias in self._aliases.among(printed):
                self._open_aliases[(folded(alias.name), *rest)].add(count)

    def _count_article(self, record: Mapping[str, Any]) -> None:
        nameless = [quote for quote in record["quotes"] if quote["speaker_name"] is None]
        self.totals.articles += 1
        self.totals.quotes += len(record["quotes"])
        self.totals.words += sum(count_words(quote["text"]) for quote in record["quotes"])
        self.totals.nobody += sum(not quote["speaker"] for quote in nameless)
        self.totals.pronouns += sum(bool(quote["speaker"]) for quote in nameless)
        self.totals.quotations += len(record["unresolved"])
        self.totals.partial += record["status"] != "complete"
        self.totals.without_text += "text" not in record

    # --------------------------------------------------------------- the end

    def _row(self, key: Key, sure: _Sure) -> Row:
        values = dict(zip(self._by, key, strict=True))
        rest = tuple(values[one] for one in self._rest)
        speaker = values.get("speaker")
        more = self._open_of(speaker, rest)
        kind = values.get("kind", "")
        if speaker is not None:
            kind = self._kind(speaker)
            values["speaker"] = self._shown(speaker)
        count, everything = sure.count, self.totals.quotes
        at_most = count.quotes + more.quotes
        return Row(
            values,
            kind,
            count.quotes,
            at_most,
            count.words,
            count.words + more.words,
            sure.articles,
            len(sure.speakers),
            share=count.quotes / (everything + self.totals.quotations),
            # The most it can be: of the unresolved quotations only those that may belong here are quotes.
            share_at_most=at_most / (everything + more.quotations),
        )

    def _open_of(self, speaker: str | None, rest: Key) -> _Count:
        if speaker is None:
            return self._open.get(rest, _Count())
        known: Alias | None = self._aliases.of(self._shown(speaker))
        if known:
            return self._open_aliases.get((folded(known.name), *rest), _Count())
        return self._open.get((last_word(speaker), *rest), _Count())

    def _shown(self, speaker: str) -> str:
        forms = self._printed[speaker]
        return max(forms, key=lambda form: (forms[form], form))

    def _kind(self, speaker: str) -> SpeakerKind:
        kinds = self._kinds[speaker]
        return max(kinds, key=lambda kind: (kind != "unknown", kinds[kind], kind))


def _words_of(record: Mapping[str, Any]) -> frozenset[str]:
    if "text" in record:
        return words_in(record["text"])
    quotes = record["quotes"]
    return words_in(" ".join(f"{quote['text']} {quote['speaker_text']}" for quote in quotes))
