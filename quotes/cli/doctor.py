"""``quotes doctor``: what an endpoint takes, ignores and refuses, and the options that suit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quotes.cli.hints import command
from quotes.cli.options import IO, ApiKeyEnv, BaseUrl, Config, Local, Model, Profile, Quiet, Timeout
from quotes.cli.voice import offer

if TYPE_CHECKING:
    from quotes.run.diagnosis import Report

EPILOG = """\
[bold]What the words mean[/bold]

  enforced   the answer obeys the schema, which contradicts the prompt
  loose      JSON, but not held to the schema
  followed   told the schema in the prompt, the model keeps to it
  ignored    taken with status 200, and of no effect
  refused    answered with an error; quotes goes without, or another way

[bold]Examples[/bold]

  quotes doctor --base-url http://127.0.0.1:8080/v1
  quotes doctor --base-url https://models.example/v1 --model m-large
  quotes doctor --config quotes.toml --profile desk --json
  quotes doctor --local model.gguf
"""

_STYLES = {
    **dict.fromkeys(("yes", "accepted", "listed", "held", "taken", "enforced", "given", "equal", "told"), "green"),
    **dict.fromkeys(("no", "refused", "failed", "unlisted", "unnamed"), "red"),
    **dict.fromkeys(("ignored", "loose", "missing", "partly", "different"), "yellow"),
}


def doctor(
    model: Model = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    local: Local = None,
    config: Config = None,
    profile: Profile = None,
    timeout: Timeout = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", rich_help_panel=IO)] = False,
    quiet: Quiet = False,
) -> None:
    """Try an endpoint with at most 30 short questions, none of them about your articles, and say what suits it.

    What it takes with status 200 is not believed: answers show whether a schema, a limit, a seed had any effect. Exits
    with 4 where the endpoint cannot be used: a wrong key, an unknown model, nothing there, or no usable answer.
    """
    import os
    import sys

    from quotes.run.config import configured
    from quotes.run.doctor import examine
    from quotes.run.settings import Settings

    settings = Settings(
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        local=local,
        config=config,
        profile=profile,
        timeout=timeout,
    )
    shown = not quiet and sys.stderr.isatty()
    begin = (lambda name: typer.echo(f"quotes: asking: {name}", err=True)) if shown else lambda _name: None
    report = examine(configured(settings, os.environ), os.environ, begin=begin)
    _print(report, json=json)
    if report.problem is not None:
        raise report.problem
    if report.advice is not None:
        connection = {"--model": model, "--base-url": base_url, "--api-key-env": api_key_env, "--local": local}
        connection |= {"--config": config, "--profile": profile}
        words = [word for option, value in connection.items() if value for word in (option, value)]
        offer(" ".join(filter(None, ("quotes extract ARTICLES", command(*words), report.advice.line))))


def _print(report: Report, *, json: bool) -> None:
    if json:
        import json as encoder

        typer.echo(encoder.dumps(report.to_json(), indent=2))
        return
    import sys

    rows = _rows(report)
    if sys.stdout.isatty():
        _print_table(rows)
    else:
        first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
        for name, word, detail in rows:
            typer.echo(f"{name:<{first}}  {word:<{second}}  {detail}".rstrip())
    for line in _recommended(report):
        typer.echo(line)


def _rows(report: Report) -> list[tuple[str, str, str]]:
    """Name, word and detail of each finding, between the address and what the examination cost."""
    from quotes.formats.table import counted
    from quotes.formats.terminal import on_one_line

    usage = report.usage
    cost = f"{counted(report.requests, 'request')}, tokens {usage.prompt_tokens:,} in, {usage.completion_tokens:,} out"
    found = [(finding.name, finding.word, on_one_line(finding.detail)) for finding in report.findings]
    return [("endpoint", "", on_one_line(report.address)), *found, ("cost", "", cost)]


def _print_table(rows: list[tuple[str, str, str]]) -> None:
    import sys

    from rich.table import Table
    from rich.text import Text

    from quotes.formats.fitting import Fitted
    from quotes.formats.terminal import console

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for name, word, detail in rows:
        table.add_row(name, Text(word, style=_STYLES.get(word, "")), Text(detail))
    console(sys.stdout).print(Fitted(table, room=12))


def _recommended(report: Report) -> list[str]:
    """The options, the remarks and the profile, as lines."""
    if report.advice is None:
        return []
    from quotes.run.advising import profile_name

    line = report.advice.line or "the defaults suit it"
    remarks = [f"note: {remark}" for remark in report.advice.remarks]
    return [
        "",
        f"quotes extract: {line}",
        *remarks,
        "",
        *report.advice.snippet(profile_name(report.label)).splitlines(),
    ]
