"""Limits that several workers share, without the cluster: the workers and the keeper of the limits in one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from quotes.errors import BudgetSpent, EndpointUnusable
from quotes.exchange import Usage
from quotes.llm.entrance import Ending
from quotes.llm.ledger import Ledger, Ticket
from quotes.run.cluster.entrance import SharedEntrance
from quotes.run.cluster.limits import SILENCE, Heard, Message, SharedLimits

USED = Ending("clean", used=Usage(1, 100, 20))


@dataclass
class Line:
    """The way of one worker to *limits*; *told* counts its messages. It may be cut."""

    limits: SharedLimits
    worker: str
    life: str = "first"
    told: list[int] = field(default_factory=list)
    is_cut: bool = False

    async def tell(self, messages: Sequence[Message]) -> None:
        self.told.append(len(messages))
        await self._pass()
        await self.limits.tell(self.worker, self.life, messages)

    async def hear(self) -> Heard:
        await self._pass()
        return await self.limits.hear(self.worker, self.life)

    async def _pass(self) -> None:
        await asyncio.sleep(0)
        if self.is_cut:
            raise ConnectionError("cut")


def ticket() -> Ticket:
    return Ticket(estimate=100, output=50, size=400, wide=0)


async def entered(entrance: SharedEntrance) -> int:
    return await asyncio.wait_for(entrance.enter(ticket(), again=False), 5)


async def is_let_in(entrance: SharedEntrance) -> bool:
    """Whether a try may go now; it is not waited for longer than a few turns of the loop."""
    task = asyncio.create_task(entrance.enter(ticket(), again=False))
    await asyncio.sleep(0.05)
    if task.done():
        return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


def test_the_window_is_that_of_all_workers_together():
    async def run() -> None:
        limits = SharedLimits(3)
        one, two = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        passages = [await entered(one), await entered(two), await entered(one)]
        assert not await is_let_in(two)
        one.leave(passages[0], USED)
        assert await is_let_in(two)
        assert not await is_let_in(one)
        await one.aclose()
        await two.aclose()

    asyncio.run(run())


def test_a_rate_is_that_of_all_workers_together():
    async def run() -> None:
        limits = SharedLimits(100, rpm=3)
        one, two = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        for entrance in (one, two, one):
            entrance.leave(await entered(entrance), USED)
        assert not await is_let_in(one)
        assert not await is_let_in(two)
        assert (await limits.spending()).usage == Usage(3, 300, 60)

    asyncio.run(run())


def test_a_budget_is_that_of_all_workers_together():
    async def run() -> None:
        limits = SharedLimits(100, ledger=Ledger(max_tokens=1000))
        one, two = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        one.leave(await entered(one), Ending("clean", used=Usage(1, 500, 400)))
        with pytest.raises(BudgetSpent, match="--max-tokens-total"):
            await entered(two)

    asyncio.run(run())


def test_a_worker_in_a_new_life_has_nothing_on_the_way_and_what_it_had_is_counted_as_unknown():
    async def run() -> None:
        limits = SharedLimits(2)
        dead = SharedEntrance(Line(limits, "one"))
        await entered(dead)
        await entered(dead)
        await dead.aclose()
        reborn = SharedEntrance(Line(limits, "one", "second"))
        assert await is_let_in(reborn)
        spending = await limits.close()
        assert (spending.tries, spending.presumed.requests) == (3, 3)

    asyncio.run(run())


def test_a_worker_that_is_silent_counts_as_dead():
    now = [0.0]

    async def run() -> None:
        limits = SharedLimits(1, clock=lambda: now[0])
        dead, other = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        await entered(dead)
        await dead.aclose()
        assert not await is_let_in(other)
        now[0] = SILENCE + 1
        assert await is_let_in(other)

    asyncio.run(run())


def test_a_worker_that_was_given_up_too_early_is_answered_all_the_same():
    now = [0.0]

    async def run() -> None:
        limits = SharedLimits(1, clock=lambda: now[0])
        busy, slow = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        passage = await entered(busy)
        waiting = asyncio.create_task(entered(slow))
        await asyncio.sleep(0.05)
        now[0] = SILENCE + 1
        await limits.spending()
        busy.leave(passage, USED)
        await waiting

    asyncio.run(run())


def test_a_try_that_nobody_waits_for_any_more_leaves_no_trace():
    async def run() -> None:
        limits = SharedLimits(1)
        one = SharedEntrance(Line(limits, "one"))
        passage = await entered(one)
        assert not await is_let_in(one)
        one.leave(passage, USED)
        one.leave(await entered(one), USED)
        assert (await limits.spending()).tries == 2

    asyncio.run(run())


def test_an_endpoint_that_one_worker_gives_up_is_given_up_by_all():
    async def run() -> None:
        limits = SharedLimits(1)
        one, two = (SharedEntrance(Line(limits, name)) for name in ("one", "two"))
        await entered(one)
        waiting = asyncio.create_task(entered(two))
        await asyncio.sleep(0.05)
        one.give_up(EndpointUnusable("the key is wrong"))
        with pytest.raises(EndpointUnusable, match="the key is wrong"):
            await waiting
        with pytest.raises(EndpointUnusable, match="the key is wrong"):
            await entered(two)

    asyncio.run(run())


def test_without_those_who_keep_the_limits_nothing_is_sent():
    async def run() -> None:
        line = Line(SharedLimits(1), "one")
        one = SharedEntrance(line)
        await entered(one)
        line.is_cut = True
        with pytest.raises(EndpointUnusable, match="kept no more"):
            await entered(one)

    asyncio.run(run())


def test_what_many_tries_have_to_say_goes_out_together():
    async def run() -> None:
        line = Line(SharedLimits(100), "one")
        one = SharedEntrance(line)
        await asyncio.gather(*(entered(one) for _ in range(8)))
        assert len(line.told) <= 3
        assert sum(line.told) == 8

    asyncio.run(run())
