"""The ledger: what the tries of a run have used and may still use, so that a limit is never passed. Pure counting.

Before a try is sent, the most that it may use is set aside; when its fate is known, what it used is written
instead. A limit therefore holds whatever the endpoint answers, and however many tries are under way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from quotes.errors import BudgetSpent, UsageError
from quotes.exchange import Request, Usage, canonical_json
from quotes.prompting.dialect import LIMIT_PARAMETERS

_BYTES_PER_TOKEN: Final = 4
_CAUTION: Final = (
    1.5  # what is set aside for a prompt in ASCII, as a multiple of the estimate, until a reply shows more
)
_ASCII: Final = bytes(range(128))
_MARGIN: Final = 1.1  # what is set aside over the most that was seen
_UNBOUNDED: Final = 16_384  # output tokens set aside for a request that names no bound
_GOES_ON: Final = "the same command then goes on where this one stopped"


@dataclass(frozen=True, slots=True)
class Prices:
    """What an endpoint takes for a million tokens: of *input*, of *cached* input, and of *output*, in *currency*."""

    input: float
    cached: float
    output: float
    currency: str = "USD"

    def __post_init__(self) -> None:
        """
        Raises:
            UsageError: a price is no finite number from zero on.
        """
        for name in ("input", "cached", "output"):
            price = getattr(self, name)
            if not (math.isfinite(price) and price >= 0):
                raise UsageError(f"{price} is no price", where=f"price_{name}", remedy="give it per million tokens")

    def cost(self, usage: Usage) -> float:
        """What *usage* costs. Of its prompt tokens the cached ones go by their own price."""
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        paid = (usage.prompt_tokens - cached) * self.input + cached * self.cached
        return (paid + usage.completion_tokens * self.output) / 1_000_000

    def most(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens may cost at most, cached or not."""
        return (prompt_tokens * max(self.input, self.cached) + completion_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Spending:
    """What was used so far. *tries* were sent, *retries* of them again; *cost* is ``None`` without prices.

    *presumed* is the part of *usage* that no endpoint has reported: tries that broke off count with the most they may
    have used.
    """

    usage: Usage
    tries: int
    retries: int
    cost: float | None
    currency: str
    presumed: Usage = Usage()


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """One try, admitted or to be: the estimate of its prompt in tokens, and the most tokens its answer may have.

    *size* is the prompt in bytes, *wide* how many of them are of characters beyond ASCII.
    """

    estimate: int
    output: int
    size: int
    wide: int


@dataclass(slots=True)
class Ledger:
    """Counts tokens, tries and cost against *max_tokens* and *max_cost* (in the currency of *prices*), where given."""

    prices: Prices | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    _used: Usage = field(default=Usage(), init=False)
    _presumed: Usage = field(default=Usage(), init=False)
    _cost: float = field(default=0.0, init=False)
    _tries: int = field(default=0, init=False)
    _retries: int = field(default=0, init=False)
    _caution: float = field(default=_CAUTION, init=False)
    _heard: bool = field(default=False, init=False)  # a reply has said what it used
    _open: dict[Ticket, int] = field(default_factory=dict, init=False)  # with the prompt tokens set aside at first

    def __post_init__(self) -> None:
        """
        Raises:
            UsageError: a limit is none, or one on cost is given without prices.
        """
        if self.max_cost is not None and self.prices is None:
            remedy = 'write input and output under [prices."MODEL"] in quotes.toml, and name it with --config'
            raise UsageError("a limit on cost needs prices", where="--max-cost", remedy=remedy)
        if self.max_tokens is not None and self.max_tokens < 0:
            raise UsageError("the limit is below zero", where="--max-tokens-total", remedy="give a number of tokens")
        if self.max_cost is not None and not self.max_cost >= 0:
            raise UsageError("the limit is no amount", where="--max-cost", remedy="give an amount such as 2.50")

    @property
    def spending(self) -> Spending:
        """What all settled tries have used, and how many were sent."""
        currency = self.prices.currency if self.prices else "USD"
        cost = self._cost if self.prices else None
        return Spending(self._used, self._tries, self._retries, cost, currency, self._presumed)

    def admit(self, request: Request | Ticket, *, again: bool = False) -> Ticket:
        """Set the most aside that a try of *request* may use. *again*: it is not the first try of this request.

        For the prompt that is a token a byte, beyond which no tokenizer of bytes goes, until a reply has reported what
        it used; then still as much for characters beyond ASCII, of which many languages need a token each byte, and for
        the rest four bytes a token, times a factor that grows with what replies report. For the answer it is the bound
        that the request's body gives. The ticket of a request may be used for its next try, once settled.

        Raises:
            BudgetSpent: together with all tries under way it might pass a limit.
        """
        ticket = request if isinstance(request, Ticket) else draw_up(request)
        self._refuse_excess(ticket)
        self._open[ticket] = self.reserved(ticket).prompt_tokens
        self._tries += 1
        self._retries += again
        return ticket

    def most(self, ticket: Ticket) -> int:
        """How many tokens the try of *ticket* is likely to use at most, prompt and answer: for its pace, where the most
        it might use would hold everything up."""
        return math.ceil(ticket.estimate * self._caution) + ticket.output

    def reserved(self, ticket: Ticket) -> Usage:
        """The most that the try of *ticket* may use, as far as is known now; never less than when it was admitted."""
        narrow = ticket.size - ticket.wide
        most = ticket.wide + math.ceil(narrow * _CAUTION / _BYTES_PER_TOKEN) if self._heard else ticket.size
        most = max(most, math.ceil(ticket.estimate * self._caution), self._open.get(ticket, 0))
        return Usage(1, most, ticket.output)

    def settle(self, ticket: Ticket, usage: Usage | None) -> None:
        """Write what the try of *ticket* has used: ``None`` where that is unknown, and all that was set aside counts.

        A try that was refused or never arrived has used ``Usage()``. Settling twice changes nothing.
        """
        if ticket not in self._open:
            return
        if usage is None:
            usage = self.reserved(ticket)
            self._presumed += usage
        else:
            self._heard = self._heard or usage.prompt_tokens > 0
            self._caution = max(self._caution, usage.prompt_tokens / max(ticket.estimate, 1) * _MARGIN)
        del self._open[ticket]
        self._used += usage
        if self.prices:
            self._cost += self.prices.cost(usage)

    def _refuse_excess(self, ticket: Ticket) -> None:
        if self.max_tokens is None and self.max_cost is None:
            return
        prompt, output = self._most_of(*self._open, ticket)
        tokens = _tokens(self._used)
        if self.max_tokens is not None and tokens + prompt + output > self.max_tokens:
            spent, limit = f"{tokens:,}", f"{self.max_tokens:,} tokens"
            raise _spent(spent, limit, "--max-tokens-total")
        if self.prices is None or self.max_cost is None:
            return
        if self._cost + self.prices.most(prompt, output) > self.max_cost:
            raise _spent(f"{self._cost:.4f}", f"{self.max_cost:g} {self.prices.currency}", "--max-cost")

    def _most_of(self, *tickets: Ticket) -> tuple[int, int]:
        most = sum((self.reserved(ticket) for ticket in tickets), Usage())
        return most.prompt_tokens, most.completion_tokens


def draw_up(request: Request, body: bytes | None = None) -> Ticket:
    """The ticket for a try of *request*, not admitted yet. *body* is what is sent, where that is at hand."""
    if body is None:
        body = canonical_json(request.body)  # the schema counts, which many servers show
    size, wide = len(body), len(body.translate(None, _ASCII))
    bounds = [bound for name in LIMIT_PARAMETERS if isinstance(bound := request.body.get(name), int)]
    answers = request.body.get("n")
    many = answers if isinstance(answers, int) and answers > 1 else 1
    return Ticket(-(-size // _BYTES_PER_TOKEN), max(bounds, default=_UNBOUNDED) * many, size, wide)


def _tokens(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _spent(spent: str, limit: str, option: str) -> BudgetSpent:
    return BudgetSpent(
        f"{spent} of {limit} are spent, and the next request might pass the limit",
        remedy=f"raise {option}; {_GOES_ON}",
    )
