"""One article from text to record: open it, run its exchanges, put their findings together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from quotes.extraction.agreement import SecondOpinion
from quotes.extraction.attributors import Attributor, Exchange, Findings, Found, RulesAttributor, rules_findings
from quotes.extraction.conversation import SILENCE, ModelAttributor
from quotes.extraction.ownership import carry_on, owned
from quotes.extraction.places import ByPlace
from quotes.model import (
    NOBODY,
    Article,
    Attribution,
    ChunkError,
    Extraction,
    Quote,
    Skipped,
    Span,
    Spans,
    Status,
    Unresolved,
    merged,
)
from quotes.prompting import PromptSettings
from quotes.text import Reading, classify, find_quotations, read


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
        """The record: every quotation in a quote, skipped or unresolved, every quote judged against the rules."""
        prompt = self.engine.prompt
        total = sum(findings, Findings("model" if prompt else "rules"))
        if prompt is not None:
            total = self._with_rules(total)
        quotes = self._quotes(total)
        covered = owned(self.reading.quotations, (piece for quote in quotes for piece in quote.content))
        skipped = {i: reason for i, reason in total.skipped.items() if i not in covered}
        unresolved = [q for q in self.reading.quotations if q.index not in covered and q.index not in skipped]
        return Extraction(
            self.article,
            _status(total, findings, bool(unresolved) and prompt is not None),
            quotes,
            tuple(Skipped(self.reading.quotations[i].outer, reason) for i, reason in sorted(skipped.items())),
            tuple(Unresolved(q.outer, total.open.get(q.index, "there is no word in it")) for q in unresolved),
            total.rejected,
            tuple(sorted(total.errors, key=lambda error: error.chunk)),
            prompt.model if prompt else None,
            prompt.pack.id if prompt else None,
            total.usage,
        )

    def _quotes(self, findings: Findings) -> tuple[Quote, ...]:
        """The quotes of *findings* in text order, those of a model judged in the light of the rules."""
        second = SecondOpinion(item.attribution for item in self._rules.found) if findings.by == "model" else None
        quotes = [self._quote(item, second) for item in findings.found]
        kept = (quote for quote in quotes if quote.content)
        return tuple(sorted(kept, key=lambda quote: (quote.content, quote.cue, quote.speaker.mention)))

    def _quote(self, item: Found, second: SecondOpinion | None) -> Quote:
        attribution = item.attribution
        content = _without_outer_space(self.reading.text, attribution.content)
        confidence, by = second.on(attribution) if second and item.by == "model" else ("medium", (item.by,))
        kind = classify(self.reading.text, content, self.reading.quotations)
        return Quote(kind, content, attribution.cue, attribution.speaker, confidence, by, item.chunk, item.key)

    def _with_rules(self, findings: Findings) -> Findings:
        """*findings* of a model, with what the rules say of the quotations it has nothing to say about.

        Those are the quotations it met with silence, and those it takes for quotes of nobody.
        """
        nobodys = [item for item in findings.found if not item.attribution.cue and item.attribution.speaker == NOBODY]
        named = [item for item in findings.found if item.attribution.cue or item.attribution.speaker != NOBODY]
        found = carry_on(self.reading.quotations, named)
        covered = self._owned_by_all(found)
        silent = {i for i, why in findings.open.items() if why == SILENCE}
        unsaid = (silent | self._owned_by_all(nobodys)) - covered
        filled = [
            replace(item, attribution=replace(item.attribution, content=content))
            for item in self._rules.found
            if (content := self._only(item.attribution, unsaid))
        ]
        taken = covered | self._owned_by_all(filled)
        kept = [item for nobody in nobodys if (item := self._without(nobody, taken)).attribution.content]
        skipped = {i: reason for i, reason in self._rules.skipped.items() if i in findings.open and i in unsaid}
        return replace(findings, found=(*found, *kept, *filled), skipped={**findings.skipped, **skipped})

    def _owned_by_all(self, found: Iterable[Found]) -> set[int]:
        return self._owned_by(tuple(piece for item in found for piece in item.attribution.content))

    def _without(self, item: Found, taken: set[int]) -> Found:
        """*item* without the pieces that hold a quotation in *taken*."""
        content = tuple(piece for piece in item.attribution.content if not self._owned_by((piece,)) & taken)
        return replace(item, attribution=replace(item.attribution, content=content))

    @cached_property
    def _rules(self) -> Findings:
        return rules_findings(self.reading)

    def _only(self, attribution: Attribution, silent: set[int]) -> Spans:
        """The content of *attribution* where all its quotations were met with silence, else only those that were."""
        mine = self._owned_by(attribution.content)
        if not mine & silent:
            return ()
        if mine <= silent:
            return attribution.content
        return merged(self.reading.quotations[i].inner for i in mine & silent)

    def _owned_by(self, content: Spans) -> set[int]:
        return set(self._places.touching(content))

    @cached_property
    def _places(self) -> ByPlace[int]:
        places: ByPlace[int] = ByPlace()
        for quotation in self.reading.quotations:
            places.add([quotation.inner], quotation.index)
        return places


def _without_outer_space(text: str, content: Spans) -> Spans:
    """*content* without white space at the ends of its pieces, as inside « guillemets »."""
    trimmed = []
    for piece in content:
        words = piece.of(text)
        start = piece.start + len(words) - len(words.lstrip())
        trimmed.append(Span(start, start + len(words.strip())))
    return tuple(piece for piece in trimmed if piece.start < piece.end)


def _status(total: Findings, findings: Sequence[Findings], unanswered: bool) -> Status:
    if total.errors and all(part.errors and not part.found and not part.skipped for part in findings):
        return "failed"
    return "partial" if total.errors or unanswered else "complete"
