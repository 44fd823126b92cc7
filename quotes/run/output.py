"""Output: which sink an ``-o`` means, checked before any work is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from quotes.errors import OutputError, UsageError
from quotes.formats import check_writable
from quotes.model import Extraction
from quotes.record import dumps
from quotes.run.journal import Journal
from quotes.run.settings import Settings
from quotes.run.sinks import InOrder, Journaled, Sink

_STREAM: Final = "-"
_SUFFIXES: Final = ("", ".jsonl", ".ndjson")


def real_path(output: str) -> Path:
    """Where *output* lies: links are followed, so that the file is replaced and not the link."""
    return Path(output).resolve()


def is_stream(output: str) -> bool:
    """Whether *output* is a device or a pipe: written as it comes, never replaced."""
    path = Path(output)
    return path.exists() and not path.is_file() and not path.is_dir()


def file_sink(output: str, settings: Settings, fingerprint: str, note: Callable[[str], None]) -> Sink:
    """The sink that writes the file *output*, by way of the journal beside it.

    Raises:
        UsageError: it cannot be written, or another run is writing it.
    """
    check_writable(output)
    path = real_path(output)
    journal = Journal.open(path.with_name(path.name + ".part"), fingerprint)
    for line in journal.notes:
        note(line)
    return Journaled(path, journal, _renderer(settings))


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

    return InOrder(_renderer(settings), emit)


def refuse_bad_output(output: str, inputs: Sequence[str]) -> None:
    """Refuse an *output* whose suffix promises another format, and one that would replace an input.

    Raises:
        UsageError: one of the two.
    """
    path = real_path(output)
    if path.suffix.lower() not in _SUFFIXES and not is_stream(output):
        raise UsageError(
            f"records are written as JSON Lines, not as {path.suffix}", where=output, remedy="name it .jsonl"
        )
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


def _renderer(settings: Settings) -> Callable[[Extraction], str]:
    return lambda extraction: dumps(extraction, with_text=settings.with_text)
