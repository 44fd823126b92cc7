"""A batch back from a service: what has ended is fetched, imported, and closed; what has no reply stays pending.

Everything may be done twice: a file that was fetched whole is not fetched again, and a reply that is stored stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from quotes.cache import Store
from quotes.errors import CacheError, RequestFailed
from quotes.formats.table import counted
from quotes.llm.calling import Unavailable
from quotes.llm.jobs import BatchJob, Fault
from quotes.llm.service import BatchService
from quotes.run.job import Listener
from quotes.run.replies import Import
from quotes.run.submitted import Part, Submissions, seen

_MOST_TOLD: Final = 10
"""Problems of one batch that are told one by one: there may be fifty thousand, all alike."""


@dataclass(slots=True)
class Collected:
    """What a collection came to. *ended* parts were closed, with *stored* new replies, *there* known ones, and *open*
    requests without any. *under_way* parts go on; *unclear* ones may or may not exist; *unheard* ones could not be
    asked after or fetched now, and *lost* ones cannot at all."""

    ended: int = 0
    stored: int = 0
    there: int = 0
    open: int = 0
    under_way: int = 0
    unclear: int = 0
    unheard: int = 0
    lost: int = 0

    @property
    def exit_code(self) -> int:
        """0 everything has ended and has its reply; 1 not so."""
        return 1 if self.open or self.unclear or self.goes_on or self.lost else 0

    @property
    def goes_on(self) -> int:
        """The parts of which something may come yet."""
        return self.under_way + self.unheard

    def __add__(self, later: Collected) -> Collected:
        """This and a *later* one, which tells how the parts stand."""
        return replace(
            later,
            ended=self.ended + later.ended,
            stored=self.stored + later.stored,
            there=self.there + later.there,
            open=self.open + later.open,
        )


class Collection:
    """Collecting from *service* into *store* what *state* says was submitted to *endpoint*."""

    def __init__(
        self,
        store: Store,
        state: Submissions,
        service: BatchService,
        endpoint: str,
        listener: Listener,
        environ: Mapping[str, str],
        key_variables: Iterable[str] = (),
    ) -> None:
        """*key_variables* of *environ* hold what must not be stored, should a reply repeat it."""
        self.done = Collected()
        self._store = store
        self._state = state
        self._service = service
        self._endpoint = endpoint
        self._listener = listener
        self._environ = environ
        self._key_variables = tuple(key_variables)
        self._folder = state.path.with_name(f".{state.path.name}.replies")

    def run(self) -> Collected:
        """Ask after every part, and take the replies of what has ended. One part's trouble is its own.

        Raises:
            EndpointUnusable: the service answers nothing; what was taken before stays.
            OutputError: the store or the state cannot be written.
        """
        for part in self._state.under_way(self._endpoint):
            if part.batch is None:
                self.done.unclear += 1
                self._listener.problem(f"part {part.number}: whether its batch was made is not known yet ({_RESOLVE})")
                continue
            try:
                job = self._service.retrieve(part.batch)
                part = replace(part, **seen(part, job))
                self._state.put(part)
                if job.ended:
                    self._take(part, job)
                else:
                    self.done.under_way += 1
            except Unavailable as error:
                self.done.unheard += 1
                self._listener.problem(f"part {part.number}: {error}")
            except RequestFailed as error:
                self.done.lost += 1
                self._listener.problem(f"part {part.number}: {error}")
        with suppress(OSError):  # another part's files are in it, or it was never made
            self._folder.rmdir()
        return self.done

    def _take(self, part: Part, job: BatchJob) -> None:
        """Take what *job*, which has ended, brought; then close *part*."""
        self._tell_faults(part, job.faults)
        unknown = self._unknown(part)
        files = [self._fetched(file) for file in (job.output_file, job.error_file) if file is not None]
        told = _Told(self._listener, {str(path): f"batch {job.id}, {file}" for path, file in files})
        work = Import(self._store, self._environ, Listener(problem=told.problem), key_variables=self._key_variables)
        if unknown and job.input_file is not None:  # forgotten, or submitted from a copy of this cache
            requests = self._fetched(job.input_file)
            files.append(requests)
            work.remember([str(requests[0])], None)
        work.take([str(path) for path, file in files if file != job.input_file])
        told.end()
        left = len(set(part.keys).intersection(self._store.pending.keys()))
        self._state.put(replace(part, keys=(), closed=True))
        for path, _ in files:
            path.unlink(missing_ok=True)
        self.done.ended += 1
        self.done.stored += work.done.stored
        self.done.there += work.done.there
        self.done.open += left
        parts = [f"{work.done.stored:,} of {counted(part.requests, 'request')} newly answered"]
        parts += [f"{work.done.there:,} already there"] if work.done.there else []
        parts += [f"{left:,} without an answer"] if left else []
        self._listener.note(f"part {part.number}: batch {job.id} {job.status}, {', '.join(parts)}")

    def _unknown(self, part: Part) -> bool:
        """Whether the store does not know a request of *part*, neither answered nor pending."""
        return any(not self._is_stored(key) for key in set(part.keys).difference(self._store.pending.keys()))

    def _is_stored(self, key: str) -> bool:
        try:
            return self._store.get(key) is not None
        except CacheError:
            return True  # damaged: the import says so

    def _fetched(self, file: str) -> tuple[Path, str]:
        """Where the contents of *file* lie on this disk, fetched unless a killed process has done so, and *file*."""
        path = self._folder / f"{hashlib.sha256(file.encode()).hexdigest()[:32]}.jsonl"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._service.download(file, path)
        return path, file

    def _tell_faults(self, part: Part, faults: Sequence[Fault]) -> None:
        """Say why the batch of *part* failed: the line with what it asks, where it is one's."""
        for fault in faults[:_MOST_TOLD]:
            where = f" line {fault.line}{self._asked(part, fault.line)}" if fault.line else ""
            self._listener.problem(f"batch {part.batch}{where}: {fault.what}")
        if len(faults) > _MOST_TOLD:
            self._listener.problem(f"batch {part.batch}: {len(faults) - _MOST_TOLD:,} more of this kind")

    def _asked(self, part: Part, line: int) -> str:
        if line > len(part.keys):
            return ""
        try:
            waiting = self._store.pending.get(part.keys[line - 1])
        except CacheError:
            return ""
        request = waiting.request if waiting is not None else None
        return f" ({request.article} chunk {request.chunk})" if request is not None and request.article else ""


class _Told:
    """What an import says, with the service's names of its files, and not more than anybody reads."""

    def __init__(self, listener: Listener, names: Mapping[str, str]) -> None:
        self._listener = listener
        self._names = names
        self._count = 0

    def problem(self, line: str) -> None:
        self._count += 1
        if self._count > _MOST_TOLD:
            return
        for path, name in self._names.items():
            line = line.replace(path, name)
        self._listener.problem(line)

    def end(self) -> None:
        if self._count > _MOST_TOLD:
            self._listener.problem(f"{self._count - _MOST_TOLD:,} more of this kind")


_RESOLVE: Final = "the next quotes batch submit finds out"


class Cancellation:
    """Ending what *state* says is under way at *service*."""

    def __init__(self, state: Submissions, service: BatchService, listener: Listener) -> None:
        self.troubled = 0
        self._state = state
        self._service = service
        self._listener = listener

    def run(self, parts: Sequence[Part], *, drop: bool) -> None:
        """Cancel *parts*; with *drop* they are closed too, whatever the service says, and their replies given up.

        Raises:
            EndpointUnusable: the service answers nothing.
        """
        for part in parts:
            try:
                part = self._cancelled(part)
            except RequestFailed as error:
                self._listener.problem(f"part {part.number}: {error}")
                self.troubled += not drop
            self._state.put(replace(part, keys=(), closed=True, status="dropped") if drop else part)

    def _cancelled(self, part: Part) -> Part:
        if part.batch is None:
            return part
        job = self._service.retrieve(part.batch)
        if job.ended:
            self._listener.note(f"part {part.number}: batch {job.id} has ended already ({job.status}): collect it")
        elif job.status != "cancelling":
            job = self._service.cancel(part.batch)
            self._listener.note(f"part {part.number}: batch {job.id} {job.status}")
        return replace(part, **seen(part, job))
