"""The fixture folder: one pretty file a call, made for a reviewer's diff and for tests that replay.

manifest.json                        what it was recorded with
<article>-<chunk>-<key8>.json        one call: texts as lines, shared parts by hash
shared/<hash>.json                   instructions, examples and schemas, once each
pending/<key>.json                   a request exported for somebody else to answer, until its reply is imported
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotes.cache.database import check_version
from quotes.cache.entry import (
    DamageError,
    Entry,
    checked,
    checksum,
    digest,
    dumps,
    object_of,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from quotes.cache.folding import LINES, fold, lines_of, text_of, unfold
from quotes.cache.naming import by_article_and_chunk, is_name_of, key_part, slug
from quotes.cache.pending import PendingFolder
from quotes.cache.store import Manifest, Problem
from quotes.errors import CacheError, OutputError
from quotes.exchange import KEY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_REMEDY_DAMAGED = "restore it from version control, or record again"
_REMEDY_UNWRITABLE = "free space or make it writable; what is stored is kept, the same command goes on from there"


class Fixtures:
    """A folder of entries. Files are replaced whole, so a reader never sees half of one."""

    kind = "folder"

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the folder at *path*; *create* makes it where it is missing.

        Raises:
            CacheError: it is no fixture folder, of another version, or cannot be made.
        """
        self.path = path
        self._shared: dict[str, Any] = {}
        self._names: dict[str, list[str]] = {}  # file names by the first eight digits of the key
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
        return PendingFolder(self.path / "pending", _write)

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, or ``None``. Raises CacheError where its file is damaged."""
        file = self._file_of(key)
        if file is None:
            self._scan()  # another process may have stored it since
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
            _write(file, dumps(_to_json(entry, folded), indent=2) + "\n")
            if former is not None and former != file:
                former.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        self._remember(file.name)

    def entries(self, article: str | None = None, chunk: int | None = None, *, sound: bool = False) -> Iterator[Entry]:
        """All entries, or those of *article* and *chunk*, in the order of their file names."""
        start = "" if article is None else slug(article) + "-"
        for file in self._files():
            if not file.name.startswith(start):
                continue
            try:
                entry = self._entry(file)
            except CacheError:
                if not sound:
                    raise
                continue
            if article in (None, entry.request.article) and chunk in (None, entry.request.chunk):
                yield entry

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with *prefix*, sorted."""
        named = ((file, key_part(file.name)) for file in self._files())
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
                _write(self.path / _MANIFEST, dumps(merged, indent=2) + "\n")
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
            self.path.mkdir(parents=True, exist_ok=True)
            manifest = {"version": FORMAT_VERSION, "key_version": KEY_VERSION}
            _write(self.path / _MANIFEST, dumps(manifest, indent=2) + "\n")
        except OSError as error:
            what = f"cannot be made: {error.strerror}"
            raise CacheError(what, where=str(self.path), remedy="check the path and its permissions") from error

    def _read_manifest(self) -> Manifest:
        manifest = self._read(self.path / _MANIFEST)
        if not isinstance(manifest, dict):
            raise _damaged(self.path / _MANIFEST, "it is no JSON object")
        return manifest

    def _files(self) -> list[Path]:
        self._scan()
        names = (name for names in self._names.values() for name in names)
        return [self.path / name for name in sorted(names, key=by_article_and_chunk)]

    def _scan(self) -> None:
        self._names = {}
        try:
            for name in os.listdir(self.path):
                self._remember(name)
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            raise CacheError(what, where=str(self.path), remedy="check the path and its permissions") from error

    def _remember(self, name: str) -> None:
        if part := key_part(name):
            names = self._names.setdefault(part[:8], [])
            if name not in names:
                names.append(name)

    def _file_of(self, key: str, *, strict: bool = True) -> Path | None:
        """The file that says it holds *key*; a damaged one is passed over unless *strict*."""
        for name in self._names.get(key[:8], []):
            file = self.path / name
            if not key.startswith(key_part(name)) or not file.exists():
                continue
            try:
                if self._fields(file).get("key") == key:
                    return file
                self._entry(file)  # named like *key* without holding it: a rare clash of names, or damage
            except CacheError:
                if strict:
                    raise
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
            return bool(self._fields(file).get("key") != key)
        except CacheError:
            return False  # damaged, so it may be replaced

    def _fields(self, file: Path) -> dict[str, Any]:
        fields = self._read(file)
        if not isinstance(fields, dict):
            raise _damaged(file, "it is no JSON object")
        return fields

    def _entry(self, file: Path) -> Entry:
        fields = self._fields(file)
        check_version(file, "format", fields.get("version"), FORMAT_VERSION)
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
            if digest(value)[:16] != name:
                raise _damaged(file, "its content does not give its name")
            self._shared[name] = value
        return self._shared[name]

    def _write_shared(self, name: str, value: Any) -> None:
        file = self.path / "shared" / f"{name}.json"
        if name in self._shared and file.exists():
            return
        file.parent.mkdir(exist_ok=True)
        shown = {LINES: lines_of(value)} if isinstance(value, str) else value
        text = dumps(shown, indent=2) + "\n"
        if not file.exists() or file.read_bytes() != text.encode("utf-8"):
            _write(file, text)
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


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as output:
            output.write(text.encode("utf-8"))
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _damaged(file: Path, what: str) -> CacheError:
    return CacheError(f"is damaged: {what}", where=str(file), remedy=_REMEDY_DAMAGED)
