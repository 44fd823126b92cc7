"""Templates of a pack: compiled in a sandbox that runs no code, reads no file and gives the same text every time.

Those that ship with the package are code of ours already and need neither sandbox nor Jinja.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from quotes.prompting.rendering import Line
from quotes.prompting.shipped import written_out

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_LONGEST_REPEATED: Final = 10_000
"""Characters or items that ``*`` may make: a line of dashes, not a flood."""


class Template(Protocol):
    """What makes a text of values."""

    def render(self, **values: Any) -> str:
        """The text of *values*. Raises whatever the template's author wished."""
        ...


@dataclass(frozen=True, slots=True)
class _WrittenOut:
    write: Callable[..., str]

    def render(self, **values: Any) -> str:
        return self.write(**values)


def compiled(source: str) -> Template:
    """*source* as a template. Raises jinja2.TemplateError where it is none."""
    write = written_out(source)
    return _sandboxed(source) if write is None else _WrittenOut(write)


def _sandboxed(source: str) -> Template:
    return _environment().from_string(source)


def variables(source: str) -> set[str]:
    """The names that the template *source* looks up, also where it does so only at times. Raises as `compiled` does."""
    from jinja2.meta import find_undeclared_variables

    return find_undeclared_variables(_environment().parse(source))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    plain = (Line, LoopContext)

    class Bounded(ImmutableSandboxedEnvironment):
        """The sandbox of Jinja, in which nothing can be multiplied without an end."""

        intercepted_binops = frozenset({"*", "**"})

        def getattr(self, obj: Any, attribute: str) -> Any:
            if type(obj) in plain and attribute[:1] != "_":  # holds nothing that the sandbox keeps from a template
                try:
                    return getattr(obj, attribute)
                except AttributeError:
                    pass
            return super().getattr(obj, attribute)

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or _made(left, right) > _LONGEST_REPEATED:
                raise SecurityError(f"{operator} would make too much")
            return super().call_binop(context, operator, left, right)

    environment = Bounded(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    for name in ("lipsum", "cycler", "joiner"):  # chance, and objects with a memory: a request has to repeat
        del environment.globals[name]
    del environment.filters["random"]
    return environment


def _made(left: Any, right: Any) -> int:
    """How long ``left * right`` is where one of them is a sequence; 0 for numbers."""
    if isinstance(right, str | list | tuple):
        left, right = right, left
    return len(left) * right if isinstance(left, str | list | tuple) and isinstance(right, int) else 0
