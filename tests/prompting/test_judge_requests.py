"""A proposal as a judge sees it, the request about it, and the odds in the reply."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.exchange import Logprobs, Reply, Request
from quotes.model import Attribution, Span, Speaker
from quotes.prompting import BrokenAnswer, PromptSettings, judge_request, load_pack, read_odds, show_proposal
from quotes.prompting.judging import PLAIN_ODDS, Shown
from quotes.text import read
from tests.strategies import articles

PACK = load_pack("judge")
SETTINGS = PromptSettings("some-model", "local", PACK, max_output_tokens=16, temperature=0)


def shown(text: str, *content: str, cue: str = "", source: str = "") -> Shown:
    def span(words: str) -> Span:
        return Span(text.index(words), text.index(words) + len(words))

    cues, mention = (tuple(span(words) for words in (part,) if words) for part in (cue, source))
    return show_proposal(read(text, "en"), Attribution(tuple(map(span, content)), cues, Speaker(mention)))


def weighed(*tokens: dict[str, float], said: str = "yes") -> Reply:
    logprobs: Logprobs = tuple(tuple(token.items()) for token in tokens)
    return Reply(json.dumps({"said": said}), logprobs=logprobs)


def test_the_content_stands_in_brackets_within_the_sentences_of_content_and_cue() -> None:
    text = "It rained. “We tried,” she said. “Nobody came.” It snowed."
    assert shown(text, "We tried,", "Nobody came.", cue="said", source="she") == Shown(
        "“[We tried,]” she said. “[Nobody came.]”", "she"
    )


def test_brackets_of_the_text_are_none_and_white_space_is_one_space() -> None:
    text = "The board [of\t two]\u00a0 raised the rent [again]."
    assert shown(text, "the rent [again]", cue="raised", source="The board [of\t two]") == Shown(
        "The board (of two) raised [the rent (again)].", "The board (of two)"
    )


def test_a_long_sentence_is_cut() -> None:
    text = "Krell said " + "that it rained and " * 2000 + "left."
    found = shown(text, "it rained", cue="said", source="Krell")
    assert len(found.sentence) == 702
    assert found.sentence.startswith("Krell said that [it rained] and that")
    assert found.sentence.endswith(" …")


@st.composite
def proposals(draw: st.DrawFn) -> tuple[str, Attribution]:
    """A text, and anything in it as an attribution."""
    text = draw(articles.filter(lambda text: len(text) > 4)) + draw(st.sampled_from(["", " [x] said [y]", "\n[no]"]))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=8, unique=True)))
    pieces = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return text, Attribution(tuple(pieces[1:]), (pieces[0],), Speaker((pieces[0],)))


@given(proposals())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_forges_a_bracket_or_a_line(proposal: tuple[str, Attribution]) -> None:
    text, attribution = proposal
    found = show_proposal(read(text, "en"), attribution)
    assert len(found.sentence.splitlines()) <= 1
    assert len(found.source.splitlines()) <= 1
    assert not set("[]") & set(found.source)
    counted = found.sentence.count("["), found.sentence.count("]")
    assert max(counted) <= len(attribution.content)
    if not found.sentence.endswith(" …"):
        assert counted == (len(attribution.content),) * 2


def request(**options: Any) -> Request:
    chosen = {"model": "some-model", "label": "local", "pack": PACK, "max_output_tokens": 16, "temperature": 0}
    return judge_request(
        PromptSettings(**chosen | options), Shown("Krell wants [rain].", "Krell"), article="a", chunk=3
    )


def test_the_examples_come_first_and_the_proposal_last() -> None:
    messages = request().body["messages"]
    assert [m["role"] for m in messages] == ["system", *["user", "assistant"] * len(PACK.judged), "user"]
    assert messages[0]["content"] == PACK.system
    assert {m["content"] for m in messages if m["role"] == "assistant"} == {'{"said": "yes"}', '{"said": "no"}'}
    assert messages[-1]["content"] == "Krell wants [rain].\nSource: Krell"


def test_a_source_that_is_not_printed_is_nobody() -> None:
    sent = judge_request(SETTINGS, Shown("[Rain].", ""), article="a", chunk=0)
    assert sent.body["messages"][-1]["content"] == "[Rain].\nSource: nobody"


def test_log_probabilities_are_asked_for_and_the_answer_is_bound() -> None:
    sent = request()
    body = {name: value for name, value in sent.body.items() if name != "messages"}
    schema = {"name": "quotes", "strict": True, "schema": PACK.schema}
    assert body == {
        "model": "some-model",
        "max_tokens": 16,
        "response_format": {"type": "json_schema", "json_schema": schema},
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": 5,
    }
    assert (sent.label, sent.article, sent.chunk) == ("local", "a", 3)
    assert "temperature" not in request(temperature=None).body


def test_the_odds_are_those_of_the_word_that_decides() -> None:
    reply = weighed({'{"': -0.1, "no": -0.2}, {"said": 0.0}, {"yes": -0.1, "no": -2.4, " Yes": -3.0, "x": -4.0})
    expected = (math.exp(-0.1) + math.exp(-3.0) + 1e-6) / (math.exp(-2.4) + 1e-6)
    assert read_odds(reply, PACK) == pytest.approx(math.log(expected), abs=1e-4)


def test_a_word_that_brings_the_marks_around_it_decides_too() -> None:
    assert read_odds(weighed({'{"said":"': 0.0}, {'no"}': -0.1, 'yes"}': -2.5}, said="no"), PACK) < -2
    assert read_odds(weighed({"yes": 0.0}), PACK) == pytest.approx(math.log(1e6), abs=1e-3)


def test_a_bare_answer_counts_for_a_modest_amount() -> None:
    assert read_odds(weighed(), PACK) == PLAIN_ODDS
    assert read_odds(weighed(said="no"), PACK) == -PLAIN_ODDS
    assert read_odds(weighed({"said": 0.0}, {}), PACK) == PLAIN_ODDS


@pytest.mark.parametrize("content", ["", "yes", "[]", '{"said": "maybe"}', '{"said": true}', '{"said": "yes", "x": 1}'])
def test_what_is_no_answer_has_no_odds(content: str) -> None:
    with pytest.raises(BrokenAnswer):
        read_odds(Reply(content, logprobs=((("yes", -0.1),),)), PACK)


@given(st.lists(st.dictionaries(st.sampled_from(["yes", "no", "Yes", "x"]), st.floats(-9999, 0)), max_size=4))
def test_odds_are_finite_and_signed_by_the_likelier_word(tokens: list[dict[str, float]]) -> None:
    odds = read_odds(weighed(*tokens), PACK)
    assert -15 < odds < 15
