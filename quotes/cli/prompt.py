"""``quotes prompt``: the prompt packs, what they send, copies of them to be edited, and what is wrong with one."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from quotes.cli.options import (
    MODEL,
    PROMPT,
    BaseUrl,
    ChunkTokens,
    ContextTokens,
    Lang,
    MaxOutputTokens,
    Model,
    Structured,
)

EPILOG = """\
[bold]A pack of your own[/bold]

  quotes prompt new mine
      Copy the shipped pack, and edit the copy.

  quotes prompt check mine
      All that is wrong with it, at once: exit code 1 if there is anything,
      2 if no run could use it.

  quotes prompt show mine --article article.txt
      What would be sent for this article, and about how many tokens it is.

  quotes extract article.txt --model gpt-4.1-mini --prompt mine
"""

prompt = typer.Typer(
    help="See what a model is asked; write a prompt pack of your own, and check it.",
    epilog=EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Json = Annotated[bool, typer.Option("--json", help="JSON.")]
_Article = Annotated[
    str | None,
    typer.Option("--article", metavar="FILE", help="An article, or - for standard input; of several the first."),
]


@prompt.command(name="list")
def list_packs(as_json: _Json = False) -> None:
    """List the packs that are shipped: what each is for, its id (name and hash), and where it lies."""
    from quotes.cli.packing import list_and_report

    list_and_report(as_json=as_json)


@prompt.command()
def show(
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A shipped pack by its name, or a folder. Default: news.")
    ] = "news",
    article: _Article = None,
    chunk: Annotated[
        int | None, typer.Option("--chunk", metavar="N", min=1, help="Only request N of the article, from 1.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The bodies just as they are sent, a line each.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The bodies with their tokens, as JSON.")] = False,
    backend: Annotated[
        Literal["model", "judge", "cascade"] | None,
        typer.Option(help="Who attributes. Default: what the pack is for.", rich_help_panel=MODEL),
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    schema: Annotated[
        Literal["static", "tight"] | None,
        typer.Option(help="One response schema for all requests, or one made for each.", rich_help_panel=PROMPT),
    ] = None,
    structured: Structured = None,
    chunk_tokens: ChunkTokens = None,
    context_tokens: ContextTokens = None,
    max_output_tokens: MaxOutputTokens = None,
    lang: Lang = None,
) -> None:
    """Show the files of a pack, or with --article what is really sent for it. Nothing is sent.

    Of each conversation this is the first request: what follows depends on the reply. Tokens are estimated, as they
    are for chunks and by extract --dry-run.
    """
    from quotes.cli.packing import View, show_and_report
    from quotes.run.settings import Settings

    settings = Settings(
        prompt=pack,
        model=model,
        base_url=base_url,
        schema=schema,
        structured=structured,
        chunk_tokens=chunk_tokens,
        context_tokens=context_tokens,
        max_output_tokens=max_output_tokens,
        lang=lang,
    )
    show_and_report(settings, View(article, chunk, backend, raw, as_json), os.environ)


@prompt.command()
def new(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Where to put the copy. Nothing may be there yet.")],
    source: Annotated[
        str, typer.Option("--from", metavar="PACK", help="The pack to copy: a shipped one by its name, or a folder.")
    ] = "news",
) -> None:
    """Copy a pack, to be edited, with a README on what each file does."""
    from quotes.cli.packing import copy_and_report

    copy_and_report(source, folder)


@prompt.command()
def check(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="The folder of a pack, or the name of a shipped one.")
    ],
    article: _Article = None,
    as_json: _Json = False,
) -> None:
    """Find all that is wrong with a pack: in its files, its templates, its schema, and every example's answer.

    Examples go through what every reply goes through, each on its own text. Exits with 1 where there are faults, with 2
    where no run could use the pack; warnings alone are no fault.
    """
    from quotes.cli.packing import check_and_report

    raise typer.Exit(check_and_report(folder, article, as_json=as_json))
