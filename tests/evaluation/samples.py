"""Quotes of small invented articles, marked by their words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from quotes.evaluation import Annotation, GoldArticle, read_gold
from quotes.evaluation.files import Predictions, read_predictions
from quotes.model import Article, Span, Spans

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "gold.jsonl"
FROZEN = Path(__file__).resolve().parent / "seeds"

TEXT = "“We tried hard enough,” Ida Krell said. She told the board that the old pier would hold until June.\n"


def spans(text: str, *words: str) -> Spans:
    """Where each of *words* is first printed in *text*."""
    return tuple(Span(text.index(piece), text.index(piece) + len(piece)) for piece in words)


def mark(
    text: str, *content: str, by: str | None = None, name: str | None = None, cue: str | None = None, **labels: Any
) -> Annotation:
    """The quote of *content*, with its speaker mentioned as *by*."""
    mention, cues = spans(text, *([by] if by else [])), spans(text, *([cue] if cue else []))
    return Annotation(spans(text, *content), mention, name, cues, **labels)


def gold_of(*articles: tuple[str, Sequence[Annotation]]) -> tuple[GoldArticle, ...]:
    return tuple(GoldArticle(Article(f"a{n}", text), tuple(quotes)) for n, (text, quotes) in enumerate(articles))


def seeds() -> tuple[GoldArticle, ...]:
    return read_gold(str(SEEDS))


def frozen(name: str) -> tuple[Predictions, dict[str, Any]]:
    """The frozen predictions *name* for the seeds, and the figures the judge of the gold corpora gave them."""
    expected = json.loads((FROZEN / f"{name}.expected.json").read_text(encoding="utf-8"))
    return read_predictions(str(FROZEN / f"{name}.jsonl"), seeds()), expected


WORDS = ["tide", "pier", "said", "Krell", "high", "won't", "3.5", "she", "board"]
MARKS = ["“", "”", '"', "„", "«", "»", "\n", " ", ",", "."]

texts = st.lists(st.sampled_from([*WORDS, *MARKS, " ", " "]), max_size=40).map(" ".join)


@st.composite
def annotations(draw: st.DrawFn, text: str) -> Annotation:
    """Any quote of *text*, sound or silly: pieces may touch, overlap or be empty."""

    def some(most: int) -> Spans:
        offsets = st.integers(0, len(text))
        pairs = st.lists(st.tuples(offsets, offsets), max_size=most)
        return tuple(Span(min(pair), max(pair)) for pair in draw(pairs))

    name = draw(st.sampled_from([None, "", "she", "Ida Krell", "Krell", "the board"]))
    kind, confidence = draw(st.sampled_from([None, "person", "group"])), draw(st.sampled_from([None, "high", "low"]))
    return Annotation(some(3), some(1), name, (), kind, confidence)


@st.composite
def judged_articles(draw: st.DrawFn) -> tuple[str, list[Annotation], list[Annotation]]:
    """A text with gold quotes and predicted ones."""
    text = draw(texts)
    several = st.lists(annotations(text), max_size=5)
    return text, draw(several), draw(several)
