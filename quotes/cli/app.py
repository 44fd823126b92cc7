"""The application: all commands under one name, and how every error leaves it as one line and an exit code."""

from __future__ import annotations

import errno
import gc
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from quotes._version import __version__
from quotes.cli.narrow import Command, Group
from quotes.cli.voice import Interrupted, spoken

if TYPE_CHECKING:
    app: typer.Typer
    """The application with all of its commands."""

_PANELS: Final[Mapping[str, Sequence[str]]] = {
    "Quotes": ("extract", "show", "report", "review", "verify"),
    "Figures and files": ("speakers", "eval", "convert", "schema"),
    "Models and replies": ("doctor", "prompt", "cache", "batch"),
}
"""The commands in the order in which a newcomer meets them."""

_FUNCTIONS: Final = {"eval": "evaluate"}
"""The functions that are not named as their command, which is a word of Python."""


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return application()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def application(called: str | None = None) -> typer.Typer:
    """The application with all of its commands; with one alone where that is what is *called*.

    A command is imported, and its options are made, only where it is among them: all of them together take as long as
    reading an article.
    """
    made = typer.Typer(
        name="quotes",
        help="Find who said what in news articles: every quote with its speaker, checked against the text.",
        epilog="Start with:  quotes extract article.txt   or read  quotes extract --help",
        no_args_is_help=True,
        cls=Group,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    made.callback()(_root)
    alone = called in _commands()
    for panel, names in _PANELS.items():
        for name in names:
            if name == called or not alone:
                _add(made, name, panel)
    return made


def _commands() -> frozenset[str]:
    return frozenset(name for names in _PANELS.values() for name in names)


def _add(made: typer.Typer, name: str, panel: str) -> None:
    """Give *made* the command or group *name*, in its *panel* and with the one voice."""
    module = import_module(f"quotes.cli.{name}")
    found = getattr(module, _FUNCTIONS.get(name, name))
    if isinstance(found, typer.Typer):
        made.add_typer(found, name=name, cls=Group, rich_help_panel=panel)
        for command in found.registered_commands:
            if command.callback is not None and command.cls is not Command:
                command.cls = Command
                below = command.name or command.callback.__name__.replace("_", "-")
                command.callback = spoken(f"{name} {below}", command.callback)
    else:
        epilog = getattr(module, "EPILOG", None)
        made.command(name, cls=Command, epilog=epilog, rich_help_panel=panel)(spoken(name, found))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"quotes {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Find who said what in news articles: every quote with its speaker, checked against the text."""


def main() -> None:
    """Run the command line and leave the process with its exit code. No error shows a traceback."""
    from quotes.errors import QuotesError

    try:
        code = application(*sys.argv[1:2])(prog_name="quotes", standalone_mode=False)
    except SystemExit as leaving:
        _leave("", _code_of(leaving))
    except QuotesError as error:
        _leave(str(error), error.exit_code)
    except OSError as error:
        _leave(_unusable(error), 4)
    except (Interrupted, KeyboardInterrupt):
        _leave("interrupted", 130)
    except typer.Abort:
        _leave("broken off", 1)
    except Exception as error:  # the last guard: a user never meets a traceback
        _leave_wrong_usage(error)
        _leave(f"internal error: {type(error).__name__}: {error} (please report it, with the command)", 1)
    else:
        _leave("", code if isinstance(code, int) else 0)


def _leave_wrong_usage(error: Exception) -> None:
    """Leave if *error* is the parser's: a group called alone has shown its help already."""
    from quotes.cli.usage import ParserError, is_help, usage_error

    if isinstance(error, ParserError):
        _leave("" if is_help(error) else str(usage_error(error, _called())), 2)


def _called() -> str:
    """The command that was called, as far as its words name one."""
    words = sys.argv[1:3]
    if not words or words[0] not in _commands():
        return "quotes"
    one = import_module(f"quotes.cli.{words[0]}")
    is_group = isinstance(getattr(one, words[0], None), typer.Typer)
    return " ".join(["quotes", *(words if is_group else words[:1])])


def _code_of(leaving: SystemExit) -> int:
    if isinstance(leaving.__context__, BrokenPipeError):  # the reader has had enough: Typer calls that an error
        return 0
    return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def _unusable(error: OSError) -> str:
    remedy = " (free some space, then try again)" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"{error.filename or 'standard output'}: {error.strerror or error}{remedy}"


def _leave(message: str, code: int) -> NoReturn:
    """End the process. What standard output refuses to take vanishes, instead of failing again in the interpreter."""
    import os

    from quotes.errors import QuotesError

    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if code == 0 and not isinstance(error, BrokenPipeError):
            message, code = _unusable(error), 4
    if message:
        print(f"quotes: {QuotesError(' '.join(message.split()))}", file=sys.stderr)
    if not sys.warnoptions:  # who asks for warnings hears what was left open
        gc.freeze()  # nothing of what is left needs collecting: to look for it takes as long as to read an article
    sys.exit(code)
