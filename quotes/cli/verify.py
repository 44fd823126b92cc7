"""`quotes verify`: every span of every record against the text."""

from pathlib import Path
from typing import Annotated

import typer

from quotes.cli.options import IdField, Jobs, TextField


def verify(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A file of records (- for standard input).")],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="INPUT", help="The originals, given as they were to extract."),
    ] = None,
    text_field: TextField = None,
    id_field: IdField = None,
    jobs: Jobs = None,
) -> None:
    """Check every span, type and quotation of OUT against the originals, or without these against the text it holds.

    Prints a line for each problem and a closing count. Exits with 1 where there was a problem.
    """
    from quotes.formats.reading import Fields
    from quotes.formats.verification import Look, look_at_each
    from quotes.formats.verification import verify as verify_records

    look: Look = look_at_each
    if jobs not in (None, 1):
        from quotes.run.checks import looking
        from quotes.run.cores import processes

        look = looking(processes(jobs) or 1)
    tally = verify_records(
        out,
        inputs or (),
        on_problem=typer.echo,
        on_unreadable=lambda error: typer.echo(f"quotes: {error}", err=True),
        fields=Fields(text_field, id_field),
        look=look,
    )
    typer.echo(str(tally))
    if tally.problems:
        raise typer.Exit(1)
