"""Gold: a line and back, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldArticle, GoldQuote, gold_from_json, gold_line, gold_to_json
from quotes.model import Span
from quotes.record import to_json
from tests.formats.corpora.annotated import gold_articles
from tests.formats.samples import TEXT, sample

NAMED = {"speaker_name": "z", "speaker_name_span": [1, 2]}


@given(gold_articles())
def test_a_line_of_gold_reads_back(article: GoldArticle) -> None:
    assert replace(gold_from_json(json.loads(gold_line(article)), ""), source="") == article


def test_the_type_follows_from_the_text() -> None:
    article = GoldArticle("a", "x", "He said “we tried” today.", (GoldQuote((Span(9, 17),)), GoldQuote((Span(3, 17),))))
    assert [quote["type"] for quote in gold_to_json(article)["quotes"]] == ["mixed", "direct"]


def test_a_record_is_gold_with_its_names_and_what_was_skipped() -> None:
    article = gold_from_json(to_json(sample()), "out.jsonl line 1")
    line = gold_to_json(article)
    assert line["skipped"] == [{"span": [53, 59], "as": "scare"}]
    (quote,) = line["quotes"]
    assert quote["speaker_name"] == "Mara Oduya"
    assert [TEXT[slice(*span)] for span in quote["content"]] == ["We tried,", "and we failed."]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"text": "x"}, "w: no “id” (an id is a string)"),
        ({"id": "a"}, "w: no “text” (gold needs its text; extract without --no-text)"),
        ({"id": "a", "text": "x"}, "w: article a: no “quotes” (a list of quotes is needed)"),
        (
            {"id": "a", "text": "x", "quotes": [{"content": []}]},
            "w: article a: quote 1 has no content (a quote has at least one span of content)",
        ),
        (
            {"id": "a", "text": "x", "quotes": [{"content": [[0, 2]]}]},
            (
                "w: article a: quote 1: content: [0, 2] is not within the text of 1 characters "
                "(spans are code-point offsets, half-open)"
            ),
        ),
        (
            {"id": "a", "text": "x", "quotes": [{"content": [[0, 1.5]]}]},
            "w: article a: quote 1: content: [0, 1.5] is no pair [start, end]",
        ),
        (
            {
                "id": "a",
                "text": "xy",
                "quotes": [{"content": [[0, 1]], "speaker_name": "z", "speaker_name_span": [1, 2]}],
            },
            "w: article a: quote 1: the name “z” is not what is printed there, “y” (a name is text[start:end])",
        ),
        (
            {"id": "a", "text": "x", "quotes": [{"content": [[0, 1]], "speaker_kind": "mayor"}]},
            "w: article a: quote 1: mayor is no name or kind of a speaker",
        ),
    ],
)
def test_what_is_no_gold_is_one_line(value: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        gold_from_json(value, "w")
    assert str(caught.value) == message
