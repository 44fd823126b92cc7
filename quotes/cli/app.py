"""The application: all commands under one name, and how every error leaves it as one line and an exit code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NoReturn

import typer

from quotes._version import __version__
from quotes.cli.batch import batch
from quotes.cli.cache import cache
from quotes.cli.convert import EPILOG as CONVERT_EPILOG
from quotes.cli.convert import convert
from quotes.cli.doctor import EPILOG as DOCTOR_EPILOG
from quotes.cli.doctor import doctor
from quotes.cli.eval import EPILOG as EVAL_EPILOG
from quotes.cli.eval import evaluate
from quotes.cli.extract import EPILOG as EXTRACT_EPILOG
from quotes.cli.extract import extract
from quotes.cli.narrow import Command, Group
from quotes.cli.prompt import prompt
from quotes.cli.report import EPILOG as REPORT_EPILOG
from quotes.cli.report import report
from quotes.cli.review import EPILOG as REVIEW_EPILOG
from quotes.cli.review import review
from quotes.cli.schema import schema
from quotes.cli.show import show
from quotes.cli.speakers import EPILOG as SPEAKERS_EPILOG
from quotes.cli.speakers import speakers
from quotes.cli.verify import verify
from quotes.cli.voice import Interrupted, spoken

_PANELS: Final[Mapping[str, Sequence[str]]] = {
    "Quotes": ("extract", "show", "report", "review", "verify"),
    "Figures and files": ("speakers", "eval", "convert", "schema"),
    "Models and replies": ("doctor", "prompt", "cache", "batch"),
}
"""The commands in the order in which a newcomer meets them."""

_NAMES = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="quotes",
    help="Find who said what in news articles: every quote with its speaker, checked against the text.",
    epilog="Start with:  quotes extract article.txt   or read  quotes extract --help",
    no_args_is_help=True,
    cls=Group,
    context_settings=_NAMES,
    pretty_exceptions_enable=False,
)
app.command(epilog=EXTRACT_EPILOG)(extract)
app.command()(show)
app.command(epilog=REPORT_EPILOG)(report)
app.command()(verify)
app.command(name="eval", epilog=EVAL_EPILOG)(evaluate)
app.command(epilog=REVIEW_EPILOG)(review)
app.command(epilog=SPEAKERS_EPILOG)(speakers)
app.command(epilog=CONVERT_EPILOG)(convert)
app.add_typer(batch, name="batch")
app.add_typer(cache, name="cache")
app.add_typer(prompt, name="prompt")
app.command(epilog=DOCTOR_EPILOG)(doctor)
app.command()(schema)


def _arranged(application: typer.Typer) -> None:
    """Put the commands of *application* into their panels, and give all of them the one voice."""
    places = [(panel, name) for panel, names in _PANELS.items() for name in names]
    panels = {name: panel for panel, name in places}
    order = {name: number for number, (_, name) in enumerate(places)}
    commands, groups = application.registered_commands, application.registered_groups
    for command in commands:
        command.name = command.name or getattr(command.callback, "__name__", "")
        command.rich_help_panel = panels.get(str(command.name), "Commands")
    commands.sort(key=lambda one: order.get(one.name or "", len(order)))
    for group in groups:
        group.cls = Group
        group.rich_help_panel = panels.get(str(group.name), "Commands")
    groups.sort(key=lambda one: order.get(str(one.name), len(order)))
    for prefix, holder in (("", application), *((f"{one.name} ", one.typer_instance) for one in groups)):
        for command in holder.registered_commands if holder is not None else ():
            if command.callback is not None:
                name = command.name or command.callback.__name__.replace("_", "-")
                command.cls = Command
                command.callback = spoken(prefix + name, command.callback)


_arranged(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"quotes {__version__}")
        raise typer.Exit


@app.callback()
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
        code = app(prog_name="quotes", standalone_mode=False)
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
    commands = {one.name for one in app.registered_commands}
    groups = {one.name: one.typer_instance for one in app.registered_groups}
    words = sys.argv[1:3]
    if words[:1] and words[0] in commands:
        return f"quotes {words[0]}"
    if words[:1] and words[0] in groups:
        return " ".join(["quotes", *words])
    return "quotes"


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
    sys.exit(code)
