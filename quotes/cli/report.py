"""``quotes report``: files of records as a page to read, filter and link to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotes.cli.options import IO, IdField, TextField
from quotes.cli.voice import remark

EPILOG = """\
[bold]The page[/bold]

  One HTML file that needs no network and no server: each article with its
  quotes marked and coloured by speaker, a card for each quote beside it,
  filters, search, and what was left out with the reasons. Press ? on it
  for its keys. A selected quote and a filtered view are in the address,
  so that both can be linked to.

  Above 200 articles REPORT is an index with a search, and the articles are
  in the folder REPORT_files beside it. Move the two together.

[bold]Examples[/bold]

  quotes report quotes.jsonl
      Writes quotes.html.

  quotes report mon.jsonl tue.jsonl -o week.html --title "This week" --open

  quotes report quotes.jsonl --input news/
      For records that were made with --no-text.

  quotes extract article.txt | quotes report - > article.html
"""


def report(
    outs: Annotated[
        list[str],
        typer.Argument(metavar="OUT...", help="Files of records (- for standard input).", show_default=False),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="REPORT",
            help="Where to write the page (- for standard output). Default: OUT with .html for its suffix; standard "
            "output where OUT is standard input.",
            show_default=False,
            rich_help_panel=IO,
        ),
    ] = None,
    original: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            metavar="INPUT",
            help="Where the articles are, for records made with --no-text.",
            rich_help_panel=IO,
        ),
    ] = None,
    text_field: TextField = None,
    id_field: IdField = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar="TEXT",
            help="The heading of the page. Default: from the name of OUT.",
            rich_help_panel=IO,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace REPORT even if quotes has not written it.", rich_help_panel=IO),
    ] = False,
    show: Annotated[
        bool, typer.Option("--open", help="Open the page in your browser when it is written.", rich_help_panel=IO)
    ] = False,
) -> None:
    """Write a page that shows articles with their quotes and speakers: one file, no network.

    A report is replaced by the next one of its name; any other file is not. Exits with 1 where a line is no record,
    an article has two, or an original is missing; all the others are shown. Without any record nothing is written.
    """
    from itertools import chain

    from quotes.errors import QuotesError
    from quotes.formats.reading import Fields
    from quotes.formats.table import counted
    from quotes.report.reading import read_items
    from quotes.report.site import write_report
    from quotes.run.output import refuse_foreign, refuse_replacing

    to = output or _beside(outs[0])
    refuse_replacing(to, [*outs, *(original or ())])
    _refuse_other_formats(to)
    refuse_foreign(to, ("report",), overwrite=overwrite)
    problems = 0

    def tell(error: QuotesError) -> None:
        nonlocal problems
        problems += 1
        typer.echo(f"quotes: {error}", err=True)

    items = read_items(outs, original or (), on_problem=tell, fields=Fields(text_field, id_field))
    begun = next(items, None)
    if begun is None:
        # The wrong file was named, mostly: an older report is worth more than an empty one.
        remark("no report was written")
        raise typer.Exit(1)
    outcome = write_report(chain([begun], items), to, title=title or _title(outs))
    pages = f", {counted(outcome.pages, 'page')} in {outcome.folder}" if outcome.folder is not None else ""
    told = f"{counted(outcome.articles, 'article')}, {counted(outcome.quotes, 'quote')}"
    remark(f"{told}{pages}{'' if to == _STREAM else f', in {to}'}")
    if outcome.larges:
        first = outcome.large[0]
        remark(
            f"{counted(outcome.larges, 'page')} of over 1 MB, as one article alone is longer, "
            f"such as {first.path} ({first.size / 1e6:.1f} MB)"
        )
    if show and to != _STREAM:
        typer.launch(Path(to).resolve().as_uri())
    raise typer.Exit(1 if problems else 0)


_STREAM = "-"
_PAGES = (".html", ".htm")


def _beside(first: str) -> str:
    return _STREAM if first == _STREAM else str(Path(first).with_suffix(".html"))


def _title(outs: list[str]) -> str:
    names = [Path(out).stem for out in outs if out != _STREAM]
    return f"Quotes in {', '.join(names)}" if names and len(names) <= 3 else "Quotes"


def _refuse_other_formats(to: str) -> None:
    """Refuse a name that means another format than a page: records, or articles.

    Raises:
        UsageError: it does.
    """
    from quotes.errors import UsageError
    from quotes.formats import RECORD_SUFFIXES, SUFFIXES
    from quotes.formats.reading import suffix_of
    from quotes.run.output import real_path

    suffix = suffix_of(real_path(to).name)
    if suffix in RECORD_SUFFIXES:
        what, remedy = f"a report is no {suffix}", "name it .html, or write records with quotes convert"
        raise UsageError(what, where=to, remedy=remedy)
    if suffix in SUFFIXES and suffix not in _PAGES:
        raise UsageError(f"a report is no {suffix}", where=to, remedy="name it .html")
