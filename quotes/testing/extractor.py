"""The extractor behind a test's fixtures: it notes which replies are asked for, and tells a missing one in full."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from quotes.api import Extractor, Options
from quotes.cache import open_store
from quotes.cache.nearest import differences, nearest
from quotes.errors import DamagedEntry, ReplayMiss, UsageError
from quotes.exchange import Backend, Reply, Request
from quotes.run.assembly import Assembly

OPTIONS_OF_RECORDING: Final = frozenset(
    {
        "base_url",
        "timeout",
        "config",
        "profile",
        "local",
        "rpm",
        "tpm",
        "transport",
        "article_timeout",
        "max_cost",
        "max_tokens_total",
    }
)
"""Options that mean nothing where no endpoint is asked."""

_OF_THIS_PROGRAM = "QUOTES_"


class Missed(ReplayMiss):
    """A reply that is not among the fixtures: to which *chunk* of which *article*, and how the *nearest* differs."""

    def __init__(self, error: ReplayMiss, request: Request, near: str, found: tuple[str, ...]) -> None:
        super().__init__(error.what, where=error.where, remedy=error.remedy)
        self.article = request.article
        self.chunk = request.chunk
        self.nearest = near
        self.differences = found

    def __reduce__(self) -> tuple[object, ...]:
        return ReplayMiss, (str(self),)


class FixtureExtractor(Extractor):
    """An extractor over the *folder* of a test's fixtures; *note* is called with the key of every reply it uses.

    Replaying takes no heed of the environment, so that a test is the same everywhere. Recording asks for everything
    once, whatever is there.

    Raises:
        UsageError: the *options* contradict each other or name no model, or the folder is none of fixtures.
    """

    def __init__(
        self, folder: Path, options: Mapping[str, Any], *, recording: bool, note: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._note = note
        if strange := options.keys() - Options.__annotations__:
            raise UsageError(f"there is no option {min(strange)!r}", remedy="see quotes.Extractor")
        if recording:
            super().__init__(record=str(folder), cache_mode="refresh", **options)
        else:
            said = {name: value for name, value in options.items() if name not in OPTIONS_OF_RECORDING}
            with _bare_environment():
                super().__init__(replay=str(folder), **said)

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for people: where the text goes."""
        return self._assembly.notes

    async def _assemble(self, environ: dict[str, str]) -> Assembly:
        assembly = await super()._assemble(environ)
        assembly.backend = _Noting(assembly.backend, self._folder, self._note)
        return assembly


class _Noting:
    """A ``Backend`` around *inner* that notes what is asked of it."""

    def __init__(self, inner: Backend, folder: Path, note: Callable[[str], None]) -> None:
        self._inner = inner
        self._folder = folder
        self._note = note

    async def complete(self, request: Request) -> Reply:
        """The reply to *request*, as the backend within gives it.

        Raises:
            Missed: it is not among the fixtures.
            ReplayMiss: it is, and damaged, which a run would put down to the article.
        """
        try:
            reply = await self._inner.complete(request)
        except ReplayMiss as error:
            raise self._missed(error, request) from None
        except DamagedEntry as error:
            raise ReplayMiss(error.what, where=error.where, remedy=error.remedy) from None
        self._note(request.key)
        return reply

    async def aclose(self) -> None:
        """Close the backend within."""
        await self._inner.aclose()

    def _missed(self, error: ReplayMiss, request: Request) -> Missed:
        store = open_store(self._folder, create=False)
        near = nearest(store, request)
        if near is None:
            return Missed(error, request, "", ())
        named = f"chunk {near.request.chunk} of {near.request.article!r} (key {near.key[:8]})"
        return Missed(error, request, named, differences(near.request, request))


@contextmanager
def _bare_environment() -> Iterator[None]:
    """No variable of this program is set while this lasts."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_OF_THIS_PROGRAM)}
    for name in kept:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(kept)
