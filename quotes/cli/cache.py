"""``quotes cache``: what a cache of replies holds, what differs, what is damaged; dropping and copying entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quotes.cli.voice import remark

if TYPE_CHECKING:
    from quotes.cache import Store
    from quotes.cache.inspection import EntryRow

EPILOG = """\
[bold]Copies[/bold]

  quotes cache export replies/ --article a17
      Copy replies of your own cache into a folder, or into a file named .sqlite.

  quotes cache import replies/
      Take them in elsewhere, checked one by one. What is there already stays.

  quotes cache prune --model gpt-4.1-mini --dry-run
      What would go. Selections combine: all that is said must hold.
"""

cache = typer.Typer(
    help="Look into a cache of replies; copy entries and drop them.",
    epilog=EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Path = Annotated[
    str | None,
    typer.Argument(
        metavar="[CACHE]", help="An SQLite cache, a folder or postgresql://host/db. Default: your own cache."
    ),
]
_Cache = Annotated[
    str | None,
    typer.Option("--cache", metavar="PATH", help="The cache to look into. Default: your own cache."),
]
_Model = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only entries of this model, as it was asked for or as it answered.")
]
_Endpoint = Annotated[
    str | None, typer.Option(metavar="LABEL", help="Only entries of this endpoint: its host, or [bold]local[/bold].")
]
_Article = Annotated[str | None, typer.Option(metavar="ID", help="Only entries of this article.")]
_Outcome = Annotated[
    str | None, typer.Option(metavar="WORD", help="Only entries of this outcome, as [bold]cache info[/bold] names it.")
]


@cache.command()
def info(path: _Path = None) -> None:
    """Count entries, articles, tokens and bytes, and tell what the cache was recorded with."""
    import json

    from quotes.cache import inspection

    found = inspection.info(_open(path))
    usage = found.usage
    typer.echo(f"cache     {found.path} ({found.kind})")
    typer.echo(f"entries   {found.entries:,} for {found.articles:,} articles, {found.size:,} bytes")
    typer.echo(f"tokens    {usage.prompt_tokens:,} in, {usage.completion_tokens:,} out")
    for name, counts in (("models", found.models), ("outcomes", found.outcomes)):
        typer.echo(f"{name:<9} " + (", ".join(f"{word} {count:,}" for word, count in counts.items()) or "none"))
    for name, value in sorted(found.manifest.items()):
        typer.echo(f"{name:<9} {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}")


@cache.command(name="list")
def list_entries(
    path: _Path = None,
    article: _Article = None,
) -> None:
    """List the entries, one a line: key, outcome, tokens in and out, model, article and chunk."""
    from quotes.cache import inspection

    for row in inspection.rows(_open(path)):
        if article is None or row.article == article:
            typer.echo(_line(row))


@cache.command()
def show(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key or its first digits, as the list shows them.")],
    path: _Cache = None,
) -> None:
    """Print one request with its reply as JSON."""
    import json

    from quotes.cache import inspection
    from quotes.cache.entry import reply_to_json
    from quotes.formats.terminal import visible_json

    entry = inspection.show(_open(path), key)
    request = entry.request
    shown = {
        "key": entry.key,
        "article": request.article,
        "chunk": request.chunk,
        "endpoint": request.label,
        "trial": request.trial,
        "request": request.body,
        "reply": reply_to_json(entry.reply),
    }
    typer.echo(visible_json(json.dumps(shown, indent=2, ensure_ascii=not _speaks_unicode())))


@cache.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A key with --cache, else a cache.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="Another one.")],
    path: Annotated[str | None, typer.Option("--cache", metavar="PATH", help="The cache that holds both keys.")] = None,
) -> None:
    """Tell what differs in two entries of one cache (with --cache), or in two caches. Exit code 1 if anything."""
    lines = _entry_lines(path, first, second) if path is not None else _store_lines(first, second)
    for line in lines:
        typer.echo(line)
    raise typer.Exit(1 if lines else 0)


@cache.command()
def verify(path: _Path = None) -> None:
    """Check every entry for damage: checksums, names, versions. Exit code 1 if there is any."""
    from quotes.cache import inspection

    problems = inspection.verify(_open(path))
    for problem in problems:
        typer.echo(f"quotes: {problem}", err=True)
    if not problems:
        remark("sound")
    raise typer.Exit(1 if problems else 0)


@cache.command()
def prune(
    path: _Path = None,
    model: _Model = None,
    endpoint: _Endpoint = None,
    article: _Article = None,
    outcome: _Outcome = None,
    damaged: Annotated[bool, typer.Option("--damaged", help="The damaged entries, and no others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go, and drop nothing.")] = False,
) -> None:
    """Drop the entries for which all that is said holds, and give their space back.

    What is dropped is asked for again when it is needed.
    """
    from quotes.cache.selection import Selection
    from quotes.cli.tending import list_prunable, prune_and_report

    act = list_prunable if dry_run else prune_and_report
    act(path, Selection(model, endpoint, article, outcome, damaged))


@cache.command()
def export(
    target: Annotated[str, typer.Argument(metavar="DEST", help="A file named .sqlite, or a folder; made if missing.")],
    path: Annotated[
        str | None, typer.Option("--cache", metavar="SRC", help="The cache to copy from. Default: your own cache.")
    ] = None,
    model: _Model = None,
    endpoint: _Endpoint = None,
    article: _Article = None,
    outcome: _Outcome = None,
) -> None:
    """Copy entries into another cache, made where it is missing. Exit code 1 if one could not be copied.

    Every entry is checked; a damaged one is told and passed over. What DEST holds already stays as it is.
    """
    from quotes.cache.selection import Selection
    from quotes.cli.tending import copy_and_report

    raise typer.Exit(copy_and_report(path, target, Selection(model, endpoint, article, outcome)))


@cache.command(name="import")
def import_entries(
    source: Annotated[str, typer.Argument(metavar="SRC", help="The cache to copy from: a file, folder or address.")],
    path: Annotated[
        str | None, typer.Option("--cache", metavar="DEST", help="The cache to copy into. Default: your own cache.")
    ] = None,
    model: _Model = None,
    endpoint: _Endpoint = None,
    article: _Article = None,
    outcome: _Outcome = None,
) -> None:
    """Copy entries from another cache, whoever made it. Exit code 1 if one could not be copied.

    It is read as data: keys and checksums are computed anew, and what does not fit is told and passed over.
    What is there already stays as it is.
    """
    from quotes.cache.selection import Selection
    from quotes.cli.tending import copy_and_report, own_cache

    raise typer.Exit(copy_and_report(source, path or own_cache(), Selection(model, endpoint, article, outcome)))


def _open(path: str | None) -> Store:
    from quotes.cli.tending import open_cache

    return open_cache(path)


def _line(row: EntryRow) -> str:
    from quotes.cli.tending import line_of

    return line_of(row)


def _entry_lines(path: str, first: str, second: str) -> list[str]:
    from quotes.cache import inspection

    store = _open(path)
    return list(inspection.diff(inspection.show(store, first), inspection.show(store, second)))


def _store_lines(first: str, second: str) -> list[str]:
    from quotes.cache import inspection

    found = inspection.diff_stores(_open(first), _open(second))
    lines = [f"- {_line(row)}" for row in found.only_first]
    lines += [f"+ {_line(row)}" for row in found.only_second]
    for change in found.changed:
        lines.append(f"~ {change.key[:8]}  {change.article} chunk {change.chunk}: {'; '.join(change.differences)}")
    return lines


def _speaks_unicode() -> bool:
    import sys

    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
