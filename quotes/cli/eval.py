"""``quotes eval``: the options of measuring, and their help."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from quotes.cli.options import (
    IO,
    MODEL,
    PROMPT,
    ApiKeyEnv,
    BaseUrl,
    Cache,
    CacheMode,
    ChunkTokens,
    Concurrency,
    Config,
    ContextTokens,
    Lang,
    Limit,
    MaxOutputTokens,
    NoTemperature,
    Profile,
    Quiet,
    Replay,
    Schema,
    Temperature,
    Timeout,
)

EPILOG = """\
[bold]Examples[/bold]

  quotes eval gold.jsonl quotes.jsonl
      Score records, or anything else of the gold form, against gold.

  quotes eval gold.jsonl old.jsonl new.jsonl --errors errors.html
      Two systems side by side, on the same resamples; every error in its context.

  quotes eval gold.jsonl --backend rules --backend model --model qwen --prompt news --prompt mine/ \\
      --base-url http://127.0.0.1:8080/v1 --save runs/
      Extract and score in one go: the rules, and the model with each of two packs.

  quotes eval gold.jsonl quotes.jsonl --json | jq '.systems[0].all.joint'

[bold]Exit codes[/bold]

  0 scored · 1 a file is not sound, or an article failed or is partial · 2 wrong usage
  3 a replay misses a reply · 4 endpoint or output unusable · 130 interrupted
"""

_MEASURE = "Measuring"


class BackendChoice(StrEnum):
    """The backends, as an enumeration: Typer takes no list of literals."""

    rules = "rules"
    model = "model"
    judge = "judge"
    cascade = "cascade"


def evaluate(
    gold: Annotated[
        str, typer.Argument(metavar="GOLD", help="Articles with their gold quotes (JSONL), or - for standard input.")
    ],
    predictions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PRED",
            help="Files of records to score, or - for standard input. Articles they lack count as empty.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All figures with their intervals, as JSON.", rich_help_panel=IO)
    ] = False,
    errors: Annotated[
        str | None,
        typer.Option(
            metavar="HTML", help="Write every error in its context, by cause, as one page.", rich_help_panel=IO
        ),
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Keep the records of every extraction in this folder.", rich_help_panel=IO),
    ] = None,
    limit: Limit = None,
    lang: Lang = None,
    quiet: Quiet = False,
    resamples: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=100_000, help="Draws of the articles for the intervals.", rich_help_panel=_MEASURE
        ),
    ] = 1000,
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", help="Where the draws begin: the same seed, the same intervals.", rich_help_panel=_MEASURE
        ),
    ] = 1,
    calibrate: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write how far each model was right, case by case, into this trust.json of a prompt pack. Entries "
            "of other models stay. The pack with it decides what is kept, and how sure it is said to be.",
            rich_help_panel=_MEASURE,
        ),
    ] = None,
    backends: Annotated[
        list[BackendChoice] | None,
        typer.Option(
            "--backend",
            help="Extract by this backend and score that too. May be repeated. Default: model where one is named.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="The model to ask. May be repeated.", rich_help_panel=MODEL),
    ] = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    config: Config = None,
    profile: Profile = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    prompts: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt",
            metavar="PACK",
            help="A prompt pack: a shipped one by name, or your own folder. May be repeated: each with each model.",
            rich_help_panel=PROMPT,
        ),
    ] = None,
    chunk_tokens: ChunkTokens = None,
    context_tokens: ContextTokens = None,
    max_output_tokens: MaxOutputTokens = None,
    temperature: Temperature = None,
    no_temperature: NoTemperature = False,
    schema: Schema = None,
    cache: Cache = None,
    cache_mode: CacheMode = None,
    replay: Replay = None,
) -> None:
    """Measure predictions against gold: precision, recall and F1 of the words, the speakers, and both together.

    Every figure has a 95% interval from resampled articles; each further system is compared with the first on the
    same resamples. Types are recomputed from the quotation marks of the text, whatever gold and records say.
    """
    from quotes.run.settings import Settings

    options = Settings(
        base_url=base_url,
        api_key_env=api_key_env,
        config=config,
        profile=profile,
        cache=cache,
        cache_mode=cache_mode,
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
    )
    from quotes.cli.measuring import Measurement, measure, planned
    from quotes.run.config import configured

    backend_names = tuple(choice.value for choice in backends or ())
    measurement = Measurement(
        gold=gold,
        files=tuple(predictions or ()),
        runs=planned(backend_names, tuple(models or ()), tuple(prompts or ()), configured(options, os.environ)),
        limit=limit,
        resamples=resamples,
        seed=seed,
        as_json=as_json,
        errors=errors,
        save=save,
        calibrate=calibrate,
        quiet=quiet,
    )
    raise typer.Exit(measure(measurement))
