"""A batch in: replies from files become entries of the cache, each checked by its key and judged as a live one."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from quotes.cache import Entry, Store
from quotes.cache.pending import Waiting
from quotes.errors import CacheError, DamagedEntry, InputError
from quotes.exchange import Reply, Request
from quotes.formats.jsonlines import parse_object, read_lines
from quotes.llm.address import LOCAL, OPENAI_URL, endpoint_label
from quotes.llm.batch import Returned, read_reply, read_request, verdict
from quotes.llm.redaction import Redactor
from quotes.run.job import Listener

_STDIN: Final = "-"
_KEYS: Final = ("QUOTES_API_KEY", "OPENAI_API_KEY")
"""Variables whose values must not be stored, should a reply repeat them."""


@dataclass(slots=True)
class Imported:
    """What an import came to. *stored* are new replies, *there* were stored before with the same words; *refused*
    counts lines that could not be taken, by reason, and their requests stay *pending*, like all others in the store
    without a reply."""

    stored: int = 0
    there: int = 0
    pending: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def exit_code(self) -> int:
        """0 every line was taken; 1 some could not be."""
        return 1 if self.refused else 0


class Import:
    """One import into *store*. It may be repeated, and its files given in any order and in any parts."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        listener: Listener | None = None,
        *,
        key_variables: Iterable[str] = (),
    ) -> None:
        """*key_variables* of *environ* hold what must not be stored either, beside the usual keys."""
        self.done = Imported()
        self._store = store
        self._redactor = Redactor(*(environ.get(name) for name in (*_KEYS, *key_variables)))
        self._listener = listener or Listener()
        self._environ = environ

    def remember(self, files: Sequence[str], base_url: str | None) -> None:
        """Take the requests of *files*, as they were exported, for pending where the store does not know them.

        *base_url* is the endpoint they were exported for; without it the recorded one, that of the environment,
        OpenAI's and this machine's are tried, and the key tells which it was.
        """
        labels = self._labels(base_url)
        for where, line in self._objects(files):
            try:
                request = read_request(line, labels, where)
                known = self._known(request.key)
            except DamagedEntry:
                self._store.pending.remember((request,), {})
            except InputError as error:
                self._refuse("malformed", error)
            except CacheError as error:
                self._refuse("damaged in the cache", InputError(str(error), where=where))
            else:
                if known is None:
                    self._store.pending.remember((request,), {})

    def take(self, files: Sequence[str]) -> None:
        """Store the replies in *files*; ``-`` is standard input. What cannot be taken is told and passed over.

        Raises:
            OutputError: the store cannot be written; what was stored before stays.
        """
        for where, line in self._objects(files):
            try:
                self._take(read_reply(line, where), where)
            except InputError as error:
                self._refuse("malformed", error)
            except CacheError as error:
                self._refuse("damaged in the cache", InputError(str(error), where=where))
        self.done.pending = len(list(self._store.pending.keys()))

    def _take(self, returned: Returned, where: str) -> None:
        known = self._known(returned.key)
        if known is None:
            what = f"no request of key {returned.key[:8]} was exported from {self._store.where}"
            remedy = "give the --cache of the export, or --requests with the file it wrote"
            self._refuse("unknown", InputError(what, where=where, remedy=remedy))
            return
        found = verdict(known.request, returned, self._redactor)
        if isinstance(known, Entry):
            self._compare(known, found, where)
        elif isinstance(found, Reply):
            self._keep(known, found)
        else:
            what = f"no answer to {_name(known.request)}: {found}"
            self._refuse("no answer", InputError(what, where=where, remedy="export or submit again to ask again"))

    def _known(self, key: str) -> Entry | Waiting | None:
        """What the store has of *key*. A request that waits stands in for a damaged entry: its reply takes the place.

        Raises:
            DamagedEntry: the entry is damaged, and no request waits.
        """
        try:
            return self._store.get(key) or self._store.pending.get(key)
        except DamagedEntry:
            if (waiting := self._store.pending.get(key)) is None:
                raise
            return waiting

    def _keep(self, waiting: Waiting, reply: Reply) -> None:
        self._store.put(Entry(waiting.request, reply))
        self._store.merge_manifest(waiting.manifest)
        self._store.pending.forget((waiting.request.key,))
        self.done.stored += 1

    def _compare(self, stored: Entry, found: Reply | str, where: str) -> None:
        """*found* for what is answered already: the first answer stays, and a failure beside it means nothing."""
        self._store.pending.forget((stored.key,))
        if isinstance(found, str) or (found.outcome, found.content) == (stored.reply.outcome, stored.reply.content):
            self.done.there += 1
            return
        what = f"another reply to {_name(stored.request)} than the stored one, which is kept"
        remedy = f"quotes cache show {stored.key[:8]} shows it"
        self._refuse("other than the stored", InputError(what, where=where, remedy=remedy))

    def _refuse(self, kind: str, error: InputError) -> None:
        self.done.refused[kind] += 1
        self._listener.problem(str(error))

    def _objects(self, files: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The JSON objects in *files* with where they stand; every other line is refused."""
        for name in files:
            try:
                with _opened(name) as stream:
                    yield from self._objects_in(stream, "standard input" if name == _STDIN else name)
            except OSError as error:
                remedy = "check the path"
                self._refuse("unreadable", InputError(f"cannot be read: {_why(error)}", where=name, remedy=remedy))

    def _objects_in(self, stream: Iterable[bytes], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for line in read_lines(stream, name):
            if isinstance(line, InputError):
                self._refuse("malformed", line)
                continue
            try:
                found = parse_object(line.text, line.where)
            except InputError as error:
                cut = InputError("the file ends within this line", where=line.where, remedy="fetch the whole file")
                self._refuse("malformed", error if line.whole else cut)
                continue
            yield line.where, found

    def _labels(self, base_url: str | None) -> tuple[str, ...]:
        if base_url is not None:
            return (endpoint_label(base_url),)
        recorded = self._store.manifest().get("endpoint")
        named = self._environ.get("QUOTES_BASE_URL", "").strip()
        labels = [endpoint_label(named)] if named else []
        labels += [recorded] if isinstance(recorded, str) else []
        return tuple(dict.fromkeys([*labels, endpoint_label(OPENAI_URL), LOCAL]))


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == _STDIN:
        yield sys.stdin.buffer
        return
    with open(name, "rb") as stream:
        yield stream


def _why(error: OSError) -> str:
    return error.strerror or os.strerror(error.errno or 0)


def _name(request: Request) -> str:
    return f"{request.article} chunk {request.chunk}" if request.article else f"request {request.key[:8]}"
