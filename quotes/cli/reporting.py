"""A run as people see it: its output opened, progress and remarks on standard error, a summary, an exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from quotes.cli.outputs import OUTPUT_SUFFIXES, writer_for
from quotes.cli.voice import is_plain_terminal, manner
from quotes.errors import OutputError, QuotesError, UsageError
from quotes.exchange import Tell, Usage, ignore
from quotes.formats import read_articles
from quotes.formats.spilling import SpillingMap
from quotes.formats.table import counted
from quotes.record import dumps
from quotes.run import Assembly, InOrder, Job, Listener, Settings, Sink, Summary, assemble
from quotes.run.output import (
    file_sink,
    is_stream,
    journal_path,
    real_path,
    refuse_bad_output,
    refuse_replacing,
    stream_sink,
)

if TYPE_CHECKING:
    from quotes.cli.progress import Progress

_STREAM = "-"


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a run goes and how it is told: *output* (``None``: standard output), which *overwrite* starts anew; events
    to the file *log* (``-``: standard error)."""

    output: str | None = None
    overwrite: bool = False
    log: str | None = None
    quiet: bool = False

    @property
    def destination(self) -> str:
        """The output, ``-`` for standard output."""
        return self.output or _STREAM

    @property
    def is_file(self) -> bool:
        """Whether the output is a file, with a journal beside it."""
        return self.destination != _STREAM and not is_stream(self.destination)


def run_and_report(settings: Settings, inputs: Sequence[str], reporting: Reporting) -> int:
    """Run *inputs*, tell people about it as *reporting* says, and return the exit code.

    Raises:
        UsageError: the run cannot start.
        OutputError: the output or the log cannot be written.
    """
    inputs = given_inputs(inputs)
    aside = checked_places(reporting, inputs, settings)
    voice = Voice(reporting.quiet)
    with ExitStack() as stack:
        tell = event_log(stack, reporting.log, voice)
        assembly = assemble(settings, os.environ, tell)
        for note in assembly.notes:
            voice.note(note)
        voice.progress = progress_line(stack, reporting.quiet)
        try:
            sink = _sink(stack, settings, assembly, reporting, voice)
        except BaseException:
            asyncio.run(assembly.backend.aclose())
            raise
        articles = read_articles(inputs, on_note=voice.note, leave_out=aside, fields=settings.fields)
        listener = Listener(voice.note, voice.problem, voice.show, tell)
        job = Job(settings, assembly, articles, sink, listener, environ=os.environ)
        return run_to_end(job, stack, voice, _way_on(reporting))


def _way_on(reporting: Reporting) -> str:
    """What an interrupted run can be told."""
    if not reporting.is_file:
        return ""
    return "; the same command" + (" without --overwrite" if reporting.overwrite else "") + " goes on from here"


class Run(Protocol):
    """A run that can be told about, in this process or on many machines."""

    @property
    def summary(self) -> Summary:
        """What came of it so far."""
        ...

    def run(self) -> Summary:
        """Do everything. Raises QuotesError, KeyboardInterrupt."""
        ...

    def interrupt(self) -> None:
        """End it as Ctrl-C does."""
        ...


def run_to_end(job: Run, stack: ExitStack, voice: Voice, way_on: str) -> int:
    """Do *job*, close *stack*, say what came of it, and return the exit code. *way_on* is said of an interruption."""
    ending: str | None = None
    _heed_signals(job)
    try:
        job.run()
    except QuotesError as error:
        ending = str(error)
    except KeyboardInterrupt:
        ending = "interrupted" + way_on
    stack.close()
    voice.note(summary_line(job.summary))
    if ending is not None:
        voice.problem(ending)
    return job.summary.exit_code


def _heed_signals(job: Run) -> None:
    """End as Ctrl-C does where a machine is going down, or a terminal goes; not where ``nohup`` was meant."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, lambda _number, _frame: job.interrupt())


def summary_line(summary: Summary) -> str:
    """*summary* as one line: articles, quotes, what went wrong, requests, tokens, cost, time. What is none is left
    out."""
    parts = [counted(summary.articles, "article"), counted(summary.quotes, "quote")]
    if summary.resumed:
        parts[0] += f" ({summary.resumed:,} from the journal)"
        parts[1] = counted(summary.quotes, "new quote")
    troubles = (
        (summary.partial, "partial"),
        (summary.failed, "failed"),
        (summary.unread, "unreadable"),
        (summary.duplicates, "with an id met before"),
    )
    parts += [f"{count:,} {word}" for count, word in troubles if count]
    if summary.asked:
        retries = f" and {'1 retry' if summary.retries == 1 else f'{summary.retries:,} retries'}"
        sent = counted(summary.asked, "request") + (retries if summary.retries else "")
        parts.append(sent + _tokens(summary.spent, at_most=summary.at_most))
    if summary.cost is not None:
        parts.append(f"{'at most ' if summary.at_most else ''}{summary.cost:,.4f} {summary.currency}")
    if summary.cached:
        parts.append(f"{summary.cached:,} from the cache{_tokens(summary.recalled)}")
    if summary.seconds >= 1:
        parts.append(_duration(int(summary.seconds)))
    return ", ".join(parts)


def _duration(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def _tokens(usage: Usage, *, at_most: bool = False) -> str:
    if not (usage.prompt_tokens or usage.completion_tokens):
        return ""
    cached = f", {usage.cached_tokens:,} of them cached there" if usage.cached_tokens else ""
    bound = "at most " if at_most else ""
    return f" ({bound}{usage.prompt_tokens:,} tokens in{cached}, {usage.completion_tokens:,} out)"


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
        try:
            if self.progress is not None:
                self.progress.say(shown)
            else:
                print(shown, file=sys.stderr)
        except OSError:  # nobody listens any more, which is no reason to end a run: what is left unsaid vanishes
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())

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


def checked_places(reporting: Reporting, inputs: Sequence[str], settings: Settings) -> tuple[Path, ...]:
    """What is no input though a folder of inputs holds it: the output, its journal and the log.

    Raises:
        UsageError: one of them is an input that was named, the output's suffix promises another format, or the log is
            a file of the run itself.
    """
    aside = []
    if reporting.log is not None and reporting.log != _STREAM:
        refuse_replacing(reporting.log, (*inputs, reporting.destination), "choose another --log-json")
        _refuse_log(reporting.log, reporting, settings)
        aside.append(real_path(reporting.log))
    if reporting.destination != _STREAM:
        refuse_bad_output(reporting.destination, inputs, OUTPUT_SUFFIXES)
        output = real_path(reporting.destination)
        aside += [output, journal_path(output)]
    return tuple(aside)


def _refuse_log(log: str, reporting: Reporting, settings: Settings) -> None:
    from quotes.cache import default_cache_path, is_address
    from quotes.run.events import refuse_log

    stores = (settings.cache, settings.record, settings.replay, default_cache_path())
    output = real_path(reporting.destination)
    refuse_log(log, (*(store for store in stores if store and not is_address(store)), journal_path(output)))


def event_log(stack: ExitStack, path: str | None, voice: Voice) -> Tell:
    """Who hears of events: the log at *path*, closed with *stack*, and whoever watches, where the command is to be
    verbose. Raises UsageError, OutputError."""
    tell: Tell = ignore
    if path is not None:
        from quotes.run.events import EventLog

        tell = stack.enter_context(EventLog(path, told=voice.problem)).tell
    if not manner().verbose:
        return tell
    from quotes.cli.narration import narrated

    return narrated(voice.note, tell)


def _sink(stack: ExitStack, settings: Settings, assembly: Assembly, reporting: Reporting, voice: Voice) -> Sink:
    destination = reporting.destination
    if destination == _STREAM:
        if sys.stdout.isatty():
            return _table_sink(voice)
        return stream_sink(sys.stdout.buffer, "standard output", settings)
    if is_stream(destination):
        try:
            stream = stack.enter_context(Path(destination).open("wb", buffering=0))  # noqa: SIM115
        except OSError as error:
            remedy = "choose another place with -o"
            raise OutputError(f"cannot be written: {error.strerror}", where=destination, remedy=remedy) from None
        return stream_sink(stream, destination, settings)
    return file_sink(
        destination,
        settings,
        assembly.fingerprint,
        assembly.options,
        overwrite=reporting.overwrite,
        write=writer_for(real_path(destination)),
    )


def _table_sink(voice: Voice) -> Sink:
    """A table of each article, in input order, for people."""
    from quotes.formats.table import article_table
    from quotes.formats.terminal import console

    to = console(sys.stdout)

    def emit(line: str) -> None:
        with voice.progress.aside() if voice.progress else nullcontext():
            to.print(article_table(json.loads(line)))

    return InOrder(lambda extraction: dumps(extraction, with_text=False), emit, SpillingMap[int]())


def progress_line(stack: ExitStack, quiet: bool) -> Progress | None:
    """The live line on a terminal, until *stack* is closed; ``None`` where there is to be none."""
    if quiet or not sys.stderr.isatty() or is_plain_terminal():
        return None
    from quotes.cli.progress import Progress

    return stack.enter_context(Progress())
