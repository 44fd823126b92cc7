"""Reading gold and predictions: every fault is one line that names file and line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from quotes.api import extract
from quotes.errors import DuplicateId, QuotesError
from quotes.evaluation import Annotation, annotation_of, read_gold, read_predictions
from quotes.model import Span
from quotes.record import dumps
from tests.evaluation.samples import TEXT, gold_of

TRIED = {"content": [[1, 22]], "speaker": [[25, 34]], "speaker_name": "Ida Krell", "cue": [[35, 39]], "type": "mixed"}


def write(path: Path, *values: Any) -> str:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return str(path)


def line(**changes: Any) -> dict[str, Any]:
    return {"id": "a0", "text": TEXT, "quotes": [TRIED], **changes}


def test_the_gold_form_is_read(tmp_path: Path) -> None:
    (one,) = read_gold(write(tmp_path / "gold.jsonl", line()))
    assert one.article.id == "a0"
    assert one.quotes == (Annotation((Span(1, 22),), (Span(25, 34),), "Ida Krell", (Span(35, 39),)),)


def test_records_are_read_too_with_what_they_say_of_the_speaker_and_of_their_confidence(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    extraction = extract(TEXT, id="a0", backend="rules")
    path.write_text(dumps(extraction, with_text=False) + "\n", encoding="utf-8")
    predictions = read_predictions(str(path), gold_of((TEXT, [])))
    assert predictions == {"a0": tuple(map(annotation_of, extraction.quotes))}
    assert all(quote.kind and quote.confidence for quote in predictions["a0"])


def test_standard_input_is_read() -> None:
    (one,) = read_gold("-", io.BytesIO(json.dumps(line()).encode()))
    assert one.article.text == TEXT


def test_the_words_of_a_quote_may_be_left_out_and_its_speaker_unknown(tmp_path: Path) -> None:
    bare = line(quotes=[{"content": [[1, 22]]}, {"content": [], "speaker": [], "speaker_name": None}])
    (one,) = read_gold(write(tmp_path / "gold.jsonl", bare))
    assert [quote.has_speaker for quote in one.quotes] == [False, False]


def quote(**changes: Any) -> list[dict[str, Any]]:
    return [TRIED, {**TRIED, **changes}]


OUTSIDE = "is not within the text of 100 characters (spans are code-point offsets into the text, half-open)"
NO_PAIR = "is not a pair [start, end] of whole numbers (a pair [start, end] of whole numbers is needed)"
NO_LIST = "is not a list of [start, end] (a list of [start, end] is needed)"
NO_LEVEL = "is not one of high, medium, low (one of high, medium, low is needed)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "a JSON array, no object (one JSON object a line)"),
        (line(id=7), "id: 7 is not a string (a string is needed)"),
        ({"text": TEXT, "quotes": []}, "id: is missing (a string is needed)"),
        ({"id": "a0", "quotes": []}, "gold needs its text (write the article as “text”)"),
        (line(quotes={}), "quotes: {} is not a list (a list is needed)"),
        (line(quotes=None), "quotes: is missing (a list is needed)"),
        (line(quotes=["We"]), "quotes[0]: We is not an object (an object is needed)"),
        (line(quotes=[{}]), "quotes[0].content: is missing (a list of [start, end] is needed)"),
        (line(quotes=quote(content=[[1, 999]])), f"quotes[1].content: [1, 999] {OUTSIDE}"),
        (line(quotes=quote(speaker=[[-1, 3]])), f"quotes[1].speaker: [-1, 3] {OUTSIDE}"),
        (line(quotes=quote(cue=[[9, 3]])), f"quotes[1].cue: [9, 3] {OUTSIDE}"),
        (line(quotes=quote(content=[[1, 2.5]])), f"quotes[1].content: [1, 2.5] {NO_PAIR}"),
        (line(quotes=quote(content=[[True, 2]])), f"quotes[1].content: [true, 2] {NO_PAIR}"),
        (line(quotes=quote(content="We")), f"quotes[1].content: We {NO_LIST}"),
        (line(quotes=quote(speaker_name=5)), "quotes[1].speaker_name: 5 is not a string (a string is needed)"),
        (line(quotes=quote(confidence="sure")), f"quotes[1].confidence: sure {NO_LEVEL}"),
        (
            line(sha256="0"),
            "article “a0”: its text is not that of gold (extract from the very text of the gold file)",
        ),
    ],
)
def test_a_faulty_line_is_told_with_its_place(tmp_path: Path, value: Any, expected: str) -> None:
    path = write(tmp_path / "gold.jsonl", line(id="sound"), value)
    with pytest.raises(QuotesError) as caught:
        read_gold(path)
    assert str(caught.value) == f"{path} line 2: {expected}"


def test_a_line_that_is_not_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b'{"id": "a0"\n')
    with pytest.raises(QuotesError, match=r"gold\.jsonl line 1: not JSON"):
        read_gold(str(path))
    path.write_bytes(b'{"id": "a\xff", "text": "", "quotes": []}\n')
    with pytest.raises(QuotesError, match=r"gold\.jsonl line 1: not UTF-8"):
        read_gold(str(path))


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", {"id": "a0", "text": "\ud83d", "quotes": []})
    with pytest.raises(QuotesError, match="line 1: holds half a surrogate pair"):
        read_gold(path)


def test_an_id_that_comes_twice_is_told_with_both_places(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", line(), line())
    with pytest.raises(DuplicateId) as caught:
        read_gold(path)
    assert str(caught.value) == f"{path} line 2: the id “a0” stands in {path} line 1 already (one line an article)"


def test_a_file_without_an_article_is_no_gold(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl")
    with pytest.raises(QuotesError, match="holds no article"):
        read_gold(path)


@pytest.mark.parametrize(("name", "expected"), [("gone.jsonl", "no such file"), ("", "cannot be read: Is a directory")])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, expected: str) -> None:
    with pytest.raises(QuotesError, match=expected):
        read_gold(str(tmp_path / name))


def test_predictions_of_an_article_that_gold_has_not_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", line(id="b"))
    with pytest.raises(QuotesError) as caught:
        read_predictions(path, gold_of((TEXT, [])))
    expected = f"{path} line 1: gold has no article “b” (predict the articles of the gold file only)"
    assert str(caught.value) == expected


@pytest.mark.parametrize("changes", [{"text": TEXT + " "}, {"sha256": "0"}, {"text": None}])
def test_predictions_for_another_text_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = write(tmp_path / "out.jsonl", line(**changes))
    with pytest.raises(QuotesError, match="line 1: article “a0”: its text is not that of gold"):
        read_predictions(path, gold_of((TEXT, [])))


def test_spans_of_predictions_are_checked_against_the_text_of_gold(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", {"id": "a0", "quotes": [{"content": [[0, 101]]}]})
    with pytest.raises(QuotesError, match="not within the text of 100 characters"):
        read_predictions(path, gold_of((TEXT, [])))
