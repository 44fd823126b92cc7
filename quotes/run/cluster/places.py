"""Places that all machines of a cluster can reach: files and folders here, or of an object storage named by a URI.

A path means this machine's own disk; ``file:///…`` says that every machine has this folder.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote, urlsplit

from quotes.errors import InputError, OutputError, QuotesError, UsageError
from quotes.extras import load
from quotes.formats.output import check_writable
from quotes.formats.writing import Kind, write_records

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.I)
_MAGIC: Final = re.compile(r"[*?[]")
_STORES: Final = frozenset({"s3", "gcs", "abfs"})
"""Where a file is there only once it is whole, and renaming is copying."""
_COPIED: Final = 1 << 22  # bytes at a time
_REMEDY: Final = "check the address, and the credentials in the environment"


def is_uri(place: str) -> bool:
    """Whether *place* is an address such as ``s3://…`` or ``file:///…``."""
    return bool(_SCHEME.match(place))


def local_path(place: str) -> Path | None:
    """The path that *place* is on every machine; ``None`` for an object storage.

    >>> local_path("file:///data/news%202031").as_posix(), local_path("s3://bucket/news")
    ('/data/news 2031', None)
    """
    found = _SCHEME.match(place)
    if found is None:
        return Path(place)
    return Path(unquote(urlsplit(place).path)) if found[1].lower() == "file" else None


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of an object storage: its *uri*, its name relative to what was given, its *size* in bytes."""

    uri: str
    name: str
    size: int

    def open(self) -> BinaryIO:
        """The file, to be read anywhere in it. Raises OSError."""
        system, path = file_system(self.uri)
        with _as_os_errors():
            return io.BufferedReader(system.open_input_file(path), 1 << 20)


def stored_files(uri: str) -> Iterator[Stored]:
    """The files that *uri* (a file, a folder, or a pattern such as ``s3://news/2031/**/*.jsonl``) means, by name.

    What is hidden is left.

    Raises:
        InputError: there is nothing, or it cannot be reached.
    """
    base, parts = _split(uri)
    try:
        system, path = file_system(base)
        with _as_os_errors():
            found = list(_listed(system, path, whole=not parts))
    except (OSError, UsageError) as error:
        what, remedy = (error.what, error.remedy) if isinstance(error, UsageError) else (_words(error), _REMEDY)
        raise InputError(what, where=uri, remedy=remedy) from None
    is_file = len(found) == 1 and found[0][0] == ""
    if is_file and not parts:
        yield Stored(uri, uri.rstrip("/").rpartition("/")[2], found[0][1])
        return
    for name, size in sorted(found, key=lambda entry: entry[0].split("/")):
        names = name.split("/")
        if not any(one.startswith(".") for one in names) and (not parts or _fits(names, parts)):
            yield Stored(f"{base.rstrip('/')}/{name}", name, size)


def file_system(uri: str) -> tuple[Any, str]:
    """The file system of *uri*, and the path in it. Raises UsageError where there is none of that scheme."""
    pa, fs = load("pyarrow", "ray", "--engine ray"), load("pyarrow.fs", "ray", "--engine ray")
    try:
        system, path = fs.FileSystem.from_uri(uri)
    except (pa.ArrowException, OSError, ValueError) as error:
        remedy = "known are s3://, gs://, abfs://, hdfs:// and file:///"
        raise UsageError(_words(error), where=uri, remedy=remedy) from None
    return system, path


def write_part(place: str, lines: Iterable[str], kind: Kind) -> None:
    """Write the records *lines* to *place*, there whole or not at all.

    Raises:
        QuotesError: it cannot be written.
    """
    path = local_path(place)
    if path is not None:
        write_records(path, lines, kind)
        return
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / f"part.{kind}"
        write_records(whole, lines, kind)
        with whole.open("rb") as stream:
            _upload(stream, place)


def write_text(place: str, text: str) -> None:
    """As `write_part`, for a small text."""
    path = local_path(place)
    if path is None:
        _upload(io.BytesIO(text.encode()), place)
        return
    from quotes.formats.output import AtomicText

    with AtomicText(path) as out:
        out.write(text)


def read_text(place: str) -> str | None:
    """The text at *place*; ``None`` where there is none. Raises OutputError where it cannot be read."""
    path = local_path(place)
    try:
        if path is not None:
            return path.read_text(encoding="utf-8")
        system, inner = file_system(place)
        with _as_os_errors(), system.open_input_stream(inner) as stream:
            return str(stream.read(), "utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"cannot be read: {_words(error)}", where=place, remedy=_REMEDY) from None


def make_folder(place: str) -> None:
    """Make the folder *place* where it is missing. Raises OutputError where it cannot be written."""
    path = local_path(place)
    try:
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)
            check_writable(path / "_quotes.json")
            return
        system, inner = file_system(place)
        with _as_os_errors():
            system.create_dir(inner, recursive=True)
    except FileExistsError:
        raise OutputError("is a file, no folder", where=place, remedy="choose another -o") from None
    except OSError as error:
        raise OutputError(f"cannot be written: {_words(error)}", where=place, remedy="choose another -o") from None


def names_in(folder: str) -> list[str]:
    """The names of what lies in *folder*, sorted; nothing where it is missing."""
    path = local_path(folder)
    if path is not None:
        return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
    system, inner = file_system(folder)
    try:
        with _as_os_errors():
            return sorted(name for name, _size in _listed(system, inner, whole=False) if "/" not in name)
    except OSError:
        return []


def remove(place: str) -> None:
    """Remove the file at *place*, if it is there."""
    path = local_path(place)
    with suppress(OSError):
        if path is not None:
            path.unlink()
        else:
            system, inner = file_system(place)
            with _as_os_errors():
                system.delete_file(inner)


def _upload(stream: BinaryIO, place: str) -> None:
    try:
        system, path = file_system(place)
        at_once = system.type_name in _STORES
        beside = path if at_once else f"{path}.tmp"
        with _as_os_errors():
            with system.open_output_stream(beside) as out:
                while data := stream.read(_COPIED):
                    out.write(data)
            if not at_once:
                system.move(beside, path)
    except QuotesError:
        raise
    except OSError as error:
        raise OutputError(f"cannot be written: {_words(error)}", where=place, remedy=_REMEDY) from None


def _split(uri: str) -> tuple[str, list[str]]:
    """*uri* up to its first part that can match several, and the parts from there on."""
    scheme, _, rest = uri.partition("://")
    parts = rest.split("/")
    at = next((number for number, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return f"{scheme}://{'/'.join(parts[:at])}", parts[at:]


def _fits(names: list[str], parts: list[str]) -> bool:
    """Whether the path *names* is matched by *parts*, of which ``**`` matches any number of folders."""
    if not parts:
        return not names
    if parts[0] == "**":
        rest = parts[1:] or ["*"]
        return any(_fits(names[at:], rest) for at in range(len(names)))
    return bool(names) and re.fullmatch(translate(parts[0]), names[0]) is not None and _fits(names[1:], parts[1:])


def _listed(system: Any, path: str, *, whole: bool) -> Iterator[tuple[str, int]]:
    """The files below *path*, relative to it, with their sizes; of a file itself (*whole*) the empty name."""
    fs = load("pyarrow.fs", "ray", "--engine ray")
    path = path.rstrip("/")
    info = system.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        raise FileNotFoundError(2, "no such file or folder")
    if info.type == fs.FileType.File:
        if whole:
            yield "", info.size
        return
    for found in system.get_file_info(fs.FileSelector(path, recursive=True)):
        if found.type == fs.FileType.File:
            yield found.path[len(path) :].lstrip("/"), found.size


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """What the library makes of troubles of the storage, as errors of the system."""
    pa = load("pyarrow", "ray", "--engine ray")
    try:
        yield
    except pa.ArrowException as error:
        raise OSError(None, _words(error)) from None


def _words(error: BaseException) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(str(said).split())[:300] or type(error).__name__
