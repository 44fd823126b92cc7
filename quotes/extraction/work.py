"""One article from text to record: open it, run its exchanges, put their findings together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from quotes.extraction.agreement import judge
from quotes.extraction.attributors import Attributor, Exchange, Findings, Found, RulesAttributor, rules_findings
from quotes.extraction.conversation import ModelAttributor
from quotes.extraction.ownership import carry_on, owned
from quotes.model import (
    Article,
    Attribution,
    ChunkError,
    Extraction,
    Quote,
    QuoteType,
    Skipped,
    Span,
    Status,
    Unresolved,
    merged,
)
from quotes.prompting import PromptSettings
from quotes.text import Reading, classify, read


@dataclass(frozen=True)
class Engine:
    """How articles are to be done: by a model under *prompt*, or by the rules alone where it is ``None``.

    *language* is a code such as ``de``; ``None`` means it is guessed for each article.
    """

    prompt: PromptSettings | None = None
    language: str | None = None

    @cached_property
    def attributor(self) -> Attributor:
        """Who attributes the quotations."""
        return ModelAttributor(self.prompt) if self.prompt else RulesAttributor()

    def open(self, article: Article) -> Work:
        """Read *article* and prepare its exchanges; nothing is asked yet."""
        reading = read(article.text, self.language)
        return Work(self, article, reading, self.attributor.exchanges(reading, article.id))

    def fail(self, article: Article, error: ChunkError) -> Extraction:
        """The record of an article that could not be done at all, for a reason outside of its chunks."""
        reading = read(article.text, self.language)
        return Extraction(
            article,
            "failed",
            unresolved=tuple(Unresolved(q.outer, error.message) for q in reading.quotations),
            errors=(error,),
            model=self.prompt.model if self.prompt else None,
            prompt=self.prompt.pack.id if self.prompt else None,
        )


@dataclass(frozen=True)
class Work:
    """An opened article. Each of *exchanges* ends in `Findings`; `finish` takes them in the same order."""

    engine: Engine
    article: Article
    reading: Reading
    exchanges: tuple[Exchange, ...]

    def finish(self, findings: Sequence[Findings]) -> Extraction:
        """The record: every quotation in a quote, skipped or unresolved, every quote judged against the rules."""
        prompt = self.engine.prompt
        total = sum(findings, Findings("model" if prompt else "rules"))
        quotes = self._quotes(total) if prompt is None else self._quotes_of_model(total)
        covered = owned(self.reading, (piece for quote in quotes for piece in quote.content))
        skipped = {i: reason for i, reason in total.skipped.items() if i not in covered}
        unresolved = [q for q in self.reading.quotations if q.index not in covered and q.index not in skipped]
        return Extraction(
            self.article,
            _status(total, findings, bool(unresolved) and prompt is not None),
            quotes,
            tuple(Skipped(self.reading.quotations[i].outer, reason) for i, reason in sorted(skipped.items())),
            tuple(Unresolved(q.outer, total.open.get(q.index, "nobody was asked")) for q in unresolved),
            total.rejected,
            tuple(sorted(total.errors, key=lambda error: error.chunk)),
            prompt.model if prompt else None,
            prompt.pack.id if prompt else None,
            total.usage,
        )

    def _quotes(self, findings: Findings) -> tuple[Quote, ...]:
        return _ordered(
            Quote(self._type(f), f.attribution.content, f.attribution.cue, f.attribution.speaker, "medium", ("rules",))
            for f in findings.found
        )

    def _quotes_of_model(self, findings: Findings) -> tuple[Quote, ...]:
        """The model's quotes, and the rules' for the quotations a model that answered said nothing about."""
        rules = [found.attribution for found in rules_findings(self.reading).found]
        found = carry_on(self.reading, tuple(dict.fromkeys(findings.found)))
        quotes = []
        for item in found:
            attribution = item.attribution
            confidence, by = judge(attribution, rules, "model", "rules")
            quotes.append(
                Quote(
                    self._type(item),
                    attribution.content,
                    attribution.cue,
                    attribution.speaker,
                    confidence,
                    by,
                    item.chunk,
                    item.key,
                )
            )
        covered = owned(self.reading, (piece for quote in quotes for piece in quote.content))
        silent = {i for i, why in findings.open.items() if why == "the model gave no answer" and i not in covered}
        for attribution in rules:
            content = self._only(attribution, silent)
            if content:
                filled = Found(replace(attribution, content=content))
                quotes.append(
                    Quote(self._type(filled), content, attribution.cue, attribution.speaker, "medium", ("rules",))
                )
        return _ordered(quotes)

    def _only(self, attribution: Attribution, silent: set[int]) -> tuple[Span, ...]:
        """The content of *attribution* where all its quotations were met with silence, else only those that were."""
        mine = owned(self.reading, attribution.content)
        if not mine & silent:
            return ()
        if mine <= silent:
            return attribution.content
        return merged(self.reading.quotations[i].inner for i in mine & silent)

    def _type(self, found: Found) -> QuoteType:
        return classify(self.reading.text, found.attribution.content, self.reading.quotations)


def _ordered(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(quotes, key=lambda quote: (quote.content, quote.cue, quote.speaker.mention)))


def _status(total: Findings, findings: Sequence[Findings], unanswered: bool) -> Status:
    if total.errors and all(part.errors and not part.found for part in findings):
        return "failed"
    return "partial" if total.errors or unanswered else "complete"
