"""Wrong usage: what the parser of the command line says, in the words and on the one line of every other error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import typer

from quotes.errors import UsageError

ParserError: Final = typer.BadParameter.__mro__[2]
"""The base of what the parser raises. It lies at another place from one version of Typer to the next."""

_NO_COMMAND: Final = re.compile(r"No such command '(.*?)'\.")
_NO_CHOICE: Final = re.compile(r"(['\"])(.*)\1 is not one of")

_PLAINLY: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"greater than or equal to (\S+?)\.?$", "the least is {0}"),
        (r"less than or equal to (\S+?)\.?$", "the most is {0}"),
        (r"(?:is not in the range|smaller than|bigger than).*?(\S+<=?x\S*|x[<>]=?\S+)", "it has to be {0}"),
        (r"valid integer", "it has to be a whole number"),
        (r"valid (?:number|float)", "it has to be a number"),
        (r"requires an argument", "the value is missing"),
        (r"does not take a value", "it takes no value"),
        (r"unexpected extra arguments?(?:\(s\))? \((.*)\)", "too many arguments: {0}"),
    )
)


def is_help(error: Exception) -> bool:
    """Whether *error* says that a group was called alone, so that its help has been shown."""
    return type(error).__name__ == "NoArgsIsHelpError"


def usage_error(error: Any, path: str = "quotes") -> UsageError:
    """*error* of the parser as one of ours: what is wrong, what may have been meant, and where help is.

    *path* is the command that was called, for errors that do not say it.
    """
    context = getattr(error, "ctx", None)
    where, what, near = _read(error, context)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    path = context.command_path if context is not None else path
    return UsageError(what, where=where, remedy=f"{meant}see {path} --help")


def _read(error: Any, context: Any) -> tuple[str, str, list[str]]:
    """Where *error* is, what it says, and what may have been meant."""
    message = " ".join(str(getattr(error, "message", error)).split())
    given = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and given:
        return "", f"no such option {given}", _near(given, _options(context))
    if found := _NO_COMMAND.match(message):
        name = found.group(1)
        return "", f"no such command {name}", _near(name, _commands(context))
    parameter = getattr(error, "param", None)
    where = _name(parameter, getattr(error, "param_hint", None) or given)
    if type(error).__name__ == "MissingParameter":
        kind = "option" if getattr(parameter, "param_type_name", "") == "option" else "argument"
        return where, f"the {kind} is missing", []
    choices = choices_of(parameter)
    if choices and (found := _NO_CHOICE.search(message)):
        value = found.group(2)
        return where, f"{value} is none of {', '.join(choices)}", _near(value, choices)
    return where, _plainly(message), []


def _name(parameter: Any, hint: Any) -> str:
    """What people call *parameter*: its long option, or what its place in the usage is called."""
    options = [option for option in getattr(parameter, "opts", ()) if option.startswith("--")]
    if options:
        return str(options[0])
    name = getattr(parameter, "metavar", None) or getattr(parameter, "name", None) or hint
    return str(name).strip("[]'") if name else ""


def choices_of(parameter: Any) -> list[str]:
    """The values that *parameter* takes, where they are few."""
    found = getattr(getattr(parameter, "type_descriptor", None), "choices", None)
    found = found or getattr(getattr(parameter, "type", None), "choices", None) or ()
    return [str(getattr(choice, "value", choice)) for choice in found]


def _options(context: Any) -> Iterator[str]:
    if context is not None:
        for parameter in context.command.get_params(context):
            yield from (option for option in (*parameter.opts, *parameter.secondary_opts) if option.startswith("--"))


def _commands(context: Any) -> Sequence[str]:
    return list(getattr(getattr(context, "command", None), "commands", {}))


def _near(given: str, known: Iterable[str]) -> list[str]:
    """What of *known* was probably meant by *given*, at most two."""
    named = {one.strip("-"): one for one in known}
    word = given.lower().strip("-")
    near = difflib.get_close_matches(word, named, n=2, cutoff=0.65)
    near = near or [name for name in named if len(word) > 2 and name.startswith(word)]
    return [named[name] for name in near[:2]]


def _plainly(message: str) -> str:
    """*message* in the words of ours, where it is a usual one."""
    for pattern, words in _PLAINLY:
        if found := pattern.search(message):
            return words.format(*found.groups())
    message = message.removeprefix("Value error, ").rstrip(".")
    return message[:1].lower() + message[1:] if message[1:2].islower() else message
