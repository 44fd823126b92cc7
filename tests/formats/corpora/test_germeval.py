"""GermEval 2023: both layouts of one speech."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quotes.errors import InputError
from quotes.formats.corpora.germeval import read_speech
from quotes.formats.corpora.gold import GoldArticle
from tests.formats.corpora.annotated import FIXTURES, words

FILES = sorted((FIXTURES / "germeval").rglob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_source_cue_particle_and_message_become_a_quote(file: Path) -> None:
    text, quotes, empty = read_speech(file.read_text(encoding="utf-8"), None, "w")
    assert text == (
        "Frau Präsidentin! Die Werft teilt gestern mit, dass der Kran, wie geplant, steht. „Wir bauen“, rief Krell."
    )
    assert words(GoldArticle("", "", text, quotes)) == [
        (["dass der Kran", "steht"], ["teilt", "mit"], ["Die Werft"]),
        (["Wir bauen"], ["rief"], ["Krell"]),
    ]
    assert empty == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "w: not JSON: Expecting property name enclosed in double quotes"),
        ([], "w: no object"),
        ({"1": {"Tokens": ["a", " "]}}, "w: sentence 1: its tokens are no list of words"),
        ({"Sentences": [{"Tokens": ["a"]}]}, "w: a sentence that is no object with a SentenceId"),
        ({"1": {"Tokens": ["a"], "Annotations": [3]}}, "w: annotation 1 is no object"),
        (
            {"1": {"Tokens": ["a"], "Annotations": [{"Message": ["1:1"]}]}},
            "w: annotation 1: Message names “1:1”, and there is no such token (a token is SENTENCE:PLACE, as in 3:12)",
        ),
    ],
)
def test_what_does_not_fit_is_one_line(value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_speech(value if isinstance(value, str) else json.dumps(value), None, "w")
    assert str(caught.value).startswith(message)
