"""How many requests are on the way at a time: the rule by itself, the gate, and both against a crowded server."""

import asyncio
import statistics
import time
from typing import Any

import pytest
from crowded_server import CrowdedServer, crowded
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import BudgetSpent, EndpointUnusable
from quotes.exchange import Reply, Request
from quotes.llm import LiveEndpoint, RetryPolicy
from quotes.llm.limiter import Limiter
from quotes.llm.window import STEP, Gate, Window


def started(window: Window, now: float = 0.0) -> list[int]:
    """Start as many as may start at once."""
    eras = []
    while window.wait(now) == 0.0:
        eras.append(window.start(now))
    return eras


def clean_round(window: Window, now: float = 0.0) -> int:
    """Fill the window and have everything succeed; how many that were."""
    eras = started(window, now)
    for era in eras:
        window.finish(era, "clean", now)
    return len(eras)


# The rule


def test_the_window_doubles_until_the_endpoint_is_busy_and_then_grows_by_one():
    window = Window(100)
    assert [clean_round(window) for _ in range(4)] == [8, 16, 32, 64]
    era = window.start(0.0)
    window.finish(era, "busy", 0.0, rest=1.0)
    assert window.size == 50
    sizes = [clean_round(window, 100.0 + n) for n in range(3)]
    assert sizes == [50, 51, 52]


@pytest.mark.parametrize("most", [1, 3, 8, 12])
def test_the_window_is_never_larger_than_allowed(most: int):
    window = Window(most)
    assert max(clean_round(window) for _ in range(9)) == most


def test_a_window_that_is_not_full_does_not_grow():
    window = Window(100)
    for _ in range(50):
        window.finish(window.start(0.0), "clean", 0.0)
    assert window.size == 8


def test_failures_that_tell_nothing_of_load_change_nothing():
    window = Window(8)
    for era in started(window):
        window.finish(era, "other", 0.0)
    assert (window.size, window.wait(0.0)) == (8, 0.0)


def test_one_burst_of_refusals_halves_the_window_once():
    window = Window(32)
    eras = started(window)
    for era in eras:
        window.finish(era, "busy", 0.0)
    assert (len(eras), window.size) == (8, 4)
    again = started(window, 1.0)
    window.finish(again[0], "busy", 1.0)
    assert window.size == 2


def test_all_rest_as_long_as_the_endpoint_asks_and_the_longest_counts():
    window = Window(8)
    first, second, third = started(window)[:3]
    window.finish(first, "busy", 10.0, rest=2.0)
    window.finish(second, "busy", 10.5, rest=7.0)
    window.finish(third, "busy", 11.0, rest=0.1)
    assert window.wait(11.0) == pytest.approx(6.5)


def test_own_rests_are_short_and_double_while_nothing_succeeds():
    window, now, rests = Window(8), 0.0, []
    for _ in range(8):
        window.finish(window.start(now), "busy", now)
        rests.append(window.wait(now))
        now += rests[-1] or 0.0
    assert rests == pytest.approx([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0])


def test_after_a_rest_one_starts_and_each_success_lets_two_more():
    window = Window(64)
    for _ in range(3):
        clean_round(window)
    window.finish(window.start(0.0), "busy", 0.0, rest=5.0)
    assert (window.size, window.wait(4.9)) == (32, pytest.approx(0.1))
    rounds = [clean_round(window, 5.0) for _ in range(6)]
    assert rounds == [1, 2, 4, 8, 16, 32]


def test_after_a_rest_one_starts_each_tenth_of_a_second_though_nothing_has_come_back():
    window = Window(64)
    for _ in range(2):
        clean_round(window)
    window.finish(window.start(0.0), "busy", 0.0, rest=5.0)
    starts, now = [], 5.0
    while (wait := window.wait(now)) is not None:
        if wait == 0.0:
            window.start(now)
            starts.append(round(now - 5.0, 6))
        now += wait
    assert len(starts) == window.size
    assert starts == pytest.approx([n * STEP for n in range(window.size)])


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["start", "clean", "busy", "other"]),
        st.floats(0, 3),
        st.none() | st.floats(0, 90),
        st.integers(0, 99),
    ),
    max_size=60,
)


@given(st.integers(1, 40), EVENTS)
def test_the_window_keeps_its_bounds_and_never_stalls(most: int, events: list[Any]):
    window, now, under_way = Window(most), 0.0, []
    for what, later, rest, which in events:
        now += later
        if what == "start":
            wait = window.wait(now)
            assert wait is not None or under_way  # None: one of those on the way must end
            if wait is None:
                continue
            now += wait
            for _ in range(3):  # at most a rounding apart
                now += window.wait(now) or 0.0
            if window.wait(now) is None:  # the rest is over, and the window, halved, is still full
                assert len(under_way) >= window.size
                continue
            assert window.wait(now) == 0.0
            under_way.append(window.start(now))
        elif under_way:
            window.finish(under_way.pop(which % len(under_way)), what, now, rest)
        assert 1 <= window.size <= most
        assert window.under_way == len(under_way) <= most


# The gate


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def gate(window: Window, clock: Clock, limiter: Limiter | None = None, **more: Any) -> Gate:
    return Gate(window, limiter or Limiter(), clock=clock, sleep=clock.sleep, **more)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_requests_go_in_the_order_they_came_and_a_cancelled_one_loses_no_place():
    async def run() -> list[int]:
        went: list[int] = []
        here = gate(Window(2), Clock())

        async def one(number: int) -> Any:
            passage = await here.enter(1, lambda: number)
            went.append(number)
            return passage

        tasks = [asyncio.create_task(one(n)) for n in range(12)]
        await settled()
        for number in (2, 5, 11):  # the first of those that wait, one in the middle, the last
            tasks[number].cancel()
        await settled()
        for number in (0, 1, 3, 4, 6, 7, 8, 9, 10):
            passage = await asyncio.wait_for(tasks[number], 5)
            here.leave(passage, "other", rest=None, tokens=None)
        return went

    assert asyncio.run(run()) == [0, 1, 3, 4, 6, 7, 8, 9, 10]


def test_a_request_that_waits_for_the_limiter_holds_no_place_and_is_counted_when_it_goes():
    clock, window = Clock(), Window(8)
    limiter = Limiter(rpm=1)

    async def run() -> None:
        here = gate(window, clock, limiter)
        passage = await here.enter(1, lambda: 0)
        waiting = asyncio.create_task(here.enter(1, lambda: 1))
        await asyncio.sleep(0)
        assert window.under_way == 1
        here.leave(passage, "clean", rest=None, tokens=1)
        assert (await waiting).share.at == pytest.approx(60.0)

    asyncio.run(run())


def test_a_spent_budget_waits_for_what_is_on_the_way_and_then_refuses():
    admitted = iter([True, False, True, False])

    def admit() -> int:
        if not next(admitted):
            raise BudgetSpent("spent")
        return 0

    async def run() -> None:
        here = gate(Window(8), Clock())
        first = await here.enter(1, admit)
        waiting = asyncio.create_task(here.enter(1, admit))
        await settled()
        assert not waiting.done()
        here.leave(first, "clean", rest=None, tokens=None)
        here.leave(await waiting, "clean", rest=None, tokens=None)
        with pytest.raises(BudgetSpent):
            await here.enter(1, admit)

    asyncio.run(run())


def test_those_that_rest_are_woken_when_there_is_no_sense_in_waiting():
    useless: list[Exception] = []

    def check() -> None:
        if useless:
            raise useless[0]

    async def run() -> None:
        window = Window(8)
        here = Gate(window, Limiter(), clock=time.monotonic, sleep=asyncio.sleep, check=check)
        here.leave(await here.enter(1, int), "busy", rest=60.0, tokens=None)
        waiting = [asyncio.create_task(here.enter(1, int)) for _ in range(5)]
        await settled()
        useless.append(EndpointUnusable("gone"))
        here.wake()
        found = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
        assert found == [useless[0]] * 5

    asyncio.run(run())


# Against a server


class Fast:
    """A clock and a sleep, so many times faster than the real ones."""

    def __init__(self, times: float) -> None:
        self.times = times

    def __call__(self) -> float:
        return time.monotonic() * self.times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.times)


def live(server: CrowdedServer, clock: Fast, concurrency: int, **more: Any) -> LiveEndpoint:
    policy = RetryPolicy(tries=12)
    return LiveEndpoint(server.url, concurrency=concurrency, clock=clock, sleep=clock.sleep, policy=policy, **more)


async def ask(endpoint: LiveEndpoint, requests: int) -> list[Any]:
    body = {"model": "sample-1b", "messages": [{"role": "user", "content": "Who said it?"}]}
    asked = [endpoint.complete(Request(body, "local", article=str(n))) for n in range(requests)]
    try:
        return await asyncio.gather(*asked)
    finally:
        await endpoint.aclose()


def test_under_a_server_that_takes_five_at_a_time_the_window_settles():
    sizes: list[int] = []
    clock = Fast(10)

    def tell(event: str, fields: Any) -> None:
        if event == "window":
            sizes.append(fields["size"])

    async def run() -> CrowdedServer:
        async with crowded(CrowdedServer(5, 0.03, clock)) as server:
            replies = await ask(live(server, clock, 32, tell=tell), 200)
        assert all(isinstance(reply, Reply) for reply in replies)
        return server

    server = asyncio.run(run())
    assert server.most == 5
    assert len(server.came) <= 1.2 * 200
    assert 2 <= statistics.median(sizes[2:]) <= 6


def test_a_cool_down_is_shared_by_all_and_ends_without_a_herd():
    clock = Fast(3)

    async def run() -> CrowdedServer:
        async with crowded(CrowdedServer(0, 0.05, clock, "Retry-After: 3\r\n")) as server:
            endpoint = live(server, clock, 16)
            asking = asyncio.create_task(ask(endpoint, 60))
            while len(server.refused) < 8:
                await asyncio.sleep(0.001)
            server.places = 100
            await asking
        return server

    server = asyncio.run(run())
    told = server.refused[-1]
    later = sorted(moment for moment in server.came if moment > told)
    assert len(server.refused) == 8  # nobody tried while all were told to wait
    assert later[0] - server.refused[0] >= 3.0
    assert sum(moment < later[0] + 0.05 for moment in later) <= 2  # half a step: one at first
    assert len(server.came) == 68
