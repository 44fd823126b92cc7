"""Plain values of the command line, taken as they are: words for words, digits for numbers, one of the choices.

Typer has pydantic look at every value, and makes a validator for each option, given or not. To import the one and make
the others takes longer than to read an article by the rules, so it is done only for what is not plainly right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias, get_args, get_origin

Taken: TypeAlias = Callable[[str], Any]
"""What a word stands for; `ValueError` where that is not plain."""

_NUMBERS: Final = {
    int: re.compile(r"[0-9]{1,15}", re.ASCII),
    float: re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII),
}


def take_plainly(parameter: Any) -> None:
    """Let *parameter*, an option or argument of Typer, take plain values at once. All others go the way they went,
    and so does every value with a version of Typer that does not use pydantic."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None:
        return
    slowly = parameter.process_value
    many = parameter.multiple or parameter.nargs == -1
    taken = _taken(descriptor)

    def process_value(context: Any, value: Any) -> Any:
        if not value and parameter.required:
            return slowly(context, value)
        try:
            if value is None:
                value = () if many else None
            else:
                value = [taken(word) for word in value] if many else taken(value)
        except ValueError:
            return slowly(context, value)
        return value if parameter.callback is None else parameter.callback(context, parameter, value)

    parameter.process_value = process_value


def _taken(descriptor: Any) -> Taken:
    """How words become values of the type that *descriptor* names."""
    info, kind = descriptor.parameter_info, descriptor.annotation
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    if info.parser is not None or (descriptor.choices and not info.case_sensitive):
        return _never
    if descriptor.choices:
        choices = {str(getattr(choice, "value", choice)): choice for choice in descriptor.choices}
        return lambda word: _chosen(word, choices)
    if kind in _NUMBERS:
        return lambda word: _number(word, kind, info)
    return _word if kind is str else _never


def _never(_word: str) -> Any:
    raise ValueError


def _word(word: str) -> str:
    if type(word) is not str:
        raise ValueError
    word.encode()  # what is not of Unicode is refused
    return word


def _chosen(word: str, choices: dict[str, Any]) -> Any:
    if type(word) is not str or word not in choices:
        raise ValueError
    return choices[word]


def _number(word: str | float, kind: type, info: Any) -> Any:
    if type(word) is str and _NUMBERS[kind].fullmatch(word):
        number = kind(word)
    elif type(word) is kind:
        number = word
    else:
        raise ValueError
    least, most = info.min, info.max
    if info.clamp or (least is not None and number < least) or (most is not None and number > most):
        raise ValueError
    return number
