"""The server of a review: the page, the list, one article at a time, and what is changed in it. No logic of its own."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from quotes.errors import OutputError, QuotesError, UsageError
from quotes.extras import load
from quotes.formats.jsonlines import parse_object
from quotes.review.guard import MOST_BYTES, Access, Application, Guard
from quotes.review.payload import Wanted, list_payload
from quotes.review.reviewing import Conflict, Reviewing

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

EXTRA: Final = "review"
_WHAT: Final = "the review page"

_DIGITS: Final = 9


def application(reviewing: Reviewing, access: Access, page: str) -> Application:
    """The ASGI application of *reviewing*, which serves *page* to those whom *access* lets in.

    ``GET /`` is the page, ``GET /api/articles`` the list, ``GET /api/articles/N`` an article; ``POST`` there is a
    command on it. Errors are JSON with an ``error`` for people.

    Raises:
        UsageError: starlette is not installed.
    """
    starlette = load("starlette.applications", EXTRA, _WHAT)
    routing = load("starlette.routing", EXTRA, _WHAT)
    responses = load("starlette.responses", EXTRA, _WHAT)

    # All of them run on the one event loop and wait for nothing: one change is made after the other.
    async def show_page(_request: Request) -> Response:
        headers = {"set-cookie": access.set_cookie()}
        response: Response = responses.HTMLResponse(page, headers=headers)
        return response

    async def show_list(request: Request) -> Response:
        query = request.query_params
        wanted = Wanted(query.get("words", ""), query.get("open") == "1", _number(query.get("start", "")))
        return answer(200, list_payload(reviewing.desk, wanted))

    async def show_article(request: Request) -> Response:
        return found(reviewing.show(_number(request.path_params["number"])))

    async def change_article(request: Request) -> Response:
        command = parse_object((await request.body()).decode("utf-8"), "the request")
        return found(reviewing.change(_number(request.path_params["number"]), command))

    async def fail(_request: Request, error: Exception) -> Response:
        if isinstance(error, (QuotesError, UnicodeDecodeError)):
            return answer(_status(error), {"error": str(error)})
        return answer(500, {"error": f"an error of quotes review itself, {type(error).__name__}; please report it"})

    def found(payload: Mapping[str, Any] | None) -> Response:
        return answer(404, {"error": "there is no such article"}) if payload is None else answer(200, payload)

    def answer(status: int, value: Mapping[str, Any]) -> Response:
        # In ASCII: a text may hold half a surrogate pair, which UTF-8 has not.
        body = json.dumps(value, separators=(",", ":")).encode("ascii")
        response: Response = responses.Response(body, status, media_type="application/json")
        return response

    route = routing.Route
    routes = [
        route("/", show_page),
        route("/api/articles", show_list),
        route("/api/articles/{number}", show_article),
        route("/api/articles/{number}", change_article, methods=["POST"]),
    ]
    handlers = {QuotesError: fail, UnicodeDecodeError: fail, Exception: fail}
    return Guard(starlette.Starlette(routes=routes, exception_handlers=handlers, max_body_size=MOST_BYTES), access)


def bound(port: int) -> socket.socket:
    """A socket on this machine's own address at *port*; 0 takes one that is free.

    Raises:
        UsageError: something else uses that port.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(64)
    except OSError as error:
        listening.close()
        what = f"port {port} cannot be used: {error.strerror or error}"
        raise UsageError(what, remedy="choose another --port, or leave it out") from None
    return listening


class Server:
    """An application being served in this thread.

    Raises:
        UsageError: uvicorn is not installed.
    """

    def __init__(self, served: Application) -> None:
        uvicorn = load("uvicorn", EXTRA, _WHAT)
        config = uvicorn.Config(
            served,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server: Any = uvicorn.Server(config)

    def stop(self) -> None:
        """Let :meth:`run` end once what is being answered is answered."""
        self._server.should_exit = True

    def run(self, listening: socket.socket, on_ready: Callable[[], None]) -> None:
        """Serve on *listening* until told to stop; *on_ready* is called once it answers."""
        asyncio.run(self._run(listening, on_ready))

    async def _run(self, listening: socket.socket, on_ready: Callable[[], None]) -> None:
        ready = asyncio.get_running_loop().create_task(self._when_started(on_ready))
        await self._server.serve(sockets=[listening])
        await ready

    async def _when_started(self, on_ready: Callable[[], None]) -> None:
        while not (self._server.started or self._server.should_exit):
            await asyncio.sleep(0.01)
        if self._server.started:
            on_ready()


def require() -> None:
    """Make sure of the libraries before any work is spent.

    Raises:
        UsageError: one is not installed.
    """
    load("starlette", EXTRA, _WHAT)
    load("uvicorn", EXTRA, _WHAT)


def _number(digits: str) -> int:
    """The number that *digits* are; 0, which no article has, where they are none or too many to be meant."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else 0


def _status(error: Exception) -> int:
    if isinstance(error, Conflict):
        return 409
    return 507 if isinstance(error, OutputError) else 422
