"""The work on an article grows with its length and no faster: counted in calls, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from benchmarks.articles import typical
from quotes.exchange import Reply
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack
from quotes.record import dumps
from tests.endpoint.answers import answer

WORDS = 1_200  # several chunks: what is done once for an article, and what for each, both count
ENGINES = {
    "rules": Engine(),
    "static": Engine(PromptSettings("sample-1b", "models.example", load_pack(), schema_style="static")),
    "tight": Engine(PromptSettings("sample-1b", "local", load_pack(), schema_style="tight")),
    "cascade": Engine(PromptSettings("sample-1b", "local", load_pack("cascade"), schema_style="tight"), cascade=True),
    "judge": Engine(PromptSettings("sample-1b", "local", load_pack("judge"))),
}


class _Calls:
    """Counts the calls of our own functions, and of C's by them, while it is entered."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> _Calls:
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _called(self, frame: FrameType, event: str, _argument: object) -> None:
        if event in ("call", "c_call") and "/tests/" not in frame.f_code.co_filename:
            self.count += 1


def _record(engine: Engine, article: Article) -> str:
    """The record of *article*, its requests keyed as a look-up needs them and answered out of the air."""
    work = engine.open(article)
    findings = []
    for exchange in work.exchanges:
        try:
            request = next(exchange)
            while True:
                assert request.key
                request = exchange.send(Reply(answer(request.body), model="sample-1b"))
        except StopIteration as end:
            findings.append(end.value)
    return dumps(work.finish(findings))


def _calls(work: Callable[[], object]) -> int:
    with _Calls() as calls:
        work()
    return calls.count


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
def test_four_times_the_length_is_four_times_the_work(engine: Engine) -> None:
    parts = [typical(number, words=WORDS) for number in range(4)]
    _record(engine, Article("a", parts[0]))  # what a process makes once: lexicons, templates
    apart = sum(_calls(partial(_record, engine, Article("a", part))) for part in parts)
    together = _calls(lambda: _record(engine, Article("a", "".join(parts))))
    assert together / apart <= 5 / 4
