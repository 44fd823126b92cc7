"""`quotes show`: the article in the terminal, its quotes highlighted."""

from pathlib import Path
from typing import Annotated

import typer

from quotes.cli.options import IdField, TextField


def show(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A file of records (- for standard input).")],
    article_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The article to show; without it all are listed.")
    ] = None,
    original: Annotated[
        list[Path] | None,
        typer.Option("--input", metavar="INPUT", help="Where the article is, for records made with --no-text."),
    ] = None,
    text_field: TextField = None,
    id_field: IdField = None,
) -> None:
    """Show an article with its quotes, speakers and cues highlighted, and the list of its quotes.

    In a pipe, and without colours, quotes stand in brackets with their number. NO_COLOR and FORCE_COLOR are heard.
    """
    import sys

    from quotes.errors import QuotesError
    from quotes.formats.reading import Fields
    from quotes.formats.showing import show as show_records

    damaged = False

    def tell(error: QuotesError) -> None:
        nonlocal damaged
        damaged = True
        typer.echo(f"quotes: {error}", err=True)

    show_records(out, article_id, original or (), sys.stdout, on_damaged=tell, fields=Fields(text_field, id_field))
    if damaged:
        raise typer.Exit(1)
