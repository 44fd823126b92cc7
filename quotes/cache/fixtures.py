"""The fixture folder: one pretty file a call, made for a reviewer's diff and for tests that replay.

manifest.json                        what it was recorded with
<article>-<chunk>-<key8>.json        one call: texts as lines, shared parts by hash
shared/<hash>.json                   instructions, examples and schemas, once each
pending/<key>.json                   a request exported for somebody else to answer, until its reply is imported
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quotes.cache.database import check_version
from quotes.cache.entry import (
    DamageError,
    Entry,
    checked,
    checksum,
    dumps,
    object_of,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from quotes.cache.folding import LINES, Parts, fold, is_name_of_part, lines_of, parts_named_in, text_of, unfold
from quotes.cache.listing import Listing
from quotes.cache.local import Local
from quotes.cache.naming import is_name_of, key_part, slug
from quotes.cache.pending import PendingFolder
from quotes.cache.store import Manifest, Place, Problem, Stored
from quotes.cache.writing import make_folder, write_whole
from quotes.errors import CacheError, DamagedEntry, OutputError
from quotes.exchange import KEY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_REMEDY_DAMAGED = "restore it from version control, or record again"
_REMEDY_UNWRITABLE = "free space or make it writable; what is stored is kept, the same command goes on from there"


class Fixtures(Local):
    """A folder of entries. Files are replaced whole, so a reader never sees half of one."""

    kind = "folder"

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the folder at *path*; *create* makes it where it is missing.

        Raises:
            CacheError: it is no fixture folder, of another version, or cannot be made.
        """
        self.path = path
        self._shared = Parts()
        self._listing = Listing(path)
        if not (path / _MANIFEST).exists():
            self._start(create)
        manifest = self._read_manifest()
        check_version(path, "format", manifest.get("version"), FORMAT_VERSION)
        check_version(path, "key", manifest.get("key_version"), KEY_VERSION)

    @property
    def lock_path(self) -> Path:
        """Inside the folder, hidden; removed when no process uses it."""
        return self.path / ".lock"

    @property
    def pending(self) -> PendingFolder:
        """In a folder of its own within this one."""
        return PendingFolder(self.path / "pending")

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None``. Raises DamagedEntry where its file is."""
        file = self._file_of(key)
        if file is None:
            self._listing.refresh()  # another process may have stored it since
            file = self._file_of(key)
        return None if file is None else self._entry(file)

    def put(self, entry: Entry) -> None:
        """Store *entry* in its file. Raises OutputError where that fails."""
        folded, shared = fold(entry.request.body)
        try:
            for name, value in shared.items():
                self._write_shared(name, value)
            former = self._file_of(entry.key, strict=False)
            file = self._free_name(entry)
            write_whole(file, dumps(_to_json(entry, folded), indent=2) + "\n")
            if former is not None and former != file:
                former.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        self._listing.add(file.name)

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries, or those of *article* and *chunk*, in the order of their file names."""
        start = "" if article is None else slug(article) + "-"
        for file in self._listing.files():
            if not file.name.startswith(start):
                continue
            try:
                entry = self._entry(file)
            except DamagedEntry:
                if not sound:
                    raise
                continue
            if article in (None, entry.request.article) and chunk in (None, entry.request.chunk):
                yield entry

    def scan(self) -> Iterator[Stored]:
        """Every file that is named as an entry, in the order of their names."""
        for file in self._listing.files():
            try:
                yield Stored(file.name, self._entry(file))
            except DamagedEntry as error:
                yield Stored(file.name, Problem(error.where, error.what, error.remedy))

    def delete(self, places: Iterable[Place]) -> None:
        """Remove the files *places*, then the shared ones that no other refers to."""
        try:
            for place in places:
                (self.path / str(place)).unlink(missing_ok=True)
            used: set[str] = set()
            for file in self._listing.files():
                used |= parts_named_in(file.read_text(encoding="utf-8", errors="replace"))
            for file in (self.path / "shared").glob("*.json"):
                if file.stem not in used:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        self._shared.clear()

    def steady(self) -> AbstractContextManager[None]:
        """Take the folder as it is listed now."""
        return self._listing.steady()

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        named = ((file, key_part(file.name)) for file in self._listing.files())
        possible = [file for file, part in named if part.startswith(prefix[: len(part)])]
        return iter(sorted(key for key in (self._entry(file).key for file in possible) if key.startswith(prefix)))

    def manifest(self) -> Manifest:
        """What the store was recorded with."""
        return self._read_manifest()

    def merge_manifest(self, fields: Mapping[str, Any]) -> None:
        """Set *fields* and keep the others."""
        present = self._read_manifest()
        merged = {**present, **fields}
        if merged != present:
            try:
                write_whole(self.path / _MANIFEST, dumps(merged, indent=2) + "\n")
            except OSError as error:
                raise self._unwritable(error) from error

    def verify(self) -> Iterator[Problem]:
        """Every file that is no sound entry, bears a wrong name, or is used by none."""
        used: set[str] = set()
        for file in sorted(self.path.glob("*.json")):
            if file.name == _MANIFEST:
                continue
            try:
                used |= self._uses(file)
                entry = self._entry(file)
            except CacheError as error:
                yield Problem(error.where, error.what, error.remedy)
                continue
            if not is_name_of(file, entry):
                yield Problem(str(file), "is not named after its article, chunk and key", "restore its name")
        for file in sorted((self.path / "shared").glob("*.json")):
            if file.stem not in used:
                yield Problem(str(file), "is used by no fixture", "delete it")
        for file in sorted(self.path.rglob(".*.tmp")):
            yield Problem(str(file), "is a half-written file of an interrupted run", "delete it")

    def close(self) -> None:
        """Nothing is held open."""

    def _start(self, create: bool) -> None:
        if not create:
            raise CacheError(
                "is no folder of fixtures", where=str(self.path), remedy="check the path, or record it first"
            )
        try:
            make_folder(self.path)
            manifest = {"version": FORMAT_VERSION, "key_version": KEY_VERSION}
            write_whole(self.path / _MANIFEST, dumps(manifest, indent=2) + "\n")
        except OSError as error:
            what = f"cannot be made: {error.strerror}"
            raise CacheError(what, where=str(self.path), remedy="check the path and its permissions") from error

    def _read_manifest(self) -> Manifest:
        try:
            return self._fields(self.path / _MANIFEST)
        except DamagedEntry as error:
            raise CacheError(error.what, where=error.where, remedy=error.remedy) from error

    def _file_of(self, key: str, *, strict: bool = True) -> Path | None:
        """The file that says it holds *key*. Where none does, a damaged one named like it is an error if *strict*."""
        damage: CacheError | None = None
        for file in self._listing.possible(key):
            if not file.exists():
                continue
            try:
                if self._fields(file).get("key") == key:
                    return file
                self._entry(file)  # named like *key* without holding it: a rare clash of names, or damage
            except CacheError as error:
                damage = error
        if strict and damage is not None:
            raise damage
        return None

    def _free_name(self, entry: Entry) -> Path:
        start, key = f"{slug(entry.request.article)}-{entry.request.chunk}", entry.key
        for length in (8, 16, 32, 64):
            file = self.path / f"{start}-{key[:length]}.json"
            if length == len(key) or not file.exists() or not self._holds_another(file, key):
                return file
        raise AssertionError("a key has 64 digits")

    def _holds_another(self, file: Path, key: str) -> bool:
        try:
            return self._entry(file).key != key
        except DamagedEntry:
            return False  # it may be replaced

    def _fields(self, file: Path) -> dict[str, Any]:
        fields = self._read(file)
        if not isinstance(fields, dict):
            raise _damaged(file, "it is no JSON object")
        return fields

    def _entry(self, file: Path) -> Entry:
        fields = self._fields(file)
        try:
            check_version(file, "format", fields.get("version"), FORMAT_VERSION)
        except CacheError as error:  # in a folder of this version
            raise DamagedEntry(error.what, where=error.where, remedy=error.remedy) from error
        try:
            request = object_of(fields.get("request"), "request")
            reply = object_of(fields.get("reply"), "reply")
            body = unfold(request.get("body"), self._load)
            content = reply.get("content")
            if isinstance(content, dict):
                reply = {**reply, "content": text_of(content.get(LINES))}
            entry = Entry(request_from_json(request, body), reply_from_json(reply))
            return checked(entry, fields.get("key"), fields.get("checksum"))
        except DamageError as error:
            raise _damaged(file, str(error)) from error
        except RecursionError as error:
            raise _damaged(file, "it is nested too deeply") from error

    def _load(self, name: str) -> Any:
        if name not in self._shared:
            file = self.path / "shared" / f"{name}.json"
            value = self._read(file)
            if isinstance(value, dict) and value.keys() == {LINES}:
                value = text_of(value[LINES])
            if not is_name_of_part(name, value):
                raise _damaged(file, "its content does not give its name")
            self._shared[name] = value
        return self._shared[name]

    def _write_shared(self, name: str, value: Any) -> None:
        file = self.path / "shared" / f"{name}.json"
        if name in self._shared and file.exists():
            return
        make_folder(file.parent)
        shown = {LINES: lines_of(value)} if isinstance(value, str) else value
        text = dumps(shown, indent=2) + "\n"
        if not file.exists() or file.read_bytes() != text.encode("utf-8"):
            write_whole(file, text)
        self._shared[name] = value

    def _uses(self, file: Path) -> set[str]:
        names: set[str] = set()

        def note(name: str) -> Any:
            names.add(name)
            return None

        request = self._fields(file).get("request")
        try:
            unfold(request.get("body") if isinstance(request, dict) else None, note)
        except DamageError as error:
            raise _damaged(file, str(error)) from error
        return names

    def _read(self, file: Path) -> Any:
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise _damaged(file, "it is missing") from error
        except OSError as error:
            raise CacheError(f"cannot be read: {error.strerror}", where=str(file), remedy="check it") from error
        except (ValueError, RecursionError) as error:
            raise _damaged(file, "it is no JSON in UTF-8") from error

    def _unwritable(self, error: OSError) -> OutputError:
        what = f"cannot be written: {error.strerror}"
        return OutputError(what, where=str(self.path), remedy=_REMEDY_UNWRITABLE)


def _to_json(entry: Entry, folded: dict[str, Any]) -> dict[str, Any]:
    request, reply = entry.request, reply_to_json(entry.reply)
    return {
        "version": FORMAT_VERSION,
        "key": entry.key,
        "checksum": checksum(entry),
        "request": {
            "article": request.article,
            "chunk": request.chunk,
            "label": request.label,
            "trial": request.trial,
            "body": folded,
        },
        "reply": {**reply, "content": {LINES: lines_of(entry.reply.content)}},
    }


def _damaged(file: Path, what: str) -> DamagedEntry:
    return DamagedEntry(f"is damaged: {what}", where=str(file), remedy=_REMEDY_DAMAGED)
