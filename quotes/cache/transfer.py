"""Transfer: entries of one store copied into another, each checked as it is read, whatever kind the two are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quotes.cache.entry import Entry, dumps
from quotes.errors import DamagedEntry, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from quotes.cache.selection import Selection
    from quotes.cache.store import Store

_OF_THE_STORE = frozenset({"version", "key_version"})
"""What a manifest says of its store and not of the run that was recorded."""


@dataclass(slots=True)
class Transfer:
    """What a copy came to: entries *copied*, *there* before with the same reply, there with *another* reply, which
    stays, and *damaged* ones passed over. *kept* are the fields in which the manifests contradict each other: then
    that of the target stays as it is."""

    copied: int = 0
    there: int = 0
    another: int = 0
    damaged: int = 0
    kept: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 everything is in the target as it was in the source; 1 something is not."""
        return 1 if self.another or self.damaged else 0


def copy_entries(source: Store, target: Store, selection: Selection, tell: Callable[[str], None]) -> Transfer:
    """Copy what *selection* means from *source* to *target*; *tell* hears of every entry that was not copied.

    One entry is in memory at a time. Each is taken for data alone: its key is computed anew from its request and
    its checksum from both, so what is damaged or bears a false name never becomes an entry. Each is stored whole
    or not at all, and the same call again goes on where this one ended.

    Raises:
        UsageError: *source* and *target* are one store.
        CacheError: *source* itself is broken; what was copied stays.
        OutputError: *target* cannot be written; what was copied stays.
    """
    if _identity(source) == _identity(target):
        raise UsageError("is copied into itself", where=source.where, remedy="give two caches")
    done = Transfer()
    with target.steady():
        for stored in source.scan():
            if not isinstance(stored.found, Entry):
                done.damaged += 1
                tell(str(stored.found))
            elif selection.means(stored):
                _copy(stored.found, target, done, tell)
    if done.copied or done.there:
        done.kept = _merge_manifest(source.manifest(), target)
    return done


def _identity(store: Store) -> str:
    return store.where if store.path is None else str(store.path.resolve())


def _copy(entry: Entry, target: Store, done: Transfer, tell: Callable[[str], None]) -> None:
    try:
        present = target.get(entry.key)
    except DamagedEntry:
        present = None  # a sound one mends it
    if present is None:
        target.put(entry)
        done.copied += 1
    elif present.reply == entry.reply:
        done.there += 1
    else:
        done.another += 1
        request = entry.request
        tell(
            f"{target.where}: keeps another reply to {request.article or 'request'} chunk {request.chunk} "
            f"(quotes cache show {entry.key[:8]} shows it)"
        )


def _merge_manifest(found: Mapping[str, Any], target: Store) -> tuple[str, ...]:
    """Add *found* to the manifest of *target*, unless they contradict each other: then the names of those fields.

    All or nothing, since a manifest of two halves describes no run that ever was.
    """
    fields = {name: value for name, value in found.items() if name not in _OF_THE_STORE}
    present = target.manifest()
    contradicted = tuple(
        f"{name} ({_shown(present[name])}, not {_shown(value)})"
        for name, value in sorted(fields.items())
        if name in present and present[name] != value
    )
    if not contradicted:
        target.merge_manifest(fields)
    return contradicted


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)
