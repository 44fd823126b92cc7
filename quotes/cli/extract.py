"""``quotes extract``: the options of the main job, and their help."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from quotes.cli.options import (
    CACHE,
    IO,
    RUN,
    ApiKeyEnv,
    ArticleTimeout,
    Backend,
    BaseUrl,
    Cache,
    CacheMode,
    ChunkTokens,
    Concurrency,
    Config,
    ContextTokens,
    FailFast,
    IdField,
    Inputs,
    Jobs,
    Lang,
    Limit,
    Local,
    MaxCost,
    MaxOutputTokens,
    MaxTokensTotal,
    Model,
    NoTemperature,
    Profile,
    Prompt,
    Quiet,
    Replay,
    Rpm,
    Schema,
    SecondOpinion,
    Structured,
    Temperature,
    TextField,
    Timeout,
    Tpm,
    Transport,
)

if TYPE_CHECKING:
    from quotes.run.cluster import Cluster

EPILOG = """\
[bold]Examples[/bold]

  quotes extract article.txt
      The built-in rules: no model, no network. A table on a terminal.

  quotes extract news/ -o quotes.jsonl --model gpt-4.1-mini
      A folder, through OpenAI (key in OPENAI_API_KEY), one record a line.

  quotes extract 'web/**/*.html' feed.rss -o quotes.jsonl
  quotes extract dump.csv --text-field body --id-field url -o quotes.jsonl
      Web pages and feeds; a table, whose other columns become metadata.

  quotes extract news/ --model gpt-4.1-mini --dry-run
      What that would ask, and what it would cost. Nothing is sent.

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

_SELECT = "Which quotes to write"


class TypeChoice(StrEnum):
    """The types of quotes, as an enumeration: Typer takes no list of literals."""

    direct = "direct"
    indirect = "indirect"
    mixed = "mixed"


def extract(
    inputs: Inputs = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write records here, in input order, as the suffix says: .jsonl, .json, .csv, .tsv, .parquet, .db "
            "(SQLite), .html (a report). OUT.part keeps what is finished until all is; the same command goes on from "
            "it. Default: standard output, a table on a terminal.",
            rich_help_panel=IO,
        ),
    ] = None,
    text_field: TextField = None,
    id_field: IdField = None,
    limit: Limit = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Leave the article's text out of the records.", rich_help_panel=IO)
    ] = False,
    lang: Lang = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Start OUT anew, whatever stands there or was begun there.", rich_help_panel=IO
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only tell what would be asked and what that would cost. Nothing is sent or written.",
            rich_help_panel=IO,
        ),
    ] = False,
    log_json: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write what happens here, one JSON object a line (-: standard error); no texts, no keys.",
            rich_help_panel=IO,
        ),
    ] = None,
    quiet: Quiet = False,
    backend: Backend = None,
    model: Model = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    local: Local = None,
    config: Config = None,
    profile: Profile = None,
    concurrency: Concurrency = None,
    jobs: Jobs = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            help="ray: many machines, N workers (--jobs; default: one a core); OUT is then a folder of parts. "
            "Needs the extra: quotes\\[ray].",
            rich_help_panel=RUN,
        ),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="The Ray cluster to work on. Also: RAY_ADDRESS. Default: this machine alone.",
            rich_help_panel=RUN,
        ),
    ] = None,
    timeout: Timeout = None,
    rpm: Rpm = None,
    tpm: Tpm = None,
    transport: Transport = None,
    second_opinion: SecondOpinion = None,
    article_timeout: ArticleTimeout = None,
    max_cost: MaxCost = None,
    max_tokens_total: MaxTokensTotal = None,
    fail_fast: FailFast = False,
    prompt: Prompt = None,
    chunk_tokens: ChunkTokens = None,
    context_tokens: ContextTokens = None,
    max_output_tokens: MaxOutputTokens = None,
    temperature: Temperature = None,
    no_temperature: NoTemperature = False,
    schema: Schema = None,
    structured: Structured = None,
    cache: Cache = None,
    cache_mode: CacheMode = None,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Keep all replies in this folder, ready for --replay, and ask for what it lacks. Your own cache is "
            "not looked at: quotes cache export copies replies from it.",
            rich_help_panel=CACHE,
        ),
    ] = None,
    replay: Replay = None,
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
    from quotes.run.cores import processes
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
        local=local,
        config=config,
        profile=profile,
        rpm=rpm,
        tpm=tpm,
        transport=transport,
        second_opinion=second_opinion,
        article_timeout=article_timeout,
        max_cost=max_cost,
        max_tokens_total=max_tokens_total,
        fail_fast=fail_fast,
        structured=structured,
        chunk_tokens=chunk_tokens,
        context_tokens=context_tokens,
        max_output_tokens=max_output_tokens,
        temperature=temperature,
        no_temperature=no_temperature or None,
        schema=schema,
        timeout=timeout,
        lang=lang,
        limit=limit,
        jobs=processes(jobs),
        with_text=not no_text,
        types=tuple(choice.value for choice in types or ()),
        speaker=speaker,
        min_confidence=min_confidence,
        text_field=text_field,
        id_field=id_field,
    )
    from quotes.cli.reporting import Reporting, run_and_report
    from quotes.run.config import configured

    settings = configured(settings, os.environ)
    reporting = Reporting(output=output, overwrite=overwrite, log=log_json, quiet=quiet)
    cluster = _cluster(engine, ray_address, jobs)
    if dry_run:
        from quotes.cli.planning import plan_and_report

        raise typer.Exit(plan_and_report(settings, inputs or [], reporting))
    if cluster is not None:
        from quotes.cli.cluster import run_on_cluster

        raise typer.Exit(run_on_cluster(settings, inputs or [], reporting, cluster))
    raise typer.Exit(run_and_report(settings, inputs or [], reporting))


def _cluster(engine: str, address: str | None, jobs: int | None) -> Cluster | None:
    """Where the work is done, if not in this process. Raises UsageError where an address is given for nothing."""
    if engine == "local":
        if address is None:
            return None
        from quotes.errors import UsageError

        remedy = "leave it out, or add that"
        raise UsageError("means something only with --engine ray", where="--ray-address", remedy=remedy)
    from quotes.run.cluster import Cluster

    return Cluster(address or os.environ.get("RAY_ADDRESS", "").strip() or None, jobs or None)
