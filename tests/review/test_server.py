"""The server: who is let in, what is refused, and what every answer carries; asked as a browser would, without one."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotes.errors import UsageError
from quotes.model import Span
from quotes.review.decisions import Target
from quotes.review.guard import MOST_BYTES, Access, Application
from quotes.review.page import review_page
from quotes.review.server import application, bound
from tests.review.making import RUN, TRIED, change, kept, reviewing_of, target, write_run

COOKIE = {"cookie": "other=1; quotes-review-8123=the-token"}
OWN = {"host": "127.0.0.1:8123", **COOKIE}
JSON = {"content-type": "application/json"}
ACCEPT = json.dumps({"revision": 0, "do": "accept", **target(TRIED)}).encode()


def access() -> Access:
    return Access(8123, "the-token", "the-ticket")


class Answer:
    def __init__(self, sent: list[Mapping[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body = b"".join(part.get("body", b"") for part in sent[1:])

    @property
    def value(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Application]:
    with reviewing_of(write_run(tmp_path)) as reviewing:
        yield application(reviewing, access(), "<!DOCTYPE html>the page")


def ask(
    served: Application, path: str, headers: Mapping[str, str] = OWN, body: bytes = b"", method: str | None = None
) -> Answer:
    async def run() -> Answer:
        sent: list[Mapping[str, Any]] = []
        place, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method or ("POST" if body else "GET"),
            "path": place,
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await served(scope, receive, send)  # type: ignore[arg-type]
        return Answer(sent)

    return asyncio.run(run())


def test_the_address_with_the_token_opens_the_page_and_leaves_a_cookie(served: Application) -> None:
    answer = ask(served, "/?token=the-token", {"host": "127.0.0.1:8123"})
    assert (answer.status, answer.body) == (200, b"<!DOCTYPE html>the page")
    cookie = answer.headers["set-cookie"]
    assert cookie == "quotes-review-8123=the-token; Path=/; HttpOnly; SameSite=Strict"
    assert ask(served, "/", {"host": "localhost:8123", "cookie": cookie.partition(";")[0]}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:8123"},
        {"host": "127.0.0.1:8123", "cookie": "quotes-review-8123=the-toke"},
        {"host": "127.0.0.1:8123", "cookie": "quotes-review-8124=the-token"},
        {"host": "127.0.0.1:8123", "cookie": "\x00;;="},
        {"host": "127.0.0.1:8123", "cookie": "x=quotes-review-8123=the-token"},
        {"host": "127.0.0.1:8123", "cookie": "quotes-review-8123=the-token-and-more"},
        {**OWN, "host": "rebound.example:8123"},
        {**OWN, "host": "127.0.0.1:80"},
        {**OWN, "host": "127.0.0.1"},
        COOKIE,
        {**OWN, "origin": "http://127.0.0.1:9000"},
        {**OWN, "origin": "https://127.0.0.1:8123"},
        {**OWN, "origin": "null"},
        {**OWN, "sec-fetch-site": "cross-site"},
        {**OWN, "sec-fetch-site": "same-site"},
    ],
)
def test_whoever_is_not_the_page_itself_is_refused(served: Application, headers: dict[str, str]) -> None:
    answers = [
        ask(served, "/api/articles", headers),
        ask(served, "/api/articles/1", headers),
        ask(served, "/api/articles/1?token=the-token", {**headers, "cookie": ""}),
        ask(served, "/api/articles/1", {**headers, **JSON}, ACCEPT),
    ]
    assert [answer.status for answer in answers] == [403] * 4
    assert ask(served, "/api/articles/1").value["revision"] == 0


@pytest.mark.parametrize("other", ['foo={"a":1}', "=", ";;", "a b=c d", 'q="', "quotes-review-8123=old", "\xff=\xfe"])
def test_cookies_of_other_programs_lock_nobody_out(served: Application, other: str) -> None:
    for cookies in (f"{other}; quotes-review-8123=the-token", f"quotes-review-8123=the-token; {other}"):
        assert ask(served, "/api/articles", {"host": "127.0.0.1:8123", "cookie": cookies}).status == 200


def test_the_ticket_opens_the_page_once_and_a_reload_needs_none(served: Application) -> None:
    host = {"host": "127.0.0.1:8123"}
    assert ask(served, "/?ticket=the-ticket", host, method="HEAD").status == 403
    assert ask(served, "/api/articles?ticket=the-ticket", host).status == 403
    assert ask(served, "/?ticket=", host).status == 403
    first = ask(served, "/?ticket=the-ticket", host)
    assert first.status == 200
    again = ask(served, "/?ticket=the-ticket", host)
    assert (again.status, "set-cookie" in again.headers) == (403, False)
    assert ask(served, "/?ticket=", host).status == 403
    cookie = {"cookie": first.headers["set-cookie"].partition(";")[0]}
    assert ask(served, "/", {**host, **cookie}).status == 200
    assert ask(served, "/?ticket=the-ticket", {**host, **cookie}).status == 200
    assert ask(served, "/?token=the-token", host).status == 200


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/?token=the-token2"])
def test_the_page_needs_the_token(served: Application, path: str) -> None:
    assert ask(served, path, {"host": "127.0.0.1:8123"}).status == 403


def test_a_write_is_json_of_bounded_size(served: Application) -> None:
    path = "/api/articles/1"
    assert ask(served, path, {**OWN, "content-type": "text/plain"}, ACCEPT).status == 415
    assert ask(served, path, OWN, ACCEPT).status == 415
    long = {**OWN, **JSON, "content-length": str(MOST_BYTES + 1)}
    assert ask(served, path, long, ACCEPT).status == 413
    assert ask(served, path, {**OWN, **JSON}, b" " * (MOST_BYTES + 1)).status == 413
    assert ask(served, path, {**OWN, **JSON}, ACCEPT).status == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/articles/1", b"[]", 422),
        ("/api/articles/1", b"\xff", 422),
        ("/api/articles/1", b"[" * 100_000, 422),
        ("/api/articles/1", b'{"revision": 0, "do": "sing"}', 422),
        ("/api/articles/1", b'{"revision": 5, "do": "done"}', 409),
        ("/api/articles/99", b'{"revision": 0, "do": "done"}', 404),
        ("/api/articles/x", b'{"revision": 0, "do": "done"}', 404),
        ("/api/articles/" + "9" * 5000, b'{"revision": 0, "do": "done"}', 404),
        ("/api/articles/1", b'{"revision": 0, "do": ["x"]}', 422),
        ("/api/articles/1", b'{"revision": 0, "do": {"x": 1}}', 422),
        ("/api/articles/1", b'{"revision": 0}', 422),
        ("/api/articles/1", b'{"revision": 0, "do": "reject", "target": [[1, %s]]}' % (b"9" * 4000), 422),
        ("/api/articles/1", b'{"revision": %s, "do": "done"}' % (b"9" * 5000), 422),
        ("/api/articles/1", b'{"revision": [], "do": "done"}', 409),
        ("/api/articles", b'{"revision": 0, "do": "done"}', 405),
    ],
    ids=[
        *["array", "bytes", "deep", "deed", "revision", "article", "number", "long number", "deed in a list"],
        *["deed in an object", "no deed", "offset", "long revision", "revision in a list", "list"],
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    served: Application, path: str, body: bytes, status: int, tmp_path: Path
) -> None:
    assert ask(served, path, {**OWN, **JSON}, body).status == status
    assert kept(tmp_path / "quotes.jsonl") == []


@pytest.mark.parametrize("path", ["/", "/api/articles", "/api/articles/1", "/nowhere", "/api/articles/7"])
def test_every_answer_may_be_neither_kept_nor_framed(served: Application, path: str) -> None:
    for headers in (OWN, {"host": "elsewhere"}):
        answer = ask(served, path, headers)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_an_article_is_sent_with_its_state(served: Application) -> None:
    value = ask(served, "/api/articles/1").value
    assert value["text"] == RUN.article.text
    assert [item["verdict"] for item in value["items"]] == ["open"] * 3
    assert value["html"].count('class="quote ') == 3
    assert ask(served, "/api/articles?words=pier&open=1&start=0").value["count"] == 1
    for start in ("-1", "9" * 5000, "٣", "1e9", ""):
        assert ask(served, f"/api/articles?start={start}").value["start"] == 0
    assert ask(served, "/api/articles/" + "9" * 5000).status == 404


def test_a_text_with_half_a_character_can_be_sent(tmp_path: Path) -> None:
    from quotes import Article, extract

    with reviewing_of(
        write_run(tmp_path, [extract(Article("half", "“We \ud83d tried,” Ida Krell said."))])
    ) as reviewing:
        value = ask(application(reviewing, access(), ""), "/api/articles/1").value
        assert "\ud83d" in value["text"]


def test_an_error_of_its_own_is_a_line_and_no_traceback(tmp_path: Path) -> None:
    out = write_run(tmp_path)
    with reviewing_of(out) as reviewing:
        answer = ask(application(reviewing, access(), 5), "/")  # type: ignore[arg-type]
    assert answer.status == 500
    assert answer.value["error"].startswith("an error of quotes review itself, AttributeError")


def test_decisions_that_fit_no_text_are_told_in_a_line(tmp_path: Path) -> None:
    with reviewing_of(write_run(tmp_path)) as reviewing:
        served = application(reviewing, access(), "")
        change(reviewing, 1, {"do": "accept", **target(TRIED)})
        known = reviewing._sidecar.decisions.by_text[RUN.article.sha256]
        known[0] = replace(known[0], target=Target((Span(1, 9999),)))
        answer = ask(served, "/api/articles/1")
    assert (answer.status, "is not within the text" in answer.value["error"]) == (422, True)


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UsageError, match="cannot be used"):
            bound(other.getsockname()[1])


def test_names_in_the_page_are_text() -> None:
    page = review_page('<script>alert("x")</script>', "</dialog><b>")
    assert "<script>alert" not in page
    assert "<b>" not in page.partition("</style>")[2]
