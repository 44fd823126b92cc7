"""Pointers of an answer become spans of the text, or a stated problem: never words of the reply."""

from __future__ import annotations

import json

import pytest

from quotes.model import Article, Quote
from quotes.prompting import load_pack, packaged_packs
from quotes.prompting.requests import show_example
from quotes.record import check_record, to_json
from tests.extraction.conducting import Script, answer, attribution, conduct, extract, model_engine

ENGINE = model_engine()


def only_quote(text: str, item: dict[str, object]) -> Quote:
    extraction = extract(text, Script(answer(item), answer(item), answer()), ENGINE)
    (quote,) = [quote for quote in extraction.quotes if "model" in quote.by]
    return quote


def pieces(text: str, quote: Quote) -> list[str]:
    return [piece.of(text) for piece in quote.content]


def test_a_mark_is_the_words_between_its_quotation_marks() -> None:
    text = "“We tried,” Oduya said, “and we failed.”"
    quote = only_quote(text, attribution(1, cue="said", speaker="Oduya", said=[1, 2]))
    assert pieces(text, quote) == ["We tried,", "and we failed."]
    assert [span.of(text) for span in quote.cue] == ["said"]
    assert [span.of(text) for span in quote.speaker.mention] == ["Oduya"]
    assert quote.type == "direct"


def test_a_clause_runs_from_its_first_to_its_last_words_marks_and_all() -> None:
    text = "Tan said that the plan was “dead on arrival” in June."
    quote = only_quote(text, attribution(1, cue="said", speaker="Tan", said=["that the plan … in June"]))
    assert pieces(text, quote) == ["that the plan was “dead on arrival” in June"]
    assert quote.type == "mixed"


def test_a_clause_that_would_cut_a_quotation_takes_all_of_it() -> None:
    text = "Tan said that the plan was “dead on arrival”."
    quote = only_quote(text, attribution(1, cue="said", speaker="Tan", said=["that the … dead on"]))
    assert pieces(text, quote) == ["that the plan was “dead on arrival”"]


def test_a_clause_that_holds_cue_and_speaker_is_cut_around_them() -> None:
    text = "Rents, Ng said, have doubled since May."
    quote = only_quote(text, attribution(1, cue="said", speaker="Ng", said=["Rents, Ng … since May"]))
    assert pieces(text, quote) == ["Rents", "have doubled since May"]


def test_a_clause_that_is_one_quotation_is_its_words_alone() -> None:
    text = "“We tried and we failed,” Oduya said."
    quote = only_quote(text, attribution(1, cue="said", speaker="Oduya", said=["We tried … we failed"]))
    assert pieces(text, quote) == ["We tried and we failed,"]


def test_a_clause_that_ends_where_a_quotation_opens_does_not_end_with_its_mark() -> None:
    """A cue within the quotation, as a careless answer names one, keeps the clause from taking all of it."""
    text = "Holt asked once “ ‘don't go’ ” again!"
    item = attribution(1, cue="don't go", said=["Holt asked … don't go"])
    extraction = extract(text, Script(answer(item), answer(item), answer(), answer()), ENGINE)
    assert check_record(to_json(extraction), text) == ()
    assert [pieces(text, quote) for quote in extraction.quotes if "model" in quote.by] == [["Holt asked once"]]


def test_of_several_places_the_mention_nearest_to_the_cue_is_meant() -> None:
    text = "He left early because he was tired, and “No,” he said."
    quote = only_quote(text, attribution(1, cue="said", speaker="he", said=[1]))
    assert quote.speaker.mention[0].start == text.index("he said")


def test_a_pronoun_takes_the_name_of_the_roster_it_points_at() -> None:
    text = "Mayor Mara Ruiz met Dean Holt on Monday. “No deal,” she said."
    roster = [name.name for name in ENGINE.open(Article("a", text)).reading.roster]
    quote = only_quote(
        text, attribution(2, cue="said", speaker="she", who={"person": roster.index("Mara Ruiz") + 1}, said=[1])
    )
    assert quote.speaker.name == "Mara Ruiz"
    assert quote.speaker.name_span is not None
    assert quote.speaker.name_span.of(text) == "Mara Ruiz"


def test_a_printed_name_is_believed_before_a_roster_number() -> None:
    text = "Mara Ruiz met Dean Holt. “No deal,” Holt said."
    roster = [name.name for name in ENGINE.open(Article("a", text)).reading.roster]
    quote = only_quote(
        text, attribution(2, cue="said", speaker="Holt", who={"person": roster.index("Mara Ruiz") + 1}, said=[1])
    )
    assert quote.speaker.name == "Dean Holt"


def test_a_spokesman_for_somebody_is_not_that_somebody() -> None:
    text = "Mara Ruiz was away. “No deal,” a spokesman for Ruiz said."
    quote = only_quote(text, attribution(2, cue="said", speaker="a spokesman for Ruiz", who={"anonymous": 0}, said=[1]))
    assert quote.speaker.name == "a spokesman for Ruiz"
    assert quote.speaker.kind == "anonymous"


def test_an_unnamed_pronoun_has_no_name() -> None:
    text = "The hall was full. “No deal,” she said."
    quote = only_quote(text, attribution(2, cue="said", speaker="she", said=[1]))
    assert (quote.speaker.name, quote.speaker.name_span) == (None, None)


def test_no_break_spaces_and_typography_are_no_obstacle() -> None:
    text = "Mr.\u00a0Ng’s office said the “van didn’t start” at 9\u00a0a.m."
    quote = only_quote(text, attribution(1, cue="said", speaker="Mr. Ng's office", who={"organization": 0}, said=[1]))
    assert [span.of(text) for span in quote.speaker.mention] == ["Mr.\u00a0Ng’s office"]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (attribution(1, cue="said", speaker="Ruiz", said=[4]), "there is no mark 4"),
        (attribution(9, cue="said", speaker="Ruiz", said=["the tax will"]), "there is no sentence 9"),
        (attribution(1, cue="promised", speaker="Ruiz", said=[1]), "the cue 'promised' is not printed"),
        (attribution(1, cue="said", speaker="Holt", said=[1]), "the speaker 'Holt' is not printed"),
        (attribution(1, cue="said", speaker="Ruiz", said=["We will raise taxes"]), "is not printed"),
        (attribution(1, cue="said", speaker="Ruiz"), "nothing in it is content"),
    ],
)
def test_what_is_not_printed_is_rejected_with_the_reason(item: dict[str, object], reason: str) -> None:
    text = "“We will not raise taxes,” Ruiz said."
    extraction = extract(text, Script(answer(item), answer(item), answer(), answer()), ENGINE)
    assert any(reason in rejected.reason for rejected in extraction.rejected)


def test_a_fragment_of_the_claimed_words_is_no_evidence() -> None:
    text = "We will not raise taxes, Ruiz said on Monday."
    item = attribution(1, cue="said", speaker="Ruiz", said=["We will raise taxes"])
    extraction = extract(text, Script(answer(item), answer(item)), ENGINE)
    assert not any("model" in quote.by for quote in extraction.quotes)


@pytest.mark.parametrize("name", packaged_packs())
def test_the_examples_of_a_shipped_pack_stand_every_check_themselves(name: str) -> None:
    for example in load_pack(name).examples:
        work = ENGINE.open(Article("a", example.text))
        (exchange,) = work.exchanges
        roster = [entry.name for entry in show_example(example).roster]
        found = {entry.name: number for number, entry in enumerate(work.reading.roster, 1)}
        reply = json.loads(json.dumps(example.answer))
        for item in reply["attributions"]:
            item["who"] = {kind: who and found.get(roster[who - 1], 0) for kind, who in item["who"].items()}
        script = Script(answer(*reply["attributions"], **{f"m{n['mark']}": n["as"] for n in reply["not_quotes"]}))
        findings = conduct(exchange, script)
        assert findings.rejected == ()
        assert findings.open == {}
        assert len(script.requests) == 1


@pytest.mark.parametrize("mention", ["the Harbour Society statement", "a spokesman for Harbour Society"])
def test_a_mention_that_only_holds_a_name_is_not_that_name(mention: str) -> None:
    text = f"Harbour Society met on Monday. “No deal,” {mention} said."
    quote = only_quote(text, attribution(2, cue="said", speaker=mention, who={"document": 0}, said=[1]))
    assert quote.speaker.name == mention


@pytest.mark.parametrize(("style", "name"), [("static", "Mara Ruiz"), ("tight", "officials")])
def test_a_roster_number_is_believed_of_a_noun_only_where_the_model_points_freely(style: str, name: str) -> None:
    text = "Mara Ruiz was away. “No deal,” officials said."
    engine = model_engine(schema_style=style)
    roster = [entry.name for entry in engine.open(Article("a", text)).reading.roster]
    item = attribution(2, cue="said", speaker="officials", who={"person": roster.index("Mara Ruiz") + 1}, said=[1])
    (quote,) = extract(text, Script(answer(item)), engine).quotes
    assert quote.speaker.name == name
