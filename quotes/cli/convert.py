"""``quotes convert``: annotated corpora and our own files to gold or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

EPILOG = """\
[bold]Layouts[/bold]

  brat       .ann beside .txt, or in folders attributions/ and text/ (PolNeAR)
  parc       .xml with attributions below the words (PARC 3)
  columns    .conll .bio .tsv: a token a line, tags B-SPEAKER, I-CUE, B-CONTENT;
             B-CONTENT-3 ties the parts of attribution 3, also over columns
  germeval   .json of the SpkAtt task: Source, Cue and PTC, Message
  csv        columns id, text, content (or quote), cue, speaker, each with
             _start and _end or just its words
  jsonl      gold of our own, and records of quotes extract

[bold]What is checked[/bold]

  Every span against the words the corpus gives with it. What does not fit
  ends the conversion with file, line and id; with --keep-going its whole
  article is told and left out, since gold that lacks a quote misjudges.
  Corpora of tokens have no text: it is rebuilt with usual white space, or
  taken from --text, where every token is looked up.

[bold]Examples[/bold]

  quotes convert polnear/data/dev gold.jsonl --dataset polnear
  quotes convert PARC3/train gold.jsonl --from parc --text wsj/
  quotes convert quotes.jsonl quotes.csv
  quotes convert reviewed.csv gold.jsonl
"""


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file, or a folder of files of one layout.")],
    out: Annotated[
        str, typer.Argument(metavar="[OUT]", help="Gold (.jsonl) or a table (.csv). Default: gold on standard output.")
    ] = "-",
    layout: Annotated[
        Literal["brat", "parc", "columns", "germeval", "csv", "jsonl"] | None,
        typer.Option("--from", help="The layout of IN. Default: told from the names of the files."),
    ] = None,
    to: Annotated[
        Literal["gold", "csv"] | None, typer.Option("--to", help="What to write. Default: told from the name of OUT.")
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option("--text", metavar="PATH", help="The articles themselves, where IN has them not beside it."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="NAME", help="What to call the corpus. Default: its layout.")
    ] = None,
    token_column: Annotated[
        int | None,
        typer.Option("--token-column", metavar="N", min=1, help="Of columns: which holds the tokens, from 1."),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Leave out articles that do not fit, and exit with 1.")
    ] = False,
) -> None:
    """Turn annotated articles into gold that quotes eval reads, or into CSV, and back.

    One JSON object an article: id, dataset, text, and quotes with content, cue and speaker as offsets into
    the text. Types are judged by the quotation marks of the text, whatever the corpus says.
    """
    from quotes.formats import check_writable
    from quotes.formats.corpora import Conversion, inputs_of
    from quotes.formats.corpora import convert as convert_corpus
    from quotes.formats.table import counted
    from quotes.run.output import refuse_replacing

    def note(line: str) -> None:
        typer.echo(f"quotes: {line}", err=True)

    refuse_replacing(out, inputs_of(source, layout, text), "choose another OUT")
    check_writable(out)
    wanted = to or ("csv" if out.lower().endswith(".csv") else "gold")
    outcome = convert_corpus(source, out, wanted, Conversion(layout, dataset, text, token_column, keep_going, note))
    left_out = f", {counted(outcome.left_out, 'article')} left out" if outcome.left_out else ""
    note(f"{counted(outcome.articles, 'article')}, {counted(outcome.quotes, 'quote')}{left_out}")
    raise typer.Exit(1 if outcome.left_out else 0)
