"""The library's own front door: extract from texts in a program, with the same options as the command line."""

from __future__ import annotations

import asyncio
import difflib
import os
import threading
from collections.abc import Coroutine, Iterable
from concurrent.futures import Future
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self, TypedDict, TypeVar, Unpack

from quotes.errors import UsageError
from quotes.llm.transport import Transport
from quotes.model import Article, Extraction
from quotes.run.assembly import Assembly, assemble
from quotes.run.config import configured
from quotes.run.scheduling import run_articles
from quotes.run.settings import KEY_VARIABLE, BackendName, CacheMode, SchemaMode, Settings, Structured

Result = TypeVar("Result")

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "backend": ("rules", "model", "judge", "cascade"),
    "cache_mode": ("auto", "replay", "refresh", "off"),
    "schema": ("static", "tight", "auto"),
    "structured": ("auto", "strict", "schema", "tool", "object", "prompt"),
    "lang": ("en", "de", "fr", "es"),
    "transport": ("httpx", "aiohttp"),
}
_NUMBERS: Final[dict[str, tuple[float, bool]]] = {
    "concurrency": (1, True),
    "chunk_tokens": (50, True),
    "context_tokens": (0, True),
    "max_output_tokens": (16, True),
    "temperature": (0, False),
    "timeout": (0.1, False),
    "rpm": (1, True),
    "tpm": (1, True),
    "article_timeout": (0.1, False),
    "max_cost": (0, False),
    "max_tokens_total": (0, True),
}
"""The least of each number, and whether it is a whole one."""


class Options(TypedDict, total=False):
    """What can be said about how to extract; each means what the option of ``quotes extract`` of that name means."""

    backend: BackendName
    model: str
    base_url: str
    prompt: str
    cache: str
    cache_mode: CacheMode
    record: str
    replay: str
    concurrency: int
    chunk_tokens: int
    context_tokens: int
    max_output_tokens: int
    temperature: float
    no_temperature: bool
    schema: SchemaMode
    structured: Structured
    timeout: float
    lang: str
    config: str
    profile: str
    local: str
    rpm: int
    tpm: int
    transport: Transport
    article_timeout: float
    max_cost: float
    max_tokens_total: int
    second_opinion: bool


class Extractor:
    """Extracts from any number of texts over one connection and one cache. Close it, or use it in a ``with``.

    Without a *model* (and no ``QUOTES_MODEL`` in the environment) the built-in rules do it. *api_key* is sent to
    *base_url*; without it the environment is read as on the command line. An extractor may be used from several
    threads and event loops at once: requests are made on a loop of its own.

        >>> with Extractor() as extractor:
        ...     [extractor.extract(text).status for text in ("“No,” Ida Krell said.", "")]
        ['complete', 'complete']

    Raises:
        UsageError: the options contradict each other, or name a pack or cache that cannot be used.
        TypeError: there is no such option.
    """

    def __init__(self, *, api_key: str | None = None, **options: Unpack[Options]) -> None:
        _refuse_unknown(options, "Extractor")
        said = Settings(**options)
        _check(said)
        filled = configured(said, os.environ)
        self._settings = filled if api_key is None else replace(filled, api_key_env=None)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="quotes", daemon=True)
        self._thread.start()
        environ = dict(os.environ) if api_key is None else {**os.environ, KEY_VARIABLE: api_key}
        try:
            self._assembly = self._submit(self._assemble(environ)).result()
        except BaseException:
            self._stop()
            raise

    def extract(self, text: str | Article, *, id: str = "") -> Extraction:  # noqa: A002
        """Who said what in *text*. Blocks until it is done.

        What fails in this text alone (a refusal, a lost connection) is in the extraction's errors and status.

        Raises:
            EndpointUnusable: the endpoint can serve no request: wrong key, unknown model, nothing there.
            ReplayMiss: a replay holds no reply to a request.
        """
        article = _article(text, id)
        self._check_open()
        return self._submit(self._extract(article)).result()

    async def aextract(self, text: str | Article, *, id: str = "") -> Extraction:  # noqa: A002
        """As `extract`, without blocking the event loop of the caller."""
        article = _article(text, id)
        self._check_open()
        return await asyncio.wrap_future(self._submit(self._extract(article)))

    def close(self) -> None:
        """Close connections and the cache. Closing twice is no error."""
        if self._thread.is_alive():
            try:
                self._submit(self._assembly.backend.aclose()).result()
            finally:
                self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if not self._thread.is_alive():
            raise UsageError("the extractor is closed", remedy="use it inside its with block, or make another")

    async def _assemble(self, environ: dict[str, str]) -> Assembly:
        return assemble(self._settings, environ)

    async def _extract(self, article: Article) -> Extraction:
        done: list[Extraction] = []
        await run_articles(
            [article],
            lambda _index, opened: self._assembly.adapting().open(opened),
            self._assembly.backend,
            concurrency=self._settings.window,
            on_done=lambda _index, extraction: done.append(extraction),
            fail=self._assembly.engine.fail,
            adapting=self._assembly.adapting(),
            article_timeout=self._settings.article_timeout,
        )
        self._assembly.note_in_store()
        return done[0]

    def _submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def extract(text: str | Article, *, id: str = "", api_key: str | None = None, **options: Unpack[Options]) -> Extraction:  # noqa: A002
    """Who said what in *text*, once. For many texts use an `Extractor`, which keeps its connection.

        >>> [quote.type for quote in extract("“No,” Ida Krell said.").quotes]
        ['direct']

    Raises:
        QuotesError: as `Extractor` and `Extractor.extract` say.
    """
    _refuse_unknown(options, "extract")
    with Extractor(api_key=api_key, **options) as extractor:
        return extractor.extract(text, id=id)


async def aextract(
    text: str | Article,
    *,
    id: str = "",  # noqa: A002
    api_key: str | None = None,
    **options: Unpack[Options],
) -> Extraction:
    """As `extract`, without blocking the event loop of the caller."""
    _refuse_unknown(options, "aextract")
    with Extractor(api_key=api_key, **options) as extractor:
        return await extractor.aextract(text, id=id)


def _refuse_unknown(options: Iterable[str], called: str) -> None:
    """Raise TypeError where one of *options* is none that *called* has."""
    known = [*Options.__annotations__, "api_key", *([] if called == "Extractor" else ["id"])]
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise TypeError(f"{called}() has no option {name!r}: {meant}")


def _article(text: str | Article, name: str) -> Article:
    if isinstance(text, Article):
        return text
    if not isinstance(text, str):
        raise TypeError(f"the text of an article is a str, or an Article; this is {type(text).__name__}")
    return Article(name, text)


def _check(settings: Settings) -> None:
    """Refuse what the command line's own parser would refuse.

    Raises:
        UsageError: an option is not of its kind, or out of its range.
    """
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in (None, *choices):
            raise UsageError(
                f"{name} is one of {', '.join(choices)}", where=name, remedy="leave it out for the default"
            )
    for name, (least, whole) in _NUMBERS.items():
        value = getattr(settings, name)
        sound = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if value is not None and not (sound and value >= least):
            raise UsageError(f"{name} is a number of at least {least:g}", where=name, remedy="give such a number")
