"""Local models: the engine of ``--local``, llama.cpp inside this process, asked by the same client as any endpoint.

It listens on a free loopback port, behind a random key, so that no other user of the machine gets at it. The native
code prints, blocks and outlives its owner where it is let; all that is dealt with here. ``xllamacpp`` is imported with
the first request.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import importlib.util
import os
import re
import secrets
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self

from quotes.errors import EndpointUnusable, QuotesError, UsageError
from quotes.llm.address import is_loopback
from quotes.llm.redaction import Redactor

if TYPE_CHECKING:
    from quotes.exchange import Backend, Reply, Request

LOCAL_URL: Final = "http://127.0.0.1/v1"
"""What stands for the engine's address, in labels and messages, before it has a port."""

_HOST: Final = "127.0.0.1"
_ENGINE: Final = "xllamacpp"
_MAGIC: Final = b"GGUF"
_SAMPLED: Final = 1 << 20  # bytes at either end
_STREAMS: Final = (1, 2)
_SILENT, _ERRORS = 0, 1
_ERROR_LINE: Final = re.compile(r"^\S+ E +(?:(?:srv|cmn) +)?(.+)$", re.M)
_REASONS_SHOWN: Final = 2
_LAST_LINE: Final = b"exiting due to model loading error\n"
_LOG_SECONDS: Final = 1.0
_DESCRIPTORS: Final = 4096


def checked_model(path: str) -> Path:
    """The model file at *path*, which `LocalEngine` may then be given. Nothing is loaded.

    Raises:
        UsageError: it cannot be read or is no GGUF file, or the engine is not installed.
    """
    file = Path(path).expanduser()
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=path, remedy="check --local") from None
    if magic != _MAGIC:
        raise UsageError("is no GGUF file", where=path, remedy="give --local a model in llama.cpp's format")
    if importlib.util.find_spec(_ENGINE) is None:
        remedy = 'pip install "quotes[local]"'
        raise UsageError("the engine for local models is not installed", where="--local", remedy=remedy)
    return file


def model_name(file: Path, said: str | None = None) -> str:
    """The name of the model in *file*: *said*, or the file's without its suffix, and ``@`` with a digest.

    It stands in every request, so that two files of one name share no cached reply. The digest is over the file's size
    and its first and last mebibyte: the header, the metadata and some weights, as hashing gigabytes takes longer than
    many a run.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            digest = hashlib.sha256(str(size).encode())
            for start in (0, max(0, size - _SAMPLED)):
                opened.seek(start)
                digest.update(opened.read(_SAMPLED))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(file), remedy="check --local") from None
    stem = said or os.fsencode(file.stem).decode("utf-8", "replace")
    return f"{stem}@{digest.hexdigest()[:8]}"


class LocalEngine:
    """A ``Backend`` that serves the model in *file* under *name*, from the first request to ``aclose``.

    A replay and a full cache never load it. *slots* requests are worked on at a time, each with *context* tokens for
    question and answer. *connect* makes the client, of the address and the key.
    """

    def __init__(
        self, file: Path, name: str, connect: Callable[[str, str], Backend], *, slots: int = 2, context: int = 8192
    ) -> None:
        self._file = file
        self._name = name
        self._connect = connect
        self._slots = slots
        self._context = context
        self._served: Served | None = None
        self._backend: Backend | None = None
        self._failure: QuotesError | None = None

    async def complete(self, request: Request) -> Reply:
        """The model's reply to *request*. The first one waits until the model is loaded.

        Raises:
            RequestFailed: beyond all retries.
            EndpointUnusable: the model cannot be loaded.
        """
        return await self._started().complete(request)

    async def aclose(self) -> None:
        """Close the connections and end the engine."""
        backend, self._backend = self._backend, None
        served, self._served = self._served, None
        try:
            if backend is not None:
                await backend.aclose()
        finally:
            if served is not None:
                served.stop()

    def _started(self) -> Backend:
        # The engine keeps the interpreter to itself while it loads, so a thread for that would gain nothing.
        if self._failure is not None:
            raise self._failure
        if self._backend is None:
            try:
                self._served = Served.start(self._file, self._name, self._slots, self._context)
                self._backend = self._connect(self._served.url, self._served.key)
            except QuotesError as error:
                self._failure = error
                raise
        return self._backend


@dataclass(slots=True)
class Served:
    """A model being served at *url* to whoever has *key*, until it is stopped or the process ends."""

    url: str
    key: str
    _server: Any

    @classmethod
    def start(cls, file: Path, name: str, slots: int, context: int) -> Self:
        """Load the model in *file* and serve it as *name*; the rest as for `LocalEngine`.

        Raises:
            EndpointUnusable: it cannot be loaded.
        """
        key = secrets.token_urlsafe(32)
        # Threads that spin while they wait for each other slow a busy machine down, four times as measured.
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
        with _hushed() as said:
            try:
                native = importlib.import_module(_ENGINE)
                server = _loaded(native, file, name, key, slots, context, said)
            except (ImportError, AttributeError) as error:
                remedy = "pip install -U xllamacpp"
                raise EndpointUnusable(f"the engine cannot be used: {error}", where="--local", remedy=remedy) from None
        served = cls(f"{server.listening_address}/v1", key, server)
        atexit.register(served.stop)
        if not is_loopback(served.url):
            served.stop()
            raise EndpointUnusable("the engine listens on an address that others can reach", where="--local")
        return served

    def stop(self) -> None:
        """End the engine, within about a second. Later calls do nothing."""
        atexit.unregister(self.stop)
        server, self._server = self._server, None
        if server is not None:
            # It would wait for its clients for ever, and crash the interpreter's end if it was left running.
            _hang_up(int(self.url.rpartition(":")[2].partition("/")[0]))
            with _hushed():
                del server


def _loaded(native: Any, file: Path, name: str, key: str, slots: int, context: int, said: IO[bytes]) -> Any:
    try:
        return native.Server(_parameters(native, file, name, key, slots, context))
    except (RuntimeError, ValueError):
        said.truncate(0)
    again = _parameters(native, file, name, key, slots, context)
    again.verbosity = _ERRORS  # it was silent before: once more, for the reason
    try:
        return native.Server(again)
    except (RuntimeError, ValueError) as error:
        reason = _reason(_whole(said)) or str(error)
        raise EndpointUnusable(
            f"the model cannot be loaded: {reason}", where=str(file), remedy="is the file whole, and small enough?"
        ) from None


def _parameters(native: Any, file: Path, name: str, key: str, slots: int, context: int) -> Any:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parameters = native.CommonParams()
    parameters.model.path = str(file)
    parameters.model_alias = {name}
    parameters.hostnames, parameters.port = [_HOST], 0
    parameters.api_keys = [key]
    parameters.n_ctx, parameters.n_parallel = slots * context, slots
    parameters.kv_unified = False  # else one long answer takes the room of the others
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = cores
    parameters.cache_ram_mib = 0  # the fixed part of a prompt stays in its slot: no gigabytes of old ones beside
    parameters.verbosity = _SILENT
    parameters.warmup = parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = False
    parameters.offline = True
    return parameters


def _whole(said: IO[bytes]) -> str:
    """The log of a failed start in *said*, to its last line: another thread writes it, a little later."""
    deadline = time.monotonic() + _LOG_SECONDS
    while True:
        said.seek(0)
        log = said.read()
        if _LAST_LINE in log or time.monotonic() > deadline:
            return log.decode("utf-8", "replace")
        time.sleep(0.005)


def _reason(log: str) -> str:
    """What the engine's *log* gives as reason: its first errors, which are the most exact ones."""
    found = list(dict.fromkeys(_ERROR_LINE.findall(log)))
    return Redactor().line("; ".join(found[:_REASONS_SHOWN]))


@contextmanager
def _hushed() -> Iterator[IO[bytes]]:
    """Meanwhile what native code writes to standard output and error goes into the file, not to the user."""
    with tempfile.TemporaryFile() as kept:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.flush()
        saved: dict[int, int] = {}
        try:
            for descriptor in _STREAMS:
                with suppress(OSError):  # closed
                    saved[descriptor] = os.dup(descriptor)
                    os.dup2(kept.fileno(), descriptor)
            yield kept
        finally:
            for descriptor, copy in saved.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _hang_up(port: int) -> None:
    """Shut every connection of this process to its own *port*, whoever has forgotten it."""
    for descriptor in range(max(_STREAMS) + 1, _DESCRIPTORS):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as found:
                    if found.family == socket.AF_INET and found.getpeername() == (_HOST, port):
                        found.shutdown(socket.SHUT_RDWR)
