"""Batches: whoever answers, in whatever order and files, the cache and the records are those of a live run."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.cache import Cached, Entry, open_store
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.model import Article
from quotes.run import Assembly, Listener, Settings
from quotes.run.batch import Export, Exported, tokens_of
from quotes.run.replies import Import, Imported
from tests.run.worlds import STORES, Model, World, prompt, records, run, worlds

stores = st.sampled_from(STORES)
_FAILURES = {"context_overflow": "context_length_exceeded", "schema_refused": "invalid_response_format"}


def export(articles: Sequence[Article], place: Path) -> tuple[Exported, list[dict[str, Any]]]:
    """What an export of *articles* came to, and its lines."""
    store, lines = open_store(place), list[str]()
    cached = Cached(store, Model(World((), {})))
    assembly = Assembly(Engine(prompt(), "en"), cached, "", (), cached, store, {"model": "some-model"})
    done = Export(Settings(), assembly, store, articles, lines.append).run()
    asyncio.run(cached.aclose())
    return done, [json.loads(line) for line in lines]


def take(place: Path, folder: Path, *files: Iterable[str]) -> tuple[Imported, list[str]]:
    """What an import of *files*, each some lines, came to, and what was said."""
    said: list[str] = []
    names = []
    for number, lines in enumerate(files):
        names.append(folder / f"replies-{number}.jsonl")
        names[-1].write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    store = open_store(place)
    work = Import(store, {}, Listener(problem=said.append))
    work.take([str(name) for name in names])
    store.close()
    return work.done, said


def returned(key: str, reply: Reply) -> str:
    """*reply* as the Batch API brings it back."""
    status, body = 200, _completion(reply)
    if reply.outcome in _FAILURES:
        status, body = 400, {"error": {"message": "no", "code": _FAILURES[reply.outcome]}}
    return json.dumps({"custom_id": key, "response": {"status_code": status, "body": body}, "error": None})


def _completion(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.content}
    finish = {"truncated": "length", "content_filter": "content_filter"}.get(reply.outcome, "stop")
    if reply.outcome == "refusal":
        message["refusal"] = "no"
    usage = {"prompt_tokens": reply.usage.prompt_tokens, "completion_tokens": reply.usage.completion_tokens}
    return {"model": reply.model, "choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def entries(place: Path) -> list[Entry]:
    store = open_store(place, create=False)
    found = list(store.entries())
    store.close()
    return found


def answers(world: World, lines: Iterable[dict[str, Any]], place: Path) -> list[str]:
    store = open_store(place, create=False)
    found = []
    for line in lines:
        waiting = store.pending.get(line["custom_id"])
        assert waiting is not None
        assert waiting.request.body == line["body"]
        found.append(returned(line["custom_id"], world.reply(waiting.request)))
    store.close()
    return found


@given(worlds(most=3), stores, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=10)
def test_replies_in_any_order_and_any_files_give_the_same_cache_and_the_records_of_a_live_run(
    world: World, kind: str, order: random.Random, parts: int
) -> None:
    with TemporaryDirectory() as name:
        folder, one, other = Path(name), Path(name) / f"one-{kind}", Path(name) / f"other-{kind}"
        for _ in range(40):
            done, lines = export(world.articles, one)
            assert export(world.articles, other)[1] == lines
            assert done.requests == len(lines) == len({line["custom_id"] for line in lines})
            if not lines:
                break
            told = answers(world, lines, one)
            took, said = take(one, folder, told)
            assert (took.stored, took.pending, said) == (len(lines), 0, [])
            order.shuffle(told)
            take(other, folder, *(told[part::parts] for part in range(parts)))
            assert entries(one) == entries(other)
            again, said = take(one, folder, told, told)
            assert (again.stored, again.there, again.exit_code, said) == (0, 2 * len(told), 0, [])
        else:
            raise AssertionError("it never ends")
        live = folder / f"live-{kind}"
        run(world.articles, folder / "live.jsonl", live, Model(world))
        summary = run(world.articles, folder / "replayed.jsonl", one, None)
        assert summary.asked == 0
        assert [entry.key for entry in entries(one)] == [entry.key for entry in entries(live)]
        replayed, lived = records(folder / "replayed.jsonl"), records(folder / "live.jsonl")
        assert [_quotes(line) for line in replayed] == [_quotes(line) for line in lived]


def _quotes(line: bytes) -> dict[str, Any]:
    """A record without the words of a refusal and the tokens it cost, which the Batch API words otherwise."""
    return {key: value for key, value in json.loads(line).items() if key not in ("errors", "usage")}


ARTICLES = tuple(
    Article(f"a{number}", f'The tide of day {number} was "high" again, Ida Krell said.') for number in range(3)
)
NOTHING = '{"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}'


def plain(line: dict[str, Any], content: str = NOTHING) -> str:
    return json.dumps({"custom_id": line["custom_id"], "content": content})


def test_what_cannot_be_taken_is_one_line_each_and_the_rest_is_stored(tmp_path: Path) -> None:
    place = tmp_path / "replies.sqlite"
    _, lines = export(ARTICLES, place)
    first, second, third = lines
    take(place, tmp_path, [plain(first)])
    limited = {"status_code": 429, "body": {"error": {"message": "Rate limit reached"}}}
    done, said = take(
        place,
        tmp_path,
        [
            plain(first, "something else"),
            "no json",
            "",
            json.dumps({"custom_id": "0" * 64, "content": ""}),
            json.dumps({"custom_id": "request-7", "content": ""}),
            json.dumps({"custom_id": second["custom_id"], "response": limited, "error": None}),
            plain(third),
            json.dumps({"custom_id": third["custom_id"], "response": limited, "error": None}),
        ],
    )
    file = tmp_path / "replies-0.jsonl"
    assert [line.split(": ")[0] for line in said] == [f"{file} line {number}" for number in (1, 2, 4, 5, 6)]
    assert "another reply to a0 chunk 0 than the stored one" in said[0]
    assert "no request of key 00000000 was exported" in said[2]
    assert "no answer to a1 chunk 0: status 429: Rate limit reached" in said[4]
    assert (done.stored, done.there, done.pending, done.exit_code) == (1, 1, 1, 1)
    assert done.refused == {"other than the stored": 1, "malformed": 2, "unknown": 1, "no answer": 1}
    assert {entry.reply.content for entry in entries(place)} == {NOTHING}
    _, rest = export(ARTICLES, place)
    assert rest == [second]


def test_a_file_that_ends_within_a_line_keeps_what_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "recorded"
    _, lines = export(ARTICLES, place)
    file = tmp_path / "cut.jsonl"
    file.write_text(plain(lines[0]) + "\n" + plain(lines[1])[:-9])
    store, said = open_store(place), list[str]()
    work = Import(store, {}, Listener(problem=said.append))
    work.take([str(file), str(tmp_path / "missing.jsonl")])
    assert (work.done.stored, work.done.pending) == (1, 2)
    assert said[0].startswith(f"{file} line 2: the file ends within this line")
    assert said[1].startswith(f"{tmp_path / 'missing.jsonl'}: cannot be read")


def test_a_request_written_twice_is_told_and_one_answered_live_is_no_longer_pending(tmp_path: Path) -> None:
    place = tmp_path / "replies.sqlite"
    export(ARTICLES, place)
    done, lines = export(ARTICLES[:2], place)
    assert (done.requests, done.again, done.others) == (2, 2, 1)
    store = open_store(place)
    waiting = store.pending.get(lines[0]["custom_id"])
    assert waiting is not None
    store.put(Entry(waiting.request, Reply(NOTHING)))
    store.close()
    done, lines = export(ARTICLES, place)
    assert (done.requests, done.answered, done.others) == (2, 1, 0)
    store = open_store(place)
    assert len(list(store.pending.keys())) == 2
    store.close()


def test_two_articles_of_the_same_words_ask_once(tmp_path: Path) -> None:
    twins = (ARTICLES[0], Article("twin", ARTICLES[0].text))
    done, lines = export(twins, tmp_path / "replies.sqlite")
    assert (done.articles, done.requests, len(lines)) == (2, 1, 1)


def test_requests_given_by_file_need_no_export_from_this_cache(tmp_path: Path) -> None:
    _, lines = export(ARTICLES, tmp_path / "there.sqlite")
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {**lines[0], "body": {}}]))
    store, said = open_store(tmp_path / "here.sqlite"), list[str]()
    work = Import(store, {}, Listener(problem=said.append))
    work.remember([str(file)], "http://127.0.0.1:1/v1")
    replies = tmp_path / "replies.jsonl"
    replies.write_text("".join(plain(line) + "\n" for line in lines))
    work.take([str(replies)])
    store.close()
    assert (work.done.stored, work.done.refused) == (3, {"malformed": 1})
    assert said[0].startswith(f"{file} line 4: the body does not give the custom_id")
    summary = run(ARTICLES, tmp_path / "out.jsonl", tmp_path / "here.sqlite", None)
    assert (summary.asked, summary.cached) == (0, 3)


def damage(place: Path, kind: str) -> None:
    """Spoil the reply to the first article in the store at *place*, or (``shared``) what all its requests share."""
    if place.is_dir():
        file = next((place / "shared").iterdir()) if kind == "shared" else next(place.glob("a0-*.json"))
        old = "a" if kind == "shared" else "term"
        held = file.read_text()
        assert old in held
        file.write_text(held.replace(old, "e"))
        return
    change = {"shared": "shared SET value = replace(value, 'a', 'e')", "reply": "replies SET reply = 'no json'"}[kind]
    with closing(sqlite3.connect(place)) as connection, connection:
        assert connection.execute(f"UPDATE {change}").rowcount > 0


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("spoilt", ["reply", "shared"])
def test_a_damaged_entry_is_asked_for_again_and_its_reply_stored_in_its_place(
    tmp_path: Path, kind: str, spoilt: str
) -> None:
    place = tmp_path / kind
    _, lines = export(ARTICLES, place)
    take(place, tmp_path, [plain(lines[0])])
    damage(place, spoilt)
    done, again = export(ARTICLES, place)
    assert (done.failed, done.exit_code, again) == (0, 0, lines)
    took, said = take(place, tmp_path, [plain(line) for line in lines])
    # What a database's entries share is mended by the requests that share it: the reply counts again.
    assert (took.stored + took.there, took.pending, took.exit_code, said) == (3, 0, 0, [])
    assert [entry.key for entry in entries(place)] == [line["custom_id"] for line in lines]
    summary = run(ARTICLES, tmp_path / "out.jsonl", place, None)
    assert (summary.asked, summary.cached, summary.failed) == (0, 3, 0)


def test_a_reply_to_a_damaged_entry_that_nobody_exported_needs_the_requests(tmp_path: Path) -> None:
    place = tmp_path / "recorded"
    _, lines = export(ARTICLES[:1], place)
    take(place, tmp_path, [plain(lines[0])])
    damage(place, "reply")
    took, said = take(place, tmp_path, [plain(lines[0])])
    assert (took.stored, took.refused) == (0, {"damaged in the cache": 1})
    assert next(place.glob("a0-*.json")).name in said[0]
    file = tmp_path / "requests.jsonl"
    file.write_text(json.dumps(lines[0]) + "\n")
    store = open_store(place)
    work = Import(store, {})
    work.remember([str(file)], "http://127.0.0.1:1/v1")
    work.take([str(tmp_path / "replies-0.jsonl")])
    store.close()
    assert (work.done.stored, work.done.exit_code) == (1, 0)
    assert entries(place)[0].reply.content == NOTHING


def test_the_tokens_of_a_message_in_parts_are_those_of_its_texts() -> None:
    parts = [
        {"type": "text", "text": "The tide was high.", "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": "tide.png"}},
        {"type": "text", "text": " It was low."},
        "no part",
    ]
    messages = [{"role": "system", "content": parts}, {"role": "user", "content": None}, {"role": "user"}]
    whole = [{"role": "system", "content": "The tide was high. It was low."}]
    assert tokens_of(Request({"messages": messages}, "local")) == tokens_of(Request({"messages": whole}, "local")) > 0


def test_a_request_that_cannot_be_sent_is_not_written(tmp_path: Path) -> None:
    half = Article("half", 'The \ud800 tide was "high" again, Ida Krell said.')
    done, lines = export((half, ARTICLES[0]), tmp_path / "replies.sqlite")
    assert (done.requests, len(lines)) == (1, 1)


def test_the_requests_of_a_line_are_those_of_a_run(tmp_path: Path) -> None:
    model = Model(World(ARTICLES, {article.id: (Reply(NOTHING),) for article in ARTICLES}))
    run(ARTICLES, tmp_path / "out.jsonl", tmp_path / "live.sqlite", model)
    _, lines = export(ARTICLES, tmp_path / "replies.sqlite")
    assert sorted(model.asked) == sorted(line["custom_id"] for line in lines)
    assert [Request(line["body"], "local").key for line in lines] == [line["custom_id"] for line in lines]
