"""Batches as people see them: files opened, remarks and a summary on standard error, what to do next."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from quotes.cache import default_cache_path, open_store, shown_place
from quotes.cli.reporting import Voice, given_inputs
from quotes.formats import AtomicText, check_writable, read_articles
from quotes.formats.table import counted
from quotes.llm.batch import MOST_BYTES, MOST_REQUESTS
from quotes.run import Listener, Settings
from quotes.run.batch import Export, Exported, open_batch
from quotes.run.config import configured
from quotes.run.output import real_path, refuse_bad_output, refuse_other_lines
from quotes.run.replies import Import, Imported

_STREAM = "-"


def export_and_report(settings: Settings, inputs: Sequence[str], output: str | None, *, quiet: bool) -> int:
    """Export what *inputs* need into *output* (``None``: standard output), and return the exit code.

    Raises:
        QuotesError: nothing can be exported; *output* is as it was.
    """
    inputs = given_inputs(inputs)
    settings = configured(settings, os.environ)
    voice = Voice(quiet)
    aside: tuple[Path, ...] = ()
    if output not in (None, _STREAM):
        refuse_bad_output(output, inputs)
        check_writable(output)
        refuse_other_lines(output)
        aside = (real_path(output),)
    assembly, store = open_batch(settings, os.environ)
    try:
        articles = read_articles(inputs, on_note=voice.note, leave_out=aside, fields=settings.fields)
        with AtomicText(output) as out:
            export = Export(settings, assembly, store, articles, out.write, Listener(voice.note, voice.problem))
            done = export.run()
    finally:
        asyncio.run(assembly.backend.aclose())
    for line in _told_of_export(done, settings.cache or settings.record):
        voice.note(line)
    return done.exit_code


def import_and_report(
    files: Sequence[str], requests: Sequence[str], cache: str | None, base_url: str | None, *, quiet: bool
) -> int:
    """Import *files* into the store at *cache* (``None``: the user's own), and return the exit code.

    Raises:
        QuotesError: nothing can be imported, or no more; what is stored stays.
    """
    voice = Voice(quiet)
    store = open_store(cache if cache is not None else default_cache_path(), create=bool(requests))
    try:
        work = Import(store, os.environ, Listener(voice.note, voice.problem))
        work.remember(requests, base_url)
        work.take(files)
    finally:
        store.close()
    for line in _told_of_import(work.done):
        voice.note(line)
    return work.done.exit_code


def forget_and_report(cache: str | None, *, quiet: bool) -> int:
    """Drop what waits for replies in the store at *cache* (``None``: the user's own), and return the exit code.

    Raises:
        QuotesError: there is no such cache, or it cannot be written.
    """
    store = open_store(cache if cache is not None else default_cache_path(), create=False)
    try:
        keys = list(store.pending.keys())
        store.pending.forget(keys)
    finally:
        store.close()
    Voice(quiet).note(f"{counted(len(keys), 'request')} forgotten")
    return 0


def _told_of_export(done: Exported, cache: str | None) -> list[str]:
    parts = [counted(done.articles, "article")]
    parts += [f"{count:,} {word}" for count, word in ((done.failed, "failed"), (done.unread, "unreadable")) if count]
    again = f" ({done.again:,} of them exported before)" if done.again else ""
    parts += [counted(done.requests, "request") + again, f"{done.answered:,} answered already"]
    others = [f"{counted(done.others, 'request')} of other exports pending too: quotes batch forget drops them all"]
    told = others if done.others else []
    if not done.requests:
        return [", ".join(parts), *told, "nothing left to ask: quotes extract with the same options replays it"]
    parts.append(f"about {done.tokens:,} tokens in")
    where = f" --cache {shlex.quote(shown_place(cache))}" if cache else ""
    if done.requests > MOST_REQUESTS or done.size > MOST_BYTES:
        most = f"{MOST_REQUESTS:,} requests and {MOST_BYTES // 1_000_000} MB"
        told.append(f"OpenAI takes {most} in a file: split it between lines")
    return [", ".join(parts), *told, f"have them answered, then: quotes batch import REPLIES{where}"]


def _told_of_import(done: Imported) -> list[str]:
    parts = [f"{done.stored:,} {'reply' if done.stored == 1 else 'replies'} stored", f"{done.there:,} already there"]
    if done.refused:
        reasons = ", ".join(f"{count:,} {kind}" for kind, count in sorted(done.refused.items()))
        parts.append(f"{done.refused.total():,} not taken ({reasons})")
    parts.append(f"{done.pending:,} still pending")
    if not done.stored:
        return [", ".join(parts)]
    return [
        ", ".join(parts),
        "next: the same quotes batch export again, for what is open or follows from these replies",
    ]
