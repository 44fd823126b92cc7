"""``quotes batch``: requests out for somebody else to answer, or to a Batch service; replies back into the cache."""

from __future__ import annotations

from typing import Annotated

import typer

from quotes.cli.options import (
    CACHE,
    IO,
    Backend,
    BaseUrl,
    Cache,
    ChunkTokens,
    Config,
    ContextTokens,
    IdField,
    Inputs,
    Lang,
    Limit,
    MaxOutputTokens,
    Model,
    NoTemperature,
    Profile,
    Prompt,
    Quiet,
    Schema,
    Structured,
    Temperature,
    TextField,
)
from quotes.cli.service import cancel, collect, status, submit

EPILOG = """\
[bold]A round[/bold]

  quotes batch export news/ -o requests.jsonl --model gpt-4.1-mini
      Write what the cache lacks. Nothing is sent.

  …have it answered, by a batch service, a script, or a person…

  quotes batch import replies.jsonl errors.jsonl
      Take the replies. Lines may come in any order, in any number of files.

  quotes batch export news/ -o requests.jsonl --model gpt-4.1-mini
      What follows from them. Repeat until nothing is left to ask, then

  quotes extract news/ -o quotes.jsonl --model gpt-4.1-mini
      replays it all, with the same options, for nothing.

[bold]A round at a service with a Batch API[/bold]

  quotes batch submit news/ --model gpt-4.1-mini
      Upload what the cache lacks, and start its batches. Given again it
      submits what is new, and nothing twice.

  quotes batch collect --wait
      Take the replies. Then submit again, until nothing is left to ask.
"""

batch = typer.Typer(
    help="Have requests answered elsewhere: by a batch service, another program, a person.",
    epilog=EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@batch.command()
def export(
    inputs: Inputs = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write the requests here, whole or not at all. Default: standard output.",
            rich_help_panel=IO,
        ),
    ] = None,
    text_field: TextField = None,
    id_field: IdField = None,
    limit: Limit = None,
    lang: Lang = None,
    quiet: Quiet = False,
    backend: Backend = None,
    model: Model = None,
    base_url: BaseUrl = None,
    config: Config = None,
    profile: Profile = None,
    prompt: Prompt = None,
    chunk_tokens: ChunkTokens = None,
    context_tokens: ContextTokens = None,
    max_output_tokens: MaxOutputTokens = None,
    temperature: Temperature = None,
    no_temperature: NoTemperature = False,
    schema: Schema = None,
    structured: Structured = None,
    cache: Cache = None,
) -> None:
    """Write the requests that the cache lacks, as lines for the Batch API of OpenAI and its likes.

    The custom_id of each is its key in the cache, and its body what extract would send with the same options.
    Of a conversation only the next request is known: import its reply, then export again.
    """
    from quotes.run.settings import Settings

    settings = Settings(
        backend=backend,
        model=model,
        base_url=base_url,
        config=config,
        profile=profile,
        prompt=prompt,
        cache=cache,
        chunk_tokens=chunk_tokens,
        context_tokens=context_tokens,
        max_output_tokens=max_output_tokens,
        temperature=temperature,
        no_temperature=no_temperature or None,
        schema=schema,
        structured=structured,
        lang=lang,
        limit=limit,
        text_field=text_field,
        id_field=id_field,
    )
    from quotes.cli.rounds import export_and_report

    raise typer.Exit(export_and_report(settings, inputs or [], output, quiet=quiet))


@batch.command(name="import")
def import_replies(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="REPLIES",
            help="Output and error files of a batch, or lines with custom_id and content; - for standard input.",
            show_default=False,
        ),
    ],
    requests: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Requests as they were exported, where the cache does not know them: another one, or another machine.",
            rich_help_panel=CACHE,
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The endpoint --requests were exported for.", rich_help_panel=CACHE),
    ] = None,
    cache: Cache = None,
    quiet: Quiet = False,
) -> None:
    """Take replies into the cache, by their custom_id.

    Each is judged as one that came over the network: refusals and replies cut short are kept.
    Failures that may pass are not, and their requests stay pending.
    Of two replies to one request the first is kept.
    """
    from quotes.cli.rounds import import_and_report

    raise typer.Exit(import_and_report(files, requests or [], cache, base_url, quiet=quiet))


@batch.command()
def forget(cache: Cache = None, quiet: Quiet = False) -> None:
    """Drop the requests that wait for their replies, as after a change of prompt. Replies are kept."""
    from quotes.cli.rounds import forget_and_report

    raise typer.Exit(forget_and_report(cache, quiet=quiet))


batch.command()(submit)
batch.command()(status)
batch.command()(collect)
batch.command()(cancel)
