"""The voice: how much a command says on standard error, the same for all, and what it says can be done next.

Every command takes ``--quiet`` and ``--verbose``: they are added here to those that do not name them, so that none is
without. What is said is a line that begins with ``quotes:``, or the hint of the next step in the end.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final

import typer

from quotes.cli.options import IO, Quiet, Verbose

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Manner:
    """How much is said: *quiet*, only what went wrong; *verbose*, also what helps to understand a run. *offered* is a
    next step that a command knows better than the table of `quotes.cli.hints`."""

    quiet: bool = False
    verbose: bool = False
    offered: str | None = None


class Interrupted(Exception):
    """Ctrl-C has ended a command that says no more of it. Typer would take a ``KeyboardInterrupt`` for a quiet end."""


_USUAL: Final = Manner()
_MANNER: Final = ContextVar("manner", default=_USUAL)


def manner() -> Manner:
    """How the command under way is to speak."""
    return _MANNER.get()


def remark(line: str) -> None:
    """Say *line* on standard error, unless the command is to be quiet."""
    if not manner().quiet:
        typer.echo(f"quotes: {line}", err=True)


def detail(line: str) -> None:
    """Say *line* on standard error where the command is to be verbose."""
    if manner().verbose:
        typer.echo(f"quotes: {line}", err=True)


def offer(step: str) -> None:
    """Make *step* the hint that is given in the end."""
    _MANNER.set(replace(manner(), offered=step))


def spoken(name: str, command: Callable[..., None]) -> Callable[..., None]:
    """*command*, called *name* (``cache info``), with ``--quiet`` and ``--verbose``, and a hint in the end."""
    signature = inspect.signature(command, eval_str=True)
    own = "quiet" in signature.parameters

    @functools.wraps(command)
    def speaking(**values: Any) -> None:
        verbose = values.pop("verbose")
        quiet = values["quiet"] if own else values.pop("quiet")
        if quiet and verbose:
            from quotes.errors import UsageError

            raise UsageError("--quiet and --verbose contradict each other", remedy="leave one out")
        token = _MANNER.set(Manner(quiet, verbose))
        began, code = time.monotonic(), 0
        try:
            command(**values)
        except typer.Exit as leaving:
            code = leaving.exit_code
            raise
        except KeyboardInterrupt:
            raise Interrupted from None
        finally:
            if sys.exc_info()[0] is None or isinstance(sys.exc_info()[1], typer.Exit):
                detail(f"{name} took {time.monotonic() - began:.1f} s, exit code {code}")
                _hint(name, values, code)
            _MANNER.reset(token)

    added = [] if own else [_parameter("quiet", Quiet)]
    added.append(_parameter("verbose", Verbose))
    if not _has_panel(signature):
        added = [parameter.replace(annotation=_unpanelled(parameter.annotation)) for parameter in added]
    parameters = [*signature.parameters.values(), *added]
    speaking.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    speaking.__annotations__ = {one.name: one.annotation for one in parameters}
    return speaking


def is_plain_terminal() -> bool:
    """Whether the terminal can do nothing but print: no live line, no colour."""
    return os.environ.get("TERM") in ("dumb", "unknown")


def _hint(name: str, values: Mapping[str, Any], code: int) -> None:
    """Say what can be done next, to people at a terminal."""
    if manner().quiet or sys.stderr is None or not sys.stderr.isatty():
        return
    from quotes.cli.hints import next_step

    step = manner().offered or next_step(name, values, code)
    if step is not None:
        line = f"next: {step}"
        plain = is_plain_terminal() or bool(os.environ.get("NO_COLOR"))
        print(line if plain else f"{_DIM}{line}{_PLAIN}", file=sys.stderr)


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)


def _has_panel(signature: inspect.Signature) -> bool:
    """Whether the command sorts its options, so that there is a place for these."""
    infos = (getattr(one.annotation, "__metadata__", (None,))[0] for one in signature.parameters.values())
    return any(getattr(info, "rich_help_panel", None) == IO for info in infos)


def _unpanelled(annotation: Any) -> Any:
    import copy
    from typing import Annotated

    info = copy.copy(annotation.__metadata__[0])
    info.rich_help_panel = None
    return Annotated[bool, info]
