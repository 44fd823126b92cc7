"""The table of one article's quotes."""

from __future__ import annotations

import io
from dataclasses import replace

from quotes.formats.table import article_table, counted, speaker_of
from quotes.formats.terminal import console
from quotes.model import NOBODY, Article, Extraction, Speaker
from quotes.record import to_json
from tests.formats.samples import Terminal, sample, span


def printed(extraction: Extraction, stream: io.StringIO | None = None, width: int = 100) -> str:
    stream = stream or io.StringIO()
    console(stream, width).print(article_table(to_json(extraction)))
    return stream.getvalue()


def test_each_quote_is_a_row_with_speaker_kind_type_confidence_and_words() -> None:
    lines = [line.split() for line in printed(sample()).splitlines()]
    assert lines[1] == ["#", "speaker", "kind", "type", "confidence", "words"]
    assert lines[2] == ["1", "Mara", "Oduya", "person", "direct", "high", "We", "tried,", "…", "and", "we", "failed."]


def test_the_headline_tells_id_status_and_counts() -> None:
    assert printed(sample()).splitlines()[0] == "news/7  partial  1 quote, 1 skipped, 1 unresolved"


def test_a_complete_article_without_quotes_is_one_line() -> None:
    assert printed(Extraction(Article("a", "Nothing."), "complete")) == "a  0 quotes\n\n"


def test_what_remained_open_is_told_below() -> None:
    assert printed(sample()).splitlines()[-4:] == [
        "chunk 1: connection: no answer came",
        "1 quotation unresolved: no answer",
        "1 item of the model's answer rejected",
        "",
    ]


def test_a_narrow_terminal_folds_the_words_and_loses_none() -> None:
    shown = printed(sample(), width=60)
    assert max(len(line) for line in shown.splitlines()) <= 60
    assert "failed." in shown


def test_a_terminal_gets_colours_and_nothing_else_does() -> None:
    assert "\x1b[" in printed(sample(), Terminal())
    assert "\x1b" not in printed(sample())


def test_an_articles_words_bring_no_colours_of_their_own() -> None:
    text = sample().article.text.replace("tried", "\x1b[5m[")
    assert "\x1b[5m" not in printed(sample("\x1b[5mid", text), Terminal())


def test_a_pronoun_is_shown_with_the_name_it_stands_for() -> None:
    she = Speaker((span("She"),), "Mara Oduya", span("Mara Oduya"), "person")
    [quote] = sample().quotes
    record = to_json(replace(sample(), quotes=(replace(quote, speaker=she),)))
    assert speaker_of(record["quotes"][0]) == "She → Mara Oduya"


def test_a_quote_of_nobody_is_shown_with_a_dash() -> None:
    [quote] = sample().quotes
    record = to_json(replace(sample(), quotes=(replace(quote, speaker=NOBODY),)))
    assert speaker_of(record["quotes"][0]) == "–"


def test_numbers_are_counted_as_people_write_them() -> None:
    assert [counted(number, "quote") for number in (0, 1, 1204)] == ["0 quotes", "1 quote", "1,204 quotes"]
