"""One try: what is sent along, how much is read, and what a try without an answer was."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from scripted_server import Script, complaint, completion, free_port, good, serving
from test_live import DEFAULTS, KEY, Waits, ask, endpoint, only, request

from quotes.errors import BudgetSpent, ConnectionFailed, EndpointUnusable, FormRefused, RequestFailed, UsageError
from quotes.exchange import Reply, Usage
from quotes.llm import LiveEndpoint, RetryPolicy
from quotes.llm.ledger import Ledger, Prices, draw_up

Write = Callable[[bytes], Awaitable[None]]


@pytest.fixture(params=["httpx", "aiohttp"], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whatever moves the bytes, all that is promised here holds."""
    monkeypatch.setitem(DEFAULTS, "transport", request.param)
    return str(request.param)


def from_raw_server(write: Callable[[Write], Awaitable[None]], **options: Any) -> Any:
    """What becomes of a request to a server that answers with what *write* writes."""

    async def run() -> Any:
        talks = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def send(data: bytes) -> None:
                writer.write(data)
                await writer.drain()

            try:
                await reader.readuntil(b"\r\n\r\n")
                await write(send)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                writer.transport.abort()

        listening = await asyncio.start_server(lambda r, w: talks.append(asyncio.create_task(talk(r, w))), "127.0.0.1")
        port = listening.sockets[0].getsockname()[1]
        live = endpoint(f"http://127.0.0.1:{port}/v1", policy=RetryPolicy(tries=1, timeouts=1), **options)
        try:
            return await live.complete(request())
        except Exception as error:
            return error
        finally:
            await live.aclose()
            listening.close()
            for task in talks:
                task.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    return asyncio.run(run())


def head(length: int | None = None, **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *lines, "", ""]).encode()


# How much is read


def test_an_answer_without_an_end_is_cut_while_it_is_read():
    sent = 0

    async def write(send: Write) -> None:
        nonlocal sent
        await send(head(Connection="close"))
        while sent < 400:
            await send(b"x" * 1_000_000)
            sent += 1

    error = from_raw_server(write)
    assert type(error) is RequestFailed
    assert str(error) == "news/0: chunk 0: the answer is larger than 8 MB"
    assert sent < 40  # but for what the system's buffers take


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_small_answer_that_unpacks_to_a_large_one_is_cut(encoding: str, pack: Callable[[bytes], bytes]):
    bomb = pack(b" " * 60_000_000)

    async def write(send: Write) -> None:
        await send(head(len(bomb), Content_Encoding=encoding) + bomb)

    assert "larger than 8 MB" in str(from_raw_server(write))


def test_an_answer_packed_twice_is_refused_and_one_packed_once_is_read():
    plain = json.dumps(completion("packed")).encode()
    once, twice = gzip.compress(plain), gzip.compress(gzip.compress(plain))

    async def write_once(send: Write) -> None:
        await send(head(len(once), Content_Encoding="gzip") + once)

    async def write_twice(send: Write) -> None:
        await send(head(len(twice), Content_Encoding="gzip, gzip") + twice)

    assert from_raw_server(write_once).content == "packed"
    assert "packed more than once" in str(from_raw_server(write_twice))


@pytest.mark.parametrize(
    "name", ["hex", "zlib", "base64", "rot13", "undefined", "idna", "punycode", "utf-16", "no-such"]
)
def test_an_answer_is_read_as_utf_8_whatever_its_header_says(name: str):
    words = json.dumps(completion("\u00fcber"), ensure_ascii=False)
    answer = Script(words, headers={"Content-Type": f"application/json; charset={name}"})
    with serving(answer) as server:
        assert only(endpoint(server.url)).content == "\u00fcber"


def test_no_packed_answer_is_asked_for():
    with serving(good()) as server:
        only(endpoint(server.url))
    assert server.headers[0]["accept-encoding"] == "identity"


def test_the_timeout_is_for_the_whole_try_however_slowly_it_trickles():
    async def write(send: Write) -> None:
        await send(head(1_000_000))
        for _ in range(1000):
            await send(b" ")
            await asyncio.sleep(0.02)

    error = from_raw_server(write, timeout=0.3)
    assert isinstance(error, ConnectionFailed)
    assert "no answer within 0.3 s" in str(error)


# What is sent along


def test_azure_gets_the_key_and_the_version_where_it_wants_them():
    with serving(good()) as server:
        live = endpoint(
            server.url.removesuffix("/v1"),
            key_header="api-key",
            query={"api-version": "2026-01-01", "x": "a b&c"},
            path="/openai/deployments/mine/chat/completions",
        )
        ask(live)
    assert server.paths == ["/openai/deployments/mine/chat/completions?api-version=2026-01-01&x=a+b%26c"]
    assert server.headers[0]["api-key"] == KEY
    assert "authorization" not in server.headers[0]


def test_headers_go_with_every_request_and_one_of_the_user_goes_before_the_key():
    with serving(complaint(500, "again"), good()) as server:
        ask(endpoint(server.url, headers={"X-Team": "news desk", "HTTP-Referer": "https://news.example"}))
        ask(endpoint(server.url, headers={"Authorization": "Basic abc"}))
    assert [sent.get("x-team") for sent in server.headers] == ["news desk", "news desk", None]
    assert [sent["authorization"] for sent in server.headers] == [f"Bearer {KEY}", f"Bearer {KEY}", "Basic abc"]


def test_without_a_key_none_is_sent():
    with serving(good()) as server:
        ask(endpoint(server.url, key=None))
    assert "authorization" not in server.headers[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Bad": "line\r\nHost: elsewhere"},
        {"X-Bad": "nul\x00"},
        {"X-Bad": "Grüße"},
        {"X Bad": "space"},
        {"": "nothing"},
        {"X-Bad:": "colon"},
        {"Host": "elsewhere.example"},
        {"content-length": "1"},
        {"X-Twice": "1", "x-twice": "2"},
    ],
)
def test_headers_that_fit_into_none_or_are_the_connections_own_are_wrong_usage(headers: dict[str, str]):
    with pytest.raises(UsageError) as caught:
        LiveEndpoint("http://127.0.0.1:1/v1", headers=headers)
    assert "elsewhere.example" not in str(caught.value)


@pytest.mark.parametrize("said", ["Your token tenant-4711-abcdef is unknown", "no: query-canary-0815 and {KEY}"])
def test_secrets_in_headers_and_query_are_in_no_message(said: str):
    secrets = ("tenant-4711-abcdef", "query-canary-0815")
    with serving(complaint(401, said)) as server:
        error = only(
            endpoint(server.url, headers={"X-Tenant": f"Bearer {secrets[0]}"}, query={"api-key": secrets[1], "v": "1"})
        )
    assert isinstance(error, EndpointUnusable)
    assert "[hidden]" in str(error)
    assert not any(secret in str(error) for secret in secrets)
    assert "?" not in str(error).partition(": ")[0]


# A key that comes back


@pytest.mark.parametrize("spelled", ["\\u0073k-test-0123456789abcdef", "\\\\u0073k-test-01234567\\\\u00389abcdef"])
def test_a_key_that_comes_back_in_escapes_inside_the_answer_is_hidden(spelled: str):
    with serving(good('{"a": "' + spelled + '"}')) as server:
        reply = only(endpoint(server.url))
    assert reply.content == '{"a": "[hidden]"}'


def test_a_key_that_comes_back_token_by_token_leaves_no_logprobs():
    tokens = [{"token": KEY[n : n + 3], "logprob": -0.1, "top_logprobs": []} for n in range(0, len(KEY), 3)]
    answer = completion("{}")
    answer["choices"][0]["logprobs"] = {"content": tokens}
    with serving(Script(answer)) as server:
        (reply,) = ask(endpoint(server.url), request(logprobs=True))
    assert reply.logprobs == ()


# Without a key


def test_a_refusal_where_no_key_was_sent_says_so():
    with serving(complaint(401, "Missing key")) as server:
        error = only(endpoint(server.url, key=None))
    assert "no key was sent: Missing key (set QUOTES_API_KEY" in str(error)


def test_a_name_that_is_not_found_says_that_no_key_was_sent_either():
    error = only(endpoint("http://endpoint.invalid/v1", key=None))
    assert isinstance(error, EndpointUnusable)
    assert "no key was sent: set QUOTES_API_KEY" in str(error)
    assert "no key was sent" not in str(only(endpoint("http://endpoint.invalid/v1")))


def test_openai_is_asked_nothing_without_a_key():
    error = only(endpoint("https://api.openai.com/v1", key=None))
    assert isinstance(error, EndpointUnusable)
    assert error.exit_code == 4
    assert str(error).startswith("https://api.openai.com/v1: OpenAI wants a key, and none is set (set OPENAI_API_KEY ")


# Forms, budgets, events


def test_a_form_that_is_refused_does_not_end_the_run_for_others():
    refusal = complaint(400, "Unsupported parameter: 'seed'", "unsupported_parameter", param="seed")
    with serving(refusal, good("taken")) as server:
        refused, taken = ask(endpoint(server.url), request(seed=1), request())
    assert isinstance(refused, FormRefused)
    assert (refused.part, taken.content) == ("seed", "taken")


def test_every_try_is_written_into_the_ledger():
    ledger = Ledger(Prices(1.0, 1.0, 1.0))
    with serving(complaint(429, "slow"), complaint(500, "broken"), good()) as server:
        ask(endpoint(server.url, ledger=ledger))
    spending = ledger.spending
    assert (spending.tries, spending.retries, spending.usage) == (3, 2, Usage(1, 40, 7, 3))
    assert spending.presumed == Usage()
    assert spending.cost == pytest.approx(47 / 1e6)


def test_an_answer_that_was_cut_off_counts_with_all_that_it_may_have_used():
    ledger = Ledger()
    with serving(Script(completion(), cut=True), good()) as server:
        (reply,) = ask(endpoint(server.url, ledger=ledger), request(max_tokens=50))
    assert isinstance(reply, Reply)
    assert ledger.spending.presumed.completion_tokens == 50
    assert ledger.spending.usage == ledger.spending.presumed + reply.usage


def test_a_budget_that_is_spent_ends_the_request_before_it_is_sent():
    ledger = Ledger(max_tokens=draw_up(request(max_tokens=200)).size + 200)  # what the first sets aside
    with serving(good()) as server:
        found = ask(endpoint(server.url, ledger=ledger), *(request(n, max_tokens=200) for n in range(5)))
    assert [type(one) for one in found] == [Reply] * 3 + [BudgetSpent] * 2
    assert len(server.bodies) == 3


def test_events_tell_what_happens_without_texts_or_keys():
    events: list[tuple[str, Any]] = []
    waits = Waits()
    with serving(complaint(429, f"slow down, {KEY}: said Zoë", headers={"retry-after": "3"}), good()) as server:
        live = endpoint(server.url, waits, tell=lambda event, fields: events.append((event, dict(fields))))
        ask(live, request(4))
    key8 = request(4).key[:8]
    about = {"key8": key8, "article": "news/4", "chunk": 4}
    assert events == [
        ("cooldown", {"seconds": 3.0}),
        ("window", {"size": 4}),
        ("try", about | {"attempt": 1, "status": 429, "seconds": 0}),
        ("retry", {"reason": "status 429", "wait": 3.25}),
        ("try", about | {"attempt": 2, "status": 200, "seconds": 0}),
    ]
    assert KEY not in repr(events)
    assert "said" not in repr(events)


@pytest.mark.parametrize("odd", ["\ud800", float("nan"), {1, 2}])
def test_a_body_that_is_no_json_fails_alone(odd: Any):
    with serving(good()) as server:
        found = ask(endpoint(server.url), request(extra=odd), request())
    assert isinstance(found[0], RequestFailed)
    assert str(found[0]).startswith("news/0: chunk 0: the request cannot be sent as JSON")
    assert isinstance(found[1], Reply)


def test_an_announced_length_does_not_help_where_the_answer_comes_in_chunks(transport: str):
    async def write(send: Write) -> None:
        await send(head(5, Transfer_Encoding="chunked"))
        for _ in range(40):
            await send(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n")

    refused = {"httpx": "larger than 8 MB", "aiohttp": "Content-Length can't be present with Transfer-Encoding"}
    assert refused[transport] in str(from_raw_server(write))


def test_a_server_that_hangs_up_may_have_done_all_the_work():
    async def hang_up(_send: Write) -> None: ...

    ledger = Ledger()
    error = from_raw_server(hang_up, ledger=ledger)
    assert type(error) is ConnectionFailed
    assert ledger.spending.presumed.completion_tokens


def test_nothing_listening_has_cost_nothing():
    ledger = Ledger()
    found = only(endpoint(f"http://127.0.0.1:{free_port()}/v1", ledger=ledger))
    assert type(found) is EndpointUnusable
    assert not ledger.spending.presumed.prompt_tokens


def test_no_cookie_comes_back():
    answer = Script(good().body, headers={"Set-Cookie": "session=7; Path=/"})
    with serving(answer, answer) as server:
        ask(endpoint(server.url), request(0), request(1))
    assert len(server.headers) == 2
    assert not any("cookie" in headers for headers in server.headers)


def test_a_redirect_is_not_followed():
    with serving(good()) as other, serving(Script("", 307, {"Location": f"{other.url}/chat/completions"})) as server:
        only(endpoint(server.url))
    assert other.bodies == []


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    with serving(good()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert isinstance(only(endpoint("http://models.example/v1")), Reply)
    assert proxy.paths == ["http://models.example/v1/chat/completions"]
