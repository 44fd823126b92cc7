"""How fast a replay is: ``quotes extract --replay`` beside a bare loop over the same requests, and beside the rules.

    python -m benchmarks.replay                 # 5,000 typical articles, three rounds: about a quarter of an hour
    python -m benchmarks.replay --articles 500 --json

The replies are stored beforehand: real requests, and the answers of the loopback endpoint of the tests. The bare loop
is what somebody would write who only wants his replies back: key, look-up, JSON in, jsonschema (one validator, of the
pack's own schema, in both styles), JSON out. It is given the bodies of all requests and the finished records; it reads
no article, checks no word against the text, has no second opinion, and keeps neither journal nor checksum. All take
turns, so that a busy machine is busy for all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

from jsonschema import Draft202012Validator

from benchmarks.articles import typical_articles, write_articles
from quotes.cache.entry import Entry
from quotes.cache.store import Store
from quotes.exchange import KEY_VERSION, Reply, Request, Usage
from quotes.extraction import Engine
from quotes.formats import read_articles
from quotes.model import Article
from quotes.run import Job, Settings, assemble
from quotes.run.output import file_sink
from tests.endpoint.answers import MODEL, answer, completion

Style = Literal["static", "tight"]
ADDRESSES: Final[dict[Style, str]] = {"static": "https://models.example/v1", "tight": "http://127.0.0.1:9/v1"}
"""Where the requests would go: by that a run decides for one schema, or for one made for every chunk."""
_BLOCK: Final = 250  # articles whose requests are in memory at a time


@dataclass(frozen=True, slots=True)
class Timing:
    """What some work took, in seconds."""

    cpu: float
    wall: float

    def __add__(self, other: Timing) -> Timing:
        return Timing(self.cpu + other.cpu, self.wall + other.wall)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the bare loop is given of one article: the *bodies* of its requests, and the finished *record*."""

    bodies: Sequence[dict[str, Any]]
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of work, the median of all rounds: articles a second of CPU and of wall time, and the CPU speed as a
    share of the bare loop's."""

    what: str
    a_cpu_second: float
    a_second: float
    of_bare: float | None = None


def settings_for(style: Style, cache: Path) -> Settings:
    """The settings of the run that would have recorded *cache* in requests of *style*."""
    return Settings(model=MODEL, base_url=ADDRESSES[style], cache=str(cache))


def answered(engine: Engine, article: Article, reply: Callable[[Request], Reply]) -> Iterator[Request]:
    """Every request of *article*, each after *reply* has answered those before it."""
    for exchange in engine.open(article).exchanges:
        request = next(exchange, None)
        while request is not None:
            yield request
            try:
                request = exchange.send(reply(request))
            except StopIteration:
                request = None


def invented(request: Request) -> Reply:
    """What the loopback endpoint says to *request*, as the client hands it on."""
    said = completion(request.body, answer(request.body))
    choice, usage = said["choices"][0], said["usage"]
    tokens = Usage(1, usage["prompt_tokens"], usage["completion_tokens"])
    return Reply(choice["message"]["content"], finish_reason="stop", model=said["model"], usage=tokens)


def record(cache: Path, articles: Iterable[tuple[str, str]], style: Style) -> int:
    """Store the replies to all requests about *articles* in *cache*, ready to be replayed; how many there are."""
    assembly = assemble(settings_for(style, cache), {})
    store, count = assembly.store, 0
    assert store is not None
    try:
        for name, text in articles:
            for request in answered(assembly.engine, Article(name, text), invented):
                store.put(Entry(request, invented(request)))
                count += 1
        assembly.note_in_store()
    finally:
        store.close()
    return count


def run_job(settings: Settings, articles: Path, out: Path) -> Timing:
    """``quotes extract ARTICLES -o OUT`` with *settings*, in this process."""
    began = _now()
    assembly = assemble(settings, {})
    sink = file_sink(str(out), settings, assembly.fingerprint, assembly.options, overwrite=True)
    Job(settings, assembly, read_articles([str(articles)]), sink).run()
    return _since(began)


def run_command(options: Sequence[str], articles: Path, out: Path) -> Timing:
    """The same as a command: with the start of the interpreter, and the CPU time of the other process."""
    command = [sys.executable, "-m", "quotes", "extract", str(articles), "-o", str(out), "--overwrite", "-q", *options]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    if done.returncode not in (0, 1):  # 1: an article is partial
        raise subprocess.CalledProcessError(done.returncode, command)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return Timing(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall)


def bare_loop(cache: sqlite3.Connection, label: str, validator: Draft202012Validator, given: Iterable[Prepared]) -> str:
    """Key, look-up, validation and JSON out for the articles *given*; their records as lines."""
    lines = []
    for article in given:
        for body in article.bodies:
            sent = {"version": KEY_VERSION, "endpoint": label, "body": body, "trial": 0}
            text = json.dumps(sent, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            key = hashlib.sha256(text.encode("utf-8")).hexdigest()
            (stored,) = cache.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
            if not validator.is_valid(json.loads(json.loads(stored)["content"])):
                raise ValueError(f"the answer stored under {key} breaks the schema")
        lines.append(json.dumps(article.record, ensure_ascii=False))
    return "".join(line + "\n" for line in lines)


def run_bare(cache: Path, articles: Path, records: Path) -> Timing:
    """The bare loop over the replies to *articles*, whose *records* a replay has written."""
    assembly = assemble(Settings(replay=str(cache)), {})
    assert assembly.engine.prompt is not None
    prompt, store = assembly.engine.prompt, assembly.store
    assert store is not None
    connection, out = sqlite3.connect(cache), records.with_suffix(".bare")
    spent = Timing(0.0, 0.0)
    try:
        validator = Draft202012Validator(prompt.pack.schema)
        with articles.open(encoding="utf-8") as texts, records.open(encoding="utf-8") as lines, out.open("w") as file:
            pairs = zip(texts, lines, strict=True)
            while block := list(islice(pairs, _BLOCK)):
                prepared = [_prepared(assembly.engine, store, text, line) for text, line in block]
                began = _now()
                file.write(bare_loop(connection, prompt.label, validator, prepared))
                spent += _since(began)
    finally:
        connection.close()
        store.close()
    return spent


def _prepared(engine: Engine, store: Store, text: str, record: str) -> Prepared:
    def stored(request: Request) -> Reply:
        entry = store.get(request.key)
        assert entry is not None
        return entry.reply

    article = json.loads(text)
    requests = answered(engine, Article(article["id"], article["text"]), stored)
    return Prepared([dict(request.body) for request in requests], json.loads(record))


def measure(folder: Path, count: int, rounds: int, styles: Sequence[Style] = ("static", "tight")) -> list[Figure]:
    """All kinds of work over *count* articles, in turns, *rounds* times over."""
    articles = write_articles(folder / "articles.jsonl", count)
    kinds: dict[str, Callable[[], Timing]] = {}
    for style in styles:
        cache, out = folder / f"{style}.sqlite", folder / f"{style}.jsonl"
        record(cache, typical_articles(count), style)
        replay = Settings(replay=str(cache))
        kinds[f"replay, {style}"] = partial(run_job, replay, articles, out)
        kinds[f"bare loop, {style}"] = partial(run_bare, cache, articles, out)
        kinds[f"replay, {style}, command"] = partial(run_command, ["--replay", str(cache)], articles, out)
    kinds["rules"] = partial(run_job, Settings(backend="rules"), articles, folder / "rules.jsonl")
    taken: dict[str, list[Timing]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, run in kinds.items():
            taken[name].append(run())
    return [_figure(name, count, taken) for name in kinds]


def _figure(name: str, count: int, taken: dict[str, list[Timing]]) -> Figure:
    work, _, style = name.partition(", ")
    bare = taken.get(f"bare loop, {style.partition(',')[0]}")
    pairs = zip(taken[name], bare, strict=True) if bare and work == "replay" else ()
    shares = [one.cpu / own.cpu for own, one in pairs]
    return Figure(
        name,
        count / median(one.cpu for one in taken[name]),
        count / median(one.wall for one in taken[name]),
        median(shares) if shares else None,
    )


def _now() -> Timing:
    return Timing(time.process_time(), time.perf_counter())


def _since(began: Timing) -> Timing:
    now = _now()
    return Timing(now.cpu - began.cpu, now.wall - began.wall)


def main() -> None:
    """Measure and print, a line a kind of work."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--style", choices=list(ADDRESSES), action="append", help="one schema, or one for every chunk")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.articles, chosen.rounds, chosen.style or tuple(ADDRESSES))
    if chosen.json:
        figures = [asdict(figure) for figure in found]
        print(json.dumps({"articles": chosen.articles, "rounds": chosen.rounds, "figures": figures}, indent=2))
        return
    print(f"{'articles/CPU s':>14}  {'articles/s':>10}  {'of bare':>7}  what")
    for figure in found:
        share = "" if figure.of_bare is None else f"{figure.of_bare:.0%}"
        print(f"{figure.a_cpu_second:>14,.0f}  {figure.a_second:>10,.0f}  {share:>7}  {figure.what}")


if __name__ == "__main__":
    main()
