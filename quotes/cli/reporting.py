"""A run as people see it: its output opened, progress and remarks on standard error, a summary, an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotes.errors import QuotesError, UsageError
from quotes.formats import read_articles
from quotes.formats.table import counted
from quotes.record import to_json
from quotes.run import InOrder, Job, Listener, Settings, Sink, Summary, assemble
from quotes.run.output import file_sink, is_stream, real_path, refuse_bad_output, stream_sink

if TYPE_CHECKING:
    from quotes.cli.progress import Progress

_STREAM = "-"


def run_and_report(settings: Settings, inputs: Sequence[str], output: str | None, *, quiet: bool) -> int:
    """Run *inputs* into *output* (``None``: standard output), tell people about it, and return the exit code.

    Raises:
        UsageError: the run cannot start.
    """
    inputs = given_inputs(inputs)
    destination = output or _STREAM
    if destination != _STREAM:
        refuse_bad_output(destination, inputs)
    voice = Voice(quiet)
    with ExitStack() as stack:
        assembly = assemble(settings, os.environ)
        for note in assembly.notes:
            voice.note(note)
        progress = _progress(stack, quiet)
        voice.progress = progress
        sink = _sink(stack, destination, settings, assembly.fingerprint, voice)
        aside = () if destination == _STREAM else (real_path(destination),)
        articles = read_articles(inputs, on_note=voice.note, leave_out=aside)
        job = Job(settings, assembly, articles, sink, Listener(voice.note, voice.problem, voice.show))
        return _run(job, stack, voice, resumable=destination != _STREAM and not is_stream(destination))


def _run(job: Job, stack: ExitStack, voice: Voice, *, resumable: bool) -> int:
    ending: str | None = None
    signal.signal(signal.SIGTERM, lambda _number, _frame: job.interrupt())
    try:
        job.run()
    except QuotesError as error:
        ending = str(error)
    except KeyboardInterrupt:
        ending = "interrupted" + ("; the same command goes on from here" if resumable else "")
    stack.close()
    voice.note(summary_line(job.summary))
    if ending is not None:
        voice.problem(ending)
    return job.summary.exit_code


def summary_line(summary: Summary) -> str:
    """*summary* as one line: articles, quotes, what went wrong, requests, tokens."""
    parts = [counted(summary.articles, "article"), counted(summary.quotes, "quote")]
    if summary.resumed:
        parts[0] += f" ({summary.resumed:,} from the journal)"
        parts[1] = counted(summary.quotes, "new quote")
    for count, word in ((summary.partial, "partial"), (summary.failed, "failed"), (summary.unread, "unreadable")):
        if count:
            parts.append(f"{count:,} {word}")
    if summary.asked or summary.cached:
        parts.append(f"{counted(summary.asked, 'request')}, {summary.cached:,} from the cache")
        usage = summary.usage
        parts.append(f"tokens {usage.prompt_tokens:,} in, {usage.completion_tokens:,} out")
    return ", ".join(parts)


class Voice:
    """Lines on standard error. Remarks are held back where *quiet*; problems never are."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self.progress: Progress | None = None

    def note(self, line: str) -> None:
        """Say *line*, a remark."""
        if not self._quiet:
            self.problem(line)

    def problem(self, line: str) -> None:
        """Say *line*, which must be heard."""
        shown = "quotes: " + one_line(line)
        if self.progress is not None:
            self.progress.say(shown)
        else:
            print(shown, file=sys.stderr)

    def show(self, summary: Summary) -> None:
        """Bring the live line up to date."""
        if self.progress is not None:
            self.progress.update(summary)


def one_line(text: str) -> str:
    """*text* on one line, the characters that steer a terminal shown as ``?``: names of files may hold them."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def given_inputs(inputs: Sequence[str]) -> Sequence[str]:
    """*inputs*, or standard input where something is piped in. Raises UsageError where there is neither."""
    if inputs:
        return inputs
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no input is given", remedy="name files or folders, or pipe text in; quotes extract --help")
    return (_STREAM,)


def _sink(stack: ExitStack, destination: str, settings: Settings, fingerprint: str, voice: Voice) -> Sink:
    if destination == _STREAM:
        if sys.stdout.isatty():
            return _table_sink(voice)
        return stream_sink(sys.stdout.buffer, "standard output", settings)
    if is_stream(destination):
        try:
            stream = stack.enter_context(Path(destination).open("wb", buffering=0))  # noqa: SIM115
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=destination) from None
        return stream_sink(stream, destination, settings)
    return file_sink(destination, settings, fingerprint, voice.note)


def _table_sink(voice: Voice) -> Sink:
    """A table of each article, in input order, for people."""
    from quotes.formats.table import article_table
    from quotes.formats.terminal import console

    to = console(sys.stdout)

    def emit(record: dict[str, Any]) -> None:
        with voice.progress.aside() if voice.progress else nullcontext():
            to.print(article_table(record))

    return InOrder(lambda extraction: to_json(extraction, with_text=False), emit)


def _progress(stack: ExitStack, quiet: bool) -> Progress | None:
    if quiet or not sys.stderr.isatty():
        return None
    from quotes.cli.progress import Progress

    return stack.enter_context(Progress())
