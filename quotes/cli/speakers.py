"""``quotes speakers``: who is quoted how much, over one or many files of records."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from quotes.cli.options import Language
from quotes.cli.voice import remark

EPILOG = """\
[bold]What a range means[/bold]

  Some quotes have no name: a pronoun that could not be resolved ("he
  said"), no speaker printed, a quotation that stayed unresolved. They are
  never guessed. 12–15 means: 12 are sure, and 3 more stand in articles
  that print the last word of this name, so any of them may belong here.
  Figures to publish: "at least 12". The columns quotes_at_most and so on
  of --csv and --json hold the upper ends.

[bold]Who is one speaker[/bold]

  Within an article all forms of a name are one speaker, under the fullest
  that it prints. Over articles only equal names are: "Mara Ruiz" in one
  and "Ms. Ruiz" in another stay apart until an alias file says they are
  one. Groups ("officials") are counted by their words, whoever they are.

[bold]Examples[/bold]

  quotes speakers quotes.jsonl
  quotes speakers mon.jsonl tue.jsonl --csv -o week.csv
  quotes speakers quotes.jsonl --by kind
  quotes speakers quotes.jsonl --by speaker --by type
  quotes speakers quotes.jsonl --suggest-aliases -o aliases.toml
  quotes speakers quotes.jsonl --aliases aliases.toml
"""


class ByChoice(StrEnum):
    """What rows can be told apart by."""

    SPEAKER = "speaker"
    KIND = "kind"
    TYPE = "type"
    ARTICLE = "article"


def speakers(
    outs: Annotated[
        list[Path],
        typer.Argument(metavar="OUT...", help="Files of records (- for standard input)."),
    ],
    by: Annotated[
        list[ByChoice] | None,
        typer.Option("--by", help="What to count by. May be repeated: a row for each combination. Default: speaker."),
    ] = None,
    aliases: Annotated[
        Path | None,
        typer.Option("--aliases", metavar="FILE", help="TOML that says which names are one speaker."),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option("--suggest-aliases", help="Write a draft of such a file instead of counts. Read it over."),
    ] = False,
    lang: Annotated[
        Language,
        typer.Option("--lang", help="Language of the titles in names, for the draft."),
    ] = "en",
    csv: Annotated[
        bool, typer.Option("--csv", help="CSV. Cells that a spreadsheet could run start with an apostrophe.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON: totals and rows.")] = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write. Default: standard output.")
    ] = None,
) -> None:
    """Count quotes and words per speaker; what is open makes a count a range.

    Share is of all quotes in OUT. A quote within a quote counts for both speakers. Exits with 1 where a
    line is no record or an article has two; the others are counted. Without any nothing is written.
    """
    from quotes.errors import QuotesError, UsageError
    from quotes.formats import AtomicText, check_writable
    from quotes.formats.fitting import Fitted
    from quotes.formats.terminal import console
    from quotes.run.output import refuse_replacing
    from quotes.speakers import suggest_aliases
    from quotes.speakers.counting import count_speakers
    from quotes.speakers.showing import as_csv, as_json, as_table, closing_lines

    if csv + json + suggest > 1:
        raise UsageError("--csv, --json and --suggest-aliases exclude each other", remedy="choose one")
    if suggest and aliases:
        raise UsageError("a draft is made without --aliases", remedy="leave one of the two out")
    if output is not None:
        refuse_replacing(output, [*outs, *([aliases] if aliases else [])])
    check_writable(output)
    problems = 0

    def tell(error: QuotesError) -> None:
        nonlocal problems
        problems += 1
        typer.echo(f"quotes: {error}", err=True)

    tally = count_speakers(outs, tuple(one.value for one in by or (ByChoice.SPEAKER,)), aliases, on_problem=tell)
    if problems and not tally.totals.articles:
        raise typer.Exit(1)
    with AtomicText(output) as to:
        if suggest:
            to.write(suggest_aliases(tally.names(), lang))
        elif csv:
            to.write(as_csv(tally.by, tally.rows()))
        elif json:
            to.write(as_json(tally.by, tally.rows(), tally.totals))
        else:
            import io
            import sys

            shown = io.StringIO()
            console(sys.stdout if output is None else shown).print(Fitted(as_table(tally.by, tally.rows())))
            to.write(shown.getvalue())
    for line in closing_lines(tally.totals):
        remark(line)
    raise typer.Exit(1 if problems else 0)
