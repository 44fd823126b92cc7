"""The library's front door: what it exports, and that it answers however and wherever it is called."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import quotes
from quotes import Article, EndpointUnusable, Extraction, Extractor, ReplayMiss, UsageError, aextract, extract
from tests.cli.loopback import Loopback, completion, failure, judgement, serving

ROOT = Path(__file__).parents[1]
TEXT = "“The pier stays open,” Ida Krell said. Critics call it a “shed”."
ANSWER = {
    "attributions": [{"at": 1, "cue": "said", "speaker": "Ida Krell", "who": {"person": 0}, "said": [1]}],
    "not_quotes": [{"mark": 2, "as": "scare"}],
}


@pytest.fixture(autouse=True)
def _a_bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("QUOTES_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def endpoint() -> Iterator[Loopback]:
    with serving(Loopback(lambda _body: completion(ANSWER))) as loopback:
        yield loopback


def pairs(extraction: Extraction) -> list[tuple[str, str | None]]:
    return [(extraction.quote_text(quote), quote.speaker.name) for quote in extraction.quotes]


SAID = [("The pier stays open,", "Ida Krell")]


# What there is


def test_the_names_are_these_and_sorted() -> None:
    assert quotes.__all__ == [
        "Article",
        "CacheError",
        "ChunkError",
        "ConnectionFailed",
        "DuplicateId",
        "EndpointUnusable",
        "Extraction",
        "Extractor",
        "InputError",
        "OutputError",
        "PackError",
        "Quote",
        "QuotesError",
        "RecordError",
        "Rejected",
        "ReplayMiss",
        "RequestFailed",
        "Skipped",
        "Span",
        "Speaker",
        "Unresolved",
        "UsageError",
        "__version__",
        "aextract",
        "extract",
        "to_pandas",
    ]


@pytest.mark.parametrize("name", quotes.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(quotes, name)
    assert name == "__version__" or (inspect.getdoc(value) or "").endswith((".", "..."))


def test_the_names_listed_are_the_names_offered() -> None:
    assert set(dir(quotes)) >= set(quotes.__all__)
    namespace: dict[str, Any] = {}
    exec("from quotes import *", namespace)
    assert set(quotes.__all__) <= set(namespace)


def test_another_name_is_an_attribute_error_that_says_so() -> None:
    with pytest.raises(AttributeError, match="module 'quotes' has no attribute 'ectract'"):
        _ = quotes.ectract  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        exec("from quotes import Ectractor")


def test_the_types_are_shipped() -> None:
    assert (Path(quotes.__file__).parent / "py.typed").is_file()


# What it costs


def loaded(program: str) -> list[str]:
    """The modules that are loaded at the end of *program*, run in a process of its own that may open no socket."""
    guarded = (
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event in {'socket.connect', 'socket.bind', 'socket.getaddrinfo', 'socket.sendto'}:\n"
        "        raise AssertionError(event)\n"
        f"sys.addaudithook(watch)\n{program}\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", guarded], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = {"openai", "httpx2", "jsonschema", "rich", "jinja2", "tenacity", "sqlite3", "asyncio", "quotes.api"}
    assert heavy.isdisjoint(loaded("import quotes; assert quotes.__version__ and dir(quotes)"))


def test_the_rules_open_no_socket_and_load_no_client() -> None:
    modules = loaded(f"from quotes import extract; assert extract({TEXT!r}).quotes")
    assert {"openai", "httpx2", "tenacity"}.isdisjoint(modules)


# By the rules


def test_without_a_model_the_rules_answer() -> None:
    extraction = extract(TEXT, id="pier")
    assert (extraction.status, extraction.model, extraction.article.id) == ("complete", None, "pier")
    assert pairs(extraction)[:1] == SAID


def test_a_key_in_the_environment_asks_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    assert extract(TEXT).model is None


def test_an_article_may_be_given_whole() -> None:
    article = Article("a7", TEXT, {"page": 3})
    assert extract(article).article == article


def test_an_empty_text_has_no_quotes() -> None:
    assert extract("") == Extraction(Article("", ""), "complete")


def test_it_can_be_awaited() -> None:
    assert pairs(asyncio.run(aextract(TEXT))) == pairs(extract(TEXT))


def test_it_may_be_called_where_a_loop_is_running() -> None:
    async def caller() -> list[Extraction]:
        with Extractor() as extractor:
            return [extract(TEXT), extractor.extract(TEXT), await extractor.aextract(TEXT)]

    assert [pairs(extraction) for extraction in asyncio.run(caller())] == [pairs(extract(TEXT))] * 3


# By a model


def options(endpoint: Loopback, **more: Any) -> dict[str, Any]:
    return {"model": "tiny", "base_url": endpoint.url, **more}


def test_a_model_is_asked_and_its_reply_kept(endpoint: Loopback, tmp_path: Path) -> None:
    asking = options(endpoint, cache=str(tmp_path / "a.sqlite"))
    first, second = extract(TEXT, api_key="sk-mine", **asking), extract(TEXT, **asking)
    assert pairs(first) == SAID
    assert first.model == "tiny"
    assert first == second
    assert len(endpoint.bodies) == 1
    assert endpoint.headers[0]["authorization"] == "Bearer sk-mine"


def test_a_model_may_only_judge_what_the_rules_propose(endpoint: Loopback, tmp_path: Path) -> None:
    endpoint.answer = judgement
    text, store = "Oduya promised to reopen the ferry.", str(tmp_path / "replies")
    judged = extract(text, backend="judge", record=store, **options(endpoint))
    assert [quote.by for quote in judged.quotes] == [("model", "rules")]
    assert judged.prompt is not None
    assert judged.prompt.startswith("judge@")
    assert extract(text, replay=store) == judged


def test_what_was_recorded_is_replayed_without_an_option_or_a_socket(endpoint: Loopback, tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    recorded = extract(TEXT, **options(endpoint, record=str(folder), temperature=0.0, max_output_tokens=99))
    modules = loaded(
        f"from quotes import extract; found = extract({TEXT!r}, replay={str(folder)!r})\n"
        f"assert [found.quote_text(quote) for quote in found.quotes] == {[pair[0] for pair in pairs(recorded)]!r}"
    )
    assert {"openai", "httpx2"}.isdisjoint(modules)
    assert extract(TEXT, replay=str(folder)) == recorded
    with pytest.raises(ReplayMiss, match="chunk 0: no reply is recorded"):
        extract(TEXT.replace("pier", "mill"), replay=str(folder))


def test_many_threads_and_loops_may_share_an_extractor(endpoint: Loopback) -> None:
    texts = [TEXT.replace("open", f"open {number}") for number in range(12)]
    with Extractor(**options(endpoint, concurrency=2)) as extractor, ThreadPoolExecutor(6) as pool:
        blocking = list(pool.map(extractor.extract, texts))
        awaited = list(pool.map(lambda text: asyncio.run(extractor.aextract(text)), texts))
    assert [extraction.article.text for extraction in blocking] == texts
    assert [pairs(extraction) for extraction in blocking] == [pairs(extraction) for extraction in awaited]
    assert len(endpoint.bodies) == 12


def test_awaiting_leaves_the_loop_of_the_caller_free(endpoint: Loopback) -> None:
    endpoint.delay = 0.05

    async def caller() -> int:
        turns = 0
        with Extractor(**options(endpoint)) as extractor:
            task = asyncio.ensure_future(extractor.aextract(TEXT))
            while not task.done():
                turns += 1
                await asyncio.sleep(0)
        assert pairs(await task) == SAID
        return turns

    assert asyncio.run(caller()) > 10


def test_who_stops_awaiting_disturbs_nobody(endpoint: Loopback) -> None:
    endpoint.delay = 0.05

    async def caller() -> Extraction:
        with Extractor(**options(endpoint)) as extractor:
            task = asyncio.ensure_future(extractor.aextract(TEXT))
            await asyncio.to_thread(endpoint.wait_for, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await extractor.aextract(TEXT)

    assert pairs(asyncio.run(caller())) == SAID


def test_an_endpoint_that_can_serve_nothing_raises_and_the_extractor_can_be_closed(endpoint: Loopback) -> None:
    endpoint.answer = failure(401, "invalid_api_key", "no such key")
    with Extractor(**options(endpoint)) as extractor, pytest.raises(EndpointUnusable, match="wants a key"):
        extractor.extract(TEXT)


def test_a_key_that_is_given_goes_before_that_of_a_profile(
    endpoint: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "quotes.toml"
    config.write_text(f"[profiles.a]\nbase_url = '{endpoint.url}'\napi_key_env = 'DESK_KEY'", encoding="utf-8")
    monkeypatch.setenv("DESK_KEY", "k-profile")
    with Extractor(api_key="k-given", config=str(config), model="tiny", cache_mode="off") as extractor:
        extractor.extract(TEXT)
    assert endpoint.headers[0]["authorization"] == "Bearer k-given"


def test_a_text_that_fails_alone_says_so_in_its_errors(endpoint: Loopback) -> None:
    answers = iter([completion(ANSWER), failure(400, "odd", "cannot be done")({}), completion(ANSWER)])
    endpoint.answer = lambda _body: next(answers)
    with Extractor(**options(endpoint)) as extractor:
        done = [extractor.extract(f"{TEXT} {number}") for number in range(3)]
    assert [extraction.status for extraction in done] == ["complete", "failed", "complete"]
    assert "cannot be done" in done[1].errors[0].message


# Opening and closing


def test_closing_twice_is_no_error_and_leaves_no_thread() -> None:
    extractor = Extractor()
    extractor.close()
    extractor.close()
    assert not extractor._thread.is_alive()


def test_an_extractor_closes_when_its_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), Extractor() as extractor:
        _ = 1 / 0
    assert not extractor._thread.is_alive()


def test_a_closed_extractor_says_that_it_is_closed() -> None:
    extractor = Extractor()
    extractor.close()
    with pytest.raises(UsageError, match="closed"):
        extractor.extract(TEXT)
    with pytest.raises(UsageError, match="closed"):
        asyncio.run(extractor.aextract(TEXT))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"backend": "rules", "model": "tiny"}, "--model means something only with a model"),
        ({"backend": "model"}, "no model is named"),
        ({"backend": "cascade", "model": "tiny", "second_opinion": False}, "--no-second-opinion means something only"),
        ({"base_url": "http://127.0.0.1:1/v1"}, "no model is named"),
        ({"model": "tiny", "base_url": "ftp://x"}, "no http"),
        ({"model": "tiny", "cache": "a.sqlite", "cache_mode": "off"}, "contradict"),
        ({"replay": "nowhere"}, "there is no such cache"),
        ({"model": "tiny", "prompt": "nopack"}, "no such prompt pack"),
        ({"concurrency": 0}, "concurrency"),
        ({"model": "tiny", "chunk_tokens": 0}, "chunk"),
        ({"model": "tiny", "timeout": -1.0}, "timeout"),
        ({"backend": "magic"}, "backend"),
        ({"model": "tiny", "schema": "loose"}, "schema"),
        ({"model": "tiny", "cache_mode": "never"}, "cache"),
        ({"lang": 7}, "lang"),
    ],
)
def test_options_that_cannot_be_meant_are_wrong_usage_at_once(
    wrong: dict[str, Any], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=complaint):
        Extractor(**wrong)


def test_an_option_that_is_not_known_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="modell"):
        Extractor(modell="tiny")  # type: ignore[call-arg]


@pytest.mark.parametrize("text", [None, b"bytes", Path("a.txt"), 7])
def test_what_is_no_text_is_a_type_error(text: Any) -> None:
    with pytest.raises((TypeError, UsageError)):
        extract(text)


# Options that are none


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda **options: extract(TEXT, **options), "extract"),
        (lambda **options: asyncio.run(aextract(TEXT, **options)), "aextract"),
        (Extractor, "Extractor"),
    ],
)
def test_an_option_that_is_none_is_told_with_the_nearest(call: Callable[..., object], name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name}\(\) has no option 'modle': did you mean 'model'\?$"):
        call(modle="tiny")
    with pytest.raises(TypeError, match=rf"^{name}\(\) has no option 'xyzzy': there are backend, model, "):
        call(xyzzy=1)


def test_an_option_of_the_command_line_alone_is_none() -> None:
    with pytest.raises(TypeError, match="has no option 'fail_fast'"):
        extract(TEXT, fail_fast=True)  # type: ignore[call-arg]
