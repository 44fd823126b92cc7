"""``quotes cache``: what a cache or a folder of recorded replies holds, what differs, what is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from quotes.cache import Store
    from quotes.cache.inspection import EntryRow

cache = typer.Typer(
    help="Look into a cache of replies; nothing is changed.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Path = Annotated[
    str | None,
    typer.Argument(metavar="[CACHE]", help="An SQLite cache or a folder of replies. Default: your own cache."),
]
_Cache = Annotated[
    str | None,
    typer.Option("--cache", metavar="PATH", help="The cache to look into. Default: your own cache."),
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
    article: Annotated[str | None, typer.Option(metavar="ID", help="Only the entries of this article.")] = None,
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
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=not _speaks_unicode()))


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
        typer.echo("sound", err=True)
    raise typer.Exit(1 if problems else 0)


def _open(path: str | None) -> Store:
    from quotes.cache import default_cache_path, open_store

    return open_store(path if path is not None else default_cache_path(), create=False)


def _line(row: EntryRow) -> str:
    from quotes.formats.terminal import on_one_line

    tokens = f"{row.prompt_tokens:>7,} {row.completion_tokens:>6,}"
    return f"{row.key8}  {row.outcome:<16} {tokens}  {row.model}  {on_one_line(row.article)} chunk {row.chunk}"


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
