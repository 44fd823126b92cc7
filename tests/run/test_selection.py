"""Selection: fewer quotes, and nothing of the article lost from sight."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.extraction import Engine
from quotes.model import Article, Extraction
from quotes.record import check_record, dumps
from quotes.run.selection import LEFT_OUT, select
from quotes.run.settings import Settings

TEXT = (
    '"We tried," Ida Krell said, "and we failed."\n\nRents doubled, according to Tom Brandt.\n\n'
    '"It is over," said Mr. Brandt. The "free" bus left.\n\nIda Krell said the plan was "dead" by June.\n'
)


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    work = Engine().open(Article("a", TEXT))
    answers = []
    for exchange in work.exchanges:
        with pytest.raises(StopIteration) as end:
            next(exchange)
        answers.append(end.value.value)
    found = work.finish(answers)
    assert len(found.quotes) >= 4
    return found


def test_without_a_wish_nothing_changes(extraction: Extraction) -> None:
    assert select(extraction, Settings()) is extraction


def test_the_speaker_is_sought_in_name_and_mention_whatever_the_case(extraction: Extraction) -> None:
    assert {quote.speaker.name for quote in select(extraction, Settings(speaker="BRANDT")).quotes} == {"Tom Brandt"}
    assert len(select(extraction, Settings(speaker="mr. b")).quotes) == 1
    assert select(extraction, Settings(speaker="nobody")).quotes == ()


def test_quotes_left_out_stay_accounted_for(extraction: Extraction) -> None:
    chosen = select(extraction, Settings(types=("indirect",)))
    assert {quote.type for quote in chosen.quotes} == {"indirect"}
    assert LEFT_OUT in {item.reason for item in chosen.unresolved}


@given(
    types=st.sets(st.sampled_from(["direct", "indirect", "mixed"])),
    speaker=st.sampled_from([None, "", "krell", "brandt", "x"]),
    confidence=st.sampled_from([None, "low", "medium", "high"]),
)
def test_every_selection_is_a_sound_record(
    extraction: Extraction, types: set[Any], speaker: str | None, confidence: Any
) -> None:
    settings = Settings(types=tuple(types), speaker=speaker, min_confidence=confidence)
    record = json.loads(dumps(select(extraction, settings)))
    assert not check_record(record, TEXT)
