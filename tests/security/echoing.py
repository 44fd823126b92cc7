"""An endpoint on loopback that gives away whatever it is told: every header comes back, in any dress."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """A request: its method and path, its headers by lower-case name, its body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def all_headers(self) -> str:
        """Every header as it came, a line each."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers.items())


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. With *cut* the connection ends after half of it; *wait* seconds pass before it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    wait: float = 0.0


Behaviour = Callable[[Heard], Said]


def said(value: Any, status: int = 200, **more: Any) -> Said:
    """*value* as JSON."""
    return Said(status, json.dumps(value).encode(), **more)


def completion(content: str, **more: Any) -> dict[str, Any]:
    """A chat completion that answers *content*; *more* are further keys of it, or of its message."""
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    reply = {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
    return {**reply, **more}


@dataclass
class Echoing:
    """The server. *behaviour* may be changed while it runs."""

    behaviour: Behaviour
    heard: list[Heard] = field(default_factory=list, repr=False)
    url: str = ""
    _came: threading.Condition = field(default_factory=threading.Condition)
    _over: threading.Event = field(default_factory=threading.Event)

    def answer(self, heard: Heard) -> Said:
        """What *heard* is answered."""
        with self._came:
            self.heard.append(heard)
            self._came.notify_all()
        answer = self.behaviour(heard)
        self._over.wait(answer.wait)
        return answer

    def wait_for(self, requests: int, seconds: float = 60.0) -> None:
        """Until *requests* requests have come."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.heard) >= requests, seconds), "too few requests came"

    def release(self) -> None:
        """Let whoever still waits for an answer have it."""
        self._over.set()


@contextmanager
def echoing(behaviour: Behaviour) -> Iterator[Echoing]:
    """A server that answers by *behaviour*."""
    state = Echoing(behaviour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = state.answer(Heard(self.command, self.path, headers, body))
            try:
                self.send_response(answer.status)
                for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
                self.close_connection = self.close_connection or answer.cut
            except OSError:
                self.close_connection = True  # the client was killed: that is what some tests are about

        do_GET = do_POST = do_DELETE = _any  # noqa: N815

        def log_message(self, *_args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_args: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        state.release()
        server.shutdown()
        thread.join()
        server.server_close()
