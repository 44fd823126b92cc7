"""The promises about whole runs, over generated articles and hostile replies: replayable, paid once, nothing leaks."""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exception
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import quotes
from quotes.cache import open_store
from quotes.errors import QuotesError, ReplayMiss
from quotes.llm import LiveEndpoint
from quotes.llm.live import RetryPolicy
from quotes.llm.outcomes import Answer, Asked, judge
from quotes.llm.redaction import Redactor
from quotes.model import Article
from quotes.run import Listener
from tests.extraction.conducting import answer, attribution
from tests.llm.scripted_server import Script, completion, good, serving
from tests.run.worlds import JUDGING, STORES, Model, World, prompt, records, run, worlds
from tests.strategies import articles

stores = st.sampled_from(STORES)


@pytest.fixture(autouse=True)
def _nothing_is_left_over() -> Iterator[None]:
    yield
    gc.collect()  # what was left open becomes a warning here, and warnings are errors


# 3. Replayable


WAYS: dict[str, dict[str, Any]] = {
    "model": {},
    "judge": {"asking": prompt(pack=JUDGING, max_output_tokens=16)},
    "cascade": {"cascade": True},
}
"""How `run` has a model asked by each of the backends that ask."""


@pytest.mark.parametrize("backend", WAYS)
@given(world=worlds(), store=stores, seed=st.integers(1, 1 << 30))
@settings(max_examples=12)
def test_a_run_is_the_same_to_the_byte_at_any_concurrency_in_any_order_of_replies_and_replayed(
    backend: str, world: World, store: str, seed: int
) -> None:
    way = WAYS[backend]
    with TemporaryDirectory() as name:
        folder = Path(name)
        written = []
        for number, concurrency in enumerate((1, 3, 16)):
            out, place = folder / f"{concurrency}.jsonl", folder / f"{concurrency}-{store}"
            run(world.articles, out, place, Model(world, seed * number), concurrency=concurrency, **way)
            written.append(out.read_bytes())
        for concurrency in (16, 2):
            out = folder / f"replayed-{concurrency}.jsonl"
            summary = run(world.articles, out, folder / f"3-{store}", None, concurrency=concurrency, **way)
            assert summary.asked == 0
            written.append(out.read_bytes())
        assert len(set(written)) == 1
        assert [json.loads(line)["id"] for line in records(out)] == [article.id for article in world.articles]


@pytest.mark.parametrize("backend", WAYS)
@given(world=worlds(), store=stores, order=st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_the_record_of_an_article_does_not_depend_on_the_articles_around_it(
    backend: str, world: World, store: str, order: random.Random
) -> None:
    way = WAYS[backend]
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(world.articles, folder / "a.jsonl", folder / f"a-{store}", Model(world), **way)
        others = list(world.articles)
        order.shuffle(others)
        run(others[: len(others) // 2 + 1], folder / "b.jsonl", folder / f"b-{store}", Model(world), **way)
        assert set(records(folder / "b.jsonl")) <= set(records(folder / "a.jsonl"))


@given(
    worlds(most=3),
    stores,
    st.sampled_from(
        [{"model": "other-model"}, {"temperature": 0.7}, {"max_output_tokens": 77}, {"label": "far.example"}]
    ),
)
@settings(max_examples=10)
def test_a_replay_of_anything_else_that_was_sent_is_a_miss_that_names_the_nearest(
    world: World, store: str, change: dict[str, Any]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        recorded = Model(world)
        run(world.articles, folder / "a.jsonl", folder / store, recorded)
        with pytest.raises(ReplayMiss) as miss:
            run(world.articles, folder / "b.jsonl", folder / store, None, asking=prompt(**change), concurrency=1)
    said, article = str(miss.value), world.articles[0].id
    ((field, value),) = change.items()
    assert said.startswith(f"{article}: chunk 0: ")
    assert " with another " in said
    assert {"label": "endpoint", "max_output_tokens": "max_tokens"}.get(field, field) in said
    assert str(value) in said
    assert any(f"key {key[:8]}" in said for key in recorded.asked)


# 4. Paid once


kills = st.tuples(st.one_of(st.floats(0, 1), st.integers(-80, -1)), st.integers(0, 200))
"""When a run is killed (a share of its moments, or so many before its end), and how much of its journal that costs."""


@given(worlds(), stores, st.lists(kills, min_size=1, max_size=2))
@settings(max_examples=20)
def test_killed_at_any_moment_and_started_again_it_asks_no_stored_key_and_writes_every_article_once(
    world: World, store: str, times: list[tuple[float, int]]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        moments = _Moments()
        with moments:
            run(world.articles, folder / "whole.jsonl", folder / f"whole-{store}", Model(world))
        whole = (folder / "whole.jsonl").read_bytes()
        out, place, asked = folder / "out.jsonl", folder / store, folder / "asked"

        def work() -> None:
            run(world.articles, out, place, Model(world, heard=lambda key: _append(asked, key)))

        stored: list[str] = []
        before: list[str] = []
        finished = 0
        for moment, cut in times:
            in_child_killed_at(int(moment * moments.count) if moment >= 0 else moments.count + int(moment), work)
            assert set(stored).isdisjoint(_words(asked)[len(before) :])
            stored, before = _keys(place), _words(asked)
            assert set(stored) <= set(before)
            assert len(before) - len(stored) <= 3 * len(times)  # what was under way when it was killed
            assert not out.exists() or out.read_bytes() == whole
            finished = _cut_short(folder / "out.jsonl.part", cut)

        again = Model(world)
        summary = run(world.articles, out, place, again)
        assert set(again.asked).isdisjoint(stored)
        assert len(set(again.asked)) == len(again.asked)
        assert summary.resumed == finished
        assert out.read_bytes() == whole
        assert not (folder / "out.jsonl.part").exists()


@given(worlds(), stores, st.lists(st.integers(0, 6), min_size=1, max_size=3))
@settings(max_examples=12)
def test_stopped_by_an_error_again_and_again_it_pays_for_every_reply_once(
    world: World, store: str, patience: list[int]
) -> None:
    class Stop(BaseException):
        """What neither an article nor a chunk can contain."""

    paid: list[str] = []

    class Stopping(Model):
        left = 0

        async def complete(self, request: Any) -> Any:
            if self.left == 0:
                raise Stop
            self.left -= 1
            reply = await super().complete(request)
            paid.append(request.key)
            return reply

    with TemporaryDirectory() as name:
        folder = Path(name)
        run(world.articles, folder / "whole.jsonl", folder / f"whole-{store}", Model(world))
        for times in patience:
            stopping = Stopping(world)
            stopping.left = times
            try:
                run(world.articles, folder / "out.jsonl", folder / store, stopping, concurrency=1)
            except Stop:
                assert not (folder / "out.jsonl").exists()
        last = Stopping(world)
        last.left = -1
        run(world.articles, folder / "out.jsonl", folder / store, last, concurrency=2)
        assert len(paid) == len(set(paid))
        assert (folder / "out.jsonl").read_bytes() == (folder / "whole.jsonl").read_bytes()


class _Moments:
    """Counts the calls into and out of everything that keeps something, and kills the process at one of them.

    Calls of C functions count too, so a kill can come just before or just after a write, a rename, a commit.
    """

    _KEEPING = tuple(
        os.path.join(os.path.dirname(quotes.__file__), *place)
        for place in (("cache",), ("run",), ("formats", "output"))
    )

    def __init__(self, deadly: int = -1) -> None:
        self.count = 0
        self._deadly = deadly

    def __enter__(self) -> _Moments:
        sys.setprofile(self._met)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _met(self, frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename.startswith(self._KEEPING):
            if self.count == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1


def in_child_killed_at(moment: int, work: Callable[[], object]) -> None:
    """Do *work* in a process of its own that is killed with -9 at *moment*."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads: the child uses none of them
        child = os.fork()
    if child == 0:
        try:
            with _Moments(moment):
                work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _append(path: Path, word: str) -> None:
    with path.open("a") as file:
        file.write(word + "\n")


def _words(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _keys(place: Path) -> list[str]:
    if not place.exists():
        return []
    store = open_store(place)
    try:
        return list(store.keys())
    finally:
        store.close()


def _cut_short(journal: Path, cut: int) -> int:
    """Take the last *cut* bytes of *journal*, as a kill in a write would; how many records are left whole."""
    if not journal.exists():
        return 0
    data = journal.read_bytes()
    left = data[: max(0, len(data) - cut)]
    journal.write_bytes(left)
    return max(0, left.count(b"\n") - 1)


# 6. Nothing leaks

_ECHOES = {
    "bare": "{key}",
    "told": "Wrong key: {key}",
    "header": "Authorization: Bearer {key}, x-api-key={key}",
    "sound": answer(attribution(1, cue="{key}", who={"person": "{key}"}, said=[1, 99, "{key}"]), m99="term").content,
    "broken": '{"attributions": "{key}"}',
    "page": "<html><title>{key}</title></html>",
    "often": "{key}" * 40,
    "at the cut": "x" * 280 + "{key}",
}
"""What a server says that knows the key and prints it, in a sound answer too."""
_HEADERS = ["Location", "Retry-After", "x-request-id", "x-ratelimit-reset-tokens", "WWW-Authenticate", "Set-Cookie"]
_KEYS = st.one_of(
    st.from_regex(r"sk-(proj-)?[A-Za-z0-9_-]{20,40}", fullmatch=True), st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
)


@st.composite
def echoing(draw: st.DrawFn, key: str) -> Script:
    """An answer of any kind, with *key* in its body and its headers."""
    said = draw(st.sampled_from(sorted(_ECHOES.values()))).replace("{key}", key)
    word = st.sampled_from([said, key, None])
    headers = dict.fromkeys(_HEADERS, f"v {key}") if draw(st.booleans()) else {}
    if draw(st.booleans()):
        message = draw(st.fixed_dictionaries({}, optional={"refusal": word, "reasoning": word}))
        body = completion(said, draw(st.sampled_from(["stop", "length", "content_filter", "error", said])), **message)
        body |= draw(st.fixed_dictionaries({}, optional={"model": word, "system_fingerprint": word, "id": word}))
        return Script(body, headers=headers)
    error = {"message": said, "code": draw(word), "type": draw(word), "param": draw(word)}
    bodies = [said, {"error": error}, {"error": said}, [{"error": error}], {"detail": said}, {"x": said}]
    status = draw(st.sampled_from([200, 302, 307, 308, 400, 401, 402, 403, 404, 413, 418, 422, 429, 500, 503]))
    return Script(draw(st.sampled_from(bodies)), status, headers)


@given(_KEYS, st.booleans(), st.data())
@settings(max_examples=400)
def test_no_answer_that_echoes_the_key_leads_to_a_reply_or_an_error_that_holds_it(
    key: str, proven: bool, data: st.DataObject
) -> None:
    script = data.draw(echoing(key))
    headers = {name.lower(): value for name, value in ({"Content-Type": "application/json"} | script.headers).items()}
    asked = Asked("some-model", "http://far.example/v1", constrained=True, proven=proven, redactor=Redactor(key))
    verdict = judge(Answer(script.status, script.bytes().decode(), headers), asked)
    assert key not in f"{verdict!r} {verdict} {vars(verdict) if isinstance(verdict, QuotesError) else verdict}"


@given(st.lists(articles, min_size=1, max_size=2), stores, _KEYS, st.data())
@settings(max_examples=30, phases=[Phase.generate])  # shrinking takes minutes: every step has a server of its own
def test_a_key_that_the_endpoint_echoes_is_in_nothing_that_is_kept_or_said(
    texts: list[str], store: str, key: str, data: st.DataObject
) -> None:
    found = [Article(f"a{number}", text) for number, text in enumerate(texts)]
    scripts = data.draw(st.lists(echoing(key), min_size=1, max_size=4))
    scripts = [good(PLAIN), *scripts] if data.draw(st.booleans()) else scripts  # later answers are judged otherwise
    environment = "env-" + key[::-1]
    said: list[str] = []
    listener = Listener(said.append, said.append, lambda summary: said.append(repr(summary)))
    with TemporaryDirectory() as name, serving(*scripts) as server, pytest.MonkeyPatch.context() as patch:
        for variable in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "QUOTES_API_KEY"):
            patch.setenv(variable, environment)
        folder = Path(name)
        live = LiveEndpoint(server.url, key, sleep=_no_wait, policy=RetryPolicy(tries=2))
        with _logged(said):
            try:
                asking = prompt(chunk_tokens=600)
                run(found, folder / "out.jsonl", folder / store, live, concurrency=2, listener=listener, asking=asking)
            except QuotesError as error:
                said += [str(error), repr(error), *format_exception(error)]
        said += [repr(live), _shown_of(folder / store)]
        kept = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    assert kept
    assert {headers["authorization"] for headers in server.headers} <= {f"Bearer {key}"}
    for secret in (key, environment):
        assert secret not in "\n".join(said)
        assert not [data for data in kept if secret.encode() in data]
    assert environment not in f"{server.headers} {server.bodies}"


PLAIN = '{"attributions": [], "not_quotes": []}'


@contextmanager
def _logged(said: list[str]) -> Iterator[None]:
    """Add to *said* what any library logs."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    root, handler = logging.getLogger(), Kept()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _shown_of(place: Path) -> str:
    """What the commands that look into a cache have to show of *place*."""
    if not place.exists():
        return ""
    store = open_store(place)
    try:
        return repr((store.manifest(), list(store.entries(sound=True)), [str(problem) for problem in store.verify()]))
    finally:
        store.close()


async def _no_wait(_seconds: float) -> None: ...
