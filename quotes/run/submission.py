"""A batch to a service: what the cache lacks goes up in parts, each of which becomes one batch, and is paid once.

A part that a killed process left half done is looked for at the service before anything is created. So is each new
part, once a run: whoever lost the file of parts gets the batches back instead of paying again.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final

from quotes.cache import Store
from quotes.errors import InputError, OutputError, RequestFailed
from quotes.formats.table import counted
from quotes.llm.batch import MOST_BYTES, MOST_REQUESTS
from quotes.llm.jobs import BatchJob
from quotes.llm.service import SETTLING, BatchService, NoListError
from quotes.model import Article
from quotes.run.assembly import Assembly
from quotes.run.batch import Export, Exported
from quotes.run.job import Listener
from quotes.run.settings import Settings
from quotes.run.submitted import Part, Submissions, digest_of, seen

WINDOW: Final = "24h"
"""The time a batch may take: the only one OpenAI knows."""

_LISTED_FOR: Final = 30 * 86_400.0
"""Seconds after which OpenAI has deleted the files of a batch: an older one is not taken up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service takes in one batch, in *requests* and *size* in bytes, and the *window* it is given for one."""

    requests: int = MOST_REQUESTS
    size: int = MOST_BYTES
    window: str = WINDOW


@dataclass(slots=True)
class Submitted:
    """What a submission came to: the parts *created*, those *found* at the service instead, and how many requests were
    *refused*, by the service or as too large for it."""

    exported: Exported = field(default_factory=Exported)
    created: list[Part] = field(default_factory=list)
    found: list[Part] = field(default_factory=list)
    refused: int = 0

    @property
    def exit_code(self) -> int:
        """0 all well; 1 an input, an article or a part was passed over."""
        return 1 if self.refused else self.exported.exit_code


class _Lines:
    """The lines of a part in the making, in a file without a name, which vanishes with the process."""

    def __init__(self, folder: Path) -> None:
        self.keys: list[str] = []
        self.size = 0
        # Not on /tmp, which may be memory: a part has up to 200 MB.
        self.stream: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def add(self, key: str, line: bytes) -> None:
        self.stream.write(line)
        self.keys.append(key)
        self.size += len(line)


class Submission:
    """One submission into *state*, which nobody else works with. *now* is the clock, in Unix time."""

    def __init__(
        self,
        settings: Settings,
        assembly: Assembly,
        store: Store,
        state: Submissions,
        service: BatchService,
        endpoint: str,
        articles: Iterable[Article | InputError],
        listener: Listener,
        limits: Limits = Limits(),
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """*endpoint* is the label of *service* in cache keys."""
        self.done = Submitted()
        self._state = state
        self._service = service
        self._endpoint = endpoint
        self._listener = listener
        self._limits = limits
        self._now = now
        self._sleep = sleep
        self._interrupted: set[str] = set()
        self._listed: list[BatchJob] | None = None
        self._lines: _Lines | None = None
        self._settings = settings
        self._assembly = assembly
        self._store = store
        self._articles = articles

    def run(self) -> Submitted:
        """Do everything. Memory holds one article, and a key of each request.

        Raises:
            EndpointUnusable: the service takes nothing; what it has taken is written down.
            RequestFailed: whether a batch of an earlier run was made could not be found out; nothing was created since.
            QuotesError: as an export does.
        """
        self._settle()
        export = Export(
            self._settings,
            self._assembly,
            self._store,
            self._articles,
            self._take,
            self._listener,
            under_way=[key for part in self._state.under_way(self._endpoint) for key in part.keys],
        )
        self.done.exported = export.done
        try:
            export.run()
            self._close()
        finally:
            if self._lines is not None:
                self._lines.stream.close()
        return self.done

    def _settle(self) -> None:
        """Find out what became of the steps that a process did not live to write down."""
        mine = [part for part in self._state.parts if part.endpoint == self._endpoint and not part.closed]
        begun = [part for part in mine if part.batch is None and part.sent is None]
        self._interrupted |= {part.digest for part in begun}
        self._state.drop(*begun)
        for part in mine:
            if not part.is_unclear:
                continue
            job = self._service.find_batch(part.digest, part.file, self._state.batches)
            if job is None and (left := SETTLING - max(0.0, self._now() - (part.sent or 0.0))) > 0:
                self._sleep(left)
                job = self._service.find_batch(part.digest, part.file, self._state.batches)
            if job is None:
                self._interrupted.add(part.digest)
                self._state.drop(part)
                continue
            found = replace(part, **seen(part, job))
            self._state.put(found)
            self.done.found.append(found)

    def _take(self, line: str) -> None:
        """*line* into the part in the making, which is submitted where it has no room for it."""
        data = line.encode("utf-8")
        key = json.loads(line)["custom_id"]
        if len(data) > self._limits.size:
            self.done.refused += 1
            what = f"request {key[:8]} has {len(data):,} bytes, and a batch may have {self._limits.size:,}"
            self._listener.problem(f"{what} (raise --part-bytes if the service takes more)")
            return
        lines = self._lines
        if lines and (len(lines.keys) >= self._limits.requests or lines.size + len(data) > self._limits.size):
            self._close()
        try:
            self._lines = self._lines or _Lines(self._state.path.parent)
            self._lines.add(key, data)
        except OSError as error:
            what = f"no room for the lines of a batch: {error.strerror or error}"
            raise OutputError(what, where=str(self._state.path.parent), remedy="free some space") from None

    def _close(self) -> None:
        """Submit the part in the making. One that is refused is told, and the others go on."""
        lines, self._lines = self._lines, None
        if lines is None:
            return
        part = Part(
            number=self._state.next_number(),
            digest=digest_of(lines.keys),
            endpoint=self._endpoint,
            keys=tuple(lines.keys),
            requests=len(lines.keys),
            size=lines.size,
            planned=self._now(),
            total=len(lines.keys),
        )
        try:
            self._submit(part, lines.stream)
        except RequestFailed as error:
            self.done.refused += part.requests
            self._listener.problem(f"part {part.number}, {counted(part.requests, 'request')}: {error}")
        finally:
            lines.stream.close()

    def _submit(self, part: Part, stream: BinaryIO) -> None:
        job = self._known(part.digest)
        if job is not None:
            part = replace(part, file=job.input_file, **seen(part, job))
            self._state.put(part)
            self.done.found.append(part)
            return
        self._state.put(part)
        try:
            file = self._file(part, stream)
        except RequestFailed:
            self._state.drop(part)
            raise
        part = replace(part, file=file, status="uploaded")
        self._state.put(part)
        part = replace(part, sent=self._now(), status="unclear")
        self._state.put(part)
        job = self._service.create(file, part.digest, self._limits.window, self._state.batches)
        part = replace(part, submitted=self._now())
        part = replace(part, **seen(part, job))
        self._state.put(part)
        self.done.created.append(part)
        told = f"part {part.number}: {counted(part.requests, 'request')} in batch {job.id}, {job.status}"
        self._listener.note(told)

    def _known(self, digest: str) -> BatchJob | None:
        """A batch of *digest* that the service has, and this state does not know; none where it lists none."""
        if self._listed is None:
            self._listed = []
            try:
                oldest = self._now() - _LISTED_FOR
                self._listed = [job for job in self._service.batches() if not 0 < job.created < oldest]
            except NoListError:
                pass
        known = self._state.batches
        return next(
            (job for job in self._listed if job.mark == digest and job.status != "failed" and job.id not in known), None
        )

    def _file(self, part: Part, stream: BinaryIO) -> str:
        """The id of the file of *part*: of the one a killed process has uploaded, or of a new one."""
        name = f"quotes-{part.digest}.jsonl"
        found = self._service.find_file(name, part.size) if part.digest in self._interrupted else None
        return found or self._service.upload(name, stream)
