"""The cascade: the rules settle what they are sure of, and a model is shown only the lines they leave open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from quotes.extraction.attributors import Exchange, Findings, Found, rules_findings
from quotes.extraction.conversation import ModelAttributor
from quotes.extraction.places import ByPlace
from quotes.model import Span, Spans
from quotes.prompting import PromptSettings
from quotes.text import Reading, classify, likely_cues, precision_of

SETTLED = 0.80
"""Precision of a pattern from which what it found is not asked about."""

LIKELY = 0.67
"""How often a word attributes, where it does so best, for its line to be shown. So .59 of the text is shown, and what
is left out held 6 in 100 of the quotes and the rules none of them; at .70 it is .53 of the text and 10 in 100."""


class CascadeAttributor:
    """Attribution by a model of the lines that the rules leave open; of the others it is not asked."""

    def __init__(self, settings: PromptSettings) -> None:
        self._model = ModelAttributor(settings)

    def exchanges(self, reading: Reading, article: str) -> tuple[Exchange, ...]:
        """One exchange for each chunk of open lines; none where nothing is open."""
        lines = open_lines(reading, rules_findings(reading))
        return self._model.exchanges(replace(reading, sentences=lines), article)


def settled(reading: Reading, rules: Findings) -> tuple[Found, ...]:
    """What the *rules* found in *reading* and are sure of."""
    return tuple(item for item in rules.found if _is_settled(reading, item))


def open_lines(reading: Reading, rules: Findings) -> Spans:
    """The sentences of *reading* that the *rules* leave open, in text order.

    Those hold a quotation in no attribution the rules are sure of and not skipped by them, an attribution they are
    not sure of, or a word that can be a cue and is none in an attribution they are sure of.
    """
    sure = settled(reading, rules)
    kept = set(map(id, sure))
    doubtful = [item for item in rules.found if id(item) not in kept]
    contents: ByPlace[int] = ByPlace()
    cues: set[Span] = set()
    for item in sure:
        contents.add(item.attribution.content, 0)
        cues.update(item.attribution.cue)
    hot: ByPlace[int] = ByPlace()
    for item in doubtful:
        hot.add((*item.attribution.content, *item.attribution.cue), 0)
    hot.add(_open_quotations(reading, rules, contents), 0)
    hot.add(_open_cues(reading, contents, frozenset(cues)), 0)
    return tuple(sentence for sentence in reading.sentences if hot.touching([sentence]))


def _is_settled(reading: Reading, item: Found) -> bool:
    kind = classify(reading.text, item.attribution.content, reading.quotations)
    return precision_of(item.pattern or "", kind, item.rate) >= SETTLED


def _open_quotations(reading: Reading, rules: Findings, sure: ByPlace[int]) -> Iterator[Span]:
    for quotation in reading.quotations:
        if quotation.index not in rules.skipped and not sure.touching([quotation.inner]):
            yield quotation.outer


def _open_cues(reading: Reading, sure: ByPlace[int], used: frozenset[Span]) -> Iterator[Span]:
    """Words that can be cues, outside of the contents and the cues that are settled."""
    for cue in likely_cues(reading, LIKELY):
        if cue not in used and not sure.touching([cue]):
            yield cue
