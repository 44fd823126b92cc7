"""The live endpoint against a real server on loopback that answers by a script. Waiting is injected."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Script, complaint, completion, free_port, good, serving

from quotes.cache import Cached, open_store
from quotes.errors import ConnectionFailed, EndpointUnusable, QuotesError, RequestFailed, UsageError
from quotes.exchange import Reply, Request, Usage
from quotes.llm import LiveEndpoint, RetryPolicy

KEY = "sk-test-0123456789abcdef"
AGAIN = "give the same command again later: it asks only for what is missing"
BODY: dict[str, Any] = {
    "model": "sample-1b",
    "messages": [{"role": "user", "content": "Zoë sagte: „Nein“\r\n\u2028🎉 <&> \x00"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
}


DEFAULTS: dict[str, Any] = {}
"""What a module of tests gives every endpoint."""


class Waits(list[float]):
    """Stands for ``asyncio.sleep`` and the clock: remembers how long it was asked to wait, and does not."""

    def clock(self) -> float:
        return sum(self)

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def endpoint(url: str, waits: Waits | None = None, key: str | None = KEY, **options: Any) -> LiveEndpoint:
    # ``max`` as the random number between two bounds: every wait is the longest it may be
    waits = Waits() if waits is None else waits
    return LiveEndpoint(url, key, sleep=waits, clock=waits.clock, uniform=max, **DEFAULTS | options)


def request(number: int = 0, **changes: Any) -> Request:
    return Request(BODY | changes, "local", article=f"news/{number}", chunk=number)


def ask(live: LiveEndpoint, *requests: Request) -> list[Any]:
    """What became of each request, one after the other: its reply or its error."""

    async def each() -> list[Any]:
        found: list[Any] = []
        for each_request in requests or (request(),):
            try:
                found.append(await live.complete(each_request))
            except QuotesError as error:
                found.append(error)
        await live.aclose()
        return found

    return asyncio.run(each())


def only(live: LiveEndpoint) -> Any:
    (found,) = ask(live)
    return found


# What is sent and what is read


def test_the_body_arrives_exactly_as_it_was_given_unknown_fields_too():
    body = BODY | {"temperature": 0, "x_unknown": {"deep": [1, None, 2.5]}, "seed": 7}
    with serving(good()) as server:
        ask(endpoint(server.url), Request(body, "local"))
    assert json.loads(server.bodies[0]) == body
    assert list(json.loads(server.bodies[0])) == list(body)  # grammars follow the order of a schema's properties
    assert server.paths == ["/v1/chat/completions"]


def test_the_key_is_sent_and_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "value-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: value-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/value-of-the-environment")
    with serving(good()) as server:
        ask(endpoint(server.url))
        ask(endpoint(server.url, key=None))
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "value-of-the-environment" not in str(server.headers)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with serving(good()) as server:
        assert isinstance(only(endpoint(server.url)), Reply)


def test_a_complete_reply_is_read_whole():
    with serving(good('{"a": "„ja“"}')) as server:
        reply = only(endpoint(server.url))
    assert reply == Reply('{"a": "„ja“"}', "complete", "stop", "sample-1b-q4", "f1", Usage(1, 40, 7, 3))


def test_truncation_and_refusal_are_replies():
    with serving(Script(completion('{"a', "length")), Script(completion(None, refusal="I will not."))) as server:
        truncated, refused = ask(endpoint(server.url), request(), request())
    assert (truncated.outcome, truncated.content) == ("truncated", '{"a')
    assert (refused.outcome, refused.content, refused.detail) == ("refusal", "", "I will not.")


# Asking again


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_passing_trouble_is_waited_out(status: int):
    waits = Waits()
    with serving(complaint(status, "not now"), complaint(status, "not now"), good("at last")) as server:
        assert only(endpoint(server.url, waits)).content == "at last"
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, 7.25),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.75),
        ({"x-ratelimit-reset-requests": "3s", "x-ratelimit-reset-tokens": "1m0s"}, 60.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}, 2.25),
        ({"retry-after": "86400"}, 60.0),
    ],
)
def test_the_endpoint_says_how_long_to_wait(headers: dict[str, str], expected: float):
    waits = Waits()
    with serving(complaint(429, "slow down", headers=headers), good()) as server:
        assert isinstance(only(endpoint(server.url, waits)), Reply)
    assert waits == [expected]


def test_waits_double_up_to_the_longest_and_the_tries_are_bounded():
    waits = Waits()
    with serving(complaint(500, "broken")) as server:
        error = only(endpoint(server.url, waits, policy=RetryPolicy(tries=9, longest_wait=10.0)))
    assert isinstance(error, RequestFailed)
    assert str(error) == f"news/0: chunk 0: no reply after 9 tries, the last: status 500: broken ({AGAIN})"
    assert waits == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0, 10.0]
    assert len(server.bodies) == 9


def test_a_wait_is_random_between_half_and_whole():
    bounds: list[tuple[float, float]] = []

    def low(a: float, b: float) -> float:
        bounds.append((a, b))
        return a

    waits = Waits()
    with serving(complaint(500, "broken")) as server:
        only(LiveEndpoint(server.url, KEY, sleep=waits, clock=waits.clock, uniform=low, policy=RetryPolicy(tries=3)))
    assert bounds[:2] == [(0.5, 1.0), (1.0, 2.0)]
    assert waits == [0.5, 1.0]


def test_a_connection_dropped_in_the_middle_is_asked_again():
    with serving(Script(completion("lost"), cut=True), good("whole")) as server:
        assert only(endpoint(server.url)).content == "whole"
    assert len(server.bodies) == 2


def test_an_answer_without_choices_is_asked_again_and_then_fails_alone():
    with serving(Script(completion() | {"choices": []})) as server:
        error = only(endpoint(server.url, policy=RetryPolicy(tries=2)))
    assert type(error) is RequestFailed
    assert "holds no choice" in str(error)


def test_a_slow_server_times_out_and_is_not_asked_for_ever():
    with serving(Script(completion(), wait=20.0)) as server:
        error = only(endpoint(server.url, timeout=0.2))
    assert isinstance(error, ConnectionFailed)
    assert str(error) == f"news/0: chunk 0: the endpoint gave no answer: no answer within 0.2 s ({AGAIN})"
    assert len(server.bodies) == 2


# Giving up


def test_nothing_listening_ends_the_run_soon_and_says_what_to_do():
    waits, url = Waits(), f"http://127.0.0.1:{free_port()}/v1"
    error = only(endpoint(url, waits))
    assert isinstance(error, EndpointUnusable)
    remedy = "(start the server, or check --base-url)"
    assert str(error) == f"{url}: nothing listens there: Connection refused {remedy}"
    assert len(waits) == 2
    assert sum(waits) < 3


def test_a_server_that_goes_away_after_it_has_answered_gets_all_the_tries():
    with serving(good()) as server:
        live = endpoint(server.url, waits := Waits())

        async def both() -> None:
            await live.complete(request())
            server.shutdown()
            server.server_close()
            with pytest.raises(ConnectionFailed):
                await live.complete(request())
            await live.aclose()

        asyncio.run(both())
    assert len(waits) == RetryPolicy().tries - 1


def test_twenty_requests_in_a_row_without_an_answer_end_the_run():
    with serving(Script(completion(), cut=True)) as server:
        live = endpoint(server.url, policy=RetryPolicy(tries=1))
        found = ask(live, *map(request, range(22)))
    assert [type(error) for error in found] == [ConnectionFailed] * 19 + [EndpointUnusable] * 3
    assert "20 requests in a row got no reply" in str(found[-1])
    assert len(server.bodies) == 20  # what is known to fail is not sent


def test_an_endpoint_that_is_there_and_only_fails_ends_the_run_too():
    with serving(complaint(500, "broken")) as server:
        live = endpoint(server.url, policy=RetryPolicy(tries=2, failures_in_a_row=3))
        found = ask(live, *map(request, range(5)))
    assert [type(error) for error in found] == [RequestFailed] * 2 + [EndpointUnusable] * 3
    assert len(server.bodies) == 6


def test_being_turned_away_does_not_count_among_the_tries():
    limited = complaint(429, "slow down", headers={"retry-after": "1"})
    with serving(*[limited] * 10, complaint(500, "broken"), *[limited] * 5, good("at last")) as server:
        assert only(endpoint(server.url, policy=RetryPolicy(tries=2))).content == "at last"
    with serving(limited) as server:
        assert isinstance(only(endpoint(server.url, policy=RetryPolicy(tries=2))), RequestFailed)
        assert len(server.bodies) == RetryPolicy().turned_away


def test_any_answer_in_between_starts_the_count_anew():
    drop = Script(completion(), cut=True)
    with serving(*[drop] * 2, complaint(400, "no"), *[drop] * 2, good(), *[drop] * 3) as server:
        live = endpoint(server.url, policy=RetryPolicy(tries=1, failures_in_a_row=3))
        found = ask(live, *map(request, range(9)))
    assert [type(error) for error in found[:-1]] == [
        *[ConnectionFailed] * 2,
        RequestFailed,
        *[ConnectionFailed] * 2,
        Reply,
        *[ConnectionFailed] * 2,
    ]
    assert type(found[-1]) is EndpointUnusable


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (complaint(401, "Incorrect API key", "invalid_api_key"), ["refuses the key", "QUOTES_API_KEY"]),
        (
            complaint(404, "The model `sample-1b` does not exist", "model_not_found"),
            ["the model 'sample-1b'", "--model"],
        ),
        (complaint(429, "You exceeded your quota", "insufficient_quota"), ["quota is exhausted", "add credit"]),
        (complaint(404, "File Not Found"), ["status 404", "does it end in /v1?"]),
        (Script("<html><body>Welcome</body></html>", 200, {"Content-Type": "text/html"}), ["web page", "/v1?"]),
        (Script("hello", 200, {"Content-Type": "text/plain"}), ["no OpenAI-compatible endpoint", "/v1?"]),
        (Script("[]"), ["no OpenAI-compatible endpoint"]),
        (Script("", 307, {"Location": "https://u:pw@x.example/v1?token=t"}), ["redirects to https://x.example/v1 "]),
        (Script("<html>no</html>", 403, {"Content-Type": "text/html"}), ["refuses access"]),
    ],
)
def test_what_would_fail_every_request_ends_the_run_at_once(script: Script, words: list[str]):
    with serving(script) as server:
        first, second = ask(endpoint(server.url), request(), request())
    assert isinstance(first, EndpointUnusable)
    assert second is first
    assert len(server.bodies) == (RetryPolicy().opening_tries if script.status == 200 else 1)  # a page may be a hiccup
    text = str(first)
    assert text.startswith(server.url + ": ")
    assert all(word in text for word in words), text
    assert "\n" not in text


@pytest.mark.parametrize(
    "script",
    [
        Script("<html>busy</html>", 200, {"Content-Type": "text/html"}),
        Script("<html>blocked</html>", 403, {"Content-Type": "text/html"}),
        Script("<html>gone</html>", 404, {"Content-Type": "text/html"}),
        Script("", 302, {"Location": "/login"}),
        complaint(400, "unknown model of speech in your text"),
    ],
)
def test_after_a_good_answer_an_odd_one_costs_only_its_own_request(script: Script):
    policy = RetryPolicy(tries=1)
    with serving(good(), script, good()) as server:
        found = ask(endpoint(server.url, policy=policy), *map(request, range(3)))
    assert [type(result) for result in found] == [Reply, RequestFailed, Reply]
    assert str(found[1]).startswith("news/1: chunk 1: ")


def test_a_base_url_that_is_none_or_holds_a_password_is_wrong_usage():
    for url in ("127.0.0.1:8080", "ftp://x/v1", "http://", "http://[::1", "http://h:port/v1", "http://me:pw@h/v1"):
        with pytest.raises(UsageError) as caught:
            LiveEndpoint(url)
        assert "pw" not in str(caught.value)


# Concurrency


def test_no_more_requests_are_on_the_way_than_allowed():
    with serving(Script(completion(), wait=0.15)) as server:
        live = endpoint(server.url, concurrency=3)

        async def ask_eight() -> int:
            tasks = [asyncio.create_task(live.complete(request(n))) for n in range(8)]
            while not server.bodies:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)
            reached = len(server.bodies)
            server.released.set()
            await asyncio.gather(*tasks)
            await live.aclose()
            return reached

        assert asyncio.run(ask_eight()) == 3
        assert len(server.bodies) == 8


def test_fifty_identical_requests_through_the_cache_reach_the_server_once(tmp_path: Path):
    with serving(Script(completion("once"), wait=0.05)) as server:

        async def ask_fifty() -> list[Reply]:
            cached = Cached(open_store(tmp_path / "a.sqlite"), endpoint(server.url))
            replies = await asyncio.gather(*(cached.complete(request()) for _ in range(50)))
            await cached.aclose()
            return replies

        assert {reply.content for reply in asyncio.run(ask_fifty())} == {"once"}
    assert len(server.bodies) == 1


# Nothing leaks


def echoing(server_says: str) -> list[Script]:
    said = server_says.format(key=KEY)
    return [
        complaint(401, said, "invalid_api_key"),
        complaint(400, said),
        complaint(500, said),
        Script(said, 418, {"Content-Type": "text/plain"}),
        Script(completion(None, refusal=said)),
        Script(completion(said)),
        Script(completion() | {"model": said, "system_fingerprint": said}),
        Script("", 302, {"Location": f"http://x.example/{KEY}"}),
    ]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("name", ["a.sqlite", "folder"])
def test_a_key_the_server_echoes_reaches_no_error_reply_or_file(tmp_path: Path, number: int, name: str):
    script = echoing("Wrong key: {key}, header Authorization: Bearer {key}")[number]
    with serving(script) as server:
        live = endpoint(server.url, policy=RetryPolicy(tries=1))

        async def through_the_cache() -> str:
            cached = Cached(open_store(tmp_path / name), live)
            try:
                return repr(await cached.complete(request()))
            except QuotesError as error:
                return f"{error} {error!r} {error.__cause__!r} {error.__context__!r}"
            finally:
                await cached.aclose()

        text = asyncio.run(through_the_cache())
    assert KEY not in text
    assert KEY.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert KEY not in repr(live)


def test_what_a_server_says_is_one_short_line_without_control_characters():
    with serving(complaint(400, "bad\r\n\x1b[31mred\u2028" + "x" * 5000)) as server:
        text = str(only(endpoint(server.url)))
    assert len(text) < 400
    assert text.isprintable()


@pytest.mark.parametrize("key", ["ключ", "line\nbreak", "nul\x00"])
def test_a_key_that_fits_into_no_header_is_wrong_usage_and_not_shown(key: str):
    with pytest.raises(UsageError) as caught:
        LiveEndpoint("http://127.0.0.1:1/v1", key)
    assert key not in str(caught.value)


def test_white_space_around_a_key_is_left_off():
    with serving(good()) as server:
        only(endpoint(server.url, key=f" {KEY}\n"))
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_making_an_endpoint_loads_no_client_library():
    code = (
        "import sys; from quotes.llm import LiveEndpoint; LiveEndpoint('http://127.0.0.1:1/v1');"
        "print(sorted({'openai', 'httpx2', 'tenacity'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert run.stdout == "[]\n"
