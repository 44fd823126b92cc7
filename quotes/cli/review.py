"""``quotes review``: the report that can be corrected, on a page of this machine's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotes.cli.voice import offer, remark

EPILOG = """\
[bold]What is kept[/bold]

  Every change is on the disk before the page says “Saved”, in a file beside
  OUT: quotes.jsonl.review.jsonl. It only grows, one line a decision, so undo
  has no end. Decisions belong to the text and the words decided on: extract
  again with another model, review again, and they hold for every quote that
  stands where it stood. What you accepted, corrected or added stays even
  where the new run has nothing.

[bold]What becomes gold[/bold]

  An article counts as reviewed once every quote of it is accepted or
  rejected and every unresolved quotation is classed, or once it is called
  done. Done covers what stands there: what a later run finds beside that
  is open again. --gold holds these articles at all times; --export writes
  it and leaves, without a page. Several reviews can share one --gold, each
  keeps its own lines.

[bold]What becomes of the records[/bold]

  They stay as they are. --output writes all of them again with what you
  decided, in whatever format its name means: speakers, show, report, convert,
  verify and eval read it. Rejected quotes are gone; what you accepted, changed
  or added is by “person” and of high confidence; what is undecided is as the
  run had it. The file is written with every change, above 4 MB of records and
  as .parquet or .db when the review ends; --export writes it at any time.

[bold]Who gets in[/bold]

  The page is served to this machine only, at an address with a token in it
  that is new each time. Whoever has the address can change the review. The
  browser that is opened for you gets another one, which works once.

[bold]Examples[/bold]

  quotes review quotes.jsonl
  quotes review quotes.jsonl --gold gold.jsonl
  quotes review quotes.jsonl --gold gold.jsonl --export
  quotes eval gold.jsonl quotes.jsonl
  quotes review quotes.jsonl -o reviewed.jsonl
  quotes speakers reviewed.jsonl
"""


def review(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A file of records.")],
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--input", metavar="INPUT", help="Where the articles are, for records made with --no-text."),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", metavar="FILE", help="Write what is reviewed there, as gold for quotes eval."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="REVIEWED", help="Write all records there, with what is decided."),
    ] = None,
    export: Annotated[
        bool, typer.Option("--export", help="Write --gold and --output from the decisions made so far, and leave.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace --output even if it holds no records of quotes.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port to serve at. Default: a free one.")
    ] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address, and open no browser.")] = False,
) -> None:
    """Accept, correct and add quotes on a local page; every change is saved at once, beside OUT.

    The least sure come first. Ctrl-C ends it. Needs the extra: quotes\\[review].
    """
    import sys

    from quotes.cli.hints import command
    from quotes.errors import QuotesError
    from quotes.formats.table import counted
    from quotes.review.session import Source
    from quotes.review.session import export as export_gold
    from quotes.review.session import review as review_records

    problems = 0

    def tell(error: QuotesError) -> None:
        nonlocal problems
        problems += 1
        typer.echo(f"quotes: {error}", err=True)

    def ready(address: str, once: str) -> None:
        typer.echo(address)
        sys.stdout.flush()
        if not no_open and sys.stderr.isatty():
            import webbrowser

            webbrowser.open(once)
        remark("open this address in a browser of this machine; Ctrl-C ends the review, all is saved as you go")

    source = Source(out, tuple(inputs or ()), gold, output, overwrite)
    if export:
        ended = export_gold(source, tell, remark)
    else:
        ended = review_records(source, port, ready, tell, remark)
        kept = f", kept in {ended.sidecar}" if ended.sidecar else ""
        remark(f"{ended.decided:,} of {counted(ended.quotes, 'quote')} reviewed{kept}")
    steps = []
    if output is not None:
        remark(f"{counted(ended.articles, 'article')} as reviewed in {output}")
        steps.append(command("quotes", "speakers", output))
    if gold is not None:
        others = f", beside {ended.others:,} by other reviews" if ended.others else ""
        remark(f"{counted(ended.reviewed, 'reviewed article')} in {gold}{others}")
        steps.append(command("quotes", "eval", gold, out))
    if not steps and not problems:
        steps.append(command("quotes", "review", out, "-o", "reviewed.jsonl", "--export"))
    if steps:
        offer("   or   ".join(steps))
    raise typer.Exit(1 if problems else 0)
