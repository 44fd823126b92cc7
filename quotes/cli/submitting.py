"""Batches at a service as people see them: where the text goes, what was created, how it stands, what to do next."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from quotes.cache import default_cache_path, open_store, shown_place
from quotes.cli.reporting import Voice, given_inputs, one_line
from quotes.errors import RequestFailed, UsageError
from quotes.formats import read_articles
from quotes.formats.table import counted
from quotes.llm.address import endpoint_label
from quotes.llm.service import BatchService
from quotes.run import Listener, Settings
from quotes.run.batch import open_batch
from quotes.run.collection import Cancellation, Collected, Collection
from quotes.run.config import configured
from quotes.run.connecting import connect_batches
from quotes.run.submission import Limits, Submission, Submitted
from quotes.run.submitted import BusyError, Part, Submissions, alone_with, seen, state_path

_GROWTH: Final = 1.5
_MOST_GROWN: Final = 10.0
"""How much longer the time between two looks becomes with each, and at the end."""

_INTERRUPTED: Final = 130
_COLUMNS: Final = ("part", "batch", "status", "done/failed/total", "submitted")


def submit_and_report(
    settings: Settings, inputs: Sequence[str], limits: Limits, state: str | None, *, quiet: bool
) -> int:
    """Submit what *inputs* need, and return the exit code. *state* is where that is written down (``None``: beside the
    cache).

    Raises:
        QuotesError: nothing can be submitted, or no more; what was created is written down.
    """
    inputs = given_inputs(inputs)
    settings = configured(settings, os.environ)
    voice = Voice(quiet)
    with ExitStack() as stack:
        service, base_url = connect_batches(settings, os.environ)
        stack.callback(service.close)
        # The export needs no key, and is given none.
        bare = replace(settings, api_key_env=None, endpoint=replace(settings.endpoint, header_env={}))
        assembly, store = open_batch(bare, os.environ)
        stack.callback(lambda: asyncio.run(assembly.backend.aclose()))
        place = Path(state).expanduser() if state is not None else state_path(_cache(settings))
        parts = stack.enter_context(alone_with(place))
        for note in assembly.notes:
            voice.note(note)
        aside = (place.resolve(),)
        articles = read_articles(inputs, on_note=voice.note, leave_out=aside, fields=settings.fields)
        listener, label = Listener(voice.note, voice.problem), endpoint_label(base_url)
        work = Submission(bare, assembly, store, parts, service, label, articles, listener, limits)
        code = 0
        try:
            work.run()
        except KeyboardInterrupt:
            voice.problem("interrupted; the same command goes on from here")
            code = _INTERRUPTED
        finally:
            for line in _told_of_submission(work.done, settings.cache, state):
                voice.note(line)
    return code or work.done.exit_code


def status_and_report(settings: Settings, state: str | None, *, as_json: bool) -> int:
    """Print how the batches stand, and return the exit code.

    Raises:
        QuotesError: the service cannot be asked, or the state not be read.
    """
    settings = configured(settings, os.environ)
    voice = Voice(quiet=False)
    parts = Submissions(_place(settings, state)).parts
    if any(part.is_under_way for part in parts):
        service, base_url = connect_batches(settings, os.environ)
        try:
            parts = [_refreshed(part, service, endpoint_label(base_url), voice) for part in parts]
        finally:
            service.close()
    if as_json:
        shown = {"parts": [{name: value for name, value in asdict(part).items() if name != "keys"} for part in parts]}
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    else:
        sys.stdout.write("".join(line + "\n" for line in _table(parts)))
    return 0


def collect_and_report(settings: Settings, state: str | None, interval: float | None, *, quiet: bool) -> int:
    """Collect what has ended, or all, looking every *interval* seconds and ever less often; return the exit code.

    Raises:
        QuotesError: nothing can be collected, or no more; what was stored stays.
    """
    settings = configured(settings, os.environ)
    voice = Voice(quiet)
    place = _place(settings, state)
    if not place.exists():
        raise UsageError("nothing was submitted", where=str(place), remedy="give the --cache or --state of the submit")
    service, base_url = connect_batches(settings, os.environ)
    store = open_store(_cache(settings), create=False)
    try:
        variables = [name for name in (settings.api_key_env, *settings.endpoint.header_env.values()) if name]
        label = endpoint_label(base_url)

        def look() -> Collected:
            with alone_with(place) as parts:
                _tell_others(parts.parts, label, voice)
                listener = Listener(voice.note, voice.problem)
                return Collection(store, parts, service, label, listener, os.environ, variables).run()

        done = look() if interval is None else _until_ended(look, interval, voice)
    except KeyboardInterrupt:
        voice.problem("interrupted; the batches go on, and what was taken stays: quotes batch collect again")
        return _INTERRUPTED
    finally:
        store.close()
        service.close()
    for line in _told_of_collection(done, settings.cache, state):
        voice.note(line)
    return done.exit_code


def cancel_and_report(settings: Settings, state: str | None, names: Sequence[str], *, drop: bool, quiet: bool) -> int:
    """Cancel the batches of *names* (none: all under way), and return the exit code.

    Raises:
        UsageError: a name is none of a part under way.
        QuotesError: the service cannot be asked.
    """
    settings = configured(settings, os.environ)
    voice = Voice(quiet)
    if drop and not names:
        raise UsageError("which parts are to be dropped?", where="--drop", remedy="name them; see quotes batch status")
    service, base_url = connect_batches(settings, os.environ)
    try:
        with alone_with(_place(settings, state)) as parts:
            label = endpoint_label(base_url)
            chosen = _chosen(parts.under_way(label), names)
            work = Cancellation(parts, service, Listener(voice.note, voice.problem))
            work.run(chosen, drop=drop)
    finally:
        service.close()
    if not chosen:
        voice.note("nothing is under way")
    elif not drop:
        voice.note("next: quotes batch collect takes what was answered until then")
    return 1 if work.troubled else 0


def _until_ended(look: Callable[[], Collected], interval: float, voice: Voice) -> Collected:
    """What *look* comes to once nothing more can come. Ctrl-C ends it between two looks; all that was taken stays."""
    wait, done, told = interval, Collected(), 0
    while True:
        try:
            done += look()
        except BusyError as error:
            voice.note(str(error))
        else:
            if not done.goes_on:
                return done
        if done.goes_on != told:
            voice.note(f"{_batches(done.goes_on)} under way, next look in {wait:g} s")
            told = done.goes_on
        time.sleep(wait)
        wait = min(wait * _GROWTH, interval * _MOST_GROWN)


def _batches(count: int) -> str:
    return f"{count:,} {'batch' if count == 1 else 'batches'}"


def _cache(settings: Settings) -> str | Path:
    return settings.cache if settings.cache is not None else default_cache_path()


def _place(settings: Settings, state: str | None) -> Path:
    """Where it stands what was submitted."""
    return Path(state).expanduser() if state is not None else state_path(_cache(settings))


def _refreshed(part: Part, service: BatchService, label: str, voice: Voice) -> Part:
    """*part* as the service says it stands; as it was where that says nothing, or is not asked about it."""
    if part.batch is None or part.closed or part.endpoint != label:
        return part
    try:
        return replace(part, **seen(part, service.retrieve(part.batch)))
    except RequestFailed as error:
        voice.problem(f"part {part.number}: {error}")
        return replace(part, status=f"{part.status}?")


def _chosen(parts: Sequence[Part], names: Sequence[str]) -> list[Part]:
    """The *parts* of *names*, which are ids or numbers; all where there are none."""
    if not names:
        return list(parts)
    by_name = {str(part.number): part for part in parts} | {part.batch: part for part in parts if part.batch}
    for name in names:
        if name not in by_name:
            remedy = "quotes batch status shows them"
            raise UsageError("no batch or part of this name is under way", where=one_line(name), remedy=remedy)
    return list(dict.fromkeys(by_name[name] for name in names))


def _table(parts: Sequence[Part]) -> list[str]:
    rows = [_COLUMNS, *(_row(part) for part in parts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(part: Part) -> tuple[str, ...]:
    status = f"{part.status}, collected" if part.closed and part.status != "dropped" else part.status
    at = part.submitted or part.sent
    submitted = "–" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")
    return str(part.number), part.batch or "–", status, f"{part.done:,}/{part.failed:,}/{part.total:,}", submitted


def _tell_others(parts: Sequence[Part], label: str, voice: Voice) -> None:
    others = sorted({part.endpoint for part in parts if part.is_under_way and part.endpoint != label})
    for endpoint in others:
        voice.note(f"batches at {endpoint} are left alone: give its --base-url to collect them")


def _told_of_submission(done: Submitted, cache: str | None, state: str | None) -> list[str]:
    out = done.exported
    parts = [counted(out.articles, "article")]
    parts += [f"{count:,} {word}" for count, word in ((out.failed, "failed"), (out.unread, "unreadable")) if count]
    created = sum(part.requests for part in done.created)
    submitted = f"{counted(created, 'request')} submitted in {_batches(len(done.created))}"
    parts.append(submitted if created else "nothing submitted")
    parts += [f"{out.under_way:,} under way already"] if out.under_way else []
    parts += [f"{done.refused:,} not submitted"] if done.refused else []
    parts.append(f"{out.answered:,} answered already")
    told = [", ".join(parts)]
    for part in done.found:
        requests = counted(part.requests, "request")
        told.append(f"part {part.number}: {requests} in batch {part.batch}, which was there already, {part.status}")
    if out.requests:
        told[0] += f", about {out.tokens:,} tokens in"
    options = _options(cache, state)
    if done.created or done.found or out.under_way:
        told.append(f"next: quotes batch collect --wait{options}")
    elif out.articles and not (done.refused or out.requests):
        told.append("nothing left to ask: quotes extract with the same options replays it")
    return told


def _told_of_collection(done: Collected, cache: str | None, state: str | None) -> list[str]:
    parts = [f"{done.stored:,} {'reply' if done.stored == 1 else 'replies'} stored"]
    parts += [f"{done.there:,} already there"] if done.there else []
    parts.append(f"{_batches(done.ended)} ended")
    for count, word in ((done.under_way, "under way"), (done.unheard, "not heard of"), (done.lost, "lost")):
        parts += [f"{count:,} {word}"] if count else []
    parts += [f"{counted(done.open, 'request')} without an answer"] if done.open else []
    told = [", ".join(parts)]
    if done.goes_on:
        told.append(f"next: quotes batch collect --wait{_options(cache, state)}")
    elif done.ended:
        told.append("next: the same quotes batch submit again, for what is open or follows from these replies")
    elif not (done.unclear or done.lost):
        told.append("nothing is under way")
    return told


def _options(cache: str | None, state: str | None) -> str:
    given = (("--cache", cache and shown_place(cache)), ("--state", state))
    return "".join(f" {option} {shlex.quote(value)}" for option, value in given if value)
