"""Annotated corpora of others, and our own files, as gold: read from their own layouts, every span checked."""

from quotes.formats.corpora.converting import Conversion, Outcome, convert, read_corpus
from quotes.formats.corpora.gold import GoldArticle, GoldQuote
from quotes.formats.corpora.layouts import CORPORA, FORMATS, Format, inputs_of

__all__ = [
    "CORPORA",
    "FORMATS",
    "Conversion",
    "Format",
    "GoldArticle",
    "GoldQuote",
    "Outcome",
    "convert",
    "inputs_of",
    "read_corpus",
]
