"""Commands as they are here: quick to start, and with help that fits narrow terminals, an option a paragraph, where
Typer's boxes would cut the names of options short."""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

from quotes.cli.plain import take_plainly

_ENOUGH: Final = 80
"""Columns that Typer's boxes need."""


class Command(TyperCommand):
    """A command whose help fits the terminal, and which takes plain values at once."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read *args* into *ctx*."""
        _take_plainly(self, ctx)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        _format_help(self, ctx, lambda: super(Command, self).format_help(ctx, formatter))


class Group(TyperGroup):
    """A group of commands whose help fits the terminal, and which takes plain values at once."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read *args* into *ctx*."""
        _take_plainly(self, ctx)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        _format_help(self, ctx, lambda: super(Group, self).format_help(ctx, formatter))


def _take_plainly(command: Any, ctx: Any) -> None:
    for parameter in command.get_params(ctx):
        take_plainly(parameter)


def _format_help(command: Any, ctx: Any, in_boxes: Callable[[], None]) -> None:
    """Print the help of *command* as narrow as the terminal is, or Typer's own *in_boxes*."""
    if _is_narrow():
        _print_help(command, ctx)
    else:
        _uncoloured_in_pipes()
        in_boxes()


def _uncoloured_in_pipes() -> None:
    """Keep Typer from colouring what goes to a pipe, as it does on some build services."""
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        from typer import rich_utils

        rich_utils.FORCE_TERMINAL = None


def _is_narrow() -> bool:
    return shutil.get_terminal_size().columns < _ENOUGH


def _print_help(command: Any, ctx: Any) -> None:
    """Usage, text, options and commands, each below the other."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    to = Console(highlight=False)
    to.print(Text(" ".join(command.get_usage(ctx).split()), style="bold"))
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        to.print()
        to.print(Text.from_markup(" ".join(paragraph.split())))
    for title, entries in _panels(command, ctx).items():
        to.print()
        to.print(Text(title, style="bold yellow"))
        for name, about in entries:
            to.print(Padding(Text(name, style="cyan"), (0, 0, 0, 2)))
            to.print(Padding(Text.from_markup(about), (0, 0, 0, 6)))
    if command.epilog:
        to.print()
        to.print(Text.from_markup(inspect.cleandoc(command.epilog)))


def _panels(command: Any, ctx: Any) -> dict[str, list[tuple[str, str]]]:
    """The arguments, options and commands, by the panels they stand in; each with its help."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        if getattr(parameter, "hidden", False):
            continue
        is_option = parameter.param_type_name == "option"
        title = getattr(parameter, "rich_help_panel", None) or ("Options" if is_option else "Arguments")
        about = " ".join((getattr(parameter, "help", None) or "").split())
        panels.setdefault(title, []).append((_name(parameter, ctx, is_option), about))
    for name in command.list_commands(ctx) if isinstance(command, TyperGroup) else ():
        below = command.get_command(ctx, name)
        if below is not None and not below.hidden:
            title = getattr(below, "rich_help_panel", None) or "Commands"
            first = inspect.cleandoc(below.help or "").split("\n\n")[0]
            panels.setdefault(title, []).append((name, " ".join(first.split())))
    return panels


def _name(parameter: Any, ctx: Any, is_option: bool) -> str:
    """What is typed: the option in all its forms with what it takes, or the argument."""
    if not is_option:
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(parameter.opts)
    if getattr(parameter, "is_flag", False):
        return names
    kind = parameter.metavar or _choices(parameter) or parameter.make_metavar(ctx)
    return f"{names} {kind}"


def _choices(parameter: Any) -> str:
    from quotes.cli.usage import choices_of

    return "|".join(choices_of(parameter))
