"""From an article to requests, and from the text of a reply to a checked answer. Pure: no network, no cache."""

from typing import Any

from quotes.prompting.chunks import Chunk, cut_chunks, estimate_tokens
from quotes.prompting.judging import judge_request, read_odds, show_proposal
from quotes.prompting.packs import (
    CASCADE_PACK,
    DEFAULT_PACK,
    JUDGE_PACK,
    TRUST_FILE,
    PromptPack,
    Task,
    load_pack,
    packaged_packs,
)
from quotes.prompting.rendering import Page, Rendered
from quotes.prompting.requests import PromptSettings, SchemaStyle, first_request, repair_request
from quotes.prompting.response import Answer, Attributed, BrokenAnswer, NotAQuote, read_answer

__all__ = [
    "CASCADE_PACK",
    "DEFAULT_PACK",
    "JUDGE_PACK",
    "TRUST_FILE",
    "Answer",
    "Attributed",
    "BrokenAnswer",
    "Chunk",
    "NotAQuote",
    "Page",
    "PromptPack",
    "PromptSettings",
    "Rendered",
    "SchemaStyle",
    "Task",
    "cut_chunks",
    "estimate_tokens",
    "first_request",
    "judge_request",
    "load_pack",
    "packaged_packs",
    "read_answer",
    "read_odds",
    "repair_request",
    "response_schema",
    "show_proposal",
]


def response_schema(pack: str = DEFAULT_PACK) -> dict[str, Any]:
    """The JSON Schema of the answer that *pack* asks for."""
    return dict(load_pack(pack).schema)
