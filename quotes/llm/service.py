"""The Batch service: files up, batches made, watched and cancelled, replies down, over OpenAI's Files and Batch APIs.

No service promises that a creation asked for twice happens once: one whose fate is unknown is not asked for again, but
looked for in the list of batches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

from quotes.errors import EndpointUnusable, OutputError, QuotesError, RequestFailed
from quotes.llm.batch import URL
from quotes.llm.calling import LATER, Caller, Unavailable, UnclearError
from quotes.llm.jobs import MARK, BatchJob, batch_in, is_id, listed
from quotes.llm.outcomes import Answer
from quotes.llm.retrying import RetryPolicy

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

SETTLING: Final = 5.0
"""Seconds after which a batch that was asked for, and is not listed, is taken for never made."""

_PAGE: Final = 100
"""Batches on one page of the list: the most there may be."""
_WRITING: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_WITHOUT: Final = "quotes batch export and import do without: have the requests answered elsewhere"
_LOOK: Final = "look there; then quotes batch cancel --drop takes the part out"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class NoListError(Exception):
    """The service has no list of what was asked for."""


class BatchService:
    """The Files and Batch APIs at *base_url*. Its calls block, and belong to one thread.

    *timeout* is how many seconds the service may be silent, not how long a file takes. *headers* and *query* are sent
    along; *key_header* carries the key.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 120.0,
        policy: RetryPolicy | None = None,
        headers: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        key_header: Literal["authorization", "api-key"] = "authorization",
        **injected: Any,
    ) -> None:
        """Nothing is sent and nothing imported yet. *injected* are the *sleep* and *uniform* of a ``Caller``.

        Raises:
            UsageError: *base_url* is no http address or holds a password, or *api_key* fits into no header.
        """
        self._caller = Caller(
            base_url,
            api_key,
            timeout=timeout,
            policy=policy or RetryPolicy(),
            headers=headers,
            query=query,
            key_header=key_header,
            **injected,
        )

    def __repr__(self) -> str:
        return f"BatchService({self._caller.shown!r})"

    def upload(self, name: str, stream: BinaryIO) -> str:
        """Upload what *stream* holds, from its beginning, as the file *name*, and return the id it got."""
        import httpx2

        def send(client: OpenAI) -> httpx2.Response:
            stream.seek(0)
            return client.post(
                "/files",
                cast_to=httpx2.Response,
                body={"purpose": "batch"},
                files=[("file", (name, stream, "application/jsonl"))],
                options={"headers": {"Content-Type": "multipart/form-data"}},
            )

        return self._caller.tried(lambda: self._caller.json(send, self._no_api, lambda file: is_id(file.get("id"))))

    def find_file(self, name: str, size: int) -> str | None:
        """The id of a file of *size* bytes uploaded as *name* for a batch; ``None`` where none is listed."""
        try:
            for entry in self._list("/files", {"purpose": "batch"}):
                if entry.get("filename") == name and entry.get("bytes") == size and entry.get("purpose") == "batch":
                    return is_id(entry.get("id"))
        except NoListError:
            pass
        return None

    def create(self, input_file: str, mark: str, window: str, known: Container[str]) -> BatchJob:
        """Make a batch of *input_file* with *mark* in its metadata; *window* is the time it may take, such as ``24h``.

        *known* are ids of batches that it cannot be, where a try whose fate is unknown is looked for: once, after
        ``SETTLING`` seconds. Such a try is the last one.

        Raises:
            Unavailable: whether it was made cannot be told.
            RequestFailed: it is refused.
            EndpointUnusable: as for all requests, or whether it was made cannot be told as no batches are listed.
        """
        import httpx2

        body = {"input_file_id": input_file, "endpoint": URL, "completion_window": window, "metadata": {MARK: mark}}

        def work() -> BatchJob | UnclearError:
            try:
                return self._job(
                    lambda client: client.post("/batches", cast_to=httpx2.Response, body=body),
                    lambda answer: (
                        self._gone("file", input_file) if input_file in answer.text else self._no_api(answer)
                    ),
                )
            except UnclearError as error:
                return error  # raised, it would be tried again

        made = self._caller.tried(work)
        if isinstance(made, BatchJob):
            return made
        self._caller.sleep(SETTLING)
        found = self.find_batch(mark, input_file, known)
        if found is None:
            what = f"it cannot be told whether the batch was made: {made.retry.reason}"
            raise Unavailable(what, where=self._caller.shown, remedy=LATER)
        return found

    def find_batch(self, mark: str, input_file: str | None, known: Container[str]) -> BatchJob | None:
        """The newest batch with *mark* or of *input_file* that is not among *known*; one that failed is passed over.

        Raises:
            EndpointUnusable: the service lists no batches, or has one that cannot be read.
        """
        try:
            for entry in self._entries():
                if is_id(entry.get("id")) in known or not _is_of(entry, mark, input_file):
                    continue
                batch = batch_in(entry, self._caller.redactor)
                if batch is None:
                    raise self._unreadable(entry)
                if batch.status != "failed":
                    return batch
        except NoListError:
            what = "lists no batches, so that it cannot be told whether one was made"
            raise EndpointUnusable(what, where=self._caller.shown, remedy=_LOOK) from None
        return None

    def batches(self) -> Iterator[BatchJob]:
        """All batches of this account, the newest first, a page at a time. Raises NoListError where none are listed."""
        for entry in self._entries():
            batch = batch_in(entry, self._caller.redactor)
            if batch is not None:
                yield batch

    def retrieve(self, batch: str) -> BatchJob:
        """How *batch* stands. Raises RequestFailed where the service does not know it."""
        import httpx2

        return self._caller.tried(
            lambda: self._job(
                lambda client: client.get(f"/batches/{batch}", cast_to=httpx2.Response),
                lambda _answer: self._gone("batch", batch),
            )
        )

    def cancel(self, batch: str) -> BatchJob:
        """Ask for the end of *batch*, and return how it stands. Raises RequestFailed where that is refused."""
        import httpx2

        return self._caller.tried(
            lambda: self._job(
                lambda client: client.post(f"/batches/{batch}/cancel", cast_to=httpx2.Response),
                lambda _answer: self._gone("batch", batch),
            )
        )

    def download(self, file: str, path: Path) -> None:
        """Put what *file* holds at *path*, which is there whole or not at all, and for its owner alone.

        Raises:
            RequestFailed: the service has no such file, or does not give it.
            OutputError: *path* cannot be written.
        """
        beside = path.with_name(path.name + ".part")
        try:
            self._caller.tried(lambda: self._fetch(file, beside))
            beside.replace(path)
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise OutputError(what, where=str(path), remedy="free some space, then give the command again") from None

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def _fetch(self, file: str, path: Path) -> None:
        with ExitStack() as stack:

            def send(client: OpenAI) -> httpx2.Response:
                return stack.enter_context(client.files.with_streaming_response.content(file)).http_response

            response = stack.enter_context(self._caller.answering(send, lambda _answer: self._gone("file", file)))
            with os.fdopen(os.open(path, _WRITING, 0o600), "wb") as out:
                for piece in response.iter_bytes():
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())

    def _job(self, send: Callable[[OpenAI], httpx2.Response], missing: Callable[[Answer], QuotesError]) -> BatchJob:
        return self._caller.json(send, missing, lambda body: batch_in(body, self._caller.redactor))

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        return self._list("/batches", {"limit": str(_PAGE)})

    def _list(self, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """What the list at *path* holds, page by page. Raises NoListError where there is none."""
        import httpx2

        after: str | None = None
        while True:
            params = {**query, "after": after} if after else dict(query)

            def work(params: Mapping[str, str] = params) -> dict[str, Any]:
                return self._caller.json(
                    lambda client: client.get(path, cast_to=httpx2.Response, options={"params": params}),
                    lambda _answer: NoListError(),
                    lambda body: body if isinstance(body.get("data"), list) else None,
                )

            page = self._caller.tried(work)
            entries = listed(page)
            yield from entries
            last = is_id(entries[-1].get("id")) if entries else None
            if page.get("has_more") is not True or last is None or last == after:
                return
            after = last

    def _no_api(self, answer: Answer) -> QuotesError:
        what = f"has no Batch API there (status {answer.status})"
        return EndpointUnusable(what, where=self._caller.shown, remedy=f"check --base-url; {_WITHOUT}")

    def _gone(self, kind: str, identity: str) -> QuotesError:
        remedy = "if it is gone for good, quotes batch cancel --drop takes the part out"
        return RequestFailed(f"the service knows no {kind} {identity}", where=self._caller.shown, remedy=remedy)

    def _unreadable(self, entry: Mapping[str, Any]) -> QuotesError:
        shown = self._caller.redactor.line(f"id {entry.get('id')!r}, status {entry.get('status')!r}")
        return EndpointUnusable(f"made a batch that cannot be read: {shown}", where=self._caller.shown, remedy=_LOOK)


def _is_of(entry: Mapping[str, Any], mark: str, input_file: str | None) -> bool:
    """Whether *entry* of a list is a batch with *mark* or of *input_file*."""
    metadata = entry.get("metadata")
    marked = isinstance(metadata, dict) and metadata.get(MARK) == mark
    return marked or (input_file is not None and entry.get("input_file_id") == input_file)
