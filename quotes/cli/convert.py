"""``quotes convert``: records from one format into another, annotated corpora into gold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from quotes.cli.hints import command
from quotes.cli.voice import offer, remark

if TYPE_CHECKING:
    from quotes.formats.corpora import Conversion, Outcome
    from quotes.formats.writing import Kind
    from quotes.run.output import Product

EPILOG = """\
[bold]Records[/bold]

  .jsonl .ndjson   one JSON object a line
  .json            one array
  .csv .tsv        a row an item: the article, its quotes, what was skipped
  .parquet         a row an article, nested (pip install "quotes\\[parquet]")
  .db .sqlite      SQLite with full-text search, ready for Datasette
  .html            a report; the only one that is not read back

  All but the report hold the whole record: back in .jsonl it is the same
  bytes. Every command that reads records reads all of them.

  In tables every row also has the title, date and url that its article's
  metadata give, for pivots. They are not read back.

[bold]Layouts of corpora[/bold]

  brat       .ann beside .txt, or in folders attributions/ and text/ (PolNeAR)
  parc       .xml with attributions below the words (PARC 3)
  columns    .conll .bio .tsv: a token a line, tags B-SPEAKER, I-CUE, B-CONTENT;
             B-CONTENT-3 ties the parts of attribution 3, also over columns
  germeval   .json of the SpkAtt task: Source, Cue and PTC, Message
  csv        columns id, text, content (or quote), cue, speaker, each with
             _start and _end or just its words
  jsonl      gold of our own

[bold]What is checked[/bold]

  Every span against the words the corpus gives with it. What does not fit
  ends the conversion with file, line and id; with --keep-going its whole
  article is told and left out, since gold that lacks a quote misjudges.
  Corpora of tokens have no text: it is rebuilt with usual white space, or
  taken from --text, where every token is looked up.

[bold]What is replaced[/bold]

  Records and gold that quotes has written, and reports by reports. Any other
  file only with --overwrite, and the decisions of a review never.

[bold]Examples[/bold]

  quotes convert quotes.jsonl quotes.parquet
  quotes convert quotes.jsonl quotes.db
  cat mon.jsonl tue.jsonl | quotes convert - week.csv
  quotes convert quotes.jsonl gold.csv --to gold
  quotes convert reviewed.csv gold.jsonl
  quotes convert polnear/data/dev gold.jsonl --dataset polnear
  quotes convert PARC3/train gold.jsonl --from parc --text wsj/
"""

_GOLD_SUFFIXES = (".jsonl", ".ndjson", ".csv")
_CHOOSE = "choose another OUT"


def convert(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN", help="A file of records (- for standard input), or annotations: file or folder."),
    ],
    out: Annotated[
        str, typer.Argument(metavar="[OUT]", help="What to write, as its suffix says. Default: standard output.")
    ] = "-",
    layout: Annotated[
        Literal["brat", "parc", "columns", "germeval", "csv", "jsonl", "json", "tsv", "parquet", "db"] | None,
        typer.Option("--from", help="The layout of IN. Default: told from the names of the files."),
    ] = None,
    to: Annotated[
        Literal["gold", "jsonl", "json", "csv", "tsv", "parquet", "db"] | None,
        typer.Option("--to", help="What to write. Default: told from the name of OUT; gold where IN is annotations."),
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Of records: leave the texts out.")] = False,
    text: Annotated[
        Path | None,
        typer.Option("--text", metavar="PATH", help="Of gold: the articles themselves, where IN lacks them."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", metavar="NAME", help="Of gold: what to call the corpus. Default: its layout."),
    ] = None,
    token_column: Annotated[
        int | None,
        typer.Option("--token-column", metavar="N", min=1, help="Of columns: which holds the tokens, from 1."),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Leave out articles that do not fit, and exit with 1.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT even if quotes has not written it.")
    ] = False,
) -> None:
    """Bring records into another format, or annotated articles into gold that quotes eval reads.

    Records stay whole: .csv, .parquet, .db and the others hold every span and everything else. Gold is one JSON
    object an article: id, dataset, text, and quotes with content, cue and speaker as offsets into the text. Its
    types are judged by the quotation marks of the text, whatever the corpus says.
    """
    from quotes.formats import kind_of
    from quotes.formats.corpora import Conversion, inputs_of
    from quotes.formats.rewriting import holds_records, record_kind
    from quotes.formats.table import counted
    from quotes.run.output import refuse_replacing

    def note(line: str) -> None:
        typer.echo(f"quotes: {line}", err=True)

    kind = record_kind(layout)
    records = layout not in ("brat", "parc", "columns", "germeval") and holds_records(source, kind)
    given: Any = "records" if records else layout
    refuse_replacing(out, inputs_of(source, given, text), _CHOOSE)
    told = Conversion(given, dataset, text, token_column, keep_going, note, kind)
    rewritten = records and to != "gold" and dataset is None and text is None
    if rewritten:
        outcome = _rewritten(source, out, record_kind(to), told, with_text=not no_text, overwrite=overwrite)
    else:
        outcome = _gold(source, out, to, told, no_text=no_text, overwrite=overwrite)
    left_out = f", {counted(outcome.left_out, 'article')} left out" if outcome.left_out else ""
    remark(f"{counted(outcome.articles, 'article')}, {counted(outcome.quotes, 'quote')}{left_out}")
    if rewritten and to is None and kind_of(out) and not outcome.left_out:
        offer(command("quotes", "show", out))
    raise typer.Exit(1 if outcome.left_out else 0)


def _rewritten(
    source: Path, out: str, to: Kind | None, told: Conversion, *, with_text: bool, overwrite: bool
) -> Outcome:
    """Records as records."""
    from quotes.cli.outputs import OUTPUT_SUFFIXES, is_report, writer_for
    from quotes.formats import check_kind, check_writable, kind_of, write_records
    from quotes.formats.rewriting import refuse_unknown_suffix, rewrite
    from quotes.run.output import refuse_foreign

    if to is None:
        refuse_unknown_suffix(out, OUTPUT_SUFFIXES, "a record")
    report = to is None and is_report(out)
    kind = to or kind_of(out) or "jsonl"
    if not report:
        check_kind(kind, out)
    check_writable(out)
    products: tuple[Product, ...] = ("report",) if report else ("records", "gold")
    refuse_foreign(out, products, kind=to, overwrite=overwrite, choose=_CHOOSE)
    return rewrite(
        source,
        (lambda lines: writer_for(out)(Path(out), lines))
        if report
        else (lambda lines: write_records(out, lines, kind)),
        kind=told.kind,
        with_text=with_text,
        keep_going=told.keep_going,
        note=told.note,
    )


def _gold(source: Path, out: str, to: str | None, told: Conversion, *, no_text: bool, overwrite: bool) -> Outcome:
    """Annotations, or records, as gold."""
    from quotes.errors import UsageError
    from quotes.formats import check_writable
    from quotes.formats.corpora import convert as convert_corpus
    from quotes.formats.rewriting import refuse_unknown_suffix
    from quotes.run.output import refuse_foreign

    if to not in (None, "gold", "jsonl", "csv"):
        what = f"gold is not written as {to}"
        raise UsageError(what, where=str(source), remedy="as jsonl or csv; only records have all the formats")
    if no_text:
        raise UsageError("gold needs its text", where=str(source), remedy="leave --no-text out, which is for records")
    if to is None:
        refuse_unknown_suffix(out, _GOLD_SUFFIXES, "gold")
    check_writable(out)
    as_table = to == "csv" or (to in (None, "gold") and out.lower().endswith(".csv"))
    kind: Kind = "csv" if as_table else "jsonl"
    refuse_foreign(out, ("records", "gold"), kind=kind, overwrite=overwrite, choose=_CHOOSE)
    return convert_corpus(source, out, "csv" if as_table else "gold", told)
