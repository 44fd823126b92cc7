"""The reference pages as the code has it: every command and option, and the JSON Schemas, as Markdown.

cog calls it from comments in docs/reference/. Afresh, after a change of an option or a schema, and as a check:

    cog -r -I scripts docs/reference/*.md
    cog --check -I scripts docs/reference/*.md

Options are read from the command line's own declarations, not from what --help prints, so that the pages are the same
with every version of the libraries that print it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer

_LEFT_OUT = {"help", "install_completion", "show_completion"}
_MARKUP = re.compile(r"\[/?bold\]")


def command_line() -> str:
    """Every command with its arguments, options by group, and closing notes."""
    from quotes.cli.app import app

    return "\n".join(_commands(typer.main.get_command(app), "quotes"))


def schema(name: str) -> str:
    """The fields of the JSON Schema *name* that ships with the package, one a row."""
    found = json.loads(files("quotes").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))
    rows = [f"| `{path}` | {kind} | {told} |" for path, kind, told in _fields(found, found, "")]
    return "\n".join(["| field | kind | what it holds |", "|---|---|---|", *rows])


def public_names(module: str) -> str:
    """The names that *module* offers, classes and functions before the errors, as directions to mkdocstrings."""
    face = import_module(module)
    names = [name for name in face.__all__ if not name.startswith("_")]
    errors = [name for name in names if _is_error(getattr(face, name))]
    order = [*(name for name in names if name not in errors), *errors]
    return "\n\n".join(f"::: {getattr(face, name).__module__}.{name}" for name in order)


def exit_codes() -> str:
    """Every error with the exit code it leads to, as the tree of errors has it."""
    from quotes.errors import QuotesError

    rows = [f"| `{kind.__name__}` | {kind.exit_code} | {_first(kind.__doc__)} |" for kind in _tree(QuotesError)]
    return "\n".join(["| error | exit code | what happened |", "|---|---|---|", *rows])


def _commands(command: Any, name: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children is None or name != "quotes":
        yield from _command(command, name)
    for child, below in (children or {}).items():
        if not below.hidden:
            yield from _commands(below, f"{name} {child}")


def _command(command: Any, name: str) -> Iterator[str]:
    shown = [each for each in command.params if each.name not in _LEFT_OUT and not getattr(each, "hidden", False)]
    arguments = [each for each in shown if not _is_option(each)]
    options = [each for each in shown if _is_option(each)]
    yield from [f"{'###' if ' ' in name.removeprefix('quotes ') else '##'} {name}", ""]
    yield from [_plain(command.help or ""), ""]
    if getattr(command, "commands", None) is None:
        words = [name, *(_as_typed(each) for each in arguments), *(["[OPTIONS]"] if options else [])]
        yield from ["```text", " ".join(words), "```", ""]
    hints = get_type_hints(command.callback, include_extras=True) if command.callback else {}
    if arguments:
        yield from _table("argument", [(f"`{_value(each, hints)}`", _told(each)) for each in arguments])
    for panel in dict.fromkeys(each.rich_help_panel or "Options" for each in options):
        group = [each for each in options if (each.rich_help_panel or "Options") == panel]
        yield from _table(panel, [(_spelled(each, hints), _told(each)) for each in group])
    if command.epilog:
        yield from ["```text", _MARKUP.sub("", command.epilog).strip("\n"), "```", ""]


def _is_option(parameter: Any) -> bool:
    return bool(parameter.opts[0].startswith("-"))


def _as_typed(argument: Any) -> str:
    word = argument.metavar or argument.name.upper()
    word = word if argument.nargs == 1 or word.endswith(("…", "...")) else f"{word}…"
    return word if argument.required else f"[{word}]"


def _spelled(option: Any, hints: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else _value(option, hints)
    return f"{names} `{value}`" if value else names


def _value(parameter: Any, hints: Mapping[str, Any]) -> str:
    """What to type for *parameter*: the word of its declaration, or the choices it has."""
    if parameter.metavar:
        return str(parameter.metavar)
    choices = _choices(hints.get(parameter.name))
    return "|".join(choices) if choices else str(parameter.name).upper()


def _choices(hint: Any) -> list[str]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [str(each.value) for each in hint]
    if get_origin(hint) is Literal:
        return [str(each) for each in get_args(hint)]
    parts = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return [choice for part in parts for choice in _choices(part)]


def _told(parameter: Any) -> str:
    told = _plain(parameter.help or "").replace("|", "\\|")
    default = parameter.default
    if parameter.required or not parameter.show_default or default in (None, False, (), []):
        return told
    return f"{told} Default: `{getattr(default, 'value', default)}`."


def _table(head: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield from [f"| {head} | |", "|---|---|"]
    for name, told in rows:
        yield f"| {_in_cell(name)} | {told} |"
    yield ""


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _plain(text: str) -> str:
    """*text* as Markdown that shows its very characters: what looks like a tag, a link or emphasis is none."""
    paragraphs = [" ".join(part.split()) for part in _MARKUP.sub("", text).replace("\\[", "[").split("\n\n")]
    return re.sub(r"([<>*_\[\]])", r"\\\1", "\n\n".join(paragraphs))


def _fields(whole: Mapping[str, Any], part: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Path, kind and description of every field of *part*, depth first."""
    part = _resolved(whole, part)
    for name, below in part.get("properties", {}).items():
        yield from _field(whole, _resolved(whole, below), f"{path}{name}", name not in part.get("required", ()))
    rest = part.get("additionalProperties")
    if isinstance(rest, dict) and "properties" in _resolved(whole, rest):
        yield from _field(whole, _resolved(whole, rest), f"{path}NAME", optional=True)


def _field(
    whole: Mapping[str, Any], part: Mapping[str, Any], path: str, optional: bool
) -> Iterator[tuple[str, str, str]]:
    told = _plain(part.get("description", "")).replace("|", "\\|")
    yield path, _kind(whole, part) + (" (may be missing)" if optional and "required" in whole else ""), told
    items = _resolved(whole, part.get("items", {})) if isinstance(part.get("items"), dict) else {}
    if "properties" in items:
        yield from _fields(whole, items, f"{path}[].")
    else:
        yield from _fields(whole, part, f"{path}.")


def _resolved(whole: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref", "")
    for step in reference.removeprefix("#/").split("/") if reference else ():
        whole = whole[step]
    return whole if reference else part


def _kind(whole: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "anyOf" in part or "oneOf" in part:
        return " or ".join(_kind(whole, _resolved(whole, each)) for each in part.get("anyOf") or part["oneOf"])
    kinds = part.get("type", "any")
    first, *others = [kinds] if isinstance(kinds, str) else kinds
    if "minimum" in part or "maximum" in part:
        first += f" {_range(part)}"
    items = _resolved(whole, part["items"]) if isinstance(part.get("items"), dict) else {}
    if first == "array" and items:
        pair = part.get("minItems") == part.get("maxItems") == 2
        first = f"{'pair' if pair else 'list'} of {_kind(whole, items)}"
    return " or ".join([first, *others])


def _range(part: Mapping[str, Any]) -> str:
    if "maximum" in part:
        return f"{part.get('minimum', '')}–{part['maximum']}"
    return f"≥ {part['minimum']}"


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _tree(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for below in sorted(kind.__subclasses__(), key=lambda each: (each.exit_code, each.__name__)):
        if below.__module__ == kind.__module__:
            yield from _tree(below)


def _first(docstring: str | None) -> str:
    """The first paragraph of *docstring*, in one line."""
    return " ".join((docstring or "").split("\n\n")[0].split())
