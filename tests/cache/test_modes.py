"""The four modes, and one request in flight per key."""

import asyncio
from pathlib import Path

import pytest
from sample_calls import Endpoint, a_reply, a_request

from quotes.cache import Cached, Counts, open_store
from quotes.errors import CacheError, EndpointUnusable, ReplayMiss, RequestFailed, UsageError
from quotes.exchange import Reply, Request, Usage


def run_all(cached: Cached, *requests: Request) -> list[Reply]:
    async def ask() -> list[Reply]:
        try:
            return list(await asyncio.gather(*(cached.complete(request) for request in requests)))
        finally:
            await cached.aclose()

    return asyncio.run(ask())


def test_auto_asks_once_and_never_again(place: Path):
    endpoint, request = Endpoint(), a_request()
    first = run_all(Cached(open_store(place), endpoint), request)
    again = Cached(open_store(place), endpoint)
    assert run_all(again, request) == first
    assert len(endpoint.asked) == 1
    assert again.counts == Counts(hits=1, asked=0, recalled=Usage(1, 40, 7, 3))


def test_fifty_at_once_ask_once(place: Path):
    endpoint = Endpoint()
    replies = run_all(Cached(open_store(place), endpoint), *[a_request()] * 50)
    assert replies == [a_reply()] * 50
    assert len(endpoint.asked) == 1


def test_different_keys_do_not_wait_for_each_other(place: Path):
    async def ask() -> int:
        endpoint = Endpoint(gate=asyncio.Event())
        cached = Cached(open_store(place), endpoint)
        tasks = [asyncio.create_task(cached.complete(a_request(str(number)))) for number in range(8)]
        while len(endpoint.asked) < 8:
            await asyncio.sleep(0)
        endpoint.gate.set()
        await asyncio.gather(*tasks)
        return len(endpoint.asked)

    assert asyncio.run(asyncio.wait_for(ask(), 10)) == 8


def test_a_replay_needs_no_endpoint_and_gives_the_same(place: Path):
    request = a_request()
    recorded = run_all(Cached(open_store(place), Endpoint()), request)
    assert run_all(Cached(open_store(place, create=False), None, "replay"), request) == recorded


def test_a_replay_never_asks_the_endpoint_it_was_given(place: Path):
    endpoint = Endpoint()
    with pytest.raises(ReplayMiss):
        run_all(Cached(open_store(place), endpoint, "replay"), a_request())
    assert endpoint.asked == []


def test_refresh_asks_again_once_per_key_and_overwrites(place: Path):
    request = a_request()
    run_all(Cached(open_store(place), Endpoint(a_reply("old"))), request)
    endpoint = Endpoint(a_reply("new"), a_reply("newer"))
    assert run_all(Cached(open_store(place), endpoint, "refresh"), *[request] * 5) == [a_reply("new")] * 5
    assert len(endpoint.asked) == 1
    assert run_all(Cached(open_store(place), None, "replay"), request) == [a_reply("new")]


def test_refresh_mends_a_damaged_fixture(tmp_path: Path):
    request = a_request()
    run_all(Cached(open_store(tmp_path), Endpoint()), request)
    next(tmp_path.glob("news-*")).write_text("{")
    with pytest.raises(CacheError):
        run_all(Cached(open_store(tmp_path), None, "replay"), request)
    run_all(Cached(open_store(tmp_path), Endpoint(), "refresh"), request)
    assert run_all(Cached(open_store(tmp_path), None, "replay"), request) == [a_reply()]


def test_what_is_stored_is_had_at_once_and_counted_and_a_look_is_not(place: Path):
    request, other = a_request(), a_request("other")
    run_all(Cached(open_store(place), Endpoint()), request)
    cached = Cached(open_store(place), Endpoint())
    assert (cached.peek(request), cached.peek(other), cached.stored(other)) == (a_reply(), None, None)
    assert cached.counts == Counts()
    assert cached.stored(request) == a_reply()
    assert cached.counts.hits == 1
    refreshing, off = Cached(cached._store, Endpoint(), "refresh"), Cached(cached._store, Endpoint(), "off")
    assert [one.peek(request) or one.stored(request) for one in (refreshing, off)] == [None, None]
    replaying = Cached(cached._store, None, "replay")
    assert replaying.peek(other) is None
    with pytest.raises(ReplayMiss):
        replaying.stored(other)
    asyncio.run(cached.aclose())


def test_off_neither_reads_nor_writes(place: Path):
    request = a_request()
    run_all(Cached(open_store(place), Endpoint(a_reply("stored"))), request)
    endpoint = Endpoint(a_reply("live"))
    assert run_all(Cached(open_store(place), endpoint, "off"), request, request) == [a_reply("live")] * 2
    assert len(endpoint.asked) == 2
    assert run_all(Cached(open_store(place), None, "replay"), request) == [a_reply("stored")]
    assert run_all(Cached(None, endpoint, "off"), request) == [a_reply("live")]


@pytest.mark.parametrize("error", [RequestFailed("gone"), EndpointUnusable("no quota")])
def test_a_failure_is_not_stored_and_is_everyones_who_waited(place: Path, error: Exception):
    async def ask() -> list[object]:
        endpoint = Endpoint(error, a_reply())
        cached = Cached(open_store(place), endpoint)
        failed = await asyncio.gather(*(cached.complete(a_request()) for _ in range(10)), return_exceptions=True)
        assert len(endpoint.asked) == 1
        later = await cached.complete(a_request())
        await cached.aclose()
        return [*failed, later]

    *failed, later = asyncio.run(ask())
    assert [(type(result), str(result)) for result in failed] == [(type(error), str(error))] * 10
    assert later == a_reply()


def test_when_the_one_that_asks_is_cancelled_another_takes_over(place: Path):
    async def ask() -> tuple[int, list[Reply]]:
        endpoint = Endpoint(gate=asyncio.Event())
        cached = Cached(open_store(place), endpoint)
        tasks = [asyncio.create_task(cached.complete(a_request())) for _ in range(5)]
        while not endpoint.asked:
            await asyncio.sleep(0)
        tasks[0].cancel()
        while len(endpoint.asked) < 2:
            await asyncio.sleep(0)
        endpoint.gate.set()
        replies = await asyncio.gather(*tasks[1:])
        assert tasks[0].cancelled()
        return len(endpoint.asked), replies

    assert asyncio.run(asyncio.wait_for(ask(), 10)) == (2, [a_reply()] * 4)


def test_a_cancelled_follower_disturbs_nobody(place: Path):
    async def ask() -> int:
        endpoint = Endpoint(gate=asyncio.Event())
        cached = Cached(open_store(place), endpoint)
        tasks = [asyncio.create_task(cached.complete(a_request())) for _ in range(3)]
        while not endpoint.asked:
            await asyncio.sleep(0)
        tasks[1].cancel()
        endpoint.gate.set()
        assert await tasks[0] == await tasks[2]
        return len(endpoint.asked)

    assert asyncio.run(asyncio.wait_for(ask(), 10)) == 1


def test_a_reply_is_stored_before_it_is_returned(place: Path):
    async def ask() -> None:
        cached = Cached(open_store(place), Endpoint())
        await cached.complete(a_request())
        assert open_store(place).get(a_request().key) is not None

    asyncio.run(ask())


def test_closing_closes_the_endpoint_and_leaves_no_lock_file(place: Path):
    endpoint = Endpoint()
    run_all(Cached(open_store(place), endpoint), a_request())
    assert endpoint.closed
    assert [file.name for file in place.parent.rglob("*lock*")] == []


def test_a_mode_without_what_it_needs_is_wrong_usage(place: Path):
    with pytest.raises(UsageError):
        Cached(None, Endpoint(), "auto")
    with pytest.raises(UsageError):
        Cached(open_store(place), None, "auto")


def test_half_a_surrogate_pair_in_the_text_fails_that_request_alone(place: Path):
    with pytest.raises(RequestFailed, match="surrogate"):
        run_all(Cached(open_store(place), Endpoint()), a_request("half \ud83d"))


def test_finished_flights_leave_nothing_behind(place: Path):
    async def ask() -> int:
        cached = Cached(open_store(place), Endpoint())
        await asyncio.gather(*(cached.complete(a_request(str(n % 5))) for n in range(20)))
        return len(cached._flights)

    assert asyncio.run(ask()) == 0
