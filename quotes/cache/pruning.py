"""Pruning: dropping the entries of a selection from a store, and counting what that gave back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quotes.errors import UsageError

if TYPE_CHECKING:
    from quotes.cache.selection import Selection
    from quotes.cache.store import Store


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning came to: how many entries were *dropped* and how many are *left*, and the bytes on disk."""

    dropped: int
    left: int
    size_before: int
    size_after: int


def prune(store: Store, selection: Selection) -> Pruned:
    """Drop what *selection* means from *store*, with the shared parts that nobody uses then.

    A kill at any moment leaves a sound store: of a SQLite file or a database all entries go or none, of a folder one
    after the other, before the parts they shared.

    Raises:
        UsageError: *selection* says nothing, which would mean everything; or a run is using the store.
        CacheError: the store itself is broken.
        OutputError: it cannot be written.
    """
    refuse_everything(selection)
    before = store.size
    with store.alone() as free:
        if not free:
            raise UsageError("is in use by a run", where=store.where, remedy="wait until that has ended")
        places, left = [], 0
        for stored in store.scan():
            if selection.means(stored):
                places.append(stored.place)
            else:
                left += 1
        store.delete(places)
    return Pruned(len(places), left, before, store.size)


def refuse_everything(selection: Selection) -> None:
    """Make sure that *selection* says something. Raises UsageError naming what it may say."""
    if not selection:
        raise UsageError(
            "say which entries are to go",
            remedy="--model, --endpoint, --article and --outcome, all of which must hold, or --damaged",
        )
