"""What can be asked about a store: how much it holds, of what, what differs, what is damaged. Nothing is changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quotes.cache.entry import Entry, reply_to_json
from quotes.cache.nearest import differences, text_difference
from quotes.errors import UsageError
from quotes.exchange import Outcome, Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from quotes.cache.store import Manifest, Problem, Store


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store in figures. *size* is in bytes on disk; *models* and *outcomes* count entries."""

    path: str
    kind: str
    entries: int
    articles: int
    size: int
    usage: Usage
    models: Mapping[str, int]
    outcomes: Mapping[str, int]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry in a line. *model* is the one that answered, as the endpoint named it, else the one asked for."""

    key: str
    article: str
    chunk: int
    trial: int
    label: str
    model: str
    outcome: Outcome
    prompt_tokens: int
    completion_tokens: int

    @property
    def key8(self) -> str:
        """The first eight digits of the key, as fixture names and messages show it."""
        return self.key[:8]


@dataclass(frozen=True, slots=True)
class Changed:
    """One key, or one article and chunk, that two stores answer differently, and in what."""

    article: str
    chunk: int
    key: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreDifference:
    """What only the first store holds, only the second, and where both hold a key with another reply."""

    only_first: tuple[EntryRow, ...]
    only_second: tuple[EntryRow, ...]
    changed: tuple[Changed, ...]

    def __bool__(self) -> bool:
        return bool(self.only_first or self.only_second or self.changed)


def info(store: Store) -> StoreInfo:
    """*store* in figures. Raises CacheError where an entry is damaged."""
    models: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    articles: set[str] = set()
    usage, count = Usage(), 0
    for entry in store.entries():
        row = row_of(entry)
        models[row.model] += 1
        outcomes[row.outcome] += 1
        articles.add(row.article)
        usage += entry.reply.usage
        count += 1
    return StoreInfo(
        path=store.where,
        kind=store.kind,
        entries=count,
        articles=len(articles),
        size=store.size,
        usage=usage,
        models=dict(sorted(models.items())),
        outcomes=dict(sorted(outcomes.items())),
        manifest=store.manifest(),
    )


def rows(store: Store) -> Iterator[EntryRow]:
    """Every entry of *store* in a line, in the store's order. Raises CacheError where one is damaged."""
    return (row_of(entry) for entry in store.entries())


def row_of(entry: Entry) -> EntryRow:
    """*entry* in a line."""
    request, reply = entry.request, entry.reply
    return EntryRow(
        key=entry.key,
        article=request.article,
        chunk=request.chunk,
        trial=request.trial,
        label=request.label,
        model=reply.model or str(request.body.get("model", "")),
        outcome=reply.outcome,
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
    )


def show(store: Store, prefix: str) -> Entry:
    """The entry of *store* whose key begins with *prefix* (hex digits).

    Raises:
        UsageError: none does, or several do.
    """
    where, wanted = store.where, prefix.strip().lower()
    keys = list(store.keys(wanted)) if wanted else []
    if not keys:
        raise UsageError(f"no key begins with {prefix!r}", where=where, remedy="quotes cache list shows the keys")
    if len(keys) > 1:
        raise UsageError(f"{len(keys)} keys begin with {prefix!r}", where=where, remedy="give more digits")
    entry = store.get(keys[0])
    assert entry is not None  # its key was just read
    return entry


def diff(first: Entry, second: Entry) -> tuple[str, ...]:
    """What differs in two entries, a line each: the requests first, then the replies."""
    return (*differences(first.request, second.request), *_reply_differences(first.reply, second.reply))


def diff_stores(first: Store, second: Store) -> StoreDifference:
    """What *second* holds otherwise than *first*. Raises CacheError where an entry is damaged."""
    ours, theirs = set(first.keys()), set(second.keys())
    changed = []
    for key in sorted(ours & theirs):
        old, new = first.get(key), second.get(key)
        if old is not None and new is not None and old.reply != new.reply:
            found = _reply_differences(old.reply, new.reply)
            changed.append(Changed(new.request.article, new.request.chunk, key, found))
    return StoreDifference(
        only_first=tuple(_rows_of(first, ours - theirs)),
        only_second=tuple(_rows_of(second, theirs - ours)),
        changed=tuple(changed),
    )


def verify(store: Store) -> tuple[Problem, ...]:
    """Everything that is damaged in *store*; empty when it is sound."""
    return tuple(store.verify())


def _rows_of(store: Store, keys: set[str]) -> Iterator[EntryRow]:
    return (row_of(entry) for entry in store.entries() if entry.key in keys)


def _reply_differences(first: Reply, second: Reply) -> tuple[str, ...]:
    old, new = reply_to_json(first), reply_to_json(second)
    changes = {name: (old.get(name), new.get(name)) for name in {**old, **new}}
    return tuple(f"reply.{name}: {_change(was, now)}" for name, (was, now) in changes.items() if was != now)


def _change(old: Any, new: Any) -> str:
    if isinstance(old, str) and isinstance(new, str):
        return text_difference(old, new)
    return f"{old} → {new}"
