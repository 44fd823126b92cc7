"""Messages: what the processes of one run say to each other, pickled, over pipes that nobody else holds."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeAlias

from quotes.cache import Counts
from quotes.exchange import Reply, Request
from quotes.model import Article
from quotes.prompting.dialect import Dialect
from quotes.run.settings import Settings
from quotes.run.working import Done

if TYPE_CHECKING:
    from asyncio import StreamReader

_LENGTH: Final = struct.Struct("<Q")
_LONGEST: Final = 1 << 40
"""Bytes of a message. What something prints before a worker's output is only for messages reads as a longer one."""


class Outfit(NamedTuple):
    """The first message to a worker: what it works with. With *relays* it has its requests asked by who sends this."""

    settings: Settings
    environ: Mapping[str, str]
    relays: bool


class Batch(NamedTuple):
    """To a worker: articles to do, with their numbers."""

    articles: tuple[tuple[int, Article], ...]


class Answer(NamedTuple):
    """To a worker: the reply to what it asked under *number*, or the error in its place."""

    number: int
    reply: Reply | BaseException


class Ready(NamedTuple):
    """From a worker: it has all it works with."""


class Finished(NamedTuple):
    """From a worker: what came of some articles. *counts* are all of its own so far, *dialects* those it knows."""

    done: tuple[Done, ...]
    counts: Counts
    dialects: tuple[Dialect, ...]


class Asked(NamedTuple):
    """From a worker: a request to be asked for."""

    number: int
    request: Request


class Dropped(NamedTuple):
    """From a worker: nobody waits for the reply to *number* any more."""

    number: int


class Noted(NamedTuple):
    """From a worker: a remark for people."""

    line: str


class Ended(NamedTuple):
    """From a worker, the last: what ends the run for all articles."""

    error: BaseException


FromWorker: TypeAlias = Ready | Finished | Asked | Dropped | Noted | Ended


def packed(message: Any) -> bytes:
    """*message* as it goes to a worker, who knows where it ends."""
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def framed(message: FromWorker) -> bytes:
    """*message* as it comes from a worker, its length first."""
    body = packed(message)
    return _LENGTH.pack(len(body)) + body


def told(stream: BinaryIO) -> Any:
    """The next message to a worker. Raises EOFError where none comes any more."""
    return pickle.load(stream)


async def heard(stream: StreamReader) -> FromWorker | None:
    """The next message from a worker; ``None`` where it has ended, or what comes is none."""
    from asyncio import IncompleteReadError

    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if length > _LONGEST:
            return None
        message: FromWorker = pickle.loads(await stream.readexactly(length))
    except (IncompleteReadError, ConnectionError):
        return None
    return message


def portable(error: BaseException) -> BaseException:
    """*error* as another process can have it: itself, or where it cannot go there one that says the same."""
    try:
        pickle.loads(packed(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
