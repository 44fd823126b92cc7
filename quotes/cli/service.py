"""``quotes batch submit`` and what follows it: batches at a service with a Batch API, watched and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quotes.cli.options import (
    CACHE,
    IO,
    ApiKeyEnv,
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
    Timeout,
)

if TYPE_CHECKING:
    from quotes.run.settings import Settings

_PARTS = "Batches"

_State = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Where it is written down what was submitted. Default: beside the cache, CACHE.batches.json.",
        rich_help_panel=CACHE,
    ),
]


def submit(
    inputs: Inputs = None,
    text_field: TextField = None,
    id_field: IdField = None,
    limit: Limit = None,
    lang: Lang = None,
    quiet: Quiet = False,
    backend: Backend = None,
    model: Model = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    config: Config = None,
    profile: Profile = None,
    timeout: Timeout = None,
    part_requests: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Requests the service takes in one batch.", rich_help_panel=_PARTS),
    ] = 50_000,
    part_bytes: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Bytes the service takes in one batch.", rich_help_panel=_PARTS),
    ] = 200_000_000,
    completion_window: Annotated[
        str,
        typer.Option(metavar="TIME", help="The time the service is given for a batch.", rich_help_panel=_PARTS),
    ] = "24h",
    prompt: Prompt = None,
    chunk_tokens: ChunkTokens = None,
    context_tokens: ContextTokens = None,
    max_output_tokens: MaxOutputTokens = None,
    temperature: Temperature = None,
    no_temperature: NoTemperature = False,
    schema: Schema = None,
    structured: Structured = None,
    cache: Cache = None,
    state: _State = None,
) -> None:
    """Upload the requests that the cache lacks to a service with a Batch API, and start their batches.

    What is under way already is left out, and a command that was cut short goes on: no batch is made twice.
    """
    from quotes.run.settings import Settings

    settings = Settings(
        backend=backend,
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        config=config,
        profile=profile,
        timeout=timeout,
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
    from quotes.cli.submitting import submit_and_report
    from quotes.run.submission import Limits

    limits = Limits(part_requests, part_bytes, completion_window)
    raise typer.Exit(submit_and_report(settings, inputs or [], limits, state, quiet=quiet))


def status(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.", rich_help_panel=IO)] = False,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    config: Config = None,
    profile: Profile = None,
    timeout: Timeout = None,
    cache: Cache = None,
    state: _State = None,
) -> None:
    """Ask the service how the submitted batches stand, and print a table. Nothing is changed."""
    from quotes.cli.submitting import status_and_report

    settings = _service_settings(base_url, api_key_env, config, profile, timeout, cache)
    raise typer.Exit(status_and_report(settings, state, as_json=as_json))


def collect(
    wait: Annotated[bool, typer.Option("--wait", help="Until all batches have ended.", rich_help_panel=_PARTS)] = False,
    interval: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            help="With --wait: the time between two looks. It grows by half with each, up to ten times.",
            rich_help_panel=_PARTS,
        ),
    ] = 60.0,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    config: Config = None,
    profile: Profile = None,
    timeout: Timeout = None,
    cache: Cache = None,
    state: _State = None,
) -> None:
    """Take the replies of the batches that have ended into the cache. May be given at any time, any number of times.

    What got no reply stays pending, and the next submit asks it again.
    Exit code 0: all has ended and has its reply. 1: something is under way or without a reply.
    """
    from quotes.cli.submitting import collect_and_report

    settings = _service_settings(base_url, api_key_env, config, profile, timeout, cache)
    raise typer.Exit(collect_and_report(settings, state, interval if wait else None, quiet=quiet))


def cancel(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Batches by id, or parts by number. Default: all under way."),
    ] = None,
    drop: Annotated[
        bool,
        typer.Option(
            "--drop", help="Also give up their replies, so that they are submitted anew.", rich_help_panel=_PARTS
        ),
    ] = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    config: Config = None,
    profile: Profile = None,
    timeout: Timeout = None,
    cache: Cache = None,
    state: _State = None,
) -> None:
    """End batches before their time. What they have answered until then can be collected."""
    from quotes.cli.submitting import cancel_and_report

    settings = _service_settings(base_url, api_key_env, config, profile, timeout, cache)
    raise typer.Exit(cancel_and_report(settings, state, names or [], drop=drop, quiet=quiet))


def _service_settings(
    base_url: str | None,
    api_key_env: str | None,
    config: str | None,
    profile: str | None,
    timeout: float | None,
    cache: str | None,
) -> Settings:
    """What is needed to ask after batches."""
    from quotes.run.settings import Settings

    return Settings(
        base_url=base_url, api_key_env=api_key_env, config=config, profile=profile, timeout=timeout, cache=cache
    )
