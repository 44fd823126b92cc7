"""What is fuzzed: from a text to its quotations, its requests and its record; and from a reply to the record."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from quotes.cache.cached import check_key
from quotes.errors import RequestFailed
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.model import Span
from quotes.prompting import BrokenAnswer, Page, PromptSettings, cut_chunks, first_request, load_pack, read_answer
from quotes.record import to_json
from quotes.record.checking import check_extraction
from quotes.text import find_quotations, read
from tests.extraction.conducting import Answering, extract, model_engine
from tests.fuzz.making import Maker
from tests.security.promises import check_promises

Target = Callable[[Maker], None]
"""Makes one case and checks it. An assertion or exception that leaves it is a crash."""

_SIZES = {"chunk_tokens": 60, "context_tokens": 20}
_RULES = Engine(None)
_STATIC = model_engine(**_SIZES)
_TIGHT = model_engine(schema_style="tight", **_SIZES)
_ENGINES = (
    _STATIC,
    _STATIC,
    _TIGHT,
    _TIGHT,
    replace(_TIGHT, cascade=True),
    Engine(PromptSettings("some-model", "local", load_pack("judge"), max_output_tokens=16), "en"),
)
_PACK = load_pack()
_SETTINGS = PromptSettings("some-model", "local", _PACK)
_PLAIN = first_request(_SETTINGS, Page(read("No.")).show(cut_chunks(read("No."), **_SIZES)[0]), article="a").body
_STARTS = re.compile(r"\[\d+\](?: |$)|· |\d+ |Names:$|Text:$|Before \(context only\):$|After \(context only\):$")
_HALVES = re.compile("[\ud800-\udfff]")
_LINES = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
_NUMBERED, _OPENED = re.compile(r"^\[(\d+)\](?: |\Z)", re.M), re.compile(r"⟦(\d+):")


def quotations(maker: Maker) -> None:
    """Every quotation lies in the text, between its marks, and wholly inside of another or wholly outside."""
    text = maker.article(8)
    found = find_quotations(text)
    assert [quotation.index for quotation in found] == list(range(len(found)))
    assert sorted(found, key=lambda quotation: quotation.outer.start) == list(found)
    whole = Span(0, len(text))
    for quotation in found:
        assert whole.covers(quotation.outer)
        assert quotation.outer.covers(quotation.inner)
        if quotation.parent is not None:
            assert quotation.parent < quotation.index
            assert found[quotation.parent].inner.covers(quotation.outer)


def reading(maker: Maker) -> None:
    """Sentences, paragraphs and names are stretches of the text, in order and apart."""
    text = maker.article(8)
    made = read(text)
    for spans in (made.sentences, made.paragraphs):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(name.full.of(text) == name.name for name in made.roster)


def requests(maker: Maker) -> None:
    """No text passes for a mark, a number or a heading of ours, and each of its quotations is shown once."""
    made = read(maker.article())
    page, shown = Page(made), []
    for chunk in cut_chunks(made, **_SIZES):
        rendered = page.show(chunk)
        body = first_request(_SETTINGS, rendered, article="a").body
        assert body["messages"][:-1] == _PLAIN["messages"][:-1]
        assert {**body, "messages": None} == {**_PLAIN, "messages": None}
        message = body["messages"][-1]["content"]
        assert [int(n) for n in _NUMBERED.findall(message)] == list(range(1, len(rendered.lines) + 1))
        assert sorted(map(int, _OPENED.findall(message))) == list(range(1, len(rendered.marks) + 1))
        assert message.count("⟦") == message.count("⟧")
        assert all(not line or _STARTS.match(line) for line in _LINES.split(message))
        shown += [mark.index for mark in rendered.marks]
    assert shown == list(range(len(made.quotations)))


def rules(maker: Maker) -> None:
    """What the rules make of a text keeps the promises."""
    text = maker.article()
    extraction = extract(text, maker.reply, _RULES)
    assert check_extraction(extraction, to_json(extraction), text) == ()


def answers(maker: Maker) -> None:
    """A reply is read or refused, whatever it is."""
    made = read("“No,” Ida Krell said. ‘Yes’ was the title. She said that the pier would hold.")
    request = first_request(_SETTINGS, Page(made).show(cut_chunks(made, **_SIZES)[0]), article="a")
    with suppress(BrokenAnswer):
        read_answer(maker.answer(request), _PACK.form)


def replies(maker: Maker) -> None:
    """Whatever a model answers about a text, its record keeps the promises."""
    text = maker.article()
    extraction = extract(text, _answering(maker), maker.random.choice(_ENGINES))
    if maker.random.random() < 0.05:
        check_promises(extraction, text)
    else:
        assert check_extraction(extraction, to_json(extraction), text) == ()


def _answering(maker: Maker) -> Answering:
    """The model of *maker*, asked as it is in a run: a text that cannot be sent is an error of its request."""

    def answer(request: Request) -> Reply | RequestFailed:
        try:
            check_key(request)
        except RequestFailed as failed:
            assert any(_HALVES.search(message["content"]) for message in request.body["messages"][-1:])
            return failed
        return maker.reply(request)

    return answer


TARGETS: tuple[Target, ...] = (quotations, reading, requests, rules, answers, quotations, rules, replies)
"""By turns."""
