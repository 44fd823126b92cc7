"""The conversation with a model about one chunk: first question, one repair, splits, marks asked again.

It is a generator without I/O: it yields requests and is sent replies, so the synchronous call, the
concurrent run and the batch share it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from quotes.errors import RequestFailed
from quotes.exchange import Reply, Request, Usage
from quotes.extraction.agreement import similarity
from quotes.extraction.anchoring import Anchoring
from quotes.extraction.attributors import Exchange, Findings, Found
from quotes.extraction.failures import Failure, broken_answer, failed_reply, failed_request
from quotes.extraction.ownership import carry_on, owned, settle_claims
from quotes.model import Rejected, SkipReason, Span
from quotes.prompting import (
    Answer,
    BrokenAnswer,
    Chunk,
    Page,
    PromptSettings,
    Rendered,
    cut_chunks,
    first_request,
    read_answer,
    repair_request,
)
from quotes.text import Printed, Reading

_SPLIT_DEPTH = 6

SILENCE = "the model gave no answer"
"""Why a quotation is open that a model which answered said nothing about, twice."""


class ModelAttributor:
    """Attribution by a model that points at numbered sentences and marks."""

    def __init__(self, settings: PromptSettings) -> None:
        self.settings = settings

    def exchanges(self, reading: Reading, article: str) -> tuple[Exchange, ...]:
        """One exchange for each chunk."""
        settings = self.settings
        chunks = cut_chunks(reading, chunk_tokens=settings.chunk_tokens, context_tokens=settings.context_tokens)
        units = [unit for chunk in chunks for unit in chunk.units] if settings.schema_style == "tight" else ()
        page = Page(reading, units)
        printed = Printed(reading.text, _marks(reading))
        return tuple(_Conversation(settings, page, printed, article).about(chunk) for chunk in chunks)


def rehearse(settings: PromptSettings, reading: Reading, shown: Rendered, content: str) -> Findings:
    """What a reply of *content* to *shown* comes to; all of it that does not stand is among the rejected.

    It goes through what every reply does, and nobody is asked: for the examples of a pack.
    """
    conversation = _Conversation(settings, Page(reading), Printed(reading.text, _marks(reading)), "")
    return conversation.rehearsed(shown, content)


@dataclass(frozen=True)
class _Partial:
    """An attribution of which something did not stand, and what."""

    found: Found
    problems: tuple[Rejected, ...]


@dataclass(frozen=True)
class _Grounding:
    """What of a reply stands: *sound* wholly, *partial* in part; *lost* are the problems of the rest.

    *skipped* is ``None`` where the reply was no answer at all.
    """

    sound: tuple[Found, ...] = ()
    partial: tuple[_Partial, ...] = ()
    lost: tuple[Rejected, ...] = ()
    skipped: Mapping[int, SkipReason] | None = None

    @property
    def problems(self) -> tuple[Rejected, ...]:
        """All that could not be used, for the repair request."""
        return tuple(problem for part in self.partial for problem in part.problems) + self.lost

    def mended_by(self, repair: _Grounding) -> _Grounding:
        """Both together. What was lost is mended where the repair gave something sound."""
        lost = repair.lost if repair.sound else self.lost + repair.lost
        skipped = {**(self.skipped or {}), **(repair.skipped or {})}
        return _Grounding(self.sound + repair.sound, repair.partial + self.partial, lost, skipped)


@dataclass(frozen=True)
class _Conversation:
    settings: PromptSettings
    page: Page
    printed: Printed
    article: str

    def about(self, chunk: Chunk, depth: int = 0) -> Exchange:
        """Everything asked about *chunk*; findings for each of its marks, or an error that says why not."""
        anchoring = self._anchoring(chunk)
        try:
            request, reply = yield from self._ask(
                lambda settings: first_request(settings, anchoring.shown, article=self.article)
            )
        except RequestFailed as error:
            return self._failed(anchoring, failed_request(error))
        if reply.outcome in ("truncated", "context_overflow") and (halves := chunk.halves()) and depth < _SPLIT_DEPTH:
            both = Findings("model", usage=reply.usage)
            for half in halves:
                both += yield from self.about(half, depth + 1)
            return both
        if reply.outcome != "complete":
            return self._refused(anchoring, reply)
        findings = yield from self._repaired(anchoring, request, reply)
        if findings.errors:
            return findings
        return (yield from self._asked_again(anchoring, findings))

    def rehearsed(self, shown: Rendered, content: str) -> Findings:
        """The findings of a reply of *content* to *shown*, without a repair."""
        anchoring = Anchoring(self.page, shown, self.printed)
        grounding = self._ground(anchoring, Request({}, self.settings.label), Reply(content))
        return replace(self._settled(anchoring, grounding, Usage()), rejected=grounding.problems)

    def _repaired(self, anchoring: Anchoring, request: Request, reply: Reply) -> Exchange:
        """The findings of *reply*, after one repair request where some of it could not be used."""
        grounding = self._ground(anchoring, request, reply)
        if not grounding.problems:
            return self._settled(anchoring, grounding, reply.usage)
        problems = grounding.problems[:12]
        try:
            repair, second = yield from self._ask(
                lambda settings: repair_request(settings, anchoring.shown, request, reply, problems)
            )
        except RequestFailed as error:
            rest = self._settled(anchoring, grounding, reply.usage)
            return replace(rest, errors=(failed_request(error).of_chunk(anchoring.shown.chunk.index),))
        usage = reply.usage + second.usage
        if second.outcome != "complete":
            if grounding.skipped is None:
                return replace(self._refused(anchoring, second), usage=usage)
            return self._settled(anchoring, grounding, usage)
        mended = self._ground(anchoring, repair, second)
        if mended.skipped is None and grounding.skipped is None:
            broken = broken_answer(mended.problems[0].reason, self.settings)
            return replace(self._failed(anchoring, broken), usage=usage)
        return self._settled(anchoring, grounding.mended_by(mended), usage)

    def _asked_again(self, anchoring: Anchoring, findings: Findings) -> Exchange:
        """*findings*, after the marks nothing was said about have been asked for once more, alone."""
        missing = [q for q in anchoring.shown.marks if q.index in findings.open]
        if not missing:
            return findings
        narrow = self._anchoring(anchoring.shown.chunk.narrowed(tuple(q.outer for q in missing)))
        only = narrow.shown.mark_numbers(missing)
        if not only:
            return findings
        try:
            request, reply = yield from self._ask(
                lambda settings: first_request(settings, narrow.shown, article=self.article, only=only)
            )
        except RequestFailed as error:
            return replace(findings, errors=(failed_request(error).of_chunk(anchoring.shown.chunk.index),))
        asked = {q.index for q in missing}
        grounding = self._ground(narrow, request, reply)
        answered = tuple(
            found
            for found in (*grounding.sound, *(part.found for part in grounding.partial))
            if (about := owned(anchoring.shown.marks, found.attribution.content)) and about <= asked
        )
        skipped = {i: reason for i, reason in (grounding.skipped or {}).items() if i in asked}
        both = _Grounding(findings.found + answered, skipped={**findings.skipped, **skipped})
        return replace(
            self._settled(anchoring, both, findings.usage + reply.usage),
            rejected=findings.rejected + grounding.problems,
        )

    def _ground(self, anchoring: Anchoring, request: Request, reply: Reply) -> _Grounding:
        """Check every item of *reply* against the text."""
        try:
            answer = read_answer(reply.content, self.settings.pack.form)
        except BrokenAnswer as broken:
            return _Grounding(lost=(Rejected(None, str(broken)),))
        sound: list[Found] = []
        partial: list[_Partial] = []
        lost: list[Rejected] = []
        for item in answer.attributions:
            grounded = anchoring.ground(item)
            if grounded.attribution is None:
                lost += grounded.problems
                continue
            found = Found(grounded.attribution, "model", anchoring.shown.chunk.index, request.key)
            if grounded.problems:
                partial.append(_Partial(found, grounded.problems))
            else:
                sound.append(found)
        skipped = self._not_quotes(anchoring, answer, lost)
        return _Grounding(tuple(sound), tuple(partial), tuple(lost), skipped)

    def _not_quotes(self, anchoring: Anchoring, answer: Answer, problems: list[Rejected]) -> dict[int, SkipReason]:
        marks = anchoring.shown.marks
        known = [item for item in answer.not_quotes if 1 <= item.mark <= len(marks)]
        problems += [
            Rejected(dict(item.item), f"there is no mark {item.mark}")
            for item in answer.not_quotes
            if item not in known
        ]
        return {marks[item.mark - 1].index: item.reason for item in known}

    def _settled(self, anchoring: Anchoring, grounding: _Grounding, usage: Usage) -> Findings:
        """What stands, each mark of the chunk in one class; what does not stand and was not mended is rejected."""
        marks = anchoring.shown.marks
        found = list({item.attribution: item for item in reversed(grounding.sound)}.values())[::-1]
        rejected = list(grounding.lost)
        for part in grounding.partial:
            attribution = part.found.attribution
            if not any(similarity(attribution, other.attribution) >= 0.5 for other in found):
                found.append(part.found)
                rejected += part.problems
        answered = grounding.skipped or {}
        carried = [mark for mark in marks if mark.index not in answered]
        kept = carry_on(carried, settle_claims(marks, found))
        covered = owned(marks, [piece for item in kept for piece in item.attribution.content])
        skipped = {i: reason for i, reason in answered.items() if i not in covered}
        missing = [q.index for q in marks if q.index not in covered and q.index not in skipped]
        return Findings("model", kept, skipped, dict.fromkeys(missing, SILENCE), tuple(_once(rejected)), usage=usage)

    def _failed(self, anchoring: Anchoring, failure: Failure) -> Findings:
        marks = [q.index for q in anchoring.shown.marks]
        return Findings(
            "model",
            open=dict.fromkeys(marks, f"the chunk could not be done: {failure.kind}"),
            errors=(failure.of_chunk(anchoring.shown.chunk.index),),
            unheard=anchoring.shown.chunk.units,
        )

    def _refused(self, anchoring: Anchoring, reply: Reply) -> Findings:
        return replace(self._failed(anchoring, failed_reply(reply, self.settings)), usage=reply.usage)

    def _ask(self, asking: Callable[[PromptSettings], Request]) -> Generator[Request, Reply, tuple[Request, Reply]]:
        """A request and its reply. Where a tight schema is refused, which may be too large, the pack's own is tried."""
        request = asking(self.settings)
        reply = yield request
        if reply.outcome != "schema_refused":
            return request, reply
        loose = asking(replace(self.settings, schema_style="static"))
        if loose.body == request.body:
            return request, reply
        second = yield loose
        return loose, replace(second, usage=reply.usage + second.usage)

    def _anchoring(self, chunk: Chunk) -> Anchoring:
        return Anchoring(self.page, self.page.show(chunk), self.printed, self.settings.schema_style == "tight")


def _once(problems: Iterable[Rejected]) -> Iterator[Rejected]:
    """*problems*, each once, in order; their items are JSON and cannot be hashed."""
    seen: list[Rejected] = []
    for problem in problems:
        if problem not in seen:
            seen.append(problem)
            yield problem


def _marks(reading: Reading) -> list[Span]:
    """The quotation marks themselves, which a model does not see and which count for nothing in what it answers."""
    edges = (
        edge
        for q in reading.quotations
        for edge in (Span(q.outer.start, q.inner.start), Span(q.inner.end, q.outer.end))
    )
    return [edge for edge in edges if edge.start < edge.end]
