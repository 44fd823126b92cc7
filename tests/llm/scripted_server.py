"""A chat completions server on loopback that answers by a script and remembers what it was sent."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Script:
    """One answer. *cut* sends half of the body and drops the connection; *wait* seconds pass before it."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    wait: float = 0.0

    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def completion(content: str | None = "{}", finish: str = "stop", **message: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-7",
        "created": 1700000000,
        "object": "chat.completion",
        "model": "sample-1b-q4",
        "system_fingerprint": "f1",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
        ],
        "usage": {"prompt_tokens": 40, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}},
    }


def good(content: str = "{}") -> Script:
    return Script(completion(content))


def complaint(status: int, message: str, code: str | None = None, **more: Any) -> Script:
    headers = more.pop("headers", {})
    return Script({"error": {"message": message, "code": code, **more}}, status, headers)


class ScriptedServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *scripts: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripts = scripts
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.guard = threading.Lock()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.guard:
            script = server.scripts[min(len(server.bodies), len(server.scripts) - 1)]
            server.bodies.append(body)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            server.paths.append(self.path)
        if script.wait:
            server.released.wait(script.wait)
        payload = script.bytes()
        self.send_response(script.status)
        for name, value in ({"Content-Type": "application/json"} | script.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if script.cut:
            self.wfile.write(payload[: len(payload) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextlib.contextmanager
def serving(*scripts: Script) -> Iterator[ScriptedServer]:
    with ScriptedServer(*scripts) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
