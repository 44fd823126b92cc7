"""The guard before the review's server: who may ask at all, and what every answer says about how it may be used.

The server stands on this machine's own address, which any page in the same browser can send requests to, and any name
that its owner lets resolve to 127.0.0.1. So a request must name the address itself as its host, come from no other
origin, and carry the token; a write must be JSON, which a form cannot send, and of bounded size.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES: Final = 256 * 1024
"""Of the body of a request."""

HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""On every answer. What scripts and styles may run, the page itself says by their hashes."""

_DIGITS: Final = 9
"""More than that no length has that is meant."""

_OWN_SITES: Final = ("same-origin", "none")


@dataclass(slots=True)
class Access:
    """Where the server stands and what opens it: its *port* and a random *token*, and a *ticket* good for one use."""

    port: int
    token: str
    ticket: str = ""

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as its host."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    @property
    def cookie(self) -> str:
        """The name of the cookie that holds the token. Ports share their cookies, so the port is in it."""
        return f"quotes-review-{self.port}"

    @property
    def address(self) -> str:
        """What a person opens. The page takes the token out of the address at once."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def ticket_address(self) -> str:
        """What a browser is started with. The page is given once for it, so whoever reads it later has nothing."""
        return f"http://127.0.0.1:{self.port}/?ticket={self.ticket}"

    def set_cookie(self) -> str:
        """The header that keeps the token in the browser: out of reach of scripts, sent to this server only."""
        return f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"

    def refusal(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Why a request is not answered, as a status and a line; ``None`` where it is. *headers* have small names."""
        if headers.get("host") not in self.hosts:
            return 403, "another host is named"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return 403, "it comes from another page"
        if path != "/" and headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            return 403, "it comes from another page"
        if not self._is_let_in(path, query, headers.get("cookie", "")) and not self._has_ticket(method, path, query):
            return 403, "the token is missing, wrong or spent; open the address that quotes review has printed"
        if method in ("GET", "HEAD"):
            return None
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 415, "application/json is needed"
        length = headers.get("content-length", "")
        if length.isdecimal() and (len(length) > _DIGITS or int(length) > MOST_BYTES):
            return 413, f"more than {MOST_BYTES:,} bytes"
        return None

    def _is_let_in(self, path: str, query: str, cookies: str) -> bool:
        given = parse_qs(query).get("token", []) if path == "/" else []
        # Read by hand: a parser of cookies gives up at one that another program on this machine has set.
        for cookie in cookies.split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == self.cookie:
                given.append(value)
        return any(_is_same(one, self.token) for one in given)

    def _has_ticket(self, method: str, path: str, query: str) -> bool:
        """Whether it brings the ticket, which then is spent."""
        given = parse_qs(query).get("ticket", []) if (method, path) == ("GET", "/") else []
        if not self.ticket or not any(_is_same(one, self.ticket) for one in given):
            return False
        self.ticket = ""
        return True


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


class Guard:
    """The application behind *access*: refuses what may not ask, and puts the headers on every answer."""

    def __init__(self, application: Application, access: Access) -> None:
        self._application = application
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode("latin-1")
        refusal = self._access.refusal(scope["method"], scope["path"], query, headers)
        if refusal is None:
            # What goes wrong has been answered; a traceback on the reviewer's terminal helps nobody.
            with suppress(Exception):
                await self._application(scope, receive, _with_headers(send))
        else:
            await _refuse(refusal, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return sending


async def _refuse(refusal: tuple[int, str], send: Send) -> None:
    status, reason = refusal
    body = f"quotes review: {reason}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
