"""The entrance of a worker that shares its limits with others: what it asks and tells goes out in bundles.

However many tries wait, at most two messages are on the way: one with all there is to say, one that waits for answers.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Sequence
from typing import Protocol

from quotes.errors import EndpointUnusable, QuotesError
from quotes.llm.entrance import Ending
from quotes.llm.ledger import Ticket
from quotes.run.cluster.limits import Ask, GivenUp, Heard, Left, Message, Withdrawn


class Keeper(Protocol):
    """The way to those who keep the limits, of one worker in one life. See `SharedLimits`."""

    def tell(self, messages: Sequence[Message], /) -> Awaitable[None]:
        """Say *messages*."""
        ...

    def hear(self) -> Awaitable[Heard]:
        """Wait for answers, a while at most."""
        ...


class SharedEntrance:
    """The `Entrance` whose limits are kept elsewhere, by *keeper*. It belongs to one event loop."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._numbers = itertools.count(1)
        self._turns: dict[int, tuple[Ask, asyncio.Future[None]]] = {}
        self._known = 0
        self._unsaid: list[Message] = []
        self._saying: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._useless: EndpointUnusable | None = None

    async def enter(self, ticket: Ticket, *, again: bool) -> int:
        """See `Entrance.enter`."""
        if self._useless is not None:
            raise self._useless
        number = next(self._numbers)
        ask = Ask(number, ticket.estimate, ticket.output, ticket.size, ticket.wide, again)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns[number] = ask, turn
        self._say(ask)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            await turn
        except asyncio.CancelledError:
            self._say(Withdrawn(number))
            raise
        finally:
            self._turns.pop(number, None)
        return number

    def leave(self, passage: int, ending: Ending) -> None:
        """See `Entrance.leave`."""
        self._say(Left(passage, ending))

    def give_up(self, error: EndpointUnusable) -> EndpointUnusable:
        """See `Entrance.give_up`."""
        if self._useless is None:
            self._useless = error
            self._refuse_all(error)
            self._say(GivenUp(error))
        return self._useless

    async def said(self) -> None:
        """Wait until all is said."""
        if self._saying is not None:
            await asyncio.wait([self._saying])

    async def aclose(self) -> None:
        """Say what is left to be said, and listen no more."""
        await self.said()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    def _say(self, message: Message) -> None:
        self._unsaid.append(message)
        if self._saying is None or self._saying.done():
            try:
                self._saying = asyncio.create_task(self._speak())
            except RuntimeError:
                return  # no loop runs yet: it is said with the first try

    async def _speak(self) -> None:
        while self._unsaid:
            messages, self._unsaid = self._unsaid, []
            try:
                await self._keeper.tell(messages)
            except Exception as error:  # whatever became of them
                self._lose(error)
                return

    async def _listen(self) -> None:
        while True:
            try:
                heard = await self._keeper.hear()
            except Exception as error:  # whatever became of them
                self._lose(error)
                return
            for answer in heard.answers:
                _ask, turn = self._turns.get(answer.number, (None, None))
                if turn is not None:
                    _settle(turn, answer.error)
            if heard.known != self._known:
                self._known = heard.known
                for ask, turn in list(self._turns.values()):
                    if not turn.done():
                        self._say(ask)

    def _lose(self, error: Exception) -> None:
        """Nobody keeps the limits any more, without which nothing may be sent."""
        what = f"the limits of the run are kept no more: {type(error).__name__}"
        remedy = "the same command goes on with what the cache holds"
        self._useless = self._useless or EndpointUnusable(what, remedy=remedy)
        self._refuse_all(self._useless)

    def _refuse_all(self, error: QuotesError) -> None:
        for _ask, turn in self._turns.values():
            _settle(turn, error)


def _settle(turn: asyncio.Future[None], error: QuotesError | None) -> None:
    if turn.done():
        return
    if error is None:
        turn.set_result(None)
    else:
        turn.set_exception(error)
