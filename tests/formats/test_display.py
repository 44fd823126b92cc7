"""The article in the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.formats.display import print_article, print_list
from quotes.formats.terminal import visible
from quotes.model import NOBODY, Quote
from quotes.record import to_json
from tests.formats.samples import TEXT, Terminal, sample, span

SAMPLE = to_json(sample())


def shown(record: dict[str, Any], text: str | None = TEXT, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    print_article(record, text, stream, width=80)
    return stream.getvalue()


def without_colours(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_in_a_pipe_quotes_stand_in_brackets_and_below_them_the_list() -> None:
    assert shown(SAMPLE) == (
        "news/7  partial  1 quote, 1 skipped, 1 unresolved\n"
        "\n"
        "“[1: We tried,]” Mara Oduya said, “[1: and we failed.]”\n"
        "\n"
        "The “free” bus runs. She sang “Tide”.\n"
        "\n"
        "1. Mara Oduya (person, direct, high): We tried, … and we failed.\n"
        "chunk 1: connection: no answer came\n"
        "1 quotation unresolved: no answer\n"
        "1 item of the model's answer rejected\n"
    )


def test_in_a_pipe_no_line_is_broken() -> None:
    long = "word " * 100
    assert long.strip() in shown(SAMPLE, TEXT + long)


def test_on_a_terminal_quotes_speakers_and_cues_are_coloured_and_numbered() -> None:
    screen = shown(SAMPLE, stream=Terminal())
    assert "“\x1b[32mWe tried,\x1b[0m\x1b[2m[1]\x1b[0m” \x1b[1;36mMara Oduya\x1b[0m \x1b[35msaid\x1b[0m" in screen
    assert "\x1b[2m“free”\x1b[0m" in screen
    assert "\x1b[31m“Tide”\x1b[0m" in screen


@pytest.mark.parametrize("without", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_on_a_terminal_without_colours_quotes_stand_in_brackets(
    monkeypatch: pytest.MonkeyPatch, without: dict[str, str]
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in without.items():
        monkeypatch.setenv(name, value)
    screen = without_colours(shown(SAMPLE, TEXT + " word" * 100, Terminal()))
    assert "“[1: We tried,]” Mara Oduya said, “[1: and we failed.]”" in screen
    assert "skipped  unresolved" not in screen
    assert max(len(line) for line in screen.splitlines()) <= 80


def test_in_a_pipe_no_line_of_the_list_is_cut() -> None:
    stream = io.StringIO()
    name = "a-folder/with-a-long-name/" * 8
    print_list([to_json(sample(name))], stream)
    assert stream.getvalue() == f"{name}  partial  1 quote, 1 skipped, 1 unresolved  Mara Oduya\n"


def test_on_a_terminal_no_line_is_wider_than_it() -> None:
    screen = shown(SAMPLE, TEXT + " word" * 100, Terminal())
    assert max(len(line) for line in without_colours(screen).splitlines()) <= 80


def test_a_quote_within_a_quote_is_marked_within_it() -> None:
    [outer] = sample().quotes
    inner = Quote("direct", (span("tried"),), (), NOBODY, "low", ("model",))
    record = to_json(replace(sample(), quotes=(outer, inner)))
    assert "“[1: We [2: tried],]”" in shown(record)
    assert "\x1b[32mWe \x1b[0m\x1b[4;32mtried\x1b[0m\x1b[2m[2]\x1b[0m\x1b[32m,\x1b[0m\x1b[2m[1]\x1b[0m" in shown(
        record, stream=Terminal()
    )


def test_without_the_text_the_list_is_shown_and_what_to_do() -> None:
    screen = shown(to_json(sample(), with_text=False), None)
    assert "The record is without the article's text (give the original with --input)." in screen
    assert "1. Mara Oduya (person, direct, high): We tried, … and we failed." in screen


def test_an_articles_escape_sequences_are_shown_and_not_obeyed() -> None:
    text = TEXT + "\x1b[2J\x1b]0;title\x07[blink]x[/blink]"
    assert "␛[2J␛]0;title␇[blink]x[/blink]" in shown(SAMPLE, text)
    assert "\x1b[2J" not in shown(SAMPLE, text, Terminal())


@given(
    text=st.text(max_size=80),
    spans=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)).map(list), min_size=1, max_size=8),
)
def test_whatever_the_spans_say_every_word_of_the_text_is_shown(text: str, spans: list[list[int]]) -> None:
    record = {**SAMPLE, "quotes": [{**SAMPLE["quotes"][0], "content": spans, "cue": spans[:2], "speaker": spans[1:3]}]}
    body = "\n".join(shown(record, text).split("\n")[2:])
    assert _is_within("".join(visible(text).split()), body)


def _is_within(letters: str, body: str) -> bool:
    """Whether *letters* stand in *body* in their order, whatever stands between them."""
    rest = iter(body)
    return all(letter in rest for letter in letters)


def test_the_list_is_one_line_an_article_with_those_who_are_quoted() -> None:
    stream = io.StringIO()
    print_list([SAMPLE, to_json(sample("news/8"))], stream)
    assert stream.getvalue() == (
        "news/7  partial  1 quote, 1 skipped, 1 unresolved  Mara Oduya\n"
        "news/8  partial  1 quote, 1 skipped, 1 unresolved  Mara Oduya\n"
    )
