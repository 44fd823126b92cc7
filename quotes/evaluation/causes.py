"""Causes: every miss, spurious quote and wrong speaker of an article, grouped by what code can tell of how it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from quotes.evaluation.judging import HALF, Judged, Judgement, speaker_right
from quotes.evaluation.words import Words
from quotes.model import Spans
from quotes.text import guess_language, read
from quotes.text.cues import LONGEST_CUE, load_lexicon

FaultKind = Literal["miss", "spurious", "wrong speaker"]

HEADINGS: Final[dict[FaultKind, str]] = {
    "miss": "Missed: gold quotes that nothing found",
    "spurious": "Spurious: predictions that found no gold quote",
    "wrong speaker": "Wrong speaker: the right words, another source",
}
"""The kinds of faults in the order people read them, and what each means."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error. *gold* and *predicted* are the quotes it is about: of a miss or a spurious quote the other one is the
    quote that shares most words with it, if any does. *overlap* is their share of common words."""

    kind: FaultKind
    cause: str
    gold: Judged | None
    predicted: Judged | None
    overlap: float = 0.0


def faults_of(judgement: Judgement, text: str) -> Iterator[Fault]:
    """The errors in *judgement* of *text*: the misses, then the spurious quotes, then the wrong speakers."""
    found = set(judgement.half.values())
    cues = _Cues(text, judgement.words)
    for row in range(len(judgement.gold)):
        if row not in judgement.half:
            yield _miss(judgement, row, cues)
    for column in range(len(judgement.predicted)):
        if column not in found:
            yield _spurious(judgement, column)
    for row, column in sorted(judgement.half.items()):
        gold, predicted = judgement.gold[row], judgement.predicted[column]
        if not speaker_right(gold, predicted):
            cause = _speaker_cause(gold, predicted)
            yield Fault("wrong speaker", cause, gold, predicted, judgement.overlaps[row, column])


def _miss(judgement: Judgement, row: int, cues: _Cues) -> Fault:
    gold = judgement.gold[row]
    touching = {column: share for (one, column), share in judgement.overlaps.items() if one == row}
    if not touching:
        return Fault("miss", cues.cause(gold), gold, None)
    nearest = max(sorted(touching), key=touching.__getitem__)
    predicted = judgement.predicted[nearest]
    together = _union(judgement.predicted[column] for column in touching)
    if len(touching) > 1 and len(gold.words & together) / len(gold.words | together) >= HALF:
        cause = "split: several predictions have it together"
    elif nearest in judgement.half.values():
        cause = "joined: its words are in the prediction that another gold quote has"
    else:
        cause = _bounds(gold.words, predicted.words)
    return Fault("miss", cause, gold, predicted, touching[nearest])


def _spurious(judgement: Judgement, column: int) -> Fault:
    predicted = judgement.predicted[column]
    touching = {row: share for (row, one), share in judgement.overlaps.items() if one == column}
    if not touching:
        where = "outside quotation marks" if predicted.type == "indirect" else "inside quotation marks"
        return Fault("spurious", f"nobody annotated a quote there, {where}", None, predicted)
    nearest = max(sorted(touching), key=touching.__getitem__)
    gold = judgement.gold[nearest]
    if nearest in judgement.half:
        cause = "split: another prediction has its gold quote already"
    elif len(touching) > 1:
        cause = "joined: it runs over several gold quotes"
    else:
        cause = _bounds(gold.words, predicted.words)
    return Fault("spurious", cause, gold, predicted, touching[nearest])


def _bounds(gold: frozenset[int], predicted: frozenset[int]) -> str:
    """How the two contents lie, which share less than half of their words."""
    if predicted < gold:
        return "content too short: less than half of the gold quote"
    if gold < predicted:
        return "content too long: the gold quote is less than half of it"
    return "content shifted: less than half in common"


def _speaker_cause(gold: Judged, predicted: Judged) -> str:
    if not gold.annotation.has_speaker:
        return "gold has no speaker, one was found"
    if not predicted.annotation.has_speaker:
        return "no speaker was found"
    if predicted.by_pronoun:
        return "a pronoun that was not resolved"
    if gold.by_pronoun:
        return "gold has a pronoun, another mention was taken"
    if gold.annotation.name and gold.annotation.name == predicted.annotation.name:
        return "the same name, another mention"
    return "another source was taken"


class _Cues:
    """Which cues a text prints, to tell a cue nobody knows from one that was known and led to nothing."""

    def __init__(self, text: str, words: Words) -> None:
        self._text, self._words = text, words
        self._cues = load_lexicon(guess_language(text)).cues

    def cause(self, gold: Judged) -> str:
        """Why nothing was found where *gold* is: by its own cue, or without one by the other words of its sentences."""
        if gold.annotation.cue:
            known = self._known(self._words.touched(gold.annotation.cue))
            return "its cue is known, but led to nothing" if known else "its cue is not in the lexicon"
        if not gold.annotation.has_speaker:
            return "without cue and speaker"
        around = self._words.touched(self._sentences(gold)) - gold.words
        return "a known cue in its sentence led to nothing" if self._known(around) else "no known cue in its sentence"

    def _known(self, numbers: frozenset[int]) -> bool:
        """Whether some of the words *numbers* are, side by side, a cue of the lexicon."""
        low = {at: self._text[self._words.starts[at] : self._words.ends[at]].lower() for at in numbers}
        return any(
            tuple(low.get(at + step, "") for step in range(length)) in self._cues
            for at in numbers
            for length in range(1, LONGEST_CUE + 1)
        )

    def _sentences(self, gold: Judged) -> Spans:
        """The sentences that the content of *gold* touches."""
        reading = read(self._text)
        pieces = gold.annotation.content
        return tuple(span for span in reading.sentences if any(span.overlaps(piece) for piece in pieces))


def _union(quotes: Iterable[Judged]) -> frozenset[int]:
    return frozenset().union(*(quote.words for quote in quotes))
