"""Caches as people tend them: what would go listed, entries dropped or copied, and the figures told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from quotes.cache import Entry, Store, default_cache_path, open_store
from quotes.cache.inspection import EntryRow, row_of
from quotes.cache.pruning import prune, refuse_everything
from quotes.cache.transfer import Transfer, copy_entries
from quotes.cli.voice import remark
from quotes.formats.terminal import on_one_line

if TYPE_CHECKING:
    from quotes.cache.selection import Selection

_TOLD = 20  # entries that could not be copied; the rest is counted


def own_cache() -> Path:
    """Where the user's own cache lies."""
    return default_cache_path()


def open_cache(path: str | Path | None) -> Store:
    """The cache at *path*, or the user's own. Raises CacheError where there is none, or it is broken."""
    return open_store(path if path is not None else own_cache(), create=False)


def line_of(row: EntryRow) -> str:
    """*row* as a line: key, outcome, tokens in and out, model, article and chunk."""
    tokens = f"{row.prompt_tokens:>7,} {row.completion_tokens:>6,}"
    names = f"{on_one_line(row.model)}  {on_one_line(row.article)}"
    return f"{row.key8}  {row.outcome:<16} {tokens}  {names} chunk {row.chunk}"


def list_prunable(path: str | None, selection: Selection) -> None:
    """List what a pruning of the cache at *path* would drop, an entry a line.

    Raises:
        UsageError: *selection* says nothing.
        CacheError: there is no such cache, or it is broken.
    """
    refuse_everything(selection)
    store, count = open_cache(path), 0
    try:
        for stored in selection.of(store):
            found = stored.found
            typer.echo(line_of(row_of(found)) if isinstance(found, Entry) else str(found))
            count += 1
    finally:
        store.close()
    remark(f"{_entries(count)} would go")


def prune_and_report(path: str | None, selection: Selection) -> None:
    """Prune the cache at *path* and tell what that gave back.

    Raises:
        QuotesError: nothing can be dropped, or the space cannot be given back; the cache is sound.
    """
    refuse_everything(selection)
    store = open_cache(path)
    try:
        done = prune(store, selection)
    finally:
        store.close()
    sizes = f"{done.size_before:,} bytes before, {done.size_after:,} after"
    remark(f"{_entries(done.dropped)} dropped, {done.left:,} left; {sizes}")


def copy_and_report(source: str | None, target: str | Path, selection: Selection) -> int:
    """Copy entries of the cache at *source* (``None``: the user's own) into that at *target*; the exit code.

    Raises:
        QuotesError: nothing can be copied, or no more; what was copied stays.
    """
    untold = 0

    def tell(line: str) -> None:
        nonlocal untold
        untold += 1
        if untold <= _TOLD:
            _say(line)

    origin = open_cache(source)
    try:
        destination = open_store(target)
        try:
            done = copy_entries(origin, destination, selection, tell)
        finally:
            destination.close()
    finally:
        origin.close()
    for line in _told(done, untold - _TOLD):
        remark(on_one_line(line))
    return done.exit_code


def _told(done: Transfer, untold: int) -> list[str]:
    parts = [f"{_entries(done.copied)} copied", f"{done.there:,} already there"]
    parts += [f"{done.another:,} there with another reply, which is kept"] if done.another else []
    parts += [f"{done.damaged:,} damaged, passed over"] if done.damaged else []
    lines = [f"{untold:,} more of the kind"] if untold > 0 else []
    if done.kept:
        contradicted = on_one_line(", ".join(done.kept))
        lines.append(f"the manifest is kept as it was, since the two contradict each other in {contradicted}")
    return [*lines, ", ".join(parts)]


def _entries(count: int) -> str:
    return f"{count:,} entr{'y' if count == 1 else 'ies'}"


def _say(line: str) -> None:
    print("quotes: " + on_one_line(line), file=sys.stderr)
