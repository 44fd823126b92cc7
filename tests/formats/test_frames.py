"""Frames: the quotes as a table of pandas, the same columns whatever there is."""

from __future__ import annotations

import sys
from dataclasses import replace

import pandas
import pytest

from quotes import UsageError, extract, to_pandas
from quotes.model import NOBODY, Article, Extraction, Quote, Span
from quotes.record import from_json, to_json
from tests.formats.samples import sample

COLUMNS = [
    "article",
    "quote",
    "type",
    "text",
    "speaker_name",
    "speaker_text",
    "speaker_kind",
    "cue_text",
    "confidence",
    "by",
    "start",
    "end",
    "content",
    "cue",
    "speaker",
    "chunk",
    "key",
]


def test_a_row_says_what_the_record_says() -> None:
    frame = sample().to_pandas()
    assert list(frame.columns) == COLUMNS
    stored = to_json(sample())["quotes"][0]
    row = frame.iloc[0]
    same = ("type", "text", "speaker_name", "speaker_text", "speaker_kind", "cue_text", "confidence")
    assert {name: row[name] for name in same} == {name: stored[name] for name in same}
    assert (row.article, row.quote, row.by, row.start, row.end) == ("news/7", 1, "rules", 1, 44)
    assert [[list(piece) for piece in row[name]] for name in ("content", "cue", "speaker")] == [
        stored[name] for name in ("content", "cue", "speaker")
    ]


def test_without_quotes_the_table_has_the_same_columns_of_the_same_kinds() -> None:
    empty, full = extract("The pier is long.").to_pandas(), sample().to_pandas()
    assert len(empty) == 0
    assert list(empty.dtypes.items()) == list(full.dtypes.items())
    assert list(to_pandas([]).dtypes.items()) == list(full.dtypes.items())


def test_words_are_strings_and_what_is_missing_is_missing() -> None:
    nobody = replace(sample().quotes[0], speaker=NOBODY, by=("model", "rules"), chunk=0, key="ab")
    frame = replace(sample(), quotes=(*sample().quotes, nobody)).to_pandas()
    assert all(
        pandas.api.types.is_string_dtype(frame[name]) for name in ("article", "text", "speaker_name", "by", "key")
    )
    assert frame.speaker_name.isna().tolist() == [False, True]
    assert frame.key.isna().tolist() == [True, False]
    assert frame.chunk.isna().tolist() == [True, False]
    assert frame.by.tolist() == ["rules", "model rules"]


def test_choices_are_categories_and_confidence_has_an_order() -> None:
    frame = sample().to_pandas()
    assert frame.type.cat.categories.tolist() == ["direct", "indirect", "mixed"]
    assert frame.confidence.cat.categories.tolist() == ["low", "medium", "high"]
    assert (frame.confidence >= "medium").tolist() == [True]
    assert "anonymous" in frame.speaker_kind.cat.categories


def test_many_extractions_are_one_table_and_their_quotes_count_from_one() -> None:
    frame = to_pandas(extraction for extraction in (sample("a"), extract("Long."), sample("b"), sample("c")))
    assert frame.article.tolist() == ["a", "b", "c"]
    assert frame["quote"].tolist() == [1, 1, 1]
    assert frame.index.tolist() == [0, 1, 2]


def test_a_record_without_its_text_has_its_words_in_the_table() -> None:
    assert from_json(to_json(sample(), with_text=False)).to_pandas().text.tolist() == ["We tried, … and we failed."]


def test_half_a_character_is_shown_as_its_escape() -> None:
    broken = Quote("direct", (Span(0, 3),), (), NOBODY, "high", ("rules",))
    frame = Extraction(Article("\ud800", "a\ud83db"), "complete", (broken,)).to_pandas()
    assert frame.loc[0, ["article", "text"]].tolist() == ["\\ud800", "a\\ud83db"]


def test_without_pandas_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r'needs pandas, .* \(pip install "quotes\[pandas\]"\)'):
        sample().to_pandas()
