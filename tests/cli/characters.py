"""Endpoints of several characters, on loopback: each takes, ignores and refuses other things, as real ones do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, str, str]
"""Status, media type, body."""


@dataclass(kw_only=True)
class Character:
    """An endpoint. *enforces* are the rungs that hold the model to the schema, *refuses* the words of a body (a
    parameter, a rung) that are answered with 400; all else that it does not know is ignored in silence. *delay* is in
    seconds an answer; *turns_away* is how often each question meets a 429 before it is answered."""

    models: tuple[str, ...] = ("tiny",)
    enforces: frozenset[str] = frozenset({"strict", "schema", "tool", "object"})
    refuses: frozenset[str] = frozenset()
    limits: frozenset[str] = frozenset({"max_tokens", "max_completion_tokens"})
    follows: bool = True
    logprobs: bool = True
    seeded: bool = True
    usage: bool = True
    caches: bool = False
    in_reasoning: bool = False
    key: str | None = None
    lists_models: bool = True
    most_at_once: int = 1000
    delay: float = 0.0
    turns_away: int = 0
    page: bool = False
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""
    drawn: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str | None) -> Answer:
        self.keys.append(key)
        if self.page:
            return 200, "text/html", "<html><body>Welcome</body></html>"
        if self.key is not None and key != self.key:
            return error(401, "invalid_api_key", f"Incorrect API key provided: {key}")
        if not self.lists_models:
            return error(404, "not_found", "no such route")
        listed = [{"id": name, "object": "model", "max_model_len": 4096} for name in self.models]
        return as_json({"object": "list", "data": listed})

    def post(self, body: dict[str, Any], key: str | None) -> Answer:
        with self.lock:
            self.bodies.append(body)
            self.keys.append(key)
            self.at_once += 1
            crowded = self.at_once > self.most_at_once or self.bodies.count(body) <= self.turns_away
        try:
            time.sleep(self.delay)
            return error(429, "rate_limit_exceeded", "too many at once") if crowded else self.answer(body, key)
        finally:
            with self.lock:
                self.at_once -= 1

    def answer(self, body: dict[str, Any], key: str | None) -> Answer:
        if self.page:
            return 200, "text/html", "<html><body>Welcome</body></html>"
        if self.key is not None and key != self.key:
            return error(401, "invalid_api_key", f"Incorrect API key provided: {key}")
        if body["model"] not in self.models:
            return error(404, "model_not_found", f"The model {body['model']!r} does not exist")
        asked = rung_of(body)
        for word in (*body, asked):
            if word in self.refuses:
                named = word if word in body else "response_format"
                return error(400, "unsupported_parameter", f"Unsupported parameter: '{named}'", named)
        return self.completion(body, asked)

    def completion(self, body: dict[str, Any], asked: str) -> Answer:
        text = self.words(body, asked)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if asked == "tool" and "tool" in self.enforces:
            call = {"id": "c", "type": "function", "function": {"name": "quotes", "arguments": text}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        elif self.in_reasoning and text.startswith("{"):
            message = {"role": "assistant", "content": "", "reasoning_content": text}
        limit = next((body[name] for name in sorted(self.limits) if name in body), None)
        words = text.split(" ")
        cut = limit is not None and len(words) > limit
        if cut and message["content"]:
            message["content"] = " ".join(words[:limit])
        choice: dict[str, Any] = {"index": 0, "finish_reason": "length" if cut else "stop", "message": message}
        if body.get("logprobs") and self.logprobs:
            others = [{"token": f"w{n}", "logprob": -n - 1.0} for n in range(body["top_logprobs"])]
            choice["logprobs"] = {"content": [{"token": text, "logprob": -0.1, "top_logprobs": others}]}
        reply: dict[str, Any] = {"id": "x", "object": "chat.completion", "model": body["model"], "choices": [choice]}
        if self.usage:
            prompt = len(json.dumps(body["messages"]).split())
            again = self.caches and prompt > 200 and self.seen(body) > 1
            details = {"prompt_tokens_details": {"cached_tokens": prompt - 5}} if again else {}
            reply["usage"] = {"prompt_tokens": prompt, "completion_tokens": limit if cut else len(words)} | details
        return as_json(reply)

    def words(self, body: dict[str, Any], asked: str) -> str:
        question = body["messages"][-1]["content"]
        if question.startswith("Count"):
            return " ".join(f"word{number}," for number in range(50))
        if "random number" in question:
            with self.lock:
                self.drawn += 1
            return "12345678" if self.seeded and "seed" in body else str(10_000_000 + self.drawn)
        if asked in self.enforces:
            return '{"colour":"red"}' if asked == "object" else '{"colour":"green"}'
        if asked == "prompt" and "JSON Schema" in body["messages"][0]["content"]:
            return '```json\n{"colour": "green"}\n```' if self.follows else "Green, of course."
        return "red"

    def seen(self, body: dict[str, Any]) -> int:
        return sum(one["messages"] == body["messages"] for one in self.bodies)


def rung_of(body: dict[str, Any]) -> str:
    """Which rung of the ladder *body* asks by."""
    if "tools" in body:
        return "tool"
    form = body.get("response_format", {})
    if form.get("type") == "json_schema":
        return "strict" if form["json_schema"].get("strict") else "schema"
    return "object" if form else "prompt"


def as_json(value: Any) -> Answer:
    return 200, "application/json", json.dumps(value)


def error(status: int, code: str, message: str, param: str | None = None) -> Answer:
    inner = {"message": message, "type": "invalid_request_error", "code": code, "param": param}
    return status, "application/json", json.dumps({"error": inner})


@contextmanager
def serving(character: Character) -> Iterator[Character]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply(character.get(self.sent_key()))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(character.post(body, self.sent_key()))

        def sent_key(self) -> str | None:
            return (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None

        def reply(self, answer: Answer) -> None:
            status, kind, text = answer
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    character.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield character
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
