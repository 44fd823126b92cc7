"""What an article says is shown as text: it cannot colour, move or hide anything."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.formats.terminal import console, on_one_line, visible, visible_json

HOSTILE = st.text(st.sampled_from("\x1b\x9b[]0;31mJ\x07\x08\r\n\t\x7f\x00\x85\u202e\u2066\u2028\ud800/bolded:smile: a"))


@given(HOSTILE | st.text())
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", visible(text)) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x07b\x7f", "a␇b␡"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\tstays", "tab\tstays"),
        ("gpj.\u202eexe", "gpj.�exe"),
        ("half \ud83d", "half �"),
        ("שלום 🎉 nai\u0308ve \u200f", "שלום 🎉 nai\u0308ve \u200f"),
    ],
)
def test_what_cannot_be_shown_is_pictured_and_everything_else_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_cell_is_one_line() -> None:
    assert on_one_line(" a\r\n\tb\u00a0 c ") == "a b c"


def test_markup_and_emoji_codes_in_a_text_are_printed_as_they_are() -> None:
    stream = io.StringIO()
    console(stream).print("[bold red]x[/] :smile: [link=y]z[/link] 10.5 'a'")
    assert stream.getvalue() == "[bold red]x[/] :smile: [link=y]z[/link] 10.5 'a'\n"


@given(HOSTILE)
def test_printing_any_text_brings_no_escape_sequence(text: str) -> None:
    stream = io.StringIO()
    console(stream).print(visible(text))
    assert "\x1b" not in stream.getvalue()


def test_of_all_control_characters_only_line_ends_and_tabs_are_left() -> None:
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
    assert {char for char in visible(controls) if char < " " or "\x7f" <= char < "\xa0"} == {"\n", "\t"}


@given(HOSTILE | st.text())
def test_json_that_steers_nothing_says_the_same(text: str) -> None:
    shown = visible_json(json.dumps({text: [text]}, indent=2, ensure_ascii=False))
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown) is None
    assert json.loads(shown) == {text: [text]}
