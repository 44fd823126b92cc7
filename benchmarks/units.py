"""What one article uses: tokens, bytes and writes, counted on typical articles. `benchmarks.plan` multiplies them.

    python -m benchmarks.units --json                      # 500 articles, SQLite
    python -m benchmarks.units --postgres postgresql://…   # the writes of a shared cache too

Tokens of prompts are estimated as ``quotes extract --dry-run`` does: for the 29 recorded requests on seeds/ that was 2%
from what the model's own tokenizer counted. Tokens of answers depend on the model; they come from the measurement with
a large one that docs/quality.md describes.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.articles import typical_articles
from quotes.cache import Store, open_store
from quotes.cache.entry import Entry
from quotes.exchange import Reply, Request
from quotes.extraction import Engine
from quotes.model import Article, Extraction
from quotes.prompting import CASCADE_PACK, DEFAULT_PACK, JUDGE_PACK, PromptSettings, load_pack
from quotes.record import dumps
from quotes.run.batch import tokens_of
from tests.endpoint.answers import answer

PACKS = {"model": DEFAULT_PACK, "cascade": CASCADE_PACK, "judge": JUDGE_PACK}
TOKENS_AN_ATTRIBUTION = 30.9
"""Of answers of a large model, by the tokenizer of Qwen2.5; see docs/quality.md."""


@dataclass(frozen=True, slots=True)
class Way:
    """One backend's use of a model, an article: *requests*, estimated prompt tokens, and how many tokens every request
    begins with alike (*prefix_tokens*)."""

    requests: float
    prompt_tokens: float
    prefix_tokens: float


@dataclass(frozen=True, slots=True)
class Units:
    """Means over typical articles: *words* and *quotes* of one, its bytes in the output (*record*) and, where a model
    attributes, in a cache (*sqlite*), and replies that a cache stores in a second, each kept for good."""

    articles: int
    words: float
    quotes: float
    ways: dict[str, Way]
    record_bytes: float
    sqlite_bytes: float
    sqlite_writes: float
    postgres_writes: float | None = None


def measure(count: int, postgres: str | None = None) -> Units:
    """The units of *count* articles; *postgres* is the URL of a database that may be written to."""
    articles = [Article(id=name, text=text) for name, text in typical_articles(count)]
    words = sum(len(article.text.split()) for article in articles)
    ways = {name: _way(name, articles) for name in PACKS}
    rules = Engine(None)
    records = [_led(rules, article, []) for article in articles]
    entries = list(_entries(articles))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replies.sqlite"
        writes = _writes(open_store(path), entries)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = path.stat().st_size
    return Units(
        count,
        words / count,
        sum(len(record.quotes) for record in records) / count,
        ways,
        sum(len(dumps(record).encode()) for record in records) / count,
        size / count,
        writes,
        None if postgres is None else _writes(open_store(postgres), entries),
    )


def _engine(name: str) -> Engine:
    prompt = PromptSettings(model="sample-1b", label="models.example", pack=load_pack(PACKS[name]))
    return Engine(prompt, cascade=name == "cascade")


def _way(name: str, articles: list[Article]) -> Way:
    engine = _engine(name)
    requests = [request for article in articles for request in _first_requests(engine, article)]
    prompt = sum(tokens_of(request) for request in requests)
    return Way(len(requests) / len(articles), prompt / len(articles), _prefix_tokens(requests[0]))


def _first_requests(engine: Engine, article: Article) -> Iterator[Request]:
    """What is asked before any reply is there: repairs come on top, as often as a model makes mistakes."""
    for exchange in engine.open(article).exchanges:
        with suppress(StopIteration):
            yield next(exchange)
        exchange.close()


def _prefix_tokens(first: Request) -> float:
    """The tokens of the messages before the last, which all first requests share."""
    shared = Request({**first.body, "messages": first.body["messages"][:-1]}, first.label)
    return tokens_of(shared)


def _led(engine: Engine, article: Article, requests: list[Request]) -> Extraction:
    """The record of *article*, every request answered soundly and noted in *requests*."""
    work, findings = engine.open(article), []
    for exchange in work.exchanges:
        try:
            request = next(exchange)
            while True:
                requests.append(request)
                request = exchange.send(Reply(answer(request.body), model="sample-1b"))
        except StopIteration as end:
            findings.append(end.value)
    return work.finish(findings)


def _entries(articles: list[Article]) -> Iterator[Entry]:
    engine = _engine("model")
    for article in articles:
        requests: list[Request] = []
        _led(engine, article, requests)
        yield from (Entry(request, Reply(answer(request.body), model="sample-1b")) for request in requests)


def _writes(store: Store, entries: list[Entry]) -> float:
    """Entries stored a second, one after the other, each on the disk before the next."""
    start = time.perf_counter()
    for entry in entries:
        store.put(entry)
    seconds = time.perf_counter() - start
    store.close()
    return len(entries) / seconds


def main() -> None:
    """Measure as the command line says, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.units", description=__doc__)
    parser.add_argument("--articles", type=int, default=500, metavar="N")
    parser.add_argument("--postgres", metavar="URL", help="a database to store replies in too")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    found = asdict(measure(options.articles, options.postgres))
    print(json.dumps(found) if options.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
