"""What goes to a model and what comes back: the request with its cache key, the reply with its outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Final, Literal, NoReturn, Protocol, TypeAlias

KEY_VERSION = 1

Outcome = Literal["complete", "truncated", "refusal", "content_filter", "context_overflow", "schema_refused"]
"""How a request ended, as far as asking again would not change it. All of them are stored and replayed."""

Logprobs: TypeAlias = tuple[tuple[tuple[str, float], ...], ...]
"""For each token of an answer its text with its log-probability (natural, at most 0), then the alternatives to it.

No text occurs twice in one place.
"""


Tell: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Hears what happens on the way: the name of an event and its fields, never a text or a key."""


def ignore(_event: str, _fields: Mapping[str, Any]) -> None:
    """A `Tell` that nobody listens to."""


_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical_json(value: Any) -> bytes:
    """*value* as JSON in UTF-8 with sorted keys and no white space: equal values give equal bytes."""
    return _canonical(value).encode("utf-8")


class Written(dict[str, Any]):
    """A JSON object that many requests share, or that is large: nobody changes it, and its text is made but once.

    A copy of it, also by ``copy`` and ``pickle``, is a plain ``dict`` that may be changed.
    """

    __slots__ = ("_canonical", "_digest", "_plain")

    def __init__(self, value: Mapping[str, Any], *, plain: str | None = None, canonical: str | None = None) -> None:
        """*plain* is *value* as compact JSON in its own order, *canonical* as `canonical_json` has it, where known."""
        super().__init__(value)
        self._plain = plain
        self._canonical = canonical
        self._digest: str | None = None

    @property
    def plain(self) -> str:
        """It as compact JSON in its own order."""
        if self._plain is None:
            self._plain = json.dumps(self, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return self._plain

    @property
    def canonical(self) -> str:
        """It as `canonical_json` has it."""
        if self._canonical is None:
            self._canonical = _canonical(self)
        return self._canonical

    @property
    def digest(self) -> str:
        """SHA-256 in hex over it as canonical JSON in ASCII."""
        if self._digest is None:
            self._digest = hashlib.sha256(_in_ascii(self.canonical).encode("ascii")).hexdigest()
        return self._digest

    def _refuse(self, *_arguments: Any, **_named: Any) -> NoReturn:
        """Never done: its text is made already."""
        raise TypeError("this object is shared and stays as it is: change a copy")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce_ex__(self, _protocol: Any) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def _in_ascii(text: str) -> str:
    """The JSON in *text* with every character escaped that ASCII has not, as ``json.dumps`` would have written it."""
    if text.isascii() and "\x7f" not in text:
        return text
    return encode_basestring_ascii(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")  # its own escapes stay


_SPLICED: Final = 4  # levels of a body above its schema and its messages


def _spliced(value: Any, levels: int = _SPLICED) -> str:
    """*value* as `canonical_json` has it, put together of the texts of what is `Written` in its upper *levels*."""
    if isinstance(value, Written):
        return value.canonical
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int:
        return str(value)
    if levels and isinstance(value, dict) and set(map(type, value)) <= {str}:
        parts = [f"{encode_basestring(name)}:{_spliced(value[name], levels - 1)}" for name in sorted(value)]
        return "{" + ",".join(parts) + "}"
    if levels and isinstance(value, list):
        return "[" + ",".join([_spliced(item, levels - 1) for item in value]) + "]"
    return _canonical(value)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them, and the number of requests they belong to."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True)
class Request:
    """One call of the chat completions endpoint.

    *body* is the exact JSON that is sent. *label* names the endpoint in the cache (its host, ``local`` for a
    loopback address). *trial* tells repeated samples of one body apart. *article* and *chunk* say in
    messages and fixture names what the request is for; they are no part of the key.
    """

    body: Mapping[str, Any]
    label: str
    trial: int = 0
    article: str = ""
    chunk: int = 0

    @cached_property
    def key(self) -> str:
        """SHA-256 in hex over all that is sent: anything that could change the reply changes the key."""
        sent = {"version": KEY_VERSION, "endpoint": self.label, "body": self.body, "trial": self.trial}
        return hashlib.sha256(_spliced(sent).encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the endpoint answered, without anything that differs from call to call (ids, clocks, headers).

    *content* is the text of the answer, possibly broken or empty; *detail* is the endpoint's own word on an
    outcome other than ``complete`` (its refusal, its error message), free of keys and headers. *logprobs* is
    empty where they were not asked for or not given.
    """

    content: str
    outcome: Outcome = "complete"
    finish_reason: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    usage: Usage = Usage()
    detail: str | None = None
    logprobs: Logprobs = ()


class Backend(Protocol):
    """The seam where all waiting happens: the live endpoint, the cache around it, and a replay alone."""

    async def complete(self, request: Request) -> Reply:
        """The reply to *request*.

        Raises:
            RequestFailed: this request is beyond all retries; others may still succeed.
            EndpointUnusable: no request of this run can succeed.
            ReplayMiss: a replay holds no reply to it.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and files; the backend is not used afterwards."""
        ...
