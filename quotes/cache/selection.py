"""A selection of entries: which of a store's are meant, by what they say of themselves or by their damage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quotes.cache.entry import OUTCOMES, Entry
from quotes.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quotes.cache.store import Store, Stored


@dataclass(frozen=True, slots=True)
class Selection:
    """What an entry must be to be meant: all that is said of it must hold. Nothing said means every sound entry.

    *model* is the one asked for, or the one that answered as the endpoint named it. *damaged* means the damaged
    entries, and those alone.

    Raises:
        UsageError: *outcome* is none that is known, or *damaged* comes with something else.
    """

    model: str | None = None
    endpoint: str | None = None
    article: str | None = None
    outcome: str | None = None
    damaged: bool = False

    def __post_init__(self) -> None:
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise UsageError(f"there is no outcome {self.outcome!r}", remedy=f"one of {', '.join(sorted(OUTCOMES))}")
        if self.damaged and self._said:
            raise UsageError(
                "--damaged goes alone", remedy="what a damaged entry says of its model or article may be the damage"
            )

    def __bool__(self) -> bool:
        return self.damaged or self._said

    def of(self, store: Store) -> Iterator[Stored]:
        """What is meant in *store*, in its order. Raises CacheError where the store itself is broken."""
        return (stored for stored in store.scan() if self.means(stored))

    def means(self, stored: Stored) -> bool:
        """Whether *stored* is meant."""
        if not isinstance(stored.found, Entry):
            return self.damaged
        return not self.damaged and self._fits(stored.found)

    @property
    def _said(self) -> bool:
        return any(value is not None for value in (self.model, self.endpoint, self.article, self.outcome))

    def _fits(self, entry: Entry) -> bool:
        request, reply = entry.request, entry.reply
        return (
            self.model in (None, request.body.get("model"), reply.model)
            and self.endpoint in (None, request.label)
            and self.article in (None, request.article)
            and self.outcome in (None, reply.outcome)
        )
