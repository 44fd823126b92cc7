"""What the stores on this machine's own disk have in common: how they are named, measured and locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quotes.cache.locks import KeyLocks, alone

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from quotes.cache.entry import Entry
    from quotes.exchange import Reply, Request


class Local:
    """A store at a *path*, whose keys are locked in the file at *lock_path*."""

    path: Path

    @property
    def lock_path(self) -> Path:
        """The file whose byte ranges are locked while a request is in flight; it need not exist."""
        raise NotImplementedError

    @property
    def where(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def size(self) -> int:
        """Bytes on disk: of the file and its companion, or of all files of the folder."""
        if self.path.is_dir():
            return sum(file.stat().st_size for file in self.path.rglob("*.json"))
        companions = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in companions if file.exists())

    def locks(self) -> KeyLocks:
        """Locks on the keys, between the processes of this machine."""
        return KeyLocks(self.lock_path)

    def alone(self) -> AbstractContextManager[bool]:
        """Keep all keys from everybody else while this lasts. False: somebody has one."""
        return alone(self.lock_path)

    def get(self, key: str) -> Entry | None:
        """The entry of *key*."""
        raise NotImplementedError

    def reply(self, request: Request) -> Reply | None:
        """As `get`, for the reply alone."""
        entry = self.get(request.key)
        return None if entry is None else entry.reply
