"""The promises about one article, over generated articles and generated hostile replies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.errors import ConnectionFailed, RequestFailed
from quotes.exchange import Outcome, Reply, Request
from quotes.extraction import Engine
from quotes.extraction.ownership import owned
from quotes.extraction.trust import Trust
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack
from quotes.record import check_record, to_json
from quotes.text import find_quotations
from tests.extraction.conducting import Answering, conduct, extract, model_engine
from tests.extraction.trusting import trusts
from tests.strategies import BROKEN, answers, articles

ENGINE = model_engine(chunk_tokens=60, context_tokens=20)
ENGINES = {
    "model": ENGINE,
    "judge": Engine(PromptSettings("some-model", "local", load_pack("judge"), max_output_tokens=16), "en"),
    "cascade": replace(model_engine(chunk_tokens=60, context_tokens=20), cascade=True),
}

backends = pytest.mark.parametrize("backend", ENGINES)
more = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
each = settings(more, max_examples=75)

judgements = st.one_of(
    st.sampled_from(['{"said": "yes"}', '{"said": "no"}', '{"said": "maybe"}']), st.sampled_from(BROKEN)
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[str, Answering]:
    """An article and a model that answers each of its requests with something generated."""
    text = draw(articles)
    data = draw(st.data())
    outcomes: st.SearchStrategy[Outcome] = st.sampled_from(
        ["complete"] * 12 + ["truncated", "refusal", "content_filter", "context_overflow"]
    )
    replies = answers(text)

    def answering(request: Request) -> Reply | RequestFailed:
        if data.draw(st.integers(0, 15)) == 0:
            return ConnectionFailed("no answer")
        return Reply(data.draw(judgements if "top_logprobs" in request.body else replies), data.draw(outcomes))

    return text, answering


@backends
@given(run=runs(), trust=trusts)
@each
def test_every_span_of_the_record_is_text_of_the_article_whatever_the_model_answers(
    backend: str, run: tuple[str, Answering], trust: Trust
) -> None:
    text, answering = run
    extraction = extract(text, answering, replace(ENGINES[backend], trust=trust))
    assert check_record(to_json(extraction), text) == ()


@backends
@given(run=runs(), trust=trusts)
@each
def test_every_quotation_ends_in_exactly_one_class(backend: str, run: tuple[str, Answering], trust: Trust) -> None:
    text, answering = run
    extraction = extract(text, answering, replace(ENGINES[backend], trust=trust))
    quotations = find_quotations(text)
    in_quotes = {quotations[i].outer for i in owned(quotations, [p for q in extraction.quotes for p in q.content])}
    skipped = [item.span for item in extraction.skipped]
    unresolved = [item.span for item in extraction.unresolved]
    assert sorted([*in_quotes, *skipped, *unresolved]) == sorted(q.outer for q in quotations)


@given(articles)
@more
def test_the_rules_account_for_every_quotation_verbatim(text: str) -> None:
    extraction = extract(text, lambda request: pytest.fail("rules ask nobody"), Engine(None, "en"))
    assert check_record(to_json(extraction), text) == ()


@pytest.mark.parametrize("backend", ["model", "cascade"])
@given(text=articles)
@each
def test_a_mention_or_cue_that_is_not_printed_never_enters_the_record(backend: str, text: str) -> None:
    """Everything a record prints is read off the text, so words of a reply alone cannot get into it."""
    invented = "Zzyzx"
    extraction = extract(
        text,
        lambda request: Reply(
            '{"attributions": [{"at": 1, "cue": "%s", "speaker": "%s", "who": {"person": "%s"}, '
            '"said": [1, "%s … %s"]}], "not_quotes": []}' % ((invented,) * 5)
        ),
        ENGINES[backend],
    )
    record = to_json(extraction)
    for quote in record["quotes"]:
        assert invented not in str(quote)


@given(articles, st.sampled_from([RequestFailed("gone"), ConnectionFailed("gone")]))
@more
def test_a_request_that_fails_is_reported_in_its_record_and_nowhere_else(text: str, failure: RequestFailed) -> None:
    extraction = extract(text, lambda request: failure, ENGINE)
    assert extraction.quotes == ()
    assert len(extraction.errors) == len(ENGINE.open(Article("a", text)).exchanges)
    assert extraction.status == ("failed" if extraction.errors else "complete")
    assert {error.kind for error in extraction.errors} <= {failure.kind}


@pytest.mark.parametrize("backend", ["model", "cascade"])
@given(run=runs())
@each
def test_one_chunks_failure_touches_no_other_chunk(backend: str, run: tuple[str, Answering]) -> None:
    text, answering = run
    engine = ENGINES[backend]
    replies: dict[str, Reply | RequestFailed] = {}

    def remembered(request: Request) -> Reply | RequestFailed:
        if request.key not in replies:
            replies[request.key] = answering(request)
        return replies[request.key]

    def broken(request: Request) -> Reply | RequestFailed:
        return RequestFailed("gone") if request.chunk == 0 else remembered(request)

    whole, harmed = engine.open(Article("a", text)), engine.open(Article("a", text))
    sound = [conduct(exchange, remembered) for exchange in whole.exchanges]
    harmed_findings = [conduct(exchange, broken) for exchange in harmed.exchanges]
    assert harmed_findings[1:] == sound[1:]
    assert all(findings.errors for findings in harmed_findings[:1])
