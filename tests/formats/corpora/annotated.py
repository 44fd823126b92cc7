"""Generated articles with annotations: nested, in several pieces, and full of what formats trip over."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from quotes.formats.corpora import GoldArticle, GoldQuote
from quotes.model import Span, Spans

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "corpora"

TEXTS = st.text(
    st.sampled_from("=+-@'\"“”„«»;,…\t\r\n aé🎉\u2028\ufeffRuizsaid.") | st.characters(exclude_categories=["Cs"]),
    min_size=1,
).map(lambda text: "x" + text.replace("\0", "0"))


@st.composite
def spans(draw: st.DrawFn, length: int, least: int = 0) -> Spans:
    """Up to three pieces that do not overlap, in order."""
    cuts = draw(st.lists(st.integers(0, length), unique=True, min_size=2 * least, max_size=6).map(sorted))
    return tuple(Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False))


@st.composite
def gold_articles(draw: st.DrawFn, name: str = "a") -> GoldArticle:
    text = draw(TEXTS)
    quotes = []
    for _ in range(draw(st.integers(0, 3))):
        named = draw(st.none() | spans(len(text), 1))
        quotes.append(
            GoldQuote(
                draw(spans(len(text), 1)),
                draw(spans(len(text))),
                draw(spans(len(text))),
                named[0].of(text) if named else draw(st.sampled_from([None, "=Ruiz", "Mara Ruiz"])),
                named[0] if named else None,
                draw(st.sampled_from([None, "person", "group"])),
            )
        )
    ordered = sorted(quotes, key=lambda quote: (quote.content, quote.cue, quote.speaker))
    return GoldArticle(
        draw(st.sampled_from(["", "=", "'-"])) + name, draw(st.sampled_from(["", "@set"])), text, tuple(ordered)
    )


def words(article: GoldArticle) -> list[tuple[list[str], list[str], list[str]]]:
    """The words of each quote's content, cue and speaker."""
    return [
        tuple([span.of(article.text) for span in part] for part in (quote.content, quote.cue, quote.speaker))
        for quote in article.quotes
    ]
