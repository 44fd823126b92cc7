"""Output: which sink an ``-o`` means, checked before any work is spent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeAlias

from quotes.errors import OutputError, RecordError, UsageError
from quotes.formats import check_kind, check_writable, kind_of, read_values, write_records
from quotes.formats.folders import is_folder_of_parts
from quotes.formats.provenance import first_line, is_report, is_review, object_in
from quotes.formats.spilling import SpillingMap
from quotes.formats.writing import Kind
from quotes.model import Extraction
from quotes.record import VERSION, dumps
from quotes.run.journal import Journal
from quotes.run.options import flat
from quotes.run.settings import Settings
from quotes.run.sinks import InOrder, Journaled, Sink, Writer

_STREAM: Final = "-"
_LINES: Final = (".jsonl", ".ndjson")

Product: TypeAlias = Literal["records", "gold", "report"]
"""What quotes has written and may replace."""
_Held: TypeAlias = Product | Literal["nothing", "other"]


def real_path(output: str) -> Path:
    """Where *output* lies: links are followed, so that the file is replaced and not the link."""
    path = Path(output)
    return path.resolve() if path.is_symlink() else path


def journal_path(path: Path) -> Path:
    """Where a run to the file *path* keeps what is finished until all is."""
    return path.parent / f"{path.name}.part"


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
    products: tuple[Product, ...] = ("records",) if write is write_records else ("report",)
    refuse_foreign(output, products, options, overwrite=overwrite)
    journal = Journal.open(journal_path(path), fingerprint, flat(options or {}), overwrite=overwrite)
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
    path = real_path(output)
    start = first_line(path) if path.is_file() else b""
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
    """Refuse an *output* that would replace one of *inputs*, by whatever path, or the decisions of a review.

    ``-`` is a standard stream in both.

    Raises:
        UsageError: it would; the message says how to mend that, *remedy*.
    """
    if str(output) == _STREAM:
        return
    path = Path(output).resolve()
    if any(str(given) != _STREAM and Path(given).resolve() == path for given in inputs):
        raise UsageError("is an input too and would be replaced", where=str(output), remedy=remedy)
    _refuse_review(path, str(output), remedy)


def refuse_foreign(
    output: str,
    products: tuple[Product, ...] = ("records",),
    options: Mapping[str, Any] | None = None,
    *,
    kind: Kind | None = None,
    overwrite: bool = False,
    choose: str = "choose another -o",
) -> None:
    """Refuse to replace what no command has written that writes *products*: the one rule for all of them.

    What is missing or empty may always be replaced, the decisions of a review never; anything else with *overwrite*.
    Records by another model than *options* name stay too. The first record or line tells; *kind* is the format in
    which *output* would hold records, by default the one its name means. *choose* is the remedy.

    Raises:
        UsageError: it is to stay.
    """
    path, remedy = real_path(output), f"{choose}, or --overwrite to replace it"
    if output == _STREAM or not path.is_file() or not path.stat().st_size:
        return
    _refuse_review(path, output, choose)
    if overwrite:
        return
    if path.name.startswith("part-") and is_folder_of_parts(path.parent):
        what = "is a part of the output of a run on many machines and would be replaced"
        raise UsageError(what, where=output, remedy=remedy)
    found, record = _held(path, kind or kind_of(path))
    if found != "nothing" and found not in products:
        lacks = "is no report" if "report" in products else f"holds no {' or '.join(products)}"
        raise UsageError(f"this file {lacks} of quotes and would be replaced", where=output, remedy=remedy)
    if record is None or not options:
        return
    then, now = record.get("model"), options.get("model")
    if then != now:
        what = f"holds records by {then or 'the rules'} and would be replaced by records by {now or 'the rules'}"
        raise UsageError(what, where=output, remedy=remedy)


def _refuse_review(path: Path, where: str, remedy: str) -> None:
    with suppress(OSError):
        if path.is_file() and is_review(path):
            raise UsageError("holds the decisions of a review, which are never replaced", where=where, remedy=remedy)


def _held(path: Path, kind: Kind | None) -> tuple[_Held, Mapping[str, Any] | None]:
    """What the file at *path* holds, and its first record, of whatever version, where it is records."""
    try:
        if kind is None and is_report(path):
            return "report", None
        if kind in (None, "jsonl"):
            return _held_in_lines(path)
        if kind == "csv" and _is_gold_table(path):
            return "gold", None
        first = next(read_values(path, kind=kind), None)
    except (OSError, RecordError):
        return "other", None
    if first is None:
        return "nothing", None
    if isinstance(first, RecordError) or not _is_record(first.value):
        return "other", None
    return "records", first.value


def _held_in_lines(path: Path) -> tuple[_Held, Mapping[str, Any] | None]:
    line = first_line(path)
    if not line:
        return "nothing", None
    value = object_in(line)
    if value is None:
        return "other", None
    if _is_record(value):
        return "records", value
    is_gold = isinstance(value.get("text"), str) and isinstance(value.get("quotes"), list)
    return "gold" if is_gold else "other", None


def _is_gold_table(path: Path) -> bool:
    from quotes.formats.corpora.table import header

    return first_line(path).strip() == header().strip().encode()


def _is_record(value: Mapping[str, Any]) -> bool:
    return str(value.get("schema")).startswith(VERSION.rstrip("0123456789"))


def _renderer(settings: Settings) -> Callable[[Extraction], str]:
    return lambda extraction: dumps(extraction, with_text=settings.with_text)
