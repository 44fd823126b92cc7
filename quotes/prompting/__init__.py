"""From an article to requests, and from the text of a reply to a checked answer. Pure: no network, no cache."""

from typing import Any

from quotes.prompting.chunks import Chunk, cut_chunks, estimate_tokens
from quotes.prompting.packs import DEFAULT_PACK, PromptPack, load_pack, packaged_packs
from quotes.prompting.rendering import Page, Rendered
from quotes.prompting.requests import PromptSettings, SchemaStyle, first_request, repair_request
from quotes.prompting.response import Answer, Attributed, BrokenAnswer, NotAQuote, read_answer

__all__ = [
    "DEFAULT_PACK",
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
    "cut_chunks",
    "estimate_tokens",
    "first_request",
    "load_pack",
    "packaged_packs",
    "read_answer",
    "repair_request",
    "response_schema",
]


def response_schema(pack: str = DEFAULT_PACK) -> dict[str, Any]:
    """The JSON Schema of the answer that *pack* asks for."""
    return dict(load_pack(pack).schema)
