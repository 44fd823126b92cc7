"""A session: a review begun, served and ended, or its gold written without a page."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quotes.errors import QuotesError, UsageError
from quotes.formats import RECORD_SUFFIXES, check_writable, read_records
from quotes.review.desk import Desk
from quotes.review.goldfile import GoldFile, read_gold_file
from quotes.review.guard import Access
from quotes.review.page import review_page
from quotes.review.payload import progress_payload
from quotes.review.reviewed import ReviewedFile
from quotes.review.reviewing import Reviewing
from quotes.review.server import Server, application, bound, require
from quotes.review.sidecar import Decisions, Sidecar, path_of, read_sidecar
from quotes.run.output import is_stream, refuse_bad_output, refuse_foreign, refuse_replacing

_STREAM = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """What is reviewed: the records *out*, the *inputs* that hold texts they lack.

    *gold* is what is to be written of it for a scorer, *output* all records with what is decided; with *overwrite* that
    may replace anything.
    """

    out: Path
    inputs: Sequence[Path] = ()
    gold: Path | None = None
    output: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a review stands at its end: quotes *decided* of all, articles *reviewed* of all; where it is kept.

    *others* counts the articles that the gold holds of other reviews. *sidecar* is ``None`` where nothing was decided.
    """

    quotes: int
    decided: int
    articles: int
    reviewed: int
    sidecar: Path | None
    others: int = 0


Tell = Callable[[str], None]


def review(
    source: Source,
    port: int,
    on_ready: Callable[[str, str], None],
    on_problem: Callable[[QuotesError], None],
    remark: Tell,
) -> Ended:
    """Serve the review of *source* at *port* (0: any that is free) until the process is told to end.

    *on_ready* is given the address to print and one that opens a single time, for the command line of a browser, which
    others on the machine can read. *on_problem* is given the records that cannot be reviewed, *remark*
    lines for people.

    Raises:
        UsageError: a library is missing, the port is taken, another review of the same file runs, or the gold would
            replace something else.
        RecordError: the records or the decisions on them cannot be read.
        OutputError: decisions or gold cannot be written.
    """
    require()
    if source.output is not None and (str(source.output) == _STREAM or is_stream(str(source.output))):
        what = "a page writes its records again with every change, which a stream cannot take back"
        raise UsageError(what, where=str(source.output), remedy="name a file, or add --export")
    _check(source)
    with bound(port) as listening, Sidecar.open(source.out) as sidecar:
        for line in sidecar.decisions.remarks:
            remark(line)
        with _loaded(source, sidecar.decisions, on_problem) as desk:
            reviewing = Reviewing(desk, sidecar, source.gold, source.output)
            for line in reviewing.gold.remarks if reviewing.gold else ():
                remark(line)
            if reviewing.output and not reviewing.output.is_live:
                remark(f"{source.output} is written when the review ends; --export writes it at any time")
            access = Access(listening.getsockname()[1], secrets.token_urlsafe(32), secrets.token_urlsafe(32))
            page = review_page(source.out.name, source.gold.name if source.gold else None)
            server = Server(application(reviewing, access, page))
            with _ending(server.stop):
                server.run(listening, lambda: on_ready(access.address, access.ticket_address))
                if reviewing.output:
                    reviewing.output.write()
            kept = path_of(source.out) if sidecar.is_begun else None
            others = reviewing.gold.others if reviewing.gold else 0
            return Ended(**progress_payload(desk), sidecar=kept, others=others)


def export(source: Source, on_problem: Callable[[QuotesError], None], remark: Tell) -> Ended:
    """Write the gold and the output of *source* as its decisions stand, also while a review of it is running.

    Raises:
        UsageError: neither is named, or it would replace something else.
        RecordError: the records or the decisions on them cannot be read.
        OutputError: it cannot be written.
    """
    if source.gold is None and source.output is None:
        what = "--export writes gold or records, and no file is named for either"
        raise UsageError(what, remedy="add --gold gold.jsonl or -o reviewed.jsonl")
    _check(source)
    decisions = read_sidecar(path_of(source.out))
    for line in decisions.remarks:
        remark(line)
    with _loaded(source, decisions, on_problem) as desk:
        others = 0
        if source.gold is not None:
            gold = GoldFile(source.gold, decisions.origin, desk)
            for line in gold.remarks:
                remark(line)
            gold.write()
            others = gold.others
        if source.output is not None:
            ReviewedFile(source.output, desk).write()
        return Ended(**progress_payload(desk), sidecar=path_of(source.out), others=others)


def _check(source: Source) -> None:
    """Refuse, before anything is written beside the records, what could not be reviewed or would be destroyed."""
    if str(source.out) == _STREAM:
        raise UsageError("a review needs a file, to keep its decisions beside it", remedy="name the file of records")
    next(iter(read_records(source.out)), None)
    if source.gold is not None:
        refuse_replacing(source.gold, [source.out, path_of(source.out), *source.inputs], "choose another --gold")
        read_gold_file(source.gold)
        check_writable(source.gold)
    if source.output is not None:
        _check_output(source, str(source.output))


def _check_output(source: Source, output: str) -> None:
    gold = [] if source.gold is None else [source.gold]
    others = [str(path) for path in (source.out, path_of(source.out), *source.inputs, *gold)]
    refuse_bad_output(output, others, RECORD_SUFFIXES)
    check_writable(output)
    refuse_foreign(output, overwrite=source.overwrite)


@contextmanager
def _loaded(source: Source, decisions: Decisions, on_problem: Callable[[QuotesError], None]) -> Iterator[Desk]:
    desk = Desk.load(source.out, source.inputs, decisions, on_problem)
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _ending(stop: Callable[[], None]) -> Iterator[None]:
    """Within it Ctrl-C and the like call *stop* instead of ending the process: what was done is on the disk already."""
    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
