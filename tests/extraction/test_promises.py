"""The promises about one article, over generated articles and generated hostile replies."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.errors import ConnectionFailed, RequestFailed
from quotes.exchange import Outcome, Reply, Request
from quotes.extraction import Engine
from quotes.extraction.ownership import owned
from quotes.model import Article
from quotes.record import check_record, to_json
from quotes.text import find_quotations
from tests.extraction.conducting import Answering, conduct, extract, model_engine
from tests.strategies import answers, articles

ENGINE = model_engine(chunk_tokens=60, context_tokens=20)

more = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


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
        return Reply(data.draw(replies), data.draw(outcomes))

    return text, answering


@given(runs())
@more
def test_every_span_of_the_record_is_text_of_the_article_whatever_the_model_answers(run: tuple[str, Answering]) -> None:
    text, answering = run
    extraction = extract(text, answering, ENGINE)
    assert check_record(to_json(extraction), text) == ()


@given(runs())
@more
def test_every_quotation_ends_in_exactly_one_class(run: tuple[str, Answering]) -> None:
    text, answering = run
    extraction = extract(text, answering, ENGINE)
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


@given(articles, st.data())
@more
def test_a_mention_or_cue_that_is_not_printed_never_enters_the_record(text: str, data: st.DataObject) -> None:
    """Everything a record prints is read off the text, so words of a reply alone cannot get into it."""
    invented = "Zzyzx"
    extraction = extract(
        text,
        lambda request: Reply(
            '{"attributions": [{"at": 1, "cue": "%s", "speaker": "%s", "who": "%s", "kind": "person", "marks": [1], '
            '"clauses": ["%s … %s"]}], "not_quotes": []}' % ((invented,) * 5)
        ),
        ENGINE,
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


@given(runs())
@more
def test_one_chunks_failure_touches_no_other_chunk(run: tuple[str, Answering]) -> None:
    text, answering = run
    replies: dict[str, Reply | RequestFailed] = {}

    def remembered(request: Request) -> Reply | RequestFailed:
        if request.key not in replies:
            replies[request.key] = answering(request)
        return replies[request.key]

    def broken(request: Request) -> Reply | RequestFailed:
        return RequestFailed("gone") if request.chunk == 0 else remembered(request)

    whole, harmed = ENGINE.open(Article("a", text)), ENGINE.open(Article("a", text))
    sound = [conduct(exchange, remembered) for exchange in whole.exchanges]
    harmed_findings = [conduct(exchange, broken) for exchange in harmed.exchanges]
    assert harmed_findings[1:] == sound[1:]
    assert all(findings.errors for findings in harmed_findings[:1])
