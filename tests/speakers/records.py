"""Records of invented articles, made of who says how many words."""

from __future__ import annotations

from typing import Any

from quotes.model import Article, Extraction, Quote, QuoteType, Span, Speaker, SpeakerKind, Unresolved
from quotes.record import to_json

Said = tuple[str | None, int] | tuple[str | None, int, QuoteType] | tuple[str | None, int, QuoteType, SpeakerKind]


def record(article: str, *said: Said, unresolved: int = 0, prints: str = "", with_text: bool = True) -> dict[str, Any]:
    """The record of an article with a quote for each of *said*: name, words, type and kind; ``None`` is "he".

    It has *unresolved* quotations of three words, and opens with *prints*.
    """
    text, quotes, open_ones = f"{prints}\n", [], []
    for name, words, *rest in said:
        kind: Any = rest[1] if len(rest) > 1 else "person" if name else "unknown"
        content = Span(len(text), len(text) + 4 * words - 1)
        text += " ".join(["yes"] * words) + ", "
        mention = Span(len(text), len(text) + len(name or "he"))
        text += f"{name or 'he'} said.\n"
        speaker = Speaker((mention,), name, mention if name else None, kind)
        quotes.append(Quote(rest[0] if rest else "direct", (content,), (), speaker, "high", ("rules",)))
    for _ in range(unresolved):
        open_ones.append(Unresolved(Span(len(text), len(text) + 14), "no answer"))
        text += "“what of them”\n"
    extraction = Extraction(Article(article, text), "complete", tuple(quotes), unresolved=tuple(open_ones))
    return to_json(extraction, with_text=with_text)
