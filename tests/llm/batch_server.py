"""A service with a Batch API on loopback, as OpenAI publishes it, with faults and crash points by script.

Files go up as multipart forms, batches advance a status with each look, replies come in no order, what failed in a file
of its own. ``holding`` stops an answer at a moment at which the client can then be killed.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]
"""Status and JSON body of a chat completion."""

_STEPS = {"validating": "in_progress", "in_progress": "finalizing", "cancelling": "cancelled"}
_LINE = {"custom_id", "method", "url", "body"}


@dataclass(frozen=True)
class Fault:
    """What becomes of a call instead of its answer. *done*: it is carried out all the same. *cut* breaks the connection
    off, before the answer or, of a download, in its middle."""

    status: int = 500
    body: Any = field(default_factory=lambda: {"error": {"message": "no luck", "code": "server_error"}})
    headers: dict[str, str] = field(default_factory=lambda: {"retry-after-ms": "1"})
    done: bool = False
    cut: bool = False


@dataclass
class Hold:
    """A point at which calls are held: *call* like ``POST /v1/batches``. ``before``: never carried out; ``late``:
    carried out after the next list of batches was sent; ``after``: carried out, the answer withheld."""

    call: str
    when: Literal["before", "late", "after"]
    number: int = 1
    reached: threading.Event = field(default_factory=threading.Event)


@dataclass
class Batch:
    """A batch at the server. *ending* is what becomes of it; of *unfinished* lines there is no answer then."""

    shown: dict[str, Any]
    lines: list[dict[str, Any]]
    ending: str = "completed"
    unfinished: set[int] = field(default_factory=set)


def complaint(status: int, message: str, code: str | None = None) -> Fault:
    return Fault(status, {"error": {"message": message, "type": "invalid_request_error", "code": code}}, {})


class BatchServer(ThreadingHTTPServer):
    """*answer* gives the answer to a request's body; *ends* changes a batch as it is made."""

    daemon_threads = True

    def __init__(self, answer: Callable[[dict[str, Any]], Answer], key: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.key = key
        self.ends: Callable[[Batch], None] = lambda _batch: None
        self.most_requests, self.most_bytes = 50_000, 200_000_000
        self.page = 100
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.batches: dict[str, Batch] = {}
        self.calls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.faults: dict[str, list[Fault]] = {}
        self.hold: Hold | None = None
        self.late: list[Callable[[], Any]] = []
        self.guard = threading.RLock()
        self.released = threading.Event()
        self.without: set[str] = set()
        self._random = random.Random(7)
        self._clock = 1_900_000_000

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the script."""

    def fault(self, call: str, *faults: Fault) -> None:
        """The next calls of *call* meet *faults*, one each."""
        self.faults.setdefault(call, []).extend(faults)

    @contextlib.contextmanager
    def holding(self, call: str, when: Literal["before", "late", "after"], number: int = 1) -> Iterator[Hold]:
        """Within this block the *number*-th *call* is held."""
        self.hold = Hold(call, when, number)
        try:
            yield self.hold
        finally:
            self.hold = None

    def asked(self) -> list[str]:
        """The keys of all requests in all batches, in order."""
        return [line["custom_id"] for batch in self.batches.values() for line in batch.lines]

    def put_file(self, name: str, data: bytes, purpose: str) -> dict[str, Any]:
        self._clock += 1
        identity = f"file-{len(self.files) + 1:04}"
        shown = {
            "id": identity,
            "object": "file",
            "bytes": len(data),
            "created_at": self._clock,
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        self.files[identity] = (shown, data)
        return shown

    def make_batch(self, asked: dict[str, Any]) -> tuple[int, Any]:
        held = self.files.get(asked.get("input_file_id", ""))
        if held is None:
            return 400, {"error": {"message": f"No such File object: {asked.get('input_file_id')}", "code": None}}
        if asked.get("endpoint") != "/v1/chat/completions" or asked.get("completion_window") != "24h":
            return 400, {"error": {"message": "Invalid value", "code": "invalid_value"}}
        self._clock += 1
        identity = f"batch_{len(self.batches) + 1:04}"
        shown = {
            "id": identity,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "errors": None,
            "input_file_id": asked["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": self._clock,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": asked.get("metadata"),
        }
        lines = [json.loads(line) for line in held[1].splitlines()]
        self.batches[identity] = Batch(shown, lines)
        self.ends(self.batches[identity])
        return 200, shown

    def look(self, batch: Batch) -> dict[str, Any]:
        """How *batch* stands, a step later than at the last look."""
        shown = batch.shown
        if shown["status"] == "validating":
            errors = self._errors(batch, len(self.files[shown["input_file_id"]][1]))
            if errors:
                shown["status"], shown["errors"] = "failed", {"object": "list", "data": errors}
                return shown
            shown["request_counts"]["total"] = len(batch.lines)
        if shown["status"] == "finalizing":
            self._finish(batch, batch.ending)
        elif shown["status"] == "cancelling":
            batch.unfinished |= set(range(len(batch.lines) // 2, len(batch.lines)))
            self._finish(batch, "cancelled")
        else:
            shown["status"] = _STEPS.get(shown["status"], shown["status"])
        return shown

    def _errors(self, batch: Batch, size: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if batch.ending == "failed":
            found.append({"code": "invalid_request", "line": 2, "message": "the second line is odd", "param": "body"})
        if len(batch.lines) > self.most_requests or size > self.most_bytes:
            found.append({"code": "too_large", "line": None, "message": "the file is too large", "param": None})
        keys = [line.get("custom_id") for line in batch.lines]
        if len(set(keys)) < len(keys) or any(set(line) != _LINE or line["method"] != "POST" for line in batch.lines):
            found.append({"code": "invalid_line", "line": 1, "message": "no line of a batch", "param": None})
        return found

    def _finish(self, batch: Batch, ending: str) -> None:
        good: list[str] = []
        bad: list[str] = []
        for number, line in enumerate(batch.lines):
            shown = {"id": f"batch_req_{number}", "custom_id": line["custom_id"], "response": None, "error": None}
            if number in batch.unfinished:
                if ending == "expired":
                    shown["error"] = {"code": "batch_expired", "message": "This request could not be executed in time."}
                    bad.append(json.dumps(shown))
                continue
            self.bodies.append(line["body"])
            status, body = self.answer(line["body"])
            shown["response"] = {"status_code": status, "request_id": f"req_{number}", "body": body}
            (good if status < 400 else bad).append(json.dumps(shown))
        self._random.shuffle(good)
        batch.shown["status"] = ending
        batch.shown["request_counts"] |= {"completed": len(good), "failed": len(bad)}
        for name, lines in (("output", good), ("error", bad)):
            if lines:
                data = "".join(line + "\n" for line in lines).encode()
                file = self.put_file(f"{batch.shown['id']}_{name}.jsonl", data, "batch_output")
                batch.shown[f"{name}_file_id"] = file["id"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: BatchServer

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _handle(self, data: bytes) -> None:
        server = self.server
        parts = urlsplit(self.path)
        call = re.sub(r"(?<=/)(batch_|file-)\w+", "ID", f"{self.command} {parts.path}")
        with server.guard:
            server.calls.append(call)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            hold = self._hold(call)
            fault = server.faults[call].pop(0) if server.faults.get(call) else None
            carry = hold is None or hold.when == "after"
            carry = carry and (fault is None or fault.done or (fault.cut and call.endswith("/content")))
            status, body = self._carried_out(parts.path, parse_qs(parts.query), data) if carry else (0, None)
            if hold is not None and hold.when == "late":
                server.late.append(lambda: self._carried_out(parts.path, {}, data))
        if hold is not None:
            hold.reached.set()
            server.released.wait(60)
            self.close_connection = True
            return
        self._answer(call, status, body, fault)
        if call == "GET /v1/batches":
            with server.guard:
                while server.late:
                    server.late.pop()()

    def _hold(self, call: str) -> Hold | None:
        hold = self.server.hold
        if hold is None or hold.call != call:
            return None
        hold.number -= 1
        if hold.number:
            return None
        self.server.hold = None
        return hold

    def _answer(self, call: str, status: int, body: Any, fault: Fault | None) -> None:
        headers = {"Content-Type": "application/json"}
        cut = fault is not None and fault.cut
        if cut and not call.endswith("/content"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault is not None and not cut:
            status, body, headers = fault.status, fault.body, headers | fault.headers
        payload = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload[: len(payload) // 2] if cut else payload)
            if cut:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    def _carried_out(self, path: str, query: dict[str, list[str]], data: bytes) -> tuple[int, Any]:
        server = self.server
        call = f"{self.command} {path}"
        if server.key is not None and self.headers.get("Authorization") != f"Bearer {server.key}":
            return 401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
        if call in server.without:
            return 404, {"error": {"message": "Not found", "code": None}}
        if call == "POST /v1/files":
            return self._uploaded(data)
        if call == "GET /v1/files":
            shown = [shown for shown, _ in server.files.values() if shown["purpose"] == query["purpose"][0]]
            return 200, self._page(shown, query)
        if call == "POST /v1/batches":
            return server.make_batch(json.loads(data))
        if call == "GET /v1/batches":
            return 200, self._page([batch.shown for batch in reversed(server.batches.values())], query)
        return self._about_one(path)

    def _about_one(self, path: str) -> tuple[int, Any]:
        server = self.server
        if found := re.fullmatch(r"/v1/files/([^/]+)/content", path):
            held = server.files.get(found[1])
            return (200, held[1]) if held else (404, {"error": {"message": f"No such File object: {found[1]}"}})
        found = re.fullmatch(r"/v1/batches/([^/]+)(/cancel)?", path)
        batch = server.batches.get(found[1]) if found else None
        if found is None or batch is None:
            return 404, {"error": {"message": f"No batch found with id '{path}'."}}
        if not found[2]:
            return 200, server.look(batch)
        if batch.shown["status"] not in ("validating", "in_progress"):
            return 409, {"error": {"message": f"Cannot cancel a batch with status '{batch.shown['status']}'."}}
        batch.shown["status"] = "cancelling"
        return 200, batch.shown

    def _uploaded(self, data: bytes) -> tuple[int, Any]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: Any = BytesParser().parsebytes(head + data).get_payload()
        form = {part.get_param("name", header="content-disposition"): part for part in parts}
        if form["purpose"].get_payload() != "batch":
            return 400, {"error": {"message": "Invalid purpose"}}
        content = form["file"].get_payload(decode=True)
        return 200, self.server.put_file(form["file"].get_filename(), content, "batch")

    def _page(self, shown: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        after = query.get("after", [""])[0]
        ids = [entry["id"] for entry in shown]
        start = ids.index(after) + 1 if after else 0
        size = min(int(query.get("limit", ["100"])[0]), self.server.page)
        return {"object": "list", "data": shown[start : start + size], "has_more": start + size < len(shown)}


@contextlib.contextmanager
def serving(answer: Callable[[dict[str, Any]], Answer], key: str | None = None) -> Iterator[BatchServer]:
    with BatchServer(answer, key) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
