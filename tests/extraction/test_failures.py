"""Failures: each way a request ends without an answer has one wording and a remedy that fits who asked."""

from __future__ import annotations

from typing import Any

import pytest

from quotes.errors import ConnectionFailed, FormRefused
from quotes.exchange import Reply
from quotes.extraction.failures import broken_answer, failed_reply, failed_request
from quotes.model import ChunkError
from quotes.prompting import PromptSettings, load_pack
from quotes.prompting.dialect import Dialect

ATTRIBUTING = PromptSettings("some-model", "there", load_pack())
JUDGING = PromptSettings("some-model", "there", load_pack("judge"))


@pytest.mark.parametrize(
    ("outcome", "chunk", "sentence"),
    [
        ("truncated", "raise --max-output-tokens, or lower --chunk-tokens", "raise --max-output-tokens"),
        ("context_overflow", "lower --chunk-tokens", "serve the model with a longer context"),
        ("refusal", "read the chunk; another model may answer", "read the sentence; another model may answer"),
        ("content_filter", "read the chunk; another endpoint", "read the sentence; another endpoint"),
    ],
)
def test_a_reply_that_is_none_has_a_remedy_for_who_asked(outcome: Any, chunk: str, sentence: str) -> None:
    for settings, remedy in ((ATTRIBUTING, chunk), (JUDGING, sentence)):
        failure = failed_reply(Reply("no\nthanks", outcome), settings)
        assert failure.kind == outcome
        assert failure.remedy.startswith(remedy)
        assert "\n" not in failure.what


@pytest.mark.parametrize(("fixed", "remedy"), [(True, "leave out --structured"), (False, "structured output")])
def test_a_refused_schema_is_no_failure_of_a_chunk(fixed: bool, remedy: str) -> None:
    settings = PromptSettings("some-model", "there", load_pack(), dialect=Dialect(fixed=fixed))
    with pytest.raises(FormRefused, match=remedy) as refused:
        failed_reply(Reply("", "schema_refused", detail="not here"), settings)
    assert str(refused.value).startswith("there: the endpoint refuses the response schema: not here")


def test_what_a_failure_becomes_in_a_record_says_what_to_do() -> None:
    lost = failed_request(ConnectionFailed("no answer came", remedy="try later"))
    assert lost.of_chunk(3) == ChunkError(3, "connection", "no answer came (try later)")
    assert broken_answer("it is a poem", JUDGING).of_chunk(0).message == (
        "it is a poem (try a stronger model, or an endpoint with structured output)"
    )
