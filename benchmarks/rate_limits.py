"""What a run brings home from an endpoint that refuses a fifth of its requests: this program beside LangExtract.

    pip install langextract openai
    python benchmarks/rate_limits.py            # 200 documents, 20% of 429s, five seeds
    python benchmarks/rate_limits.py --help

One server on loopback serves both. It answers every request soundly in the form of the program that asks, after
a tenth of a second, except for a share of them, drawn by a seeded generator, which gets status 429 with
``retry-after``. Neither program knows which. LangExtract is run as its documentation has it and with the settings
somebody would turn to next; what is not documented is marked so.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

NAMES = ("Ida Krell", "Tomas Vey", "Nell Harrow", "Oskar Lind")
_SPEAKER = re.compile(r"(\w+ \w+) said")
_QUOTED = re.compile(r'"([^"]*)," \w+ \w+ said')


@dataclass
class Endpoint:
    """The server. A *share* of the requests is refused, and may be sent again after *wait* seconds."""

    share: float
    wait: int
    seed: int
    delay: float = 0.1
    url: str = ""
    answered: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def refuses(self) -> bool:
        """Whether this request is one of those."""
        with self.lock:
            refused = self.draw.random() < self.share
            self.refused += refused
            self.answered += not refused
            return refused


@dataclass(frozen=True)
class Result:
    """What one run brought home: *documents* with their quotes, in *seconds*; *error* is what it ended with."""

    documents: int
    quotes: int
    seconds: float
    answered: int
    refused: int
    error: str = ""


def text_of(number: int) -> str:
    """The text of an invented document: one quotation and its speaker."""
    return f'"The pier of day {number} stays open," {NAMES[number % len(NAMES)]} said on the quay.'


def answer_to(body: dict[str, Any]) -> dict[str, Any]:
    """A sound answer, in the form of whoever asks: by numbers for this program, by words for LangExtract."""
    asked = body["messages"][-1]["content"]
    if "⟦1:" in asked:
        said = {"at": 1, "cue": "said", "speaker": "", "who": {"person": 1}, "said": [1]}
        speaker = _SPEAKER.search(asked)
        said["speaker"] = speaker[1] if speaker else ""
        return {"attributions": [said], "not_quotes": []}
    asked = asked.rpartition("Q: ")[2]
    found = [
        {"quote": words, "quote_attributes": {"speaker": _SPEAKER.findall(asked)[-1]}}
        for words in _QUOTED.findall(asked)
    ]
    return {"extractions": found}


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """*endpoint*, listening on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if endpoint.refuses():
                error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
                self.reply(429, {"error": error}, {"retry-after": str(endpoint.wait)})
                return
            time.sleep(endpoint.delay)
            message = {"role": "assistant", "content": json.dumps(answer_to(body))}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 300, "completion_tokens": 30, "total_tokens": 330}
            completion = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
            self.reply(200, completion | {"choices": [choice], "usage": usage})

        def reply(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_arguments: object) -> None: ...  # a client that gave up

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ours(endpoint: Endpoint, count: int) -> Result:
    """``quotes extract`` with no option but the endpoint and the model."""
    with tempfile.TemporaryDirectory() as folder:
        articles, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        lines = (json.dumps({"id": f"d{number}", "text": text_of(number)}) for number in range(count))
        articles.write_text("\n".join(lines) + "\n", encoding="utf-8")
        cache = ["--cache", str(Path(folder) / "replies.sqlite")]
        command = ["extract", str(articles), "-o", str(out), "--model", "sample", "--base-url", endpoint.url, *cache]
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "quotes", *command], capture_output=True, text=True, check=False)
        seconds = time.monotonic() - begun
        records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    complete = [record for record in records if record["status"] == "complete"]
    quotes = sum(bool(quote["key"]) for record in complete for quote in record["quotes"])
    errors = [error["message"] for record in records for error in record["errors"]]
    error = "; ".join(errors) or (done.stderr.splitlines()[-1] if done.returncode else "")
    return Result(len(complete), quotes, seconds, endpoint.answered, endpoint.refused, error)


def theirs(endpoint: Endpoint, count: int, params: dict[str, Any] | None = None, **settings: Any) -> Result:
    """``langextract.extract`` over all documents at once, with *settings*, and *params* for its model."""
    import langextract as lx

    documents = [lx.data.Document(text=text_of(number), document_id=f"d{number}") for number in range(count)]
    return _measured(endpoint, lambda: list(lx.extract(documents, **_common(endpoint, params or {}), **settings)))


def theirs_one_by_one(endpoint: Endpoint, count: int) -> Result:
    """``langextract.extract`` over one document after the other, each failure caught by the caller."""
    import langextract as lx

    errors: list[str] = []

    def each() -> Iterator[Any]:
        for number in range(count):
            try:
                yield lx.extract(text_of(number), **_common(endpoint, {}))
            except lx.exceptions.LangExtractError as error:
                errors.append(str(error))

    result = _measured(endpoint, lambda: list(each()))
    return replace(result, error=f"{len(errors)} x {errors[0]}") if errors else result


def theirs_patched(endpoint: Endpoint, count: int) -> Result:
    """As `theirs`, with ten retries forced into the client it makes, for which it has no setting."""
    import openai

    with patch.object(openai, "OpenAI", partial(openai.OpenAI, max_retries=10)):
        return theirs(endpoint, count)


def _common(endpoint: Endpoint, params: dict[str, Any]) -> dict[str, Any]:
    import langextract as lx

    extraction = lx.data.Extraction("quote", "We sail at noon", attributes={"speaker": "Mara Ruiz"})
    return {
        "prompt_description": "Extract every quotation with its speaker.",
        "examples": [lx.data.ExampleData(text='"We sail at noon," Mara Ruiz said.', extractions=[extraction])],
        "model_id": "gpt-4o-mini",
        "api_key": "none",
        "language_model_params": {"base_url": endpoint.url, **params},
        "show_progress": False,
    }


def _measured(endpoint: Endpoint, run: Callable[[], list[Any]]) -> Result:
    found: list[Any] = []
    begun, error = time.monotonic(), ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = run()
    except Exception as caught:  # what it ends with is what is measured
        error = f"{type(caught).__name__}: {caught}"
    seconds = time.monotonic() - begun
    quotes = sum(len(document.extractions or ()) for document in found)
    return Result(len(found), quotes, seconds, endpoint.answered, endpoint.refused, error)


RUNS: dict[str, Callable[[Endpoint, int], Result]] = {
    "quotes extract": ours,
    "LangExtract": theirs,
    "LangExtract, max_workers=32, batch_length=200": partial(theirs, max_workers=32, batch_length=200),
    "LangExtract, max_workers=1": partial(theirs, max_workers=1),
    "LangExtract, max_retries=10 as for Gemini": partial(theirs, params={"max_retries": 10}),
    "LangExtract, a call and a try for each document": theirs_one_by_one,
    "LangExtract, its client patched to ten retries": theirs_patched,
}


def main() -> None:
    """Measure and print, a line a run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--share", type=float, default=0.2, help="of the requests that are refused")
    parser.add_argument("--retry-after", type=int, default=1, help="seconds, as the server says")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="runs whose name begins so")
    parser.add_argument("--langextract-python", help="a Python that has LangExtract, where this one has not")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    chosen = parser.parse_args()
    if chosen.json:
        print(json.dumps(_part(chosen)))
        return
    print(
        f"{'documents':>9}  {'quotes':>6}  {'seconds':>7}  {'answered':>8}  {'refused':>7}  run, seed, and how it ended"
    )
    for name, run in RUNS.items():
        for seed in range(1, 1 + (chosen.seeds if name.startswith(chosen.only) else 0)):
            with serving(Endpoint(chosen.share, chosen.retry_after, seed)) as endpoint:
                found = run(endpoint, chosen.documents)
            figures = f"{found.documents:>9}  {found.quotes:>6}  {found.seconds:>7.1f}  {found.answered:>8}"
            print(
                f"{figures}  {found.refused:>7}  {name}, {seed}{': ' if found.error else ''}{found.error[:90]}",
                flush=True,
            )


def _part(chosen: argparse.Namespace) -> dict[str, Any]:
    """Every run with every seed: documents, seconds, and how it ended. What is not installed is ``missing``."""
    runs: dict[str, list[Any]] = {}
    missing = ""
    here = not chosen.langextract_python and find_spec("langextract") is not None
    for name, run in RUNS.items():
        if not name.startswith(chosen.only) or (name.startswith("LangExtract") and not here):
            continue
        for seed in range(1, 1 + chosen.seeds):
            with serving(Endpoint(chosen.share, chosen.retry_after, seed)) as endpoint:
                found = run(endpoint, chosen.documents)
            runs.setdefault(name, []).append([found.documents, round(found.seconds, 1), found.error[:90]])
    wanted = chosen.only.startswith("LangExtract") or "LangExtract".startswith(chosen.only)
    if wanted and chosen.langextract_python:
        runs |= _elsewhere(chosen)
    elif wanted and not here:
        missing = "LangExtract is not installed: pip install 'quotes[bench]', or name --langextract-python"
    return {"figures": runs, "rows": list(_rows(runs)), "missing": missing}


def _elsewhere(chosen: argparse.Namespace) -> dict[str, list[Any]]:
    """The runs of LangExtract in the Python that has it."""
    said = {"documents": chosen.documents, "share": chosen.share, "retry-after": chosen.retry_after}
    said |= {"seeds": chosen.seeds, "only": chosen.only or "LangExtract"}
    command = [chosen.langextract_python, __file__, "--json", *(f"--{key}={value}" for key, value in said.items())]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, list[Any]] = json.loads(done.stdout)["figures"]
    return {name: runs for name, runs in found.items() if name.startswith("LangExtract")}


def _rows(runs: dict[str, list[Any]]) -> Iterator[tuple[str, str, float]]:
    """Documents and time beside LangExtract: for one run that ended with nothing there is no factor."""
    ours = runs.get("quotes extract", [])
    documents = sum(run[0] for run in ours)
    for name, theirs in runs.items():
        brought = sum(run[0] for run in theirs)
        if ours and brought and name in ("LangExtract", "LangExtract, a call and a try for each document"):
            yield "documents brought home where a fifth of the requests is refused", name, round(documents / brought, 3)
        if ours and name == "LangExtract, a call and a try for each document":
            seconds = sum(run[1] for run in ours) / sum(run[1] for run in theirs)
            yield "time for them", name, round(seconds, 3)


if __name__ == "__main__":
    main()
