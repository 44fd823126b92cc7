"""The record: its form, its schema, the way there and back, and what the check against the text finds."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quotes import model
from quotes.errors import RecordError
from quotes.exchange import Usage
from quotes.model import (
    NOBODY,
    Article,
    ChunkError,
    Extraction,
    Quote,
    Rejected,
    Skipped,
    Span,
    Speaker,
    Unresolved,
)
from quotes.record import check_record, dumps, from_json, record_schema, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "“We tried,” Mara Oduya said, “and we failed.” The “free” bus runs. She sang “Salt Harbour” and “Tide”."


def span(words: str, occurrence: int = 0) -> Span:
    start = -1
    for _ in range(occurrence + 1):
        start = TEXT.index(words, start + 1)
    return Span(start, start + len(words))


ODUYA = Speaker((span("Mara Oduya"),), "Mara Oduya", span("Mara Oduya"), "person")
QUOTE = Quote(
    type="direct",
    content=(span("We tried,"), span("and we failed.")),
    cue=(span("said"),),
    speaker=ODUYA,
    confidence="high",
    by=("model", "rules"),
    chunk=0,
    key="ab" * 32,
)
SOUND = Extraction(
    Article("news/7", TEXT, {"date": "2031-05-02"}),
    "partial",
    quotes=(QUOTE,),
    skipped=(Skipped(span("“free”"), "scare"), Skipped(span("“Salt Harbour”"), "title")),
    unresolved=(Unresolved(span("“Tide”"), "no answer"),),
    rejected=(Rejected({"cue": "shouted"}, "printed nowhere"),),
    errors=(ChunkError(1, "connection", "no answer came"),),
    model="tiny-1",
    prompt="news@0123",
    usage=Usage(2, 300, 40, 100),
)


# ---------------------------------------------------------------- the form


def test_a_record_prints_its_keys_in_the_order_people_read_them() -> None:
    record = to_json(SOUND)
    assert list(record) == (
        [
            "schema",
            "id",
            "sha256",
            "metadata",
            "text",
            "status",
            "quotes",
            "skipped",
            "unresolved",
            "rejected",
            "errors",
            "model",
            "prompt",
            "usage",
        ]
    )
    assert list(record["quotes"][0]) == (
        [
            "type",
            "content",
            "cue",
            "speaker",
            "text",
            "cue_text",
            "speaker_text",
            "speaker_name",
            "speaker_name_span",
            "speaker_kind",
            "confidence",
            "by",
            "chunk",
            "key",
        ]
    )


def test_a_record_repeats_the_words_of_its_spans() -> None:
    quote = to_json(SOUND)["quotes"][0]
    words = [quote["text"], quote["cue_text"], quote["speaker_text"], quote["speaker_name"]]
    assert words == ["We tried, … and we failed.", "said", "Mara Oduya", "Mara Oduya"]


def test_a_quote_of_nobody_has_no_mention_and_no_name() -> None:
    quote = to_json(replace(SOUND, quotes=(replace(QUOTE, speaker=NOBODY),)))["quotes"][0]
    assert (quote["speaker"], quote["speaker_text"], quote["speaker_name"]) == ([], "", None)


def test_a_record_can_be_written_without_its_text_and_keeps_the_words_of_its_quotes() -> None:
    record = to_json(SOUND, with_text=False)
    assert "text" not in record
    assert record["quotes"][0]["text"] == "We tried, … and we failed."
    assert record["sha256"] == SOUND.article.sha256


def test_a_record_without_text_reads_back_with_an_empty_one() -> None:
    assert from_json(to_json(SOUND, with_text=False)) == replace(SOUND, article=replace(SOUND.article, text=""))


def test_the_quotes_of_a_record_without_text_know_their_words_all_the_same() -> None:
    (quote,) = from_json(to_json(SOUND, with_text=False)).quotes
    assert (quote.text, quote.cue_text, quote.speaker_text) == ("We tried, … and we failed.", "said", "Mara Oduya")


def test_a_line_holds_no_line_end_and_prints_letters_as_they_are() -> None:
    line = dumps(replace(SOUND, article=Article("a", "naïve\r\n\u2028無")))
    assert "\n" not in line
    assert "\r" not in line
    assert "naïve" in line


def test_half_a_character_in_a_rejected_item_can_be_written_and_comes_back() -> None:
    cut_off = replace(SOUND, rejected=(Rejected({"cue": "\ud83d"}, "broken"),))
    line = dumps(cut_off)
    assert from_json(json.loads(line.encode("utf-8"))) == cut_off


def test_numbers_that_json_has_not_are_words_in_a_rejected_item() -> None:
    odd = replace(SOUND, rejected=(Rejected([float("nan"), float("-inf"), 1], "broken"),))
    assert json.loads(dumps(odd))["rejected"][0]["item"] == ["NaN", "-Infinity", 1]


# ---------------------------------------------------------------- there and back

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
words = st.text(max_size=12)
counts = st.integers(0, 10**9)
keys = st.none() | st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def extractions(draw: st.DrawFn) -> Extraction:
    """Any extraction at all, whether or not its text could give rise to it."""
    text = draw(st.text(max_size=60))
    places = st.integers(0, len(text))
    spans = st.tuples(places, places).map(lambda ends: Span(*sorted(ends)))
    several = st.lists(spans, max_size=3).map(tuple)
    attributors = st.lists(st.sampled_from(get_args(model.AttributorName)), min_size=1, unique=True).map(tuple)

    def some(value: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return draw(st.lists(value, max_size=3).map(tuple))

    named = st.builds(
        lambda mention, name, kind: Speaker(mention, name.of(text), name, kind),
        several,
        spans,
        st.sampled_from(get_args(model.SpeakerKind)),
    )
    quotes = st.builds(
        Quote,
        st.sampled_from(get_args(model.QuoteType)),
        st.lists(spans, min_size=1, max_size=3).map(tuple),
        several,
        st.just(NOBODY) | named,
        st.sampled_from(get_args(model.Confidence)),
        attributors,
        st.none() | counts,
        keys,
    )
    return Extraction(
        Article(draw(words), text, draw(st.dictionaries(words, json_values, max_size=3))),
        draw(st.sampled_from(get_args(model.Status))),
        some(quotes),
        some(st.builds(Skipped, spans, st.sampled_from(get_args(model.SkipReason)))),
        some(st.builds(Unresolved, spans, words)),
        some(st.builds(Rejected, json_values, words)),
        some(st.builds(ChunkError, counts, words, words)),
        draw(st.none() | words),
        draw(st.none() | words),
        draw(st.builds(Usage, counts, counts, counts, counts)),
    )


@given(extractions())
def test_a_record_gives_back_the_extraction_it_was_made_of(extraction: Extraction) -> None:
    assert from_json(to_json(extraction)) == extraction


@given(extractions())
def test_a_line_gives_back_the_extraction_it_was_made_of(extraction: Extraction) -> None:
    assert from_json(json.loads(dumps(extraction).encode("utf-8"))) == extraction


@given(extractions())
def test_the_line_of_what_was_read_is_the_line_that_was_read(extraction: Extraction) -> None:
    line = dumps(extraction)
    assert dumps(from_json(json.loads(line))) == line


# ---------------------------------------------------------------- the schema


def _objects(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for item in schema for found in _objects(item)]
    if not isinstance(schema, dict):
        return []
    return [schema] * ("properties" in schema) + [found for item in schema.values() for found in _objects(item)]


def test_the_schema_is_a_json_schema_of_2020_12() -> None:
    Draft202012Validator.check_schema(record_schema())
    assert record_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_lets_no_object_hold_a_key_it_does_not_name() -> None:
    assert [found for found in _objects(record_schema()) if found["additionalProperties"] is not False] == []


def test_the_schema_lists_the_same_words_as_the_model() -> None:
    properties = record_schema()["properties"]
    quote = properties["quotes"]["items"]["properties"]
    listed = {
        model.Status: properties["status"]["enum"],
        model.QuoteType: quote["type"]["enum"],
        model.SpeakerKind: quote["speaker_kind"]["enum"],
        model.Confidence: quote["confidence"]["enum"],
        model.AttributorName: quote["by"]["items"]["enum"],
        model.SkipReason: properties["skipped"]["items"]["properties"]["as"]["enum"],
    }
    assert {words: tuple(enum) for words, enum in listed.items()} == {words: get_args(words) for words in listed}


def test_every_schema_handed_out_is_the_callers_own() -> None:
    record_schema().clear()
    assert record_schema()["title"] == "quotes/1"


# ---------------------------------------------------------------- what is no record


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    record = copy.deepcopy(to_json(SOUND))
    change(record)
    return record


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], 'no "schema"'),
        ("quotes/1", 'no "schema"'),
        ({"id": "a", "text": "b"}, 'no "schema"'),
        ({"schema": "quotes/2"}, "schema quotes/2, this program reads quotes/1"),
        ({"schema": 7}, "schema 7,"),
        (_changed(lambda record: record.pop("id")), "'id' is a required property"),
        (_changed(lambda record: record.update(more=1)), "'more' was unexpected"),
        (_changed(lambda record: record.update(sha256="beef")), "sha256:"),
        (_changed(lambda record: record.update(metadata=[])), "metadata: [] is no object"),
        (_changed(lambda record: record.update(text=None)), "text: null is no string"),
        (_changed(lambda record: record.update(status="done")), "status: 'done' is not one of"),
        (_changed(lambda record: record["usage"].pop("requests")), "usage: 'requests' is a required property"),
        (_changed(lambda record: record["quotes"][0].update(content=[])), "quotes[0].content:"),
        (_changed(lambda record: record["quotes"][0].update(content=[[1]])), "quotes[0].content[0]:"),
        (_changed(lambda record: record["quotes"][0].update(content=[[1, "2"]])), "quotes[0].content[0][1]: 2 is no"),
        (_changed(lambda record: record["quotes"][0].update(content=[[-1, 2]])), "quotes[0].content[0][0]:"),
        (_changed(lambda record: record["quotes"][0].update(content=[[True, 2]])), "quotes[0].content[0][0]: true"),
        (_changed(lambda record: record["quotes"][0].update(by=["model", "model"])), "quotes[0].by:"),
        (_changed(lambda record: record["quotes"][0].update(speaker_name=1)), "speaker_name: 1 is no string or null"),
        (_changed(lambda record: record["skipped"][0].update({"as": "joke"})), "skipped[0].as:"),
    ],
)
def test_what_is_no_record_is_refused_by_name(value: object, complaint: str) -> None:
    with pytest.raises(RecordError) as refusal:
        from_json(value, where="out.jsonl line 7")
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith("out.jsonl line 7: ")


def test_a_refusal_stays_short_however_large_the_value() -> None:
    with pytest.raises(RecordError) as refusal:
        from_json(_changed(lambda record: record.update(status="x" * 10_000)))
    assert len(str(refusal.value)) < 300


# ---------------------------------------------------------------- the check against the text


def _check(change: Callable[[dict[str, Any]], object]) -> tuple[str, ...]:
    return check_record(_changed(change), TEXT)


def _quote(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["quotes"][0]
    return found


def test_a_sound_record_breaks_no_promise() -> None:
    assert check_record(to_json(SOUND), TEXT) == ()


def test_a_record_without_text_is_checked_against_the_text_given() -> None:
    assert check_record(to_json(SOUND, with_text=False), TEXT) == ()


def test_a_span_shifted_by_one_character_is_found() -> None:
    problems = _check(lambda record: _quote(record).update(content=[[2, 11], [30, 44]]))
    assert problems[0].startswith("quotes[0].text: “We tried, … and we failed.” is not what the spans say: “e tried,”")


def test_words_that_were_rewritten_are_found() -> None:
    problems = _check(lambda record: _quote(record).update(text="We tried hard, … and we failed."))
    assert problems == (
        "quotes[0].text: “We tried hard, … and we failed.” is not what the spans say: “We tried, … and we failed.”",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cue_text": "says"}, "quotes[0].cue_text:"),
        ({"speaker_text": "Oduya"}, "quotes[0].speaker_text:"),
        ({"speaker_name": "Mara"}, "quotes[0].speaker_name:"),
        ({"speaker_name": None}, "quotes[0].speaker_name:"),
        ({"speaker_name_span": None}, "quotes[0].speaker_name:"),
        ({"speaker": [], "speaker_text": ""}, "quotes[0].speaker_name: named although no speaker is printed"),
        ({"speaker_name_span": [12, 9999]}, "quotes[0].speaker_name_span: [12, 9999] is not within the text"),
        ({"cue": [[23, 23]]}, "quotes[0].cue: [23, 23] is empty"),
        ({"cue": [[27, 23]]}, "quotes[0].cue: [27, 23] is empty"),
        ({"type": "mixed"}, "quotes[0].type: mixed, but its quotation marks make it direct"),
        ({"content": [[30, 44], [1, 10]], "text": "and we failed. … We tried,"}, "quotes[0].content: [1, 10] does not"),
        ({"content": [[1, 10], [9, 10], [30, 44]]}, "quotes[0].content: [9, 10] does not come after [1, 10]"),
        ({"content": [[1, 10], [29, 44]], "text": "We tried, … “and we failed."}, None),
        ({"content": [[1, 10], [28, 44]], "text": "We tried, …  “and we failed."}, "begins or ends with white space"),
    ],
)
def test_each_broken_promise_about_a_quote_is_named(change: dict[str, Any], problem: str | None) -> None:
    problems = _check(lambda record: _quote(record).update(change))
    assert not problems if problem is None else any(problem in found for found in problems)


def test_a_record_of_another_text_is_found() -> None:
    assert check_record(to_json(SOUND), TEXT + " ")[:2] == (
        "sha256: the record is of another text",
        "text: differs from the text given",
    )


def test_quotes_out_of_order_are_found() -> None:
    later = replace(QUOTE, content=(span("and we failed."),))
    record = to_json(replace(SOUND, quotes=(later, replace(QUOTE, content=(span("We tried,"),)))))
    assert check_record(record, TEXT) == ("quotes: not in the order of their first span",)


def test_a_quotation_that_has_disappeared_is_found() -> None:
    [problem] = _check(lambda record: record["skipped"].pop())
    place = list(span("“Salt Harbour”"))
    assert problem == f"quotation {place} ““Salt Harbour”” is in no class: neither quoted, skipped nor unresolved"


def test_a_quotation_in_two_classes_is_found() -> None:
    problems = _check(lambda record: record["unresolved"].append({"span": list(span("“free”")), "reason": "no answer"}))
    assert ["in two classes: skipped and unresolved" in problem for problem in problems] == [True]


@pytest.mark.parametrize("listed", ["skipped", "unresolved"])
def test_a_quotation_that_is_a_quote_and_something_else_is_found(listed: str) -> None:
    entry = {"skipped": {"span": [0, 11], "as": "other"}, "unresolved": {"span": [0, 11], "reason": "no answer"}}[
        listed
    ]
    problems = _check(lambda record: record[listed].append(entry))
    assert [f"in two classes: {listed} and a quote" in problem for problem in problems] == [True]


def test_a_quotation_listed_twice_is_found() -> None:
    problems = _check(lambda record: record["skipped"].append(record["skipped"][0]))
    assert problems == ("skipped: a quotation is listed twice",)


def test_an_entry_that_is_no_quotation_is_found() -> None:
    problems = _check(lambda record: record["skipped"].append({"span": [0, 10], "as": "other"}))
    assert problems == ("skipped: [0, 10] is no quotation of the text",)


NESTED = "“He told me ‘run’ in ‘Tide’,” Vega said."


def _nested(*content: str, skipped: tuple[str, ...] = (), unresolved: tuple[str, ...] = ()) -> tuple[str, ...]:
    def place(words: str) -> Span:
        return Span(NESTED.index(words), NESTED.index(words) + len(words))

    quotes = tuple(Quote("direct", (place(words),), (), NOBODY, "low", ("model",)) for words in content)
    extraction = Extraction(
        Article("a", NESTED),
        "complete",
        quotes,
        tuple(Skipped(place(words), "title") for words in skipped),
        tuple(Unresolved(place(words), "no answer") for words in unresolved),
    )
    return check_record(to_json(extraction), NESTED)


def test_a_nested_quotation_belongs_to_the_quote_around_it() -> None:
    assert _nested("He told me ‘run’ in ‘Tide’,") == ()


def test_a_nested_quotation_may_be_a_quote_of_its_own() -> None:
    assert _nested("He told me ‘run’ in ‘Tide’,", "run") == ()


def test_a_title_within_somebodys_words_may_be_skipped() -> None:
    assert _nested("He told me ‘run’ in ‘Tide’,", skipped=("‘Tide’",)) == ()


def test_a_quotation_within_somebodys_words_cannot_be_unresolved() -> None:
    assert len(_nested("He told me ‘run’ in ‘Tide’,", unresolved=("‘Tide’",))) == 1


def test_a_quote_may_stand_within_an_unresolved_quotation() -> None:
    assert _nested("run", skipped=("‘Tide’",), unresolved=(NESTED[:29],)) == ()


def test_ten_thousand_quotations_are_checked_without_delay() -> None:
    text = "He said “no” to it. " * 10_000
    quotes = tuple(
        Quote("direct", (Span(start + 9, start + 11),), (), NOBODY, "low", ("rules",))
        for start in range(0, len(text), 20)
    )
    record = to_json(Extraction(Article("a", text), "complete", quotes[:50]))
    assert len(check_record(record, text)) == 9_950
