"""Plain values of the command line: what is taken at once is what Typer would have made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.cli.app import app
from quotes.cli.plain import take_plainly


def _parameters(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for parameter in command.params:
        yield f"{name} {parameter.name}", parameter
    for below in getattr(command, "commands", {}).values():
        yield from _parameters(below, f"{name} {below.name}")


def _kinds() -> dict[str, Any]:
    """One parameter of each kind there is, by its name."""
    kinds: dict[str, tuple[str, Any]] = {}
    for name, parameter in _parameters(typer.main.get_command(app), "quotes"):
        known = getattr(parameter, "type_descriptor", parameter)
        info = getattr(known, "parameter_info", parameter)
        kind = (getattr(known, "annotation", name), info.min, info.max, parameter.required, parameter.nargs)
        if parameter.callback is None:
            kinds.setdefault(str(kind), (name, parameter))
    return dict(kinds.values())


TYPERS, OURS = _kinds(), _kinds()
for _parameter in OURS.values():
    take_plainly(_parameter)

WORDS = st.one_of(
    st.text(st.characters(codec=None), max_size=8),
    st.integers(-3, 10**6).map(str),
    st.floats(-1, 3).map(str),
    st.sampled_from(["", "0", "007", "1.", ".5", "1_000", "٣", " 4", "1e3", "nan", "inf", "rules", "Rules", "direct"]),
)


def _outcome(parameter: Any, value: Any) -> Any:
    try:
        found = parameter.process_value(None, value)
    except typer.BadParameter as error:
        return f"{type(error).__name__}: {error.message}"
    if isinstance(found, tuple | list):
        return [(type(one), one) for one in found]
    return type(found), found


@settings(max_examples=600)
@given(name=st.sampled_from(sorted(TYPERS)), data=st.data())
def test_it_is_what_typer_makes_of_it(name: str, data: st.DataObject) -> None:
    ours, typers = OURS[name], TYPERS[name]
    many = typers.multiple or typers.nargs == -1
    value = data.draw(st.none() | (st.lists(WORDS, max_size=3).map(tuple) if many else WORDS))
    assert _outcome(ours, value) == _outcome(typers, value)


def test_words_digits_and_choices_are_plain() -> None:
    taken = {
        "limit": ("5", 5),
        "temperature": ("0.5", 0.5),
        "lang": ("de", "de"),
        "inputs": (("a.txt", "-"), ["a.txt", "-"]),
        "types": (("direct",), ["direct"]),
    }
    for name, (given_value, expected) in taken.items():
        assert OURS[f"quotes extract {name}"].process_value(None, given_value) == expected
