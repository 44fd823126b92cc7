"""What was submitted: the parts of a cache's requests that went to a Batch service, in a file that survives a crash.

Every step is written down before it is taken and after, so that a process killed at any moment leaves behind what has
to be looked up. The file holds keys of requests and ids of batches; no text, no address, no key of a service.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_type_hints

from quotes.cache import default_cache_path, is_address, shown_place
from quotes.cache.store import refuse_other_url
from quotes.errors import CacheError, OutputError, UsageError
from quotes.llm.jobs import BatchJob, is_id

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

VERSION: Final = 1
_SUFFIX: Final = ".batches.json"
_WRITING: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_HEX: Final = frozenset("0123456789abcdef")
_REMEDY: Final = "restore it, or move it away: batches are then found again by the next quotes batch submit"


class BusyError(UsageError):
    """Another process works with the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Requests that went, or were about to go, to the service of *endpoint* (its label in cache keys) as one batch.

    *digest* tells which requests; their *keys*, in the order of the lines, are dropped once the part is *closed*: its
    replies taken, or given up. *size* is in bytes, *planned*, *sent* and *submitted* in Unix time: when the part was
    made up, when its batch was asked for (``None``: never yet) and when it was created. *file* and *batch* are the
    service's ids; *status* and the counts are what it said last.
    """

    number: int
    digest: str
    endpoint: str
    keys: tuple[str, ...]
    requests: int
    size: int
    planned: float
    file: str | None = None
    sent: float | None = None
    batch: str | None = None
    submitted: float | None = None
    status: str = "planned"
    done: int = 0
    failed: int = 0
    total: int = 0
    closed: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether the service has, or may have, a batch of it whose replies are not taken yet."""
        return not self.closed and (self.batch is not None or self.sent is not None)

    @property
    def is_unclear(self) -> bool:
        """Whether it is not known if its batch was ever made."""
        return not self.closed and self.batch is None and self.sent is not None


def seen(part: Part, job: BatchJob) -> dict[str, Any]:
    """What *job* tells of *part*, as fields of it."""
    return {
        "batch": job.id,
        "submitted": part.submitted or float(job.created) or part.sent,
        "status": job.status,
        "done": job.done,
        "failed": job.failed,
        "total": job.total or part.requests,
    }


def digest_of(keys: Iterable[str]) -> str:
    """What requests of *keys*, in any order, are recognised by: the half of a SHA-256 in hex."""
    return hashlib.sha256("".join(sorted(keys)).encode("ascii")).hexdigest()[:32]


def state_path(cache: str | Path) -> Path:
    """Where what was submitted from *cache* is written down unless told otherwise: beside it, or, where it is on a
    server, in the user's cache folder.

    Raises:
        CacheError: it is a URL of another kind.
    """
    if is_address(cache):
        digest = hashlib.sha256(shown_place(cache).encode()).hexdigest()[:16]
        return default_cache_path().with_name(f"postgresql-{digest}{_SUFFIX}")
    refuse_other_url(cache)
    place = Path(cache).expanduser()
    return place.with_name(place.name + _SUFFIX)


class Submissions:
    """The parts written down in *path*, which need not exist yet. Every change is on the disk when its call returns."""

    def __init__(self, path: Path) -> None:
        """Read what is there.

        Raises:
            CacheError: it is damaged or of another version.
        """
        self.path = path
        self._parts = {part.number: part for part in _read(path)}

    @property
    def parts(self) -> list[Part]:
        """All of them, the oldest first."""
        return [self._parts[number] for number in sorted(self._parts)]

    @property
    def batches(self) -> set[str]:
        """The ids of all batches there are or were."""
        return {part.batch for part in self._parts.values() if part.batch is not None}

    def under_way(self, endpoint: str) -> list[Part]:
        """The parts at *endpoint* whose replies are to be awaited."""
        return [part for part in self.parts if part.is_under_way and part.endpoint == endpoint]

    def next_number(self) -> int:
        """The number of a part to come."""
        return max(self._parts, default=0) + 1

    def put(self, *parts: Part) -> None:
        """Write *parts* down, in place of those with the same numbers. Raises OutputError where that fails."""
        self._parts |= {part.number: part for part in parts}
        self._write()

    def drop(self, *parts: Part) -> None:
        """Take *parts* out as if they had never been. Raises OutputError where that fails."""
        for part in parts:
            del self._parts[part.number]
        if parts:
            self._write()

    def _write(self) -> None:
        shown = {"version": VERSION, "parts": [asdict(part) for part in self.parts]}
        beside = self.path.with_name(f".{self.path.name}.tmp")
        try:
            with os.fdopen(os.open(beside, _WRITING, 0o600), "w", encoding="utf-8") as out:
                json.dump(shown, out, indent=1)
                out.write("\n")
                out.flush()
                os.fsync(out.fileno())
            beside.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise OutputError(what, where=str(self.path), remedy="free some space, or name another --state") from None


@contextmanager
def alone_with(path: Path) -> Iterator[Submissions]:
    """What is written down in *path*, for this process alone.

    Raises:
        BusyError: another process has it.
        CacheError: it is damaged.
        OutputError: its folder cannot be written.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(lock)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise OutputError(what, where=str(lock), remedy="check its folder, or name another --state") from None
    if descriptor is None:
        remedy = "wait for it to end, or end it"
        raise BusyError("another quotes batch command works with it", where=str(path), remedy=remedy)
    try:
        yield Submissions(path)
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _lock(path: Path) -> int | None:
    """A descriptor of *path*, locked, or ``None`` where another process has it. Freed with the process."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass  # removed by a process that ended meanwhile
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                return descriptor  # not lockable here: go on without
            os.close(descriptor)
            return None
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Only with its folder on the disk too does a new name outlive a power cut; not every system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(path: Path) -> list[Part]:
    try:
        shown = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CacheError(f"cannot be read: {error.strerror}", where=str(path), remedy="check the path") from None
    except (ValueError, RecursionError):
        raise CacheError("is damaged: it is no JSON", where=str(path), remedy=_REMEDY) from None
    if not isinstance(shown, dict) or not isinstance(shown.get("parts"), list):
        raise CacheError("is damaged: it holds no parts", where=str(path), remedy=_REMEDY)
    if shown.get("version") != VERSION:
        what = f"is of version {shown.get('version')!r}, not {VERSION}"
        raise CacheError(what, where=str(path), remedy="use the release that wrote it")
    return [_part(path, entry) for entry in shown["parts"]]


def _part(path: Path, entry: Any) -> Part:
    try:
        given = {field.name: entry[field.name] for field in fields(Part)}
        given["keys"] = tuple(given["keys"])
        sound = all(_is_of(given[name], kind) for name, kind in _KINDS.items())
        sound = sound and all(_is_key(key) for key in given["keys"])
        sound = sound and all(given[name] is None or is_id(given[name]) for name in ("file", "batch"))
    except (KeyError, TypeError):
        sound = False
    if not sound:
        raise CacheError("is damaged: a part is none", where=str(path), remedy=_REMEDY)
    return Part(**given)


def _is_of(value: Any, kind: Any) -> bool:
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if value is None:
        return NoneType in kinds
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, int | float) if float in kinds else isinstance(value, kinds)


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and len(key) == 64 and set(key) <= _HEX


_KINDS: Final[dict[str, Any]] = {name: tuple if name == "keys" else kind for name, kind in get_type_hints(Part).items()}
