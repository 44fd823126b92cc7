"""A dry run as people see it: what would be asked and what that would cost, a few lines on standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from quotes.cli.reporting import Reporting, Voice, checked_places, event_log, given_inputs
from quotes.formats import AtomicText, read_articles
from quotes.formats.table import counted
from quotes.run import Listener, Settings
from quotes.run.planning import Plan, plan

_NO_PRICES = "unknown (a quotes.toml can tell what a model costs)"
_ON_TOP = "Repairs, halves of chunks cut short and marks asked again come on top where replies call for them."


def plan_and_report(settings: Settings, inputs: Sequence[str], reporting: Reporting) -> int:
    """Tell what a run over *inputs* would ask for, and return the exit code. Nothing is sent, stored or put out.

    Raises:
        UsageError: the run could not start.
    """
    inputs = given_inputs(inputs)
    aside = checked_places(reporting, inputs, settings)
    voice = Voice(reporting.quiet)
    with ExitStack() as stack:
        tell = event_log(stack, reporting.log, voice)
        articles = read_articles(inputs, on_note=voice.note, leave_out=aside, fields=settings.fields)
        found = plan(settings, os.environ, articles, Listener(voice.note, voice.problem))
        tell("plan", found.figures)
    with AtomicText(None, stdout=sys.stdout.buffer) as out:
        out.write("".join(line + "\n" for line in lines_of(found)))
    return found.exit_code


def lines_of(found: Plan) -> list[str]:
    """*found* in words, a figure a line."""
    articles = counted(found.articles, "article")
    passed_over = ((found.unread, "unreadable"), (found.failed, "failed"))
    articles += "".join(f", {count:,} {word}" for count, word in passed_over if count)
    if not found.asks:
        return [articles, "nothing to ask: the rules need no model"]
    asked = f"{articles}, {counted(found.chunks, 'chunk')}"
    answered = f", {found.answered:,} answered by the cache" if found.answered else ""
    requests = f"requests:    {found.requests:,}{answered}"
    if not found.requests:
        return [asked, requests, "nothing left to ask: the cache has it all"]
    price = _NO_PRICES
    if found.cost is not None:
        price = f"about {found.cost:,.4f} {found.currency}, if every reply is as long as it may be"
    return [
        asked,
        requests,
        f"tokens in:   about {found.tokens_in:,}, without schemas",
        f"tokens out:  at most {found.tokens_out:,}",
        f"price:       {price}",
        _ON_TOP,
    ]
