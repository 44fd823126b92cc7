"""The exact bodies that are sent: instructions and examples first, the chunk last, the schema beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from quotes.exchange import Reply, Request, Written
from quotes.model import Rejected, Span
from quotes.prompting.chunks import Chunk, cut_chunks
from quotes.prompting.dialect import Dialect, Message
from quotes.prompting.packs import Example, PromptPack
from quotes.prompting.rendering import Page, Rendered
from quotes.text import Name, read

SchemaStyle = Literal["static", "tight"]
_HALVES = re.compile("[\ud800-\udfff]")
_LONGEST_TERM = 60
"""Code points: titles and terms in quotation marks are seldom longer."""


@dataclass(frozen=True)
class PromptSettings:
    """All that shapes a request beside the article.

    *chunk_tokens*, *context_tokens* and *max_output_tokens* count tokens. *temperature* ``None`` leaves it to
    the endpoint, as some models demand. *schema_style* is ``static`` (one schema for all chunks, which hosted
    endpoints compile once) or ``tight`` (numbers as enums, free on local engines). *dialect* is how the endpoint
    wants to be asked.
    """

    model: str
    label: str
    pack: PromptPack
    chunk_tokens: int = 1200
    context_tokens: int = 200
    max_output_tokens: int = 2048
    temperature: float | None = 0.0
    schema_style: SchemaStyle = "static"
    dialect: Dialect = Dialect()


def first_request(settings: PromptSettings, rendered: Rendered, *, article: str, only: Sequence[int] = ()) -> Request:
    """The request that shows a chunk. *only* limits the question to some of its marks."""
    messages = [
        *_preamble(settings.pack, settings.dialect),
        {"role": "user", "content": _shown(settings.pack, rendered, only)},
    ]
    return _request(settings, rendered, messages, article)


def repair_request(
    settings: PromptSettings, rendered: Rendered, first: Request, reply: Reply, problems: Sequence[Rejected]
) -> Request:
    """The request that shows the model what of its *reply* to *first* could not be used, and why."""
    shown = [
        {"reason": p.reason, "item": json.dumps(p.item, ensure_ascii=False) if p.item is not None else ""}
        for p in problems
    ]
    messages = [
        *first.body["messages"],
        {"role": "assistant", "content": _whole_characters(reply.content)},
        {"role": "user", "content": _whole_characters(settings.pack.repair_template.render(problems=shown).strip())},
    ]
    return _request(settings, rendered, messages, first.article, most=len(problems))


def _request(
    settings: PromptSettings,
    rendered: Rendered,
    messages: Sequence[Message],
    article: str,
    *,
    most: int | None = None,
) -> Request:
    """The request of *messages*. *most* bounds the attributions of the answer where the schema is tight."""
    body = chat_body(settings, messages, _schema(settings, rendered, most))
    return Request(body, settings.label, article=article, chunk=rendered.chunk.index)


def chat_body(settings: PromptSettings, messages: Sequence[Message], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that is sent to have *messages* answered in the form of *schema*."""
    return settings.dialect.body(
        {"model": settings.model, "messages": list(messages)},
        schema,
        label=settings.label,
        most=settings.max_output_tokens,
        temperature=settings.temperature,
    )


def _schema(settings: PromptSettings, rendered: Rendered, most: int | None) -> Mapping[str, Any]:
    if settings.schema_style == "static" or settings.dialect.tells_schema:
        return settings.pack.written_schema
    return settings.pack.tightening.schema(
        rendered.offers,
        short_marks=[mark.inner.end - mark.inner.start <= _LONGEST_TERM for mark in rendered.marks],
        roster=len(rendered.roster),
        most=most,
    )


@lru_cache(maxsize=8)
def _preamble(pack: PromptPack, dialect: Dialect) -> tuple[Message, ...]:
    messages = [{"role": "system", "content": pack.system}]
    for example in pack.examples:
        answer = json.dumps(example.answer, ensure_ascii=False, separators=(",", ":"))
        messages += [
            {"role": "user", "content": _shown(pack, show_example(example), ())},
            {"role": "assistant", "content": answer},
        ]
    return tuple(map(Written, dialect.preamble(messages, pack.schema)))


def show_example(example: Example) -> Rendered:
    """An example's text as one chunk, with the roster it names."""
    reading = read(example.text)
    chunks: tuple[Chunk, ...] = cut_chunks(reading, chunk_tokens=1 << 20, context_tokens=0)
    rendered = Page(reading).show(chunks[0])
    names = tuple(Name(i, Span(0, 0), name, (), "unknown") for i, name in enumerate(example.roster))
    return replace(rendered, roster=names)


def _shown(pack: PromptPack, rendered: Rendered, only: Sequence[int]) -> str:
    return pack.user_template.render(
        roster=[_one_line(name.name) for name in rendered.roster],
        before=rendered.before,
        after=rendered.after,
        lines=rendered.lines,
        only=list(only),
    ).strip()


def _whole_characters(said: str) -> str:
    """What a model *said*, fit to be sent: the escapes of an answer may name half a surrogate pair."""
    return said.encode("utf-8", "replace").decode("utf-8") if _HALVES.search(said) else said


def _one_line(name: str) -> str:
    return " ".join(name.split())
