"""What a run may use: no limit is passed, whatever the tries turn out to have used."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import BudgetSpent, UsageError
from quotes.exchange import Request, Usage
from quotes.llm.ledger import Ledger, Prices, Ticket, draw_up

PRICES = Prices(input=2.0, cached=0.5, output=8.0)


def request(words: int = 10, **body: Any) -> Request:
    return Request({"messages": [{"role": "user", "content": "word " * words}], "max_tokens": 100} | body, "local")


def test_prices_are_for_a_million_tokens_and_cached_ones_have_their_own():
    assert PRICES.cost(Usage(1, 1_000_000, 500_000, 400_000)) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8)
    assert PRICES.cost(Usage(1, 10, 0, 999)) == pytest.approx(10 * 0.5 / 1e6)  # no endpoint caches more than there is


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_what_is_no_price_is_wrong_usage(price: float):
    with pytest.raises(UsageError):
        Prices(1.0, price, 1.0)


def test_a_limit_on_cost_without_prices_and_one_below_zero_are_wrong_usage():
    for limits in ({"max_cost": 1.0}, {"max_tokens": -1}, {"prices": PRICES, "max_cost": float("nan")}):
        with pytest.raises(UsageError):
            Ledger(**limits)


def test_spending_counts_tries_and_what_they_used():
    ledger = Ledger(PRICES)
    ledger.settle(ledger.admit(request()), Usage(1, 40, 7, 3))
    ledger.settle(ledger.admit(request(), again=True), Usage())  # refused with 429
    spending = ledger.spending
    assert (spending.usage, spending.tries, spending.retries) == (Usage(1, 40, 7, 3), 2, 1)
    assert (spending.cost, spending.currency) == (PRICES.cost(Usage(1, 40, 7, 3)), "USD")
    assert Ledger().spending.cost is None


def test_a_try_of_unknown_fate_counts_with_all_that_was_set_aside_and_says_so():
    ledger = Ledger()
    ticket = ledger.admit(request())
    most = ledger.reserved(ticket)
    ledger.settle(ticket, None)
    ledger.settle(ticket, None)  # twice changes nothing
    assert ledger.spending.usage == ledger.spending.presumed == most
    assert most.completion_tokens == 100


def test_the_message_says_what_was_spent_the_limit_and_what_to_do():
    ledger = Ledger(max_tokens=1_000)
    ledger.settle(ledger.admit(request()), Usage(1, 900, 50))
    with pytest.raises(BudgetSpent) as caught:
        ledger.admit(request())
    assert str(caught.value) == (
        "950 of 1,000 tokens are spent, and the next request might pass the limit "
        "(raise --max-tokens-total; the same command then goes on where this one stopped)"
    )
    assert caught.value.exit_code == 4
    with pytest.raises(BudgetSpent, match=r"0\.0000 of 0\.0001 USD .*raise --max-cost"):
        Ledger(PRICES, max_cost=0.0001).admit(request())


def test_what_is_on_the_way_counts_and_what_it_did_not_use_is_free_again():
    ledger = Ledger(max_tokens=300)
    first = ledger.admit(request())
    with pytest.raises(BudgetSpent):
        ledger.admit(request(500))
    ledger.settle(first, Usage(1, 20, 1))
    ledger.admit(request(words=1))


def test_a_request_without_a_bound_on_its_answer_and_several_answers_are_expected_to_be_long():
    plain = Request({"messages": []}, "local")
    assert Ledger().most(draw_up(plain)) > 16_000
    assert Ledger().most(draw_up(request(n=3))) - Ledger().most(draw_up(request())) in range(200, 205)
    assert Ledger().most(draw_up(request(max_completion_tokens=5000))) > 5000


def test_an_endpoint_that_counts_more_than_was_thought_makes_the_next_estimates_larger():
    ledger = Ledger()
    before = ledger.most(draw_up(request(100)))
    ticket = ledger.admit(request(100))
    ledger.settle(ticket, Usage(1, ticket.estimate * 3, 0))
    assert ledger.reserved(ticket).prompt_tokens >= ticket.estimate * 3
    after = ledger.most(draw_up(request(100)))
    ledger.settle(ledger.admit(request(100)), Usage(1, 1, 0))
    assert before < after == ledger.most(draw_up(request(100)))


def test_until_a_reply_has_told_how_many_a_token_a_byte_is_set_aside_and_always_beyond_ascii():
    plain, dense = (draw_up(Request({"messages": text * 100, "max_tokens": 1}, "local")) for text in ("abc", "က"))
    ledger = Ledger()
    assert [ledger.reserved(ticket).prompt_tokens for ticket in (plain, dense)] == [plain.size, dense.size]
    early = ledger.admit(plain)
    ledger.settle(ledger.admit(request()), Usage())  # a refusal tells nothing
    assert ledger.reserved(dense).prompt_tokens == dense.size
    ledger.settle(ledger.admit(request()), Usage(1, 10, 1))
    assert ledger.reserved(early).prompt_tokens == plain.size  # as it was admitted
    ledger.settle(early, Usage(1, 10, 1))
    assert ledger.reserved(plain).prompt_tokens < plain.size / 2
    assert 300 < ledger.reserved(dense).prompt_tokens < dense.size


TEXTS = st.text(st.sampled_from("ကཀ漢é"), max_size=400)


@given(st.lists(st.tuples(TEXTS, st.integers(1, 100), st.booleans()), max_size=25), st.integers(0, 8000))
def test_no_limit_is_passed_by_text_of_a_token_a_byte(asked: list[tuple[str, int, bool]], tokens: int):
    ledger = Ledger(PRICES, max_tokens=tokens, max_cost=PRICES.most(tokens, 0))
    way: list[tuple[Ticket, Usage]] = []
    for text, most, first in asked:
        ticket = draw_up(Request({"messages": [{"role": "user", "content": text}], "max_tokens": most}, "local"))
        with contextlib.suppress(BudgetSpent):
            content = len(text.encode()) + 20  # the frame of the body takes fewer, and is ASCII
            way.append((ledger.admit(ticket), Usage(1, content, most)))
        if way and not first:
            ledger.settle(*way.pop(0))
    for one in way:
        ledger.settle(*one)
    spending = ledger.spending
    assert spending.usage.prompt_tokens + spending.usage.completion_tokens <= tokens
    assert spending.cost is not None
    assert spending.cost <= PRICES.most(tokens, 0)


SHARES = st.floats(0, 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 400), st.integers(1, 300)),
        st.tuples(st.just("used"), SHARES, SHARES),
        st.tuples(st.sampled_from(["lost", "refused"]), SHARES, SHARES),
    ),
    max_size=60,
)


@given(STEPS, st.integers(0, 3000), st.floats(0, 0.02))
def test_no_limit_is_passed_in_any_interleaving(steps: list[Any], tokens: int, cost: float):
    ledger = Ledger(PRICES, max_tokens=tokens, max_cost=cost)
    tickets: list[tuple[Ticket, Usage]] = []
    used = Usage()  # as the endpoint counts it: a lost try has used all it was given
    for what, one, two in steps:
        if what == "ask":
            with contextlib.suppress(BudgetSpent):
                ticket = ledger.admit(request(one, max_tokens=two))
                tickets.append((ticket, ledger.reserved(ticket)))
        elif tickets:
            ticket, most = tickets.pop(int(one * (len(tickets) - 1)))
            taken = Usage(1, int(most.prompt_tokens * one), int(most.completion_tokens * two))
            used += {"used": taken, "lost": most, "refused": Usage()}[what]
            ledger.settle(ticket, {"used": taken, "lost": None, "refused": Usage()}[what])
        assert used.prompt_tokens + used.completion_tokens <= tokens
        assert PRICES.cost(used) <= cost + 1e-12
        counted = ledger.spending.usage
        assert (counted.prompt_tokens, counted.completion_tokens) >= (used.prompt_tokens, used.completion_tokens)
