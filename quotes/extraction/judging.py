"""Attribution by rules, with a model that says yes or no to what they are unsure of, one request for each.

The rules propose and never retype; the model only weighs. So whatever it answers, every word of the record is found by
code, and a model far too small to attribute by itself still helps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from quotes.errors import RequestFailed
from quotes.extraction.attributors import Exchange, Findings, Found, as_findings, told
from quotes.extraction.failures import Failure, broken_answer, failed_reply, failed_request
from quotes.extraction.ownership import owned
from quotes.model import QuoteType
from quotes.prompting import BrokenAnswer, PromptSettings, judge_request, read_odds, show_proposal
from quotes.text import Reading, attribute_by_rules, classify, find_proposals, precision_of

_SURE: Final = 0.6
"""Precision of a pattern from which what it finds is not asked about: no no of a small model outweighed it."""

_HOPELESS: Final = 0.1
"""Precision up to which a proposal is not asked about: no yes of a small model made up for it."""


def is_open(pattern: str, kind: QuoteType, rate: float | None = None) -> bool:
    """Whether what *pattern* of the rules makes of quotes of *kind* is worth a question.

    *rate* is the precision of the cue of what is only proposed.
    """
    precision = precision_of(pattern, kind, rate)
    return precision < _SURE if rate is None else precision > _HOPELESS


class JudgeAttributor:
    """The rules, and a model asked about those of their attributions, and of their proposals, that are unsure."""

    def __init__(self, settings: PromptSettings) -> None:
        self.settings = settings

    def exchanges(self, reading: Reading, article: str) -> tuple[Exchange, ...]:
        """One exchange that asks nothing, for all that is sure, then one for each question: none waits for another."""
        rules = attribute_by_rules(reading)
        known = as_findings(reading, rules)
        proposed = (
            Found(proposal.attribution, "rules", pattern=proposal.pattern, rate=proposal.rate)
            for proposal in find_proposals(reading, rules)
        )
        sure: list[Found] = []
        asked: list[Found] = []
        for item in known.found:
            (asked if _is_unsure(reading, item) else sure).append(item)
        asked += [item for item in proposed if _is_unsure(reading, item)]
        known_already = told(replace(known, found=tuple(sure)))
        return (known_already, *(_Question(self.settings, reading, article, item).exchange() for item in asked))


def _is_unsure(reading: Reading, item: Found) -> bool:
    kind = classify(reading.text, item.attribution.content, reading.quotations)
    return item.pattern is not None and is_open(item.pattern, kind, item.rate)


@dataclass(frozen=True, slots=True)
class _Question:
    settings: PromptSettings
    reading: Reading
    article: str
    item: Found

    def exchange(self) -> Exchange:
        """The item with the odds the model gives it, or without any and an error that says why."""
        shown = show_proposal(self.reading, self.item.attribution)
        request = judge_request(self.settings, shown, article=self.article, chunk=self._sentence)
        try:
            reply = yield request
        except RequestFailed as error:
            return self._failed(failed_request(error))
        if reply.outcome != "complete":
            return replace(self._failed(failed_reply(reply, self.settings)), usage=reply.usage)
        try:
            odds = read_odds(reply, self.settings.pack)
        except BrokenAnswer as broken:
            return replace(self._failed(broken_answer(str(broken), self.settings)), usage=reply.usage)
        judged = replace(self.item, chunk=request.chunk, key=request.key, odds=odds)
        return Findings("rules", (judged,), usage=reply.usage)

    @property
    def _sentence(self) -> int:
        """The number of the sentence the content begins in."""
        return self.reading.sentence_at(self.item.attribution.content[0].start)

    def _failed(self, failure: Failure) -> Findings:
        about = owned(self.reading.quotations, self.item.attribution.content)
        why = f"the question about it could not be done: {failure.kind}"
        return Findings(
            "rules", (self.item,), open=dict.fromkeys(about, why), errors=(failure.of_chunk(self._sentence),)
        )
