"""What a request that came to no answer means for its part of the article: one wording for all who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from quotes.errors import FormRefused, RequestFailed
from quotes.exchange import Reply
from quotes.model import ChunkError
from quotes.prompting import PromptSettings

_REMEDIES: Final = {
    "refusal": "read the {part}; another model may answer",
    "content_filter": "read the {part}; another endpoint may answer",
}
_OF_CHUNKS: Final = {
    "truncated": "raise --max-output-tokens, or lower --chunk-tokens",
    "context_overflow": "lower --chunk-tokens, or serve the model with a longer context",
    "invalid": "try a stronger model or --schema tight",
}
_OF_SENTENCES: Final = {
    "truncated": "raise --max-output-tokens",
    "context_overflow": "serve the model with a longer context",
    "invalid": "try a stronger model, or an endpoint with structured output",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be done: its *kind*, for programs, *what* happened and the *remedy*, for people."""

    kind: str
    what: str
    remedy: str = ""

    def of_chunk(self, number: int) -> ChunkError:
        """The failure of chunk *number*, as a record holds it."""
        return ChunkError(number, self.kind, f"{self.what} ({self.remedy})" if self.remedy else self.what)


def failed_request(error: RequestFailed) -> Failure:
    """The request got no reply."""
    return Failure(error.kind, error.what, error.remedy)


def failed_reply(reply: Reply, settings: PromptSettings) -> Failure:
    """The *reply* is none that could be read.

    Raises:
        FormRefused: what the endpoint refuses is the schema, so that no question of this form will be answered.
    """
    said = " ".join((reply.detail or reply.content[:120] or "no reason given").split())
    if reply.outcome == "schema_refused":
        raise FormRefused(
            f"the endpoint refuses the response schema: {said}",
            where=settings.label,
            remedy="leave out --structured" if settings.dialect.fixed else "name an endpoint with structured output",
            part="schema",
        )
    part = _part(settings)
    what = {
        "truncated": f"the reply was cut off at {settings.max_output_tokens} tokens",
        "context_overflow": f"the {part} does not fit the model's context",
        "refusal": f"the model refused: {said}",
        "content_filter": "the endpoint's content filter blocked the reply",
    }[reply.outcome]
    return Failure(reply.outcome, what, _remedy(reply.outcome, settings))


def broken_answer(why: str, settings: PromptSettings) -> Failure:
    """The reply was read, and is no answer: *why*."""
    return Failure("invalid", why, _remedy("invalid", settings))


def _part(settings: PromptSettings) -> str:
    return "sentence" if settings.pack.task == "judge" else "chunk"


def _remedy(kind: str, settings: PromptSettings) -> str:
    part = _part(settings)
    remedies = {**_REMEDIES, **(_OF_SENTENCES if part == "sentence" else _OF_CHUNKS)}
    return remedies[kind].format(part=part)
