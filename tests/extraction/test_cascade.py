"""The cascade: what is shown to a model and what is not, and what its answer can change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.errors import ConnectionFailed, RequestFailed
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.extraction.attributors import rules_findings
from quotes.extraction.cascade import open_lines, settled
from quotes.extraction.ownership import owned
from quotes.extraction.trust import Trust
from quotes.model import Article, Extraction, Quote, SpeakerKind
from quotes.prompting import PromptSettings, load_pack
from quotes.record import check_record, to_json
from quotes.text import Reading, read
from tests.extraction.conducting import Answering, Script, answer, attribution, extract
from tests.extraction.trusting import trusts
from tests.strategies import answers, articles

PACK = load_pack("cascade")
ENGINE = Engine(PromptSettings("some-model", "local", PACK, chunk_tokens=60, context_tokens=0), "en", cascade=True)
RULES = Engine(None, "en")
BELIEVING = Trust({"alone": (100, 95), "agree": (100, 95), "differ-model": (100, 95), "unseen": (100, 5)}, keep=0.5)

SURE = "“We tried hard enough,” Ida Krell said. It rained on the pier. “We failed,” Vega said."
TEXT = SURE + " Brandt promised to reopen the ferry. Its “harbour” smells."
"""Two quotes the rules are sure of, a line nobody cares for, one they are unsure of, and a word they skip."""

more = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def nobody(_request: Request) -> Reply:
    pytest.fail("nothing is open, so nobody is asked")


def quoted(extraction: Extraction) -> dict[str, Quote]:
    return {extraction.quote_text(quote): quote for quote in extraction.quotes}


def lines_of(text: str) -> list[str]:
    reading = read(text, "en")
    return [line.of(text) for line in open_lines(reading, rules_findings(reading))]


def test_lines_are_open_that_the_rules_are_not_sure_of() -> None:
    assert lines_of(TEXT) == ["Brandt promised to reopen the ferry."]
    assert lines_of("The plan was a “disaster for the whole of the coast” in her eyes. It rained.") == [
        "The plan was a “disaster for the whole of the coast” in her eyes."
    ]
    assert lines_of("It rained on the pier. Residents have warned since June.") == ["Residents have warned since June."]


def test_an_article_with_nothing_open_makes_no_request_and_has_the_record_of_the_rules() -> None:
    text = SURE + " Its “harbour” smells."
    assert lines_of(text) == []
    assert ENGINE.open(Article("a", text)).exchanges == ()
    alone = extract(text, nobody, RULES)
    assert alone.skipped
    assert replace(extract(text, nobody, ENGINE), model=None, prompt=None) == alone


def test_only_open_lines_are_shown() -> None:
    script = Script(answer())
    extraction = extract(TEXT, script, ENGINE)
    (question,) = script.questions
    assert "promised to reopen" in question
    for word in ("tried", "rained", "failed", "smells"):
        assert word not in question
    assert extraction.status == "complete"
    assert (extraction.model, extraction.prompt) == ("some-model", PACK.id)


@given(articles)
@more
def test_a_chunk_is_cut_of_open_lines_only(text: str) -> None:
    reading = read(text, "en")
    lines = open_lines(reading, rules_findings(reading))
    asked: list[Request] = []
    for exchange in ENGINE.open(Article("a", text)).exchanges:
        asked += [request for request in (next(exchange, None),) if request is not None]
    closed = [line.of(text) for line in reading.sentences if line not in lines]
    hidden = _long_words("\n".join(closed)) - _long_words("\n".join(line.of(text) for line in lines))
    shown = _long_words("\n".join(request.body["messages"][-1]["content"] for request in asked))
    roster = " ".join(mention.of(text) for name in reading.roster for mention in name.mentions)
    assert hidden & shown <= _long_words(PACK.user) | _long_words(roster) | set(get_args(SpeakerKind))
    assert bool(asked) == bool(lines)


def _long_words(line: str) -> set[str]:
    return set(re.findall(r"\w{4,}", line))


def test_what_a_model_says_of_a_line_it_was_shown_is_weighed() -> None:
    believing = replace(ENGINE, trust=BELIEVING)
    named = attribution(1, cue="promised", speaker="Brandt", who={"person": "Brandt"}, said=["to reopen the ferry"])
    quotes = quoted(extract(TEXT, Script(answer(named)), believing))
    assert quotes["to reopen the ferry"].by == ("model", "rules")
    assert quotes["to reopen the ferry"].confidence == "high"
    assert quotes["to reopen the ferry"].key is not None
    unborne = quoted(extract(TEXT, Script(answer()), believing))
    assert "to reopen the ferry" not in unborne
    found = attribution(1, cue="promised", speaker="Brandt", who={"person": "Brandt"}, said=["the ferry"])
    assert quoted(extract(TEXT, Script(answer(found)), believing))["the ferry"].by == ("model",)


@pytest.mark.parametrize("reply", [answer(), ConnectionFailed("gone"), Reply("", "refusal"), Reply("no JSON")])
def test_what_is_settled_stays_as_the_rules_have_it(reply: Reply | RequestFailed) -> None:
    alone = quoted(extract(TEXT, nobody, RULES))
    extraction = extract(TEXT, lambda _request: reply, replace(ENGINE, trust=BELIEVING))
    quotes = quoted(extraction)
    for words in ("We tried hard enough,", "We failed,"):
        assert quotes[words] == alone[words]
    assert [item.reason for item in extraction.skipped] == ["scare"]


def test_an_article_is_failed_only_where_nothing_of_it_stands() -> None:
    for text, status in ((TEXT, "partial"), ("Brandt promised to reopen the ferry.", "failed")):
        extraction = extract(text, lambda _request: ConnectionFailed("gone"), ENGINE)
        assert (extraction.status, len(extraction.errors)) == (status, 1)


@st.composite
def runs(draw: st.DrawFn) -> tuple[str, Answering, Engine]:
    """An article, a model that answers with something generated, and any trust in it."""
    text = draw(articles) + draw(st.sampled_from(["", "\n\n" + TEXT]))
    data = draw(st.data())
    replies = answers(text)

    def answering(_request: Request) -> Reply | RequestFailed:
        if data.draw(st.integers(0, 7)) == 0:
            return ConnectionFailed("no answer")
        return Reply(data.draw(replies))

    return text, answering, replace(ENGINE, trust=draw(trusts))


@given(runs())
@more
def test_every_quotation_is_accounted_for_and_what_is_settled_holds(run: tuple[str, Answering, Engine]) -> None:
    text, answering, engine = run
    extraction = extract(text, answering, engine)
    assert check_record(to_json(extraction), text) == ()
    reading = read(text, "en")
    covered = owned(reading.quotations, [piece for quote in extraction.quotes for piece in quote.content])
    others = [*(item.span for item in extraction.skipped), *(item.span for item in extraction.unresolved)]
    in_quotes = [reading.quotations[i].outer for i in covered]
    assert sorted([*in_quotes, *others]) == sorted(quotation.outer for quotation in reading.quotations)
    alone = extract(text, nobody, RULES)
    sure = [item.attribution for item in settled(reading, rules_findings(reading))]
    kept = [(quote.cue, quote.speaker) for quote in extraction.quotes if quote.by == ("rules",)]
    assert all((one.cue, one.speaker) in kept for one in sure if any(piece.of(text).strip() for piece in one.content))
    assert {quote for quote in alone.quotes if _is_sure(quote, reading)} <= set(extraction.quotes)


def _is_sure(quote: Quote, reading: Reading) -> bool:
    sure = {(i.attribution.content, i.attribution.cue) for i in settled(reading, rules_findings(reading))}
    return (quote.content, quote.cue) in sure
