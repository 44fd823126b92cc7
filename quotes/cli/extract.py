"""``quotes extract``: the options of the main job, and their help."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import typer

EPILOG = """\
[bold]Examples[/bold]

  quotes extract article.txt
      The built-in rules: no model, no network. A table on a terminal.

  quotes extract news/ -o quotes.jsonl --model gpt-4.1-mini
      A folder, through OpenAI (key in OPENAI_API_KEY), one record a line.

  quotes extract in.jsonl -o out.jsonl --base-url http://127.0.0.1:8080/v1 --model qwen
      Any OpenAI-compatible server. The same command again goes on after an
      interruption, and costs nothing once all replies are in the cache.

  quotes extract news/ --model qwen --base-url http://127.0.0.1:8080/v1 --record replies/
  quotes extract news/ --replay replies/
      Record all replies into a folder; replay them anywhere without a network.

  cat article.txt | quotes extract - --type direct --speaker ruiz | jq .quotes

[bold]Exit codes[/bold]

  0 all well · 1 an article or input failed, or is partial · 2 wrong usage
  3 a replay misses a reply · 4 endpoint or output unusable · 130 interrupted
"""

_IO = "Input and output"
_MODEL = "Model"
_PROMPT = "Prompt"
_CACHE = "Cache and replay"
_SELECT = "Which quotes to write"


class TypeChoice(StrEnum):
    """The types of quotes, as an enumeration: Typer takes no list of literals."""

    direct = "direct"
    indirect = "indirect"
    mixed = "mixed"


def extract(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            help="Files (.txt, .md, .jsonl with id and text), folders of them, or - for standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write records here (JSONL), in input order. OUT.part keeps what is finished until all is; "
            "the same command goes on from it. Default: standard output, a table on a terminal.",
            rich_help_panel=_IO,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Stop after N articles.", rich_help_panel=_IO)
    ] = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Leave the article's text out of the records.", rich_help_panel=_IO)
    ] = False,
    lang: Annotated[
        Literal["en", "de", "fr", "es"] | None,
        typer.Option(
            help="The language of the articles. Default: guessed for each.", show_default=False, rich_help_panel=_IO
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only errors on standard error.", rich_help_panel=_IO)
    ] = False,
    backend: Annotated[
        Literal["rules", "model"] | None,
        typer.Option(
            help="Who attributes: the built-in rules, or a model checked by them. Default: a model where one is named.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The model to ask. Also: QUOTES_MODEL. Without one nothing is sent anywhere.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An OpenAI-compatible endpoint. Also: QUOTES_BASE_URL. Default: OpenAI's.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    api_key_env: Annotated[
        str | None,
        typer.Option(
            metavar="VARIABLE",
            help="The variable that holds the key. Default: QUOTES_API_KEY; for OpenAI alone OPENAI_API_KEY.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    concurrency: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=1024, help="Requests under way at the same time.", rich_help_panel=_MODEL),
    ] = 8,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, help="How long to wait for one reply.", rich_help_panel=_MODEL),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="PACK", help="A prompt pack: a shipped one by name, or your own folder.", rich_help_panel=_PROMPT
        ),
    ] = None,
    chunk_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=50, help="Tokens of article text in one request.", rich_help_panel=_PROMPT),
    ] = None,
    context_tokens: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, help="Tokens of the text before it, shown as context.", rich_help_panel=_PROMPT
        ),
    ] = None,
    max_output_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=16, help="Tokens a reply may have.", rich_help_panel=_PROMPT),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(metavar="T", min=0.0, max=2.0, help="Sampling temperature.", rich_help_panel=_PROMPT),
    ] = None,
    no_temperature: Annotated[
        bool,
        typer.Option("--no-temperature", help="Send none, for models that refuse one.", rich_help_panel=_PROMPT),
    ] = False,
    schema: Annotated[
        Literal["static", "tight", "auto"] | None,
        typer.Option(
            help="One response schema for all requests, one made for each, or (auto) the latter on this machine only.",
            rich_help_panel=_PROMPT,
        ),
    ] = None,
    cache: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Where replies are kept: an SQLite file or a folder. Default: a file in your cache folder.",
            rich_help_panel=_CACHE,
        ),
    ] = None,
    cache_mode: Annotated[
        Literal["auto", "replay", "refresh", "off"] | None,
        typer.Option(help="Ask only what is not kept; never ask; ask all again; keep nothing.", rich_help_panel=_CACHE),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Keep all replies in this folder, ready for --replay.", rich_help_panel=_CACHE
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Take all replies and settings from this folder; no network, no key.",
            rich_help_panel=_CACHE,
        ),
    ] = None,
    types: Annotated[
        list[TypeChoice] | None,
        typer.Option("--type", help="Only quotes of this type. May be repeated.", rich_help_panel=_SELECT),
    ] = None,
    speaker: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Only quotes whose speaker contains TEXT.", rich_help_panel=_SELECT),
    ] = None,
    min_confidence: Annotated[
        Literal["low", "medium", "high"] | None,
        typer.Option(help="Only quotes at least this certain.", rich_help_panel=_SELECT),
    ] = None,
) -> None:
    """Find the quotes in articles and who said them.

    Each article becomes one record: its quotes with content, cue and speaker as offsets into the text, and
    what was no quote or could not be resolved. Results go to OUT or standard output, all else to standard error.
    """
    from quotes.run.settings import Settings

    settings = Settings(
        backend=backend,
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        prompt=prompt,
        cache=cache,
        cache_mode=cache_mode,
        record=record,
        replay=replay,
        concurrency=concurrency,
        chunk_tokens=chunk_tokens,
        context_tokens=context_tokens,
        max_output_tokens=max_output_tokens,
        temperature=temperature,
        no_temperature=no_temperature or None,
        schema=schema,
        timeout=timeout,
        lang=lang,
        limit=limit,
        with_text=not no_text,
        types=tuple(choice.value for choice in types or ()),
        speaker=speaker,
        min_confidence=min_confidence,
    )
    from quotes.cli.reporting import run_and_report

    raise typer.Exit(run_and_report(settings, inputs or [], output, quiet=quiet))
