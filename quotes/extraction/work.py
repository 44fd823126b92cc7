"""One article from text to record: open it, run its exchanges, put their findings together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from quotes.extraction.attributors import Attributor, Exchange, Findings, RulesAttributor, rules_findings, together
from quotes.extraction.cascade import CascadeAttributor, open_lines, settled
from quotes.extraction.combining import Combination, Combined
from quotes.extraction.conversation import SILENCE, ModelAttributor
from quotes.extraction.judging import JudgeAttributor
from quotes.extraction.ownership import owned
from quotes.extraction.trust import UNMEASURED, Trust, confidence_of
from quotes.extraction.weighing import Kinds, Weighed
from quotes.model import Article, ChunkError, Extraction, Quote, Skipped, Span, Spans, Status, Unresolved
from quotes.prompting import PromptSettings
from quotes.text import Reading, find_quotations, read


@dataclass(frozen=True)
class Engine:
    """How articles are to be done: with a model as the pack of *prompt* says, or by the rules alone without one.

    *language* is a code such as ``de``; ``None`` means it is guessed for each article. With *cascade* a model that
    attributes is shown only what the rules leave open. Without a *second_opinion* a model that attributes by itself is
    not compared with the rules: none are run, ``by`` is the model alone, its quotes all hold, and each is as sure as
    all that the model finds of its type was measured to be. *trust* says how far the model is believed. *observe* is
    called with everything found in an article before it is decided what holds: for calibration.
    """

    prompt: PromptSettings | None = None
    language: str | None = None
    cascade: bool = False
    trust: Trust = UNMEASURED
    second_opinion: bool = True
    observe: Callable[[Article, tuple[Weighed, ...]], None] | None = None

    @cached_property
    def attributor(self) -> Attributor:
        """Who attributes the quotations."""
        if self.prompt is None:
            return RulesAttributor()
        if self.prompt.pack.task == "judge":
            return JudgeAttributor(self.prompt)
        return CascadeAttributor(self.prompt) if self.cascade else ModelAttributor(self.prompt)

    @property
    def by_model(self) -> bool:
        """Whether a model attributes by itself, instead of judging what the rules propose."""
        return self.prompt is not None and self.prompt.pack.task == "attribute"

    def open(self, article: Article) -> Work:
        """Read *article* and prepare its exchanges; nothing is asked yet."""
        reading = read(article.text, self.language)
        return Work(self, article, reading, self.attributor.exchanges(reading, article.id))

    def fail(self, article: Article, error: ChunkError) -> Extraction:
        """The record of an article that could not be done at all, for a reason outside of its chunks."""
        return Extraction(
            article,
            "failed",
            unresolved=tuple(Unresolved(q.outer, "the article failed") for q in find_quotations(article.text)),
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
        """The record: every quotation in a quote, skipped or unresolved, every quote as sure as its kind was measured
        to be."""
        prompt = self.engine.prompt
        total = together(findings, "model" if self.engine.by_model else "rules")
        combination = self._combination(total)
        if self.engine.observe is not None:
            self.engine.observe(self.article, combination.weighed())
        combined = combination.combined()
        quotes = self._quotes(combined, combination.kind)
        covered = owned(self.reading.quotations, (piece for quote in quotes for piece in quote.content))
        skipped = {i: reason for i, reason in combined.skipped.items() if i not in covered}
        unresolved = [q for q in self.reading.quotations if q.index not in covered and q.index not in skipped]
        unanswered = self.engine.by_model and any(combined.open.get(q.index) == SILENCE for q in unresolved)
        return Extraction(
            self.article,
            "failed" if not quotes and not skipped and _all_failed(findings) else _status(total, unanswered),
            quotes,
            tuple(Skipped(self.reading.quotations[i].outer, reason) for i, reason in sorted(skipped.items())),
            tuple(Unresolved(q.outer, combined.open.get(q.index, "there is no word in it")) for q in unresolved),
            total.rejected,
            tuple(sorted(total.errors, key=lambda error: error.chunk)),
            prompt.model if prompt else None,
            prompt.pack.id if prompt else None,
            total.usage,
        )

    def _combination(self, findings: Findings) -> Combination:
        if self.engine.by_model and not self.engine.cascade and not self.engine.second_opinion:
            return Combination(self.reading, findings, Findings("rules"), self.engine.trust, compared=False)
        rules = rules_findings(self.reading) if self.engine.by_model else findings
        if not self.engine.cascade:
            return Combination(self.reading, findings, rules, self.engine.trust)
        sure, asked = settled(self.reading, rules), open_lines(self.reading, rules)
        return Combination(self.reading, findings, rules, self.engine.trust, sure, asked)

    def _quotes(self, combined: Combined, kinds: Kinds) -> tuple[Quote, ...]:
        """The quotes that hold, in text order, of the types that *kinds* tells."""
        quotes = [self._quote(item, kinds) for item in combined.kept]
        kept = (quote for quote in quotes if quote.content)
        return tuple(sorted(kept, key=lambda quote: (quote.content, quote.cue, quote.speaker.mention)))

    def _quote(self, item: Weighed, kinds: Kinds) -> Quote:
        found, attribution = item.found, item.found.attribution
        content = _without_outer_space(self.reading.text, attribution.content)
        chunk, key = (found.chunk, found.key) if "model" in item.by else (None, None)
        confidence = confidence_of(item.precision)
        return Quote(
            kinds(content),
            content,
            attribution.cue,
            attribution.speaker,
            confidence,
            item.by,
            chunk,
            key,
            self.article.text,
        )


def _without_outer_space(text: str, content: Spans) -> Spans:
    """*content* without white space at the ends of its pieces, as inside « guillemets »."""
    trimmed = []
    for piece in content:
        words = piece.of(text)
        if words[:1].isspace() or words[-1:].isspace():
            start = piece.start + len(words) - len(words.lstrip())
            piece = Span(start, start + len(words.strip()))
        trimmed.append(piece)
    return tuple([piece for piece in trimmed if piece.start < piece.end])


def _all_failed(findings: Sequence[Findings]) -> bool:
    return bool(findings) and all(part.errors and not part.found and not part.skipped for part in findings)


def _status(total: Findings, unanswered: bool) -> Status:
    return "partial" if total.errors or unanswered else "complete"
