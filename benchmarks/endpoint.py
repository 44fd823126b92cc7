"""An endpoint that answers at once: what one core gets through, from article to record, beside clients that only send.

    python -m benchmarks.endpoint                  # three rounds of 200 texts: two minutes
    python -m benchmarks.endpoint --full --json    # seven rounds of 600

The client has one core to itself, the server another; 32 requests are under way; nothing is cached, and the rules give
no second opinion. ``AsyncOpenAI`` gets the very same bodies and does nothing with the answers but to have them parsed.
Texts of 1,000 characters are what LangExtract sends by default; articles of 600 words are the usual ones. The form of
an answer is asked for as of a hosted endpoint (``--schema tight``: as of one on this machine).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks import clients
from benchmarks.ideal import Delays
from benchmarks.load import MODEL, Load, texts
from benchmarks.peer import LangExtract, MissingPeer, langextract
from benchmarks.results import Row, middle, ratio
from benchmarks.server import Running, serving

CONCURRENCY = 32
SIZES = {"texts of 1,000 characters": True, "articles of 600 words": False}
TRANSPORTS = ("httpx", "aiohttp")
_OWN = {"httpx": "quotes", "aiohttp": "quotes --transport aiohttp"}
_SDK = {"httpx": "AsyncOpenAI", "aiohttp": "AsyncOpenAI over aiohttp"}
_RAW = "a client that does not even read"


def measure(count: int, rounds: int, schema: str, python: str | None) -> dict[str, Any]:
    """Requests for a second of the processor, of all clients, in turns."""
    figures: dict[str, float] = {}
    rows: list[Row] = []
    versions: dict[str, str] = {}
    missing = ""
    with ExitStack() as stack:
        client, server_core = clients.cores()
        server = stack.enter_context(serving(Delays(), server_core))
        try:
            peer = stack.enter_context(langextract(python, client))
            versions["langextract"] = peer.version
        except MissingPeer as error:
            peer, missing = None, str(error)
        for size, short in SIZES.items():
            taken = _Taken(server, count, short, schema, client, peer)
            for _ in range(rounds):
                taken.round()
            figures |= taken.figures(size)
            rows += taken.rows(size)
    return {"figures": figures, "rows": rows, "versions": versions, "missing": missing}


class _Taken:
    """What all clients took over the same *count* texts."""

    def __init__(
        self, server: Running, count: int, short: bool, schema: str, core: int | None, peer: LangExtract | None
    ) -> None:
        self._server, self._count, self._short, self._core, self._peer = server, count, short, core, peer
        self._common = {"concurrency": CONCURRENCY, "core": core}
        self._own = {"articles": count, "short": short, "schema": schema}
        before = set(server.bodies)
        clients.run("quotes", server.url, **self._own, **self._common)  # the server makes its answers
        self._bodies = [body for body in server.bodies if body not in before]
        self.loads: dict[str, list[Load]] = {}

    def round(self) -> None:
        """Every client once."""
        with clients.written(self._bodies) as path:
            sent = {"bodies": path, "articles": len(self._bodies)} | self._common
            for transport in TRANSPORTS:
                self._took(
                    _OWN[transport],
                    clients.run("quotes", self._server.url, transport=transport, **self._own, **self._common),
                )
                self._took(_SDK[transport], clients.run("sdk", self._server.url, transport=transport, **sent))
            self._took(_RAW, clients.run("raw", self._server.url, **sent))
        if self._peer is not None and self._short:
            self._took("LangExtract", self._theirs(self._peer))

    def _took(self, name: str, load: Load) -> None:
        self.loads.setdefault(name, []).append(load)

    def _theirs(self, peer: LangExtract) -> Load:
        documents = texts(self._count, short=True)
        params, settings = {"max_workers": CONCURRENCY}, {"batch_length": self._count}
        done = peer.extract(documents, self._server.url, MODEL, params=params, settings=settings)
        if done["error"]:
            raise RuntimeError(f"LangExtract ended with {done['error']}")
        return Load(done["requests"], done["seconds"], done["cpu"], len(done["documents"]))

    def figures(self, size: str) -> dict[str, float]:
        """Requests, for a second of the processor and by the clock, and documents."""
        found = {}
        for name, loads in self.loads.items():
            found[f"{size}: {name}: requests a CPU second"] = middle([one.requests / one.cpu for one in loads])
            found[f"{size}: {name}: requests a second"] = middle([one.requests / one.seconds for one in loads])
        for name in (*_OWN.values(), "LangExtract"):
            if name in self.loads:
                cpu = [self._count / one.cpu for one in self.loads[name]]
                found[f"{size}: {name}: documents a CPU second"] = middle(cpu)
        return found

    def rows(self, size: str) -> Iterator[Row]:
        """Ours beside theirs."""
        what = f"requests a second of one core, {size}"
        for transport in TRANSPORTS:
            over = "" if transport == "httpx" else ", both over aiohttp"
            yield Row(
                what + over, f"bare {_SDK['httpx']}", ratio(self._rates(_OWN[transport]), self._rates(_SDK[transport]))
            )
        if "LangExtract" in self.loads:
            own, theirs = ([self._count / one.cpu for one in self.loads[name]] for name in ("quotes", "LangExtract"))
            yield Row(f"documents a second of one core, {size}", "LangExtract", ratio(own, theirs))

    def _rates(self, name: str) -> list[float]:
        return [one.requests / one.cpu for one in self.loads[name]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--schema", choices=("static", "tight"), default="static")
    parser.add_argument("--full", action="store_true", help="seven rounds of 600 texts instead of three of 200")
    parser.add_argument("--langextract-python", help="a Python that has LangExtract, where this one has not")
    parser.add_argument("--json", action="store_true", help="on one line")
    chosen = parser.parse_args()
    count, rounds = (600, 7) if chosen.full else (200, 3)
    found = measure(chosen.texts or count, chosen.rounds or rounds, chosen.schema, chosen.langextract_python)
    print(json.dumps(found, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
