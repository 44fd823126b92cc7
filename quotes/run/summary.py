"""The summary: what came of a run so far, in figures. Pure counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from quotes.cache import Counts
from quotes.errors import exit_code_of
from quotes.exchange import Usage
from quotes.llm.ledger import Spending
from quotes.model import Status


@dataclass(slots=True)
class Summary:
    """What came of a run so far.

    *articles* are all that have a record, *resumed* those of them whose record an earlier run made; their
    quotes and tokens are not counted again. *unread* are inputs that gave no article, *duplicates* articles whose id
    another one has. *usage* holds what the replies cost when they were made. Of these, *asked* were made in this run,
    with *retries* tries beyond the first, and used *spent*, failed tries included, at *cost* in *currency* where prices
    are known; *at_most*: some of it no endpoint has reported, and the most it may have been is counted. *cached* were
    at hand, and *recalled* is what they had cost. *seconds* is how long it took.
    """

    articles: int = 0
    resumed: int = 0
    quotes: int = 0
    partial: int = 0
    failed: int = 0
    unread: int = 0
    duplicates: int = 0
    asked: int = 0
    retries: int = 0
    cached: int = 0
    usage: Usage = Usage()
    spent: Usage = Usage()
    at_most: bool = False
    recalled: Usage = Usage()
    cost: float | None = None
    currency: str = ""
    seconds: float = 0.0
    complete: bool = False
    codes: set[int] = field(default_factory=set)

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an article failed, is partial, or could not be read; above that as the errors say."""
        troubled = self.partial or self.failed or self.unread or self.duplicates
        return exit_code_of(self.codes | ({1} if troubled else set()))

    @property
    def figures(self) -> Mapping[str, Any]:
        """All of it for a program, names as here."""
        figures = {name: value for name, value in asdict(self).items() if name not in ("usage", "codes")}
        return {**figures, "seconds": round(self.seconds, 3), "exit_code": self.exit_code}

    def count(self, status: Status) -> None:
        """Note one more article of *status*."""
        self.articles += 1
        self.partial += status == "partial"
        self.failed += status == "failed"

    def count_requests(self, counts: Counts, spending: Spending) -> None:
        """Note what the cache and the endpoint have counted."""
        self.asked, self.cached, self.recalled = counts.asked, counts.hits, counts.recalled
        self.spent, self.retries = spending.usage, spending.retries
        self.at_most = spending.presumed != Usage()
        self.cost, self.currency = spending.cost, spending.currency
