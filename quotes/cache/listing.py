"""The listing of a fixture folder: which files are named as entries, found by the key without opening any."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from quotes.cache.naming import by_article_and_chunk, key_part
from quotes.errors import CacheError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DIGITS = 8  # of the key, which every name has


class Listing:
    """The names of entries in the folder *path*, as they were when it was last looked at: about 400 bytes each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: dict[str, list[str]] = {}  # by the first digits of the key
        self._seen: set[str] = set()  # all of these, and whatever else lies in the folder
        self._steady = False

    def files(self) -> Iterator[Path]:
        """All files, by article and chunk. Raises CacheError where the folder cannot be read."""
        self.refresh()
        names = (name for names in self._names.values() for name in names)
        return (self._path / name for name in sorted(names, key=by_article_and_chunk))

    def possible(self, key: str) -> list[Path]:
        """The files whose name fits *key*."""
        names = self._names.get(key[:_DIGITS], ())
        return [self._path / name for name in names if key.startswith(key_part(name))]

    def add(self, name: str) -> None:
        """Note that *name* was made."""
        if name not in self._seen and (part := key_part(name)):
            self._names.setdefault(part[:_DIGITS], []).append(name)
        self._seen.add(name)

    def refresh(self) -> None:
        """Look at the folder, unless it is steady. Raises CacheError where it cannot be read."""
        if self._steady:
            return
        try:
            found = set(os.listdir(self._path))
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            raise CacheError(what, where=str(self._path), remedy="check the path and its permissions") from error
        for name in self._seen - found:
            if part := key_part(name):
                self._names[part[:_DIGITS]].remove(name)
        for name in found - self._seen:
            self.add(name)
        self._seen = found

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Look at the folder now, and not again while this lasts."""
        self.refresh()
        self._steady = True
        try:
            yield
        finally:
            self._steady = False
