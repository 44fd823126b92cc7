"""Output: which sink an ``-o`` means, checked before any work is spent."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from quotes.errors import OutputError, RecordError, UsageError
from quotes.formats import RECORD_SUFFIXES, check_kind, check_writable, kind_of, read_values, write_records
from quotes.formats.spilling import SpillingMap
from quotes.model import Extraction
from quotes.record import VERSION, dumps
from quotes.run.journal import Journal
from quotes.run.options import flat
from quotes.run.settings import Settings
from quotes.run.sinks import InOrder, Journaled, Sink, Writer

_STREAM: Final = "-"
_LINES: Final = (".jsonl", ".ndjson")
_LONGEST: Final = 64_000_000
"""Bytes of a first line that are looked at: longer ones are no record."""


def real_path(output: str) -> Path:
    """Where *output* lies: links are followed, so that the file is replaced and not the link."""
    path = Path(output)
    return path.resolve() if path.is_symlink() else path


def is_stream(output: str) -> bool:
    """Whether *output* is a device or a pipe: written as it comes, never replaced."""
    path = Path(output)
    return path.exists() and not path.is_file() and not path.is_dir()


def file_sink(
    output: str,
    settings: Settings,
    fingerprint: str,
    options: Mapping[str, Any] | None = None,
    *,
    overwrite: bool = False,
    write: Writer = write_records,
) -> Sink:
    """The sink that writes the file *output*, by way of the journal beside it.

    *options* are what *fingerprint* is made of: of a run that stands there unfinished the message says which of them
    differ. *overwrite* starts anew in any case. *write* makes the file, by default in the format of its name.

    Raises:
        UsageError: another run is writing it, or one with other options stands there unfinished, or *output* holds
            something else than records.
        OutputError: it cannot be written.
    """
    check_writable(output)
    path = real_path(output)
    if not overwrite:
        refuse_foreign(output, options or {})
    journal = Journal.open(path.with_name(path.name + ".part"), fingerprint, flat(options or {}), overwrite=overwrite)
    return Journaled(path, journal, _renderer(settings), replaces=overwrite, write=write)


def stream_sink(stream: BinaryIO, where: str, settings: Settings) -> Sink:
    """The sink that writes records to *stream*, called *where* in messages, in input order as they come."""

    def emit(line: str) -> None:
        try:
            stream.write(line.encode("utf-8") + b"\n")
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror or error}", where=where, remedy="free some space, then try again"
            ) from None

    return InOrder(_renderer(settings), emit, SpillingMap[int]())


def refuse_other_lines(output: str) -> None:
    """Refuse to replace a file that a batch export has not written: its first line names no request.

    Raises:
        UsageError: it does not.
    """
    start = _first_line(real_path(output))
    if start and b'"custom_id"' not in start:
        what = "this file holds no requests of a batch and would be replaced"
        raise UsageError(what, where=output, remedy="choose another -o")


def refuse_bad_output(output: str, inputs: Sequence[str], suffixes: Collection[str] = _LINES) -> None:
    """Refuse an *output* whose suffix is none of *suffixes*, and one that would replace an input.

    Raises:
        UsageError: one of the two, or what its suffix promises cannot be written there.
    """
    suffix = real_path(output).suffix.lower()
    if suffix and suffix not in suffixes and not is_stream(output):
        known = ", ".join(suffixes)
        raise UsageError(f"{suffix} is no format that is written here", where=output, remedy=f"known are {known}")
    if kind := kind_of(real_path(output)):
        check_kind(kind, output)
    refuse_replacing(output, inputs)


def refuse_replacing(output: str | Path, inputs: Iterable[str | Path], remedy: str = "choose another -o") -> None:
    """Refuse an *output* that would replace one of *inputs*, by whatever path; ``-`` is a standard stream in both.

    Raises:
        UsageError: it would; the message says how to mend that, *remedy*.
    """
    if str(output) == _STREAM:
        return
    path = Path(output).resolve()
    if any(str(given) != _STREAM and Path(given).resolve() == path for given in inputs):
        raise UsageError("is an input too and would be replaced", where=str(output), remedy=remedy)


def refuse_foreign(output: str, options: Mapping[str, Any] | None = None) -> None:
    """Refuse to replace what no run of ours has written, or one by another model than *options* name.

    The first record tells.

    Raises:
        UsageError: one of the two.
    """
    path, remedy = real_path(output), "choose another -o, or --overwrite to replace it"
    if not path.is_file() or not path.stat().st_size:
        return
    if path.suffix.lower() not in ("", *RECORD_SUFFIXES):
        raise UsageError("is there already and would be replaced", where=output, remedy=remedy)
    holds, record = _first_record(path)
    if record is None and holds:
        raise UsageError("this file holds no records of quotes and would be replaced", where=output, remedy=remedy)
    if record is None or not options:
        return
    then, now = record.get("model"), options.get("model")
    if then != now:
        what = f"holds records by {then or 'the rules'} and would be replaced by records by {now or 'the rules'}"
        raise UsageError(what, where=output, remedy=remedy)


def _first_record(path: Path) -> tuple[bool, Mapping[str, Any] | None]:
    """Whether the file at *path* holds anything, and its first record, of whatever version, if that is one."""
    if kind_of(path) in (None, "jsonl"):
        line = _first_line(path)
        return bool(line), _record_in(line)
    try:
        first = next(read_values(path), None)
    except RecordError as error:
        first = error
    if first is None or isinstance(first, RecordError):
        return first is not None, None
    return True, first.value if _is_ours(first.value) else None


def _first_line(path: Path) -> bytes:
    """The first line of the file at *path* that says something; none where there is no such file."""
    if path.is_file():
        with suppress(OSError), path.open("rb") as stream:
            return next((line for line in iter(lambda: stream.readline(_LONGEST), b"") if line.strip()), b"")
    return b""


def _record_in(line: bytes) -> dict[str, Any] | None:
    """The record that *line* is, of whatever version, if it is one."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_ours(value) else None


def _is_ours(value: Mapping[str, Any]) -> bool:
    return str(value.get("schema")).startswith(VERSION.rstrip("0123456789"))


def _renderer(settings: Settings) -> Callable[[Extraction], str]:
    return lambda extraction: dumps(extraction, with_text=settings.with_text)
