"""Generated worlds for whole runs: some articles, and a model that answers each request in the same way every time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from quotes.cache import Cached, open_store
from quotes.exchange import Backend, Outcome, Reply, Request, Usage
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack
from quotes.run import Assembly, Job, Listener, Settings, Summary
from quotes.run.output import file_sink
from tests.strategies import answers, articles

PACK = load_pack()
JUDGING = load_pack("judge")
STORES = ("replies.sqlite", "recorded")

_JUDGEMENTS = ('{"said": "yes"}', '{"said": "no"}', '{"said": "maybe"}')

_OUTCOMES: list[Outcome] = ["complete"] * 12 + ["truncated", "refusal", "content_filter", "context_overflow"]


@dataclass(frozen=True)
class World:
    """Articles, and the pool of replies of each."""

    articles: tuple[Article, ...]
    replies: dict[str, tuple[Reply, ...]]

    def reply(self, request: Request) -> Reply:
        """What the model says to *request*: it depends on the request alone."""
        number = int(request.key, 16)
        if "top_logprobs" in request.body and number % 8:
            return Reply(
                _JUDGEMENTS[number % len(_JUDGEMENTS)], "complete", "stop", "some-model-q4", usage=Usage(1, 9, 1)
            )
        pool = self.replies[request.article]
        return pool[number % len(pool)]


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 4) -> World:
    """Articles with hostile replies, some of them broken, cut short or refused."""
    texts = draw(st.lists(articles.filter(lambda text: len(text) > 20), min_size=1, max_size=most, unique=True))
    found = [Article(f"news/{number:02}", text, {"page": number}) for number, text in enumerate(texts)]
    replies = {}
    for article in found:
        contents = draw(st.lists(answers(article.text), min_size=2, max_size=4))
        replies[article.id] = tuple(
            Reply(content, draw(st.sampled_from(_OUTCOMES)), "stop", "some-model-q4", usage=Usage(1, 7 + n, n))
            for n, content in enumerate(contents)
        )
    return World(tuple(found), replies)


@dataclass
class Model:
    """The backend that answers for *world*, each reply some turns of the loop late. *asked* are the keys asked for."""

    world: World
    seed: int = 0
    heard: Callable[[str], None] = lambda _key: None
    asked: list[str] = field(default_factory=list)

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request.key)
        self.heard(request.key)
        for _ in range(random.Random(f"{self.seed} {request.key}").randrange(12) if self.seed else 0):
            await asyncio.sleep(0)
        return self.world.reply(request)

    async def aclose(self) -> None: ...


def prompt(**changes: object) -> PromptSettings:
    options: dict[str, object] = {"chunk_tokens": 40, "context_tokens": 20, "temperature": 0.0} | changes
    return PromptSettings(**{"model": "some-model", "label": "local", "pack": PACK, **options})  # type: ignore[arg-type]


def run(
    found: Sequence[Article],
    out: Path,
    store: Path,
    inner: Backend | None,
    *,
    concurrency: int = 3,
    listener: Listener | None = None,
    asking: PromptSettings | None = None,
    cascade: bool = False,
) -> Summary:
    """One run as the command line does it: journal, store, *inner* behind the cache; a replay where it is ``None``."""
    settings = Settings(concurrency=concurrency)
    cached = Cached(open_store(store), inner, "auto" if inner is not None else "replay")
    assembly = Assembly(Engine(asking or prompt(), "en", cascade=cascade), cached, "fingerprint", (), cached)
    sink = file_sink(str(out), settings, assembly.fingerprint)
    return Job(settings, assembly, found, sink, listener).run()


def records(out: Path) -> list[bytes]:
    """The lines of *out*, which ends with a line end."""
    *lines, rest = out.read_bytes().split(b"\n")
    assert rest == b""
    return lines
