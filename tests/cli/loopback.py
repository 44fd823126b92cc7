"""A chat completions endpoint on loopback, scripted, that keeps every body it is sent."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from quotes.exchange import Request

_MARK = re.compile(r"⟦(\d+):")

Answer = tuple[int, str, str]
"""Status, media type, body."""


def dismiss_all_marks(body: dict[str, Any]) -> Answer:
    """A sound reply: every mark of the last message is a term."""
    marks = sorted({int(number) for number in _MARK.findall(body["messages"][-1]["content"])})
    return completion({"attributions": [], "not_quotes": [{"mark": mark, "as": "term"} for mark in marks]})


def judgement(body: dict[str, Any]) -> Answer:
    """A sound reply of a judge that denies whatever mentions the tide, weighed where that is asked for."""
    said, other = ("no", "yes") if "tide" in body["messages"][-1]["content"] else ("yes", "no")
    status, kind, text = completion({"said": said})
    reply = json.loads(text)
    if body.get("logprobs"):
        words = [{"token": said, "logprob": -0.105361}, {"token": other, "logprob": -2.302585}]
        tokens = [
            {"token": '{"said": "', "logprob": 0, "top_logprobs": []},
            {**words[0], "top_logprobs": words},
            {"token": '"}', "logprob": -0.0, "top_logprobs": []},
        ]
        reply["choices"][0]["logprobs"] = {"content": tokens}
    return status, kind, json.dumps(reply)


def completion(answer: Any) -> Answer:
    content = answer if isinstance(answer, str) else json.dumps(answer)
    reply = {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
    return 200, "application/json", json.dumps(reply)


def failure(status: int, code: str, message: str) -> Callable[[dict[str, Any]], Answer]:
    error = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return lambda _body: (status, "application/json", json.dumps(error))


@dataclass
class Loopback:
    """The server. *answer* may be changed while it runs; *delay* is in seconds a reply."""

    answer: Callable[[dict[str, Any]], Answer] = dismiss_all_marks
    delay: float = 0.0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    heard: threading.Condition = field(default_factory=threading.Condition)

    @property
    def keys(self) -> list[str]:
        """The cache key of every request so far."""
        return [Request(body, "local").key for body in self.bodies]

    def hear(self, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self.heard:
            self.bodies.append(body)
            self.headers.append(headers)
            self.heard.notify_all()
        time.sleep(self.delay)
        return self.answer(body)

    def wait_for(self, requests: int, seconds: float = 60.0) -> None:
        """Until *requests* requests have come."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.bodies) >= requests, seconds), "too few requests came"


@contextmanager
def serving(loopback: Loopback) -> Iterator[Loopback]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, kind, text = loopback.hear(body, {name.lower(): value for name, value in self.headers.items()})
            data = text.encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True  # the client was killed: that is what some tests are about

        def log_message(self, *_args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_args: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    loopback.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
