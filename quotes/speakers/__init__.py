"""Speakers: who is quoted how much over many records, what stays open as a range, and names that are one person."""

from quotes.speakers.aliases import NO_ALIASES, Alias, Aliases, parse_aliases
from quotes.speakers.suggesting import suggest_aliases
from quotes.speakers.tally import COLUMNS, By, Row, Tally, Totals

__all__ = [
    "COLUMNS",
    "NO_ALIASES",
    "Alias",
    "Aliases",
    "By",
    "Row",
    "Tally",
    "Totals",
    "parse_aliases",
    "suggest_aliases",
]
